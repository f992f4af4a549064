"""Operators' dashboard: what the buttons of its widgets do.

Each function takes the click of a button, makes the event of an operator's function of it (`console.py`,
`reviews.py`), has that do it, and shows what became of it. Four functions, so that four groups of people can be
allowed to call them: for one candidate, for cases, for a whole exam, for operators.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import msgspec
from chalice.app import Blueprint

from chalicelib.desk import forms, parts, widget
from chalicelib.desk import texts as t
from chalicelib.desk.html import Html, call, el, join
from chalicelib.desk.widget import Ask
from chalicelib.handlers import console, gaps, operators, reviews
from chalicelib.shared import texts
from chalicelib.shared.clock import CHINA

functions = Blueprint(__name__)

Answer = dict[str, Any]
Known = dict[str, tuple[type[msgspec.Struct], Callable[[dict[str, Any], Any], Answer]]]

_FOR_GAPS: Known = {
    "accept_gaps": (gaps.AcceptGaps, gaps.accept_gaps),
    "judge_gaps": (gaps.JudgeGaps, gaps.judge_gaps),
}
_FOR_ATTEMPTS: Known = {
    "grant_chances": (console.GrantChances, console.grant_chances),
    "extend_time": (console.ExtendTime, console.extend_time),
    "reopen_attempt": (console.ReopenAttempt, console.reopen_attempt),
    "confirm_flag": (console.ConfirmFlag, console.confirm_flag),
    **_FOR_GAPS,
}
_FOR_CASES: Known = {
    "decide_ticket": (console.DecideTicket, console.decide_ticket),
    "decide_complaint": (reviews.DecideComplaint, reviews.decide_complaint),
}
_FOR_EXAMS: Known = {
    "compensate_exam": (console.CompensateExam, console.compensate_exam),
    "reschedule_exam": (console.RescheduleExam, console.reschedule_exam),
    **_FOR_GAPS,
}
_FOR_OPERATORS: Known = {
    "add_operator": (operators.AddOperator, operators.add_operator),
    "renew_operator": (operators.RenewOperator, operators.renew_operator),
    "retire_operator": (operators.RetireOperator, operators.retire_operator),
}
_CODE = "operator_code"
# What a person types; everything else comes from the button.
_TYPED = (
    "operator",
    _CODE,
    "name",
    "staff_number",
    "reason",
    "count",
    "extra_min",
    "allowed_min",
    "entry_min",
    "admit_with",
    "enter_within_min",
    "starts_at",
)
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?")
_UNSURE = frozenset({"busy", "service_busy"})  # it may have been done all the same
_MOST_NAMED = 50  # attempts that an answer lists


@functions.lambda_function()
def command_attempt(event: dict[str, Any], context: Any) -> str:
    """Chances, time, another round, a flag: what is done for or about one candidate."""
    return widget.answer(event, t.GUIDE_COMMAND, lambda ask: _do(ask, _FOR_ATTEMPTS))


@functions.lambda_function()
def command_case(event: dict[str, Any], context: Any) -> str:
    """Decide a ticket or a complaint."""
    return widget.answer(event, t.GUIDE_COMMAND, lambda ask: _do(ask, _FOR_CASES))


@functions.lambda_function()
def command_exam(event: dict[str, Any], context: Any) -> str:
    """More time for everybody, or another start."""
    return widget.answer(event, t.GUIDE_COMMAND, lambda ask: _do(ask, _FOR_EXAMS))


@functions.lambda_function()
def command_operator(event: dict[str, Any], context: Any) -> str:
    """Enter operators, give them other codes, let them go."""
    return widget.answer(event, t.GUIDE_COMMAND, lambda ask: _do(ask, _FOR_OPERATORS))


def _do(ask: Ask, known: Known) -> Html:
    name = str(ask.params.get("do"))
    if name not in known:
        return parts.failure(t.UNKNOWN_COMMAND)
    kind, function = known[name]
    try:
        command = msgspec.to_builtins(msgspec.convert(_gathered(ask, kind), kind, strict=False))
    except msgspec.ValidationError as error:
        return _refused(ask, name, _what_is_wrong(error), unsure=False)
    answer = function(command, None)
    if not answer["ok"]:
        [why] = answer["errors"]
        message = why.get("message") or texts.error_message(why["code"], {})
        return _refused(ask, name, message, unsure=why["code"] in _UNSURE)
    return _done(ask, name, command, answer)


def _gathered(ask: Ask, kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The event of the function: what was typed, and above it what the button says."""
    fields = kind.__struct_fields__
    typed = {name: ask.field(name).strip() for name in _TYPED if name in fields}
    if _CODE in typed:  # apps show it in two groups, and Chinese keyboards type wide digits
        typed[_CODE] = "".join(unicodedata.normalize("NFKC", typed[_CODE]).split())
    if _LOCAL_TIME.fullmatch(typed.get("starts_at", "")):
        typed["starts_at"] = _milliseconds(typed["starts_at"])
    said = {name: ask.params[name] for name in fields if name in ask.params}
    return {name: value for name, value in {**typed, **said}.items() if value != ""}


def _milliseconds(local: str) -> str:
    """`2026-11-24T19:30` in China as UTC ms; what is no moment stays as it is."""
    try:
        moment = datetime.datetime.fromisoformat(local).replace(tzinfo=CHINA)
    except ValueError:
        return local
    return str(round(moment.timestamp() * 1000))


def _what_is_wrong(error: msgspec.ValidationError) -> str:
    """Which field has to be looked at; what was typed is not repeated."""
    named = re.search(r"`\$\.(\w+)`|required field `(\w+)`", str(error))
    field = next(filter(None, named.groups()), "") if named else ""
    return t.FIELD_WRONG.format(field=t.FIELDS[field]) if field in t.FIELDS else t.NOT_UNDERSTOOD


def _refused(ask: Ask, name: str, message: str, *, unsure: bool) -> Html:
    """Why nothing was done, and a way back to the form with all that was typed, but the code."""
    kept = [field for field in _TYPED if field != _CODE]
    draft = {field: ask.field(field) for field in kept if ask.field(field)}
    if unsure:
        draft |= {"do": name, "command_id": str(ask.params.get("command_id", ""))}
    told = parts.failure(t.REFUSED.format(message=message))
    return join(told, forms.way_back(ask, _back(ask), t.EDIT, draft=draft))


def _back(ask: Ask) -> dict[str, Any]:
    back = ask.params.get("back")
    return back if isinstance(back, dict) else {}


def _done(ask: Ask, name: str, command: Answer, answer: Answer) -> Html:
    states = t.COMPLAINT_STATES if name == "decide_complaint" else t.TICKET_STATES
    shown = {
        **answer,
        "deadline": parts.moment(answer.get("deadline")),
        "integrity": t.word(t.INTEGRITY, answer.get("integrity")),
        "state": t.word(states, answer.get("state")),
    }
    if "followed" in answer:
        shown["starts_at"] = parts.day_and_minute(answer["starts_at"])
    return join(
        parts.success(t.DONE[name].format_map(shown)),
        *_left_over(ask, name, command, answer),
        *_secret(answer),
        forms.keep_operator(ask),
        forms.way_back(ask, _back(ask), t.BACK),
    )


def _left_over(ask: Ask, name: str, command: Answer, answer: Answer) -> list[Html]:
    """What an order for everybody could not do for somebody, and what to do about it."""
    told = [
        parts.failure(text.format(attempts="、".join(answer[group][:_MOST_NAMED])))
        for group, text in (
            ("already_closed", t.ALREADY_CLOSED),
            ("already_started", t.ALREADY_STARTED),
            ("failed", t.FAILED),
        )
        if answer.get(group)
    ]
    if answer.get("failed"):
        kept = {field: value for field, value in command.items() if field != _CODE}
        again = {**kept, "do": name, "back": _back(ask)}
        button = call(parts.button(t.AGAIN, "main"), ask.endpoints["command_exam"], again)
        fields = el("div", forms.code_field(), button, class_="fields")
        told.append(parts.form(parts.empty(t.AGAIN_CODE), fields))
    return told


def _secret(answer: Answer) -> list[Html]:
    """What an operator scans who has just come in or got other codes; it is shown here and nowhere else."""
    if "otpauth_uri" not in answer:
        return []
    code = parts.qr_code(answer["otpauth_uri"], t.QR_CODE.format(name=answer["name"]))
    by_hand = el("p", t.BY_HAND, el("code", answer["secret"]))
    return [el("p", t.QR_HELP), code, by_hand]
