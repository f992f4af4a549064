"""One JSON line per event. Fields are ids, codes and numbers: never a name, phone, ID number or code."""

import json
import sys
import traceback
from typing import Any

from chalicelib.shared import clock
from chalicelib.shared.settings import settings


def event(name: str, **fields: Any) -> None:
    """Write one line to standard output, where Lambda collects it."""
    line = {"at": clock.now_ms(), "event": name, **fields}
    sys.stdout.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")


def metric(name: str, value: float, *, apart: tuple[str, ...] = (), **fields: Any) -> None:
    """Count something for an alarm: CloudWatch makes a metric of each line in its Embedded Metric Format.

    Its dimension is the stage; `fields` can be searched in the log, they make no metrics of their own. But those named
    in `apart` make a second metric beside the first, one for each combination: they must have few values.
    """
    measured = [{"Name": name, "Unit": "Count"}]
    dimensions = [["stage"], *([["stage", *apart]] if apart else [])]
    directive = {"Namespace": "Kaochang", "Dimensions": dimensions, "Metrics": measured}
    about = {"Timestamp": clock.now_ms(), "CloudWatchMetrics": [directive]}
    event("metric", _aws=about, stage=settings().stage, **{name: value}, **fields)


def crash(error: BaseException, **fields: Any) -> None:
    """Tell of an unexpected exception by type and place; its message may hold a person's data."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames
    ]
    event("crash", kind=type(error).__name__, places=places, **fields)
