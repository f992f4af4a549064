"""Contents of questions for the tests: strategies over every kind of block and inline."""

from typing import Any

from hypothesis import strategies as st

from chalicelib.exams.content import (
    BlankPlace,
    Content,
    Mark,
    Paragraph,
    Picture,
    Table,
    TableCell,
    Text,
    is_empty,
    simplified,
)
from chalicelib.notation.formulas import read_latex

# Pieces that look like the notation, beside usual text.
PIECES = (
    *("采购", "z", " ", "\n", "1|2", "<b>", "</b>", "<br>", "<td>", "$", "x^2", "\\(", "\\)", "\\"),
    *(
        "![",
        "](",
        ")",
        "&lt;",
        "&amp;",
        "&",
        "#36;",
        "_",
        "____",
        "＿＿",
        "<",
        ">",
        "/",
        "(",
        "[",
        "]",
    ),
)
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
LATEX = (
    r"\frac{a}{b}",
    "x+1",
    r"\sqrt[3]{x}",
    r"a < b",
    r"\text{价$5$}",
    r"\begin{matrix}a\\(b)\end{matrix}",
    "H_2O",
    r"10\%",
)
FORMULAS = st.sampled_from(LATEX).map(read_latex)
ALTS = st.lists(st.sampled_from(("图", "[", "]", "&lt;", "<b>", "$x_1$")), max_size=3).map("".join)


def texts(*, plain_blanks: bool) -> Any:
    """Texts with marks. A line under two spaces alone is a blank where there are blanks."""
    marks = st.sets(st.sampled_from(Mark), max_size=3)
    made = st.builds(Text, TEXTS, marks.map(tuple))
    if plain_blanks:
        return made
    return made.filter(lambda text: text.text.strip() or Mark.UNDERLINE not in text.marks)


def contents(pictures: tuple[Picture, ...], *, blanks: bool = False) -> st.SearchStrategy[Content]:
    """Contents in their one form; with `blanks` each has at least one."""
    inline = st.one_of(
        texts(plain_blanks=not blanks),
        FORMULAS,
        st.builds(
            lambda picture, alt: Picture(picture.sha256, picture.width, picture.height, alt),
            st.sampled_from(pictures),
            ALTS,
        ),
    )
    inlines = st.lists(inline, min_size=1, max_size=5).map(tuple)
    cells = st.builds(TableCell, inlines, st.sampled_from((1, 2)), st.sampled_from((1, 3)))
    rows = st.lists(cells, min_size=1, max_size=3).map(tuple)
    tables = st.lists(rows, min_size=1, max_size=3).map(lambda found: Table(tuple(found)))
    blocks = st.lists(st.one_of(st.builds(Paragraph, inlines), tables), min_size=1, max_size=3)
    whole = blocks.map(tuple)
    if blanks:
        whole = whole.map(lambda found: (*found, Paragraph((BlankPlace(1),))))
    return whole.map(simplified).filter(lambda found: not is_empty(found))
