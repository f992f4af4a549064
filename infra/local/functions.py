"""Runs each function of the Chalice app in its own processes.

On Lambda an execution environment handles one invocation at a time, and Chalice keeps the current request on the
app object. Threads in one process would share that object. With processes a slow face check also blocks no other
function, and a function that exceeds its time limit can be killed.
"""

import json
import multiprocessing
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from infra.local import events, worker
from infra.local.emulator import REGION
from infra.local.errors import LaunchError

Json = dict[str, Any]

API = "api_handler"  # Chalice's name of the function behind all routes
IMPORTED_WITHIN_S = 60
# What Lambda's runtime has and what nearly every function imports. It is imported once; each process is a fork of that.
PRELOADED = ("infra.local.worker", "boto3", "chalice.app", "msgspec")

Hinder = Callable[[str], str]
"""Asked with a function's name before each call. It may wait; a text that it returns is the error of the call."""


@dataclass(frozen=True)
class Outcome:
    """The result of an invocation."""

    result: Any = None
    error: Json | None = None
    aws_calls: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()  # of its log

    @property
    def ok(self) -> bool:
        """Whether the handler returned without an exception."""
        return self.error is None


@dataclass(frozen=True)
class Function:
    """One function as Chalice packages it."""

    name: str
    handler: str
    kind: str  # Api, CloudWatchEvent, DynamoDBEvent, ScheduledEvent, LambdaFunction
    timeout_s: float
    memory_mb: int

    @property
    def logical_id(self) -> str:
        """Its name in the template."""
        return "".join(part.capitalize() for part in self.name.split("_"))


Observe = Callable[[Function, Outcome, float], None]
"""Told of each call: the function, its outcome, and how long it took (ms)."""


@dataclass(frozen=True)
class Catalogue:
    """The routes and functions of the Chalice app."""

    routes: dict[str, list[str]]
    binary_types: list[str]
    functions: dict[str, Function]

    def of_kind(self, kind: str) -> list[Function]:
        """Return the functions of one kind."""
        return [function for function in self.functions.values() if function.kind == kind]


@dataclass(frozen=True)
class Home:
    """The folder with app.py, and the environment variables of the functions."""

    project: Path
    environment: dict[str, str]


class _Worker:
    """A child process and the pipe to it."""

    def __init__(self, home: Home) -> None:
        forks = multiprocessing.get_context("forkserver")
        forks.set_forkserver_preload([*PRELOADED])
        self._pipe: Connection
        self._pipe, theirs = forks.Pipe()
        self._process = forks.Process(
            target=worker.serve, args=(theirs, str(home.project), home.environment), daemon=True
        )
        self._process.start()
        theirs.close()

    def ask(self, request: Json, patience_s: float) -> Json | None:
        """Return the answer, or None when the process died or took too long."""
        try:
            self._pipe.send(request)
            if not self._pipe.poll(patience_s):
                return None
            answer: Json = self._pipe.recv()
            return answer
        except (EOFError, OSError):
            return None

    def end(self) -> None:
        """Kill the process. It has no state to save."""
        self._pipe.close()
        self._process.kill()
        self._process.join()


class _Places:
    """The places of a pool: a process, or None where none was started yet. First come, first served.

    A `queue.Queue` would mostly give a place back to the thread that has just returned it, because that thread runs
    already. Among 50 clients some would then wait for seconds.
    """

    def __init__(self, size: int) -> None:
        self._lock = threading.Lock()
        self._free: list[_Worker | None] = [None] * size
        self._waiting: deque[queue.SimpleQueue[_Worker | None]] = deque()

    def take(self) -> _Worker | None:
        """Return a free place, the last one that was returned. Waits behind all who came earlier."""
        with self._lock:
            if self._free:
                return self._free.pop()
            turn: queue.SimpleQueue[_Worker | None] = queue.SimpleQueue()
            self._waiting.append(turn)
        return turn.get()

    def give_back(self, place: _Worker | None) -> None:
        """Return a place. It goes straight to who has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().put(place)
            else:
                self._free.append(place)

    def take_all_free(self) -> list[_Worker | None]:
        """Return all places that are free now."""
        with self._lock:
            free, self._free = self._free, []
            return free


class Pool:
    """At most `size` processes for one function; each starts when it is first needed."""

    def __init__(self, function: Function, home: Home, size: int) -> None:
        self._function = function
        self._home = home
        self._places = _Places(size)
        self._closed = threading.Event()

    def invoke(self, event: Any, offset_ms: int) -> Outcome:
        """Run the handler and return its outcome. Waits for a free process if all are busy."""
        function = self._function
        request = {
            "handler": function.handler,
            "event": json.dumps(event),
            "offset_ms": offset_ms,
            "context": {
                "function_name": function.name,
                "memory_limit_in_mb": function.memory_mb,
                "timeout_s": function.timeout_s,
                "region": REGION,
                "aws_request_id": events.new_id(),
            },
        }
        return _outcome(self._ask(request, function.timeout_s))

    def warm_up(self) -> None:
        """Start all processes, so that the first requests do not wait for imports."""
        for place in self._places.take_all_free():
            self._places.give_back(place or _Worker(self._home))

    def describe(self) -> Outcome:
        """Return the routes and functions that the app declares."""
        return _outcome(self._ask({"handler": None}, IMPORTED_WITHIN_S))

    def close(self) -> None:
        """End the idle processes. Busy ones end with their invocation or with the launcher."""
        self._closed.set()
        for place in self._places.take_all_free():
            if place is not None:
                place.end()

    def _ask(self, request: Json, patience_s: float) -> Json | None:
        place = self._places.take()
        process = place or _Worker(self._home)
        answer = None
        try:
            answer = process.ask(request, patience_s if place else patience_s + IMPORTED_WITHIN_S)
        finally:
            if answer is None or self._closed.is_set():
                process.end()
            self._places.give_back(process if answer is not None else None)
        return answer


@dataclass(frozen=True)
class Functions:
    """All functions and the way to call them by name."""

    catalogue: Catalogue
    pools: dict[str, Pool]
    offset_ms: Callable[[], int]
    aws_calls_seen: dict[str, set[str]]
    hinder: Hinder
    observe: Observe

    def invoke(self, name: str, event: Any) -> Outcome:
        """Call one function with one event at the present moment of the virtual clock.

        Its AWS calls are collected, so that a test can compare them with the function's policy. A fault switch may make
        the call slow or fail.
        """
        began = time.monotonic()
        trouble = self.hinder(name)
        if trouble:
            outcome = Outcome(error={"errorType": "FaultSwitch", "errorMessage": trouble})
        else:
            outcome = self.pools[name].invoke(event, self.offset_ms())
        self.aws_calls_seen[name].update(outcome.aws_calls)
        self.observe(self.catalogue.functions[name], outcome, (time.monotonic() - began) * 1000)
        return outcome

    def find(self, handler: str) -> Function | None:
        """Return a function by its name or its handler's name, or None. The API's function is not found."""
        for function in self.catalogue.functions.values():
            names = {function.name, function.handler, function.handler.rpartition(".")[2]}
            if handler in names and function.name != API:
                return function
        return None

    def call(self, handler: str, event: Any) -> Outcome:
        """Call a function by its name or its handler's name."""
        function = self.find(handler)
        if function is None:
            message = f"the app has no function {handler}"
            return Outcome(error={"errorType": "ResourceNotFound", "errorMessage": message})
        return self.invoke(function.name, event)

    def close(self) -> None:
        """End all processes."""
        for pool in self.pools.values():
            pool.close()


def start(
    home: Home,
    offset_ms: Callable[[], int],
    api_processes: int,
    hinder: Hinder = lambda _: "",
    observe: Observe = lambda *_: None,
) -> Functions:
    """Read the functions of the app and prepare a pool for each. Raises `LaunchError` if the app has an error."""
    config = json.loads((home.project / ".chalice" / "config.json").read_text("utf-8"))
    api = _function({"name": API, "handler": "app.app", "kind": "Api"}, config)
    pools = {API: Pool(api, home, api_processes)}
    pools[API].warm_up()
    described = pools[API].describe()
    if described.error:
        pools[API].close()
        raise LaunchError(f"The app cannot be imported: {described.error['errorMessage']}")
    listed = described.result["events"] + described.result["functions"]
    functions = {API: api} | {line["name"]: _function(line, config) for line in listed}
    for name, function in functions.items():
        pools.setdefault(name, Pool(function, home, size=1))
    catalogue = Catalogue(described.result["routes"], described.result["binary_types"], functions)
    seen: dict[str, set[str]] = {name: set() for name in functions}
    return Functions(catalogue, pools, offset_ms, seen, hinder, observe)


def _function(line: Json, config: Json) -> Function:
    """Return a function with the limits of .chalice/config.json (Chalice's defaults: 60 s, 128 MB)."""
    own = config.get("lambda_functions", {}).get(line["name"], {})
    return Function(
        name=line["name"],
        handler=line["handler"],
        kind=line["kind"],
        timeout_s=own.get("lambda_timeout", config.get("lambda_timeout", 60)),
        memory_mb=own.get("lambda_memory_size", config.get("lambda_memory_size", 128)),
    )


def _outcome(answer: Json | None) -> Outcome:
    if answer is None:
        message = "the function took longer than its time limit, or its process died"
        return Outcome(error={"errorType": "Sandbox.Timedout", "errorMessage": message})
    written: Json = {"aws_calls": tuple(answer["aws_calls"]), "lines": tuple(answer["lines"])}
    if not answer["ok"]:
        return Outcome(error=answer["error"], **written)
    return Outcome(result=json.loads(answer["result"]), **written)
