"""The evidence timeline: what each change says, word for word, and that nobody can touch its chain unseen."""

import hashlib
import json
from typing import Any

import msgspec
import pytest

from chalicelib.attempts import absences, check_in, commands, sitting
from chalicelib.attempts.absences import ReportedAbsence
from chalicelib.attempts.commands import Terms
from chalicelib.attempts.model import AbsenceKind, Attempt, Cause, Origin, Step
from chalicelib.kernel.commands import Command
from chalicelib.kernel.outcomes import Outcomes, applied
from chalicelib.proctoring.model import (
    Integrity,
    IntegrityRule,
    IntegrityState,
    Replay,
    Verdict,
)
from chalicelib.timeline import model as timeline
from chalicelib.timeline.model import FIRST, TimelineEntry
from tests.unit.attempts import (
    ALL_STEPS,
    HOUR,
    MINUTE,
    MISMATCH,
    OPENS,
    T0,
    admitted,
    attempt,
    passed,
    reserved,
    started,
)

COMMAND = Command("command-1", "op", "断电", 1)


def told(before: Attempt, outcomes: Outcomes) -> list[dict[str, Any]]:
    """What the change says."""
    return timeline.facts_of(before, applied(before, outcomes))


# --- facts ----------------------------------------------------------------------------------------------


def test_it_begins_with_the_opening_and_the_photo_that_counts() -> None:
    assert timeline.facts_of(None, attempt()) == [
        {"what": "opened", "at": OPENS, "photo_id": "ph_1"},
    ]


def test_another_round_says_whose_next_one_it_is_and_who_ordered_it() -> None:
    closed = applied(started(), sitting.close_overdue(started(), T0 + 2 * HOUR))
    following = commands.next_round(
        closed,
        msgspec.structs.replace(COMMAND, version_seen=closed.version),
        Terms(HOUR, MINUTE),
        attempt_id="at_2",
        identity=closed.identity,
        orders=(),
        key_version="",
        announced=0,
        snapshot_seed="other",
        now=T0 + 3 * HOUR,
    )
    assert following.origin == Origin("at_1", Cause.DEADLINE, "command-1")
    opened, command = timeline.facts_of(None, following)
    assert opened == {
        "what": "opened",
        "at": T0 + 3 * HOUR,
        "photo_id": "ph_1",
        "round": 2,
        "origin": "at_1",
    }
    assert command == {
        "what": "command",
        "command": "reopen_attempt",
        "command_id": "command-1",
        "operator": "op",
        "operator_id": "",
        "reason": "断电",
        "detail": f"at_1, deadline, {HOUR} ms",
        "at": T0 + 3 * HOUR,
    }


def test_a_change_of_nothing_that_is_evidence_says_nothing() -> None:
    assert timeline.facts_of(attempt(), attempt()) == []
    assert timeline.facts_of(started(), msgspec.structs.replace(started(), acked_seq=3)) == []


def test_each_step_of_the_check_in_is_told() -> None:
    begun = applied(attempt(), check_in.begin(attempt(), "notice-1"))
    assert timeline.facts_of(attempt(), begun) == [
        {"what": "check_in", "number": 1, "steps": ["notice"], "passed": None}
    ]
    assert told(begun, check_in.take_step(begun, Step.CAMERA)) == [
        {"what": "check_in", "number": 1, "steps": ["notice", "camera"], "passed": None}
    ]


def test_a_check_is_told_when_it_is_reserved_and_when_it_is_judged() -> None:
    before = attempt(check_in=msgspec.structs.replace(attempt().check_in, steps=ALL_STEPS))
    pending = applied(before, check_in.reserve_verification(before, "vf", T0 - MINUTE))
    assert timeline.facts_of(before, pending) == [
        {"what": "verification", "id": "vf", "state": "pending", "at": T0 - MINUTE}
    ]
    failed = check_in.settle_verification(pending, "vf", MISMATCH, T0)
    [fact] = told(pending, failed)
    assert fact == {
        "what": "verification",
        "id": "vf",
        "check_in": 1,
        "after_start": False,
        "reserved_at": T0 - MINUTE,
        "upload_until": T0,
        "state": "failed",
        "reason": "mismatch",
        "settled_at": T0,
        "distance": 0.8,
        "photo_sha256": "bb",
        "given_back": False,
        "turn": None,
        "at": T0,
    }
    later = applied(pending, failed)
    assert timeline.facts_of(later, later) == [], "what was told is not told again"


def test_a_picture_that_came_and_waits_is_told_as_judging() -> None:
    pending = reserved(T0 - MINUTE)
    assert told(pending, check_in.settle_lapsed(pending, True, T0)) == [
        {"what": "verification", "id": "vf", "state": "judging", "at": T0 - MINUTE}
    ]


def test_coming_in_names_the_page_and_the_check_that_admitted_it() -> None:
    before = passed(T0 - MINUTE, T0 - MINUTE)
    page = {"what": "admitted", "page": 1, "verification": "vf", "at": T0 - 1}
    facts = told(before, check_in.admit(before, "request-1", T0 - 1))
    assert page in facts
    assert [fact["what"] for fact in facts] == ["check_in", "admitted"]


def test_the_start_and_every_later_deadline_are_told() -> None:
    assert told(admitted(), sitting.start(admitted(), 1, T0)) == [
        {"what": "started", "at": T0, "deadline": T0 + HOUR}
    ]
    moved, command = told(started(), commands.extend_time(started(), COMMAND, 5 * MINUTE, T0))
    assert moved == {"what": "deadline_moved", "at": T0, "deadline": T0 + HOUR + 5 * MINUTE}
    assert (command["command"], command["detail"]) == ("extend_time", f"+{5 * MINUTE} ms")


def test_an_absence_is_told_and_its_switch_by_number() -> None:
    def leave(seq: int, before: Attempt, ms: int, now: int) -> Outcomes:
        report = (ReportedAbsence(seq, AbsenceKind.HIDDEN, ms),)
        return absences.report_absences(before, 1, report, None, now)

    now = started()
    for seq in (1, 2):
        at = T0 + seq * MINUTE
        absence, switch = told(now, leave(seq, now, 5000, at))
        assert switch == {"what": "switch", "number": seq, "kind": "hidden", "at": at}
        assert absence == {
            "what": "absence",
            "page": 1,
            "seq": seq,
            "kind": "hidden",
            "since": T0 if seq == 1 else T0 + 5000,
            "reported_at": at,
            "away_ms": 5000,
            "ended": True,
            "counted": True,
        }
        now = applied(now, leave(seq, now, 5000, at))
    [short] = told(now, leave(3, now, 10, T0 + 3 * MINUTE))
    assert (short["what"], short["counted"]) == ("absence", False)


def test_a_frame_is_told_when_it_is_asked_for_and_when_it_is_judged() -> None:
    before = msgspec.structs.replace(started(), asked={"0": T0 + 1})
    asked = msgspec.structs.replace(before, asked={"0": T0 + 1, "2": T0 + 5})
    assert timeline.facts_of(before, asked) == [{"what": "snapshot_asked", "slot": 2, "at": T0 + 5}]
    invalid = Integrity(IntegrityState.INVALIDATED, IntegrityRule.SEVERAL, (0, 2))
    judged = msgspec.structs.replace(asked, verdicts={"2": Verdict.SEVERAL}, integrity=invalid)
    assert timeline.facts_of(asked, judged) == [
        {"what": "snapshot_verdict", "slot": 2, "verdict": "several"},
        {
            "what": "integrity",
            "state": "invalidated",
            "rule": "several_people",
            "slots": (0, 2),
            "gaps": (),
        },
    ]
    assert timeline.facts_of(judged, judged) == []


def test_a_verdict_that_replaces_a_gap_is_told_with_what_it_replaces() -> None:
    gap = msgspec.structs.replace(
        started(), asked={"0": T0 + 1}, verdicts={"0": Verdict.SYSTEM_GAP}
    )
    seen = msgspec.structs.replace(
        gap, verdicts={"0": Verdict.REPLAYED}, replays={"0": Replay.ID_PHOTO}
    )
    told = {"slot": 0, "verdict": "replayed", "shows": "id_photo", "replaces": "system_gap"}
    assert timeline.facts_of(gap, seen) == [{"what": "snapshot_verdict", **told}]


def test_only_a_new_command_is_told() -> None:
    once = applied(attempt(), commands.grant_chances(attempt(), COMMAND, 2, T0))
    once = msgspec.structs.replace(once, version=2)
    second = msgspec.structs.replace(COMMAND, command_id="command-2", version_seen=2)
    facts = told(once, commands.grant_chances(once, second, 3, T0))
    assert [(fact["command_id"], fact["detail"]) for fact in facts] == [("command-2", "+3")]


def test_the_submission_tells_cause_moment_and_how_much_was_answered() -> None:
    now = msgspec.structs.replace(started(), answers={"1": "A", "2": "", "3": "BC"})
    at = T0 + MINUTE
    digest = hashlib.sha256(b'{"1":"A","2":"","3":"BC"}').hexdigest()
    submitted = {"what": "submitted", "cause": "candidate", "at": at, "answered": 2}
    submitted["answers_sha256"] = digest
    assert submitted in told(now, sitting.submit(now, 1, None, at))
    closed = applied(now, sitting.submit(now, 1, None, T0 + MINUTE))
    assert timeline.facts_of(closed, closed) == []


# --- the chain ------------------------------------------------------------------------------------------


def chain(*changes: tuple[int, str]) -> list[TimelineEntry]:
    entries: list[TimelineEntry] = []
    for version, what in changes:
        previous = entries[-1].hash if entries else FIRST
        entries.append(timeline.entry(version, T0 + version, [{"what": what}], previous))
    return entries


def test_an_entry_is_hashed_with_all_that_it_says() -> None:
    [first] = chain((1, "opened"))
    content = json.dumps(
        [1, T0 + 1, [{"what": "opened"}], "0" * 64], sort_keys=True, separators=(",", ":")
    )
    assert first == TimelineEntry(
        1, T0 + 1, [{"what": "opened"}], FIRST, hashlib.sha256(content.encode()).hexdigest()
    )
    assert FIRST == "0" * 64


def test_the_order_of_the_words_in_a_fact_does_not_matter() -> None:
    one = timeline.entry(1, T0, [{"what": "opened", "at": T0}], FIRST)
    other = timeline.entry(1, T0, [{"at": T0, "what": "opened"}], FIRST)
    assert one.hash == other.hash


def test_a_whole_chain_has_no_problems() -> None:
    assert timeline.problems(chain((1, "opened"), (2, "started"), (3, "submitted"))) == []
    assert timeline.problems([]) == []


@pytest.mark.parametrize(
    "touched", [{"version": 9}, {"at": T0}, {"facts": [{"what": "other"}]}, {"previous": "1" * 64}]
)
def test_whatever_is_touched_in_an_entry_is_found(touched: dict[str, Any]) -> None:
    first, second, third = chain((1, "opened"), (2, "started"), (3, "submitted"))
    found = timeline.problems([first, msgspec.structs.replace(second, **touched), third])
    assert f"entry {touched.get('version', 2)} was changed" in found


def test_an_entry_that_was_told_late_names_the_newest_of_its_time() -> None:
    first, third = chain((1, "opened"), (3, "submitted"))
    late = timeline.entry(2, T0 + 9, [{"what": "started"}], third.hash)
    assert timeline.problems([first, late, third]) == []
    changed = msgspec.structs.replace(late, facts=[])
    assert timeline.problems([first, changed, third]) == ["entry 2 was changed"]


def test_an_entry_that_was_taken_out_is_missed() -> None:
    first, _, third = chain((1, "opened"), (2, "started"), (3, "submitted"))
    assert timeline.problems([first, third]) == [
        "entry 3 does not follow any other",
        "entries 2 to 2 are missing",
    ]


def test_an_entry_that_was_exchanged_with_its_hash_breaks_the_chain() -> None:
    first, _, third = chain((1, "opened"), (2, "started"), (3, "submitted"))
    forged = timeline.entry(2, T0 + 2, [{"what": "nothing"}], first.hash)
    assert timeline.problems([first, forged, third]) == ["entry 3 does not follow any other"]
