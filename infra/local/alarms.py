"""The alarms of the template, evaluated as CloudWatch does, on what the embedded cloud measures.

A period ends now, not at its next boundary: who practises sees at once what an error does.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.local import expressions
from infra.local.metrics import Metric, MetricFilter, Metrics, statistic
from infra.local.resources import STACK
from infra.local.timekeeper import MINUTE_MS

Json = dict[str, Any]

STAGE = "local"
FILES = ("alarms.yaml", "own_alarms.yaml", "presence.yaml")
MEASURED = ("Kaochang", "AWS/ApiGateway", "AWS/Lambda", "AWS/SQS")
NOT_MEASURED = {"Throttles", "IteratorAge", "ApproximateAgeOfOldestMessage"}  # of these
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
SIGNS = {
    "GreaterThanOrEqualToThreshold": "≥",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
}


class Template:
    """The files of `infra/` that have alarms and metric filters, with parameters and names filled in."""

    def __init__(self, folder: Path) -> None:
        whole: dict[str, Json] = {"Parameters": {}, "Resources": {}}
        for file in (folder / name for name in FILES):
            if file.exists():  # a project in miniature has none
                content = yaml.safe_load(file.read_text("utf-8"))
                for part, entries in whole.items():
                    entries.update(content.get(part, {}))
        defaults = {name: p.get("Default") for name, p in whole["Parameters"].items()}
        self._values: Json = defaults | {"AWS::StackName": STACK, "Stage": STAGE}
        self._resources = whole["Resources"]

    def of_type(self, kind: str) -> dict[str, Json]:
        """Return the properties of all resources of a type, by their names."""
        return {
            name: self.filled(entry["Properties"])
            for name, entry in self._resources.items()
            if entry.get("Type") == kind
        }

    def filled(self, value: Any) -> Any:
        """Return a value with `Ref`, `Fn::Sub` and `Fn::GetAtt` replaced. A resource stands for its own name."""
        if isinstance(value, list):
            return [self.filled(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        if "Ref" in value:
            return self._values.get(value["Ref"], value["Ref"])
        if "Fn::GetAtt" in value:
            return value["Fn::GetAtt"][0]
        if "Fn::Sub" in value:
            return self.text(value["Fn::Sub"])
        return {name: self.filled(entry) for name, entry in value.items()}

    def text(self, text: str) -> str:
        """Return a text with its `${…}` replaced."""
        return re.sub(
            r"\$\{([\w:]+)(?:\.\w+)?\}",
            lambda found: str(self._values.get(found[1], found[1])),
            text,
        )

    def filters(self) -> tuple[MetricFilter, ...]:
        """Return the metric filters. The group is the name of its resource, such as `ApiHandlerLogGroup`."""
        return tuple(
            MetricFilter(
                entry["LogGroupName"],
                expressions.pattern(entry["FilterPattern"]),
                Metric(made["MetricNamespace"], made["MetricName"]),
            )
            for entry in self.of_type("AWS::Logs::MetricFilter").values()
            for made in entry["MetricTransformations"]
        )


@dataclass(frozen=True)
class Query:
    """One metric of an alarm or a chart, with its statistic and its period in minutes."""

    metric: Metric
    stat: str
    minutes: int

    def value(self, metrics: Metrics, last: int) -> float | None:
        """Return the statistic of the period that ends with the minute `last`."""
        return statistic(metrics.window(self.metric, last - self.minutes + 1, last), self.stat)


def is_measured(metric: Metric) -> bool:
    """Return whether the embedded cloud has values of this metric at all."""
    return metric.namespace.startswith(MEASURED) and metric.name not in NOT_MEASURED


def evaluate_alarm(alarm: Json, metrics: Metrics, now_ms: int) -> Json:
    """Return name, text, state (`ok`, `alarm`, `no_data`, `not_measured`), condition and newest values of an alarm."""
    value, queries = _reader(alarm, metrics)
    minutes = max(query.minutes for query in queries) if queries else 1
    count = int(alarm["EvaluationPeriods"])
    values = [value(now_ms // MINUTE_MS - minutes * back) for back in range(count)]
    lived = (now_ms - metrics.began_ms) // (minutes * MINUTE_MS)  # whole periods of this run
    measured = bool(queries) and all(is_measured(query.metric) for query in queries)
    needed = int(alarm.get("DatapointsToAlarm", count))
    return {
        "name": alarm["AlarmName"].removeprefix(f"{STACK}-"),
        "text": alarm["AlarmDescription"],
        "state": _state(alarm, values, lived, needed) if measured else "not_measured",
        "condition": f"{SIGNS[alarm['ComparisonOperator']]} {alarm['Threshold']:g}",
        "of": [f"{query.metric.name} · {query.stat}" for query in queries],
        "period_s": minutes * 60,
        "needed": f"{needed}/{count}",
        "values": values,
    }


def _state(alarm: Json, values: list[float | None], lived: int, needed: int) -> str:
    """Return `ok`, `alarm` or `no_data`. A period from before the start of the run never breaches for want of data."""
    breaches = _COMPARISONS[alarm["ComparisonOperator"]]
    missing = alarm.get("TreatMissingData", "missing")
    told = [breaches(value, alarm["Threshold"]) for value in values if value is not None]
    unknown = sum(value is None for value in values[:lived])
    breaching = sum(told) + (unknown if missing == "breaching" else 0)
    if breaching >= needed:
        return "alarm"
    return "ok" if told or missing == "notBreaching" else "no_data"


def _reader(alarm: Json, metrics: Metrics) -> tuple[Callable[[int], float | None], list[Query]]:
    """Return the function that gives the value of the period that ends with a minute, and the metrics behind it."""
    if "Metrics" not in alarm:
        stat = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        query = Query(metric_of(alarm), stat, alarm["Period"] // 60)
        return lambda last: query.value(metrics, last), [query]
    queries = {
        entry["Id"]: Query(
            metric_of(entry["MetricStat"]["Metric"]),
            entry["MetricStat"]["Stat"],
            entry["MetricStat"]["Period"] // 60,
        )
        for entry in alarm["Metrics"]
        if "MetricStat" in entry
    }
    [shown] = [entry["Expression"] for entry in alarm["Metrics"] if entry.get("ReturnData", True)]
    if not queries:  # a query over metrics that are not here
        return lambda last: None, []
    return math_reader(shown, queries, metrics), list(queries.values())


def math_reader(
    expression: str, queries: dict[str, Query], metrics: Metrics
) -> Callable[[int], float | None]:
    """Return the function that computes an expression for the period that ends with a minute."""
    parsed = expressions.math(expression)

    def value(last: int) -> float | None:
        names = {name: query.value(metrics, last) for name, query in queries.items()}
        try:
            return float(expressions.evaluate(parsed, names))
        except expressions.Missing:
            return None

    return value


def metric_of(content: Json) -> Metric:
    """Return the metric that an alarm's properties name."""
    dimensions: Iterable[Json] = content.get("Dimensions", ())
    return Metric(
        content["Namespace"],
        content["MetricName"],
        frozenset((entry["Name"], entry["Value"]) for entry in dimensions),
    )
