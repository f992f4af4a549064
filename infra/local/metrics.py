"""What CloudWatch would know of a run: values from the functions' log lines, and counts of calls and requests.

Time is that of the virtual clock. Values are kept by the minute, for a day and an hour, and end with the launcher.
"""

import ast
import contextlib
import json
import math
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.local import expressions
from infra.local.timekeeper import MINUTE_MS

Json = dict[str, Any]

KEPT_MINUTES = 25 * 60  # the longest period of an alarm is a day
WAITING = "ApproximateNumberOfMessagesVisible"  # in AWS/SQS
API_LOGICAL_ID = "APIHandler"  # as Chalice's template names the function behind the routes


@dataclass(frozen=True)
class Metric:
    """The name of a metric: namespace, name and dimensions."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()


def statistic(values: Sequence[float], kind: str) -> float | None:
    """Return a statistic of CloudWatch (`Sum`, `Average`, `Maximum`, `SampleCount`, `p99`, …), None without values."""
    if not values:
        return None
    if kind.startswith("p"):
        rank = math.ceil(len(values) * float(kind[1:]) / 100)
        return sorted(values)[max(rank, 1) - 1]
    simple: dict[str, Callable[[Sequence[float]], float]] = {
        "Sum": sum,
        "Average": lambda v: sum(v) / len(v),
        "Maximum": max,
        "Minimum": min,
        "SampleCount": len,
    }
    return simple[kind](values)


@dataclass
class Metrics:
    """All values, by metric and minute."""

    now_ms: Callable[[], int]
    _values: dict[Metric, dict[int, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    _writing: threading.Lock = field(default_factory=threading.Lock)
    began_ms: int = field(init=False)

    def __post_init__(self) -> None:
        """Note when the run began: from before, nothing can be known."""
        self.began_ms = self.now_ms()

    def put(self, metric: Metric, value: float, at_ms: int | None = None) -> None:
        """Add a value of a moment (UTC ms), or of now."""
        now = self.now_ms()
        minute = (now if at_ms is None else at_ms) // MINUTE_MS
        with self._writing:
            minutes = self._values[metric]
            if minute not in minutes:
                for old in [m for m in minutes if m < now // MINUTE_MS - KEPT_MINUTES]:
                    del minutes[old]
            minutes[minute].append(value)

    def window(self, metric: Metric, first: int, last: int) -> list[float]:
        """Return the values of the minutes from `first` to `last`, both included (minutes since 1970)."""
        with self._writing:
            minutes = self._values.get(metric, {})
            return [value for m in range(first, last + 1) for value in minutes.get(m, ())]

    def named(self, namespace: str, name: str) -> list[Metric]:
        """Return all metrics of a name, whatever their dimensions."""
        with self._writing:
            found = [m for m in self._values if (m.namespace, m.name) == (namespace, name)]
        return sorted(found, key=lambda m: sorted(m.dimensions))

    def count_call(self, function: str, lasted_ms: float, *, failed: bool) -> None:
        """Count the call of a function, as `AWS/Lambda` does. `function`: its logical id."""
        of = frozenset({("FunctionName", function)})
        self.put(Metric("AWS/Lambda", "Invocations", of), 1)
        self.put(Metric("AWS/Lambda", "Errors", of), float(failed))
        self.put(Metric("AWS/Lambda", "Duration", of), lasted_ms)

    def count_request(self, stack: str, route: tuple[str, str], status: int, ms: float) -> None:
        """Count a request, as `AWS/ApiGateway` does: for the stage, and for its route (method and resource)."""
        stage = {("ApiName", stack), ("Stage", "api")}
        method, resource = route
        for of in (stage, stage | {("Method", method), ("Resource", resource)}):
            dimensions = frozenset(of)
            self.put(Metric("AWS/ApiGateway", "Count", dimensions), 1)
            self.put(Metric("AWS/ApiGateway", "5XXError", dimensions), float(status >= 500))
            self.put(Metric("AWS/ApiGateway", "Latency", dimensions), ms)


@dataclass(frozen=True)
class MetricFilter:
    """A metric filter of the template: lines of a log group that fit the pattern count 1."""

    group: str
    pattern: ast.expr
    metric: Metric

    def fits(self, line: Json) -> bool:
        """Return whether a log line fits."""
        try:
            return bool(expressions.evaluate(self.pattern, line))
        except (expressions.Missing, TypeError):
            return False


@dataclass(frozen=True)
class LogReader:
    """Reads metrics out of log lines: values in the Embedded Metric Format, and those of metric filters."""

    metrics: Metrics
    filters: tuple[MetricFilter, ...]

    def take(self, function: str, lines: Iterable[str]) -> None:
        """Read the lines that one call of a function wrote. `function`: its logical id."""
        filters = [entry for entry in self.filters if entry.group == f"{function}LogGroup"]
        for text in lines:
            with contextlib.suppress(ValueError):
                line = json.loads(text)
                self._take_embedded(line)
                for entry in filters:
                    if entry.fits(line):
                        self.metrics.put(entry.metric, 1, line.get("at"))

    def _take_embedded(self, line: Json) -> None:
        about = line.get("_aws", {})
        for directive in about.get("CloudWatchMetrics", ()):
            for names in directive["Dimensions"]:
                dimensions = frozenset((name, str(line[name])) for name in names)
                for measured in directive["Metrics"]:
                    name = measured["Name"]
                    metric = Metric(directive["Namespace"], name, dimensions)
                    self.metrics.put(metric, line[name], about["Timestamp"])
