"""XML parts of files from outside, read by expat within limits. Names are told without their namespaces. Pure."""

import xml.parsers.expat
from collections.abc import Callable
from typing import Any, Protocol
from xml.etree.ElementTree import Element, TreeBuilder

from chalicelib.sheets.model import SheetRefused

MAX_ELEMENTS = 6_000_000
MAX_DEPTH = 64
MAX_TREE_BYTES = 16 * 1024 * 1024  # of a part that is kept as a tree
_MOST_DIGITS = 9
Attributes = dict[str, str]


class Handler(Protocol):
    """What is told of a part, element by element."""

    def begin(self, name: str, attributes: Attributes) -> None:
        """Note that an element begins."""

    def end(self, name: str) -> None:
        """Note that an element ends."""

    def add(self, text: str) -> None:
        """Note a piece of text."""


class XmlParts:
    """Reads the parts of one file; their elements are counted together."""

    def __init__(self) -> None:
        self._elements = 0

    def read(self, part: bytes, handler: Handler) -> None:
        """Tell a part to a handler. Raises `SheetRefused` when it is no XML, exceeds a limit, or defines entities."""
        parser = xml.parsers.expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_definitions
        parser.StartElementHandler, parser.EndElementHandler = self._counted(handler)
        parser.CharacterDataHandler = handler.add
        try:
            parser.Parse(part, True)
        except xml.parsers.expat.ExpatError:
            raise SheetRefused("表格文件已损坏") from None

    def tree(self, part: bytes) -> Element:
        """A small part as a tree whose names have no namespaces. Raises `SheetRefused` as `read` does."""
        if len(part) > MAX_TREE_BYTES:
            raise SheetRefused("表格文件的结构过于复杂")
        builder = _Tree()
        self.read(part, builder)
        return builder.root()

    def _counted(
        self, handler: Handler
    ) -> tuple[Callable[[str, Attributes], None], Callable[[str], None]]:
        """The handlers of expat, which count elements and depth, and remove namespaces."""
        depth = 0
        locals_: dict[str, str] = {}
        begin_element, end_element = handler.begin, handler.end

        def begin(name: str, attributes: Attributes) -> None:
            nonlocal depth
            depth += 1
            self._elements += 1
            if depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
                raise SheetRefused("表格文件的结构过于复杂")
            local = locals_.get(name)
            if local is None:
                local = locals_[name] = name.rpartition(":")[2]
            begin_element(local, attributes)

        def end(name: str) -> None:
            nonlocal depth
            depth -= 1
            end_element(locals_[name])

        return begin, end


def _refuse_definitions(*_: Any) -> None:
    """Refuse definitions of entities: a few of them can expand to gigabytes. No spreadsheet needs them."""
    raise SheetRefused("表格文件含有不允许的 XML 定义")


def local_attributes(attributes: Attributes) -> Attributes:
    """The attributes without namespaces; of two with one name the first counts."""
    plain: Attributes = {}
    for name, value in attributes.items():
        plain.setdefault(name.rpartition(":")[2], value)
    return plain


def number_of(text: str | None, otherwise: int) -> int:
    """A number of at most nine digits; `otherwise` for any other text and for none."""
    fits = text is not None and len(text) <= _MOST_DIGITS and text.isascii() and text.isdigit()
    return int(text or "") if fits else otherwise


class _Tree:
    """A handler that keeps all elements."""

    def __init__(self) -> None:
        self._builder = TreeBuilder()

    def begin(self, name: str, attributes: Attributes) -> None:
        self._builder.start(name, local_attributes(attributes))

    def end(self, name: str) -> None:
        self._builder.end(name)

    def add(self, text: str) -> None:
        self._builder.data(text)

    def root(self) -> Element:
        return self._builder.close()
