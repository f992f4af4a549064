"""The notice about a decision: claimed by one, sent once, tried again, given up, revived."""

from typing import Any

import msgspec
import pytest

from chalicelib.cases import model, outbox
from chalicelib.cases.model import Case, CaseKind, CaseState, CaseWaitsFor, Notice, NoticeState
from chalicelib.cases.texts import SHORT
from chalicelib.notices.templates import TEMPLATES, VARIABLES, fill
from chalicelib.shared.languages import Language
from tests.unit.after import after
from tests.unit.attempts import HOUR, MINUTE, T0, refusal
from tests.unit.cases import case, ruling

NOTICE = Notice("cp-1-decision", "complaint_upheld", T0)


def complaint(**fields: Any) -> Case:
    return case(kind=CaseKind.COMPLAINT, waits_for=CaseWaitsFor.COMPLAINT, **fields)


def pending(**fields: Any) -> Case:
    notice = msgspec.structs.replace(NOTICE, **fields)
    return complaint(notice=notice, notice_pending=NoticeState.PENDING)


def claimed(before: Case, now: int = T0) -> Case:
    return after(before, outbox.claim(before, now))


# --- deciding -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("upheld", [True, False])
def test_the_decision_and_its_notice_are_one_write(upheld: bool) -> None:
    decided = after(
        complaint(), model.decide_complaint(complaint(), ruling(accepted=upheld), 1, "n-1")
    )
    assert decided.state is (CaseState.ACCEPTED if upheld else CaseState.REJECTED)
    assert decided.notice_pending is NoticeState.PENDING
    assert decided.notice is not None
    assert decided.notice.template == ("complaint_upheld" if upheld else "complaint_rejected")
    assert decided.waits_for is CaseWaitsFor.SETTLEMENT
    assert model.decide_complaint(decided, ruling(accepted=upheld), 1, "n-1") == ()
    with refusal("complaint_decided"):
        model.decide_complaint(decided, ruling("command-2"), decided.version, "n-2")


@pytest.mark.parametrize(("seen", "right"), [(0, False), (1, True), (2, False)])
def test_a_complaint_is_decided_as_it_was_seen(seen: int, right: bool) -> None:
    if right:
        assert model.decide_complaint(complaint(), ruling(), seen, "n-1")
    else:
        with refusal("complaint_changed"):
            model.decide_complaint(complaint(), ruling(), seen, "n-1")


def test_a_decision_takes_effect_once() -> None:
    decided = after(complaint(), model.decide_complaint(complaint(), ruling(), 1, "n-1"))
    done = after(decided, model.take_effect(decided, model.Effect.OVERTURNED))
    assert (done.effect, done.waits_for) == (model.Effect.OVERTURNED, None)
    assert model.take_effect(done, model.Effect.NOTED) == ()


def test_three_open_tickets_keep_nobody_from_a_complaint_and_complaints_are_no_tickets() -> None:
    tickets = tuple(model.RegisterEntry(f"tk-{n}", T0) for n in range(3))
    found = {entry.case_id: case() for entry in tickets}
    register = model.CaseRegister("ac_1", 1, tickets)
    entered = model.enter(register, "cp-1", found, T0, CaseKind.COMPLAINT)
    assert entered is not None
    assert entered[0] == model.RegisterEntry("cp-1", T0, kind=CaseKind.COMPLAINT)
    complaints = tuple(
        model.RegisterEntry(f"cp-{n}", T0 - n, kind=CaseKind.COMPLAINT) for n in range(1, 12)
    )
    known = {entry.case_id: complaint() for entry in complaints}
    assert model.enter(model.CaseRegister("ac_1", 1, complaints), "tk-1", known, T0)


def test_decided_complaints_stay_in_the_register_when_old_tickets_leave_it() -> None:
    old = model.RegisterEntry("cp-1", T0 - 9 * HOUR, open=False, kind=CaseKind.COMPLAINT)
    tickets = tuple(model.RegisterEntry(f"tk-{n}", T0 - 99 * HOUR, open=False) for n in range(25))
    entered = model.enter(model.CaseRegister("ac_1", 1, (*tickets, old)), "tk-new", {}, T0)
    assert entered is not None
    assert (len(entered), entered[-1]) == (model.KEPT + 1, old)


# --- sending --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ms", "free"), [(-1, False), (0, True), (1, True)])
def test_a_claim_keeps_others_away_until_it_runs_out(ms: int, free: bool) -> None:
    now = T0 + outbox.CLAIM_MS + ms
    assert outbox.due(claimed(pending()), now) is free
    assert bool(outbox.claim(claimed(pending()), now)) is free


def test_what_is_sent_is_never_due_again() -> None:
    mine = claimed(pending())
    done = after(mine, outbox.note_sent(mine, mine.notice, T0 + 5))
    assert (done.notice_pending, done.notice and done.notice.sent_at) == (None, T0 + 5)
    assert not outbox.due(done, T0 + 9999 * HOUR)
    assert outbox.note_sent(done, mine.notice, T0 + 6) == ()
    assert outbox.revive(done) == ()


@pytest.mark.parametrize(
    ("tries", "wait_min"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (11, 60)]
)
def test_each_failure_waits_longer_up_to_an_hour(tries: int, wait_min: int) -> None:
    mine = claimed(pending(tries=tries - 1))
    assert mine.notice is not None
    freed = after(mine, outbox.note_failure(mine, mine.notice, T0, for_good=False))
    assert not outbox.due(freed, T0 + wait_min * MINUTE - 1)
    assert outbox.due(freed, T0 + wait_min * MINUTE)


@pytest.mark.parametrize(("tries", "dead"), [(11, False), (12, True), (13, True)])
def test_the_twelfth_failure_gives_up(tries: int, dead: bool) -> None:
    mine = claimed(pending(tries=tries - 1))
    assert mine.notice is not None
    freed = after(mine, outbox.note_failure(mine, mine.notice, T0, for_good=False))
    assert freed.notice_pending is (NoticeState.DEAD if dead else NoticeState.PENDING)
    assert outbox.due(freed, T0 + 9999 * HOUR) is not dead


@pytest.mark.parametrize(
    ("tries", "later", "expected"),
    [(1, 0, False), (1, outbox.CLAIM_MS - 1, False), (1, outbox.CLAIM_MS, True), (2, 0, True)],
)
def test_after_a_try_or_long_after_the_decision_it_may_have_been_sent(
    tries: int, later: int, expected: bool
) -> None:
    """Reviving sets the tries back; so the age of the notice counts, too."""
    notice = msgspec.structs.replace(NOTICE, tries=tries)
    assert outbox.may_have_been_sent(notice, T0 + later) is expected


def test_a_refusal_for_good_gives_up_at_once_and_can_be_revived() -> None:
    mine = claimed(pending())
    assert mine.notice is not None
    dead = after(mine, outbox.note_failure(mine, mine.notice, T0, for_good=True))
    assert dead.notice_pending is NoticeState.DEAD
    revived = after(dead, outbox.revive(dead))
    assert outbox.due(revived, T0)
    assert revived.notice == NOTICE  # the same id: the same message
    assert outbox.revive(revived) == ()


def test_who_lost_the_claim_cannot_give_back_somebody_elses() -> None:
    mine = claimed(pending())
    theirs = claimed(mine, T0 + outbox.CLAIM_MS)
    assert mine.notice is not None
    assert outbox.note_failure(theirs, mine.notice, T0 + outbox.CLAIM_MS + 1, for_good=False) == ()
    assert outbox.note_sent(
        theirs, mine.notice, T0 + outbox.CLAIM_MS + 1
    )  # but what was sent is sent


def test_a_case_without_a_notice_is_left_alone() -> None:
    assert not outbox.due(complaint(), T0)
    assert outbox.claim(complaint(), T0) == ()
    assert outbox.note_sent(complaint(), NOTICE, T0) == ()
    assert outbox.revive(complaint()) == ()


def test_a_message_that_another_one_has_replaced_is_not_noted_as_sent() -> None:
    """A ticket was corrected while the message about its first decision was with the provider."""
    mine = claimed(pending())
    assert mine.notice is not None
    newer = msgspec.structs.replace(mine, notice=Notice("tk-1-correction", "ticket_corrected", T0))
    assert outbox.note_sent(newer, mine.notice, T0 + 1) == ()
    assert outbox.note_failure(newer, mine.notice, T0 + 1, for_good=False) == ()


# --- texts ----------------------------------------------------------------------------------------------

LONGEST = {"code": "123456", "minutes": "5", "name": "汉" * 10, "exam": "考" * 20}
LONGEST |= {"number": "tk-aaaa-bbbb-cccc", "granted": SHORT["chances"].format(chances=100)}


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_text_fits_into_one_sms_with_the_longest_values(template: str) -> None:
    text = fill(template, LONGEST)
    assert text.startswith("【考场】")
    assert len(text) <= 70
    assert "{" not in text


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_english_text_fits_into_two_parts_and_a_code_into_one(template: str) -> None:
    text = fill(template, LONGEST, Language.EN)
    assert text.startswith("[Kaochang] ")
    assert len(text) <= (160 if text.isascii() else 134)
    assert text.isascii() is (template == "code")
    assert "{" not in text


@pytest.mark.parametrize("template", sorted(set(TEMPLATES) - {"code"}))
def test_each_notice_names_exam_and_number(template: str) -> None:
    assert {"name", "exam", "number"} <= set(VARIABLES[template])


@pytest.mark.parametrize(
    "name", ["𠮷野家", "㛃", "阿·买提", "O'Brien-Smith Jr.", "汉" * 40, "{code}", "%s{0}"]
)
def test_a_name_stands_in_the_text_as_it_is(name: str) -> None:
    assert f"】{name}，" in fill("complaint_upheld", {"name": name, "exam": "", "number": "1"})
