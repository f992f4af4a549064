"""`verify_attempt` names whatever is changed in the tables afterwards."""

import base64
import copy
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import boto3
import msgspec
import pytest
from botocore.exceptions import ClientError
from moto.kms.models import kms_backends

from chalicelib.attempts import deciding, watch
from chalicelib.attempts import store as attempts
from chalicelib.attempts.items import from_item, verdicts_of
from chalicelib.desk import evidence_view
from chalicelib.desk import texts as t
from chalicelib.desk.widget import NEIGHBOURS
from chalicelib.shared import clients, objects, settings, table
from chalicelib.shared.clock import DAY_MS
from chalicelib.shared.table import item_from_wire
from chalicelib.timeline import auditing, sealing, store, verifying
from chalicelib.timeline import model as timeline
from chalicelib.timeline.model import FIRST, TimelineEntry
from chalicelib.timeline.verifying import Problem, ProblemKind, StoredEvidence, Verified
from tests.api import Api, minute, run
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT, create_evidence_key
from tests.faults import failing
from tests.integration.candidates import MINUTE, Candidate
from tests.integration.watching import deliver_frame, leave, next_ticket
from tests.lived import once

VERIFY = "chalicelib.handlers.audits.verify_attempt"
RECORD = "chalicelib.handlers.changes.record_changes"
KEY = ENVIRONMENT["EVIDENCE_KEY_ID"]
OTHER_KEY = "0e51de4c-0000-4000-8000-000000000002"
KEY_MADE_AT = 1_790_000_000_000  # tests/cloud.py
# What no entry speaks of: it changes without a decision, or says nothing about the candidate.
LOOSE = {"attempt_id", "sk", "write_id", "follow_up", "acked_seq", "saved_at"}
LOOSE_OF_RESULT = {"attempt_id", "sk", "version", "history"}


class Stream:
    """What the table's stream would tell of attempts: each write with the item before and after it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.records: list[dict[str, Any]] = []
        write = table._conditional

        def told(operation: str, request: dict[str, Any]) -> Any:
            key = request.get("Key", request.get("Item", {}))
            if key.get("sk") != {"S": "ATTEMPT"}:
                return write(operation, request)
            keys = {name: key[name] for name in ("attempt_id", "sk")}
            before = self._item(keys)
            answer = write(operation, request)
            self.records.append(self._record(keys, before, self._item(keys)))
            return answer

        monkeypatch.setattr(table, "_conditional", told)

    def _item(self, keys: dict[str, Any]) -> dict[str, Any]:
        name = ENVIRONMENT["ATTEMPTS_TABLE"]
        found = boto3.client("dynamodb").get_item(TableName=name, Key=keys)
        return dict(found.get("Item", {}))

    def _record(self, keys: Any, before: Any, after: Any) -> dict[str, Any]:
        number = str(len(self.records) + 1)
        change = {"Keys": keys, "NewImage": after, "SequenceNumber": number, "SizeBytes": 1}
        change |= {"StreamViewType": "NEW_AND_OLD_IMAGES", "ApproximateCreationDateTime": 1}
        change |= {"OldImage": before} if before else {}
        record = {"eventID": number, "eventName": "MODIFY", "dynamodb": change}
        arn = "arn:aws:dynamodb:us-east-1:1:table/attempts/stream/1"
        record |= {"eventSource": "aws:dynamodb", "eventSourceARN": arn}
        return {**record, "awsRegion": "us-east-1"}

    def tell(self, times: int = 1) -> None:
        """Everything that was not told yet."""
        waiting, self.records = self.records, []
        for record in waiting:
            for _ in range(times):
                assert run(RECORD, {"Records": [record]}) == {"batchItemFailures": []}


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch, candidate: Candidate) -> Stream:
    return Stream(monkeypatch)


def live(person: Candidate, clock: StandingClock) -> None:
    """A day with a failed and a passed check, answers, an absence, three frames, and a submission."""
    person.open()
    person.steps()
    assert person.verify("frame_b.jpg")["state"] == "failed"
    assert person.verify()["state"] == "passed"
    assert person.admit().status == 201
    clock.now = T0
    assert person.post("start").status == 200
    assert person.save(1, 3, {"1": "A", "2": "B", "3": "C"}).status == 200
    assert leave(person, clock, 1).status == 200
    for picture in ("frame_a.jpg", "frame_b.jpg", "frame_a.jpg"):
        deliver_frame(person, next_ticket(person, clock), picture)
    assert person.save(4, 4, {"2": "D"}).status == 200
    assert person.post("submission", {}).status == 200
    clock.now = T0 + 80 * MINUTE
    minute()


@pytest.fixture
@once
def lived(candidate: Candidate, clock: StandingClock) -> StoredEvidence:
    """Everything that is kept of such a day."""
    with pytest.MonkeyPatch.context() as patched:
        stream = Stream(patched)
        live(candidate, clock)
        stream.tell()
    return evidence(candidate)


def attempt_id(person: Candidate) -> str:
    return person.path.rsplit("/", 1)[-1]


def evidence(person: Candidate) -> StoredEvidence:
    whose = attempt_id(person)
    attempt = deciding.load(whose, None)
    return StoredEvidence(
        attempt_id=whose,
        rows=dict(store.load_everything(whose)),
        graded=deciding.graded(attempt) if attempt.submitted_at else None,
        paper_whole=True,
        without_picture=(),
        slots=frozenset(watch.slots(attempt)),
        seals=store.list_seals(whose),
        signed_since=KEY_MADE_AT,
    )


def code(whose: str, link: TimelineEntry) -> str:
    """What KMS says of an entry."""
    material = kms_backends["123456789012"]["us-east-1"].keys[KEY].key_material
    digest = hmac.digest(material, timeline.message(whose, link), hashlib.sha256)
    return base64.b64encode(digest).decode()


def verify(found: StoredEvidence) -> Verified:
    return verifying.verify(
        found, lambda link: link.key == KEY and link.mac == code(found.attempt_id, link)
    )


def kinds(found: StoredEvidence) -> list[ProblemKind]:
    return [problem.kind for problem in verify(found).problems]


def with_rows(found: StoredEvidence, **rows: Any) -> StoredEvidence:
    """Rows exchanged, or (None) removed. `EVENT__1` names the row `EVENT#1`; ids may have two underscores as well."""
    named = {sk if "#" in sk else sk.replace("__", "#", 1): row for sk, row in rows.items()}
    changed = {**found.rows, **named}
    kept = {sk: row for sk, row in changed.items() if row is not None}
    return msgspec.structs.replace(found, rows=kept)


def entries_of(found: StoredEvidence) -> list[TimelineEntry]:
    rows = (row for sk, row in sorted(found.rows.items()) if sk.startswith("EVENT#"))
    return [msgspec.convert(row, TimelineEntry) for row in rows]


def with_entries(found: StoredEvidence, entries: list[TimelineEntry]) -> StoredEvidence:
    """The same with just these entries."""
    kept = {sk: row for sk, row in found.rows.items() if not sk.startswith("EVENT#")}
    for link in entries:
        sk = timeline.entry_key(link.version)
        kept[sk] = {"attempt_id": found.attempt_id, "sk": sk, **msgspec.to_builtins(link)}
    return msgspec.structs.replace(found, rows=kept)


# --- what is whole --------------------------------------------------------------------------------------


def test_a_whole_day_is_whole(lived: StoredEvidence) -> None:
    found = verify(lived)
    assert found.problems == ()
    assert (found.unsigned, found.unchecked) == (0, ())
    assert found.entries == lived.rows["ATTEMPT"]["version"] > 12


def test_nothing_is_wrong_at_any_moment_of_a_day(
    candidate: Candidate, stream: Stream, clock: StandingClock
) -> None:
    """Told change by change: what is not told yet is missed at the end of the timeline and nowhere else."""
    live(candidate, clock)
    waiting, told = stream.records, 0
    whose = attempt_id(candidate)
    for record in waiting:
        run(RECORD, {"Records": [record]})
        told += 1
        kept = evidence(candidate)
        then = item_from_wire(record["dynamodb"]["NewImage"])
        # Findings are written before the change that tells of them; later ones were not there then.
        written = {name for link in entries_of(kept) for name in link.digests if "#" in name}
        late = {sk for sk in kept.rows if sk.startswith(("SNAPSHOT#", "VERIFICATION#", "TURN#"))}
        rows = {sk: row for sk, row in kept.rows.items() if sk not in {"RESULT", *(late - written)}}
        graded = None
        if then["status"] == "submitted":
            rows["RESULT"] = kept.rows["RESULT"]
            graded = deciding.graded(from_item(then, kept.rows["ATTEMPT#RESTING"]))
        moment = msgspec.structs.replace(kept, rows={**rows, "ATTEMPT": then}, graded=graded)
        assert verify(moment).problems == ()
    assert told > 15
    assert auditing.verify_attempt(attempt_id=whose).problems == ()


def test_a_change_that_was_told_twice_has_one_entry_and_one_that_came_late_its_own(
    candidate: Candidate, stream: Stream, clock: StandingClock
) -> None:
    live(candidate, clock)
    late = stream.records.pop(3)
    stream.tell(times=2)
    missing = [ProblemKind.ENTRIES_MISSING]
    assert missing == [k for k in kinds(evidence(candidate)) if k is ProblemKind.ENTRIES_MISSING]
    for _ in range(2):
        assert run(RECORD, {"Records": [late]}) == {"batchItemFailures": []}
    assert verify(evidence(candidate)).problems == ()


def test_without_the_key_no_entry_is_written_and_none_is_lost(
    candidate: Candidate, stream: Stream, clock: StandingClock
) -> None:
    candidate.open()
    [record] = stream.records
    with failing("kms"):
        failed = run(RECORD, {"Records": [record]})
    assert failed == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert store.list_timeline(attempt_id(candidate)) == []
    stream.tell()
    assert len(store.list_timeline(attempt_id(candidate))) == 1
    assert run(VERIFY, {"attempt_id": attempt_id(candidate)})["ok"]


# --- whatever is changed is named -----------------------------------------------------------------------


def others(value: Any) -> Iterator[Any]:
    """The same value with one thing changed in it, added to it or taken away."""
    match value:
        case bool():
            yield not value
        case int() | float():
            yield value + 1
        case str():
            yield value + "x"
        case bytes():
            yield value + b"x"
        case list():
            yield [*value, "x"]
            for at, entry in enumerate(value):
                yield value[:at] + value[at + 1 :]
                yield from ([*value[:at], other, *value[at + 1 :]] for other in others(entry))
        case dict():
            yield {**value, "x": "x"}
            for name, entry in value.items():
                yield {known: kept for known, kept in value.items() if known != name}
                yield from ({**value, name: other} for other in others(entry))


def changes_of(
    found: StoredEvidence, sk: str, loose: set[str]
) -> Iterator[tuple[str, StoredEvidence]]:
    row = found.rows[sk]
    for name, value in row.items():
        if name in loose:
            continue
        for other in others(value):
            yield name, with_rows(found, **{sk: {**row, name: other}})
        without = {known: kept for known, kept in row.items() if known != name}
        yield name, with_rows(found, **{sk: without})


def test_every_single_change_of_the_attempt_is_named_by_its_attribute(
    lived: StoredEvidence,
) -> None:
    tried = 0
    for name, touched in changes_of(lived, "ATTEMPT", LOOSE):
        found = verify(touched).problems
        tried += 1
        if name == "version":
            assert {p.kind for p in found} & {ProblemKind.NEWEST_MISSING, ProblemKind.ITEM_REWOUND}
        elif name == "answers":
            assert {p.kind for p in found} <= {
                ProblemKind.ANSWER_CHANGED,
                ProblemKind.ANSWERS_CHANGED,
            }
            assert found
        elif name == "rests":  # then nobody knows what rests
            assert ("identity", ProblemKind.ATTRIBUTE_CHANGED) in {(p.about, p.kind) for p in found}
        elif name == "verdicts":
            named = {ProblemKind.VERDICT_CHANGED, ProblemKind.ATTRIBUTE_CHANGED}
            assert {p.kind for p in found} & named
        else:
            assert name in {p.about for p in found if p.kind is ProblemKind.ATTRIBUTE_CHANGED}, name
    for name, touched in changes_of(lived, "ATTEMPT#RESTING", {"attempt_id", "sk"}):
        about = "identity" if name == "since_version" else name
        found = verify(touched).problems
        hidden = name in lived.rows["ATTEMPT"]  # a later change of it counts, not what rests
        tried += 1
        changed = {p.about for p in found if p.kind is ProblemKind.ATTRIBUTE_CHANGED}
        assert hidden or about in changed, name
    assert tried > 200
    assert ProblemKind.ATTRIBUTE_CHANGED in kinds(with_rows(lived, **{"ATTEMPT#RESTING": None}))
    assert ProblemKind.ATTRIBUTE_CHANGED in kinds(
        with_rows(lived, ATTEMPT={**lived.rows["ATTEMPT"], "waiver": {"case_id": "none"}})
    )
    assert kinds(with_rows(lived, ATTEMPT=None))


def test_every_single_change_of_findings_and_result_is_named(lived: StoredEvidence) -> None:
    judged = [sk for sk in lived.rows if sk.startswith(("SNAPSHOT#", "VERIFICATION#"))]
    assert len(judged) == 5
    for sk in judged:
        for _, touched in changes_of(lived, sk, set()):
            assert (ProblemKind.FINDINGS_CHANGED, sk) in {
                (p.kind, p.about) for p in verify(touched).problems
            }
        gone = verify(with_rows(lived, **{sk: None})).problems
        assert {(p.kind, p.about) for p in gone} == {(ProblemKind.FINDINGS_MISSING, sk)}
    for name, touched in changes_of(lived, "RESULT", LOOSE_OF_RESULT):
        assert verify(touched).problems == (Problem(ProblemKind.RESULT_CHANGED, about=name),)
    assert verify(with_rows(lived, RESULT=None)).problems == (Problem(ProblemKind.RESULT_MISSING),)


def test_a_field_that_a_release_adds_to_results_is_no_change_of_the_results_before_it(
    lived: StoredEvidence,
) -> None:
    later = msgspec.structs.replace(lived, graded={**(lived.graded or {}), "percent": 50})
    assert verify(later).problems == ()
    kept = {**lived.rows["RESULT"], "percent": 40}
    assert verify(with_rows(later, RESULT=kept)).problems == (
        Problem(ProblemKind.RESULT_CHANGED, about="percent"),
    )


def test_every_single_change_of_an_entry_is_named_by_its_version(lived: StoredEvidence) -> None:
    for link in entries_of(lived):
        sk = timeline.entry_key(link.version)
        for name, touched in changes_of(lived, sk, {"attempt_id", "sk"}):
            found = [p for p in verify(touched).problems if p.version == link.version]
            named = {p.kind for p in found}
            if name == "version":
                named = {p.kind for p in verify(touched).problems if p.version == link.version}
            assert named & {
                ProblemKind.ENTRY_CHANGED,
                ProblemKind.ENTRY_FORGED,
                ProblemKind.ENTRY_UNSIGNED,
            }, (link.version, name, verify(touched).problems)


def test_an_answer_is_named_by_its_question(lived: StoredEvidence) -> None:
    item = lived.rows["ATTEMPT"]
    for number in ("1", "2", "40"):
        answers = {**item["answers"], number: "ABCD"}
        found = verify(with_rows(lived, ATTEMPT={**item, "answers": answers})).problems
        assert [(p.kind, p.about) for p in found] == [(ProblemKind.ANSWER_CHANGED, number)]
    for answers, named in (
        ({n: a for n, a in item["answers"].items() if n != "7"}, ["7"]),
        ({**item["answers"], "41": "A"}, ["41"]),
        ({**item["answers"], "0": "A"}, ["0"]),
    ):
        found = verify(with_rows(lived, ATTEMPT={**item, "answers": answers})).problems
        assert [p.about for p in found] == named
    odd = verify(with_rows(lived, ATTEMPT={**item, "answers": {**item["answers"], "x": "A"}}))
    assert [p.kind for p in odd.problems] == [ProblemKind.ANSWERS_CHANGED]


def test_a_verdict_is_named_by_its_snapshot(lived: StoredEvidence) -> None:
    item = lived.rows["ATTEMPT"]
    slot = item["verdicts"].index("x")  # a mismatch
    verdicts = item["verdicts"].replace("x", "m", 1)
    found = verify(with_rows(lived, ATTEMPT={**item, "verdicts": verdicts})).problems
    assert [(p.kind, p.about) for p in found] == [(ProblemKind.VERDICT_CHANGED, str(slot + 1))]


# --- entries that are taken out, stripped, forged --------------------------------------------------------


@pytest.mark.parametrize("at", [0, 1, 10, -2])
def test_an_entry_that_was_taken_out_is_missed(lived: StoredEvidence, at: int) -> None:
    entries = entries_of(lived)
    gone = entries.pop(at)
    found = verify(with_entries(lived, entries)).problems
    missing = [p.about for p in found if p.kind is ProblemKind.ENTRIES_MISSING]
    assert missing == [str(gone.version)]


@pytest.mark.parametrize("number", [1, 3])
def test_newest_entries_that_were_taken_out_are_missed(lived: StoredEvidence, number: int) -> None:
    entries = entries_of(lived)
    found = verify(with_entries(lived, entries[:-number])).problems
    last = entries[-1].version
    span = str(last) if number == 1 else f"{last - number + 1}–{last}"
    assert Problem(ProblemKind.NEWEST_MISSING, last, about=span) in found


def test_a_timeline_without_any_entry_is_missed(lived: StoredEvidence) -> None:
    assert ProblemKind.NEWEST_MISSING in kinds(with_entries(lived, []))


def test_an_attempt_that_was_taken_back_together_with_its_timeline_is_known_by_its_seals(
    candidate: Candidate, stream: Stream, clock: StandingClock
) -> None:
    live(candidate, clock)
    submission = next(
        n
        for n, record in enumerate(stream.records)
        if record["dynamodb"]["NewImage"]["status"]["S"] == "submitted"
    )
    before = item_from_wire(stream.records[submission]["dynamodb"]["OldImage"])
    stream.tell()
    kept = evidence(candidate)
    entries = [link for link in entries_of(kept) if link.version <= before["version"]]
    back = with_rows(with_entries(kept, entries), ATTEMPT=before, RESULT=None)
    slots = [sk for sk in back.rows if sk.startswith("SNAPSHOT#")]
    assert len(slots) == 3
    found = verify(back).problems
    assert {p.kind for p in found} == {ProblemKind.SEAL_DIFFERS}
    assert min(p.version or 0 for p in found) == before["version"] + 1


def signed_by(found: StoredEvidence, link: TimelineEntry, how: str) -> TimelineEntry:
    """An entry made by somebody without our key."""
    if how == "nobody":
        return msgspec.structs.replace(link, key="", mac="")
    key, secret = {"own key": (OTHER_KEY, b"own"), "our key's id": (KEY, b"own")}[how]
    mac = hmac.digest(secret, timeline.message(found.attempt_id, link), hashlib.sha256)
    return timeline.sign(link, key, mac)


def forge(
    found: StoredEvidence, link: TimelineEntry, previous: str, facts: Any, how: str
) -> TimelineEntry:
    made = timeline.entry(link.version, link.at + 1, facts, previous, link.digests)
    return signed_by(found, made, how)


@pytest.mark.parametrize("how", ["own key", "our key's id", "nobody"])
def test_an_entry_with_a_right_hash_is_not_ours_without_our_signature(
    lived: StoredEvidence, how: str
) -> None:
    entries = entries_of(lived)
    entries[9] = forge(lived, entries[9], entries[8].previous, [], how)
    found = verify(with_entries(lived, entries)).problems
    kind = ProblemKind.ENTRY_UNSIGNED if how == "nobody" else ProblemKind.ENTRY_FORGED
    assert kind in {p.kind for p in found if p.version == entries[9].version}


@pytest.mark.parametrize("how", ["own key", "our key's id", "nobody"])
def test_a_chain_that_was_forged_to_its_end_is_named_entry_by_entry(
    lived: StoredEvidence, how: str
) -> None:
    entries, forged, previous = entries_of(lived), [], FIRST
    for link in entries:
        forged.append(forge(lived, link, previous, link.facts, how))
        previous = forged[-1].hash
    found = verify(with_entries(lived, forged)).problems
    kind = ProblemKind.ENTRY_UNSIGNED if how == "nobody" else ProblemKind.ENTRY_FORGED
    named = {p.version for p in found if p.kind is kind}
    assert named == {link.version for link in entries}
    assert ProblemKind.SEAL_DIFFERS in {p.kind for p in found}


@pytest.mark.parametrize("version", [2, 12, -1])
def test_a_signature_that_was_taken_off_is_missed(lived: StoredEvidence, version: int) -> None:
    entries = entries_of(lived)
    link = entries[version]
    entries[version] = msgspec.structs.replace(link, key="", mac="")
    found = verify(with_entries(lived, entries)).problems
    assert (ProblemKind.ENTRY_UNSIGNED, link.version) in {(p.kind, p.version) for p in found}


def test_an_entry_of_somebody_else_is_not_ours(lived: StoredEvidence) -> None:
    """With all that belongs to it: what is signed says whose it is."""
    other = msgspec.structs.replace(lived, attempt_id="at_another")
    named = [p.version for p in verify(other).problems if p.kind is ProblemKind.ENTRY_FORGED]
    assert named == [link.version for link in entries_of(lived)]


def test_entries_that_changed_places_are_named(lived: StoredEvidence) -> None:
    one, other = (dict(lived.rows[timeline.entry_key(n)]) for n in (5, 6))
    touched = with_rows(
        lived,
        EVENT__00000005={**other, "sk": one["sk"]},
        EVENT__00000006={**one, "sk": other["sk"]},
    )
    changed = {p.version for p in verify(touched).problems if p.kind is ProblemKind.ENTRY_CHANGED}
    assert changed == {5, 6}


def test_a_row_that_is_no_entry_is_named(lived: StoredEvidence) -> None:
    for row in ({"sk": "EVENT#00000003"}, {**lived.rows["EVENT#00000003"], "facts": "none"}):
        found = verify(with_rows(lived, EVENT__00000003=row)).problems
        assert (ProblemKind.ENTRY_CHANGED, 3) in {(p.kind, p.version) for p in found}
    odd = verify(with_rows(lived, EVENT__last={"sk": "EVENT#last"})).problems
    assert odd == (Problem(ProblemKind.ENTRY_CHANGED),)


@pytest.mark.parametrize("value", ["x", 7, [], {"1": ["x"]}, {"x": "match"}])
@pytest.mark.parametrize("name", ["answers", "verdicts", "version", "opened_at", "status"])
def test_odd_values_are_named_and_break_nothing(
    lived: StoredEvidence, name: str, value: Any
) -> None:
    assert kinds(with_rows(lived, ATTEMPT={**lived.rows["ATTEMPT"], name: value}))


# --- rewritten with a new version, so that the stream tells of it -----------------------------------------


def wire(whose: str) -> dict[str, Any]:
    keys = {"attempt_id": {"S": whose}, "sk": {"S": "ATTEMPT"}}
    name = ENVIRONMENT["ATTEMPTS_TABLE"]
    return dict(boto3.client("dynamodb").get_item(TableName=name, Key=keys)["Item"])


def rewrite(stream: Stream, whose: str, change: Callable[[dict[str, Any]], None]) -> int:
    """Write the item as somebody with rights on the table does, and tell it; the version that it got."""

    def changed(row: dict[str, Any]) -> None:
        change(row)
        row["version"] += 1

    before = wire(whose)
    touch(whose, "ATTEMPT", changed)
    after = wire(whose)
    keys = {name: after[name] for name in ("attempt_id", "sk")}
    stream.records.append(stream._record(keys, before, after))
    stream.tell()
    return int(after["version"]["N"])


def graded_anew(whose: str) -> None:
    """The result as the present answers give it."""
    graded = deciding.graded(deciding.load(whose, None))
    touch(
        whose, "RESULT", lambda row: row.update(json.loads(json.dumps(graded), parse_float=Decimal))
    )


def named(whose: str) -> set[tuple[Any, Any, str]]:
    told = run(VERIFY, {"attempt_id": whose})["problems"]
    return {(p["kind"], p["version"], p["about"]) for p in told}


def test_answers_of_a_second_submission_are_not_those_of_the_first(
    lived: StoredEvidence, stream: Stream
) -> None:
    whose = lived.attempt_id
    first = next(v for v, _ in lived.seals)

    def later(row: dict[str, Any]) -> None:
        row["answers"]["1"] = "ABCD"
        row["submitted_at"] += 1

    version = rewrite(stream, whose, later)
    graded_anew(whose)
    assert named(whose) == {
        ("submitted_again", version, ""),
        ("fixed_changed", version, "submitted_at"),
        ("answer_changed", first, "1"),
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cause", "deadline"),
        ("paper_seed", "0" * 26),
        ("account_id", "ac_other"),
        ("status", "started"),
        ("identity", None),
    ],
)
def test_what_never_changes_after_the_submission_is_named_with_its_entry(
    lived: StoredEvidence, stream: Stream, name: str, value: Any
) -> None:
    identity = lived.rows["ATTEMPT#RESTING"]["identity"]

    def change(row: dict[str, Any]) -> None:
        row[name] = {**identity, "photo_id": "ph_other"} if value is None else value

    version = rewrite(stream, lived.attempt_id, change)
    assert ("fixed_changed", version, name) in named(lived.attempt_id)


def test_a_verdict_that_was_rewritten_with_its_findings_is_named(
    lived: StoredEvidence, stream: Stream
) -> None:
    whose, verdicts = lived.attempt_id, lived.rows["ATTEMPT"]["verdicts"]
    slot, right = verdicts.index("x"), verdicts.replace("x", "m", 1)  # a mismatch
    sk = f"SNAPSHOT#{slot:03}"
    first = next(link.version for link in entries_of(lived) if sk in link.digests)
    touch(whose, sk, lambda row: row.update(verdict="match"))
    version = rewrite(stream, whose, lambda row: row.update(verdicts=right))
    assert named(whose) >= {
        ("verdict_replaced", version, str(slot + 1)),
        ("findings_changed", first, sk),
    }


@pytest.mark.parametrize(
    ("before", "accused"),
    [("system_gap", False), ("missing", False), ("match", True), ("replayed", True)],
)
def test_only_what_was_not_seen_is_replaced(
    lived: StoredEvidence, before: str, accused: bool
) -> None:
    entries = entries_of(lived)
    last = entries[-1]
    fact = {"what": "snapshot_verdict", "slot": 4, "verdict": "match", "replaces": before}
    link = timeline.entry(last.version + 1, last.at, [fact], last.hash)
    kinds_of = kinds(with_entries(lived, [*entries, link]))
    assert (ProblemKind.VERDICT_REPLACED in kinds_of) is accused


@pytest.mark.parametrize("sk", ["SNAPSHOT#900", "VERIFICATION#vf_other", "TURN#vf_other"])
def test_findings_of_nothing_are_named(lived: StoredEvidence, sk: str) -> None:
    more = with_rows(lived, **{sk: {"attempt_id": lived.attempt_id, "sk": sk}})
    assert verify(more).problems == (Problem(ProblemKind.FINDINGS_UNRECORDED, about=sk),)


# --- values that we never write ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["answers", "verdicts", "identity", "status", "version", "policy", "x"]
)
@pytest.mark.parametrize("value", [{"a", "b"}, {1, 2}])
def test_a_set_in_the_attempt_is_named(lived: StoredEvidence, name: str, value: Any) -> None:
    touch(lived.attempt_id, "ATTEMPT", lambda row: row.update({name: value}))
    assert named(lived.attempt_id)


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row["facts"][0].update(x={"a", "b"}),
        lambda row: row["facts"][0].update(x=b"bytes"),
        lambda row: row["facts"][0].update(what=["submitted"]),
        lambda row: row.update(at={"a"}),
        lambda row: row.update(digests={"status": {"a"}}),
        lambda row: row.update(mac="é"),
        lambda row: row.update(mac="AAAA" * 2000),
        lambda row: row.update(hash="0" * 5000),
    ],
)
def test_an_entry_with_values_that_we_never_write_is_named(
    lived: StoredEvidence, change: Callable[[dict[str, Any]], None]
) -> None:
    touch(lived.attempt_id, "EVENT#00000003", change)
    assert {kind for kind, version, _ in named(lived.attempt_id) if version == 3} & {
        "entry_changed",
        "entry_forged",
    }


def test_numbers_of_any_length_are_named(lived: StoredEvidence) -> None:
    item, odd = lived.rows["ATTEMPT"], "9" * 5000
    for name, value in (("answers", "A"), ("verdicts", "match"), ("asked", 1)):
        plain = {"verdicts": verdicts_of(item)}.get(name) or item.get(name, {})
        assert kinds(with_rows(lived, ATTEMPT={**item, name: {**plain, odd: value}}))


def test_a_set_does_not_stop_the_stream(lived: StoredEvidence, stream: Stream) -> None:
    """The change has its entry, and what comes after it, too."""
    version = rewrite(stream, lived.attempt_id, lambda row: row.update(x={"a", "b"}))
    assert timeline.entry_key(version) in store.load_everything(lived.attempt_id)


# --- all gone ---------------------------------------------------------------------------------------------


def test_an_attempt_without_any_row_is_known_by_its_seals(lived: StoredEvidence) -> None:
    rows = boto3.resource("dynamodb").Table(ENVIRONMENT["ATTEMPTS_TABLE"])
    for sk in lived.rows:
        rows.delete_item(Key={"attempt_id": lived.attempt_id, "sk": sk})
    last = max(version for version, _ in lived.seals)
    assert named(lived.attempt_id) == {
        ("entries_missing", last, f"1–{last}"),
        *(("seal_differs", version, "") for version, _ in lived.seals),
    }


def test_findings_alone_are_rows_of_an_attempt(lived: StoredEvidence) -> None:
    rows = boto3.resource("dynamodb").Table(ENVIRONMENT["ATTEMPTS_TABLE"])
    whose = "at_findings"
    rows.put_item(Item={"attempt_id": whose, "sk": "SNAPSHOT#000"})
    assert named(whose) == {("findings_unrecorded", None, "SNAPSHOT#000")}


# --- of before timelines were signed ----------------------------------------------------------------------


def older(found: StoredEvidence, number: int) -> StoredEvidence:
    """As if the first entries had been written by a release that signed none."""
    entries, previous = [], FIRST
    for link in entries_of(found):
        digests = link.digests if link.version > number else {}
        made = timeline.entry(link.version, link.at, link.facts, previous, digests)
        if link.version > number:
            made = msgspec.structs.replace(made, key=KEY)
            made = msgspec.structs.replace(made, mac=code(found.attempt_id, made))
        entries.append(made)
        previous = made.hash
    sealed = {link.version: link.hash for link in entries if link.version > number}
    seals = [(version, sealed[version]) for version, _ in found.seals if version in sealed]
    since = entries[number - 1].at - DAY_MS
    return msgspec.structs.replace(with_entries(found, entries), seals=seals, signed_since=since)


@pytest.mark.parametrize("number", [1, 10, "all"])
def test_older_entries_stay_readable(lived: StoredEvidence, number: Any) -> None:
    number = len(entries_of(lived)) if number == "all" else number
    found = verify(older(lived, number))
    assert (found.problems, found.unsigned) == ((), number)
    assert found.unchecked


@pytest.mark.parametrize(("later_ms", "named"), [(0, False), (1, True)])
def test_an_unsigned_entry_is_older_than_a_day_after_the_key(
    lived: StoredEvidence, later_ms: int, named: bool
) -> None:
    number = len(entries_of(lived))
    found = older(lived, number)
    moved = msgspec.structs.replace(found, signed_since=found.signed_since - later_ms)
    last = {(p.kind, p.version) for p in verify(moved).problems}
    assert ((ProblemKind.ENTRY_UNSIGNED, number) in last) is named


def test_an_attempt_that_was_opened_after_the_key_has_no_older_entries(
    lived: StoredEvidence,
) -> None:
    """Who takes all signatures off and dates the entries back has to date back everything else, too."""
    entries, previous = [], FIRST
    for link in entries_of(lived):
        made = timeline.entry(link.version, 1, link.facts, previous)
        entries.append(made)
        previous = made.hash
    touched = msgspec.structs.replace(with_entries(lived, entries), seals=[])
    named = [p.version for p in verify(touched).problems if p.kind is ProblemKind.ENTRY_UNSIGNED]
    assert named == [link.version for link in entries]


def test_a_late_signed_entry_among_older_ones_accuses_none_of_them(lived: StoredEvidence) -> None:
    """A change from before that was sent back after the update: its entry is signed, later versions are not."""
    number = len(entries_of(lived))
    found = older(lived, number)
    entries = entries_of(found)
    last, late = entries[-1], entries[4]
    made = timeline.entry(late.version, last.at + DAY_MS, late.facts, last.hash)
    made = msgspec.structs.replace(made, key=KEY)
    entries[4] = msgspec.structs.replace(made, mac=code(found.attempt_id, made))
    follower = entries[5]
    entries[5] = timeline.entry(follower.version, follower.at, follower.facts, entries[3].hash)
    previous = entries[5].hash
    for at in range(6, number):
        link = entries[at]
        entries[at] = timeline.entry(link.version, link.at, link.facts, previous)
        previous = entries[at].hash
    made = timeline.entry(late.version, last.at + DAY_MS, late.facts, previous)
    made = msgspec.structs.replace(made, key=KEY)
    entries[4] = msgspec.structs.replace(made, mac=code(found.attempt_id, made))
    assert verify(with_entries(found, entries)).problems == ()


# --- seals ------------------------------------------------------------------------------------------------


def test_submission_and_publication_are_sealed_outside_of_the_tables(lived: StoredEvidence) -> None:
    sealed = [link.version for link in entries_of(lived) if sealing.is_sealed(link.facts)]
    assert sealed
    assert sorted({version for version, _ in lived.seals}) == sealed
    s3 = boto3.client("s3")
    key = f"timelines/{lived.attempt_id}/{sealed[0]:08}.json"
    stored = s3.get_object(Bucket=ENVIRONMENT["EVIDENCE_BUCKET"], Key=key)["Body"].read()
    link = next(link for link in entries_of(lived) if link.version == sealed[0])
    assert json.loads(stored) == {
        "attempt_id": lived.attempt_id,
        "version": link.version,
        "hash": link.hash,
        "key": KEY,
        "mac": link.mac,
    }


def test_a_seal_that_is_missing_or_says_otherwise_is_named(lived: StoredEvidence) -> None:
    [first, *rest] = lived.seals
    gone = msgspec.structs.replace(lived, seals=rest)
    named = [(p.kind, p.version) for p in verify(gone).problems]
    assert named == [(ProblemKind.SEAL_MISSING, first[0])]
    for other in ((first[0], ""), (first[0], "0" * 64), (999, first[1])):
        more = msgspec.structs.replace(lived, seals=[*lived.seals, other])
        named = [(p.kind, p.version) for p in verify(more).problems]
        assert named == [(ProblemKind.SEAL_DIFFERS, other[0])]


def test_a_seal_that_was_written_over_is_still_known(
    candidate: Candidate, lived: StoredEvidence
) -> None:
    bucket, s3 = ENVIRONMENT["EVIDENCE_BUCKET"], boto3.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = lived.seals[0][0]
    key = f"timelines/{lived.attempt_id}/{version:08}.json"
    for body in (b'{"hash": "other"}', b"no seal at all"):
        s3.put_object(Bucket=bucket, Key=key, Body=body)
        told = run(VERIFY, {"attempt_id": lived.attempt_id})
        assert f"第 {version} 条记录与证据桶里的封存不同" in told["errors"]


# --- by the function ------------------------------------------------------------------------------------


def touch(whose: str, sk: str, change: Callable[[dict[str, Any]], None]) -> None:
    rows = boto3.resource("dynamodb").Table(ENVIRONMENT["ATTEMPTS_TABLE"])
    row = rows.get_item(Key={"attempt_id": whose, "sk": sk})["Item"]
    changed = copy.deepcopy(row)
    change(changed)
    rows.put_item(Item=changed)


def test_the_function_says_what_was_touched_in_the_tables(lived: StoredEvidence) -> None:
    whose = lived.attempt_id
    told = run(VERIFY, {"attempt_id": whose})
    assert (told["ok"], told["errors"], told["problems"]) == (True, [], ())
    touch(whose, "ATTEMPT", lambda row: row["answers"].update({"1": "D"}))
    touch(whose, "EVENT#00000004", lambda row: row.update(at=row["at"] + 1))
    told = run(VERIFY, {"attempt_id": whose})
    assert not told["ok"]
    assert "第 1 题的答案与交卷时不同" in told["errors"]
    assert any(
        text.startswith("第 4 条记录被改动；它记下的内容无从证明：") for text in told["errors"]
    )
    kind = {"kind": "answer_changed", "about": "1"}
    assert any(kind.items() <= problem.items() for problem in told["problems"])


def test_an_attempt_that_cannot_be_read_any_more_is_told_by_what_was_touched(
    lived: StoredEvidence,
) -> None:
    touch(lived.attempt_id, "ATTEMPT", lambda row: row.update(policy="none"))
    told = run(VERIFY, {"attempt_id": lived.attempt_id})
    assert told["errors"] == ["考试数据的 policy 与时间线不符"]


def test_a_bank_that_was_exchanged_is_told(lived: StoredEvidence) -> None:
    item = lived.rows["ATTEMPT#RESTING"]
    key = f"banks/{item['exam_id']}/{item['paper_version']}.json"
    boto3.client("s3").put_object(Bucket=ENVIRONMENT["PAPERS_BUCKET"], Key=key, Body=b"{}")
    told = run(VERIFY, {"attempt_id": lived.attempt_id})
    gone = f"题库 {item['paper_version']} 或它的标准答案被改动或不见了，无法重新计分"
    assert told["errors"] == [gone]
    boto3.client("s3").delete_object(Bucket=ENVIRONMENT["PAPERS_BUCKET"], Key=key)
    assert run(VERIFY, {"attempt_id": lived.attempt_id})["errors"] == [gone]


@pytest.mark.parametrize("stored", [b"", b"x", None])
def test_a_picture_of_the_paper_that_is_missing_or_another_one_is_told(
    lived: StoredEvidence, stored: bytes | None
) -> None:
    item, bucket = lived.rows["ATTEMPT#RESTING"], ENVIRONMENT["PAPERS_BUCKET"]
    s3 = boto3.client("s3")
    prefix = f"pictures/{item['exam_id']}/{item['paper_version']}/"
    [kept] = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    whole = s3.get_object(Bucket=bucket, Key=kept["Key"])["Body"].read()
    if stored is None:
        s3.delete_object(Bucket=bucket, Key=kept["Key"])
    else:
        s3.put_object(Bucket=bucket, Key=kept["Key"], Body=stored)
    told = run(VERIFY, {"attempt_id": lived.attempt_id})
    shown = [p["about"] for p in told["problems"] if p["kind"] == "picture_changed"]
    assert len(shown) == len(told["problems"]) > 0
    assert told["errors"][0] == f"第 {shown[0]} 题（或它的材料）的图片不见了，或与发布时不同"
    s3.put_object(Bucket=bucket, Key=kept["Key"], Body=whole)
    assert run(VERIFY, {"attempt_id": lived.attempt_id})["ok"]


def test_a_key_that_is_not_there_is_told(lived: StoredEvidence) -> None:
    touch(lived.attempt_id, "ATTEMPT", lambda row: row.update(key_version="none"))
    told = run(VERIFY, {"attempt_id": lived.attempt_id})
    assert [p["kind"] for p in told["problems"]] == ["attribute_changed", "paper_changed"]


def test_a_former_key_is_good_for_checking(
    lived: StoredEvidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_evidence_key(OTHER_KEY)
    for former, ok in (("", False), (f"{KEY}", True), (f"none, {KEY}", None)):
        monkeypatch.setenv("EVIDENCE_KEY_ID", OTHER_KEY)
        monkeypatch.setenv("FORMER_EVIDENCE_KEYS", former)
        settings.settings.cache_clear()
        if ok is None:
            assert settings.settings().evidence_keys == (OTHER_KEY, "none", KEY)
        else:
            assert run(VERIFY, {"attempt_id": lived.attempt_id})["ok"] is ok
    settings.settings.cache_clear()


def test_nobody_is_called_dishonest_while_the_key_does_not_answer(lived: StoredEvidence) -> None:
    with failing("kms"):
        told = run(VERIFY, {"attempt_id": lived.attempt_id})
    assert [error["code"] for error in told["errors"]] == ["service_busy"]


def test_an_unknown_attempt_and_a_wrong_question_are_told(aws: None, api: Api) -> None:
    assert run(VERIFY, {"attempt_id": "at_nobody"})["errors"][0]["code"] == "not_found"
    for question in ({}, {"attempt_id": ""}, {"attempt_id": "a", "more": 1}):
        assert run(VERIFY, question)["errors"][0]["code"] == "invalid_request"


# --- the locked bucket ------------------------------------------------------------------------------------


@pytest.fixture
def locked(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An evidence bucket with Object Lock, 30 days, governance."""
    s3, name = boto3.client("s3"), "lockedevidence"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    retention = {"Mode": "GOVERNANCE", "Days": 30}
    rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=rule)
    monkeypatch.setenv("EVIDENCE_BUCKET", name)
    settings.settings.cache_clear()
    yield name
    settings.settings.cache_clear()


def versions_in(bucket: str) -> list[str]:
    listed = boto3.client("s3").list_object_versions(Bucket=bucket)
    return [entry["Key"] for entry in listed.get("Versions", [])]


def test_deletion_on_request_passes_the_lock_by_and_nothing_else_does(locked: str) -> None:
    attempts.write_evidence("at_1", "0" * 64, b"a frame")
    link = timeline.entry(1, T0, [{"what": "submitted"}], FIRST)
    store.write_seal("at_1", link)
    with pytest.raises(ClientError, match="AccessDenied"):
        objects.delete_below(locked, "snapshots/at_1/")
    with pytest.raises(ClientError, match="AccessDenied"):
        objects.delete_below(locked, "timelines/at_1/")
    attempts.hold_evidence("at_1")  # tags are not locked
    assert attempts.delete_pictures("at_1") == 1
    assert versions_in(locked) == ["timelines/at_1/00000001.json"]
    assert store.list_seals("at_1") == [(1, link.hash)]


def test_a_seal_that_is_marked_as_removed_is_still_read(locked: str) -> None:
    link = timeline.entry(1, T0, [{"what": "submitted"}], FIRST)
    store.write_seal("at_1", link)
    objects.delete(locked, "timelines/at_1/00000001.json")
    assert store.list_seals("at_1") == [(1, link.hash)]


def test_a_bucket_without_lock_is_never_asked_to_be_passed_by(aws: None) -> None:
    """AWS refuses that there."""
    asked: list[dict[str, Any]] = []
    clients.client("s3").meta.events.register(
        "provide-client-params.s3.DeleteObject", lambda params, **_: asked.append(params)
    )
    attempts.write_evidence("at_1", "0" * 64, b"a frame")
    assert attempts.delete_pictures("at_1") == 1
    assert [sorted(params) for params in asked] == [["Bucket", "Key", "VersionId"]]


# --- in the dashboard -------------------------------------------------------------------------------------


def test_the_widget_verifies_when_it_is_asked_to(lived: StoredEvidence) -> None:
    def shown(**more: Any) -> str:
        endpoints = {name: f"arn:{name}" for name in NEIGHBOURS}
        event = {"attempt_id": lived.attempt_id, "endpoints": endpoints, **more}
        return str(run("chalicelib.handlers.widgets.show_attempt", event))

    assert t.VERIFY in shown()
    assert t.VERIFIED not in shown()
    whole = shown(verify=True)
    assert t.EVIDENCE_WHOLE.format(number=len(entries_of(lived))) in whole
    touch(lived.attempt_id, "ATTEMPT", lambda row: row["answers"].update({"3": "<b>"}))
    touched = shown(verify=True)
    # The result fits no more, either, if the answer was right.
    number = len(run(VERIFY, {"attempt_id": lived.attempt_id})["problems"])
    assert t.EVIDENCE_TOUCHED.format(number=number) in touched
    assert "第 3 题的答案与交卷时不同" in touched


def test_every_kind_of_problem_has_its_sentence() -> None:
    assert set(t.EVIDENCE_PROBLEMS) == {kind.value for kind in ProblemKind}
    assert set(t.EVIDENCE_PROBLEMS) >= t.EVIDENCE_VOUCHES


def test_how_many_older_entries_there_are_is_told(lived: StoredEvidence) -> None:
    for number in (0, 4):
        found = verify(older(lived, number)) if number else verify(lived)
        told = str(evidence_view.result(found))
        assert (t.EVIDENCE_OLDER.format(number=number) in told) is bool(number)
