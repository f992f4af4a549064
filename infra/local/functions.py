"""The functions of the Chalice app, each run in processes of its own.

Why processes: on Lambda an execution environment handles one invocation at a time, and Chalice keeps
the current request on the app object; threads in one process would share what AWS never shares.
They also let a slow face check block nobody, and a time limit be a time limit.
"""

import json
import multiprocessing
import queue
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from infra.local import worker
from infra.local.emulator import REGION
from infra.local.errors import LaunchError

Json = dict[str, Any]

API = "api_handler"  # what Chalice calls the function behind all routes
IMPORTED_WITHIN_S = 60


@dataclass(frozen=True)
class Outcome:
    """What an invocation ended in."""

    result: Any = None
    error: Json | None = None
    aws_calls: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the handler returned."""
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


@dataclass(frozen=True)
class Catalogue:
    """Everything that the Chalice app consists of."""

    routes: dict[str, list[str]]
    binary_types: list[str]
    functions: dict[str, Function]

    def of_kind(self, kind: str) -> list[Function]:
        """The functions that one kind of event wakes."""
        return [function for function in self.functions.values() if function.kind == kind]


@dataclass(frozen=True)
class Home:
    """Where functions live: the folder with app.py, and their environment variables."""

    project: Path
    environment: dict[str, str]


class _Worker:
    """A child process and the pipe to it."""

    def __init__(self, home: Home) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipe: Connection
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(
            target=worker.serve, args=(theirs, str(home.project), home.environment), daemon=True
        )
        self._process.start()
        theirs.close()

    def ask(self, request: Json, patience_s: float) -> Json | None:
        """The answer, or None when the process died or took too long."""
        try:
            self._pipe.send(request)
            if not self._pipe.poll(patience_s):
                return None
            answer: Json = self._pipe.recv()
            return answer
        except (EOFError, OSError):
            return None

    def end(self) -> None:
        """Stop the process at once; it holds nothing that must be kept."""
        self._pipe.close()
        self._process.kill()
        self._process.join()


class Pool:
    """At most `size` processes for one function; each starts when it is first needed."""

    def __init__(self, function: Function, home: Home, size: int) -> None:
        self._function = function
        self._home = home
        self._places: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        self._closed = threading.Event()
        for _ in range(size):
            self._places.put(None)

    def invoke(self, event: Any, offset_ms: int) -> Outcome:
        """Run the handler, waiting for a free process if all are busy."""
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
                "aws_request_id": str(uuid.uuid4()),
            },
        }
        return _outcome(self._ask(request, function.timeout_s))

    def warm_up(self) -> None:
        """Start all processes, so that nobody waits for the first imports."""
        places = [self._places.get() for _ in range(self._places.qsize())]
        for place in places:
            self._places.put(place or _Worker(self._home))

    def describe(self) -> Outcome:
        """What the app says of itself."""
        return _outcome(self._ask({"handler": None}, IMPORTED_WITHIN_S))

    def close(self) -> None:
        """End the processes that rest; the busy ones end with the launcher."""
        self._closed.set()
        while True:
            try:
                place = self._places.get_nowait()
            except queue.Empty:
                return
            if place is not None:
                place.end()

    def _ask(self, request: Json, patience_s: float) -> Json | None:
        place = self._places.get()
        process = place or _Worker(self._home)
        answer = None
        try:
            answer = process.ask(request, patience_s if place else patience_s + IMPORTED_WITHIN_S)
        finally:
            if answer is None or self._closed.is_set():
                process.end()
            self._places.put(process if answer is not None else None)
        return answer


@dataclass(frozen=True)
class Functions:
    """All functions and the way to call them by name."""

    catalogue: Catalogue
    pools: dict[str, Pool]
    offset_ms: Callable[[], int]
    aws_calls_seen: dict[str, set[str]]

    def invoke(self, name: str, event: Any) -> Outcome:
        """Call one function with one event at the present moment of the virtual clock.

        Which AWS calls it made is remembered: its policy must allow at least these.
        """
        outcome = self.pools[name].invoke(event, self.offset_ms())
        self.aws_calls_seen[name].update(outcome.aws_calls)
        return outcome

    def find(self, handler: str) -> Function | None:
        """A function by its name or by the name of its handler; the API's is not among them."""
        for function in self.catalogue.functions.values():
            names = {function.name, function.handler, function.handler.rpartition(".")[2]}
            if handler in names and function.name != API:
                return function
        return None

    def call(self, handler: str, event: Any) -> Outcome:
        """Call a function by the name of its handler."""
        function = self.find(handler)
        if function is None:
            told = f"the app has no function {handler}"
            return Outcome(error={"errorType": "ResourceNotFound", "errorMessage": told})
        return self.invoke(function.name, event)

    def close(self) -> None:
        """End all processes."""
        for pool in self.pools.values():
            pool.close()


def start(home: Home, offset_ms: Callable[[], int], api_processes: int) -> Functions:
    """Read the app's own table of contents and prepare a pool for each function."""
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
    return Functions(catalogue, pools, offset_ms, {name: set() for name in functions})


def _function(line: Json, config: Json) -> Function:
    """A function with the limits of .chalice/config.json (Chalice's defaults: 60 s, 128 MB)."""
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
        told = "the function took longer than its time limit, or its process died"
        return Outcome(error={"errorType": "Sandbox.Timedout", "errorMessage": told})
    calls = tuple(answer["aws_calls"])
    if not answer["ok"]:
        return Outcome(error=answer["error"], aws_calls=calls)
    return Outcome(result=json.loads(answer["result"]), aws_calls=calls)
