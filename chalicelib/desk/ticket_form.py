"""The form that decides a ticket, or corrects its decision once: a button for each thing that it can give."""

from chalicelib.attempts import watching
from chalicelib.attempts.granting import Grant
from chalicelib.attempts.model import Attempt, Status
from chalicelib.cases.model import Case, CaseState
from chalicelib.cases.telling import say_ticket
from chalicelib.desk import forms, parts
from chalicelib.desk import texts as t
from chalicelib.desk.case_commands import ALL_GRANT_FIELDS, GRANT_FIELDS
from chalicelib.desk.forms import Target
from chalicelib.desk.widget import Ask
from chalicelib.shared.html import Content, Html, el, join


def show(ask: Ask, case: Case, here: dict[str, str]) -> Html:
    """The form of an open ticket; of a decided one what was decided, and the form of its correction."""
    attempt = watching.look_up_attempt(attempt_id=case.attempt_id) if case.attempt_id else None
    if case.state is CaseState.OPEN:
        return join(_situation(attempt), _form(ask, case, attempt, here, corrects=False))
    decided = _decided(case)
    if case.corrected is not None or not case.settled:
        return join(forms.keep_operator(ask), decided)
    again = _form(ask, case, attempt, here, corrects=True)
    return join(decided, _situation(attempt), again)


def _situation(attempt: Attempt | None) -> Html:
    """Where the candidate stands now, so that the operator sees what helps."""
    if attempt is None:
        return parts.empty(t.TICKET_WITHOUT_ATTEMPT)
    if attempt.status is Status.SUBMITTED:
        return parts.empty(t.TICKET_SUBMITTED)
    chances = attempt.chances_now
    told = t.TICKET_STARTED if attempt.status is Status.STARTED else t.TICKET_WAITING
    sentence = told.format(
        entry=parts.moment(attempt.start_until),
        deadline=parts.moment(attempt.deadline),
        left=chances.left,
        granted=chances.granted,
    )
    return el("p", sentence, class_="words")


def _form(
    ask: Ask, case: Case, attempt: Attempt | None, here: dict[str, str], *, corrects: bool
) -> Html:
    about = {"ticket_id": case.case_id, "version_seen": case.version, "corrects": corrects}
    target = Target(ask.endpoints["command_case"], about, here)
    running = attempt is not None and attempt.status is not Status.SUBMITTED
    orders = _grants(ask, target, case, attempt) if running and attempt else []
    answer = _button(ask, target, Grant.NOTHING, kind="" if running else "main")
    reject = forms.give(
        ask,
        target,
        "decide_ticket",
        t.REJECT_TICKET,
        sure=t.REJECT_TICKET_SURE,
        decision="rejected",
        **_emptied(()),
    )
    note = [parts.empty(t.CORRECT_NOTE)] if corrects else []
    title = t.CORRECT_TICKET if corrects else t.COMMANDS
    return forms.panel(
        ask, title, *note, *orders, forms.order(answer, reject), reason=t.REASON_TOLD
    )


def _grants(ask: Ask, target: Target, case: Case, attempt: Attempt) -> list[Html]:
    """The orders that change the attempt: admission and entry, chances, time."""
    usable = [kind.value for kind, upload in case.uploads.items() if upload.reference is not None]
    options = [("", t.CHOOSE_PHOTO), *((name, t.PICTURES[name]) for name in ("enrolled", *usable))]
    photo = parts.choice("admit_with", t.ADMIT_WITH, options, ask.field("admit_with"))
    entering: list[Content] = [photo]
    if attempt.status is Status.OPENED:
        entering.append(forms.number_field(ask, "enter_within_min", t.ENTER_WITHIN))
    entering.append(_button(ask, target, Grant.ADMISSION, kind="main"))
    if attempt.status is Status.OPENED:
        entering.append(_button(ask, target, Grant.ENTRY))
    count = forms.number_field(ask, "count", t.GRANT_COUNT, "3")
    minutes = forms.number_field(ask, "extra_min", t.EXTEND_MINUTES, "10")
    return [
        forms.order(*entering),
        forms.order(count, _button(ask, target, Grant.CHANCES)),
        forms.order(minutes, _button(ask, target, Grant.TIME)),
    ]


def _button(ask: Ask, target: Target, grant: Grant, kind: str = "") -> Html:
    return forms.give(
        ask,
        target,
        "decide_ticket",
        t.TICKET_GRANTS[grant.value],
        sure=t.TICKET_SURE[grant.value],
        kind=kind,
        decision="accepted",
        grant=grant.value,
        **_emptied(GRANT_FIELDS[grant]),
    )


def _emptied(sent: tuple[str, ...]) -> dict[str, str]:
    """The fields that a button does not send: a click brings all fields of the page."""
    return {name: "" for name in ALL_GRANT_FIELDS if name not in sent}


def _decided(case: Case) -> Html:
    """What was decided and what the candidate was told; before a correction the first decision too."""
    lines = [_line(case, case.corrected.ruling.accepted, first=True)] if case.corrected else []
    return join(*lines, _line(case, case.state is CaseState.ACCEPTED, first=False))


def _line(case: Case, accepted: bool, *, first: bool) -> Html:
    ruling = case.corrected.ruling if first and case.corrected else case.ruling
    state = t.TICKET_STATES["accepted" if accepted else "rejected"]
    told = t.FIRST_DECIDED if first else t.CASE_DECIDED
    sentence = told.format(
        state=state,
        operator=ruling.operator if ruling else "",
        reason=ruling.reason if ruling else "",
    )
    if first:
        return el("p", sentence, class_="told")
    return join(parts.success(sentence), el("p", t.CANDIDATE_TOLD.format(told=say_ticket(case))))
