"""The worker runs against moto's server, which is not ours.

WORKER is the program of a worker that is built on the framework and its SWF adapter. moto
never asks for a cancellation and fires no timeout but the heartbeat's, so there is no more to
be tried here than this.
"""

import logging
import os
import unittest
import unittest.mock

from moto.core.utils import unix_time
from moto.server import ThreadedMotoServer
from moto.swf.models import timeout

import kit

logging.getLogger("werkzeug").setLevel(logging.CRITICAL)  # no line for each request

DOMAIN = "moto"
LIST = "work"


class Worker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        cls.moto.start()
        host, port = cls.moto.get_host_and_port()
        cls.url = f"http://{host}:{port}"
        cls.swf = kit.client(cls.url)
        cls.swf.register_domain(name=DOMAIN, workflowExecutionRetentionPeriodInDays="1")
        cls.swf.register_workflow_type(
            domain=DOMAIN,
            name="order",
            version="1.0",
            defaultTaskList={"name": "decisions"},
            defaultChildPolicy="TERMINATE",
            defaultTaskStartToCloseTimeout="300",
            defaultExecutionStartToCloseTimeout="300",
        )
        env = {"ENDPOINT": cls.url, "DOMAIN": DOMAIN, "TASK_LIST": LIST}
        cls.worker = kit.Process(os.environ["WORKER"], env=env)
        cls.worker.line("ready")

    @classmethod
    def tearDownClass(cls):
        try:
            assert cls.worker.stop() == 0, "the worker did not end cleanly"
        finally:
            cls.moto.stop()

    def schedule(self, name, activity_input):
        """Starts a workflow and schedules the activity. Gives what looks for events."""
        swf, workflow_id = self.swf, f"{name}-1"
        decisions = {"name": f"decisions-{name}"}
        run_id = swf.start_workflow_execution(
            domain=DOMAIN,
            workflowId=workflow_id,
            workflowType={"name": "order", "version": "1.0"},
            taskList=decisions,
        )["runId"]
        task = swf.poll_for_decision_task(domain=DOMAIN, taskList=decisions)
        attributes = {
            "activityType": {"name": name, "version": "1.0"},
            "activityId": "a-1",
            "input": activity_input,
            "taskList": {"name": LIST},
            "scheduleToStartTimeout": "60",
            "scheduleToCloseTimeout": "120",
            "startToCloseTimeout": "60",
            "heartbeatTimeout": "60",
        }
        schedule = {"decisionType": "ScheduleActivityTask", "scheduleActivityTaskDecisionAttributes": attributes}
        swf.respond_decision_task_completed(taskToken=task["taskToken"], decisions=[schedule])

        def events(*kinds):
            execution = {"workflowId": workflow_id, "runId": run_id}
            history = swf.get_workflow_execution_history(domain=DOMAIN, execution=execution)["events"]
            return [event for event in history if event["eventType"] in kinds]

        return events

    def ended(self, name, events):
        """Waits for the event that ends the activity."""
        kinds = ("ActivityTaskCompleted", "ActivityTaskFailed", "ActivityTaskTimedOut", "ScheduleActivityTaskFailed")
        return kit.eventually(f"{name} ends", lambda: events(*kinds))[0]

    def test_an_activity_completes(self):
        event = self.ended("double", self.schedule("double", "21"))
        self.assertEqual(event["activityTaskCompletedEventAttributes"]["result"], "42")

    def test_an_activity_fails(self):
        event = self.ended("refuse", self.schedule("refuse", '"no shoes in the box"'))
        failed = event["activityTaskFailedEventAttributes"]
        self.assertEqual(failed["reason"], "refused")
        self.assertEqual(failed["details"], "no shoes in the box")

    def test_a_heartbeat_that_comes_too_late_ends_the_activity(self):
        events = self.schedule("linger", "null")
        # moto lets a task time out that nobody has taken, too.
        kit.eventually("linger starts", lambda: events("ActivityTaskStarted"))
        # The worker beats every 3 s, and for moto the next beat is late.
        later = lambda: unix_time() + 61  # noqa: E731
        with unittest.mock.patch.object(timeout, "unix_time", later):
            event = self.ended("linger", events)
        self.assertEqual(event["activityTaskTimedOutEventAttributes"]["timeoutType"], "HEARTBEAT")
        # To a heartbeat for a task that timed out moto answers HTTP 500, which the worker waits
        # out. What it does tell is that the whole workflow is closed.
        self.swf.terminate_workflow_execution(domain=DOMAIN, workflowId="linger-1")
        self.worker.line("linger was stopped: workflow closed")


if __name__ == "__main__":
    unittest.main(verbosity=2)
