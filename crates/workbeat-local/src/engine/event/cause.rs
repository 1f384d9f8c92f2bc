//! Why something could not be done, or was done: the causes in event attributes.

use crate::engine::words::words;

words! {
    /// Why an activity could not be scheduled.
    ScheduleActivityTaskFailedCause {
        /// The type is deprecated.
        ActivityTypeDeprecated = "ACTIVITY_TYPE_DEPRECATED",
        /// Nobody registered the type.
        ActivityTypeDoesNotExist = "ACTIVITY_TYPE_DOES_NOT_EXIST",
        /// An open activity of the execution has this activity id.
        ActivityIdAlreadyInUse = "ACTIVITY_ID_ALREADY_IN_USE",
        /// The execution has 1,000 open activities.
        OpenActivitiesLimitExceeded = "OPEN_ACTIVITIES_LIMIT_EXCEEDED",
        /// Too many activities in too short a time.
        ActivityCreationRateExceeded = "ACTIVITY_CREATION_RATE_EXCEEDED",
        /// Neither the decision nor the type says the schedule-to-close timeout.
        DefaultScheduleToCloseTimeoutUndefined = "DEFAULT_SCHEDULE_TO_CLOSE_TIMEOUT_UNDEFINED",
        /// Neither the decision nor the type says the task list.
        DefaultTaskListUndefined = "DEFAULT_TASK_LIST_UNDEFINED",
        /// Neither the decision nor the type says the schedule-to-start timeout.
        DefaultScheduleToStartTimeoutUndefined = "DEFAULT_SCHEDULE_TO_START_TIMEOUT_UNDEFINED",
        /// Neither the decision nor the type says the start-to-close timeout.
        DefaultStartToCloseTimeoutUndefined = "DEFAULT_START_TO_CLOSE_TIMEOUT_UNDEFINED",
        /// Neither the decision nor the type says the heartbeat timeout.
        DefaultHeartbeatTimeoutUndefined = "DEFAULT_HEARTBEAT_TIMEOUT_UNDEFINED",
        /// The caller may not do it (`OperationNotPermitted`).
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }
    /// Why the cancellation of an activity could not be requested.
    RequestCancelActivityTaskFailedCause {
        /// No open activity of the execution has this activity id.
        ActivityIdUnknown = "ACTIVITY_ID_UNKNOWN",
        /// The caller may not do it (`OperationNotPermitted`).
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }
    /// Why a decider could not complete its execution.
    CompleteWorkflowExecutionFailedCause {
        /// Something happened after the decision task had started.
        UnhandledDecision = "UNHANDLED_DECISION",
        /// The caller may not do it (`OperationNotPermitted`).
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }
    /// Why a decider could not fail its execution.
    FailWorkflowExecutionFailedCause {
        /// Something happened after the decision task had started.
        UnhandledDecision = "UNHANDLED_DECISION",
        /// The caller may not do it (`OperationNotPermitted`).
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }
    /// Why a decider could not cancel its execution.
    CancelWorkflowExecutionFailedCause {
        /// Something happened after the decision task had started.
        UnhandledDecision = "UNHANDLED_DECISION",
        /// The caller may not do it (`OperationNotPermitted`).
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }
    /// Why an execution could not be continued as a new one.
    ContinueAsNewWorkflowExecutionFailedCause {
        /// Something happened after the decision task had started.
        UnhandledDecision = "UNHANDLED_DECISION",
        /// The type is deprecated.
        WorkflowTypeDeprecated = "WORKFLOW_TYPE_DEPRECATED",
        /// Nobody registered the type.
        WorkflowTypeDoesNotExist = "WORKFLOW_TYPE_DOES_NOT_EXIST",
        /// Neither the decision nor the type says how long the execution may take.
        DefaultExecutionStartToCloseTimeoutUndefined = "DEFAULT_EXECUTION_START_TO_CLOSE_TIMEOUT_UNDEFINED",
        /// Neither the decision nor the type says how long a decision task may take.
        DefaultTaskStartToCloseTimeoutUndefined = "DEFAULT_TASK_START_TO_CLOSE_TIMEOUT_UNDEFINED",
        /// Neither the decision nor the type says the task list.
        DefaultTaskListUndefined = "DEFAULT_TASK_LIST_UNDEFINED",
        /// Neither the decision nor the type says the child policy.
        DefaultChildPolicyUndefined = "DEFAULT_CHILD_POLICY_UNDEFINED",
        /// Too many in too short a time.
        ContinueAsNewWorkflowExecutionRateExceeded = "CONTINUE_AS_NEW_WORKFLOW_EXECUTION_RATE_EXCEEDED",
        /// The caller may not do it (`OperationNotPermitted`).
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }
    /// Why a marker could not be recorded.
    RecordMarkerFailedCause {
        /// The caller may not do it (`OperationNotPermitted`).
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }
    /// Why a timer could not be started.
    StartTimerFailedCause {
        /// An open timer of the execution has this timer id.
        TimerIdAlreadyInUse = "TIMER_ID_ALREADY_IN_USE",
        /// The execution has 1,000 open timers.
        OpenTimersLimitExceeded = "OPEN_TIMERS_LIMIT_EXCEEDED",
        /// Too many timers in too short a time.
        TimerCreationRateExceeded = "TIMER_CREATION_RATE_EXCEEDED",
        /// The caller may not do it (`OperationNotPermitted`).
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }
    /// Why a timer could not be canceled.
    CancelTimerFailedCause {
        /// No open timer of the execution has this timer id.
        TimerIdUnknown = "TIMER_ID_UNKNOWN",
        /// The caller may not do it (`OperationNotPermitted`).
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }
    /// Why a child workflow could not be started.
    StartChildWorkflowExecutionFailedCause {
        /// Nobody registered the type.
        WorkflowTypeDoesNotExist = "WORKFLOW_TYPE_DOES_NOT_EXIST",
        /// The type is deprecated.
        WorkflowTypeDeprecated = "WORKFLOW_TYPE_DEPRECATED",
        /// The execution has 1,000 open children.
        OpenChildrenLimitExceeded = "OPEN_CHILDREN_LIMIT_EXCEEDED",
        /// The domain has 100,000 open executions.
        OpenWorkflowsLimitExceeded = "OPEN_WORKFLOWS_LIMIT_EXCEEDED",
        /// Too many children in too short a time.
        ChildCreationRateExceeded = "CHILD_CREATION_RATE_EXCEEDED",
        /// An execution with this workflow id is open.
        WorkflowAlreadyRunning = "WORKFLOW_ALREADY_RUNNING",
        /// Neither the decision nor the type says how long the execution may take.
        DefaultExecutionStartToCloseTimeoutUndefined = "DEFAULT_EXECUTION_START_TO_CLOSE_TIMEOUT_UNDEFINED",
        /// Neither the decision nor the type says the task list.
        DefaultTaskListUndefined = "DEFAULT_TASK_LIST_UNDEFINED",
        /// Neither the decision nor the type says how long a decision task may take.
        DefaultTaskStartToCloseTimeoutUndefined = "DEFAULT_TASK_START_TO_CLOSE_TIMEOUT_UNDEFINED",
        /// Neither the decision nor the type says the child policy.
        DefaultChildPolicyUndefined = "DEFAULT_CHILD_POLICY_UNDEFINED",
        /// The caller may not do it (`OperationNotPermitted`).
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }
    /// Why a signal could not be sent to another execution.
    SignalExternalWorkflowExecutionFailedCause {
        /// No such execution is open.
        UnknownExternalWorkflowExecution = "UNKNOWN_EXTERNAL_WORKFLOW_EXECUTION",
        /// Too many signals in too short a time.
        SignalExternalWorkflowExecutionRateExceeded = "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_RATE_EXCEEDED",
        /// The caller may not do it (`OperationNotPermitted`).
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }
    /// Why another execution could not be asked to cancel.
    RequestCancelExternalWorkflowExecutionFailedCause {
        /// No such execution is open.
        UnknownExternalWorkflowExecution = "UNKNOWN_EXTERNAL_WORKFLOW_EXECUTION",
        /// Too many requests in too short a time.
        RequestCancelExternalWorkflowExecutionRateExceeded = "REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_RATE_EXCEEDED",
        /// The caller may not do it (`OperationNotPermitted`).
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }
    /// Why a Lambda function could not be scheduled.
    ScheduleLambdaFunctionFailedCause {
        /// An open Lambda function of the execution has this id.
        IdAlreadyInUse = "ID_ALREADY_IN_USE",
        /// The execution has too many open Lambda functions.
        OpenLambdaFunctionsLimitExceeded = "OPEN_LAMBDA_FUNCTIONS_LIMIT_EXCEEDED",
        /// Too many Lambda functions in too short a time.
        LambdaFunctionCreationRateExceeded = "LAMBDA_FUNCTION_CREATION_RATE_EXCEEDED",
        /// There is no Lambda here.
        LambdaServiceNotAvailableInRegion = "LAMBDA_SERVICE_NOT_AVAILABLE_IN_REGION",
    }
    /// Why a Lambda function could not be invoked.
    StartLambdaFunctionFailedCause {
        /// The service could not take on the role.
        AssumeRoleFailed = "ASSUME_ROLE_FAILED",
    }
    /// Why an execution was asked to cancel, if no decider and no person asked.
    WorkflowExecutionCancelRequestedCause {
        /// Its parent was closed, and that is the parent's child policy.
        ChildPolicyApplied = "CHILD_POLICY_APPLIED",
    }
    /// Who terminated an execution.
    WorkflowExecutionTerminatedCause {
        /// The service, because its parent was closed, and that is the parent's child policy.
        ChildPolicyApplied = "CHILD_POLICY_APPLIED",
        /// The service, because the history reached 25,000 events.
        EventLimitExceeded = "EVENT_LIMIT_EXCEEDED",
        /// A person or a program, by `TerminateWorkflowExecution`.
        OperatorInitiated = "OPERATOR_INITIATED",
    }
    /// What becomes of an execution's children when it is terminated or times out.
    #[derive(Default)]
    ChildPolicy {
        /// They are terminated too.
        #[default]
        Terminate = "TERMINATE",
        /// They are asked to cancel.
        RequestCancel = "REQUEST_CANCEL",
        /// They go on.
        Abandon = "ABANDON",
    }
}
