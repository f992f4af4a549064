"""The page 考试实况: how many candidates are in which state, and a list of twenty of them."""

from typing import Any

import msgspec

from chalicelib.attempts import overview, watch, watching
from chalicelib.attempts.board import Board
from chalicelib.attempts.model import Attempt
from chalicelib.attempts.overview import AttemptStanding
from chalicelib.attempts.watching import Snapshot
from chalicelib.desk import announcements_view, forms, parts
from chalicelib.desk import texts as t
from chalicelib.desk.attempt_page import gap_orders, silences_of
from chalicelib.desk.forms import Target, keep_operator
from chalicelib.desk.widget import Ask
from chalicelib.exams import lists
from chalicelib.exams import service as exams
from chalicelib.exams.listing import ListPart
from chalicelib.exams.model import Exam, ExamKind, ListedExam, Phase
from chalicelib.proctoring.texts import FRAME_LABELS
from chalicelib.shared import pictures
from chalicelib.shared.html import Content, Html, el, join

_NEWEST = 3  # frames beside somebody who is flagged
_SMALL = 60  # pixels of their longer side
_MOST_OTHERS = 8  # other exams that the page links to; the widget of exams lists all
_MOST_COMPARED = 5  # live exams of which the open attempts are counted: 8 short queries each
KIND = {
    AttemptStanding.FLAGGED: "warn",
    AttemptStanding.NOT_WATCHED: "warn",
    AttemptStanding.INVALIDATED: "bad",
    AttemptStanding.STARTED: "good",
}


class Wanted(msgspec.Struct, frozen=True):
    """Which exam, which of its candidates, which page of them."""

    exam_id: str = ""
    only: AttemptStanding | None = None
    page: int = 1
    announcement: int = 0  # whose readers are shown


def show(ask: Ask) -> Html:
    """The exam of the parameters; without one, the waiting or running exam with the most open attempts."""
    wanted = ask.wants(Wanted)
    listed = lists.list_current()
    live = [exam for exam in listed if exam.phase(ask.now) in (Phase.WAITING, Phase.RUNNING)]
    opened = {} if wanted.exam_id else _count_open(live, ask.now)
    exam = _chosen(listed, live, wanted.exam_id, opened, ask.now)
    if exam is None:
        return join(parts.empty(t.NO_LIVE_EXAM), _others(ask, listed, ""))
    board = watching.look_at_board(exam_id=exam.exam_id, now=ask.now)
    return join(
        _head(ask, exam, board),
        _also_live(ask, [other for other in live if other is not exam], opened),
        announcements_view.open_help(ask, board, {"to": "live", "exam_id": exam.exam_id}),
        _counts(board),
        _filters(ask, exam.exam_id, wanted.only),
        _search(ask, exam.exam_id),
        _candidates(ask, exam.exam_id, board, wanted),
        _announcements(ask, exam.exam_id, board, wanted),
        el("p", t.SEEN_NOTE, class_="quiet"),
        _others(ask, listed, exam.exam_id),
    )


def _count_open(live: list[ListedExam], now: int) -> dict[str, int]:
    """Exam id → open attempts of the live exams that may be meant; nothing is read when there is no choice."""
    if len(live) < 2:
        return {}
    nearest = sorted(live, key=lambda exam: _rank(exam, 0, now))[:_MOST_COMPARED]
    return {exam.exam_id: watching.count_open(exam_id=exam.exam_id) for exam in nearest}


def _chosen(
    listed: list[ListedExam],
    live: list[ListedExam],
    exam_id: str,
    opened: dict[str, int],
    now: int,
) -> ListedExam | None:
    if exam_id:
        known = next((exam for exam in listed if exam.exam_id == exam_id), None)
        return known or lists.find_exam(exam_id=exam_id)
    return min(live, key=lambda e: _rank(e, opened.get(e.exam_id, 0), now), default=None)


def _rank(exam: ListedExam, opened: int, now: int) -> tuple[bool, int, int, str]:
    """Exams before practice exams, then where most people are, then the nearest start."""
    practice = exam.policy.kind is ExamKind.PRACTICE
    return (practice, -opened, abs(exam.starts_at - now), exam.exam_id)


def _also_live(ask: Ask, others: list[ListedExam], opened: dict[str, int]) -> Html:
    """Which other exams are waited for or held now, with the people in them as far as they were counted."""
    if not others:
        return join()
    buttons = [
        parts.show(_named(exam, opened, ask.now), ask.endpoints["live"], exam_id=exam.exam_id)
        for exam in others[:_MOST_OTHERS]
    ]
    return el("p", parts.mark(t.ALSO_LIVE), *buttons)


def _named(exam: ListedExam, opened: dict[str, int], now: int) -> str:
    phase = t.PHASES[exam.phase(now).value]
    if exam.exam_id not in opened:
        return t.EXAM_ON.format(title=exam.full_title, phase=phase)
    number = opened[exam.exam_id]
    return t.EXAM_WITH_PEOPLE.format(title=exam.full_title, phase=phase, number=number)


def _search(ask: Ask, exam_id: str) -> Html:
    """The way to find somebody of this exam, by the one page that records who looked for whom."""
    find = parts.show(t.LIVE_SEARCH, ask.endpoints["find_person"], exam_id=exam_id, from_live=True)
    return el("p", find)


def _head(ask: Ask, exam: ListedExam, board: Board) -> Html:
    phase = t.word(t.PHASES, exam.phase(ask.now).value)
    start, read_at = parts.day_and_minute(exam.starts_at), parts.moment(board.read_at)
    headline = t.LIVE_TOLD.format(phase=phase, start=start, now=read_at)
    again = parts.show(t.REFRESH, ask.endpoints["live"], exam_id=exam.exam_id)
    return join(el("h3", exam.full_title), el("p", parts.mark(headline), " ", again))


def _counts(board: Board) -> Html:
    figures = [
        parts.count(board.count(standing), t.STANDINGS[standing.value], KIND.get(standing, ""))
        for standing in AttemptStanding
    ]
    return el("div", parts.count(board.total, t.OPENED_IN_ALL), *figures, class_="counts")


def _filters(ask: Ask, exam_id: str, only: AttemptStanding | None) -> Html:
    buttons = []
    for standing in (None, *AttemptStanding):
        text = t.STANDINGS[standing.value] if standing else t.ALL
        value = standing.value if standing else None
        kind = "chosen" if standing is only else ""
        buttons.append(parts.show(text, ask.endpoints["live"], kind, exam_id=exam_id, only=value))
    return el("p", *buttons)


def _candidates(ask: Ask, exam_id: str, board: Board, wanted: Wanted) -> Html:
    if not board.total:
        return parts.empty(t.NOBODY_YET)
    if not board.count(wanted.only):
        return parts.empty(t.NOBODY_SO)
    page = 1 if wanted.announcement else wanted.page  # then the pages are those of its readers
    ids, number, pages = _page(ask, exam_id, board, wanted.only, page)
    only = wanted.only.value if wanted.only else None
    back: dict[str, Any] = {"to": "live", "exam_id": exam_id, "only": only, "page": number}
    lines = [_line(ask, attempt_id, back) for attempt_id in ids]
    more = parts.pager(number, pages, ask.endpoints["live"], exam_id=exam_id, only=only)
    return join(parts.table(t.LIVE_HEADS, lines), more)


def _page(
    ask: Ask, exam_id: str, board: Board, only: AttemptStanding | None, page: int
) -> tuple[tuple[str, ...], int, int]:
    """One page of the list; all rows are read for a page so far behind that a kept board does not have it."""
    kept = board.page(only, page, parts.PAGE_ROWS)
    whole = kept or watching.read_board(exam_id=exam_id, now=ask.now).page(
        only, page, parts.PAGE_ROWS
    )
    assert whole is not None  # the whole board has every page
    return whole


def _announcements(ask: Ask, exam_id: str, board: Board, wanted: Wanted) -> Html:
    """The announcements with their receipts, and below them the commands for the whole exam."""
    exam = exams.get_exam(exam_id)
    page = wanted.page if wanted.announcement else 1
    given = [*_tell(ask, exam), *_gaps(ask, exam_id, board.gaps)]
    return join(
        announcements_view.announced(ask, exam, board, wanted.announcement, page),
        forms.panel(ask, t.EXAM_COMMANDS, *given) if given else keep_operator(ask),
    )


def _tell(ask: Ask, exam: Exam) -> list[Html]:
    """The command for an announcement; none after the exam."""
    if exam.phase(ask.now) is Phase.ENDED:
        return []
    here = {"to": "live", "exam_id": exam.exam_id}
    target = Target(ask.endpoints["command_exam"], {"exam_id": exam.exam_id}, here)
    return [announcements_view.order_for_all(ask, target)]


def _gaps(ask: Ask, exam_id: str, frames: int) -> list[Html]:
    """The commands for frames that we failed to judge; none when there are no such frames."""
    if not frames:
        return []
    here = {"to": "live", "exam_id": exam_id, "only": AttemptStanding.NOT_WATCHED.value}
    target = Target(ask.endpoints["command_exam"], {"exam_id": exam_id}, here)
    return [gap_orders(ask, target, frames)]


def _line(ask: Ask, attempt_id: str, back: dict[str, Any]) -> list[Content]:
    attempt = watching.look_up_attempt(attempt_id=attempt_id)
    where = overview.standing(attempt)
    look = parts.show(t.LOOK, ask.endpoints["attempt"], attempt_id=attempt_id, back=back)
    limit = attempt.policy.switch_limit
    switches = t.SWITCHES_OF.format(number=len(attempt.switches), limit=limit)
    answered = sum(1 for letters in attempt.answers.values() if letters)
    return [
        attempt.identity.name,
        parts.mark(t.STANDINGS[where.value], KIND.get(where, "quiet")),
        join(parts.ago(overview.last_seen(attempt), ask.now), _silent(attempt)),
        parts.moment(attempt.deadline),
        t.ANSWERED_OF.format(answered=answered, count=attempt.question_count),
        parts.mark(switches, "warn" if attempt.switches else "quiet"),
        join(snapshots_of(attempt, ask.now), _newest(attempt, where)),
        t.word(t.RULES, attempt.integrity.rule.value if attempt.integrity.rule else None),
        look,
    ]


def _silent(attempt: Attempt) -> Html:
    sentence = silences_of(attempt)
    return el("div", parts.mark(sentence, "warn")) if sentence else join()


def _newest(attempt: Attempt, where: AttemptStanding) -> Html:
    """The newest frames of a flagged attempt; nothing for the others."""
    if where is not AttemptStanding.FLAGGED:
        return join()
    slots = watching.newest_slots(attempt, _NEWEST)
    seen = watching.look_at_snapshots(attempt=attempt, slots=slots)
    return parts.pictures(*map(_small, seen), in_a_row=True)


def _small(snapshot: Snapshot) -> Html:
    """A small frame with its verdict."""
    data = pictures.thumbnail(snapshot.data, _SMALL) if snapshot.data else None
    return parts.picture(data, FRAME_LABELS[snapshot.verdict.value])


def snapshots_of(attempt: Attempt, now: int) -> str:
    """How many of the due snapshots were judged, and the number of each verdict except a match."""
    due = len(watch.due_slots(attempt, now))
    summary = t.SNAPSHOTS_OF.format(judged=len(attempt.verdicts), due=due)
    numbers: dict[str, int] = {}
    for verdict in attempt.verdicts.values():
        numbers[verdict.value] = numbers.get(verdict.value, 0) + 1
    odd = [f"{FRAME_LABELS[name]} {n}" for name, n in sorted(numbers.items()) if name != "match"]
    return "，".join([summary, *odd])


def _others(ask: Ask, listed: list[ListedExam], exam_id: str) -> Html:
    """Buttons to other exams: the latest of the current ones, then those that are over."""
    ended = lists.list_page(part=ListPart.ENDED, after="", most=_MOST_OTHERS).exams
    known = [*reversed(listed), *ended]
    others = [exam for exam in known if exam.exam_id != exam_id][:_MOST_OTHERS]
    if not others:
        return join()
    buttons = [
        parts.show(exam.full_title, ask.endpoints["live"], exam_id=exam.exam_id) for exam in others
    ]
    return el("p", parts.mark(t.OTHER_EXAMS), *buttons)
