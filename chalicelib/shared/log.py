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
    """Write one value of a metric, in CloudWatch's Embedded Metric Format.

    Its dimension is the stage. `fields` can be searched in the log and make no metric. The fields named in `apart` make
    a second metric for each combination of their values, so they must have few values.
    """
    measured = [{"Name": name, "Unit": "Count"}]
    dimensions = [["stage"], *([["stage", *apart]] if apart else [])]
    directive = {"Namespace": "Kaochang", "Dimensions": dimensions, "Metrics": measured}
    about = {"Timestamp": clock.now_ms(), "CloudWatchMetrics": [directive]}
    event("metric", _aws=about, stage=settings().stage, **{name: value}, **fields)


def crash(error: BaseException, **fields: Any) -> None:
    """Log an unexpected exception by type and place. Its message is left out, because it may hold a person's data."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames
    ]
    event("crash", kind=type(error).__name__, places=places, **fields)
