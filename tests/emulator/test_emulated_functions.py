"""Functions in processes of their own. No emulator."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from infra.local import functions
from infra.local.errors import LaunchError
from infra.local.functions import API, Functions, Home

LOOK = "console_look"


@pytest.fixture(scope="module")
def running(standin_project: Path) -> Iterator[Functions]:
    home = Home(standin_project, {"PATH": os.environ["PATH"], "TOLD": "yes"})
    made = functions.start(home, offset_ms=lambda: 5_000, api_processes=2)
    yield made
    made.close()


def test_everything_is_found_in_the_app_itself(running: Functions) -> None:
    catalogue = running.catalogue
    assert catalogue.routes["/exams/{exam_id}"] == ["GET", "PUT"]
    kinds = {function.handler: function.kind for function in catalogue.functions.values()}
    assert kinds == {
        "app.app": "Api",
        "chalicelib.handlers.uploads.judge_upload": "CloudWatchEvent",
        "chalicelib.handlers.uploads.judge_snapshot": "SQSEvent",
        "chalicelib.handlers.changes.record_changes": "DynamoDBEvent",
        "chalicelib.handlers.clock.run_minute": "ScheduledEvent",
        "chalicelib.handlers.console.publish_exam": "LambdaFunction",
        "chalicelib.handlers.console.look": "LambdaFunction",
    }
    assert catalogue.functions[API].timeout_s == 10
    assert catalogue.functions["uploads_judge_upload"].memory_mb == 1536
    assert catalogue.functions["uploads_judge_upload"].logical_id == "UploadsJudgeUpload"


def test_functions_are_found_by_any_of_their_names(running: Functions) -> None:
    for name in ("look", LOOK, "chalicelib.handlers.console.look"):
        assert running.find(name) is running.catalogue.functions[LOOK]
    for name in (API, "app", "nobody"):
        assert running.find(name) is None
    assert not running.call("nobody", {}).ok


def test_a_function_sees_its_environment_and_nothing_of_ours(running: Functions) -> None:
    seen = running.invoke(LOOK, {}).result
    assert seen["environment"]["TOLD"] == "yes"
    assert "HOME" not in seen["environment"]
    assert seen["function"] == LOOK
    assert 59_000 < seen["remaining_ms"] <= 60_000
    assert seen["process"] != os.getpid()


def test_a_process_is_kept_warm_and_replaced_when_it_dies(running: Functions) -> None:
    first = running.invoke(LOOK, {}).result["process"]
    assert running.invoke(LOOK, {}).result["process"] == first
    outcome = running.invoke(LOOK, {"do": "die"})
    assert outcome.error is not None
    assert running.invoke(LOOK, {}).result["process"] != first


def test_an_exception_is_told_and_the_process_goes_on(running: Functions) -> None:
    first = running.invoke(LOOK, {}).result["process"]
    error = running.invoke(LOOK, {"do": "fail"}).error
    assert error is not None
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "asked to fail")
    assert "asked to fail" in "".join(error["stackTrace"])
    assert running.invoke(LOOK, {}).result["process"] == first


def test_the_time_limit_ends_a_function(standin_project: Path) -> None:
    home = Home(standin_project, dict(os.environ))
    hanging = functions.Function(
        "look", "chalicelib.handlers.console.look", "LambdaFunction", 0.5, 128
    )
    pool = functions.Pool(hanging, home, size=1)
    assert pool.invoke({}, 0).ok
    began = time.monotonic()
    outcome = pool.invoke({"do": "hang"}, 0)
    assert outcome.error is not None
    assert outcome.error["errorType"] == "Sandbox.Timedout"
    assert time.monotonic() - began < 2
    assert pool.invoke({}, 0).ok
    pool.close()


def test_one_process_handles_one_call_at_a_time(running: Functions) -> None:
    event = {
        "httpMethod": "GET",
        "multiValueQueryStringParameters": None,
        "headers": {},
        "pathParameters": None,
        "body": None,
        "stageVariables": None,
        "requestContext": {"httpMethod": "GET", "resourcePath": "/slow"},
    }
    seen: list[str] = []
    threads = [
        threading.Thread(target=lambda: seen.append(running.invoke(API, event).result["body"]))
        for _ in range(4)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 2  # two processes
    assert 0.6 <= time.monotonic() - began < 1.2  # four calls of 0.3 s on two


def test_a_free_process_goes_to_who_has_waited_longest() -> None:
    places = functions._Places(1)
    given: list[str] = []
    held = places.take()

    def take(name: str) -> None:
        place = places.take()
        given.append(name)
        places.give_back(place)

    threads = []
    for number, name in enumerate(("first", "second", "third")):
        threads.append(threading.Thread(target=take, args=(name,)))
        threads[-1].start()
        while len(places._waiting) <= number:
            time.sleep(0.001)
    places.give_back(held)
    take("who has just returned it")
    for thread in threads:
        thread.join()
    assert given == ["first", "second", "third", "who has just returned it"]
    assert places.take_all_free() == [None]


def test_a_free_process_is_the_one_that_was_used_last() -> None:
    places = functions._Places(2)
    cold, warm = object(), object()
    places.take_all_free()
    for place in (cold, warm):
        places.give_back(cast(Any, place))
    assert places.take() is warm
    assert places.take() is cold


def test_an_app_that_does_not_import_is_named(tmp_path: Path, standin_project: Path) -> None:
    (tmp_path / ".chalice").symlink_to(standin_project / ".chalice")
    (tmp_path / "app.py").write_text("raise RuntimeError('half written')")
    with pytest.raises(LaunchError, match="half written"):
        functions.start(Home(tmp_path, dict(os.environ)), lambda: 0, api_processes=1)
