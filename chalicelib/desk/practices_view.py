"""Who of the roster of an exam has practised (试考), and whose camera, network or photo did not do."""

from collections.abc import Sequence

from chalicelib.attempts import readiness
from chalicelib.attempts.practice_texts import area_message
from chalicelib.desk import parts
from chalicelib.desk import texts as t
from chalicelib.desk.widget import Ask
from chalicelib.exams.model import Exam
from chalicelib.identity.model import PersonPractice
from chalicelib.results.model import masked_name
from chalicelib.shared.html import Html, el, join

VIEW = "practices"
_MOST_ROWS = 50  # of each list; the numbers above count everybody


def told(ask: Ask, exam: Exam, *, whole: bool) -> Html | None:
    """A button that counts; with `whole` the numbers and the people. Nothing for an exam without a roster."""
    if not exam.has_roster or exam.is_practice:
        return None
    text = t.PRACTICES_AGAIN if whole else t.PRACTICES_COUNT
    button = parts.show(text, ask.endpoints["exams"], exam_id=exam.exam_id, view=VIEW)
    head = join(el("h4", t.PRACTICES), el("p", button))
    return join(head, _counted(exam)) if whole else head


def _counted(exam: Exam) -> Html:
    found = readiness.count_practices(exam=exam)
    figures = [
        parts.count(found.listed, t.PRACTICE_LISTED),
        parts.count(found.tried, t.PRACTICE_TRIED, "good"),
        parts.count(found.not_tried, t.PRACTICE_NOT_TRIED),
        *(
            parts.count(number, t.PRACTICE_FAILED[area.value], "bad" if number else "")
            for area, number in found.failed.items()
        ),
    ]
    beyond = found.listed - found.counted
    more = el("p", t.PRACTICE_BEYOND.format(n=beyond), class_="quiet") if beyond else None
    return join(
        el("div", *figures, class_="counts"),
        more,
        _people(t.PRACTICE_IN_TROUBLE, found.in_trouble),
        _people(t.PRACTICE_UNTRIED, found.untried),
        el("p", t.PRACTICE_NOTE, class_="quiet"),
    )


def _people(title: str, people: Sequence[PersonPractice]) -> Html | None:
    if not people:
        return None
    longest_ago = sorted(people, key=lambda p: (p.practice.at if p.practice else 0, p.account_id))
    rows = [_row(person) for person in longest_ago[:_MOST_ROWS]]
    cut = t.PRACTICE_CUT.format(n=_MOST_ROWS) if len(people) > _MOST_ROWS else ""
    head = el("h4", title.format(n=len(people)), " ", parts.mark(cut))
    return join(head, parts.table(t.PRACTICE_HEADS, rows))


def _row(person: PersonPractice) -> list[str]:
    mark, profile = person.practice, person.profile
    what = "；".join(area_message(found).message for found in (mark.failed if mark else ()))
    at = parts.day_and_minute(mark.at) if mark else ""
    return [masked_name(profile.name), person.phone_masked, profile.organisation, at, what]
