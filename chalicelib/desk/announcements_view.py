"""Announcements with their receipts, and open requests for help, on the operators' pages."""

from typing import Any

from chalicelib.attempts import overview, watching
from chalicelib.attempts.board import Board, Readers
from chalicelib.attempts.model import Attempt, HelpRequest
from chalicelib.desk import forms, parts
from chalicelib.desk import texts as t
from chalicelib.desk.forms import Target
from chalicelib.desk.widget import Ask
from chalicelib.exams.announcing import MOST_CHARACTERS
from chalicelib.exams.model import Announcement, Exam
from chalicelib.shared.html import Content, Html, el, join


def open_help(ask: Ask, board: Board, back: dict[str, Any]) -> Html:
    """The open requests for help of an exam, the one that waits longest first; nothing when there are none.

    The board may be some seconds old, so a request that was answered meanwhile is left out.
    """
    asked = board.help[: parts.PAGE_ROWS]
    attempts = [watching.look_up_attempt(attempt_id=attempt_id) for attempt_id in asked]
    lines = [
        _help_line(ask, one, one.open_help, back) for one in attempts if one.open_help is not None
    ]
    waiting = board.help_wanted - len(attempts) + len(lines)
    if not waiting:
        return join()
    title = parts.mark(t.HELP_OPEN.format(number=waiting), "bad")
    return join(el("h4", title), parts.table(t.HELP_HEADS, lines))


def _help_line(
    ask: Ask, attempt: Attempt, request: HelpRequest, back: dict[str, Any]
) -> list[Content]:
    look = parts.show(
        t.HELP_ANSWER, ask.endpoints["attempt"], "main", attempt_id=attempt.attempt_id, back=back
    )
    asked_at = request.asked_at
    waited = parts.mark(t.WAITED.format(time=parts.length(ask.now - asked_at)), "warn")
    return [
        attempt.identity.name,
        t.word(t.HELP_REASONS, request.reason.value),
        join(parts.moment(asked_at), " ", waited),
        look,
    ]


def announced(ask: Ask, exam: Exam, board: Board, shown: int, page: int) -> Html:
    """The announcements to everybody, the newest first, each with how many have read it, and who (`shown`)."""
    if not exam.announcements:
        return join(el("h4", t.ANNOUNCEMENTS), parts.empty(t.NO_ANNOUNCEMENTS))
    lines = [
        _line(ask, exam.exam_id, announcement, board.readers_of(announcement.number))
        for announcement in reversed(exam.announcements)
    ]
    readers = _readers(ask, exam, shown, page) if shown else join()
    return join(el("h4", t.ANNOUNCEMENTS), parts.table(t.ANNOUNCEMENT_HEADS, lines), readers)


def told(exam: Exam) -> Html:
    """The announcements to everybody, the newest first, without their receipts; nothing when there are none."""
    if not exam.announcements:
        return join()
    lines = [_told(announcement) for announcement in reversed(exam.announcements)]
    return join(el("h4", t.ANNOUNCEMENTS), parts.table(t.ANNOUNCEMENT_HEADS[:4], lines))


def _told(announcement: Announcement) -> list[Content]:
    return [
        announcement.number,
        parts.moment(announcement.at),
        parts.words(announcement.text),
        announcement.operator,
    ]


def _line(ask: Ask, exam_id: str, announcement: Announcement, by: Readers) -> list[Content]:
    count = t.READ_OF.format(read=by.read, count=by.read + by.unread)
    who = parts.show(
        t.WHO_READ, ask.endpoints["live"], exam_id=exam_id, announcement=announcement.number
    )
    return [
        *_told(announcement),
        parts.mark(count, "warn" if by.unread else "good"),
        who if by.read or by.unread else "",
    ]


def _readers(ask: Ask, exam: Exam, number: int, page: int) -> Html:
    """Who has not read one announcement, then who has. The names are on no board, so all rows are read."""
    rows = watching.list_attempts(exam_id=exam.exam_id)
    unread, read = overview.readers(rows, number)
    back = {"to": "live", "exam_id": exam.exam_id, "announcement": number}
    listed = [(row, False) for row in unread] + [(row, True) for row in read]
    shown, here, pages = overview.cut(listed, page, parts.PAGE_ROWS)
    lines = [_reader(ask, row.attempt_id, has_read, back) for row, has_read in shown]
    live = ask.endpoints["live"]
    more = parts.pager(here, pages, live, exam_id=exam.exam_id, announcement=number)
    title = el("h4", t.READERS.format(number=number))
    return join(title, parts.table(t.READER_HEADS, lines), more)


def _reader(ask: Ask, attempt_id: str, has_read: bool, back: dict[str, Any]) -> list[Content]:
    attempt = watching.look_up_attempt(attempt_id=attempt_id)
    look = parts.show(t.LOOK, ask.endpoints["attempt"], attempt_id=attempt_id, back=back)
    return [attempt.identity.name, read_mark(has_read), look]


def read_mark(has_read: bool) -> Html:
    """Whether somebody has confirmed an announcement."""
    return parts.mark(t.READ, "good") if has_read else parts.mark(t.UNREAD, "warn")


def order_for_all(ask: Ask, target: Target) -> Html:
    """The field and the button of an announcement to everybody, within a form."""
    give = forms.give(
        ask, target, "announce_to_all", t.ANNOUNCE_TO_ALL, sure=t.ANNOUNCE_TO_ALL_SURE
    )
    return forms.order(text_field(ask), give)


def text_field(ask: Ask) -> Html:
    """The field for the text of an announcement."""
    label = t.ANNOUNCEMENT_TEXT.format(most=MOST_CHARACTERS)
    return parts.text_field("text", label, ask.field("text"), maxlength=MOST_CHARACTERS)


def orders_for_one(ask: Ask, attempt: Attempt, back: dict[str, Any]) -> Html:
    """The field and the buttons of an announcement to one person, within a form."""
    about = {"attempt_id": attempt.attempt_id}
    target = Target(ask.endpoints["command_attempt"], about, back)
    give = forms.give(ask, target, "announce_to_one", t.ANNOUNCE_TO_ONE)
    if (request := attempt.open_help) is None:
        return forms.order(text_field(ask), give)
    number = request.number
    answer = forms.give(ask, target, "answer_help", t.HELP_REPLY, kind="main", help_number=number)
    return forms.order(text_field(ask), answer, give)


def personal(attempt: Attempt) -> Html:
    """The announcements to one person with their receipts, the newest first; nothing when there are none."""
    if not attempt.personal:
        return join()
    confirmed = attempt.receipt.personal if attempt.receipt else 0
    lines = [
        (parts.moment(one.at), parts.words(one.text), read_mark(number <= confirmed))
        for number, one in enumerate(attempt.personal, start=1)
    ]
    return join(el("h4", t.PERSONAL), parts.table(t.PERSONAL_HEADS, reversed(lines)))


def help_of(attempt: Attempt, now: int) -> Content:
    """The newest request for help of one person; empty when there was none."""
    request = attempt.help
    if request is None:
        return ""
    reason = t.word(t.HELP_REASONS, request.reason.value)
    if attempt.open_help is not None:
        waited = parts.length(now - request.asked_at)
        return parts.mark(f"{reason}，{t.WAITED.format(time=waited)}", "bad")
    closed = t.HELP_ANSWERED if request.answered_at is not None else t.HELP_CLOSED
    return f"{reason}（{parts.moment(request.asked_at)}，{closed}）"


def receipt_of(attempt: Attempt) -> str:
    """How many announcements one person has, and how many of them they have confirmed; empty without any."""
    if not attempt.announcements:
        return ""
    receipt = attempt.receipt
    read = receipt.for_all + receipt.personal if receipt else 0
    return t.READ_OF.format(read=read, count=attempt.announcements)
