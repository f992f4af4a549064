"""Preflight with the minute schedule: once per checkpoint, late or twice alike, and heard of when it fails."""

import json
from typing import Any

import boto3
import pytest

from chalicelib.exams import service as exams
from chalicelib.exams import store
from chalicelib.exams.model import Checkpoint, Exam
from tests import lived
from tests.api import Api, minute, publish
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import everything_stored, failing

EXAM = "shanxi-agency-practitioners"
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY, TWO_HOURS, OPENING = Checkpoint
ROSTER = "姓名,证件类型,证件号码,加时(分钟)\n张三,护照,E12345678,0".encode()


@pytest.fixture
@lived.once
def soon(api: Api, clock: StandingClock) -> StandingClock:
    """An exam is published, two days before its start."""
    clock.now = T0 - 48 * HOUR
    assert publish("agency-practitioners", T0)["ok"]
    return clock


def noted() -> dict[Checkpoint, tuple[int, bool]]:
    exam: Exam = exams.get_exam(EXAM)
    found = {checkpoint: exam.preflight(checkpoint) for checkpoint in Checkpoint}
    return {checkpoint: (f.at, f.ok) for checkpoint, f in found.items() if f}


def metrics(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    # The same minute counts stored faces, too.
    return [line for line in lines if "_aws" in line and "StoredFaces" not in line]


def papers() -> tuple[str, str]:
    return ENVIRONMENT["PAPERS_BUCKET"], store._bank_key(EXAM, exams.get_exam(EXAM).paper_version)


@pytest.mark.parametrize(
    ("checkpoint", "comes_at"),
    [(DAY, T0 - 24 * HOUR), (TWO_HOURS, T0 - 2 * HOUR), (OPENING, T0 - 45 * MINUTE)],
)
def test_each_checkpoint_is_noted_from_its_millisecond_on_and_once(
    soon: StandingClock, checkpoint: Checkpoint, comes_at: int
) -> None:
    soon.now = comes_at - 1
    minute()
    before = noted()
    assert checkpoint not in before
    soon.now = comes_at
    assert minute()["preflights"] == 1
    assert noted() == {**before, checkpoint: (comes_at, True)}
    stored = everything_stored()
    soon.now = comes_at + 1
    assert minute()["preflights"] == 0
    assert everything_stored() == stored


def test_skipped_checkpoints_are_made_up_until_the_exam_has_ended(soon: StandingClock) -> None:
    soon.now = T0 + 95 * MINUTE
    assert minute()["preflights"] == 3
    assert noted() == dict.fromkeys(Checkpoint, (T0 + 95 * MINUTE, True))


def test_after_the_end_nothing_is_looked_at_any_more(soon: StandingClock) -> None:
    soon.now = T0 + 95 * MINUTE + 1
    assert minute()["preflights"] == 0
    assert noted() == {}


def test_two_runs_at_once_note_one_outcome(
    soon: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon.now = T0 - 24 * HOUR
    stale = store.list_exams()
    assert minute()["preflights"] == 1
    soon.advance(ms=1)
    monkeypatch.setattr(store, "list_exams", lambda: stale)
    assert minute()["preflights"] == 0
    assert noted() == {DAY: (T0 - 24 * HOUR, True)}


def test_a_missing_bank_is_noted_and_rings(
    soon: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket, key = papers()
    boto3.client("s3").delete_object(Bucket=bucket, Key=key)
    soon.now = T0 - 24 * HOUR
    assert minute()["preflights"] == 1
    assert noted() == {DAY: (T0 - 24 * HOUR, False)}
    [line] = metrics(capsys)
    assert (line["PreflightFailed"], line["exam"]) == (1, EXAM)
    assert line["checkpoints"] == ["day_before"]
    found = exams.get_exam(EXAM).preflight(DAY)
    assert found is not None
    assert list(found.findings) == line["findings"]
    assert "不见了" in line["findings"][0]
    minute()
    assert metrics(capsys) == []


def test_a_repaired_bank_passes_the_next_checkpoint(soon: StandingClock) -> None:
    bucket, key = papers()
    s3 = boto3.client("s3")
    right = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    s3.put_object(Bucket=bucket, Key=key, Body=right.replace("采购".encode(), "买卖".encode()))
    soon.now = T0 - 24 * HOUR
    minute()
    assert publish("agency-practitioners", T0)["ok"]  # the same pack again: writes the bank anew
    soon.now = T0 - 2 * HOUR
    minute()
    assert noted() == {DAY: (T0 - 24 * HOUR, False), TWO_HOURS: (T0 - 2 * HOUR, True)}


def test_a_right_preflight_rings_nothing(
    soon: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    soon.now = T0 - 24 * HOUR
    minute()
    assert metrics(capsys) == []


def test_while_the_cloud_does_not_answer_nothing_is_noted_but_it_rings(
    soon: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    soon.now = T0 - 24 * HOUR
    with failing("s3"):
        assert minute()["preflights"] == 0
    assert noted() == {}
    [line] = metrics(capsys)
    assert line["findings"] == ["could not be looked at"]
    assert minute()["preflights"] == 1


def test_one_exam_that_cannot_be_looked_at_does_not_hide_another(
    soon: StandingClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish("evaluation-experts", T0 + 1)["ok"]
    read = store.read_bank

    def broken(exam_id: str, version: str) -> bytes | None:
        if exam_id != EXAM:
            raise RuntimeError("a bug")
        return read(exam_id, version)

    monkeypatch.setattr(store, "read_bank", broken)
    soon.now = T0 - 23 * HOUR
    assert minute()["preflights"] == 1
    assert list(noted()) == [DAY]
    assert [line["exam"] for line in metrics(capsys)] == ["shanxi-evaluation-experts"]


def test_a_roster_must_have_people(soon: StandingClock) -> None:
    assert publish("agency-practitioners", T0, "by-roster", **{"roster.csv": ROSTER})["ok"]
    soon.now = T0 - 24 * HOUR
    minute()
    found = exams.get_exam("by-roster")
    assert found.preflight_day_before is not None
    assert found.preflight_day_before.ok
    key = {"exam_id": {"S": "by-roster"}}
    dynamodb = boto3.client("dynamodb")
    [row] = dynamodb.query(
        TableName=ENVIRONMENT["EXAMS_TABLE"],
        KeyConditionExpression="exam_id = :e AND begins_with(sk, :r)",
        ExpressionAttributeValues={":e": {"S": "by-roster"}, ":r": {"S": "ROSTER#"}},
    )["Items"]
    dynamodb.delete_item(TableName=ENVIRONMENT["EXAMS_TABLE"], Key={**key, "sk": row["sk"]})
    soon.now = T0 - 2 * HOUR
    minute()
    outcome = exams.get_exam("by-roster").preflight(TWO_HOURS)
    assert outcome is not None
    assert "报名名单是空的" in outcome.findings[0]


def test_publishing_the_same_again_after_a_checkpoint_changes_nothing(soon: StandingClock) -> None:
    soon.now = T0 - 45 * MINUTE
    minute()
    before = everything_stored()["EXAMS_TABLE"]
    assert publish("agency-practitioners", T0)["ok"]
    assert everything_stored()["EXAMS_TABLE"] == before


def test_an_exam_that_was_stored_before_there_were_preflights_is_looked_at(
    soon: StandingClock,
) -> None:
    key = {"exam_id": {"S": EXAM}, "sk": {"S": "EXAM"}}
    names = ", ".join(f"preflight_{checkpoint.value}" for checkpoint in Checkpoint)
    boto3.client("dynamodb").update_item(
        TableName=ENVIRONMENT["EXAMS_TABLE"], Key=key, UpdateExpression=f"REMOVE {names}"
    )
    soon.now = T0 - 24 * HOUR
    assert minute()["preflights"] == 1
    assert noted() == {DAY: (T0 - 24 * HOUR, True)}
