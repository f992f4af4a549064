"""The alarms and charts of the dashboard, as numbers for the page that draws them."""

import re
from dataclasses import dataclass
from typing import Any

from infra.local.alarms import STAGE, Query, Template, evaluate_alarm, is_measured, math_reader
from infra.local.metrics import Metric, Metrics
from infra.local.timekeeper import MINUTE_MS

Json = dict[str, Any]

SHOWN_MINUTES = 180  # `start` of infra/dashboard.yaml
_SEARCH = re.compile(r"SEARCH\('\{(.+?)\} MetricName=\"(\w+)\".*?', '(\w+)', (\d+)\)")


@dataclass(frozen=True)
class Charts:
    """Evaluates the widgets of the dashboard that are not functions."""

    template: Template
    metrics: Metrics

    def figures(self, widget: Json) -> Json | None:
        """Return what a widget of alarms or of metrics shows now; None for one of a function."""
        properties = self._filled(widget["properties"])
        if widget["type"] == "alarm":
            return {"alarms": self._alarms(properties["alarms"])}
        if widget["type"] == "metric":
            return self._chart(properties)
        return None

    def _filled(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._filled(entry) for entry in value]
        if isinstance(value, dict):
            return {name: self._filled(entry) for name, entry in value.items()}
        return self.template.text(value) if isinstance(value, str) else value

    def _alarms(self, names: list[str]) -> list[Json]:
        """Return the named alarms: those that ring first, those that nothing measures last."""
        order = ("alarm", "no_data", "ok", "not_measured")
        alarms = self.template.of_type("AWS::CloudWatch::Alarm")
        now = self.metrics.now_ms()
        evaluated = [evaluate_alarm(alarms[name], self.metrics, now) for name in names]
        return sorted(evaluated, key=lambda alarm: order.index(alarm["state"]))

    def _chart(self, properties: Json) -> Json:
        """Return the lines of a chart: `points` are pairs of a moment (UTC ms) and a value."""
        rows = [self._row(entry) for entry in properties["metrics"]]
        queries = {
            options.get("id", f"m{place}"): _query(metric, options, properties)
            for place, (metric, options) in enumerate(rows)
            if metric is not None
        }
        lines: list[Json] = []
        for place, (metric, options) in enumerate(rows):
            if options.get("visible", True):
                query = queries.get(options.get("id", f"m{place}")) if metric else None
                lines += self._lines(query, options, queries)
        end = self.metrics.now_ms()
        left = properties.get("yAxis", {}).get("left", {})
        shown = {"start": end - SHOWN_MINUTES * MINUTE_MS, "end": end, "most": left.get("max")}
        return {**shown, "lines": lines}

    def _row(self, entry: list[Any]) -> tuple[Metric | None, Json]:
        """Return the metric of a row (None for an expression) and the options at its end."""
        options = entry[-1] if isinstance(entry[-1], dict) else {}
        names = [part for part in entry if not isinstance(part, dict)]
        if not names:
            return None, options
        dimensions = frozenset(zip(names[2::2], names[3::2], strict=True))
        return Metric(names[0], names[1], dimensions), options

    def _lines(self, query: Query | None, options: Json, queries: dict[str, Query]) -> list[Json]:
        axis = options.get("yAxis", "left")
        if query is not None:
            measured = is_measured(query.metric)
            return [self._line(options["label"], axis, query, measured=measured)]
        if found := _SEARCH.match(options["expression"].strip()):
            return self._searched(found, axis)
        minutes = max(entry.minutes for entry in queries.values())
        value = math_reader(options["expression"], queries, self.metrics)
        return [self._drawn(options["label"], axis, minutes, value, measured=True)]

    def _searched(self, found: re.Match[str], axis: str) -> list[Json]:
        """Return a line for each metric that a search finds, named by the values that tell it apart."""
        namespace, *names = found[1].split(",")
        wanted = [
            metric
            for metric in self.metrics.named(namespace, found[2])
            if {name for name, _ in metric.dimensions} == set(names)
            and ("stage", STAGE) in metric.dimensions
        ]
        return [
            self._line(
                " ".join(value for name, value in sorted(metric.dimensions) if name != "stage"),
                axis,
                Query(metric, found[3], int(found[4]) // 60),
                measured=True,
            )
            for metric in wanted
        ]

    def _line(self, label: str, axis: str, query: Query, *, measured: bool) -> Json:
        def value(last: int) -> float | None:
            return query.value(self.metrics, last)

        return self._drawn(label, axis, query.minutes, value, measured=measured)

    def _drawn(self, label: str, axis: str, minutes: int, value: Any, *, measured: bool) -> Json:
        """Return a line with one point for each period that has a value."""
        last = self.metrics.now_ms() // MINUTE_MS
        ends = range(last - SHOWN_MINUTES // minutes * minutes + minutes, last + 1, minutes)
        points = [[end * MINUTE_MS, told] for end in ends if (told := value(end)) is not None]
        period_ms = minutes * MINUTE_MS
        return {
            "label": label,
            "axis": axis,
            "measured": measured,
            "period_ms": period_ms,
            "points": points,
        }


def _query(metric: Metric, options: Json, properties: Json) -> Query:
    stat = options.get("stat") or properties.get("stat", "Average")
    return Query(metric, stat, properties["period"] // 60)
