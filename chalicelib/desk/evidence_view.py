"""Sentences for operators about whether the evidence of an attempt was changed."""

from typing import Any

from chalicelib.desk import parts
from chalicelib.desk import texts as t
from chalicelib.desk.widget import Ask
from chalicelib.shared.html import Html, el, join
from chalicelib.timeline import auditing
from chalicelib.timeline.verifying import Problem, Verified


def show(ask: Ask, attempt_id: str, back: dict[str, Any], wanted: bool) -> Html:
    """The button that verifies the evidence, and the result when `wanted`."""
    look = parts.show(
        t.VERIFY, ask.endpoints["attempt"], attempt_id=attempt_id, back=back, verify=True
    )
    if not wanted:
        return el("p", look)
    return join(result(auditing.verify_attempt(attempt_id=attempt_id)), el("p", look))


def result(verified: Verified) -> Html:
    """The result of a verification: a table of problems, or that there are none."""
    if verified.problems:
        head = parts.mark(t.EVIDENCE_TOUCHED.format(number=len(verified.problems)), "bad")
        rows = [(parts.moment(at), text) for at, text in sentences(verified)]
        content = join(head, parts.table(t.EVIDENCE_HEADS, rows))
    else:
        content = parts.mark(t.EVIDENCE_WHOLE.format(number=verified.entries), "good")
    if not verified.unsigned:
        return join(el("h4", t.VERIFIED), content)
    older = t.EVIDENCE_OLDER.format(number=verified.unsigned)
    return join(el("h4", t.VERIFIED), content, el("p", older, class_="quiet"))


def sentences(verified: Verified) -> list[tuple[int | None, str]]:
    """One sentence for each problem, with the moment of its entry (UTC ms); None when it is about no entry."""
    return [(problem.at, _sentence(problem)) for problem in verified.problems]


def _sentence(problem: Problem) -> str:
    version = "" if problem.version is None else str(problem.version)
    form = t.EVIDENCE_PROBLEMS[problem.kind.value]
    text = form.format(version=version, about=problem.about)
    vouched = problem.about if problem.kind.value in t.EVIDENCE_VOUCHES else ""
    return text + (t.EVIDENCE_VOUCHED.format(about=vouched) if vouched else "")
