"""One execution environment of a function: a process that handles one invocation at a time.

This module is what the child process runs. Like on Lambda, the handler is found by its packaged
string (`chalicelib.handlers.uploads.judge_upload`), in an interpreter that has loaded nothing else of
the app.
"""

import importlib
import io
import json
import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from multiprocessing.connection import Connection
from typing import Any, TextIO
from urllib.parse import urlsplit

Json = dict[str, Any]
Handler = Callable[[Any, Any], Any]

ACCOUNT = "000000000000"


@dataclass(frozen=True)
class Context:
    """The second argument of a handler."""

    function_name: str
    memory_limit_in_mb: int
    timeout_s: float
    region: str
    aws_request_id: str
    started: float
    function_version: str = "$LATEST"
    log_stream_name: str = "local"

    @property
    def invoked_function_arn(self) -> str:
        """The ARN of the function."""
        return f"arn:aws:lambda:{self.region}:{ACCOUNT}:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        """The log group of the function."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the time limit."""
        return max(0, int((self.started + self.timeout_s - time.monotonic()) * 1000))


def serve(pipe: Connection, project: str, environment: dict[str, str]) -> None:
    """Handle invocations from the pipe until it closes, which it does when the launcher ends."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C is sent to the whole process group; the launcher ends its children itself
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    sys.path.insert(0, project)
    calls = _watch_aws_calls()
    written = _WrittenLines(sys.stdout)
    sys.stdout = written
    while True:
        try:
            request = pipe.recv()
        except EOFError:
            return
        calls.clear()
        written.lines.clear()
        answer = _invoke(request) if request["handler"] else _describe()
        sys.stdout.flush()
        pipe.send({**answer, "aws_calls": list(calls), "lines": list(written.lines)})


class _WrittenLines(io.TextIOBase):
    """Standard output that also keeps the lines in JSON of the present call. Metrics are read out of them."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.lines: list[str] = []

    def write(self, text: str) -> int:
        """Write a text. The logger writes each line at once."""
        if text.startswith("{"):
            self.lines.append(text)
        return self._out.write(text)

    def flush(self) -> None:
        """Flush the real output."""
        self._out.flush()


def _invoke(request: Json) -> Json:
    """Run one handler. Event and answer pass through JSON, as they do on Lambda."""
    try:
        handler = _find(request["handler"])
        _set_clock(request["offset_ms"])
        context = Context(**request["context"], started=time.monotonic())
        answer = handler(json.loads(request["event"]), context)
        return {"ok": True, "result": json.dumps(answer)}
    except Exception as error:
        traceback.print_exc()
        trace = traceback.format_exception(error)
        failure = {
            "errorType": type(error).__name__,
            "errorMessage": str(error),
            "stackTrace": trace,
        }
        return {"ok": False, "error": failure}


def _find(handler: str) -> Handler:
    module, _, name = handler.rpartition(".")
    function: Handler = getattr(importlib.import_module(module), name)
    return function


def _set_clock(offset_ms: int) -> None:
    clock = importlib.import_module("chalicelib.shared.clock")
    clock.set_offset_ms(offset_ms)


def _watch_aws_calls() -> list[str]:
    """Return a list that gets every AWS request of this process, retries included: `service.Operation target`."""
    from botocore import handlers

    calls: list[str] = []

    def remember(event_name: str, request: Any, **_: Any) -> None:
        operation = event_name.removeprefix("before-send.")
        calls.append(f"{operation} {_target(operation, request)}".strip())

    handlers.BUILTIN_HANDLERS.append(("before-send", remember))
    _watch_own_requests(calls)
    return calls


def _watch_own_requests(calls: list[str]) -> None:
    """Add to the list also the requests that the app sends without boto3, if it does."""
    try:
        sending: Any = importlib.import_module("chalicelib.shared.aws.sending")
    except ModuleNotFoundError:
        return
    send = sending.send

    def send_and_remember(request: Any) -> Any:
        operation = f"{request.service}.{request.operation}"
        calls.append(f"{operation} {_target(operation, request)}".strip())
        return send(request)

    sending.send = send_and_remember


def _target(operation: str, request: Any) -> str:
    """Return the target of a request: table and index, or bucket and those folders of the key that are no ids.

    The ending of an import report is included, because a policy allows to write only such files there.
    """
    if operation.startswith("dynamodb."):
        asked = json.loads(request.body)
        if "RequestItems" in asked:
            return str(next(iter(asked["RequestItems"])))
        index = f"/index/{asked['IndexName']}" if "IndexName" in asked else ""
        return str(asked.get("TableName", "")) + index
    if operation.startswith("s3."):
        bucket, _, key = urlsplit(request.url).path.lstrip("/").partition("/")
        folders = takewhile(re.compile(r"[a-z-]+").fullmatch, key.split("/")[:-1])
        ending = re.search(r"\.report\.[a-z]+\Z", key)
        return "/".join([bucket, *folders, ending[0] if ending else ""])
    return ""


def _describe() -> Json:
    """Return the routes and functions that the Chalice app declares."""
    try:
        app: Any = importlib.import_module("app").app
    except Exception as error:
        traceback.print_exc()
        return {
            "ok": False,
            "error": {"errorType": type(error).__name__, "errorMessage": str(error)},
        }
    described = {
        "routes": {path: sorted(methods) for path, methods in app.routes.items()},
        "binary_types": app.api.binary_types,
        "functions": [_line(function) for function in app.pure_lambda_functions],
        "events": [_line(source) for source in app.event_sources],
    }
    return {"ok": True, "result": json.dumps(described)}


def _line(entry: Any) -> Json:
    return {
        "name": entry.name,
        "handler": entry.handler_string,
        "kind": type(entry).__name__.removesuffix("Config"),
    }
