"""The page 投诉与工单: open complaints and tickets, and one of them with all that its decision needs."""

from typing import Any

import msgspec

from chalicelib.attempts import overview, watching
from chalicelib.attempts.grading import outcome
from chalicelib.cases import complaints
from chalicelib.cases import service as cases
from chalicelib.cases.complaints import Review
from chalicelib.cases.model import AdmitWith, Case, CaseKind, CaseState, UploadKind
from chalicelib.cases.service import TicketEvidence
from chalicelib.desk import forms, parts, ticket_form, timeline_view
from chalicelib.desk import texts as t
from chalicelib.desk.attempt_page import integrity_of
from chalicelib.desk.forms import Target
from chalicelib.desk.snapshots_view import FRAME, figure, id_photo, roster_photo
from chalicelib.desk.widget import Ask
from chalicelib.exams.model import titled
from chalicelib.identity.model import Person
from chalicelib.shared import pictures
from chalicelib.shared.html import Content, Html, el, join

PICTURE = 360  # pixels of the longer side: enough to recognise a document; the link leads to the whole picture
_EXCERPT = 60  # characters of what somebody wrote, in a list


class Wanted(msgspec.Struct, frozen=True):
    """Which case, or which pages of the two lists."""

    case_id: str = ""
    kind: CaseKind = CaseKind.COMPLAINT
    complaints_page: int = 1
    tickets_page: int = 1
    back: dict[str, Any] = {}  # the view that one case was reached from, if it is not the list


def show(ask: Ask) -> Html:
    """Return one case when the parameters name it, else both lists of open cases."""
    wanted = ask.wants(Wanted)
    if not wanted.case_id:
        return _lists(ask, wanted)
    back = forms.way_back(ask, wanted.back or {"to": "cases"}, t.BACK_TO_LIST)
    one = _complaint if wanted.kind is CaseKind.COMPLAINT else _ticket
    return join(back, one(ask, wanted.case_id))


# --- lists ----------------------------------------------------------------------------------------------


def _lists(ask: Ask, wanted: Wanted) -> Html:
    open_complaints, open_tickets = complaints.list_open_complaints(), cases.list_open_tickets()
    return join(
        forms.keep_operator(ask),
        el("h4", t.COMPLAINTS_OPEN.format(number=len(open_complaints))),
        _list(ask, open_complaints, wanted, "complaints_page", t.NO_COMPLAINTS),
        el("h4", t.TICKETS_OPEN.format(number=len(open_tickets))),
        _list(ask, open_tickets, wanted, "tickets_page", t.NO_TICKETS),
        parts.show(t.REFRESH, ask.endpoints["cases"]),
    )


def _list(ask: Ask, open_cases: list[Case], wanted: Wanted, place: str, none: str) -> Html:
    if not open_cases:
        return parts.empty(none)
    pages_now = {
        "complaints_page": wanted.complaints_page,
        "tickets_page": wanted.tickets_page,
    }
    shown, number, pages = overview.cut(open_cases, pages_now[place], parts.PAGE_ROWS)
    rows = [_row(ask, case) for case in shown]
    return join(parts.table(t.CASE_HEADS, rows), _pager(ask, place, number, pages, pages_now))


def _pager(ask: Ask, place: str, number: int, pages: int, pages_now: dict[str, int]) -> Html:
    if pages <= 1:
        return join()
    links = [
        parts.show(text, ask.endpoints["cases"], **{**pages_now, place: to})
        for text, to in ((t.BEFORE, number - 1), (t.AFTER, number + 1))
        if 1 <= to <= pages
    ]
    return el("p", parts.mark(t.PAGE.format(number=number, pages=pages)), " ", *links)


def _row(ask: Ask, case: Case) -> list[Content]:
    about = [t.TROUBLES[case.trouble.value] + "：" if case.trouble else "", case.text]
    text = "".join(about)
    excerpt = text if len(text) <= _EXCERPT else text[:_EXCERPT] + "…"
    handle = parts.show(
        t.HANDLE, ask.endpoints["cases"], case_id=case.case_id, kind=case.kind.value
    )
    return [case.case_id, parts.ago(case.opened_at, ask.now), excerpt, handle]


# --- one complaint --------------------------------------------------------------------------------------


def _complaint(ask: Ask, case_id: str) -> Html:
    review = complaints.review_complaint(case_id=case_id, now=ask.now)
    case = review.case
    return join(
        el("h3", t.COMPLAINT.format(number=case_id)),
        _about_complaint(review),
        el("h4", t.WORDS_OF_CANDIDATE),
        parts.words(case.text),
        _uploads(case, review.pictures),
        _frames(review),
        _decide_complaint(ask, case),
        timeline_view.show(review.timeline, review.problems),
    )


def _about_complaint(review: Review) -> Html:
    attempt, score = review.result.attempt, review.result.score
    ended = outcome(attempt, passed=score.passed)
    decided = [
        t.DECIDED.format(operator=decision.operator, reason=decision.reason)
        for decision in attempt.decisions
    ]
    facts = _person(review.person)
    facts |= {
        "at": parts.moment(review.case.opened_at),
        "exam": titled(attempt.exam_id, attempt.sitting),
        "attempt": attempt.attempt_id,
        "outcome": t.OUTCOMES[ended.value],
        "score": t.SCORE.format(points=score.points, out_of=score.out_of),
        "cause": t.CAUSES[attempt.cause.value] if attempt.cause else "",
        "integrity": integrity_of(attempt.integrity),
        "published": parts.moment(attempt.verdict_at),
        "decided": "；".join(decided),
    }
    return parts.about((t.CASE_ABOUT[name], value) for name, value in facts.items())


def _person(person: Person) -> dict[str, str]:
    profile = person.profile
    return {
        "name": profile.name,
        "id_number": profile.id_number_masked,
        "organisation": profile.organisation,
        "phone": person.phone_masked,
    }


def _frames(review: Review) -> Html:
    attempt = review.result.attempt
    title = el("h4", t.FRAMES_AGAINST)
    if not review.result.frames:
        return join(title, parts.empty(t.NO_FRAMES))
    seen = watching.look_at_snapshots(attempt=attempt, slots=attempt.integrity.slots)
    return join(title, parts.pictures(*(figure(snapshot, FRAME) for snapshot in seen)))


def _decide_complaint(ask: Ask, case: Case) -> Html:
    if case.state is not CaseState.OPEN:
        return _decided(ask, case)
    about = {"case_id": case.case_id, "version_seen": case.version}
    target = Target(ask.endpoints["command_case"], about, _here(case))
    uphold = forms.give(
        ask, target, "decide_complaint", t.UPHOLD, sure=t.UPHOLD_SURE, kind="main", upheld=True
    )
    reject = forms.give(ask, target, "decide_complaint", t.REJECT, sure=t.REJECT_SURE, upheld=False)
    return forms.panel(ask, t.COMMANDS, forms.order(uphold, reject), reason=t.REASON_TOLD)


def _here(case: Case) -> dict[str, str]:
    return {"to": "cases", "case_id": case.case_id, "kind": case.kind.value}


def _decided(ask: Ask, case: Case) -> Html:
    ruling = case.ruling
    decision = t.CASE_DECIDED.format(
        state=t.COMPLAINT_STATES[case.state.value],
        operator=ruling.operator if ruling else "",
        reason=ruling.reason if ruling else "",
    )
    return join(forms.keep_operator(ask), parts.success(decision))


# --- one ticket -----------------------------------------------------------------------------------------


def _ticket(ask: Ask, ticket_id: str) -> Html:
    evidence = cases.get_evidence(ticket_id=ticket_id, now=ask.now)
    case, person = evidence.case, evidence.person
    facts = _person(person)
    facts |= {
        "at": parts.moment(case.opened_at),
        "trouble": t.TROUBLES[case.trouble.value] if case.trouble else "",
        "exam": case.exam_id or "",
        "attempt": case.attempt_id or "",
    }
    return join(
        el("h3", t.TICKET.format(number=ticket_id)),
        parts.about((t.CASE_ABOUT[name], value) for name, value in facts.items()),
        el("h4", t.WORDS_OF_CANDIDATE),
        parts.words(case.text),
        _uploads(case, evidence.pictures, *_known_faces(ask, evidence)),
        ticket_form.show(ask, case, _here(case)),
    )


def _known_faces(ask: Ask, evidence: TicketEvidence) -> list[Html]:
    """The ID photo, and the publisher's photo if there is one. Only the latter was not chosen by the candidate."""
    person, links = evidence.person, evidence.pictures
    own = id_photo(person.account_id, person.id_photo.photo_id) if person.id_photo else None
    shown = [parts.picture(own, t.PICTURES["enrolled"], links.get(AdmitWith.ENROLLED.value))]
    if link := links.get(cases.ROSTER):
        theirs = roster_photo(evidence.case.exam_id or "", person.person_hash, ask.now)
        shown.append(parts.picture(theirs, t.PICTURES["roster"], link))
    return shown


def _uploads(case: Case, links: dict[str, str], *more: Html) -> Html:
    """The small pictures of the candidate, each with a link to the whole one."""
    figures = [_upload(case, kind, data, links) for kind, data in cases.read_pictures(case).items()]
    title = el("h4", t.PICTURES_OF_CANDIDATE)
    shown = [*figures, *more]
    return join(title, parts.pictures(*shown) if shown else parts.empty(t.NO_PICTURES))


def _upload(case: Case, kind: UploadKind, data: bytes | None, links: dict[str, str]) -> Html:
    caption = t.PICTURES[kind.value]
    if case.kind is CaseKind.TICKET and case.uploads[kind].reference is None:
        caption = f"{caption}（{t.UNUSABLE}）"
    small = pictures.thumbnail(data, PICTURE) if data else None
    return parts.picture(small, caption, links.get(kind.value))
