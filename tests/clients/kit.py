"""What the checks share: processes, a client, and a judge of the answers' shapes."""

import contextlib
import json
import os
import queue
import subprocess
import threading
import time

import boto3
from botocore.config import Config

LIMIT = 120  # seconds that anything may take, also on a machine that has much else to do


def client(url, **config):
    """A boto3 client as anybody would make one; only the endpoint is special."""
    return boto3.client(
        "swf",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(read_timeout=75, retries={"total_max_attempts": 1}, **config),
    )


def eventually(what, condition):
    """Waits until the condition gives something, and gives that."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {LIMIT} s: {what}")


class Process:
    """A program whose lines are read while it runs."""

    def __init__(self, *command, env=None):
        self.name = os.path.basename(command[0])
        self.lines = queue.Queue()
        self.seen = []
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **(env or {})},
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def line(self, containing):
        """Waits for a line with this text."""
        end = time.monotonic() + LIMIT
        while True:
            try:
                line = self.lines.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                said = "\n  ".join(self.seen) or "nothing"
                raise AssertionError(f"{self.name} did not say {containing!r}; it said\n  {said}")
            self.seen.append(line)
            if containing in line:
                return line

    def stop(self):
        """Ends it as a person would, and waits."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"{self.name} did not end within {LIMIT} s") from None
        return self.process.returncode


@contextlib.contextmanager
def running(*command, env=None):
    """The program, for as long as the block lasts."""
    process = Process(*command, env=env)
    try:
        yield process
    finally:
        process.stop()


class Judge:
    """Watches a client: which operations succeeded, and whether an answer holds a member that
    the service's model does not know, or lacks one that the model requires."""

    def __init__(self, client):
        self.model = client.meta.service_model
        self.succeeded = set()
        self.strange = []
        client.meta.events.register("response-received.swf", self._received)

    def _received(self, event_name, response_dict=None, parsed_response=None, exception=None, **_):
        if exception is not None or parsed_response is None or "Error" in parsed_response:
            return
        operation_name = event_name.rpartition(".")[2]
        self.succeeded.add(operation_name)
        shape = self.model.operation_model(operation_name).output_shape
        body = response_dict["body"]
        if shape is not None and body:
            self._compare(operation_name, shape, json.loads(body))

    def _compare(self, path, shape, value):
        if shape.type_name == "structure":
            # An empty poll is the one answer that leaves required members out.
            empty_poll = path.startswith("PollFor") and not value.get("taskToken")
            for required in shape.required_members:
                if required not in value and not empty_poll:
                    self.strange.append(f"{path} lacks {required}")
            for name, member in value.items():
                if name not in shape.members:
                    self.strange.append(f"{path} has an unknown {name}")
                else:
                    self._compare(f"{path}.{name}", shape.members[name], member)
        elif shape.type_name == "list":
            for member in value:
                self._compare(path, shape.member, member)
        elif getattr(shape, "enum", None) and value not in shape.enum:
            self.strange.append(f"{path} has an unknown value {value}")
        else:
            kinds = {"string": str, "integer": int, "long": int, "boolean": bool, "timestamp": (int, float)}
            if not isinstance(value, kinds[shape.type_name]):
                self.strange.append(f"{path} is no {shape.type_name}")
