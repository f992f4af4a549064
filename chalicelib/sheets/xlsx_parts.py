"""The parts of an xlsx file and how they refer to each other. Pure."""

import posixpath
import re
from collections.abc import Callable
from xml.etree.ElementTree import Element

import msgspec

from chalicelib.shared import archives
from chalicelib.sheets.model import MAX_PARTS, SheetRefused
from chalicelib.sheets.xml_parts import Handler, XmlParts

MAX_UNPACKED_BYTES = 64 * 1024 * 1024  # of all XML parts, and again of all pictures
_FILLED_ROW = re.compile(rb"<(?:\w+:)?row\b[^<>]*>\s*<(?:\w+:)?c\b[^<>]*>\s*<(?:\w+:)?(?:v|is|f)\b")
_BINARY_WORKBOOK = "xl/workbook.bin"
_UNREADABLE = "不是可以打开的表格：请用表格软件打开，另存为 xlsx"


class Relation(msgspec.Struct, frozen=True):
    """How a part refers to another: the last word of the kind (`worksheet`), and the other's name."""

    kind: str
    target: str


class XlsxParts:
    """The parts of a file. XML parts are unpacked at once, pictures when one is asked for.

    Raises `SheetRefused` when the file is no workbook or too large.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._names: list[str] = []
        self._xml = XmlParts()
        self._pictures: dict[str, bytes] | None = None
        self._parts = self._unpack(self._is_wanted, "请删除多余的行、工作表和格式，或分成几个文件")
        if _BINARY_WORKBOOK in self._names:
            raise SheetRefused("文件是二进制的 xlsb：请另存为 xlsx")
        self.workbook = self._find_workbook()

    def _is_wanted(self, name: str) -> bool:
        normal = _normal(name)
        self._names.append(normal)
        return normal.endswith((".xml", ".rels")) and not normal.startswith("xl/media/")

    def _unpack(self, wanted: Callable[[str], bool], advice: str) -> dict[str, bytes]:
        try:
            parts = archives.unpack(
                self._data, wanted=wanted, most_files=MAX_PARTS, most_bytes=MAX_UNPACKED_BYTES
            )
        except archives.ZipTooLarge:
            raise SheetRefused(f"表格解压后过大：{advice}") from None
        except archives.ZipRefused:
            raise SheetRefused(_UNREADABLE) from None
        return {_normal(name): part for name, part in parts.items()}

    def _find_workbook(self) -> str:
        for relation in self.relations("").values():
            if relation.kind == "officeDocument" and relation.target in self._parts:
                return relation.target
        raise SheetRefused(_UNREADABLE)

    @property
    def has_macros(self) -> bool:
        """Whether programs lie in the file."""
        return any(name.endswith("vbaproject.bin") for name in self._names)

    def find(self, kind: str) -> str | None:
        """The name of the part to which the workbook refers with this kind; None without one."""
        related = self.relations(self.workbook).values()
        names = (relation.target for relation in related if relation.kind == kind)
        return next((name for name in names if name in self._parts), None)

    def has(self, name: str) -> bool:
        """Whether there is an XML part of this name."""
        return name in self._parts

    def count_rows(self) -> int:
        """How many rows of all sheets have content, at least. It takes a small part of the time of reading them."""
        return sum(len(_FILLED_ROW.findall(part)) for part in self._parts.values())

    def read(self, name: str, handler: Handler) -> None:
        """Tell a part to a handler. Raises `SheetRefused`."""
        if name not in self._parts:
            raise SheetRefused("表格文件已损坏")
        self._xml.read(self._parts[name], handler)

    def tree(self, name: str) -> Element:
        """A part as a tree. Raises `SheetRefused`."""
        if name not in self._parts:
            raise SheetRefused("表格文件已损坏")
        return self._xml.tree(self._parts[name])

    def tree_of_kind(self, kind: str) -> Element | None:
        """The part to which the workbook refers with this kind as a tree; None without one. Raises `SheetRefused`."""
        name = self.find(kind)
        return None if name is None else self.tree(name)

    def relations(self, name: str) -> dict[str, Relation]:
        """What a part ("": the file) refers to, by id. Raises `SheetRefused`."""
        folder, _, base = name.rpartition("/")
        listing = posixpath.join(folder, "_rels", f"{base}.rels")
        if listing not in self._parts:
            return {}
        return {
            entry.get("Id", ""): Relation(
                entry.get("Type", "").rpartition("/")[2], _target(folder, entry.get("Target", ""))
            )
            for entry in self.tree(listing)
            if entry.get("TargetMode") != "External"
        }

    def picture(self, name: str) -> bytes:
        """The bytes of a picture; empty when it is not there. Raises `SheetRefused` when pictures are too large."""
        if self._pictures is None:
            self._pictures = self._unpack(
                lambda part: _normal(part).startswith("xl/media/"), "请缩小或删除图片"
            )
        return self._pictures.get(name, b"")


def _normal(name: str) -> str:
    """The name of a part as it is compared: names differ not by case, and some programs write backslashes."""
    return name.replace("\\", "/").lower().lstrip("/")


def _target(folder: str, target: str) -> str:
    """The name of a part to which a part in this folder refers."""
    return _normal(posixpath.normpath(posixpath.join("/", folder, target.replace("\\", "/"))))
