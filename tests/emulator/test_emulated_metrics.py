"""What the local dashboard draws: metrics from log lines, alarms of the template, charts."""

import json
from typing import Any

import pytest
import yaml

from infra.local import expressions
from infra.local.alarms import Template, evaluate_alarm
from infra.local.charts import Charts
from infra.local.functions import Function
from infra.local.measured import Measured
from infra.local.metrics import LogReader, Metric, Metrics, statistic
from infra.local.timekeeper import MINUTE_MS
from tests.emulator.launching import PROJECT, Launched

NOW = 30_000_000 * MINUTE_MS
OF_STAGE = frozenset({("stage", "local")})
TEMPLATE = Template(PROJECT / "infra")


@pytest.fixture
def metrics() -> Metrics:
    """Metrics of a run that began an hour ago."""
    made = Metrics(lambda: NOW)
    made.began_ms = back(60)
    return made


def back(minutes: int) -> int:
    """A moment so many minutes ago."""
    return NOW - minutes * MINUTE_MS


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("Sum", 10), ("Average", 2.5), ("Maximum", 4), ("SampleCount", 4), ("p50", 2), ("p99", 4)],
)
def test_statistics(kind: str, expected: float) -> None:
    assert statistic([4, 1, 3, 2], kind) == expected
    assert statistic([], kind) is None


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("IF(tries >= 5, 100 * taken / tries, 100)", {"tries": 5, "taken": 4}, 80),
        ("IF(tries >= 5, 100 * taken / tries, 100)", {"tries": 4, "taken": 0}, 100),
        ("SUM(FILL(METRICS(), 0))", {"a": None, "b": 3}, 3),
    ],
)
def test_math(text: str, names: dict[str, Any], expected: float) -> None:
    assert expressions.evaluate(expressions.math(text), names) == expected


@pytest.mark.parametrize("text", ["__import__('os')", "a.b", "[a]", "RATE(a)", "a +"])
def test_nothing_else_is_computed(text: str) -> None:
    with pytest.raises(expressions.NotUnderstood):
        expressions.evaluate(expressions.math(text), {"a": 1})


def line(event: str, **fields: Any) -> str:
    return json.dumps({"at": NOW, "event": event, **fields})


def test_every_filter_of_the_template_is_read(metrics: Metrics) -> None:
    reader = LogReader(metrics, TEMPLATE.filters())
    heartbeat = "POST /attempts/{attempt_id}/heartbeat"
    lines = [
        line("request", route=heartbeat, status=200),
        line("request", route=heartbeat, status=409),
        line("request", route="POST /codes", status=202),
        line("request", route="POST /codes", status=300),
        "no JSON",
    ]
    reader.take("ApiHandler", lines)
    reader.take("UploadsJudgeSnapshot", [*lines, line("snapshot_judged", verdict="no_face")])

    def count(namespace: str, name: str) -> int:
        return len(metrics.window(Metric(namespace, name), NOW // MINUTE_MS, NOW // MINUTE_MS))

    assert count("Kaochang/local", "Heartbeats") == 1
    assert count("Kaochang/kaochang", "CodesSent") == 1
    assert count("Kaochang/local", "SnapshotsUnclear") == 1
    assert count("Kaochang/local", "SnapshotsMatch") == 0


def test_embedded_metrics_are_read_with_all_their_dimensions(metrics: Metrics) -> None:
    directive = {
        "Namespace": "Kaochang",
        "Dimensions": [["stage"], ["stage", "provider"]],
        "Metrics": [{"Name": "SmsTaken", "Unit": "Count"}],
    }
    about = {"Timestamp": NOW, "CloudWatchMetrics": [directive]}
    text = line("metric", _aws=about, stage="local", provider="sns", SmsTaken=1)
    LogReader(metrics, ()).take("ApiHandler", [text])
    found = metrics.named("Kaochang", "SmsTaken")
    assert [metric.dimensions for metric in found] == [OF_STAGE | {("provider", "sns")}, OF_STAGE]


def alarm(**changes: Any) -> dict[str, Any]:
    made = {
        "AlarmName": "kaochang-made",
        "AlarmDescription": "text",
        "Namespace": "Kaochang",
        "MetricName": "Made",
        "Dimensions": [{"Name": "stage", "Value": "local"}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    return made | changes


def state(metrics: Metrics, **changes: Any) -> str:
    return str(evaluate_alarm(alarm(**changes), metrics, NOW)["state"])


@pytest.mark.parametrize(
    ("values", "expected"), [((4, 4), "ok"), ((5, 4), "ok"), ((5, 5), "alarm")]
)
def test_an_alarm_rings_at_its_threshold(
    metrics: Metrics, values: tuple[int, int], expected: str
) -> None:
    for minutes, value in enumerate(values):
        metrics.put(Metric("Kaochang", "Made", OF_STAGE), value, back(minutes))
    assert state(metrics) == expected


def test_an_alarm_forgets_what_is_older_than_its_periods(metrics: Metrics) -> None:
    metrics.put(Metric("Kaochang", "Made", OF_STAGE), 9, back(2))
    assert state(metrics, DatapointsToAlarm=1) == "alarm"
    assert state(metrics, DatapointsToAlarm=1, EvaluationPeriods=2) == "ok"


@pytest.mark.parametrize(
    ("missing", "expected"),
    [("notBreaching", "ok"), ("breaching", "alarm"), ("missing", "no_data"), ("ignore", "no_data")],
)
def test_missing_data_is_what_the_template_says(
    metrics: Metrics, missing: str, expected: str
) -> None:
    assert state(metrics, TreatMissingData=missing) == expected


@pytest.mark.parametrize(("minutes", "expected"), [(4, "no_data"), (5, "alarm")])
def test_a_run_that_has_just_begun_is_not_blamed_for_silence(
    metrics: Metrics, minutes: int, expected: str
) -> None:
    metrics.began_ms = back(minutes)
    silent = {"Period": 300, "EvaluationPeriods": 1, "DatapointsToAlarm": 1}
    assert state(metrics, **silent, TreatMissingData="breaching") == expected


def test_what_only_aws_measures_is_told_apart(metrics: Metrics) -> None:
    assert state(metrics, Namespace="AWS/DynamoDB") == "not_measured"
    assert state(metrics, Namespace="AWS/Lambda", MetricName="IteratorAge") == "not_measured"


def test_a_share_rings_below_its_threshold(metrics: Metrics) -> None:
    failing = TEMPLATE.of_type("AWS::CloudWatch::Alarm")["SmsFailing"]
    taken = Metric("Kaochang", "SmsTaken", OF_STAGE)
    for value in (1, 1, 1, 0):
        metrics.put(taken, value)
    assert evaluate_alarm(failing, metrics, NOW)["state"] == "ok"  # four say nothing
    metrics.put(taken, 1)
    assert evaluate_alarm(failing, metrics, NOW)["values"] == [80]
    assert evaluate_alarm(failing, metrics, NOW)["state"] == "alarm"


def test_every_alarm_and_chart_of_the_dashboard_is_understood(metrics: Metrics) -> None:
    dashboard = yaml.safe_load((PROJECT / "infra" / "dashboard.yaml").read_text("utf-8"))
    failed = Metric(
        "Kaochang", "SmsFailed", OF_STAGE | {("provider", "sns"), ("trouble", "account")}
    )
    metrics.put(failed, 2)
    metrics.put(Metric("Kaochang", "SmsTaken", OF_STAGE), 0)
    metrics.count_request("kaochang", ("GET", "/exams"), 502, 12)
    drawn = [Charts(TEMPLATE, metrics).figures(widget) for widget in dashboard["widgets"]]
    own = [figures for figures in drawn if figures is not None]
    alarms, charts = own[0]["alarms"], own[1:]
    assert {entry["state"] for entry in alarms} == {"alarm", "no_data", "ok", "not_measured"}
    assert alarms[0]["name"] == "schedule-silent"  # nothing has run a minute here
    requests, latency, sms = charts[0]["lines"], charts[1]["lines"], charts[5]["lines"]
    assert [entry["points"][-1][1] for entry in (*requests, *latency)] == [1, 1, 12, 12]
    assert [(entry["label"], entry["points"][-1][1]) for entry in sms] == [
        ("成功率", 0),
        ("sns account", 2),
    ]


def test_a_dead_letter_rings_until_the_end_of_the_run() -> None:
    now = NOW
    measured = Measured(PROJECT / "infra", lambda: now)
    judge = Function("uploads_judge_snapshot", "uploads.judge_snapshot", "SQSEvent", 60, 128)
    measured.count_dead_letter(judge)
    now += 5 * MINUTE_MS
    measured.take_sample(3)
    dashboard = yaml.safe_load((PROJECT / "infra" / "dashboard.yaml").read_text("utf-8"))
    shown = measured.charts.figures(dashboard["widgets"][0])
    assert shown is not None
    alarms = {entry["name"]: entry for entry in shown["alarms"]}
    assert alarms["dead-snapshots"]["state"] == "alarm"
    assert alarms["dead-events"]["state"] == "ok"


def test_the_running_cloud_measures_its_own_calls(launched: Launched) -> None:
    launched.http.get("/api/exams")
    figures = launched.local("console/figures")["figures"]
    alarms = {entry["name"]: entry["state"] for entry in figures[0]["alarms"]}
    assert alarms["schedule-silent"] in ("ok", "no_data")  # no minute may have passed yet
    assert figures[1]["lines"][0]["points"][-1][1] >= 1
