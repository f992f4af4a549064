"""The top of a preview: the exam, the findings and remarks of the report, the structure of the paper. Pure."""

from chalicelib.exams.paper import eligible
from chalicelib.exams.questions import QuestionType, Section, SectionType
from chalicelib.imports.type_names import TYPE_NAMES
from chalicelib.preview import texts as t
from chalicelib.preview.model import Preview
from chalicelib.shared import html
from chalicelib.shared.clock import china_text
from chalicelib.shared.html import Html, el, join


def show(preview: Preview) -> Html:
    """The head of the page. The report is open when something is wrong."""
    facts = [
        preview.exam_id,
        _moment(preview.starts_at),
        t.QUESTIONS.format(count=len(preview.bank.questions)),
        t.WHO.format(who=preview.who) if preview.who else "",
    ]
    names = el("h1", preview.title or t.UNTITLED)
    about = el("p", *(el("span", fact) for fact in facts if fact), class_="facts")
    summary = el("summary", t.REPORT, " ", _state(preview), _remark_count(preview))
    report = (
        _table(t.REFUSED, (), _findings(preview)),
        _table(t.REMARKS, (), _remarks(preview)),
        _structure(preview),
    )
    details = el(
        "details", summary, el("div", *report, class_="report"), open=bool(preview.findings)
    )
    subtitle = el("p", t.SUBTITLE, class_="kicker")
    return el("header", el("div", subtitle, names, about, class_="names"), details)


def _state(preview: Preview) -> Html:
    if preview.findings:
        return el("span", t.WRONG.format(count=len(preview.findings)), class_="tag bad")
    if preview.published:
        corrected = el("span", t.CORRECTED, class_="tag warn") if preview.corrected else None
        return join(el("span", t.PUBLISHED, class_="tag good"), corrected)
    return el("span", t.RIGHT, class_="tag good")


def _remark_count(preview: Preview) -> Html | None:
    if not preview.remarks:
        return None
    return el("span", f"{t.REMARKS} {len(preview.remarks)}", class_="tag warn")


def _moment(ms: int | None) -> str:
    if ms is None:
        return t.NO_START
    return t.STARTS.format(moment=china_text(ms, "%Y-%m-%d %H:%M"))


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[html.Content, ...]]) -> Html:
    if not rows:
        return join()
    head = el("thead", el("tr", *(el("th", text, scope="col") for text in heads)))
    body = el("tbody", *(el("tr", *(el("td", cell) for cell in row)) for row in rows))
    return el("section", el("h2", title), el("table", head if heads else None, body))


def _findings(preview: Preview) -> list[tuple[html.Content, ...]]:
    return [
        (place(finding.file, (finding.row,) if finding.row else ()), finding.reason)
        for finding in preview.findings
    ]


def _remarks(preview: Preview) -> list[tuple[html.Content, ...]]:
    return [(place(r.file, r.rows, r.count), r.reason) for r in preview.remarks]


def place(file: str, rows: tuple[int, ...], count: int = 0) -> str:
    """File and rows of a finding or a remark; `count`: of all rows, where only the first ones are named."""
    named = t.ROWS.format(rows="、".join(map(str, rows))) if rows else ""
    more = t.MORE_ROWS.format(count=count) if count > len(rows) > 0 else ""
    return " ".join(part for part in (file, named + more) if part) or t.WHOLE


def _structure(preview: Preview) -> Html:
    sections = preview.bank.sections
    if not sections:
        return join()
    rows = [_section_row(preview, section) for section in sections]
    return _table(t.SECTIONS, t.SECTION_HEADS, [*rows, _total_row(preview)])


def _total_row(preview: Preview) -> tuple[html.Content, ...]:
    """Questions and points of a paper; no points as long as papers could differ."""
    sections = preview.bank.sections
    questions = t.QUESTIONS.format(count=sum(section.question_count for section in sections))
    worths = [_worths(preview, section) for section in sections]
    same = all(len(of_section) == 1 for of_section in worths)
    total = sum(s.count * min(of) for s, of in zip(sections, worths, strict=True)) if same else 0
    return (t.TOTAL, "", questions, "", "", points(total) if same else "")


def _worths(preview: Preview, section: Section) -> set[int]:
    """What the questions or materials of a section are worth, in hundredths of a point."""
    return {unit.centipoints(section) for unit in eligible(preview.bank, section)}


def _section_row(preview: Preview, section: Section) -> tuple[html.Content, ...]:
    units = eligible(preview.bank, section)
    worths = _worths(preview, section)
    grouped = section.type is SectionType.MATERIAL
    drawn = t.DRAWN_MATERIALS if grouped else t.DRAWN
    in_bank = t.IN_BANK_MATERIALS if grouped else t.IN_BANK
    own = any(question.points is not None for unit in units for question in unit.questions)
    total = points(section.count * worths.pop()) if len(worths) == 1 else ""
    return (
        section.title,
        t.MATERIAL_TYPE if grouped else TYPE_NAMES[QuestionType(section.type.value)],
        drawn.format(count=section.count, size=section.group_size),
        in_bank.format(count=len(units)),
        t.OWN_POINTS if own else points(section.centipoints),
        total,
    )


def points(centipoints: int) -> str:
    """Hundredths of a point as text."""
    return t.POINTS.format(points=f"{centipoints / 100:g}")
