"""Count the cost of one candidate's whole day: 45 minutes of waiting, 60 of exam, 100 questions, every snapshot.

    python -m benchmarks.day

Counts of an emulated run (moto), through the same handlers and event JSON as on AWS. Write units follow
DynamoDB's rule: a write is billed on the whole item, per started KiB, and once more per index it moves in.
"""

import contextlib
import io
import math
import pathlib
import sys
from collections import Counter
from typing import Any
from unittest import mock

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
PICTURES = ROOT / "var/pictures"
QUESTIONS = 100
# us-east-1 list prices in USD: API Gateway REST per call; Lambda per request and GB-second; DynamoDB on
# demand per write and read unit; S3 per PUT and GET; KMS per request; EventBridge gives S3's events for free.
PRICES = {
    "API call": 3.5e-6,
    "Lambda request": 0.2e-6,
    "GB-second": 16.6667e-6,
    "write unit": 0.625e-6,
    "read unit": 0.125e-6,
    "S3 write": 5e-6,
    "S3 read": 0.4e-6,
    "KMS call": 3e-6,
}
API_MS, API_GB, FACE_MS, FACE_GB = 15, 0.5, 500, 1.5  # assumed durations, a warm function
BUDGETS = {"API calls": 300, "write units": 600, "USD": 0.003}


class Meter:
    """Counts what goes to DynamoDB and S3."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def dynamodb(self, operation: str, request: dict[str, Any], answer: dict[str, Any]) -> None:
        """Count one conditional write by the size of the item it leaves behind."""
        item = answer.get("Attributes") or request.get("Item") or {}
        names = str(request.get("UpdateExpression", "")) + str(
            request.get("ExpressionAttributeNames")
        )
        moves = 2 if "due_bucket" in names or operation == "put_item" else 0
        self.counts["write units"] += max(1, math.ceil(size(item) / 1024)) + moves
        self.counts["largest item, bytes"] = max(self.counts["largest item, bytes"], size(item))


def size(item: dict[str, Any]) -> int:
    """Return about the bytes of an item as DynamoDB counts them: names and values in UTF-8, 3 per map or list."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: dict[str, Any]) -> int:
    """Bytes of one value."""
    [(kind, inner)] = value.items()
    if kind == "M":
        return 3 + size(inner) + len(inner)
    if kind == "L":
        return 3 + sum(value_size(entry) + 1 for entry in inner)
    if kind == "N":
        return len(inner) // 2 + 1
    return len(inner.encode()) if isinstance(inner, str) else len(inner) if kind == "B" else 1


def main() -> int:
    """Play the day and print the table. Returns 1 when a budget is exceeded."""
    from tests import cloud, environment

    environment.set_environment()
    meter = Meter()
    with cloud.running(), contextlib.redirect_stdout(io.StringIO()):
        calls = live(meter)
    reads = meter.counts["reads"]
    pictures = meter.counts["pictures"]
    lambdas = calls * API_MS * API_GB / 1000 + pictures * FACE_MS * FACE_GB / 1000
    amounts = {
        "API call": calls,
        "Lambda request": calls + pictures + meter.counts["changes"],
        "GB-second": lambdas,
        "write unit": meter.counts["write units"],
        "read unit": reads,
        "S3 write": 2 * pictures + 1,  # the seal of the submission
        "S3 read": pictures,
        "KMS call": meter.counts["changes"],
    }
    dollars = sum(PRICES[what] * amount for what, amount in amounts.items())
    found = {"API calls": calls, "write units": meter.counts["write units"], "USD": dollars}
    print("| a candidate's whole day | measured | budget | |\n|---|---:|---:|---|")
    for what, budget in BUDGETS.items():
        verdict = "ok" if found[what] <= budget else "MISSED"
        print(f"| {what} | {found[what]:.4g} | {budget:g} | {verdict} |")
    for what in ("pictures", "largest item, bytes", "changes"):
        print(f"| {what} | {meter.counts[what]} | | |")
    print(f"| read units (strongly consistent, at least) | {reads} | | |")
    return int(any(found[what] > budget for what, budget in BUDGETS.items()))


def live(meter: Meter) -> int:
    """Play the day. Returns the number of API calls."""
    from chalicelib.shared import clock as product_clock
    from chalicelib.shared import table
    from tests.api import Api, publish, run
    from tests.clock import T0, StandingClock
    from tests.integration.candidates import Candidate, stored, stream_record

    clock = StandingClock(T0 - 45 * 60_000)
    conditional, get = table._conditional, table.get

    def metered(operation: str, request: dict[str, Any]) -> Any:
        answer = conditional(operation, request)
        meter.dynamodb(operation, request, answer)
        return answer

    def metered_get(where: str, key: Any) -> Any:
        item = get(where, key)
        plain = {name: table.to_wire(value) for name, value in (item or {}).items()}
        meter.counts["reads"] += max(1, math.ceil(size(plain) / 4096))
        return item

    with (
        mock.patch.object(product_clock, "now_ms", lambda: clock.now),
        mock.patch.object(table, "_conditional", metered),
        mock.patch.object(table, "get", metered_get),
    ):
        assert publish("agency-practitioners", T0, **big_pack())["ok"]
        meter.counts.clear()
        api = Api(clock)
        person = Candidate(api, str(PICTURES))
        person.enrol()
        person.open()
        person.come_in()
        meter.counts["pictures"] += 2
        while clock.now < T0:
            clock.advance(s=60)
            person.post("heartbeat", {})
        assert person.post("start").status == 200
        person.get("paper")
        write(person, clock, meter, T0)
        person.post("submission", {})
        settle(person, clock, meter)
        before = stored(person)
        event = stream_record(person)
        event["Records"][0]["dynamodb"]["OldImage"] = before
        run("chalicelib.handlers.changes.record_changes", event)
        # Each decided change of the attempt also writes one signed entry of the timeline, 1 KiB at most but for the
        # first one (1.6 kB), and reads the newest one; behind each verdict lie findings that are read as well.
        version = int(before["version"]["N"])
        meter.counts["write units"] += version + 1
        meter.counts["reads"] += version + meter.counts["pictures"]
        meter.counts["changes"] = version
        person.get("result")
    return len(api.answers)


def write(person: Any, clock: Any, meter: Meter, began: int) -> None:
    """Answer a question every 35 s. A save counts as a heartbeat, so heartbeats only fill the gaps."""
    for number in range(1, QUESTIONS + 1):
        clock.now = began + number * 35_000
        assert person.save(number, number, {str(number): "A"}).status == 200
        if number % 2 == 0:
            deliver_all(person, meter, person.post("heartbeat", {}).json["snapshots"])


def settle(person: Any, clock: Any, meter: Meter) -> None:
    """Deliver the frames that are still asked for after the submission."""
    while tickets := person.post("heartbeat", {}).json["snapshots"]:
        deliver_all(person, meter, tickets)


def deliver_all(person: Any, meter: Meter, tickets: list[Any]) -> None:
    """Upload a frame for each ticket and let it be judged."""
    from tests.api import deliver, upload

    for ticket in tickets:
        deliver(upload(ticket["upload"], person.picture("frame_a.jpg")))
        meter.counts["pictures"] += 1


def big_pack() -> dict[str, bytes]:
    """The example pack with a paper of 100 questions."""
    rows = ["编号,题型,题干,选项A,选项B,选项C,选项D,答案"]
    rows += [
        f"Q-{n:03},单选题,编号为{n}的说法中正确的是,甲,乙,丙,丁,A" for n in range(1, QUESTIONS + 21)
    ]
    pack = (ROOT / "examples/agency-practitioners/exam.yaml").read_text("utf-8")
    head = pack[: pack.index("sections:")]
    sections = f"sections:\n  - {{id: single, title: 单选题, type: single, count: {QUESTIONS}, points: 1}}\n"
    empty = "编号,题型,题干,答案\nJ-1,判断题,对吗,正确\n".encode()
    return {
        "exam.yaml": (head + sections).encode(),
        "questions/single.csv": "\n".join(rows).encode(),
        "questions/multiple.csv": empty,
        "questions/judge.csv": empty.replace(b"J-1", b"J-2"),
    }


if __name__ == "__main__":
    sys.exit(main())
