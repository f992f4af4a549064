"""The page 运营人员: who may decide over candidates, and forms to enter, renew and retire operators."""

from chalicelib.desk import forms, parts
from chalicelib.desk import texts as t
from chalicelib.desk.forms import Target
from chalicelib.desk.widget import Ask
from chalicelib.kernel.commands import Audit
from chalicelib.operators import service as operators
from chalicelib.operators.model import Operator, OperatorState
from chalicelib.shared.html import Content, Html, el, join

_HERE = {"to": "operators"}


def show(ask: Ask) -> Html:
    """Return all operators in the order of their entry. Without any, return the form for the first one."""
    registered = operators.list_operators()
    refresh = parts.show(t.REFRESH, ask.endpoints["operators"])
    if not registered:
        return join(parts.empty(t.NO_OPERATORS), _first(ask), refresh)
    rows = [_row(ask, operator) for operator in registered]
    return join(
        parts.table(t.OPERATOR_HEADS, rows),
        el("p", t.OPERATORS_NOTE, class_="quiet"),
        forms.panel(ask, t.OPERATOR_COMMANDS, _adding(ask), reason=t.REASON_SHORT),
        refresh,
    )


def _row(ask: Ask, operator: Operator) -> list[Content]:
    kind = "good" if operator.state is OperatorState.ACTIVE else "quiet"
    state = parts.mark(t.OPERATOR_STATES[operator.state.value], kind)
    newest = _change(operator.newest) if len(operator.audit) > 1 else ""
    return [
        operator.name,
        operator.number,
        state,
        _change(operator.first),
        newest,
        _buttons(ask, operator),
    ]


def _change(entry: Audit) -> str:
    return t.CHANGED_BY.format(
        at=parts.day_and_minute(entry.at),
        what=t.OPERATOR_CHANGES[entry.what],
        by=entry.operator or t.NOBODY,
        reason=entry.reason,
    )


def _buttons(ask: Ask, operator: Operator) -> Html:
    """The buttons for one operator. They use the fields of the form below the table."""
    about = {"operator_id": operator.operator_id}
    target = Target(ask.endpoints["command_operator"], about, _HERE)
    renewal = t.RENEW_OPERATOR_SURE.format(name=operator.name)
    renew = forms.give(ask, target, "renew_operator", t.RENEW_OPERATOR, sure=renewal)
    if operator.state is not OperatorState.ACTIVE:
        return renew
    leaving = t.RETIRE_OPERATOR_SURE.format(name=operator.name)
    retire = forms.give(ask, target, "retire_operator", t.RETIRE_OPERATOR, sure=leaving)
    return join(renew, retire)


def _first(ask: Ask) -> Html:
    """The form for the first operator. It asks for no code, because nobody has one yet."""
    reason = parts.text_field("reason", t.REASON_SHORT, ask.field("reason"))
    return parts.form(el("h4", t.OPERATOR_COMMANDS), _adding(ask), el("div", reason))


def _adding(ask: Ask) -> Html:
    target = Target(ask.endpoints["command_operator"], {}, _HERE)
    name = parts.field("name", t.NEW_NAME, ask.field("name"), maxlength=40, size=16)
    number = parts.field(
        "staff_number", t.NEW_NUMBER, ask.field("staff_number"), maxlength=32, size=12
    )
    add = forms.give(
        ask, target, "add_operator", t.ADD_OPERATOR, sure=t.ADD_OPERATOR_SURE, kind="main"
    )
    return forms.order(name, number, add)
