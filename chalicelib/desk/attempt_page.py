"""Widgets about one candidate: 一位考生 with timeline and grants, 待核实的监考标记 with frames."""

import contextlib
from typing import Any

import msgspec

from chalicelib.attempts import overview, watching
from chalicelib.attempts.model import Attempt, Cause, Listed, Status
from chalicelib.attempts.overview import Standing
from chalicelib.attempts.watching import Snapshot
from chalicelib.desk import evidence_view, forms, parts, timeline_view
from chalicelib.desk import texts as t
from chalicelib.desk.actions import call
from chalicelib.desk.forms import Target
from chalicelib.desk.widget import Ask
from chalicelib.exams import roster_photos
from chalicelib.exams import service as exams
from chalicelib.exams.model import ListedExam
from chalicelib.identity import service as identity
from chalicelib.identity.model import FaceVerdict
from chalicelib.proctoring.model import Integrity, IntegrityState, Verdict
from chalicelib.shared import pictures
from chalicelib.shared.clock import HOUR_MS
from chalicelib.shared.errors import NotFound
from chalicelib.shared.html import Content, Html, el, join
from chalicelib.timeline import service as timeline

THUMBNAIL = 160  # pixels of the longer side: 3 to 4 kB each
FRAME = 320  # pixels, where somebody has to recognise a face
_MOST_SNAPSHOTS = 24  # newest; 60 minutes bring 25 at most
_FLAGS_FOR_MS = 14 * 24 * HOUR_MS  # exams that began earlier are over: nobody looks for flags there


class Wanted(msgspec.Struct, frozen=True):
    """Whose attempt, and the view that it was reached from."""

    attempt_id: str = ""
    back: dict[str, Any] = {}
    page: int = 1
    verify: bool = False  # whether the evidence is to be verified now


# --- one candidate --------------------------------------------------------------------------------------


def show_attempt(ask: Ask) -> Html:
    """One attempt with everything that is known of it, and what an operator can do for it."""
    wanted = ask.wants(Wanted)
    attempt_id = wanted.attempt_id or ask.field("attempt_id").strip()
    search = _search(ask, attempt_id)
    if not attempt_id:
        return join(forms.keep_operator(ask), search, parts.empty(t.ATTEMPT_WANTED))
    attempt = watching.look_up_attempt(attempt_id=attempt_id)
    entries, problems = timeline.get_timeline(attempt_id=attempt_id)
    return join(
        forms.way_back(ask, wanted.back, t.BACK_TO_LIST),
        search,
        el("h3", attempt.identity.name),
        _about(attempt, ask.now),
        _commands(ask, attempt, wanted.back),
        _snapshots(attempt),
        evidence_view.show(ask, attempt_id, wanted.back, wanted.verify),
        timeline_view.show(entries, problems),
    )


def _search(ask: Ask, attempt_id: str) -> Html:
    number = parts.field("attempt_id", t.ATTEMPT_NUMBER, attempt_id, size=36)
    look = call(parts.button(t.LOOK), ask.endpoints["attempt"], {})
    return parts.form(el("div", number, look, class_="fields"))


def _about(attempt: Attempt, now: int) -> Html:
    chances, later = attempt.chances, attempt.chances_after_start
    left = t.CHANCES_LEFT.format(
        left=chances.left,
        granted=chances.granted,
        left_after=later.left,
        granted_after=later.granted,
    )
    limit = attempt.policy.switch_limit
    known: dict[str, Content] = {
        "name": attempt.identity.name,
        "id_number": attempt.identity.id_number_masked,
        "organisation": attempt.identity.organisation,
        "exam": attempt.exam_id,
        "number": attempt.attempt_id,
        "round": attempt.round,
        "state": state_of(attempt),
        "opened": parts.moment(attempt.opened_at),
        "started": parts.moment(attempt.started_at),
        "deadline": parts.moment(attempt.deadline),
        "submitted": parts.moment(attempt.submitted_at),
        "seen": parts.ago(overview.last_seen(attempt), now),
        "chances": left,
        "switches": t.SWITCHES_OF.format(number=len(attempt.switches), limit=limit),
        "silences": silences_of(attempt),
        "integrity": integrity_of(attempt.integrity),
        "waiver": attempt.waiver.case_id if attempt.waiver else "",
    }
    return parts.about((t.ATTEMPT_ABOUT[name], value) for name, value in known.items())


def silences_of(attempt: Attempt) -> str:
    """How often the page fell silent in the exam; empty when it never did."""
    known = attempt.silences
    if known is None:
        return ""
    return t.SILENT.format(times=known.times, seconds=round(known.longest_ms / 1000))


def state_of(attempt: Attempt) -> str:
    """Where an attempt stands, and what closed it."""
    words = {Status.OPENED: "opened", Status.STARTED: "started", Status.SUBMITTED: "submitted"}
    state = t.STANDINGS[words[attempt.status]]
    return f"{state}（{t.CAUSES[attempt.cause.value]}）" if attempt.cause else state


def integrity_of(found: Integrity) -> str:
    """What the snapshots mean, and by which rule."""
    state = t.INTEGRITY[found.state.value]
    return f"{state}：{t.RULES[found.rule.value]}" if found.rule else state


def _commands(ask: Ask, attempt: Attempt, back: dict[str, Any]) -> Html:
    about = {"attempt_id": attempt.attempt_id, "version_seen": attempt.version}
    here = {"to": "attempt", "attempt_id": attempt.attempt_id, "back": back}
    target = Target(ask.endpoints["command_attempt"], about, here)
    given = []
    if attempt.status is not Status.SUBMITTED:
        count = forms.number_field(ask, "count", t.GRANT_COUNT, "3")
        given.append(forms.order(count, forms.give(ask, target, "grant_chances", t.GRANT)))
        minutes = forms.number_field(ask, "extra_min", t.EXTEND_MINUTES, "10")
        given.append(forms.order(minutes, forms.give(ask, target, "extend_time", t.EXTEND)))
    elif attempt.cause is not Cause.CANDIDATE:
        allowed = forms.number_field(ask, "allowed_min", t.REOPEN_ALLOWED, "30")
        entry = forms.number_field(ask, "entry_min", t.REOPEN_ENTRY, "30")
        reopen = forms.give(ask, target, "reopen_attempt", t.REOPEN)
        given.append(forms.order(allowed, entry, reopen))
    if attempt.status is Status.SUBMITTED and attempt.integrity.gaps:
        whole = {"exam_id": attempt.exam_id, "attempt_id": attempt.attempt_id}
        gaps = Target(ask.endpoints["command_attempt"], whole, here)
        given.append(gap_orders(ask, gaps, len(attempt.integrity.gaps)))
    return forms.panel(ask, t.COMMANDS, *given) if given else forms.keep_operator(ask)


def gap_orders(ask: Ask, target: Target, number: int) -> Html:
    """What can be done about frames that we failed to judge."""
    told = parts.mark(t.GAPS_TOLD.format(number=number), "warn")
    again = forms.give(ask, target, "judge_gaps", t.JUDGE_GAPS, sure=t.JUDGE_GAPS_SURE)
    accept = forms.give(ask, target, "accept_gaps", t.ACCEPT_GAPS, sure=t.ACCEPT_GAPS_SURE)
    return forms.order(told, again, accept)


def _snapshots(attempt: Attempt) -> Html:
    slots = watching.newest_slots(attempt, _MOST_SNAPSHOTS)
    title = el("h4", t.SNAPSHOTS.format(number=len(attempt.verdicts)))
    if not slots:
        return join(title, parts.empty(t.NO_SNAPSHOTS))
    seen = watching.look_at_snapshots(attempt=attempt, slots=slots)
    return join(title, parts.pictures(*(figure(snapshot, THUMBNAIL) for snapshot in seen)))


def figure(snapshot: Snapshot, side: int) -> Html:
    """One snapshot with its moment, verdict, and why: how alike the faces are, or what is wrong with the picture."""
    data = pictures.thumbnail(snapshot.data, side) if snapshot.data else None
    said = [t.VERDICTS[snapshot.verdict.value], _why(snapshot)]
    told = "：".join(part for part in said if part)
    caption = f"{snapshot.slot + 1} · {parts.moment(snapshot.at)} · {told}"
    return parts.picture(data, caption, snapshot.url)


def _why(snapshot: Snapshot) -> str:
    if snapshot.verdict is Verdict.MATCH:
        return ""
    if snapshot.comparison is not None:
        return likeness_of(snapshot.comparison)
    return t.FRAME_REASONS.get(snapshot.reason, "")


def likeness_of(compared: FaceVerdict) -> str:
    """How near two faces are, in words: where the distance lies between the limits of match and mismatch."""
    between = compared.mismatch_above - compared.match_at
    if compared.distance <= compared.match_at:
        place = 0
    elif compared.distance <= compared.match_at + between / 2:
        place = 1
    elif compared.distance <= compared.mismatch_above:
        place = 2
    else:
        place = 3
    return t.LIKENESS[place]


# --- flags to confirm -----------------------------------------------------------------------------------


def show_flags(ask: Ask) -> Html:
    """Attempts that wait for a human, or one of them with its frames."""
    wanted = ask.wants(Wanted)
    if wanted.attempt_id:
        return _flag(ask, wanted.attempt_id)
    return _flags(ask, wanted.page)


def _flags(ask: Ask, page: int) -> Html:
    again = join(forms.keep_operator(ask), parts.show(t.REFRESH, ask.endpoints["flags"]))
    recent = [e for e in exams.list_exams() if 0 <= ask.now - e.starts_at <= _FLAGS_FOR_MS]
    exam_of = {row.attempt_id: (exam, row) for exam in recent for row in _flagged(exam)}
    if not exam_of:
        return join(parts.empty(t.NO_FLAGS), again)
    rows = overview.urgent_first(row for _, row in exam_of.values())
    shown, number, pages = overview.cut(rows, page, parts.PAGE_ROWS)
    lines = [_flag_line(ask, *exam_of[row.attempt_id]) for row in shown]
    more = parts.pager(number, pages, ask.endpoints["flags"])
    return join(parts.table(t.FLAG_HEADS, lines), more, again)


def _flagged(exam: ListedExam) -> list[Listed]:
    rows = watching.list_attempts(exam_id=exam.exam_id)
    return overview.urgent_first(rows, Standing.FLAGGED)


def _flag_line(ask: Ask, exam: ListedExam, row: Listed) -> list[Content]:
    attempt = watching.look_up_attempt(attempt_id=row.attempt_id)
    found = attempt.integrity
    handle = parts.show(t.HANDLE, ask.endpoints["flags"], attempt_id=row.attempt_id)
    rule = parts.mark(t.RULES[found.rule.value] if found.rule else "", "warn")
    frames = t.FRAMES_OF.format(number=len(found.slots))
    where = state_of(attempt)
    return [attempt.identity.name, exam.title, rule, frames, where, handle]


def _flag(ask: Ask, attempt_id: str) -> Html:
    attempt = watching.look_up_attempt(attempt_id=attempt_id)
    back = forms.way_back(ask, {"to": "flags"}, t.BACK_TO_LIST)
    found = attempt.integrity
    if found.state is not IntegrityState.FLAGGED or found.rule is None:
        return join(back, parts.empty(integrity_of(found)))
    seen = watching.look_at_snapshots(attempt=attempt, slots=found.slots)
    figures = [figure(snapshot, FRAME) for snapshot in seen]
    whole: dict[str, Any] = {"attempt_id": attempt_id}
    whole["back"] = {"to": "flags", "attempt_id": attempt_id}
    return join(
        back,
        el("h3", attempt.identity.name, " ", parts.mark(integrity_of(found), "warn")),
        el("p", t.RULE_HELP[found.rule.value], class_="quiet"),
        el("h4", t.FLAG_FRAMES),
        parts.pictures(_reference(attempt, ask.now), *figures),
        parts.show(t.TIMELINE, ask.endpoints["attempt"], **whole),
        _decision(ask, attempt, found),
    )


def _reference(attempt: Attempt, now: int) -> Html:
    """The photo that the frames were compared with, as it was when the attempt was opened."""
    photo = None
    if attempt.by_roster:
        photo = roster_photo(attempt.exam_id, attempt.identity.person_hash, now)
    own = photo or id_photo(attempt.account_id, attempt.identity.photo_id)
    return parts.picture(own, t.REFERENCE)


def roster_photo(exam_id: str, person_hash: str, now: int) -> bytes | None:
    """The publisher's photo of somebody, small; None when there is none."""
    with contextlib.suppress(NotFound):
        data = roster_photos.read_picture(exam_id=exam_id, person_hash=person_hash, now=now)
        return pictures.thumbnail(data, FRAME)
    return None


def id_photo(account_id: str, photo_id: str) -> bytes | None:
    """An ID photo, small; None when it is not kept any more."""
    with contextlib.suppress(NotFound):
        data = identity.read_photo(account_id=account_id, photo_id=photo_id)
        return pictures.thumbnail(data, FRAME)
    return None


def _decision(ask: Ask, attempt: Attempt, found: Integrity) -> Html:
    assert found.rule is not None  # a flag has one
    about = {
        "attempt_id": attempt.attempt_id,
        "version_seen": attempt.version,
        "rule": found.rule.value,
        "slots": list(found.slots),
    }
    # Back to the list: the next one is a click away.
    target = Target(ask.endpoints["command_attempt"], about, {"to": "flags"})
    confirm = forms.give(
        ask, target, "confirm_flag", t.CONFIRM, sure=t.CONFIRM_SURE, kind="main", confirmed=True
    )
    clear = forms.give(ask, target, "confirm_flag", t.CLEAR, sure=t.CLEAR_SURE, confirmed=False)
    return forms.panel(ask, t.COMMANDS, forms.order(confirm, clear))
