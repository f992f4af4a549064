"""Joins what measures (functions, gateway, log lines) with what shows it (the alarms and charts of the dashboard)."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from infra.local.alarms import Template
from infra.local.charts import Charts
from infra.local.functions import API, Function, Outcome
from infra.local.metrics import API_LOGICAL_ID, WAITING, LogReader, Metric, Metrics
from infra.local.resources import STACK

SNAPSHOT_JUDGE = "UploadsJudgeSnapshot"
SNAPSHOT_QUEUE = "SnapshotUploads"
# The queues of dead letters on AWS, by the kind of a function's events. Here they are lines of one file.
DEAD_QUEUES = {"DynamoDBEvent": "FailedChanges", "SQSEvent": "FailedWebhooks"}


class Measured:
    """The metrics of this run. `folder`: where the files of the template are."""

    def __init__(self, folder: Path, now_ms: Callable[[], int]) -> None:
        self._dead: Counter[str] = Counter()
        template = Template(folder)
        self._metrics = Metrics(now_ms)
        self._log = LogReader(self._metrics, template.filters())
        self.charts = Charts(template, self._metrics)

    def observe(self, function: Function, outcome: Outcome, lasted_ms: float) -> None:
        """Count the call of a function and read its log lines."""
        name = API_LOGICAL_ID if function.name == API else function.logical_id
        self._metrics.count_call(name, lasted_ms, failed=not outcome.ok)
        self._log.take(function.logical_id, outcome.lines)

    def count_request(self, route: tuple[str, str], status: int, lasted_ms: float) -> None:
        """Count a request of a route (method and resource)."""
        self._metrics.count_request(STACK, route, status, lasted_ms)

    def count_dead_letter(self, function: Function) -> None:
        """Count an event that its function gave up. On AWS it stays in a queue; here it stays counted in this run."""
        queue = DEAD_QUEUES.get(function.kind, "FailedEvents")
        self._dead["FailedSnapshots" if function.logical_id == SNAPSHOT_JUDGE else queue] += 1
        self._measure_queues(self._dead)

    def take_sample(self, waiting_snapshots: int) -> None:
        """Note once a minute how many messages wait in the queues."""
        self._measure_queues(self._dead | {SNAPSHOT_QUEUE: waiting_snapshots})

    def _measure_queues(self, lengths: dict[str, int]) -> None:
        for queue, length in lengths.items():
            named = frozenset({("QueueName", queue)})
            self._metrics.put(Metric("AWS/SQS", WAITING, named), length)
