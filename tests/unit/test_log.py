"""What CloudWatch makes metrics of."""

import json

import pytest

from chalicelib.shared import log
from tests.clock import StandingClock


def test_a_metric_is_one_line_in_embedded_metric_format(
    clock: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    log.metric("PreflightFailed", 1, exam="e-1", findings=["题库"])
    [line] = capsys.readouterr().out.splitlines()
    written = json.loads(line)
    [directive] = written["_aws"]["CloudWatchMetrics"]
    assert written["_aws"]["Timestamp"] == clock.now
    assert directive == {
        "Namespace": "Kaochang",
        "Dimensions": [["stage"]],
        "Metrics": [{"Name": "PreflightFailed", "Unit": "Count"}],
    }
    assert (written["stage"], written["PreflightFailed"]) == ("local", 1)
    assert (written["exam"], written["findings"]) == ("e-1", ["题库"])


def test_a_metric_may_be_counted_apart_by_a_few_fields(
    clock: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    log.metric("SmsFailed", 1, apart=("provider", "trouble"), provider="sns", trouble="busy")
    written = json.loads(capsys.readouterr().out)
    [directive] = written["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["stage"], ["stage", "provider", "trouble"]]
    assert (written["provider"], written["trouble"]) == ("sns", "busy")
