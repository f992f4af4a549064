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
