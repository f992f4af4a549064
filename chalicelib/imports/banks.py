"""Question banks of several tables: each id occurs once in all of them together. Pure."""

from collections.abc import Mapping

import msgspec

from chalicelib.exams.content import plain_text
from chalicelib.exams.questions import LETTERS, Material, Question, QuestionType
from chalicelib.exams.validation import FileFinding
from chalicelib.imports import texts
from chalicelib.imports.file_names import why_unread
from chalicelib.imports.formats.dispatch import FormatReader, find_reader
from chalicelib.imports.people_lists import people_sheets
from chalicelib.imports.question_rows import own_id
from chalicelib.imports.questions import QuestionReading, read_format, read_questions
from chalicelib.imports.readings import Row
from chalicelib.imports.remarks import Remark
from chalicelib.imports.tables import Table, is_table, open_table
from chalicelib.notation.picture_shelf import PictureShelf


class BankReading(msgspec.Struct, frozen=True):
    """The questions of several files in the order of their names, with every finding and remark.

    `pictures`: SHA-256 (hex) → bytes of those that the questions use. `places`: id of a question → its file and row.
    """

    questions: tuple[Question, ...] = ()
    findings: tuple[FileFinding, ...] = ()
    remarks: tuple[Remark, ...] = ()
    rows: int = 0
    right: int = 0
    materials: tuple[Material, ...] = ()
    pictures: Mapping[str, bytes] = {}
    places: Mapping[str, tuple[str, int]] = {}


class BankReader:
    """Collects the questions of one table after the other. `shelf`: the pictures beside them."""

    def __init__(self, shelf: PictureShelf) -> None:
        self._shelf = shelf
        self._materials: list[Material] = []
        self._questions: dict[str, tuple[Row, Question]] = {}
        self._contents: dict[str, tuple[Row, Question]] = {}  # by the id that their content gives
        self._findings: list[FileFinding] = []
        self._remarks: list[Remark] = []
        self._rows = 0

    def add(self, table: Table) -> None:
        """Read one table. A list of people in it is refused: nobody reads it."""
        self._take(read_questions(table, self._shelf))
        for title in sorted(people_sheets(table)):
            reason = texts.UNREAD["people_sheet"].format(what=title)
            self._findings.append(FileFinding(table.name, 0, reason))

    def refuse(self, name: str, reason: str) -> None:
        """Note why a file is not read."""
        self._findings.append(FileFinding(name, 0, reason))

    def _take(self, read: QuestionReading) -> None:
        self._materials += read.materials
        self._findings += read.reading.findings
        self._remarks += read.reading.remarks
        self._rows += read.reading.count
        for row, question in read.questions:
            self._add(row, question)

    def add_format(self, name: str, data: bytes, reader: FormatReader) -> None:
        """Read one file that is no table, by its reader."""
        self._take(read_format(name, data, self._shelf, reader))

    def _add(self, row: Row, question: Question) -> None:
        content_id = own_id(question)
        first = self._questions.get(question.id) or self._contents.get(content_id)
        reason = _why_refused(row, question, *first) if first else ""
        if reason:
            self._findings.append(FileFinding(row.file, row.number, reason))
        else:
            self._questions[question.id] = (row, question)
            self._contents.setdefault(content_id, (row, question))

    def result(self) -> BankReading:
        """What has been read."""
        found = tuple(question for _, question in self._questions.values())
        findings, remarks = tuple(self._findings), tuple(self._remarks)
        return BankReading(
            found,
            findings,
            remarks,
            rows=self._rows,
            right=len(found),
            materials=tuple(self._materials),
            pictures=self._shelf.kept,
            places={q.id: (row.file, row.number) for row, q in self._questions.values()},
        )


def read_bank(
    files: Mapping[str, bytes], pictures: Mapping[str, bytes] | None = None
) -> BankReading:
    """The questions of these files (name → bytes). `pictures`: those that lie beside them."""
    reader = BankReader(PictureShelf(pictures))
    for name in sorted(files):
        if found := find_reader(name, files[name]):
            reader.add_format(name, files[name], found)
        elif is_table(name):
            reader.add(open_table(name, files[name]))
        else:
            reader.refuse(name, why_unread(name))
    return reader.result()


def _why_refused(row: Row, question: Question, first_row: Row, first: Question) -> str:
    """Why a question is refused beside an earlier one with its id or its content; "" when it is not.

    The same question under two ids is allowed unless the keys differ: then one of them is wrong.
    """
    place = "" if first_row.file == row.file else f" {first_row.file} "
    where = f"{place}第 {first_row.number} 行"
    same = own_id(question) == own_id(first)
    if same and question.key != first.key:
        return (
            f"与{where}是同一道题（题型、题干、选项都相同），答案却不同："
            f"{where.strip()}是{_key_text(first)}，第 {row.number} 行是{_key_text(question)}；请核对答案，删去一行"
        )
    if question.id != first.id:
        return ""
    if row.cells.get("编号") or not same:
        return f"编号重复：{question.id}（{where.strip()}已有）"
    return f"与{where}是同一道题（题型、题干、选项都相同），请删去一行"


def _key_text(question: Question) -> str:
    """The key as people write it: letters, 正确 or 错误, the answers to blanks in one line."""
    if question.type is QuestionType.JUDGE:
        return plain_text(question.options[LETTERS.index(question.key)])
    answers = question.key.replace("\n", "；")
    return f" {answers}"
