"""Tickets at their limits: how many, which pictures, and that each is decided once."""

from typing import Any

import pytest

from chalicelib.attempts.granting import Given, Grant
from chalicelib.cases import model, telling
from chalicelib.cases.model import (
    AdmitWith,
    Case,
    CaseKind,
    CaseRegister,
    CaseState,
    CaseWaitsFor,
    Corrected,
    Effect,
    Notice,
    NoticeState,
    RegisterEntry,
    Upload,
    UploadState,
)
from chalicelib.identity.model import Reference
from chalicelib.kernel.outcomes import changed_fields
from chalicelib.shared.languages import Sentence
from chalicelib.shared.lines import parse_text
from tests.unit.after import after
from tests.unit.attempts import HOUR, MINUTE, T0, refusal
from tests.unit.cases import PAGE, PORTRAIT, case, ruling

FACE = Reference("sha", b"v", "dlib", "m")
ACCEPTED = Upload(UploadState.ACCEPTED, key="k", sha256="sha", reference=FACE, judged_at=T0)


# --- the register ---------------------------------------------------------------------------------------


def register(*entries: RegisterEntry) -> CaseRegister:
    return CaseRegister("ac_1", len(entries), entries)


def opened(number: int, at: int = T0 - HOUR) -> RegisterEntry:
    return RegisterEntry(f"tk-{number}", at)


@pytest.mark.parametrize(("open_ones", "allowed"), [(2, True), (3, False), (4, False)])
def test_three_may_be_open(open_ones: int, allowed: bool) -> None:
    entries = tuple(opened(number) for number in range(open_ones))
    found = {entry.case_id: case() for entry in entries}
    if allowed:
        entered = model.enter(register(*entries), "tk-new", found, T0)
        assert entered == (RegisterEntry("tk-new", T0), *entries)
    else:
        with refusal("too_many_tickets"):
            model.enter(register(*entries), "tk-new", found, T0)


def test_a_decided_one_makes_room_though_the_register_did_not_know() -> None:
    entries = tuple(opened(number) for number in range(3))
    found = {entry.case_id: case() for entry in entries}
    found["tk-1"] = case(state=CaseState.REJECTED)
    entered = model.enter(register(*entries), "tk-new", found, T0)
    assert entered is not None
    assert [entry.open for entry in entered] == [True, True, False, True]


@pytest.mark.parametrize(("age_ms", "counts"), [(-1, True), (0, False), (1, False)])
def test_one_that_was_never_written_is_forgotten_after_five_minutes(
    age_ms: int, counts: bool
) -> None:
    ghosts = tuple(opened(number, T0 - 5 * MINUTE - age_ms) for number in range(3))
    if counts:
        with refusal("too_many_tickets"):
            model.enter(register(*ghosts), "tk-new", {}, T0)
    else:
        assert model.enter(register(*ghosts), "tk-new", {}, T0)


@pytest.mark.parametrize(("oldest_ms", "allowed"), [(-1, False), (0, True), (1, True)])
def test_ten_within_a_day_are_the_most(oldest_ms: int, allowed: bool) -> None:
    oldest = RegisterEntry("tk-0", T0 - 24 * HOUR - oldest_ms, open=False)
    entries = tuple(RegisterEntry(f"tk-{n}", T0 - n, open=False) for n in range(1, 10))
    if allowed:
        assert model.enter(register(*entries, oldest), "tk-new", {}, T0)
    else:
        with refusal("too_many_requests") as caught:
            model.enter(register(*entries, oldest), "tk-new", {}, T0)
        assert caught.value.retry_after_s == 1


def test_the_same_again_changes_nothing_even_when_three_are_open() -> None:
    entries = tuple(opened(number) for number in range(3))
    assert model.enter(register(*entries), "tk-2", {}, T0) is None


def test_twenty_are_kept_and_open_ones_always() -> None:
    old = tuple(RegisterEntry(f"tk-{n}", T0 - 48 * HOUR - n, open=n == 24) for n in range(25))
    entered = model.enter(register(*old), "tk-new", {"tk-24": case()}, T0)
    assert entered is not None
    assert [entry.case_id for entry in entered] == [
        "tk-new",
        *(f"tk-{n}" for n in range(19)),
        "tk-24",
    ]


# --- pictures -------------------------------------------------------------------------------------------


def test_an_accepted_picture_stays_and_a_refused_one_may_come_again() -> None:
    refused = after(case(), model.settle_upload(case(), PAGE, Upload(UploadState.REFUSED, "heic")))
    assert model.awaits(refused, PAGE)
    now = after(refused, model.settle_upload(refused, PAGE, ACCEPTED))
    assert not model.awaits(now, PAGE)
    assert model.awaits(now, PORTRAIT)
    assert model.settle_upload(now, PAGE, Upload(UploadState.REFUSED, "heic")) == ()


def test_nothing_is_awaited_by_a_decided_ticket() -> None:
    decided = case(state=CaseState.REJECTED)
    assert not model.awaits(decided, PAGE)
    assert model.settle_upload(decided, PAGE, ACCEPTED) == ()


# --- the decision ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "state"), [(True, CaseState.ACCEPTED), (False, CaseState.REJECTED)]
)
def test_a_decision_closes_the_case_and_names_who_made_it(accepted: bool, state: CaseState) -> None:
    made = ruling(accepted=accepted)
    now = after(case(), model.decide_ticket(case(), made, 1))
    assert (now.state, now.ruling, now.waits_for) == (state, made, None)


def test_one_that_admits_waits_for_its_attempt_and_takes_effect_once() -> None:
    decided = after(case(), model.decide_ticket(case(), ruling(admit_with=AdmitWith.ENROLLED), 1))
    assert decided.waits_for is CaseWaitsFor.WAIVER
    given = Given(admitted=True)
    done = after(decided, model.settle_ticket(decided, given, T0 + 1))
    assert (done.waits_for, done.effect, done.given) == (None, Effect.ADMITTED, given)
    assert model.settle_ticket(done, None, T0 + 2) == ()


def test_a_case_is_decided_once_by_the_command_that_came_first() -> None:
    now = after(case(), model.decide_ticket(case(), ruling(), 1))
    assert model.decide_ticket(now, ruling(), 1) == ()
    with refusal("ticket_decided") as caught:
        model.decide_ticket(now, ruling("command-2", accepted=False), 2)
    assert caught.value.details == {"state": "accepted"}


def test_nobody_decides_on_less_than_there_is() -> None:
    now = after(case(), model.settle_upload(case(), PORTRAIT, ACCEPTED))
    with refusal("ticket_changed") as caught:
        model.decide_ticket(now, ruling(), 1)
    assert caught.value.details == {"version": 2}
    assert model.decide_ticket(now, ruling(), 2)


@pytest.mark.parametrize(
    ("about", "accepted"),
    [({}, False), ({"attempt_id": None}, True), ({"attempt_id": None}, False)],
)
def test_only_an_accepted_ticket_about_an_attempt_admits(
    about: dict[str, Any], accepted: bool
) -> None:
    with refusal("nothing_to_admit"):
        model.decide_ticket(
            case(**about), ruling(accepted=accepted, admit_with=AdmitWith.ENROLLED), 1
        )


@pytest.mark.parametrize(
    ("upload", "reason"),
    [
        (Upload(), "waiting"),
        (Upload(UploadState.REFUSED, "heic"), "heic"),
        (Upload(UploadState.ACCEPTED, key="k", unusable="several_faces"), "several_faces"),
        (ACCEPTED, ""),
    ],
)
def test_a_photo_to_compare_with_shows_one_usable_face(upload: Upload, reason: str) -> None:
    before = case(uploads={PAGE: Upload(), PORTRAIT: upload})
    made = ruling(admit_with=AdmitWith.ID_PORTRAIT)
    if reason:
        with refusal("photo_unusable") as caught:
            model.decide_ticket(before, made, 1)
        assert caught.value.details == {"reason": reason}
    else:
        assert model.decide_ticket(before, made, 1)
        assert before.reference(AdmitWith.ID_PORTRAIT) == FACE
    assert before.reference(AdmitWith.ENROLLED) is None


def decided(*, gives: Grant | None = None, given: Given | None = None, **more: Any) -> Case:
    """A ticket whose first decision has reached its attempt."""
    made = ruling(grant=gives, **more)
    now = after(case(), model.decide_ticket(case(), made, 1))
    return after(now, model.settle_ticket(now, given, T0)) if now.waits_for else now


@pytest.mark.parametrize(
    ("gives", "given", "effect", "template"),
    [
        ({"admit_with": AdmitWith.ENROLLED}, Given(admitted=True), "admitted", "ticket_admitted"),
        ({"gives": Grant.CHANCES, "chances": 2}, Given(chances=2), "given", "ticket_granted"),
        ({"gives": Grant.TIME, "extra_ms": 1}, Given(extra_ms=1), "given", "ticket_granted"),
        ({"gives": Grant.TIME, "extra_ms": 1}, None, "too_late", "ticket_answered"),
        ({"gives": Grant.NOTHING}, None, None, "ticket_answered"),
        ({"accepted": False}, None, None, "ticket_rejected"),
    ],
)
def test_the_message_follows_what_was_really_given(
    gives: dict[str, Any], given: Given | None, effect: str | None, template: str
) -> None:
    now = decided(given=given, **gives)
    assert now.settled
    assert (now.effect and now.effect.value, now.given) == (effect, given)
    assert now.notice == Notice("tk-1-decision", template, T0)
    assert now.notice_pending is NoticeState.PENDING


def test_nobody_is_told_before_the_decision_has_reached_the_attempt() -> None:
    waits = after(case(), model.decide_ticket(case(), ruling(admit_with=AdmitWith.ENROLLED), 1))
    assert (waits.notice, waits.settled) == (None, False)
    assert telling.say_ticket(waits) == "工单已通过，正在办理，请稍候"
    with refusal("ticket_unsettled"):
        model.correct_ticket(waits, ruling("command-2", accepted=False), waits.version)


def test_a_decision_is_corrected_once_and_the_candidate_told_once_more() -> None:
    first = decided(accepted=False)
    second = ruling("command-2", admit_with=AdmitWith.ENROLLED)
    waits = after(first, model.correct_ticket(first, second, 2))
    assert (waits.state, waits.effect, waits.notice) == (CaseState.ACCEPTED, None, None)
    assert waits.corrected == Corrected(first.ruling or second)
    now = after(waits, model.settle_ticket(waits, Given(admitted=True), T0 + 9))
    assert now.notice == Notice("tk-1-correction", "ticket_corrected", T0 + 9)
    assert model.correct_ticket(now, second, 2) == ()  # the same command again
    with refusal("ticket_corrected"):
        model.correct_ticket(now, ruling("command-3", accepted=False), now.version)


def test_what_gave_nothing_and_gives_nothing_is_corrected_by_one_write() -> None:
    first = decided(accepted=False)
    now = after(first, model.correct_ticket(first, ruling("command-2", grant=Grant.NOTHING), 2))
    assert now.settled
    assert now.notice == Notice("tk-1-correction", "ticket_corrected", T0)


def test_what_gave_something_waits_until_it_is_taken_back() -> None:
    first = decided(admit_with=AdmitWith.ENROLLED, given=Given(admitted=True))
    now = after(first, model.correct_ticket(first, ruling("command-2", accepted=False), 3))
    assert (now.waits_for, model.gave(now.corrected or Corrected(ruling()))) == (
        CaseWaitsFor.WAIVER,
        Given(admitted=True),
    )
    done = after(now, model.settle_ticket(now, Given(withdrawn=True), T0))
    assert (done.state, done.effect) == (CaseState.REJECTED, Effect.WITHDRAWN)


def test_a_decision_of_an_earlier_release_gave_an_admission() -> None:
    old = Corrected(ruling(admit_with=AdmitWith.ENROLLED, enter_until=T0), Effect.ADMITTED)
    assert model.gave(old) == Given(admitted=True, enter_until=T0)
    assert model.gave(Corrected(ruling(), Effect.TOO_LATE)) == Given()


def test_a_correction_has_a_command_of_its_own_and_the_first_one_stays_known() -> None:
    first = decided(accepted=False)
    with refusal("command_id_taken"):
        model.correct_ticket(first, ruling(accepted=True, grant=Grant.NOTHING), 2)
    now = after(first, model.correct_ticket(first, ruling("command-2", grant=Grant.NOTHING), 2))
    assert model.decide_ticket(now, ruling(accepted=False), 1) == ()
    with refusal("ticket_decided"):
        model.decide_ticket(now, ruling("command-2"), now.version)


@pytest.mark.parametrize("version", [1, 3])
def test_a_correction_is_made_on_what_was_seen(version: int) -> None:
    first = decided(accepted=False)
    with refusal("ticket_changed"):
        model.correct_ticket(first, ruling("command-2"), version)
    with refusal("ticket_open"):
        model.correct_ticket(case(), ruling("command-2"), 1)


def test_an_admission_needs_its_photo() -> None:
    with refusal("photo_needed"):
        model.decide_ticket(case(), ruling(grant=Grant.ADMISSION), 1)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (Given(admitted=True), "工单已通过：您可以不经人脸核验进入考场，其他步骤照常"),
        (
            Given(admitted=True, enter_until=T0),
            "工单已通过：您可以不经人脸核验进入考场，其他步骤照常；您最晚可在 01-15 16:00 开始考试",
        ),
        (Given(chances=2), "工单已通过：已增加 2 次核验机会"),
        (Given(extra_ms=90_000), "工单已通过：作答时间延长 1 分钟"),
        (None, "工单已通过，但办理时您已交卷，考试没有变化"),
    ],
)
def test_the_words_say_what_was_given(given: Given | None, told: str) -> None:
    now = decided(given=given, admit_with=AdmitWith.ENROLLED)
    assert telling.say_ticket(now) == told


def test_the_words_of_a_correction_name_what_stays() -> None:
    first = decided(admit_with=AdmitWith.ENROLLED, given=Given(admitted=True))
    now = after(first, model.correct_ticket(first, ruling("command-2", accepted=False), 3))
    done = after(now, model.settle_ticket(now, Given(kept=(Grant.ADMISSION,)), T0))
    assert telling.say_ticket(done) == (
        "处理结果已更正。工单未通过，原因见处理说明；您已免核验进入考场，这一点不受影响"
    )


@pytest.mark.parametrize(
    ("given", "granted", "in_english"),
    [
        (Given(admitted=True, enter_until=T0), "16:00前可入场", "enter by 16:00"),
        (Given(chances=100), "增加核验机会100次", "100 more face checks"),
        (Given(extra_ms=20 * MINUTE), "延长作答20分钟", "20 more minutes"),
    ],
)
def test_the_message_says_it_in_a_few_words(given: Given, granted: str, in_english: str) -> None:
    said = telling.variables_of(case(given=given), "张三", "考试")["granted"]
    assert isinstance(said, Sentence)
    assert (said, said.en) == (granted, in_english)


@pytest.mark.parametrize(
    ("name", "title", "shown"),
    [
        ("张" * 10, "考" * 20, ("张" * 10, "考" * 20)),
        ("张" * 11, "考" * 21, ("张" * 9 + "…", "考" * 19 + "…")),
        ("", "", ("考生", "平台")),
    ],
)
def test_the_message_names_person_exam_and_number_in_few_characters(
    name: str, title: str, shown: tuple[str, str]
) -> None:
    known = case(given=Given(admitted=True))
    said = telling.variables_of(known, name, title)
    assert said == {"name": shown[0], "exam": shown[1], "number": known.case_id}


# --- what somebody writes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signs", "allowed"), [(0, False), (1, True), (499, True), (500, True), (501, False)]
)
def test_a_text_has_at_most_so_many_signs(signs: int, allowed: bool) -> None:
    if allowed:
        assert len(parse_text("核" * signs, "text", most=500)) == signs
    else:
        with refusal("text_invalid"):
            parse_text("核" * signs, "text", most=500)


def test_lines_are_kept_and_what_cannot_be_seen_is_left_out() -> None:
    assert parse_text(" 一\r\n二\t三\n", "text", most=500) == "一\n二 三"
    for hidden in ("\0", "\u202e", "\x1b", "\u200b", "\ufe0f", "\u2028"):
        assert parse_text(f"一{hidden}二", "text", most=500) == "一二"
        with refusal("text_invalid"):
            parse_text(hidden, "text", most=500)


# --- complaints -----------------------------------------------------------------------------------------


def complaint(**fields: Any) -> Case:
    return case(kind=CaseKind.COMPLAINT, waits_for=CaseWaitsFor.COMPLAINT, **fields)


@pytest.mark.parametrize(
    ("upheld", "state", "template"),
    [
        (True, CaseState.ACCEPTED, "complaint_upheld"),
        (False, CaseState.REJECTED, "complaint_rejected"),
    ],
)
def test_a_decided_complaint_waits_for_its_attempt_and_its_message(
    upheld: bool, state: CaseState, template: str
) -> None:
    decision = ruling(accepted=upheld)
    outcomes = model.decide_complaint(complaint(), decision, 1, "notice-1")
    assert changed_fields(outcomes) == {
        "state": state,
        "ruling": decision,
        "waits_for": CaseWaitsFor.SETTLEMENT,
        "notice": Notice("notice-1", template, T0),
        "notice_pending": NoticeState.PENDING,
    }


def test_a_complaint_is_decided_once_and_on_what_was_seen() -> None:
    with refusal("complaint_changed") as changed:
        model.decide_complaint(complaint(version=2), ruling(), 1, "notice-1")
    assert changed.value.details == {"version": 2}
    decided = complaint(state=CaseState.ACCEPTED, ruling=ruling())
    assert model.decide_complaint(decided, ruling(), 1, "notice-1") == ()
    with refusal("complaint_decided") as refused:
        model.decide_complaint(decided, ruling("command-2"), 1, "notice-1")
    assert refused.value.details == {"state": "accepted"}
