"""The tree of a content has one form, and every part of it can be said in plain text."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.exams import content
from chalicelib.exams.content import (
    BlankPlace,
    Block,
    Content,
    Formula,
    Inline,
    Mark,
    MathElement,
    Paragraph,
    Picture,
    Table,
    TableCell,
    Text,
    simplified,
)

PICTURE = Picture("0" * 64, 40, 30, "印章")
HALF = Formula(r"\frac{1}{2}", MathElement("math", {}, (MathElement("mn", {}, ("2",)),)))

texts = st.builds(Text, st.text(max_size=8), st.lists(st.sampled_from(Mark), max_size=3).map(tuple))
inlines = st.one_of(texts, st.just(PICTURE), st.just(HALF), st.just(BlankPlace(1)))
rows_of_inlines = st.lists(inlines, max_size=5).map(tuple)
cells = st.builds(TableCell, rows_of_inlines, st.integers(1, 3), st.integers(1, 3))
tables = st.lists(st.lists(cells, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3)
blocks = st.one_of(rows_of_inlines.map(Paragraph), tables.map(tuple).map(Table))
contents = st.one_of(st.text(max_size=20), st.lists(blocks, max_size=4).map(tuple))


def test_content_without_markup_is_a_text() -> None:
    assert simplified((Paragraph((Text("甲"), Text("乙"))), Paragraph((Text("丙"),)))) == "甲乙\n丙"
    assert simplified(" 甲\n乙 ") == "甲\n乙"
    assert simplified(()) == ""
    ends = (Text(" "), Text("甲 ", (Mark.BOLD,)), Text(" "))
    assert simplified((Paragraph(ends),)) == (Paragraph((Text("甲", (Mark.BOLD,)),)),)
    assert simplified((Paragraph((Text("甲"), Text("", (Mark.BOLD,)), Text("乙"))),)) == "甲乙"
    assert simplified((Paragraph(()), Paragraph((Text(" "),)))) == ""


def test_neighbours_with_the_same_marks_are_one_text() -> None:
    bold = (Mark.BOLD,)
    whole = (Paragraph((Text("a", bold), Text("", bold), Text("b", bold), Text("c"))),)
    assert simplified(whole) == (Paragraph((Text("ab", bold), Text("c"))),)
    twice = (Paragraph((Text("a", (Mark.UNDERLINE, Mark.BOLD, Mark.BOLD)),)),)
    assert simplified(twice) == (Paragraph((Text("a", (Mark.BOLD, Mark.UNDERLINE)),)),)


@pytest.mark.parametrize(
    ("whole", "text"),
    [
        ((Paragraph((Text("10"), Text("2", (Mark.SUPERSCRIPT,)))),), "102"),
        ((Paragraph((HALF, BlankPlace(1), PICTURE)),), r"$\frac{1}{2}$____[图：印章]"),
        ((Paragraph((Picture("1", 1, 1),)),), "[图]"),
        (
            (Table(((TableCell((Text("甲"),)), TableCell()), (TableCell((Text("乙"),)),))),),
            "甲\t\n乙",
        ),
    ],
)
def test_every_part_has_a_plain_text(whole: Content, text: str) -> None:
    assert content.plain_text(whole) == text


@given(contents)
def test_the_one_form_is_stable_and_survives_being_stored(whole: Content) -> None:
    once = simplified(whole)
    assert simplified(once) == once
    assert msgspec.json.decode(msgspec.json.encode(once), type=Content) == once
    kinds = (Picture, Formula, BlankPlace)
    of_tree = [i for i in content.inlines_of(whole) if isinstance(i, kinds)]
    assert [i for i in content.inlines_of(once) if isinstance(i, kinds)] == of_tree


@given(contents)
def test_changing_nothing_gives_the_same_content(whole: Content) -> None:
    def same(inline: Inline) -> tuple[Inline, ...]:
        return (inline,)

    assert simplified(content.map_inlines(whole, same)) == simplified(whole)


def test_pictures_and_blanks_in_tables_count() -> None:
    cell = TableCell((PICTURE, BlankPlace(1)))
    whole: tuple[Block, ...] = (Paragraph((BlankPlace(1),)), Table(((cell, cell),)))
    assert list(content.pictures_of(whole)) == [PICTURE, PICTURE]
    assert content.count_blanks(whole) == 3
    assert not content.is_empty(whole)
    assert content.is_empty((Paragraph((Text(" \n"),)), Table(((TableCell(),),))))
