"""boto3 drives the local server: every operation, every decision, and what goes wrong.

Run by `run`, which starts the server and gives its address in SERVER.
"""

import os
import threading
import time
import unittest
import uuid

from botocore.exceptions import ClientError

import kit

URL = os.environ["SERVER"]
SWF = kit.client(URL)
JUDGE = kit.Judge(SWF)
DOMAIN = "clients"
WORKFLOW = {"name": "order", "version": "1.0"}
ACTIVITY = {"name": "pack", "version": "1.0"}
LISTS = {"taskList": {"name": "decisions"}}


def setUpModule():
    SWF.register_domain(
        name=DOMAIN,
        description="for other people's clients",
        workflowExecutionRetentionPeriodInDays="7",
        tags=[{"key": "team", "value": "packing"}],
    )
    SWF.register_workflow_type(
        domain=DOMAIN,
        **WORKFLOW,
        defaultTaskStartToCloseTimeout="30",
        defaultExecutionStartToCloseTimeout="3600",
        defaultTaskList={"name": "decisions"},
        defaultChildPolicy="TERMINATE",
        defaultLambdaRole="arn:aws:iam::123456789012:role/none",
    )
    SWF.register_activity_type(
        domain=DOMAIN,
        **ACTIVITY,
        description="packs a box",
        defaultTaskStartToCloseTimeout="600",
        defaultTaskHeartbeatTimeout="60",
        defaultTaskList={"name": "boxes"},
        defaultTaskPriority="0",
        defaultTaskScheduleToStartTimeout="600",
        defaultTaskScheduleToCloseTimeout="NONE",
    )


def tearDownModule():
    """Last of all: nothing was left out, and no answer had a wrong shape."""
    left_out = set(SWF.meta.service_model.operation_names) - JUDGE.succeeded
    assert not left_out, f"never called with success: {sorted(left_out)}"
    assert not JUDGE.strange, JUDGE.strange
    print(f"{len(JUDGE.succeeded)} operations, every answer of the model's shape")


class Decider:
    """One execution, and the decisions taken in it."""

    def __init__(self, **start):
        self.workflow_id = start.pop("workflowId", f"order-{uuid.uuid4()}")
        self.list = {"name": f"list-{self.workflow_id}"}
        self.run_id = SWF.start_workflow_execution(
            domain=DOMAIN, workflowId=self.workflow_id, workflowType=WORKFLOW, taskList=self.list, **start
        )["runId"]

    @property
    def execution(self):
        return {"workflowId": self.workflow_id, "runId": self.run_id}

    def task(self, **poll):
        return SWF.poll_for_decision_task(domain=DOMAIN, taskList=self.list, identity="boto3", **poll)

    def decide(self, *decisions, **respond):
        task = self.task()
        assert task.get("taskToken"), "no decision task"
        SWF.respond_decision_task_completed(
            taskToken=task["taskToken"],
            decisions=[
                {"decisionType": kind, f"{kind[0].lower()}{kind[1:]}DecisionAttributes": attributes}
                for kind, attributes in decisions
            ],
            **respond,
        )
        return task

    def history(self):
        pages = SWF.get_paginator("get_workflow_execution_history").paginate(
            domain=DOMAIN, execution=self.execution, PaginationConfig={"PageSize": 3}
        )
        return [event for page in pages for event in page["events"]]

    def events(self):
        return [event["eventType"] for event in self.history()]

    def last(self, event_type):
        found = [event for event in self.history() if event["eventType"] == event_type]
        assert found, f"no {event_type} among {self.events()}"
        event = found[-1]
        return event[f"{event_type[0].lower()}{event_type[1:]}EventAttributes"]

    def schedule(self, **attributes):
        attributes = {"activityType": ACTIVITY, "activityId": "pack-1", "taskList": self.list, **attributes}
        self.decide(("ScheduleActivityTask", attributes))
        return SWF.poll_for_activity_task(domain=DOMAIN, taskList=self.list, identity="boto3")


def error_of(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]
    raise AssertionError("it was accepted")


class Activities(unittest.TestCase):
    def test_an_activity_completes(self):
        order = Decider(input="a box")
        task = order.schedule(input="shoes")
        self.assertEqual(task["input"], "shoes")
        self.assertEqual(task["activityType"], ACTIVITY)
        self.assertEqual(task["workflowExecution"], order.execution)
        answer = SWF.record_activity_task_heartbeat(taskToken=task["taskToken"], details="half")
        self.assertFalse(answer["cancelRequested"])
        SWF.respond_activity_task_completed(taskToken=task["taskToken"], result="packed")
        order.decide(("CompleteWorkflowExecution", {"result": "sent"}))
        self.assertEqual(order.last("ActivityTaskCompleted")["result"], "packed")
        self.assertEqual(order.events()[-1], "WorkflowExecutionCompleted")

    def test_an_activity_fails(self):
        order = Decider()
        task = order.schedule()
        SWF.respond_activity_task_failed(taskToken=task["taskToken"], reason="torn", details="the box")
        self.assertEqual(order.last("ActivityTaskFailed")["reason"], "torn")

    def test_an_activity_is_cancelled_and_acknowledges(self):
        order = Decider()
        task = order.schedule()
        SWF.signal_workflow_execution(domain=DOMAIN, workflowId=order.workflow_id, signalName="stop", input="now")
        order.decide(("RequestCancelActivityTask", {"activityId": "pack-1"}))
        answer = SWF.record_activity_task_heartbeat(taskToken=task["taskToken"])
        self.assertTrue(answer["cancelRequested"])
        SWF.respond_activity_task_canceled(taskToken=task["taskToken"], details="put back")
        canceled = order.last("ActivityTaskCanceled")
        self.assertEqual(canceled["details"], "put back")
        self.assertIn("latestCancelRequestedEventId", canceled)

    def test_a_late_answer_is_an_unknown_resource(self):
        order = Decider()
        task = order.schedule()
        SWF.respond_activity_task_completed(taskToken=task["taskToken"])
        late = error_of(SWF.respond_activity_task_completed, taskToken=task["taskToken"])
        self.assertEqual(late["Code"], "UnknownResourceFault")
        self.assertIn("Unknown activity, scheduledEventId", late["Message"])
        SWF.terminate_workflow_execution(domain=DOMAIN, workflowId=order.workflow_id, reason="done with it")
        late = error_of(SWF.record_activity_task_heartbeat, taskToken=task["taskToken"])
        self.assertIn("Unknown execution", late["Message"])

    def test_each_timeout_fires(self):
        for member, kind, started in [
            ("scheduleToStartTimeout", "SCHEDULE_TO_START", False),
            ("scheduleToCloseTimeout", "SCHEDULE_TO_CLOSE", True),
            ("startToCloseTimeout", "START_TO_CLOSE", True),
            ("heartbeatTimeout", "HEARTBEAT", True),
        ]:
            with self.subTest(kind):
                order = Decider()
                never = {
                    name: "NONE"
                    for name in (
                        "scheduleToStartTimeout",
                        "scheduleToCloseTimeout",
                        "startToCloseTimeout",
                        "heartbeatTimeout",
                    )
                }
                attributes = {"activityType": ACTIVITY, "activityId": "a", "taskList": order.list, **never, member: "1"}
                order.decide(("ScheduleActivityTask", attributes))
                if started:
                    task = SWF.poll_for_activity_task(domain=DOMAIN, taskList=order.list)
                    SWF.record_activity_task_heartbeat(taskToken=task["taskToken"], details="so far")
                order.decide()  # waits for the decision task that the timeout brings
                timed_out = order.last("ActivityTaskTimedOut")
                self.assertEqual(timed_out["timeoutType"], kind)
                self.assertEqual(timed_out.get("details"), "so far" if started else None)

    def test_polls_wake_at_once(self):
        order = Decider()
        order.decide()
        polled = []

        def poll():
            polled.append(SWF.poll_for_activity_task(domain=DOMAIN, taskList=order.list))
            polled.append(time.monotonic())

        waiting = threading.Thread(target=poll)
        waiting.start()
        pending = SWF.count_pending_activity_tasks(domain=DOMAIN, taskList=order.list)
        self.assertEqual(pending, {**pending, "count": 0, "truncated": False})
        SWF.signal_workflow_execution(domain=DOMAIN, workflowId=order.workflow_id, signalName="go")
        decisions = SWF.count_pending_decision_tasks(domain=DOMAIN, taskList=order.list)
        self.assertEqual(decisions["count"], 1)
        order.decide(("ScheduleActivityTask", {"activityType": ACTIVITY, "activityId": "a", "taskList": order.list}))
        decided = time.monotonic()
        waiting.join(kit.LIMIT)
        task, woken = polled
        self.assertTrue(task["taskToken"])
        self.assertLess(woken - decided, 5)  # and not the 60 s of a poll


class Decisions(unittest.TestCase):
    def test_a_timer_and_a_marker(self):
        order = Decider()
        order.decide(
            ("RecordMarker", {"markerName": "here", "details": "x"}),
            ("StartTimer", {"timerId": "soon", "startToFireTimeout": "1"}),
            ("StartTimer", {"timerId": "late", "startToFireTimeout": "900"}),
            ("CancelTimer", {"timerId": "late"}),
            ("CancelTimer", {"timerId": "unheard-of"}),
        )
        self.assertEqual(order.last("CancelTimerFailed")["cause"], "TIMER_ID_UNKNOWN")
        order.decide()  # of the failed decision
        order.decide()  # of the timer
        self.assertEqual(order.last("TimerFired")["timerId"], "soon")
        self.assertEqual(order.last("TimerCanceled")["timerId"], "late")
        self.assertEqual(order.last("MarkerRecorded")["markerName"], "here")

    def test_a_child_completes(self):
        parent = Decider()
        child_id = f"child-{uuid.uuid4()}"
        attributes = {"workflowType": WORKFLOW, "workflowId": child_id, "taskList": {"name": child_id}, "input": "in"}
        parent.decide(("StartChildWorkflowExecution", attributes))
        task = SWF.poll_for_decision_task(domain=DOMAIN, taskList={"name": child_id})
        started = task["events"][0]["workflowExecutionStartedEventAttributes"]
        self.assertEqual(started["parentWorkflowExecution"], parent.execution)
        complete = {"decisionType": "CompleteWorkflowExecution", "completeWorkflowExecutionDecisionAttributes": {"result": "out"}}
        SWF.respond_decision_task_completed(taskToken=task["taskToken"], decisions=[complete])
        self.assertEqual(parent.last("ChildWorkflowExecutionCompleted")["result"], "out")

    def test_external_signal_and_cancel(self):
        one, other = Decider(), Decider()
        one.decide(
            ("SignalExternalWorkflowExecution", {"workflowId": other.workflow_id, "signalName": "hi"}),
            ("RequestCancelExternalWorkflowExecution", {"workflowId": other.workflow_id}),
            ("SignalExternalWorkflowExecution", {"workflowId": "nobody", "signalName": "hi"}),
        )
        self.assertEqual(other.last("WorkflowExecutionSignaled")["signalName"], "hi")
        self.assertIn("WorkflowExecutionCancelRequested", other.events())
        failed = one.last("SignalExternalWorkflowExecutionFailed")
        self.assertEqual(failed["cause"], "UNKNOWN_EXTERNAL_WORKFLOW_EXECUTION")

    def test_it_continues_as_new_and_fails(self):
        order = Decider()
        order.decide(("ContinueAsNewWorkflowExecution", {"input": "again", "taskList": order.list}))
        continued = order.last("WorkflowExecutionContinuedAsNew")
        first, order.run_id = order.run_id, continued["newExecutionRunId"]
        self.assertEqual(order.last("WorkflowExecutionStarted")["continuedExecutionRunId"], first)
        order.decide(("FailWorkflowExecution", {"reason": "enough"}))
        self.assertEqual(order.last("WorkflowExecutionFailed")["reason"], "enough")

    def test_an_execution_is_cancelled(self):
        order = Decider()
        order.decide()
        SWF.request_cancel_workflow_execution(domain=DOMAIN, workflowId=order.workflow_id)
        order.decide(("CancelWorkflowExecution", {"details": "as asked"}))
        self.assertEqual(order.last("WorkflowExecutionCanceled")["details"], "as asked")

    def test_there_is_no_lambda(self):
        order = Decider(lambdaRole="arn:aws:iam::123456789012:role/none")
        order.decide(("ScheduleLambdaFunction", {"id": "f-1", "name": "f"}))
        failures = {"ScheduleLambdaFunctionFailed", "StartLambdaFunctionFailed", "LambdaFunctionFailed"}
        self.assertTrue(failures & set(order.events()), order.events())

    def test_a_decision_that_missed_something_is_unhandled(self):
        order = Decider()
        task = order.task()
        SWF.signal_workflow_execution(domain=DOMAIN, workflowId=order.workflow_id, signalName="wait")
        complete = {"decisionType": "CompleteWorkflowExecution"}
        SWF.respond_decision_task_completed(taskToken=task["taskToken"], decisions=[complete])
        self.assertEqual(order.last("CompleteWorkflowExecutionFailed")["cause"], "UNHANDLED_DECISION")
        again = order.task()
        self.assertEqual(again["previousStartedEventId"], task["startedEventId"])

    def test_a_decision_task_comes_in_pages(self):
        order = Decider()
        for number in range(10):
            SWF.signal_workflow_execution(domain=DOMAIN, workflowId=order.workflow_id, signalName=str(number))
        pages = SWF.get_paginator("poll_for_decision_task").paginate(
            domain=DOMAIN, taskList=order.list, PaginationConfig={"PageSize": 4}
        )
        tokens, events = set(), []
        for page in pages:
            tokens.add(page["taskToken"])
            events += [event["eventId"] for event in page["events"]]
        self.assertEqual(len(tokens), 1)
        self.assertEqual(events, list(range(1, 14)))


class Looking(unittest.TestCase):
    def test_executions_are_listed_counted_and_described(self):
        tag = f"tag-{uuid.uuid4()}"
        orders = [Decider(tagList=[tag]) for _ in range(5)]
        orders[0].decide(("CompleteWorkflowExecution", {}), executionContext="kept")
        window = {"oldestDate": 0}
        opened = SWF.get_paginator("list_open_workflow_executions").paginate(
            domain=DOMAIN, startTimeFilter=window, tagFilter={"tag": tag}, PaginationConfig={"PageSize": 3}
        )
        found = [info for page in opened for info in page["executionInfos"]]
        named = sorted(info["execution"]["workflowId"] for info in found)
        self.assertEqual(named, sorted(order.workflow_id for order in orders[1:]))
        times = [info["startTimestamp"] for info in found]
        self.assertEqual(times, sorted(times, reverse=True))  # the newest first
        closed = SWF.list_closed_workflow_executions(
            domain=DOMAIN, closeTimeFilter=window, executionFilter={"workflowId": orders[0].workflow_id}
        )
        self.assertEqual([info["closeStatus"] for info in closed["executionInfos"]], ["COMPLETED"])
        counted = SWF.count_open_workflow_executions(domain=DOMAIN, startTimeFilter=window, tagFilter={"tag": tag})
        self.assertEqual(counted["count"], 4)
        counted = SWF.count_closed_workflow_executions(domain=DOMAIN, startTimeFilter=window, tagFilter={"tag": tag})
        self.assertEqual(counted["count"], 1)
        described = SWF.describe_workflow_execution(domain=DOMAIN, execution=orders[0].execution)
        self.assertEqual(described["latestExecutionContext"], "kept")
        self.assertEqual(described["executionInfo"]["executionStatus"], "CLOSED")

    def test_domains(self):
        name = f"domain-{uuid.uuid4()}"
        SWF.register_domain(name=name, workflowExecutionRetentionPeriodInDays="NONE")
        arn = SWF.describe_domain(name=name)["domainInfo"]["arn"]
        self.assertEqual(arn, f"arn:aws:swf:us-east-1:123456789012:/domain/{name}")
        SWF.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
        SWF.untag_resource(resourceArn=arn, tagKeys=["a"])
        self.assertEqual(SWF.list_tags_for_resource(resourceArn=arn)["tags"], [{"key": "b", "value": "2"}])
        SWF.deprecate_domain(name=name)
        listed = SWF.list_domains(registrationStatus="DEPRECATED")["domainInfos"]
        self.assertIn(name, [info["name"] for info in listed])
        self.assertEqual(error_of(SWF.deprecate_domain, name=name)["Code"], "DomainDeprecatedFault")
        SWF.undeprecate_domain(name=name)
        self.assertEqual(error_of(SWF.register_domain, name=name, workflowExecutionRetentionPeriodInDays="1")["Code"], "DomainAlreadyExistsFault")

    def test_types(self):
        for kind in ("activity", "workflow"):
            with self.subTest(kind):
                operation = lambda verb, kind=kind: getattr(SWF, f"{verb}_{kind}_type")  # noqa: E731
                named = {f"{kind}Type": {"name": "short-lived", "version": "1"}}
                operation("register")(domain=DOMAIN, name="short-lived", version="1")
                again = error_of(operation("register"), domain=DOMAIN, name="short-lived", version="1")
                self.assertEqual(again["Code"], "TypeAlreadyExistsFault")
                listed = getattr(SWF, f"list_{kind}_types")(domain=DOMAIN, registrationStatus="REGISTERED", name="short-lived")
                self.assertEqual(len(listed["typeInfos"]), 1)
                early = error_of(operation("delete"), domain=DOMAIN, **named)
                self.assertEqual(early["Code"], "TypeNotDeprecatedFault")
                operation("deprecate")(domain=DOMAIN, **named)
                self.assertEqual(operation("describe")(domain=DOMAIN, **named)["typeInfo"]["status"], "DEPRECATED")
                operation("undeprecate")(domain=DOMAIN, **named)
                operation("deprecate")(domain=DOMAIN, **named)
                operation("delete")(domain=DOMAIN, **named)
                self.assertEqual(error_of(operation("describe"), domain=DOMAIN, **named)["Code"], "UnknownResourceFault")


class Refusals(unittest.TestCase):
    def test_what_is_malformed_is_told_in_words(self):
        careless = kit.client(URL, parameter_validation=False)
        missing = error_of(careless.describe_domain)
        self.assertEqual(missing["Code"], "ValidationException")
        self.assertIn("'name'", missing["Message"])
        long = error_of(careless.register_domain, name="x" * 257, workflowExecutionRetentionPeriodInDays="1")
        self.assertIn("less than or equal to 256", long["Message"])
        unknown = error_of(SWF.poll_for_activity_task, domain="nowhere", taskList={"name": "x"})
        self.assertEqual(unknown["Code"], "UnknownResourceFault")
        self.assertIn("nowhere", unknown["Message"])

    def test_an_execution_is_started_once(self):
        order = Decider()
        again = error_of(
            SWF.start_workflow_execution, domain=DOMAIN, workflowId=order.workflow_id, workflowType=WORKFLOW
        )
        self.assertEqual(again["Code"], "WorkflowExecutionAlreadyStartedFault")


if __name__ == "__main__":
    unittest.main(verbosity=2)
