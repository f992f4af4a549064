"""The page 一位考生: one attempt with its facts, commands, snapshots, evidence and timeline."""

from typing import Any

import msgspec

from chalicelib.attempts import overview, practising, watching
from chalicelib.attempts.model import Attempt, Cause, Status
from chalicelib.attempts.practice_texts import AREAS, area_message
from chalicelib.desk import announcements_view, evidence_view, forms, parts, timeline_view
from chalicelib.desk import texts as t
from chalicelib.desk.actions import call
from chalicelib.desk.forms import Target
from chalicelib.desk.snapshots_view import THUMBNAIL, figure
from chalicelib.desk.widget import Ask
from chalicelib.exams.model import titled
from chalicelib.proctoring.model import Integrity
from chalicelib.shared.html import Content, Html, el, join
from chalicelib.shared.typed_numbers import without_label
from chalicelib.timeline import service as timeline

_MOST_SNAPSHOTS = 24  # newest; 60 minutes bring 25 at most


class Wanted(msgspec.Struct, frozen=True):
    """Whose attempt, and the view that it was reached from."""

    attempt_id: str = ""
    back: dict[str, Any] = {}
    verify: bool = False  # whether the evidence is to be verified now


def show(ask: Ask) -> Html:
    """One attempt with all its facts and commands; without an id, the search form."""
    wanted = ask.wants(Wanted)
    attempt_id = wanted.attempt_id or without_label(ask.field("attempt_id"))
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
        announcements_view.personal(attempt),
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
    facts: dict[str, Content] = {
        "name": attempt.identity.name,
        "id_number": attempt.identity.id_number_masked,
        "organisation": attempt.identity.organisation,
        "exam": titled(attempt.exam_id, attempt.sitting),
        "number": attempt.attempt_id,
        "practice": practice_of(attempt),
        "round": "" if attempt.policy.is_practice else attempt.round,
        "state": state_of(attempt),
        "opened": parts.moment(attempt.opened_at),
        "started": parts.moment(attempt.started_at),
        "deadline": parts.moment(attempt.deadline),
        "submitted": parts.moment(attempt.submitted_at),
        "seen": parts.ago(overview.last_seen(attempt), now),
        "chances": left,
        "switches": t.SWITCHES_OF.format(number=len(attempt.switches), limit=limit),
        "silences": silences_of(attempt),
        "help": announcements_view.help_of(attempt, now),
        "announcements": announcements_view.receipt_of(attempt),
        "integrity": integrity_of(attempt.integrity),
        "waiver": attempt.waiver.case_id if attempt.waiver else "",
    }
    return parts.about((t.ATTEMPT_ABOUT[name], value) for name, value in facts.items())


def practice_of(attempt: Attempt) -> str:
    """What a practice has found in each area; empty for an attempt that counts."""
    if not attempt.policy.is_practice:
        return ""
    found = practising.findings(attempt)
    return "；".join(f"{AREAS[f.area.value]}：{area_message(f).message}" for f in found)


def silences_of(attempt: Attempt) -> str:
    """How often the candidate's page fell silent in the exam; empty when it never did."""
    silences = attempt.silences
    if silences is None:
        return ""
    return t.SILENT.format(times=silences.times, seconds=round(silences.longest_ms / 1000))


def state_of(attempt: Attempt) -> str:
    """The state of an attempt, and what closed it."""
    words = {Status.OPENED: "opened", Status.STARTED: "started", Status.SUBMITTED: "submitted"}
    state = t.STANDINGS[words[attempt.status]]
    return f"{state}（{t.CAUSES[attempt.cause.value]}）" if attempt.cause else state


def integrity_of(integrity: Integrity) -> str:
    """What the snapshots mean for the result, and by which rule."""
    state = t.INTEGRITY[integrity.state.value]
    return f"{state}：{t.RULES[integrity.rule.value]}" if integrity.rule else state


def _commands(ask: Ask, attempt: Attempt, back: dict[str, Any]) -> Html:
    about = {"attempt_id": attempt.attempt_id, "version_seen": attempt.version}
    here = {"to": "attempt", "attempt_id": attempt.attempt_id, "back": back}
    target = Target(ask.endpoints["command_attempt"], about, here)
    given = []
    if attempt.policy.is_practice:  # the candidate simply practises again
        return forms.keep_operator(ask)
    if attempt.status is not Status.SUBMITTED:
        given.append(announcements_view.orders_for_one(ask, attempt, here))
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
    """The commands for frames that we failed to judge. `number`: how many there are."""
    notice = parts.mark(t.GAPS_TOLD.format(number=number), "warn")
    again = forms.give(ask, target, "judge_gaps", t.JUDGE_GAPS, sure=t.JUDGE_GAPS_SURE)
    accept = forms.give(ask, target, "accept_gaps", t.ACCEPT_GAPS, sure=t.ACCEPT_GAPS_SURE)
    return forms.order(notice, again, accept)


def _snapshots(attempt: Attempt) -> Html:
    slots = watching.newest_slots(attempt, _MOST_SNAPSHOTS)
    title = el("h4", t.SNAPSHOTS.format(number=len(attempt.verdicts)))
    if not slots:
        return join(title, parts.empty(t.NO_SNAPSHOTS))
    seen = watching.look_at_snapshots(attempt=attempt, slots=slots)
    return join(title, parts.pictures(*(figure(snapshot, THUMBNAIL) for snapshot in seen)))
