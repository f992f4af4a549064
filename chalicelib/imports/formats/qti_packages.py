"""Packages of QTI 2.1, 2.2 and 3.0: a zip with `imsmanifest.xml`, its items, and what they share. Pure.

The names of QTI 3.0 (`qti-choice-interaction`, `max-choices`) become those of 2.x (`choiceInteraction`, `maxChoices`),
so that one reader reads both.
"""

import posixpath
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import msgspec

from chalicelib.imports.formats.entries import refuse_too_many
from chalicelib.notation.addresses import file_name
from chalicelib.notation.xml_trees import XmlRefused, parse_xml
from chalicelib.shared import archives

MANIFEST = "imsmanifest.xml"
MOST_FILES = 25_000
MOST_BYTES = 64 * 1024 * 1024  # unpacked
MOST_ELEMENTS = 3_000_000  # in all XML files together
_ITEM = re.compile(r"imsqti_(apip)?item_xmlv[23]p\d", re.IGNORECASE)
_OLD_ITEM = re.compile(r"imsqti_\w*xmlv1p\d", re.IGNORECASE)
_TEST = re.compile(r"imsqti_(apip)?(test|assessment)_xmlv[23]p\d", re.IGNORECASE)
_DASH = re.compile("-([a-z])")
_SHARED = {"sharedstimulus", "stimulus", "passage"}
_LEFT_OUT = {  # parts of a test whose content is not imported, with what the report calls them
    "rubricBlock": "试卷各部分的说明",
    "testFeedback": "试卷的反馈",
    "testRubricBlock": "试卷的说明",
}


class Item(msgspec.Struct, frozen=True):
    """An item: its path in the package, its element, and a block that its section shows with it, if any."""

    path: str
    element: Element
    shared: Element | None = None


class Package:
    """A package that is being read. Paths are those in the zip."""

    def __init__(self, data: bytes) -> None:
        """Unpack a package. Raises `ValueError` with the reason."""
        self.files = _unpacked(data)
        self._elements_left = MOST_ELEMENTS
        self._parsed: dict[str, Element] = {}
        manifests = [path for path in self.files if posixpath.basename(path).lower() == MANIFEST]
        if not manifests:
            raise ValueError(f"压缩包里没有 {MANIFEST}，不是 QTI 包")
        self._manifest = min(manifests, key=len)
        self.left_out: list[str] = []  # parts of tests that are not imported, each once
        self.missing: list[str] = []  # items that the manifest names and the package lacks

    def parse(self, path: str) -> Element:
        """The root of a file, with the names of QTI 2.x. Raises `ValueError`."""
        if path not in self._parsed:
            root = parse_xml(self.files[path], self._elements_left)
            for element in root.iter():
                self._elements_left -= 1
                _rename(element)
            self._parsed[path] = root
        return self._parsed[path]

    def resolve(self, source: str, base: str) -> str:
        """The path that an address in the file `base` means."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), file_name(source)))

    def items(self) -> Iterator[Item]:
        """The items in the order of the test, or of the manifest without one. Raises `ValueError`."""
        resources = self.parse(self._manifest).findall(".//resource")
        kinds = [resource.get("type", "") for resource in resources]
        if any(map(_OLD_ITEM.match, kinds)):
            raise ValueError("是 QTI 1.x 的包：请导出为 QTI 2.1、2.2 或 3.0")
        paths = [self.resolve(resource.get("href", ""), self._manifest) for resource in resources]
        shown = [path for path, kind in zip(paths, kinds, strict=True) if _ITEM.match(kind)]
        in_tests: dict[str, Element | None] = {}
        for path, kind in zip(paths, kinds, strict=True):
            if _TEST.match(kind) and path in self.files:
                in_tests |= self._items_of_test(path)
        listed = dict.fromkeys([*in_tests, *shown])
        refuse_too_many(len(listed))
        for path in listed:
            if path not in self.files:
                self.missing.append(path)
                continue
            yield Item(path, self.parse(path), in_tests.get(path))

    def _items_of_test(self, path: str) -> dict[str, Element | None]:
        """The items of a test in their order, each with the shared block of its section."""
        found: dict[str, Element | None] = {}
        looked_at: set[str] = set()

        def add_file(path: str, shared: Element | None) -> None:
            if path in self.files and path not in looked_at:
                looked_at.add(path)
                add(path, self.parse(path), shared)

        def add(path: str, element: Element, shared: Element | None) -> None:
            for child in element:
                if child.tag == "rubricBlock" and child.get("use", "").lower() in _SHARED:
                    shared = child
                elif child.tag in _LEFT_OUT:
                    self._leave_out(_LEFT_OUT[child.tag])
                elif child.tag == "assessmentItemRef":
                    found[self.resolve(child.get("href", ""), path)] = shared
                elif child.tag == "assessmentSectionRef":
                    add_file(self.resolve(child.get("href", ""), path), shared)
                else:
                    add(path, child, shared)

        add_file(path, None)
        return found

    def _leave_out(self, what: str) -> None:
        if what not in self.left_out:
            self.left_out.append(what)


def _unpacked(data: bytes) -> dict[str, bytes]:
    try:
        return archives.unpack(
            data, wanted=lambda _: True, most_files=MOST_FILES, most_bytes=MOST_BYTES
        )
    except archives.ZipTooLarge:
        raise ValueError(
            f"QTI 包过大：最多 {MOST_FILES} 个文件、解压后 {MOST_BYTES // 1024 // 1024} MB"
        ) from None
    except archives.ZipRefused:
        raise ValueError("不是可以打开的 zip 文件") from None


def has_manifest(data: bytes) -> bool:
    """Whether a file is a zip with a manifest of QTI."""
    names: list[str] = []

    def listed(name: str) -> bool:
        names.append(posixpath.basename(name).lower())
        return False

    try:
        archives.unpack(data, wanted=listed, most_files=0, most_bytes=0)
    except archives.ZipRefused:
        return False
    return MANIFEST in names


def _rename(element: Element) -> None:
    """Give an element and its attributes the names of QTI 2.x."""
    if element.tag.startswith("qti-"):
        element.tag = _camel(element.tag.removeprefix("qti-"))
    for key in [key for key in element.attrib if "-" in key]:
        element.attrib[_camel(key)] = element.attrib.pop(key)


def _camel(name: str) -> str:
    return _DASH.sub(lambda match: match[1].upper(), name)


def as_item(root: Element) -> Element:
    """A single item with the names of QTI 2.x. Raises `XmlRefused` for any other XML."""
    for element in root.iter():
        _rename(element)
    if root.tag != "assessmentItem":
        raise XmlRefused("不是认识的题库：须为 Moodle XML 或 QTI")
    return root
