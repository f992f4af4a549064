"""The PDF of an exam-day report before it is signed: the same record always gives the same bytes."""

import io
from collections.abc import Iterator

import msgspec

from chalicelib.day_reports import texts as t
from chalicelib.results import fonts, ornaments
from chalicelib.results.document import Page, begin, registered, reportlab_as_needed
from chalicelib.results.ornaments import GOLD, INK, QUIET, TEAL

_WIDTH, _HEIGHT = 595.276, 841.89  # A4, in points
_LEFT, _RIGHT = 56.0, _WIDTH - 56.0
_VALUE_END, _SOURCE = 300.0, 322.0
_FOOT = 52.0
_ROW, _SECTION = 16.0, 30.0

Section = tuple[str, list[tuple[str, str, str]]]


class Printed(msgspec.Struct, frozen=True):
    """All texts of one report: facts (name, value), and sections of rows (name, figure, where it comes from)."""

    number: str
    issuer: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]

    @property
    def texts(self) -> Iterator[str]:
        """Every text, so that the fonts hold its characters."""
        yield from (self.number, self.issuer, t.TITLE, t.SUBTITLE, t.SIGNED, *t.HEADS)
        yield t.PAGE + "0123456789"
        for pair in self.facts:
            yield from pair
        for title, rows in self.sections:
            yield title
            for row in rows:
                yield from row


def write_document(printed: Printed, *, at: int) -> bytes:
    """Return the report as PDF: sections are never divided, a page is begun where the next one does not fit.

    `at`: when it was made (UTC ms), the date of the file.
    """
    out = io.BytesIO()
    with reportlab_as_needed():
        faces = registered(fonts.spelled("".join(printed.texts)))
        title = f"{t.TITLE} {printed.number}"
        page = begin(out, faces, (_WIDTH, _HEIGHT), title=title, issuer=printed.issuer, at=at)
        pages = _pages(printed)
        for number, sections in enumerate(pages, start=1):
            top = _draw_head(page, printed) if number == 1 else _HEIGHT - 64
            for section in sections:
                top = _draw_section(page, section, top)
            _draw_foot(page, printed, number, len(pages))
            page.canvas.showPage()
        page.canvas.save()
    return out.getvalue()


def _pages(printed: Printed) -> list[list[Section]]:
    """Which sections stand on which page."""
    pages: list[list[Section]] = [[]]
    room = _HEIGHT - 64 - 96 - _ROW * len(printed.facts) - _FOOT
    for section in printed.sections:
        height = _SECTION + _ROW * len(section[1])
        if height > room:
            pages.append([])
            room = _HEIGHT - 64 - _FOOT
        pages[-1].append(section)
        room -= height
    return pages


def _draw_head(page: Page, printed: Printed) -> float:
    """Draw title and facts; returns where the sections begin."""
    top = _HEIGHT - 78
    page.set_middle(t.TITLE, _WIDTH / 2, top, 26, INK, 8)
    ornaments.draw_rule(page.canvas, _WIDTH / 2, top - 18, 120)
    page.set_middle(t.SUBTITLE, _WIDTH / 2, top - 40, 9, QUIET)
    top -= 66
    for name, value in printed.facts:
        page.set(name, _LEFT, top, 9.5, QUIET)
        text = fonts.spelled(value)
        page.set(text, _LEFT + 130, top, page.fitting(text, 10, _RIGHT - _LEFT - 130), INK)
        top -= _ROW
    return top


def _draw_section(page: Page, section: Section, top: float) -> float:
    title, rows = section
    page.set(title, _LEFT, top - 18, 12, TEAL, 1)
    page.set(t.HEADS[2], _SOURCE, top - 18, 8, QUIET)
    _line(page, top - 23)
    top -= _SECTION
    for name, figure, source in rows:
        page.set(name, _LEFT, top - 6, 10, INK)
        page.set(figure, _VALUE_END - page.width(figure, 10.5), top - 6, 10.5, INK)
        page.set(source, _SOURCE, top - 6, page.fitting(source, 8.5, _RIGHT - _SOURCE), QUIET)
        top -= _ROW
    return top


def _line(page: Page, y: float) -> None:
    page.canvas.setStrokeColorRGB(*GOLD)
    page.canvas.setLineWidth(0.5)
    page.canvas.line(_LEFT, y, _RIGHT, y)


def _draw_foot(page: Page, printed: Printed, number: int, pages: int) -> None:
    page.set(t.SIGNED, _LEFT, 32, 8, QUIET)
    told = t.PAGE.format(page=number, pages=pages)
    page.set(told, _RIGHT - page.width(told, 8), 32, 8, QUIET)
