"""The files of a pack: which are banks, which is the roster, and what is not read. Pure.

A table is a bank or the roster by its place, its name and its headings. No file is passed over in silence: what looks
like a list of people and is not read is refused, because the exam would be open to others; every other file is named.
"""

import re
from collections.abc import Mapping

from chalicelib.exams.validation import FileFinding
from chalicelib.imports import questions, rosters, texts
from chalicelib.imports.banks import BankReader, BankReading
from chalicelib.imports.file_names import (
    is_bank_name,
    is_roster_name,
    is_system_file,
    may_be_people,
    why_unread,
)
from chalicelib.imports.formats.dispatch import FormatReader, find_reader
from chalicelib.imports.people_lists import mentions_people, people_sheets
from chalicelib.imports.readings import Reading
from chalicelib.imports.remarks import Advice, Remark, remark_on_file
from chalicelib.imports.rosters import RosterRow, read_roster
from chalicelib.imports.tables import Table, is_table, open_table
from chalicelib.notation.picture_shelf import PictureShelf, is_picture

HEADER = "exam.yaml"
_BANK_FOLDER = "questions/"
_ROSTER_PLACE = re.compile(r"^roster(\.|/)")
_LEAST_KNOWN = 2  # headings that make a text a table


class Contents:
    """What the files of a pack (path → bytes) are."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """Read the files: those of `questions/` first, each folder in the order of the paths."""
        self.findings: list[FileFinding] = []
        self.remarks: list[Remark] = []
        paths = sorted(path for path in files if path != HEADER and not is_system_file(path))
        self._files = files
        shelf = PictureShelf({path: files[path] for path in paths if is_picture(path)})
        self._bank = BankReader(shelf)
        self._roster = ""  # the path of its file
        self._people: tuple[RosterRow, ...] = ()
        self._reading = Reading()
        tables = [path for path in paths if not is_picture(path)]
        # A question that stands twice is told about the file at the unusual place.
        for path in sorted(tables, key=lambda path: not path.startswith(_BANK_FOLDER)):
            self._read(path, files[path])
        for path in shelf.unused():
            self._leave_out(path, texts.UNREAD["picture_unused"])

    @property
    def bank(self) -> BankReading:
        """The questions of all banks."""
        return self._bank.result()

    @property
    def roster(self) -> tuple[RosterRow, ...] | None:
        """The people of the roster; None without a roster."""
        return self._people if self._roster else None

    @property
    def roster_reading(self) -> Reading:
        """Rows, mistakes and remarks of the roster."""
        return self._reading

    def _read(self, path: str, data: bytes) -> None:
        """Read a file, or say why it is not read."""
        if reader := self._reader(path, data):
            self._bank.add_format(path, data, reader)
            self._remark_on_place(path)
            return
        if not is_table(path):
            self._leave_out(path, why_unread(path))
            return
        table = open_table(path, data)
        if self._is_roster(table):
            self._take_roster(table)
        elif self._is_bank(table):
            self._take_bank(table)
        elif people_sheets(table):
            self._refuse(path, "people_elsewhere")
        else:
            self._leave_out(path, table.refused or texts.UNREAD["table"])

    def _reader(self, path: str, data: bytes) -> FormatReader | None:
        """The reader of a format for questions; None for other files, and for lists of people, whatever their format.

        A document outside of the folder for banks is a bank only when its name says so.
        """
        if not path.startswith(_BANK_FOLDER):
            document = path.lower().endswith(".docx")
            if may_be_people(path) or (document and not is_bank_name(path)):
                return None
        return find_reader(path, data)

    def _is_roster(self, table: Table) -> bool:
        if _ROSTER_PLACE.search(table.name):
            return True
        listed = bool(people_sheets(table))
        unclear = not listed and (self._has_questions(table) or self._is_prose(table))
        return is_roster_name(table.name) and not unclear and not self._is_in_bank_folder(table)

    def _is_bank(self, table: Table) -> bool:
        if self._has_questions(table):
            return True
        named = self._is_in_bank_folder(table) or is_bank_name(table.name)
        return named and not self._is_prose(table)

    def _is_in_bank_folder(self, table: Table) -> bool:
        return table.name.startswith(_BANK_FOLDER)

    def _has_questions(self, table: Table) -> bool:
        return bool(table.titles_with(questions.LAYOUT))

    def _is_prose(self, table: Table) -> bool:
        """Whether this is a text without headings."""
        known = max(table.count_known(questions.LAYOUT), table.count_known(rosters.LAYOUT))
        return table.name.lower().endswith(".txt") and known < _LEAST_KNOWN

    def _take_roster(self, table: Table) -> None:
        if self._roster:
            reason = texts.UNREAD["second_roster"].format(first=self._roster)
            self.findings.append(FileFinding(table.name, 0, reason))
            return
        self._roster = table.name
        self._people, self._reading = read_roster(table)
        if not _ROSTER_PLACE.search(table.name):
            self.remarks.append(remark_on_file(Advice.READ_AS_ROSTER, table.name))

    def _take_bank(self, table: Table) -> None:
        self._bank.add(table)
        self._remark_on_place(table.name)

    def _remark_on_place(self, path: str) -> None:
        if not path.startswith(_BANK_FOLDER):
            self.remarks.append(remark_on_file(Advice.READ_AS_BANK, path))

    def _leave_out(self, path: str, why: str) -> None:
        if may_be_people(path):
            self._refuse(path, "people_by_name", why=why)
        elif not is_picture(path) and mentions_people(self._files[path]):
            self._refuse(path, "people_by_number", why=why)
        else:
            self.remarks.append(remark_on_file(Advice.FILE_LEFT_OUT, path, why=why))

    def _refuse(self, path: str, reason: str, **values: str) -> None:
        self.findings.append(FileFinding(path, 0, texts.UNREAD[reason].format(**values)))
