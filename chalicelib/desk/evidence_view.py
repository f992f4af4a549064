"""Whether the evidence of an attempt is whole, in words of operators."""

from typing import Any

from chalicelib.desk import parts
from chalicelib.desk import texts as t
from chalicelib.desk.widget import Ask
from chalicelib.shared.html import Html, el, join
from chalicelib.timeline import auditing
from chalicelib.timeline.verifying import Problem, Verified


def show(ask: Ask, attempt_id: str, back: dict[str, Any], wanted: bool) -> Html:
    """What was touched, if somebody wants to know now, and the button that looks (again)."""
    look = parts.show(
        t.VERIFY, ask.endpoints["attempt"], attempt_id=attempt_id, back=back, verify=True
    )
    if not wanted:
        return el("p", look)
    return join(told(auditing.verify_attempt(attempt_id=attempt_id)), el("p", look))


def told(found: Verified) -> Html:
    """What was found out, as a part of the widget."""
    if found.problems:
        head = parts.mark(t.EVIDENCE_TOUCHED.format(number=len(found.problems)), "bad")
        rows = [(parts.moment(at), text) for at, text in sentences(found)]
        content = join(head, parts.table(t.EVIDENCE_HEADS, rows))
    else:
        content = parts.mark(t.EVIDENCE_WHOLE.format(number=found.entries), "good")
    if not found.unsigned:
        return join(el("h4", t.VERIFIED), content)
    older = t.EVIDENCE_OLDER.format(number=found.unsigned)
    return join(el("h4", t.VERIFIED), content, el("p", older, class_="quiet"))


def sentences(found: Verified) -> list[tuple[int | None, str]]:
    """Each problem with the moment of its entry (UTC ms), if one is meant."""
    return [(problem.at, _sentence(problem)) for problem in found.problems]


def _sentence(problem: Problem) -> str:
    version = "" if problem.version is None else str(problem.version)
    form = t.EVIDENCE_PROBLEMS[problem.kind.value]
    text = form.format(version=version, about=problem.about)
    vouched = problem.about if problem.kind.value in t.EVIDENCE_VOUCHES else ""
    return text + (t.EVIDENCE_VOUCHED.format(about=vouched) if vouched else "")
