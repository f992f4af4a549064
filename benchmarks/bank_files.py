"""The same question bank in each format that imports read, and files that are refused."""

import csv
import io
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

import xlwt

from chalicelib.exams.questions import LETTERS, Question, QuestionType
from chalicelib.imports.questions import HEADINGS, to_page, to_row
from chalicelib.shared import archives
from chalicelib.sheets import writing
from tests.unit import test_qti as qti
from tests.unit import word
from tests.unit.formats import package

SHEET = "xl/worksheets/sheet1.xml"
Rows = Sequence[Sequence[str]]


def some_questions(count: int) -> list[Question]:
    """So many single-choice questions with explanations, all different."""
    return [
        Question(
            id=f"N-{number}",
            type=QuestionType.SINGLE,
            stem=f"第 {number} 题，下列关于采购程序的说法中，哪一项是正确的？",
            options=tuple(f"第 {number} 题的说法{name}" for name in "甲乙丙丁"),
            key=LETTERS[number % 4],
            explanation="见相关规定第一条。",
        )
        for number in range(count)
    ]


def as_rows(questions: Sequence[Question]) -> Rows:
    """The rows of a table, headings first."""
    return [tuple(HEADINGS), *map(to_row, questions)]


# --- tables ---------------------------------------------------------------------------------------------


def csv_of(rows: Rows) -> bytes:
    """A text table."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def xlsx_of(rows: Rows) -> bytes:
    """A workbook as the export writes it."""
    return writing.write_xlsx([to_page([tuple(row) for row in rows[1:]])])


def xls_of(rows: Rows) -> bytes:
    """A workbook in the old binary format."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("题库")
    for row, line in enumerate(rows):
        for column, text in enumerate(line):
            if text:
                sheet.write(row, column, text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods_of(rows: Rows) -> bytes:
    """A workbook in the OpenDocument format."""
    content = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, line))}</table:table-row>" for line in rows
    )
    sheet = f'<table:table table:name="题库">{content}</table:table>'
    names = 'xmlns:office="office" xmlns:table="table" xmlns:text="text"'
    body = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
    document = f"<office:document-content {names}>{body}</office:document-content>"
    return archives.pack({"content.xml": document.encode()})


def _ods_cell(text: str) -> str:
    paragraph = f"<text:p>{escape(text)}</text:p>" if text else ""
    return f"<table:table-cell>{paragraph}</table:table-cell>"


TABLES: dict[str, Callable[[Rows], bytes]] = {
    "csv": csv_of,
    "xlsx": xlsx_of,
    "xls": xls_of,
    "ods": ods_of,
}


def workbook_of_cells(rows: str) -> bytes:
    """A workbook with the headings of a bank, and rows as XML."""
    base = xlsx_of([tuple(HEADINGS)])
    parts = archives.unpack(base, wanted=lambda _: True, most_files=99, most_bytes=2**30)
    headings = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEADINGS)
    sheet = f"<worksheet><sheetData><row>{headings}</row>{rows}</sheetData></worksheet>"
    return archives.pack({**parts, SHEET: sheet.encode()})


# --- formats of other systems ---------------------------------------------------------------------------


def _aiken(questions: Sequence[Question]) -> bytes:
    return "\n".join(
        "\n".join([str(q.stem), *_lettered(q), f"ANSWER: {q.key}", ""]) for q in questions
    ).encode()


def _gift(questions: Sequence[Question]) -> bytes:
    entries = []
    for question in questions:
        right = LETTERS.index(question.key)
        answers = (
            f"{'=' if number == right else '~'}{option}"
            for number, option in enumerate(question.options)
        )
        inner = "\n".join([*answers, f"####{question.explanation}"])
        entries.append(f"::{question.id}::{question.stem} {{\n{inner}\n}}\n")
    return "\n".join(entries).encode()


def _moodle(questions: Sequence[Question]) -> bytes:
    entries = []
    for question in questions:
        right = LETTERS.index(question.key)
        answers = "".join(
            f'<answer fraction="{100 if n == right else 0}"><text>{option}</text></answer>'
            for n, option in enumerate(question.options)
        )
        entries.append(
            f'<question type="multichoice"><name><text>{question.id}</text></name>'
            f"<questiontext><text>{question.stem}</text></questiontext><single>true</single>"
            f"<generalfeedback><text>{question.explanation}</text></generalfeedback>{answers}</question>"
        )
    return f"<quiz>{''.join(entries)}</quiz>".encode()


def _lettered(question: Question) -> list[str]:
    return [f"{letter}. {o}" for letter, o in zip(LETTERS, question.options, strict=False)]


def _list_lines(questions: Sequence[Question]) -> list[str]:
    lines = ["一、单选题"]
    for number, question in enumerate(questions, start=1):
        lines += [f"{number}. {question.stem}", *_lettered(question)]
        lines += [f"答案：{question.key}", f"解析：{question.explanation}"]
    return lines


def _word(questions: Sequence[Question]) -> bytes:
    return word.document(*_list_lines(questions))


def _qti(questions: Sequence[Question]) -> bytes:
    items = {}
    for question in questions:
        texts = tuple(map(str, question.options))
        answer = qti.response("R", f"C{LETTERS.index(question.key)}")
        body = qti.choices(*texts, prompt=str(question.stem))
        items[f"items/{question.id}.xml"] = qti.item(question.id, body, answer)
    return package(dict(items), dict.fromkeys(items, qti.V21))


FORMATS: dict[str, tuple[str, Callable[[Sequence[Question]], bytes]]] = {
    "Aiken": ("txt", _aiken),
    "GIFT": ("gift", _gift),
    "Moodle XML": ("xml", _moodle),
    "Word list": ("docx", _word),
    "QTI 2.1 package": ("zip", _qti),
}
"""Format → ending of its files, and what makes a file."""
