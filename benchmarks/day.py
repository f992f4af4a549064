"""Count the cost of one candidate's whole day: 45 minutes of waiting, 60 of exam, 100 and 40 questions, every snapshot.

    python -m benchmarks.day [--items]

Counts of an emulated run (moto), through the same handlers and event JSON as on AWS: requests, uploads, and each change
that the stream of the attempts tells. `benchmarks/meter.py` says how units are counted; `--items` lists them by kind of
item and index.
"""

import math
import pathlib
import sys
from dataclasses import dataclass, field
from typing import Any

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks.behind_moto import enrolled  # noqa: E402
from benchmarks.meter import Change, Meter, counting  # noqa: E402

SNAPSHOTS = 22  # an exam of the default policy has 15 to 25
EXAM_MS, BEAT_MS, WAITING_BEAT_MS = (
    3_595_000,
    30_000,
    60_000,
)  # the last seconds are for the submission
GOLDEN = (math.sqrt(5) - 1) / 2
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
BUDGETS = {
    100: {"API calls": 230, "write units": 195, "USD": 0.0011},
    40: {"API calls": 225, "write units": 135, "USD": 0.0011},
}


@dataclass
class Day:
    """What one day has cost. `changes`: writes of the attempt that the stream told; `entries`: of the timeline."""

    meter: Meter = field(default_factory=Meter)
    calls: int = 0
    pictures: int = 0
    changes: int = 0
    entries: int = 0

    def dollars(self) -> float:
        """The price of the day, without text messages."""
        api, faces = self.calls * API_MS * API_GB, self.pictures * FACE_MS * FACE_GB
        amounts = {
            "API call": self.calls,
            "Lambda request": self.calls + self.pictures + self.changes,
            "GB-second": (api + faces) / 1000,
            "write unit": self.meter.write_units,
            "read unit": self.meter.read_units,
            "S3 write": 2 * self.pictures + 1,  # the seal of the submission
            "S3 read": self.pictures,
            "KMS call": self.entries,
        }
        return sum(PRICES[what] * amount for what, amount in amounts.items())


def main() -> int:
    """Play both days and print the table. Returns 1 when a budget is missed."""
    missed = False
    for questions, budgets in BUDGETS.items():
        day = lived(questions)
        found = {
            "API calls": day.calls,
            "write units": day.meter.write_units,
            "USD": day.dollars(),
        }
        missed |= any(found[what] > budget for what, budget in budgets.items())
        print(f"| {questions} questions | measured | budget | |\n|---|---:|---:|---|")
        for what, budget in budgets.items():
            verdict = "ok" if found[what] <= budget else "MISSED"
            print(f"| {what} | {found[what]:.4g} | {budget:g} | {verdict} |")
        print(f"| read units | {day.meter.read_units:g} | | |")
        for what in ("pictures", "changes", "entries"):
            print(f"| {what} | {getattr(day, what)} | | |")
        if "--items" in sys.argv:
            list_items(day.meter)
    return int(missed)


def list_items(meter: Meter) -> None:
    """Print the units by kind of item and index."""
    print("\n| table | item | index | write units | largest, bytes |\n|---|---|---|---:|---:|")
    for (table, kind, index), number in meter.writes.most_common():
        largest = "" if index else meter.largest[table, kind]
        print(f"| {table} | {kind} | {index} | {number} | {largest} |")
    print("\n| table | item | index | read units |\n|---|---|---|---:|")
    for (table, kind, index), read in meter.reads.most_common():
        print(f"| {table} | {kind} | {index} | {read:g} |")


def lived(questions: int) -> Day:
    """Play the day with a paper of so many questions. What registration and profile cost is not in it."""
    day = Day()
    with enrolled(45, **big_pack(questions)) as (person, clock), counting(day.meter):
        person.api.answers.clear()
        play(person, clock, day, questions)
        day.calls = len(person.api.answers)
    return day


def play(person: Any, clock: Any, day: Day, questions: int) -> None:
    """Live the day: check in, wait, answer, submit, look at the result."""
    began = clock.now + 45 * 60_000
    person.open()
    person.come_in()
    day.pictures += 1
    while clock.now < began:
        clock.advance(s=WAITING_BEAT_MS // 1000)
        follow(day, person.post("heartbeat", {}), person)
    assert person.post("start").status == 200
    person.get("paper")
    write(person, clock, day, questions, began)
    assert person.post("submission", {}).status == 200
    while follow(day, person.post("heartbeat", {}), person):
        clock.advance(s=BEAT_MS // 1000)
    person.get("result")
    follow_changes(day)


def write(person: Any, clock: Any, day: Day, questions: int, began: int) -> None:
    """Answer all questions at irregular times. A save counts as a heartbeat, so heartbeats only fill the gaps."""
    spread = [number * GOLDEN % 1 for number in range(1, questions + 1)]
    drawn = [-math.log1p(-part) for part in spread]  # as random arrivals, and the same each time
    clock.now, passed = began, 0.0
    for number, gap in enumerate(drawn, start=1):
        passed += gap
        at = began + int(EXAM_MS * passed / sum(drawn))
        while clock.now + BEAT_MS < at:
            clock.now += BEAT_MS
            follow(day, person.post("heartbeat", {}), person)
        clock.now = at
        saved = person.save(number, number, {str(number): "A"})
        assert saved.status == 200
        follow(day, saved, person)


def follow(day: Day, answer: Any, person: Any) -> bool:
    """Upload a frame for each ticket of an answer and let it be judged. Returns whether there were any."""
    from tests.api import deliver, upload

    tickets = answer.json["snapshots"]
    for ticket in tickets:
        deliver(upload(ticket["upload"], person.picture("frame_a.jpg")))
        day.pictures += 1
    follow_changes(day)
    return bool(tickets)


def follow_changes(day: Day) -> None:
    """Tell the changes of the attempt so far, in their order, as the table's stream does."""
    from tests.api import run

    while day.meter.changes:
        change = day.meter.changes.pop(0)
        image = change.after or {}
        if image.get("sk") == {"S": "ATTEMPT"}:
            day.changes += 1
            run("chalicelib.handlers.changes.record_changes", stream_event(change))
        day.entries += image.get("sk", {}).get("S", "").startswith("EVENT#")


def stream_event(change: Change) -> dict[str, Any]:
    """One record of the attempts' stream."""
    after = change.after or {}
    told = {"Keys": {name: after[name] for name in ("attempt_id", "sk")}, "NewImage": after}
    told |= {"SequenceNumber": "1", "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    told["ApproximateCreationDateTime"] = 1
    told |= {"OldImage": change.before} if change.before else {}
    record = {"eventID": "1", "eventName": "MODIFY", "dynamodb": told, "awsRegion": "us-east-1"}
    arn = "arn:aws:dynamodb:us-east-1:1:table/attempts/stream/1"
    return {"Records": [{**record, "eventSource": "aws:dynamodb", "eventSourceARN": arn}]}


def big_pack(questions: int) -> dict[str, bytes]:
    """The example pack with a paper of so many questions and a fixed number of snapshots."""
    rows = ["编号,题型,题干,选项A,选项B,选项C,选项D,答案"]
    rows += [
        f"Q-{n:03},单选题,编号为{n}的说法中正确的是,甲,乙,丙,丁,A" for n in range(1, questions + 21)
    ]
    pack = (ROOT / "examples/agency-practitioners/exam.yaml").read_text("utf-8")
    head = pack[: pack.index("sections:")]
    points = 100 / questions
    sections = f"sections:\n  - {{id: single, title: 单选题, type: single, count: {questions}, points: {points:g}}}\n"
    snapshots = f"\n  snapshots_min: {SNAPSHOTS}\n  snapshots_max: {SNAPSHOTS}\n  duration_min:"
    empty = "编号,题型,题干,答案\nJ-1,判断题,对吗,正确\n".encode()
    return {
        "exam.yaml": (head.replace("\n  duration_min:", snapshots) + sections).encode(),
        "questions/single.csv": "\n".join(rows).encode(),
        "questions/multiple.csv": empty,
        "questions/judge.csv": empty.replace(b"J-1", b"J-2"),
    }


if __name__ == "__main__":
    sys.exit(main())
