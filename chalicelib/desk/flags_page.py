"""The page 待核实的监考标记: attempts whose flag waits for a human, and one of them with its frames."""

from typing import Any

import msgspec

from chalicelib.attempts import overview, watch, watching
from chalicelib.attempts.board import Flag
from chalicelib.attempts.model import Attempt
from chalicelib.attempts.overview import AttemptStanding
from chalicelib.desk import forms, parts
from chalicelib.desk import texts as t
from chalicelib.desk.attempt_page import integrity_of, state_of
from chalicelib.desk.forms import Target
from chalicelib.desk.snapshots_view import FRAME, figure, id_photo, roster_photo
from chalicelib.desk.widget import Ask
from chalicelib.exams import lists
from chalicelib.exams.model import ListedExam
from chalicelib.proctoring.model import Integrity, IntegrityRule, IntegrityState
from chalicelib.shared.clock import HOUR_MS
from chalicelib.shared.html import Content, Html, el, join

_FLAGS_FOR_MS = 14 * 24 * HOUR_MS  # exams that began earlier are over: nobody looks for flags there


class Wanted(msgspec.Struct, frozen=True):
    """Which attempt, or which page of the list."""

    attempt_id: str = ""
    page: int = 1


def show(ask: Ask) -> Html:
    """One flagged attempt with its frames when the parameters name it; else the list of them."""
    wanted = ask.wants(Wanted)
    if wanted.attempt_id:
        return _flag(ask, wanted.attempt_id)
    return _flags(ask, wanted.page)


def _flags(ask: Ask, page: int) -> Html:
    again = join(forms.keep_operator(ask), parts.show(t.REFRESH, ask.endpoints["flags"]))
    started = lists.list_started_since(moment=ask.now - _FLAGS_FOR_MS)
    recent = [exam for exam in started if exam.starts_at <= ask.now]
    flags = [(flag, exam) for exam in recent for flag in _flagged(exam, ask.now)]
    if not flags:
        return join(parts.empty(t.NO_FLAGS), again)
    flags.sort(key=lambda one: (one[0].gravity, one[0].attempt_id))
    shown, number, pages = overview.cut(flags, page, parts.PAGE_ROWS)
    attempts = [
        (watching.look_up_attempt(attempt_id=flag.attempt_id), exam) for flag, exam in shown
    ]
    lines = [_flag_line(ask, exam, attempt) for attempt, exam in attempts if _is_flagged(attempt)]
    more = parts.pager(number, pages, ask.endpoints["flags"])
    shown_now = parts.table(t.FLAG_HEADS, lines) if lines else parts.empty(t.NO_FLAGS)
    return join(shown_now, more, again)


def _flagged(exam: ListedExam, now: int) -> tuple[Flag, ...]:
    """The flagged attempts of an exam. All rows are read if there are more of them than a kept board names."""
    board = watching.look_at_board(exam_id=exam.exam_id, now=now)
    if board.has_all_flags:
        return board.flags
    return watching.read_board(exam_id=exam.exam_id, now=now).flags


def _is_flagged(attempt: Attempt) -> bool:
    """Whether it still is: the board may be some seconds old."""
    return overview.standing(attempt) is AttemptStanding.FLAGGED


def _flag_line(ask: Ask, exam: ListedExam, attempt: Attempt) -> list[Content]:
    integrity = attempt.integrity
    handle = parts.show(t.HANDLE, ask.endpoints["flags"], attempt_id=attempt.attempt_id)
    rule = parts.mark(t.RULES[integrity.rule.value] if integrity.rule else "", "warn")
    frames = t.FRAMES_OF.format(number=len(integrity.slots))
    where = state_of(attempt)
    return [attempt.identity.name, exam.full_title, rule, frames, where, handle]


def _flag(ask: Ask, attempt_id: str) -> Html:
    attempt = watching.look_up_attempt(attempt_id=attempt_id)
    back = forms.way_back(ask, {"to": "flags"}, t.BACK_TO_LIST)
    integrity = attempt.integrity
    if integrity.state is not IntegrityState.FLAGGED or integrity.rule is None:
        return join(back, parts.empty(integrity_of(integrity)))
    seen = watching.look_at_snapshots(attempt=attempt, slots=integrity.slots)
    figures = [figure(snapshot, FRAME) for snapshot in seen]
    whole: dict[str, Any] = {"attempt_id": attempt_id}
    whole["back"] = {"to": "flags", "attempt_id": attempt_id}
    return join(
        back,
        el("h3", attempt.identity.name, " ", parts.mark(integrity_of(integrity), "warn")),
        el("p", t.RULE_HELP[integrity.rule.value], class_="quiet"),
        _other_rules(attempt, integrity.rule),
        el("h4", t.FLAG_FRAMES),
        parts.pictures(_reference(attempt, ask.now), *figures),
        parts.show(t.TIMELINE, ask.endpoints["attempt"], **whole),
        _decision(ask, attempt, integrity),
    )


def _other_rules(attempt: Attempt, shown: IntegrityRule) -> Html:
    """The other rules that the snapshots break, each with its own state; one decision is about one rule."""
    others = [one for one in watch.broken_rules(attempt) if one.rule is not shown]
    if not others:
        return join()
    told = [
        el("li", integrity_of(one), "（", t.FRAMES_OF.format(number=len(one.slots)), "）")
        for one in others
    ]
    return join(el("p", t.OTHER_RULES), el("ul", *told))


def _reference(attempt: Attempt, now: int) -> Html:
    """The photo that the frames are compared with, as it was when the attempt was opened."""
    photo = None
    if attempt.by_roster:
        photo = roster_photo(attempt.exam_id, attempt.identity.person_hash, now)
    own = photo or id_photo(attempt.account_id, attempt.identity.photo_id)
    return parts.picture(own, t.REFERENCE)


def _decision(ask: Ask, attempt: Attempt, integrity: Integrity) -> Html:
    assert integrity.rule is not None  # a flag has one
    about = {
        "attempt_id": attempt.attempt_id,
        "version_seen": attempt.version,
        "rule": integrity.rule.value,
        "slots": list(integrity.slots),
    }
    # The button leads back to the list, where the operator takes the next flag.
    target = Target(ask.endpoints["command_attempt"], about, {"to": "flags"})
    confirm = forms.give(
        ask, target, "confirm_flag", t.CONFIRM, sure=t.CONFIRM_SURE, kind="main", confirmed=True
    )
    clear = forms.give(ask, target, "confirm_flag", t.CLEAR, sure=t.CLEAR_SURE, confirmed=False)
    return forms.panel(ask, t.COMMANDS, forms.order(confirm, clear))
