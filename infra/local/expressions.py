"""The small part of CloudWatch's languages that our templates use: patterns of metric filters and metric math.

Both are close enough to Python that its parser reads them. Nothing but comparisons, arithmetic, `IF`, `SUM` and `FILL`
is carried out.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class NotUnderstood(Exception):
    """An expression has something that the embedded cloud does not know."""


class Missing(Exception):
    """A name in the expression has no value."""


def pattern(text: str) -> ast.expr:
    """Return the parsed pattern of a metric filter, such as `{ ($.event = "x") && ($.status < 300) }`."""
    python = text.strip().removeprefix("{").removesuffix("}")
    for old, new in (
        (r"\$\.", ""),
        ("&&", " and "),
        (r"\|\|", " or "),
        (r"(?<![<>!=])=(?!=)", "=="),
    ):
        python = re.sub(old, new, python)
    return math(python)


def math(text: str) -> ast.expr:
    """Return a parsed expression. Raises `NotUnderstood`."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise NotUnderstood(text) from error


def evaluate(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Return the value of a parsed expression. Raises `Missing` without a value, `NotUnderstood`."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            if names.get(name) is None:
                raise Missing(name)
            return names[name]
        case ast.BoolOp(op=ast.And(), values=values):
            return all(evaluate(value, names) for value in values)
        case ast.BoolOp(values=values):
            return any(evaluate(value, names) for value in values)
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](evaluate(left, names), evaluate(right, names))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _OPERATORS[type(op)](evaluate(left, names), evaluate(right, names))
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _called(function, arguments, names)
        case _:
            raise NotUnderstood(ast.unparse(node))


def _called(function: str, arguments: list[ast.expr], names: Mapping[str, Any]) -> Any:
    match function, arguments:
        case "IF", [condition, yes, no]:
            return evaluate(yes if evaluate(condition, names) else no, names)
        case "SUM", [several]:
            return sum(evaluate(several, names))
        case "FILL", [ast.Call(func=ast.Name(id="METRICS")), by]:
            filler = evaluate(by, names)
            return [filler if value is None else value for value in names.values()]
        case _:
            raise NotUnderstood(function)
