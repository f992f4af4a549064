"""Pages of the list of exams, and when an exam leaves the current ones."""

from typing import Any

import msgspec
import pytest

from chalicelib.exams import listing
from chalicelib.exams.listing import Place
from chalicelib.exams.model import AudienceRole, ExamKind, ExamOrder, ListedExam, OrderKind, Policy
from chalicelib.shared.errors import Invalid

T0 = 1_800_000_000_000


def exam(number: int = 0, **fields: Any) -> ListedExam:
    given = {"starts_at": T0 + number, "policy": Policy(), **fields}
    return ListedExam(
        exam_id=f"exam-{number}",
        title="考试",
        audience=(AudienceRole.EVALUATION_EXPERT,),
        roster_version="",
        **given,
    )


@pytest.mark.parametrize(
    ("rows", "most", "shown", "goes_on"),
    [(0, 2, 0, False), (1, 2, 1, False), (2, 2, 2, False), (3, 2, 2, True), (2, 1, 1, True)],
)
def test_a_page_goes_on_only_when_there_is_one_more(
    rows: int, most: int, shown: int, goes_on: bool
) -> None:
    page = listing.page_of([exam(number) for number in range(rows)], most)
    assert [one.exam_id for one in page.exams] == [f"exam-{number}" for number in range(shown)]
    assert page.next == (Place(T0 + shown - 1, f"exam-{shown - 1}") if goes_on else None)


def test_a_place_is_read_as_it_is_written() -> None:
    place = Place(T0, "a-b_C-9")
    assert listing.read_place(place.text) == place
    assert listing.read_place(f"0-{'x' * 64}") == Place(0, "x" * 64)


@pytest.mark.parametrize(
    "text",
    [
        *("x", "-", "1", "1-", "-a", " 1-a", "1-a ", "1-a\n", "1-a b", "1-考试", "１-a", "-1-a"),
        *("1.5-a", "1" * 16 + "-a", f"1-{'x' * 65}", "1-a#", "null"),
    ],
)
def test_anything_else_is_no_place(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        listing.read_place(text)
    assert refused.value.code == "place_invalid"


def test_an_exam_is_done_from_the_millisecond_after_its_end() -> None:
    one = exam()
    assert [listing.is_done(one, one.ends_at + after) for after in (-1, 0, 1)] == [
        False,
        False,
        True,
    ]


def test_a_later_deadline_of_one_person_keeps_it() -> None:
    later = exam(last_deadline=exam().ends_at + 60_000)
    assert not listing.is_done(later, exam().ends_at + 60_000)
    assert listing.is_done(later, exam().ends_at + 60_001)


@pytest.mark.parametrize(("followed_at", "done"), [(None, False), (T0, True)])
def test_an_order_that_not_everybody_has_keeps_it(followed_at: int | None, done: bool) -> None:
    order = ExamOrder(
        kind=OrderKind.COMPENSATE,
        command_id="c",
        operator="o",
        reason="r",
        at=T0,
        given_at=T0,
        followed_at=followed_at,
    )
    one = exam(orders=(order,))
    assert listing.is_done(one, one.ends_at + 1) is done
    announced = msgspec.structs.replace(one, orders=(), announced_at=None if done else T0)
    assert listing.is_done(announced, one.ends_at + 1) is done


def test_a_practice_exam_is_never_done() -> None:
    practice = exam(policy=Policy(kind=ExamKind.PRACTICE))
    assert not listing.is_done(practice, T0 * 2)
