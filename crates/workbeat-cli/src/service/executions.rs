//! Operations on executions.

use std::time::{Duration, SystemTime};

use aws_sdk_swf::operation::describe_workflow_execution::DescribeWorkflowExecutionOutput;
use aws_sdk_swf::primitives::DateTime;
use aws_sdk_swf::types::{
    ChildPolicy, ExecutionTimeFilter, TagFilter, TaskList, WorkflowExecutionFilter, WorkflowType,
};

use super::capture::Captured;
use super::{ExecutionId, ExecutionRecord, Fault, Service};
use crate::decider::{WORKFLOW_TYPE, WORKFLOW_VERSION};
use crate::history::Event;
use crate::problem::{Problem, ProblemKind};

/// How long a decision may take. If a command goes away with a decision task, another one gets
/// the task after this time.
const DECISION_TIMEOUT: &str = "10";

/// How far back an execution is looked for by its workflow id: the longest that it can be open
/// and then kept.
const FARTHEST_BACK: Duration = Duration::from_secs(500 * 24 * 60 * 60);

/// An execution to start, of the workflow type that this program decides for.
#[derive(Clone, Debug)]
pub(crate) struct NewExecution {
    /// The workflow id.
    pub(crate) workflow_id: String,
    /// The task list of its decision tasks.
    pub(crate) decision_task_list: String,
    /// The input.
    pub(crate) input: String,
    /// How long it may be open.
    pub(crate) timeout: Duration,
    /// Tags.
    pub(crate) tags: Vec<String>,
}

/// Which executions a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// The open ones.
    Open,
    /// The closed ones.
    Closed,
}

/// What to list.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    /// Those that started since.
    pub(crate) since: Duration,
    /// Those with this workflow id.
    pub(crate) workflow_id: Option<String>,
    /// Those with this tag.
    pub(crate) tag: Option<String>,
    /// Those of this type, as `NAME` or `NAME/VERSION`.
    pub(crate) of_type: Option<String>,
    /// At most so many.
    pub(crate) limit: usize,
}

impl Listing {
    /// Whether a record is wanted. SWF takes one filter a call and has none for the activity
    /// type; a service that knows fewer filters answers more than it was asked for.
    fn wants(&self, record: &ExecutionRecord) -> bool {
        let (id, of_type) = (self.workflow_id.as_deref(), self.of_type.as_deref());
        id.is_none_or(|id| record.workflow_id == id)
            && of_type.is_none_or(|of_type| record.is_of_type(of_type))
    }
}

impl Service {
    /// Starts an execution; answers its run id.
    pub(crate) async fn start_execution(&self, new: &NewExecution) -> Result<String, Fault> {
        let workflow_type = WorkflowType::builder()
            .name(WORKFLOW_TYPE)
            .version(WORKFLOW_VERSION)
            .build()
            .ok();
        let started = self
            .client
            .start_workflow_execution()
            .domain(&self.domain)
            .workflow_id(&new.workflow_id)
            .set_workflow_type(workflow_type)
            .set_task_list(task_list(&new.decision_task_list))
            .input(&new.input)
            .execution_start_to_close_timeout(new.timeout.as_secs().to_string())
            .task_start_to_close_timeout(DECISION_TIMEOUT)
            .child_policy(ChildPolicy::Terminate)
            .set_tag_list(Some(new.tags.clone()).filter(|tags| !tags.is_empty()))
            .send()
            .await
            .map_err(|error| self.fault("StartWorkflowExecution", &error))?;
        Ok(started.run_id.unwrap_or_default())
    }

    /// Asks for the cancellation of an execution.
    pub(crate) async fn request_cancel(&self, execution: &ExecutionId) -> Result<(), Fault> {
        self.client
            .request_cancel_workflow_execution()
            .domain(&self.domain)
            .workflow_id(&execution.workflow_id)
            .run_id(&execution.run_id)
            .send()
            .await
            .map_err(|error| self.fault("RequestCancelWorkflowExecution", &error))?;
        Ok(())
    }

    /// Terminates an execution.
    pub(crate) async fn terminate(
        &self,
        execution: &ExecutionId,
        reason: Option<&str>,
    ) -> Result<(), Fault> {
        self.client
            .terminate_workflow_execution()
            .domain(&self.domain)
            .workflow_id(&execution.workflow_id)
            .run_id(&execution.run_id)
            .set_reason(reason.map(str::to_owned))
            .send()
            .await
            .map_err(|error| self.fault("TerminateWorkflowExecution", &error))?;
        Ok(())
    }

    /// The whole history of an execution.
    pub(crate) async fn history(&self, execution: &ExecutionId) -> Result<Vec<Event>, Fault> {
        let mut events = Vec::new();
        let mut page = None;
        loop {
            let captured = Captured::default();
            let answer = self
                .client
                .get_workflow_execution_history()
                .domain(&self.domain)
                .set_execution(execution.to_sdk())
                .set_next_page_token(page)
                .customize()
                .interceptor(captured.clone())
                .send()
                .await
                .map_err(|error| self.fault("GetWorkflowExecutionHistory", &error))?;
            events.extend(captured.events());
            page = answer.next_page_token.filter(|token| !token.is_empty());
            if page.is_none() {
                return Ok(events);
            }
        }
    }

    /// The execution that a person means: the run that was named, else the open one, else the
    /// last one.
    pub(crate) async fn find(
        &self,
        workflow_id: &str,
        run_id: Option<&str>,
    ) -> Result<ExecutionRecord, Problem> {
        if let Some(run_id) = run_id {
            let id = ExecutionId {
                workflow_id: workflow_id.to_owned(),
                run_id: run_id.to_owned(),
            };
            return match self.describe(&id).await {
                Ok(Some(record)) => Ok(record),
                Err(fault) if !fault.is_unknown() || fault.is_unknown_domain() => Err(fault.into()),
                _ => {
                    let what = format!("run `{run_id}` of workflow `{workflow_id}`");
                    Err(self.missing(&what).await)
                }
            };
        }
        let listing = Listing {
            since: FARTHEST_BACK,
            workflow_id: Some(workflow_id.to_owned()),
            tag: None,
            of_type: None,
            limit: 1,
        };
        for status in [Status::Open, Status::Closed] {
            if let Some(record) = self.list(status, &listing).await?.into_iter().next() {
                return Ok(record);
            }
        }
        Err(self.missing(&format!("workflow `{workflow_id}`")).await)
    }

    /// There is no such execution, or none any more.
    async fn missing(&self, what: &str) -> Problem {
        Problem::new(
            ProblemKind::NotFound,
            format!(
                "there is no {what} in domain `{}` {}",
                self.domain,
                self.place()
            ),
            match self.keeps_histories().await {
                Ok(false) => {
                    "what is closed is gone: this domain keeps no histories (retention NONE)"
                }
                _ => "`workbeat list --all --since 30d` shows what there is",
            },
        )
    }

    async fn describe(&self, execution: &ExecutionId) -> Result<Option<ExecutionRecord>, Fault> {
        let described = self.described(execution).await?;
        Ok(described.execution_info.and_then(ExecutionRecord::from_sdk))
    }

    /// The task list of an execution's decision tasks.
    pub(crate) async fn decision_task_list(
        &self,
        execution: &ExecutionId,
    ) -> Result<Option<String>, Fault> {
        let configuration = self.described(execution).await?.execution_configuration;
        Ok(configuration
            .and_then(|configuration| configuration.task_list)
            .map(|list| list.name))
    }

    async fn described(
        &self,
        execution: &ExecutionId,
    ) -> Result<DescribeWorkflowExecutionOutput, Fault> {
        self.client
            .describe_workflow_execution()
            .domain(&self.domain)
            .set_execution(execution.to_sdk())
            .send()
            .await
            .map_err(|error| self.fault("DescribeWorkflowExecution", &error))
    }

    /// Executions, the newest first.
    pub(crate) async fn list(
        &self,
        status: Status,
        listing: &Listing,
    ) -> Result<Vec<ExecutionRecord>, Fault> {
        let oldest = SystemTime::now().checked_sub(listing.since);
        let since = ExecutionTimeFilter::builder()
            .oldest_date(DateTime::from(oldest.unwrap_or(SystemTime::UNIX_EPOCH)))
            .build()
            .ok();
        let by_id = listing.workflow_id.as_ref().and_then(|id| {
            let filter = WorkflowExecutionFilter::builder().workflow_id(id);
            filter.build().ok()
        });
        let by_tag = listing
            .tag
            .as_ref()
            .and_then(|tag| TagFilter::builder().tag(tag).build().ok());
        let mut records = Vec::new();
        let mut page = None;
        loop {
            let answer = match status {
                Status::Open => self
                    .client
                    .list_open_workflow_executions()
                    .domain(&self.domain)
                    .set_start_time_filter(since.clone())
                    .set_execution_filter(by_id.clone())
                    .set_tag_filter(by_tag.clone())
                    .set_next_page_token(page)
                    .send()
                    .await
                    .map(|answer| (answer.execution_infos, answer.next_page_token))
                    .map_err(|error| self.fault("ListOpenWorkflowExecutions", &error)),
                Status::Closed => self
                    .client
                    .list_closed_workflow_executions()
                    .domain(&self.domain)
                    .set_start_time_filter(since.clone())
                    .set_execution_filter(by_id.clone())
                    .set_tag_filter(by_tag.clone())
                    .set_next_page_token(page)
                    .send()
                    .await
                    .map(|answer| (answer.execution_infos, answer.next_page_token))
                    .map_err(|error| self.fault("ListClosedWorkflowExecutions", &error)),
            };
            let (executions, next) = answer?;
            let wanted = executions
                .into_iter()
                .filter_map(ExecutionRecord::from_sdk)
                .filter(|record| listing.wants(record));
            records.extend(wanted);
            page = next.filter(|token| !token.is_empty());
            if page.is_none() || records.len() >= listing.limit {
                records.truncate(listing.limit);
                return Ok(records);
            }
        }
    }

    /// Registers the workflow type that this program decides for; it may be there already.
    pub(crate) async fn register_workflow_type(&self) -> Result<(), Fault> {
        let registered = self
            .client
            .register_workflow_type()
            .domain(&self.domain)
            .name(WORKFLOW_TYPE)
            .version(WORKFLOW_VERSION)
            .description("one activity, started by the workbeat command, which decides for it")
            .send();
        match registered.await {
            Ok(_) => Ok(()),
            Err(error) => {
                let fault = self.fault("RegisterWorkflowType", &error);
                match fault.code() {
                    "TypeAlreadyExistsFault" => Ok(()),
                    _ => Err(fault),
                }
            }
        }
    }
}

pub(super) fn task_list(name: &str) -> Option<TaskList> {
    TaskList::builder().name(name).build().ok()
}
