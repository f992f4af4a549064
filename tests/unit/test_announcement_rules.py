"""Announcements to everybody and to one person, their receipts, and requests for help."""

import msgspec
import pytest

from chalicelib.attempts import announcing, commands, helping
from chalicelib.attempts.commands import Terms
from chalicelib.attempts.model import Attempt, Cause, HelpReason, HelpRequest, Receipt, Status
from chalicelib.exams import announcing as exam_rules
from chalicelib.exams.model import Announcement, Exam
from chalicelib.kernel.commands import Command
from chalicelib.kernel.outcomes import applied
from chalicelib.shared.errors import DomainError, TooMany
from tests.unit.after import after
from tests.unit.attempts import HOUR, T0, admitted, attempt, refusal, started
from tests.unit.exams import exam

NOW = T0 + 600_000


def told(
    text: str = "考试延长 10 分钟", command: str = "tell-0001", by: str = "op-1"
) -> Announcement:
    return Announcement(text, NOW, command, "李运营", "设备故障", by)


def made(before: Exam, announcement: Announcement, now: int = NOW) -> Exam:
    return after(before, exam_rules.announce(before, announcement, now))


# --- the text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "allowed"), [(0, False), (1, True), (200, True), (201, False)])
def test_a_text_has_1_to_200_characters(length: int, allowed: bool) -> None:
    text = "考" * length
    if allowed:
        assert exam_rules.parse_text(text) == text
    else:
        with refusal("announcement_invalid") as caught:
            exam_rules.parse_text(text)
        assert caught.value.details == {"most": 200}


def test_markup_is_text_like_any_other_and_spaces_around_it_go() -> None:
    assert exam_rules.parse_text(" <b>9 点</b> & **开始**\n") == "<b>9 点</b> & **开始**"


@pytest.mark.parametrize(
    "hidden",
    [
        "\n",
        "\t",
        "\x00",
        "\x7f",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u00ad",
        "\u3164",
    ],
)
def test_characters_that_nobody_sees_are_refused(hidden: str) -> None:
    with refusal("announcement_invalid"):
        exam_rules.parse_text(f"延长{hidden}10 分钟")


# --- to everybody ---------------------------------------------------------------------------------------


def test_announcements_are_numbered_from_1_and_the_same_command_makes_none() -> None:
    one = made(exam(), told())
    two = made(one, told("另一条", "tell-0002", "op-2"))
    assert [entry.number for entry in two.announcements] == [1, 2]
    assert two.announced == 2
    assert exam_rules.announce(two, told(), NOW + 1) == ()


@pytest.mark.parametrize(
    "other", [told("另一条"), told(by="op-2"), msgspec.structs.replace(told(), reason="别的")]
)
def test_a_command_id_stands_for_one_announcement(other: Announcement) -> None:
    with refusal("command_id_taken"):
        exam_rules.announce(made(exam(), told()), other, NOW)


def test_an_announcement_is_possible_until_the_end_of_the_exam() -> None:
    ends_at = exam().ends_at
    assert made(exam(), told(), ends_at).announced == 1
    assert made(exam(), told(), 1).announced == 1  # also long before it
    with refusal("announcement_too_late") as caught:
        exam_rules.announce(exam(), told(), ends_at + 1)
    assert caught.value.details == {"ended_at": ends_at}


def test_thirty_announcements_are_the_most() -> None:
    now = exam()
    for number in range(30):
        now = made(now, told(command=f"tell-{number:04}"))
    with refusal("too_many_announcements"):
        exam_rules.announce(now, told(command="tell-0030"), NOW)


@pytest.mark.parametrize(("later_ms", "due"), [(59_999, False), (60_000, True), (60_001, True)])
def test_the_schedule_looks_a_minute_after_the_newest(later_ms: int, due: bool) -> None:
    now = made(made(exam(), told()), told(command="tell-0002"), NOW + 5)
    assert exam_rules.unsettled(now, NOW + 5 + later_ms) is due
    settled = after(now, exam_rules.settle(now, NOW + 5 + later_ms))
    assert (settled.announced_at is None) is due
    assert exam_rules.settle(settled, NOW + HOUR) == (
        () if due else exam_rules.settle(now, NOW + HOUR)
    )


def test_announcements_are_not_part_of_what_was_published() -> None:
    assert made(exam(), told()).as_published == exam()


@pytest.mark.parametrize(
    ("have", "newest", "after_it"), [(0, 1, 1), (1, 1, 1), (2, 1, 2), (0, 0, 0)]
)
def test_an_attempt_takes_over_the_newest_number_and_never_an_older(
    have: int, newest: int, after_it: int
) -> None:
    before = started(announced=have)
    assert applied(before, announcing.follow(before, newest)).announced == after_it


def test_a_submitted_attempt_takes_over_nothing() -> None:
    assert announcing.follow(submitted(), 1) == ()


def submitted(**fields: object) -> Attempt:
    closed = {"status": Status.SUBMITTED, "submitted_at": NOW, "cause": Cause.SWITCHES}
    return msgspec.structs.replace(started(), **{**closed, **fields})


# --- to one person --------------------------------------------------------------------------------------


def announced(before: Attempt, announcement: Announcement, answers: int | None = None) -> Attempt:
    after_it = applied(before, announcing.announce(before, announcement, answers, NOW))
    return msgspec.structs.replace(after_it, version=before.version + 1)


def test_a_personal_announcement_is_audited_counted_and_made_once() -> None:
    now = announced(started(announced=2), told())
    assert [(p.text, p.at) for p in now.personal] == [("考试延长 10 分钟", NOW)]
    assert now.announcements == 3
    entry = now.audit[-1]
    assert (entry.what, entry.operator_id, entry.reason, entry.detail) == (
        "announce",
        "op-1",
        "设备故障",
        "1",
    )
    assert announcing.announce(now, told(), None, NOW) == ()


def test_a_command_id_stands_for_one_personal_announcement() -> None:
    now = announced(started(), told())
    for other in (told("另一条"), told(by="op-2")):
        with refusal("command_id_taken"):
            announcing.announce(now, other, None, NOW)
    chances = Command("grant-0001", "李运营", "why", now.version, "op-1")
    granted = applied(now, commands.grant_chances(now, chances, 1, NOW))
    with refusal("command_id_taken"):
        announcing.announce(granted, told(command="grant-0001"), None, NOW)


def test_a_command_of_another_operator_does_not_wait_for_an_announcement() -> None:
    before = started()
    now = announced(before, told())
    seen = Command("grant-0001", "王运营", "why", before.version, "op-2")
    assert commands.grant_chances(now, seen, 1, NOW)


def test_twenty_personal_announcements_are_the_most() -> None:
    now = started()
    for number in range(20):
        now = announced(now, told(command=f"tell-{number:04}"))
    assert announcing.announce(now, told(command="tell-0000"), None, NOW) == ()
    with refusal("too_many_announcements"):
        announcing.announce(now, told(command="tell-0020"), None, NOW)


def test_nobody_is_told_anything_after_the_submission() -> None:
    with refusal("attempt_submitted"):
        announcing.announce(submitted(), told(), None, NOW)


# --- receipts -------------------------------------------------------------------------------------------


def read(before: Attempt, for_all: int, personal: int, now: int = NOW) -> Attempt:
    return applied(before, announcing.read(before, for_all, personal, now))


def test_a_receipt_only_rises_and_a_repeat_writes_nothing() -> None:
    before = announced(started(announced=2), told())
    now = read(before, 1, 1)
    assert now.receipt == Receipt(1, 1, NOW)
    assert announcing.read(now, 1, 1, NOW + 5) == ()
    assert announcing.read(now, 0, 1, NOW + 5) == ()
    assert read(now, 2, 0, NOW + 5).receipt == Receipt(2, 1, NOW + 5)


@pytest.mark.parametrize(("for_all", "personal"), [(2, 0), (0, 1)])
def test_nobody_has_read_what_was_not_announced(for_all: int, personal: int) -> None:
    with refusal("announcement_unknown"):
        announcing.read(started(announced=1), for_all, personal, NOW)


def test_a_receipt_after_the_submission_changes_nothing() -> None:
    assert announcing.read(submitted(announced=1), 1, 0, NOW) == ()


def test_a_reopened_round_has_all_announcements_and_what_was_read_stays_read() -> None:
    before = read(announced(started(announced=1), told()), 1, 1)
    closed = submitted(announced=1, personal=before.personal, receipt=before.receipt)
    following = commands.next_round(
        closed,
        Command("reopen-0001", "李运营", "why", closed.version, "op-1"),
        Terms(HOUR, HOUR),
        attempt_id="at_2",
        identity=closed.identity,
        orders=(),
        key_version="",
        announced=3,
        snapshot_seed="seed",
        now=NOW,
    )
    assert (following.announced, following.personal) == (3, before.personal)
    assert following.receipt == Receipt(1, 1, NOW)


# --- help -----------------------------------------------------------------------------------------------


def asked(before: Attempt, request: str = "help-0001", now: int = NOW) -> Attempt:
    return applied(before, helping.ask(before, 1, request, HelpReason.CAMERA, now))


def answered(before: Attempt, number: int, command: str = "tell-0001") -> Attempt:
    return announced(before, told(command=command), number)


@pytest.mark.parametrize("before", [admitted(), started()])
def test_help_is_asked_for_in_the_waiting_room_and_in_the_exam(before: Attempt) -> None:
    now = asked(before)
    assert now.open_help is not None
    assert (now.open_help.number, now.open_help.reason) == (1, HelpReason.CAMERA)
    assert (now.switches, now.last_absence, now.asked) == ((), None, before.asked)


def test_one_request_is_open_at_a_time_and_a_repeat_is_no_other() -> None:
    now = asked(started())
    assert helping.ask(now, 1, "help-0001", HelpReason.CAMERA, NOW) == ()
    with refusal("help_open") as caught:
        asked(now, "help-0002", NOW + HOUR)
    assert caught.value.details == {"asked_at": NOW}


@pytest.mark.parametrize(("later_ms", "wait_s"), [(59_000, 1), (59_999, 1), (60_000, None)])
def test_a_minute_passes_between_two_requests(later_ms: int, wait_s: int | None) -> None:
    now = answered(asked(started()), 1)
    if wait_s is None:
        second = asked(now, "help-0002", NOW + later_ms)
        assert second.open_help is not None
        again = HelpRequest(2, "help-0002", HelpReason.CAMERA, NOW + later_ms)
        assert second.open_help == again
        return
    with pytest.raises(TooMany, match=r"^help_too_soon$") as caught:
        asked(now, "help-0002", NOW + later_ms)
    assert caught.value.retry_after_s == wait_s


def test_ten_requests_are_the_most() -> None:
    now = started()
    for number in range(1, 11):
        now = asked(now, f"help-{number:04}", NOW + number * HOUR)
        now = answered(now, number, f"tell-{number:04}")
    with refusal("help_used_up") as caught:
        asked(now, "help-0011", NOW + 12 * HOUR)
    assert caught.value.details == {"most": 10}


def test_an_answer_closes_the_request_that_it_answers_and_no_other() -> None:
    now = asked(started())
    assert announced(now, told(command="tell-0009")).open_help is not None
    closed = answered(now, 1)
    assert closed.open_help is None
    assert closed.help is not None
    assert closed.help.answered_at == NOW
    assert closed.audit[-1].what == "answer_help"
    for late, number in ((closed, 1), (now, 2), (started(), 1)):
        with refusal("help_answered"):
            answered(late, number, "tell-0002")


def test_the_submission_closes_an_open_request_without_a_write() -> None:
    now = submitted(help=asked(started()).help)
    assert now.open_help is None
    with refusal("attempt_submitted"):
        answered(now, 1)
    with refusal("attempt_submitted"):
        asked(submitted())


@pytest.mark.parametrize("page", [0, 2])
def test_only_the_admitted_page_asks(page: int) -> None:
    with refusal("superseded"):
        helping.ask(started(), page, "help-0001", HelpReason.OTHER, NOW)


def test_an_attempt_from_before_announcements_has_none() -> None:
    fresh = attempt()
    assert (fresh.announcements, fresh.receipt, fresh.open_help) == (0, None, None)
    assert issubclass(TooMany, DomainError)
