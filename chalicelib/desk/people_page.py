"""The page 找人: an operator looks a caller up, and sees masked data with ways to attempts, cases and certificates.

It needs an operator who has proven who they are: once by a code, then for ten minutes by a pass in the buttons of the
page. What was typed is never shown again, because it may be a whole number.
"""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from chalicelib.attempts.model import Attempt
from chalicelib.cases.model import Case, CaseKind
from chalicelib.desk import forms, parts
from chalicelib.desk import texts as t
from chalicelib.desk.actions import call
from chalicelib.desk.attempt_page import integrity_of, state_of
from chalicelib.desk.widget import Ask
from chalicelib.exams import lists
from chalicelib.exams.listing import ListPart
from chalicelib.exams.model import titled
from chalicelib.exams.texts import AUDIENCES
from chalicelib.finding import query, service
from chalicelib.finding.query import Query
from chalicelib.finding.service import Found, FoundPerson
from chalicelib.messages.errors import error_message
from chalicelib.operators import service as operators
from chalicelib.operators.model import Decider
from chalicelib.results.keeping import verify_url
from chalicelib.results.service import ShownCertificate
from chalicelib.shared.errors import DomainError, Refused
from chalicelib.shared.html import Content, Html, el, join
from chalicelib.shared.typed_numbers import plain_number

# What a code is bound to: the same click again, after a lost answer, is the same use. No command takes this code.
_USED_FOR = hashlib.sha256(b"LookUp").hexdigest()
_MOST_EXAMS = 30  # that the field offers: those with the latest start


class Wanted(msgspec.Struct, frozen=True):
    """Whether to look somebody up now, and the pass of an operator who has proven who they are."""

    do: str = ""
    proof: str = ""
    attempt_id: str = ""  # somebody who was found by name
    exam_id: str = ""  # that the live list shows, to begin with
    from_live: bool = False  # whether there is a way back to it
    request_id: Annotated[str, Meta(max_length=64)] = (
        ""  # made with the page: a second click is the same look-up
    )


def show(ask: Ask) -> Html:
    """The form; after a click the answer below it. Without a proof nothing is looked up."""
    wanted = ask.wants(Wanted)
    proof = _still_valid(wanted.proof, ask.now)
    if wanted.do != "look_up":
        return join(_form(ask, wanted, proof), parts.empty(t.PEOPLE_HELP))
    try:
        text = wanted.attempt_id or ask.field("look_for")
        asked = query.understand(text, ask.field("look_in"))
        by, proof = _prove(ask, proof)
        found = [
            service.look_up(query=one, by=by, request_id=wanted.request_id, now=ask.now)
            for one in asked
        ]
    except DomainError as refused:
        message = parts.failure(error_message(refused.code, refused.details))
        return join(_form(ask, wanted, proof), message)
    return join(_form(ask, wanted, proof), *_answers(ask, wanted, found, proof))


# --- who asks -------------------------------------------------------------------------------------------


def _still_valid(proof: str, now: int) -> str:
    """The pass if it is still good, else nothing: then the form asks for a code again."""
    try:
        operators.check_pass(proof, now)
    except Refused:
        return ""
    return proof


def _prove(ask: Ask, proof: str) -> tuple[Decider, str]:
    """The operator and their pass: by the pass of the page, else by the code that was typed."""
    if proof:
        return operators.check_pass(proof, ask.now), proof
    code = plain_number(ask.field("operator_code"))
    by = operators.prove(name=ask.operator, code=code, used_for=_USED_FOR, now=ask.now)
    return by, operators.give_pass(by, ask.now)


# --- the form -------------------------------------------------------------------------------------------


def _form(ask: Ask, wanted: Wanted, proof: str) -> Html:
    look_for = parts.field("look_for", t.LOOK_FOR, size=46, autocomplete="off", maxlength=100)
    look_in = parts.choice("look_in", t.LOOK_IN, _exams(wanted), _chosen_exam(ask, wanted))
    find = call(
        parts.button(t.FIND, "main"),
        ask.endpoints["find_person"],
        {"do": "look_up", "proof": proof, "request_id": parts.command_id(), **_way(wanted)},
    )
    back = _way_back(ask, wanted)
    if proof:
        return parts.form(
            back,
            el("input", type="hidden", name="operator", value=ask.operator),
            el("div", look_for, look_in, find, class_="fields"),
            parts.empty(t.PROOF_HOLDS),
        )
    who = parts.field("operator", t.OPERATOR, ask.operator, maxlength=80, size=24)
    return parts.form(
        back,
        el("div", look_for, look_in, class_="fields"),
        el("div", who, forms.code_field(), find, class_="fields"),
    )


def _exams(wanted: Wanted) -> list[tuple[str, str]]:
    """The exams that the field offers: the latest, and the one that the live list shows."""
    ended = lists.list_page(part=ListPart.ENDED, after="", most=_MOST_EXAMS).exams
    current = sorted(lists.list_current(), key=lambda exam: -exam.starts_at)
    titles = {exam.exam_id: exam.full_title for exam in [*current, *ended][:_MOST_EXAMS]}
    if wanted.exam_id and wanted.exam_id not in titles:
        titles |= _titles({wanted.exam_id})
    return [("", t.LOOK_IN_NONE), *titles.items()]


def _chosen_exam(ask: Ask, wanted: Wanted) -> str:
    return ask.field("look_in") if wanted.do else wanted.exam_id


def _way(wanted: Wanted) -> dict[str, Any]:
    """The parameters by which the way back to the live list is kept from view to view."""
    return {"exam_id": wanted.exam_id, "from_live": True} if wanted.from_live else {}


def _way_back(ask: Ask, wanted: Wanted) -> Html:
    if not wanted.from_live:
        return join()
    back = forms.way_back(ask, {"to": "live", "exam_id": wanted.exam_id}, t.BACK_TO_LIVE)
    return el("p", back)


# --- the answer -----------------------------------------------------------------------------------------


def _answers(ask: Ask, wanted: Wanted, found: list[Found], proof: str) -> Iterator[Html]:
    """The answer to each number of a text; a person whom several of them lead to is shown once."""
    shown: set[str] = set()
    for one in found:
        ids = {person.person.account_id for person in one.people}
        if ids and ids <= shown:
            yield parts.success(t.SAME_PERSON.format(looked=_looked(one)))
        else:
            yield _answer(ask, wanted, one, proof)
        shown |= ids


def _looked(found: Found) -> str:
    asked = found.query
    return t.LOOKED_FOR.format(kind=t.QUERY_KINDS[asked.kind.value], value=asked.masked)


def _answer(ask: Ask, wanted: Wanted, found: Found, proof: str) -> Html:
    asked, looked = found.query, _looked(found)
    if not found.people:
        tips = [el("li", tip) for tip in t.NOT_FOUND[asked.kind.value]]
        return join(parts.failure(t.NOBODY_FOUND.format(looked=looked)), el("ul", *tips))
    told = t.PEOPLE_FOUND.format(looked=looked, number=len(found.people))
    one_only = len(found.people) == 1
    people = [
        _whole(ask, wanted, person) if one_only else _one_of(ask, wanted, person, asked, proof)
        for person in found.people
    ]
    more = parts.empty(t.MORE_PEOPLE) if found.more else ""
    return join(parts.success(told), *people, more)


def _whole(ask: Ask, wanted: Wanted, found: FoundPerson) -> Html:
    """One person with all that belongs to them."""
    here = {"to": "find_person", **_way(wanted)}
    return join(
        _head(found),
        _attempts(ask, found, here),
        _cases(ask, found, here),
        _certificates(found),
    )


def _one_of(ask: Ask, wanted: Wanted, found: FoundPerson, asked: Query, proof: str) -> Html:
    """One of several people in an exam, with the attempts of that exam alone."""
    mine = [attempt for attempt in found.attempts if attempt.exam_id == asked.exam_id]
    titles = _titles({attempt.exam_id for attempt in mine})
    here = {"to": "find_person", **_way(wanted)}
    rows = [_attempt(ask, attempt, titles, here) for attempt in mine]
    parameters = {
        "do": "look_up",
        "proof": proof,
        "request_id": parts.command_id(),
        "attempt_id": mine[0].attempt_id if mine else "",
        **_way(wanted),
    }
    everything = call(parts.button(t.SHOW_PERSON), ask.endpoints["find_person"], parameters)
    return join(
        _head(found),
        parts.table(t.PERSON_ATTEMPT_HEADS, rows),
        el("p", everything) if mine else "",
    )


def _head(found: FoundPerson) -> Html:
    return join(el("h3", found.person.profile.name or t.NAMELESS), _about(found))


def _about(found: FoundPerson) -> Html:
    person, profile = found.person, found.person.profile
    facts: dict[str, Content] = {
        "phone": person.phone_masked,
        "id_number": profile.id_number_masked,
        "organisation": profile.organisation,
        "role": AUDIENCES[profile.role.value] if profile.role else "",
        "photo": t.HAS_PHOTO if person.id_photo else t.HAS_NO_PHOTO,
        "missing": "、".join(t.word(t.PROFILE_FIELDS, field) for field in person.missing()),
        "account": person.account_id,
    }
    return parts.about((t.PERSON_ABOUT[name], value) for name, value in facts.items())


def _attempts(ask: Ask, found: FoundPerson, here: dict[str, Any]) -> Html:
    title = el("h4", t.PERSON_ATTEMPTS.format(number=len(found.attempts)))
    if not found.attempts:
        return join(title, parts.empty(t.NO_ATTEMPTS))
    titles = _titles({attempt.exam_id for attempt in found.attempts})
    rows = [_attempt(ask, attempt, titles, here) for attempt in found.attempts]
    more = parts.empty(t.MORE_ATTEMPTS) if found.more else ""
    return join(title, parts.table(t.PERSON_ATTEMPT_HEADS, rows), more)


def _titles(exam_ids: set[str]) -> dict[str, str]:
    """Exam id → title of those that are published."""
    found = (lists.find_exam(exam_id=exam_id) for exam_id in sorted(exam_ids))
    return {exam.exam_id: exam.full_title for exam in found if exam is not None}


def _attempt(
    ask: Ask, attempt: Attempt, titles: dict[str, str], here: dict[str, Any]
) -> list[Content]:
    look = parts.show(t.LOOK, ask.endpoints["attempt"], attempt_id=attempt.attempt_id, back=here)
    return [
        titles.get(attempt.exam_id, attempt.exam_id),
        attempt.round,
        state_of(attempt),
        parts.moment(attempt.opened_at),
        parts.moment(attempt.deadline),
        integrity_of(attempt.integrity),
        look,
    ]


def _cases(ask: Ask, found: FoundPerson, here: dict[str, Any]) -> Html:
    title = el("h4", t.PERSON_CASES.format(number=len(found.cases)))
    if not found.cases:
        return join(title, parts.empty(t.NO_CASES))
    return join(title, parts.table(t.PERSON_CASE_HEADS, [_case(ask, c, here) for c in found.cases]))


def _case(ask: Ask, case: Case, here: dict[str, Any]) -> list[Content]:
    complaint = case.kind is CaseKind.COMPLAINT
    states = t.COMPLAINT_STATES if complaint else t.TICKET_STATES
    about = t.TROUBLES[case.trouble.value] if case.trouble else t.COMPLAINT_WORD
    look = parts.show(
        t.LOOK,
        ask.endpoints["cases"],
        case_id=case.case_id,
        kind=case.kind.value,
        back=here,
    )
    return [case.case_id, about, states[case.state.value], parts.moment(case.opened_at), look]


def _certificates(found: FoundPerson) -> Html:
    title = el("h4", t.PERSON_CERTIFICATES.format(number=len(found.certificates)))
    if not found.certificates:
        return join(title, parts.empty(t.NO_CERTIFICATES))
    rows = [_certificate(shown) for shown in found.certificates]
    return join(title, parts.table(t.PERSON_CERTIFICATE_HEADS, rows))


def _certificate(shown: ShownCertificate) -> list[Content]:
    status = t.word(t.CERTIFICATE_STATUSES, shown.status.value)
    link = parts.link(t.VERIFICATION_PAGE, verify_url(shown.number))
    title = titled(shown.content.exam_title, shown.content.sitting)
    return [shown.number, title, shown.content.passed_on, status, link]
