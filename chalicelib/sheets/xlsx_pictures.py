"""Pictures of an xlsx file: drawn over cells, or inside of cells as Excel and WPS keep them. Pure."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from chalicelib.sheets.building import SheetBuilder
from chalicelib.sheets.cell_texts import LOST_PICTURE
from chalicelib.sheets.model import Cell, CellPicture, alt_text
from chalicelib.sheets.xlsx_parts import Relation, XlsxParts
from chalicelib.sheets.xml_parts import number_of

_ANCHORS = ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")
_WPS_PICTURES = "xl/cellimages.xml"
_WHOLE = 100_000  # of the width or height, in thousandths of a percent
_LOCAL_IMAGE = "_rvRel:LocalImageIdentifier"


def find_drawn(parts: XlsxParts, name: str, builder: SheetBuilder) -> None:
    """Add the pictures of a drawing to the cells on which their top left corners lie. Raises `SheetRefused`.

    What is no picture (charts, shapes, text boxes), and pictures outside the file, count as objects.
    """
    if not parts.has(name):
        return
    relations = parts.relations(name)
    for anchor in parts.tree(name):
        if anchor.tag not in _ANCHORS:
            continue
        row, column = _place(anchor, "row") + 1, _place(anchor, "col")
        pictures = [_picture(parts, relations, entry) for entry in _pictures(anchor)]
        for picture in pictures:
            if picture is not None:
                builder.add_picture(row, column, picture)
        if not pictures or None in pictures:
            builder.objects.add(row)


def _place(anchor: Element, name: str) -> int:
    return number_of((anchor.findtext(f"from/{name}") or "").strip(), 0)


def _pictures(element: Element) -> Iterator[Element]:
    """The pictures in an element; what is there for older programs (`Fallback`) is left out."""
    for child in element:
        if child.tag == "pic":
            yield child
        elif child.tag != "Fallback":
            yield from _pictures(child)


def _picture(
    parts: XlsxParts, relations: dict[str, Relation], entry: Element
) -> CellPicture | None:
    """The picture of a `pic` element, without bytes when it is only a link; None when it is hidden or there is none."""
    properties = entry.find("nvPicPr/cNvPr")
    blip = entry.find("blipFill/blip")
    is_hidden = properties is not None and properties.get("hidden") in ("1", "true")
    if blip is None or is_hidden:
        return None
    relation = relations.get(blip.get("embed", ""))
    if relation is None and not blip.get("link"):
        return None
    data = b"" if relation is None else parts.picture(relation.target)
    alt = "" if properties is None else alt_text(properties.get("descr", ""))
    return CellPicture(data, alt, _crop(entry.find("blipFill/srcRect")))


def _crop(shown: Element | None) -> tuple[float, float, float, float]:
    """What is cut off at each side; the file has thousandths of a percent, or percents with a sign."""
    left, top, right, bottom = (_part(shown, side) for side in ("l", "t", "r", "b"))
    return left, top, right, bottom


def _part(shown: Element | None, side: str) -> float:
    text = "0" if shown is None else shown.get(side, "0")
    digits = text.removesuffix("%")
    if not digits.replace(".", "", 1).isdigit():  # less than nothing is cut off: a margin is added
        return 0
    return min(float(digits) / (100 if text.endswith("%") else _WHOLE), 1)


class CellPictures:
    """Finds the pictures to which cells refer."""

    def __init__(self, parts: XlsxParts) -> None:
        self._parts = parts
        self._wps: dict[str, CellPicture] | None = None
        self._values: dict[str, CellPicture] | None = None

    def of_wps(self, name: str) -> Cell:
        """The cell with the picture that `DISPIMG` shows by this name. Raises `SheetRefused`."""
        if self._wps is None:
            self._wps = _wps_pictures(self._parts)
        return _cell(self._wps.get(name))

    def of_value(self, number: str) -> Cell | None:
        """The cell with the picture that Excel placed in it by the metadata of this number; None for other metadata.

        Raises `SheetRefused`.
        """
        if self._values is None:
            self._values = _placed_pictures(self._parts)
        return _cell(self._values[number]) if number in self._values else None


def _cell(picture: CellPicture | None) -> Cell:
    return LOST_PICTURE if picture is None else Cell(pictures=(picture,))


def _wps_pictures(parts: XlsxParts) -> dict[str, CellPicture]:
    """The pictures in cells that WPS keeps, by their names."""
    if not parts.has(_WPS_PICTURES):
        return {}
    relations = parts.relations(_WPS_PICTURES)
    found: dict[str, CellPicture] = {}
    for entry in parts.tree(_WPS_PICTURES).iter("pic"):
        properties = entry.find("nvPicPr/cNvPr")
        picture = _picture(parts, relations, entry)
        if properties is not None and picture is not None:
            found[properties.get("name", "")] = picture
    return found


def _placed_pictures(parts: XlsxParts) -> dict[str, CellPicture]:
    """The pictures that Excel placed in cells, by the number of the metadata of their cells.

    The metadata refer to a rich value by its number. The first field of the value that is a local image is a number in
    the list of relations.
    """
    metadata = parts.tree_of_kind("sheetMetadata")
    names = [parts.find(k) for k in ("rdRichValue", "rdRichValueStructure", "richValueRel")]
    if metadata is None or None in names:
        return {}
    values, structures, targets = (str(name) for name in names)
    relations = parts.relations(targets)
    files = [relations.get(entry.get("id", "")) for entry in parts.tree(targets).iter("rel")]
    keys = [[key.get("n", "") for key in s.iter("k")] for s in parts.tree(structures).iter("s")]
    rich = [_fields(entry, keys) for entry in parts.tree(values).iter("rv")]
    found: dict[str, CellPicture] = {}
    for number, index in enumerate(_rich_value_numbers(metadata), start=1):
        fields = rich[index] if 0 <= index < len(rich) else {}
        target = number_of(fields.get(_LOCAL_IMAGE, ""), -1)
        relation = files[target] if 0 <= target < len(files) else None
        if relation is not None:
            picture = CellPicture(parts.picture(relation.target), alt_text(fields.get("Text", "")))
            found[str(number)] = picture
    return found


def _fields(value: Element, structures: list[list[str]]) -> dict[str, str]:
    """The fields of a rich value by their names."""
    number = number_of(value.get("s", ""), -1)
    names = structures[number] if 0 <= number < len(structures) else []
    return dict(zip(names, [field.text or "" for field in value.iter("v")], strict=False))


def _rich_value_numbers(metadata: Element) -> list[int]:
    """For each entry of the metadata of values: the number of its rich value, -1 for another kind of entry."""
    kinds = [entry.get("name", "") for entry in metadata.iterfind("metadataTypes/metadataType")]
    rich = [
        number_of(next((e.get("i", "") for e in block.iter("rvb")), ""), -1)
        for future in metadata.iterfind("futureMetadata")
        if future.get("name") == "XLRICHVALUE"
        for block in future.iterfind("bk")
    ]
    numbers = []
    for block in metadata.iterfind("valueMetadata/bk"):
        entry = block.find("rc")
        kind = -1 if entry is None else number_of(entry.get("t", ""), -1) - 1
        value = -1 if entry is None else number_of(entry.get("v", ""), -1)
        of_rich = 0 <= kind < len(kinds) and kinds[kind] == "XLRICHVALUE"
        numbers.append(rich[value] if of_rich and 0 <= value < len(rich) else -1)
    return numbers
