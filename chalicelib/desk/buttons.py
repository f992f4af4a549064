"""What the buttons of the operators' pages do.

The click of a button becomes the payload of an operators' function (`*_commands.py`). That function does the work,
and the page shows its answer. Four groups of commands, so that four groups of people can be allowed to give them:
for one candidate, for cases, for a whole exam, for operators.
"""

import datetime
import re
from collections.abc import Callable
from typing import Any

import msgspec

from chalicelib.desk import (
    announcement_commands,
    attempt_commands,
    case_commands,
    day_report_commands,
    exam_commands,
    forms,
    gap_commands,
    operator_commands,
    parts,
    score_list_commands,
    widget,
)
from chalicelib.desk import texts as t
from chalicelib.desk.actions import call
from chalicelib.desk.commands import Answer, Event
from chalicelib.desk.widget import Ask
from chalicelib.kernel.faults import is_our_fault
from chalicelib.messages.errors import error_message
from chalicelib.score_lists import texts as score_list_texts
from chalicelib.shared.clock import CHINA
from chalicelib.shared.html import Html, el, join
from chalicelib.shared.typed_numbers import plain_number

Commands = dict[str, tuple[type[msgspec.Struct], Callable[[Event], Answer]]]

_FOR_GAPS: Commands = {
    "accept_gaps": (gap_commands.AcceptGaps, gap_commands.accept_gaps),
    "judge_gaps": (gap_commands.JudgeGaps, gap_commands.judge_gaps),
}
_FOR_ATTEMPTS: Commands = {
    "grant_chances": (attempt_commands.GrantChances, attempt_commands.grant_chances),
    "extend_time": (attempt_commands.ExtendTime, attempt_commands.extend_time),
    "reopen_attempt": (attempt_commands.ReopenAttempt, attempt_commands.reopen_attempt),
    "confirm_flag": (attempt_commands.ConfirmFlag, attempt_commands.confirm_flag),
    "announce_to_one": (
        announcement_commands.AnnounceToOne,
        announcement_commands.announce_to_one,
    ),
    "answer_help": (announcement_commands.AnswerHelp, announcement_commands.answer_help),
    **_FOR_GAPS,
}
_FOR_CASES: Commands = {
    "decide_ticket": (case_commands.DecideTicket, case_commands.decide_ticket),
    "decide_complaint": (case_commands.DecideComplaint, case_commands.decide_complaint),
}
_FOR_EXAMS: Commands = {
    "compensate_exam": (exam_commands.CompensateExam, exam_commands.compensate_exam),
    "reschedule_exam": (exam_commands.RescheduleExam, exam_commands.reschedule_exam),
    "announce_to_all": (
        announcement_commands.AnnounceToAll,
        announcement_commands.announce_to_all,
    ),
    "correct_question": (exam_commands.CorrectQuestion, exam_commands.correct_question),
    "compute_statistics": (exam_commands.ComputeStatistics, exam_commands.compute_statistics),
    "preview_exam": (exam_commands.PreviewExam, exam_commands.preview_exam),
    "make_score_list": (score_list_commands.MakeScoreList, score_list_commands.make_score_list),
    "make_day_report": (day_report_commands.MakeDayReport, day_report_commands.make_day_report),
    "make_full_score_list": (
        score_list_commands.MakeFullScoreList,
        score_list_commands.make_full_score_list,
    ),
    **_FOR_GAPS,
}
_FOR_OPERATORS: Commands = {
    "add_operator": (operator_commands.AddOperator, operator_commands.add_operator),
    "renew_operator": (operator_commands.RenewOperator, operator_commands.renew_operator),
    "retire_operator": (operator_commands.RetireOperator, operator_commands.retire_operator),
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
    "text",
    "right_key",
)
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?")
_MOST_NAMED = 50  # attempts that an answer lists


def command_attempt(event: Event) -> str:
    """Grant chances or time, open another round, decide a flag, handle gaps, announce: for one candidate."""
    return widget.answer(event, t.GUIDE_COMMAND, lambda ask: _do(ask, _FOR_ATTEMPTS))


def command_case(event: Event) -> str:
    """Decide a ticket or a complaint."""
    return widget.answer(event, t.GUIDE_COMMAND, lambda ask: _do(ask, _FOR_CASES))


def command_exam(event: Event) -> str:
    """Give everybody more time, move the start, handle gaps, announce, preview: for a whole exam."""
    return widget.answer(event, t.GUIDE_COMMAND, lambda ask: _do(ask, _FOR_EXAMS))


def command_operator(event: Event) -> str:
    """Enter operators, give them other codes, let them go."""
    return widget.answer(event, t.GUIDE_COMMAND, lambda ask: _do(ask, _FOR_OPERATORS))


def _do(ask: Ask, commands: Commands) -> Html:
    """Carry out the command that the button names, and show its answer or why it was refused."""
    name = str(ask.params.get("do"))
    if name not in commands:
        return parts.failure(t.UNKNOWN_COMMAND)
    kind, function = commands[name]
    try:
        payload = msgspec.to_builtins(msgspec.convert(_payload(ask, kind), kind, strict=False))
    except msgspec.ValidationError as error:
        return _refused(ask, name, _wrong_field(error), unsure=False)
    answer = function(payload)
    if not answer["ok"]:
        [reason] = answer["errors"]
        message = reason.get("message") or error_message(reason["code"], {})
        return _refused(ask, name, message, unsure=is_our_fault(reason["code"]))
    return _done(ask, name, payload, answer)


def _payload(ask: Ask, kind: type[msgspec.Struct]) -> Event:
    """The payload of the command: what was typed into the form, and above it the parameters of the button."""
    fields = kind.__struct_fields__
    typed = {name: ask.field(name).strip() for name in _TYPED if name in fields}
    if _CODE in typed:
        typed[_CODE] = plain_number(typed[_CODE])
    if _LOCAL_TIME.fullmatch(typed.get("starts_at", "")):
        typed["starts_at"] = _milliseconds(typed["starts_at"])
    fixed = {name: ask.params[name] for name in fields if name in ask.params}
    return {name: value for name, value in {**typed, **fixed}.items() if value != ""}


def _milliseconds(local: str) -> str:
    """`2026-11-24T19:30` in China as UTC ms. Returns text that is no moment unchanged."""
    try:
        moment = datetime.datetime.fromisoformat(local).replace(tzinfo=CHINA)
    except ValueError:
        return local
    return str(round(moment.timestamp() * 1000))


def _wrong_field(error: msgspec.ValidationError) -> str:
    """A sentence that names the wrong field. It does not repeat what was typed."""
    match = re.search(r"`\$\.(\w+)`|required field `(\w+)`", str(error))
    field = next(filter(None, match.groups()), "") if match else ""
    return t.FIELD_WRONG.format(field=t.FIELDS[field]) if field in t.FIELDS else t.NOT_UNDERSTOOD


def _refused(ask: Ask, name: str, message: str, *, unsure: bool) -> Html:
    """Why nothing was done, and a button back to the form with all that was typed, except the code.

    `unsure`: the command may have been done all the same, so the form keeps its id.
    """
    kept = [field for field in _TYPED if field != _CODE]
    draft = {field: ask.field(field) for field in kept if ask.field(field)}
    if unsure:
        draft |= {"do": name, "command_id": str(ask.params.get("command_id", ""))}
    refusal = parts.failure(t.REFUSED.format(message=message))
    return join(refusal, forms.way_back(ask, _back(ask), t.EDIT, draft=draft))


def _back(ask: Ask) -> dict[str, Any]:
    back = ask.params.get("back")
    return back if isinstance(back, dict) else {}


def _done(ask: Ask, name: str, payload: Event, answer: Answer) -> Html:
    """What was done, what is left over, and a button back."""
    states = t.COMPLAINT_STATES if name == "decide_complaint" else t.TICKET_STATES
    shown = {
        **answer,
        "deadline": parts.moment(answer.get("deadline")),
        "integrity": t.word(t.INTEGRITY, answer.get("integrity")),
        "state": t.word(states, answer.get("state")),
        "changed": len(answer.get("changed", ())),
    }
    if "followed" in answer and "starts_at" in answer:
        shown["starts_at"] = parts.day_and_minute(answer["starts_at"])
    if "files" in answer:
        return join(
            *_score_list(ask, name, payload, answer), forms.way_back(ask, _back(ask), t.BACK)
        )
    return join(
        parts.success(t.DONE[name].format_map(shown)),
        *_left_over(ask, name, payload, answer),
        *_link(answer),
        *_secret(answer),
        forms.keep_operator(ask),
        forms.way_back(ask, _back(ask), t.BACK),
    )


def _left_over(ask: Ask, name: str, payload: Event, answer: Answer) -> list[Html]:
    """Whom an order for everybody did not reach, and a button that gives it again to those who failed."""
    groups = (
        ("already_closed", t.ALREADY_CLOSED),
        ("already_started", t.ALREADY_STARTED),
        ("failed", t.FAILED),
    )
    shown = [
        parts.failure(text.format(attempts="、".join(answer[group][:_MOST_NAMED])))
        for group, text in groups
        if answer.get(group)
    ]
    if answer.get("failed"):
        shown.append(_again(ask, name, payload, t.AGAIN))
    return shown


def _again(ask: Ask, name: str, payload: Event, text: str) -> Html:
    """A button that gives the same command again, with a field for another code."""
    kept = {field: value for field, value in payload.items() if field != _CODE}
    again = {**kept, "do": name, "back": _back(ask)}
    button = call(parts.button(text, "main"), ask.endpoints["command_exam"], again)
    fields = el("div", forms.code_field(), button, class_="fields")
    return parts.form(parts.empty(t.AGAIN_CODE), fields)


def _score_list(ask: Ask, name: str, payload: Event, answer: Answer) -> list[Html]:
    """Links to the files of a score list; or how far it is, and a button that goes on."""
    if not answer["finished"]:
        told = score_list_texts.NOT_DONE.format_map(answer)
        return [parts.success(told), _again(ask, name, payload, score_list_texts.GO_ON)]
    early = score_list_texts.PROVISIONAL if answer["provisional"] else ""
    told = score_list_texts.DONE.format(rows=answer["rows"], provisional=early)
    links = [parts.link(score_list_texts.FILES[kind], to) for kind, to in answer["files"].items()]
    shown = (part for link in links for part in (link, " "))
    return [parts.success(told), el("p", *shown, score_list_texts.LINKS_END)]


def _link(answer: Answer) -> list[Html]:
    """A short-lived link to what was written."""
    return [el("p", parts.link(t.OPEN, answer["link"]), t.LINK_ENDS)] if "link" in answer else []


def _secret(answer: Answer) -> list[Html]:
    """The QR code that an operator scans who has just been entered or renewed. No other page shows it."""
    if "otpauth_uri" not in answer:
        return []
    code = parts.qr_code(answer["otpauth_uri"], t.QR_CODE.format(name=answer["name"]))
    by_hand = el("p", t.BY_HAND, el("code", answer["secret"]))
    return [el("p", t.QR_HELP), code, by_hand]
