"""How budgets are measured that need one machine only; `benchmarks/bench.py` prints them.

Machines are noisy: what is compared runs in turn, A B A B …, and the median of the pairwise ratios counts.
"""

import io
import json
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable
from typing import Any
from unittest import mock

from infra import bytecode, package
from infra.package import APP_ZIP

ROOT = pathlib.Path(__file__).parent.parent
PAIRS = 15
BARE = "import boto3; from chalice.app import Chalice; boto3.client('dynamodb')"
OURS = "import chalicelib.handlers.api"  # gets ready for its first call as on Lambda, by the variables of COLD
COLD = {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_DEFAULT_REGION": "us-east-1"}
COLD |= {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}


def paired_ratio(ours: Callable[[], float], other: Callable[[], float], pairs: int) -> float:
    """Return the median ratio of our time to the other's, run in turn after one unmeasured round."""
    ours(), other()
    return statistics.median(ours() / other() for _ in range(pairs))


def import_ratio(folder: pathlib.Path, *, compiled: bool) -> float:
    """Return the ratio of cold starts, in processor time: of the packaged API, and of boto3, Chalice and one client.

    `compiled`: whether the package keeps its bytecode; the bare libraries have theirs in any case. Each is a new
    interpreter, of the runtime's version, that sees the package and what Lambda's runtime has, and nothing else.
    """
    python = package.runtime_python()
    if python is None:
        raise SystemExit(f"no Python {package.PYTHON} here: nothing that was shipped can be run")
    with tempfile.TemporaryDirectory() as scratch:
        place = pathlib.Path(scratch)
        runtime = package.runtime_packages(place / "runtime")
        for name in ("app", "bare"):
            with zipfile.ZipFile(folder / APP_ZIP) as zipped:
                zipped.extractall(place / name)
        if not compiled:
            bytecode.remove(place / "app")
        _run(python, BARE, [place / "bare", runtime])  # compiles the libraries, where they are not
        return paired_ratio(
            lambda: _seconds(python, OURS, place / "app", runtime),
            lambda: _seconds(python, BARE, place / "bare", runtime),
            PAIRS,
        )


def _seconds(python: str, code: str, *paths: pathlib.Path) -> float:
    """The processor time of a new interpreter, start and end included. It writes no bytecode."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(python, code, paths, "-B")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _run(python: str, code: str, paths: Iterable[pathlib.Path], *options: str) -> None:
    path = f"import sys; sys.path[:0] = {[str(path) for path in paths]!r}; "
    subprocess.run([python, "-I", "-S", *options, "-c", path + code], env=COLD, check=True)


def own_time_ms(what: str, rounds: int = 500) -> float:
    """Return the median time (ms) of an invocation whose AWS call takes no time: our code and Chalice's."""
    import app
    from chalicelib.accounts import sessions
    from chalicelib.attempts import service
    from chalicelib.shared import secrets, table
    from tests.unit.attempts import T0, started

    secrets._root.cache_clear()
    with mock.patch.object(secrets, "_root", lambda: b"benchmark"):
        item = item_of(started(T0))
        cookie = sessions.cookie("ac_1", 1, T0).split(";")[0]
        token = f"1.{service._page_hash('at_1', 'ac_1', 1)}"
        body: dict[str, Any] = {"first": 1, "last": 2, "answers": {"1": "A", "2": "BC"}}
        method = "PUT" if what == "answers" else "POST"
        event = api_event(method, what, body if what == "answers" else {}, cookie, token)
        with (
            mock.patch.object(table, "_conditional", lambda *_: {"Attributes": item}),
            mock.patch.object(table, "query", lambda *_, **__: [table.item_from_wire(item)]),
            mock.patch("chalicelib.shared.clock.now_ms", lambda: T0 + 1000),
        ):
            times = []
            for _ in range(rounds):
                began = time.perf_counter()
                answer = app.app(event, None)
                times.append(time.perf_counter() - began)
                assert answer["statusCode"] == 200, answer
    return statistics.median(times) * 1000


def item_of(attempt: Any) -> dict[str, Any]:
    """The item of an attempt with a paper of 100 questions, as DynamoDB writes it."""
    from chalicelib.attempts.items import to_item
    from chalicelib.shared import table

    plain = to_item(attempt)
    plain["answers"] = {str(number): "" for number in range(1, 101)}
    return {name: table.to_wire(value) for name, value in plain.items()}


def api_event(method: str, what: str, body: Any, cookie: str, token: str) -> dict[str, Any]:
    """What API Gateway sends for a call on the attempt `at_1`."""
    path = f"/attempts/{{attempt_id}}/{what}"
    headers = {"Content-Type": "application/json", "Cookie": cookie, "Page-Token": token}
    context = {"resourcePath": path, "httpMethod": method, "identity": {"sourceIp": "127.0.0.1"}}
    return {
        "requestContext": {**context, "requestId": "benchmark"},
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "pathParameters": {"attempt_id": "at_1"},
        "multiValueQueryStringParameters": None,
        "stageVariables": None,
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def frame_ratio() -> float:
    """CPU time from the bytes of a camera frame to findings: ours, against the library that users know, in turn."""
    import face_recognition
    import numpy
    from PIL import Image

    from chalicelib import faces
    from chalicelib.shared.pictures import decode_picture

    data = (ROOT / "var/pictures/frame_a.jpg").read_bytes()

    def ours() -> float:
        began = time.process_time()
        faces.default_engine().examine(decode_picture(data))
        return time.process_time() - began

    def bare() -> float:
        began = time.process_time()
        pixels = numpy.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        face_recognition.face_encodings(pixels)
        return time.process_time() - began

    return paired_ratio(ours, bare, PAIRS)


def unzipped_mb(archive: pathlib.Path) -> float:
    """Return the size of an archive of the package, unpacked. AWS's runtime brings boto3 and botocore."""
    with zipfile.ZipFile(archive) as zipped:
        return sum(info.file_size for info in zipped.infolist()) / 1e6


def largest_mb(folder: pathlib.Path) -> float:
    """Return what the largest function of a package takes, unpacked, with its layers."""
    sizes = {name: unzipped_mb(folder / layer.archive) for name, layer in package.LAYERS.items()}
    found = package.functions(package.read_template(folder))
    return unzipped_mb(folder / APP_ZIP) + max(
        sum(sizes[layer] for layer in function.layers) for function in found
    )
