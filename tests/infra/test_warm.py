"""`make warm`: what is asked of AWS, and what is left alone. No emulator knows warm throughput."""

import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from infra import warm, warming
from infra.aws_commands import DryRun
from infra.warm import NEWEST, Warming, WarmingError

PROJECT = Path(__file__).parents[2]
Json = dict[str, Any]
INDEXES = ("by_account", "by_exam", "overdue", "outcomes")


class Recorder:
    """An account with one stage. `asked`: the calls that change something."""

    region = "ap-east-1"

    def __init__(self, table: Json | None = None, statuses: tuple[str, ...] = ("READY",)) -> None:
        self.table = table or {"GlobalSecondaryIndexes": [{"IndexName": n} for n in INDEXES]}
        self.statuses = list(statuses)
        self.asked: list[tuple[str, Json]] = []
        self.provisioned = False
        self.exam: Json = {}
        self._checked = DryRun(self.region)

    def call(self, service: str, operation: str, **arguments: Any) -> Json:
        self._checked.call(service, operation, **arguments)
        if not operation.startswith(("describe", "get")):
            self.asked.append((operation, arguments))
        return {
            "StackResourceDetail": {"PhysicalResourceId": arguments.get("LogicalResourceId")},
            "Table": self.table,
            "Version": "7",
            "Status": self.statuses.pop(0) if "get_prov" in operation else "",
            **self.exam,
        }

    def exists(self, service: str, operation: str, **arguments: Any) -> bool:
        self._checked.exists(service, operation, **arguments)
        return self.provisioned

    def endpoint(self, service: str) -> str:
        return f"https://{service}.invalid"


def run(aws: Recorder, rests: list[None] | None = None) -> Warming:
    return Warming(aws, "prod", rest=lambda: (rests if rests is not None else []).append(None))


def test_a_large_exam_warms_table_indexes_and_environments() -> None:
    aws, rests = Recorder(statuses=("IN_PROGRESS", "IN_PROGRESS", "READY")), []
    plan = warming.plan(100_000)
    run(aws, rests).warm(plan)
    (table, wanted), *functions = aws.asked
    assert table == "update_table"
    assert wanted["WarmThroughput"]["WriteUnitsPerSecond"] == plan.writes
    updates = {u["Update"]["IndexName"]: u["Update"] for u in wanted["GlobalSecondaryIndexUpdates"]}
    assert set(updates) == {"by_exam", "overdue"}
    warm = updates["overdue"]["WarmThroughput"]
    assert warm["WriteUnitsPerSecond"] == plan.index_writes["overdue"]
    assert [name for name, _ in functions] == [
        "publish_version",
        "update_alias",
        "put_provisioned_concurrency_config",
    ]
    assert functions[1][1]["FunctionVersion"] == "7"
    assert functions[2][1]["ProvisionedConcurrentExecutions"] == plan.environments
    assert len(rests) == 2


def test_what_is_warm_enough_is_left_and_nothing_is_made_colder() -> None:
    plan = warming.plan(100_000)
    warmer = {"ReadUnitsPerSecond": plan.reads * 2, "WriteUnitsPerSecond": plan.writes - 1}
    warm = {
        "ReadUnitsPerSecond": warming.DEFAULT_READS,
        "WriteUnitsPerSecond": plan.index_writes["by_exam"],
    }
    indexes = [{"IndexName": name, "WarmThroughput": warm} for name in ("by_exam", "overdue")]
    aws = Recorder({"WarmThroughput": warmer, "GlobalSecondaryIndexes": indexes})
    run(aws).warm(plan)
    asked = {"ReadUnitsPerSecond": plan.reads * 2, "WriteUnitsPerSecond": plan.writes}
    assert aws.asked[0][1] == {"TableName": "AttemptsTable", "WarmThroughput": asked}
    aws = Recorder(
        {
            "WarmThroughput": {**warmer, "WriteUnitsPerSecond": plan.writes},
            "GlobalSecondaryIndexes": indexes,
        }
    )
    run(aws).warm(plan)
    assert aws.asked[0][0] == "publish_version"


def test_a_small_exam_needs_nothing() -> None:
    aws = Recorder()
    run(aws).warm(warming.plan(500))
    assert aws.asked == []


def test_undoing_gives_environments_back_and_returns_to_the_newest_code() -> None:
    aws = Recorder()
    aws.provisioned = True
    run(aws).undo()
    assert [name for name, _ in aws.asked] == [
        "delete_provisioned_concurrency_config",
        "update_alias",
    ]
    assert aws.asked[-1][1]["FunctionVersion"] == NEWEST


def test_undoing_twice_is_no_mistake() -> None:
    aws = Recorder()
    run(aws).undo()
    assert [name for name, _ in aws.asked] == ["update_alias"]


def test_environments_that_are_not_provisioned_are_told() -> None:
    aws = Recorder(statuses=("IN_PROGRESS", "FAILED"))
    with pytest.raises(WarmingError, match="were not provisioned"):
        run(aws).warm(warming.plan(100_000))


@pytest.mark.parametrize(
    ("policy", "people"), [({}, 2500), ({"expected_people": {"N": "40000"}}, 40_000)]
)
def test_the_exam_says_for_how_many(policy: Json, people: int) -> None:
    aws = Recorder()
    aws.exam = {"Item": {"policy": {"M": policy}}}
    assert run(aws).people_of("exam-1") == people


@pytest.mark.parametrize("people", [1, 100_000])
def test_so_many_people_as_a_stack_is_made_for(people: int) -> None:
    assert run(Recorder()).people(people, "") == people


@pytest.mark.parametrize("people", [-1, 100_001, 10**12])
def test_a_mistyped_number_of_people_warms_nothing(people: int) -> None:
    with pytest.raises(WarmingError, match="1 to 100,000"):
        run(Recorder()).people(people, "exam-1")


def test_nobody_said_for_whom() -> None:
    with pytest.raises(WarmingError, match="EXAM=… or PEOPLE=…"):
        run(Recorder()).people(0, "")


@pytest.mark.parametrize(
    "busy",
    [
        {"TableStatus": "UPDATING"},
        {"WarmThroughput": {"Status": "UPDATING"}},
        {"GlobalSecondaryIndexes": [{"IndexName": "overdue", "IndexStatus": "UPDATING"}]},
        {"GlobalSecondaryIndexes": [{"IndexName": "a", "WarmThroughput": {"Status": "UPDATING"}}]},
    ],
)
def test_while_a_table_still_warms_up_environments_are_provisioned(busy: Json) -> None:
    aws = Recorder(busy)
    run(aws).warm(warming.plan(100_000))
    assert aws.asked[0][0] == "publish_version"


def started(*more: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "infra.warm", "prod", "--region", "ap-east-1", *more]
    return subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, env={})


def test_a_dry_run_of_undoing_prints_both_commands() -> None:
    done = started("--undo", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "delete-provisioned-concurrency-config" in done.stdout
    assert "--function-version '$LATEST'" in done.stdout


def test_a_dry_run_reads_no_exam() -> None:
    done = started("--exam", "exam-1", "--dry-run")
    assert (done.returncode, done.stdout) == (1, "")
    assert "PEOPLE=…" in done.stderr


@pytest.mark.parametrize("failure", ["FAILED", "interrupted", "refused"])
def test_a_run_that_ends_half_way_says_what_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], failure: str
) -> None:
    aws = Recorder(statuses=("IN_PROGRESS", "FAILED"))

    def rest(_: float) -> None:
        if failure == "interrupted":
            raise KeyboardInterrupt
        if failure == "refused":
            raise ClientError({"Error": {"Code": "Throttling"}}, "GetConfig")

    monkeypatch.setattr("infra.warm.account_of", lambda _: aws)
    monkeypatch.setattr("infra.warm.time.sleep", rest)
    monkeypatch.setattr(sys, "argv", ["warm", "prod", "--people", "100000"])
    assert warm.main() == 1
    assert "UNDO=1" in capsys.readouterr().err


def test_without_credentials_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    aws = mock.Mock()
    aws.call.side_effect = NoCredentialsError
    monkeypatch.setattr("infra.warm.account_of", lambda _: aws)
    monkeypatch.setattr(sys, "argv", ["warm", "prod", "--people", "100000"])
    assert warm.main() == 1
    told = capsys.readouterr().err
    assert "credentials" in told
    assert "UNDO" not in told


def test_an_exam_that_is_not_published_is_told() -> None:
    with pytest.raises(WarmingError, match="no exam exam-1"):
        run(Recorder()).people_of("exam-1")
