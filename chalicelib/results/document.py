"""The PDF of a certificate before it is signed: the same content always gives the same bytes.

The printed words are Chinese with English beside them. Names, titles and dates stay as they are.
"""

import contextlib
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.results import fonts, ornaments
from chalicelib.results.ornaments import GOLD, INK, QUIET, TEAL, VERMILION, Colour
from chalicelib.results.texts import CERTIFICATE as WORDS
from chalicelib.results.texts import SEAL
from chalicelib.shared.clock import china_text

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_WIDTH, _HEIGHT = 841.89, 595.276  # A4 on its side, in points
_MIDDLE = _WIDTH / 2
_PHOTO = (84.0, 118.0)  # 一寸: 25 × 35 mm, drawn a fifth larger
_QUARTER_POINT = 0.25
# A line may break after each of these: a word of Latin letters, or another character, with the punctuation that
# must not stand apart from it.
_UNBROKEN = re.compile(r"[（《“【]*(?:[!-~]+|.)[，。、；：）》”】]*")


class Wording(msgspec.Struct, frozen=True):
    """All texts of one certificate as they are printed. `sitting`: "" prints nothing."""

    number: str
    name: str
    id_number: str
    organisation: str
    exam_title: str
    score: str
    passed_on: str
    issued_on: str
    issuer: str
    verify_url: str
    sitting: str = ""


def write_document(wording: Wording, photo: bytes, *, at: int) -> bytes:
    """Return the certificate as PDF. `photo`: a JPEG. `at`: when it is issued (UTC ms), the date of the file.

    Embedded fonts hold only the used characters.
    """
    spelled = msgspec.structs.replace(
        wording, **{field: fonts.spelled(text) for field, text in _texts(wording).items()}
    )
    out = io.BytesIO()
    with reportlab_as_needed():
        english = [word.en for word in WORDS.values()]
        faces = registered("".join([*_texts(spelled).values(), *WORDS.values(), *english, SEAL]))
        title = f"{WORDS['title']} {wording.number}"
        page = begin(out, faces, (_WIDTH, _HEIGHT), title=title, issuer=wording.issuer, at=at)
        canvas = page.canvas
        canvas.setSubject(wording.exam_title)
        _draw_ground(canvas)
        _draw_head(page, spelled)
        _draw_person(page, spelled, photo)
        _draw_facts(page, spelled)
        _draw_foot(page, spelled)
        canvas.showPage()
        canvas.save()
    return out.getvalue()


def _texts(wording: Wording) -> dict[str, str]:
    texts: dict[str, str] = msgspec.structs.asdict(wording)
    return texts


def registered(text: str) -> tuple[fonts.Typeface, ...]:
    """Return the fonts for this text, registered in reportlab by their names.

    `registerFont` of reportlab keeps the first font of a name, which has only the characters of the first document.
    So it is not used.
    """
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    faces = fonts.typefaces(text)
    for face in faces:
        pdfmetrics._fonts[face.name] = TTFont(face.name, io.BytesIO(face.data))
    return faces


def begin(
    out: io.BytesIO,
    faces: tuple[fonts.Typeface, ...],
    size: tuple[float, float],
    *,
    title: str,
    issuer: str,
    at: int,
) -> "Page":
    """Return the first page of a document. The same content gives the same bytes.

    `size`: in points. `at`: the moment that the file names as its creation (UTC ms).
    """
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(
        out,
        pagesize=size,
        invariant=1,
        pageCompression=1,
        initialFontName=faces[0].name,
        lang="zh-CN",
    )
    canvas.setTitle(title)
    canvas.setAuthor(issuer)
    canvas.setCreator("Kaochang")
    created = china_text(at, "D:%Y%m%d%H%M%S+08'00'")  # ISO 32000-1, 7.9.4
    canvas.setDateFormatter(lambda *_: created)
    canvas.setViewerPreference("DisplayDocTitle", "true")
    return Page(canvas, faces)


class Page:
    """A canvas that draws each character in the first font that has it."""

    def __init__(self, canvas: "Canvas", faces: tuple[fonts.Typeface, ...]) -> None:
        self.canvas = canvas
        self._faces = faces

    def _runs(self, text: str) -> list[tuple[str, str]]:
        """Split the text into (font name, part) pairs."""
        runs: list[tuple[str, str]] = []
        for character in text:
            face = next(face.name for face in self._faces if character in face.characters)
            if runs and runs[-1][0] == face:
                runs[-1] = (face, runs[-1][1] + character)
            else:
                runs.append((face, character))
        return runs

    def width(self, text: str, size: float, spacing: float = 0) -> float:
        """Return the width of the text in points."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        bare = sum(stringWidth(run, face, size) for face, run in self._runs(text))
        return float(bare) + spacing * max(0, len(text) - 1)

    def fitting(self, text: str, size: float, room: float) -> float:
        """Return the largest font size up to `size`, in steps of a quarter point, at which the text fits `room`."""
        while size > _QUARTER_POINT and self.width(text, size) > room:
            size -= _QUARTER_POINT
        return size

    def lines(self, text: str, size: float, room: float) -> list[str]:
        """Return the text in lines that fit `room`. A word that alone is wider is divided."""
        parts = [
            part
            for word in _UNBROKEN.findall(text)
            for part in ([word] if self.width(word, size) <= room else word)
        ]
        lines = [""]
        for part in parts:
            if self.width((lines[-1] + part).rstrip(), size) > room:
                lines.append("")
            lines[-1] = (lines[-1] + part).lstrip()
        return [line.rstrip() for line in lines]

    def fitting_lines(
        self, text: str, size: float, room: float, most: int
    ) -> tuple[float, list[str]]:
        """Return the largest font size up to `size` at which the text fits into `most` lines, and these lines."""
        while size > _QUARTER_POINT and len(self.lines(text, size, room)) > most:
            size -= _QUARTER_POINT
        return size, self.lines(text, size, room)

    def set(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        colour: Colour,
        spacing: float = 0,
    ) -> None:
        """Draw the text from x to the right."""
        self.canvas.setFillColorRGB(*colour)
        line = self.canvas.beginText(x, y)
        for face, run in self._runs(text):
            line.setFont(face, size)
            line.setCharSpace(spacing)
            line.textOut(run)
        line.setCharSpace(0)
        self.canvas.drawText(line)

    def set_middle(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        colour: Colour,
        spacing: float = 0,
    ) -> None:
        """Draw the text centred at x."""
        self.set(text, x - self.width(text, size, spacing) / 2, y, size, colour, spacing)


def _draw_ground(canvas: "Canvas") -> None:
    ornaments.draw_watermark(canvas, _MIDDLE, _HEIGHT / 2 - 4, 205)
    ornaments.draw_frame(canvas, _WIDTH, _HEIGHT)


def _draw_head(page: Page, wording: Wording) -> None:
    page.set_middle(WORDS["title"], _MIDDLE, 474, 46, INK, 20)
    page.set_middle(WORDS["title"].en, _MIDDLE, 454, 11.5, QUIET, 3)
    ornaments.draw_rule(page.canvas, _MIDDLE, 440, 250)
    size = page.fitting(wording.exam_title, 17, 620)
    page.set_middle(wording.exam_title, _MIDDLE, 411, size, TEAL)
    if wording.sitting:
        size = page.fitting(wording.sitting, 12, 500)
        page.set_middle(wording.sitting, _MIDDLE, 391, size, TEAL, 1)


def _draw_person(page: Page, wording: Wording, photo: bytes) -> None:
    left, bottom = 104.0, 252.0
    _draw_photo(page.canvas, photo, left, bottom)
    start, room = 240.0, 498.0
    page.set(wording.name, start, 334, page.fitting(wording.name, 36, room), INK)
    size, lines = page.fitting_lines(wording.organisation, 12, room, 2)
    for index, line in enumerate(lines):
        page.set(line, start, 308 - index * 15, size, QUIET)
    page.set(WORDS["statement"], start, 268, 15.5, INK)
    page.set(WORDS["statement"].en, start, 252, 10, QUIET)


def _draw_photo(canvas: "Canvas", photo: bytes, left: float, bottom: float) -> None:
    """Draw the photo so that it fills its frame. What is too wide or too high is cut off on both sides."""
    from reportlab.lib.utils import ImageReader

    width, height = _PHOTO
    image = ImageReader(io.BytesIO(photo))
    wide, high = image.getSize()
    scale = max(width / wide, height / high)
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(left, bottom, width, height)
    canvas.clipPath(clip, stroke=0, fill=0)
    x, y = left - (wide * scale - width) / 2, bottom - (high * scale - height) / 2
    canvas.drawImage(image, x, y, wide * scale, high * scale)
    canvas.restoreState()
    canvas.setStrokeColorRGB(*GOLD)
    canvas.setLineWidth(0.6)
    canvas.rect(left - 4, bottom - 4, width + 8, height + 8, stroke=1, fill=0)


def _draw_facts(page: Page, wording: Wording) -> None:
    """Draw four facts in a row, each under its label."""
    facts = (
        (WORDS["id_number"], wording.id_number, 104.0, 178.0),
        (WORDS["score"], wording.score, 300.0, 90.0),
        (WORDS["passed_on"], wording.passed_on, 408.0, 118.0),
        (WORDS["number"], wording.number, 546.0, 191.0),
    )
    page.canvas.setStrokeColorRGB(*GOLD)
    page.canvas.setLineWidth(0.4)
    page.canvas.line(104, 222, _WIDTH - 104, 222)
    for label, text, x, room in facts:
        page.set(label, x, 203, 9, QUIET, 1)
        page.set(label.en, x + page.width(label, 9, 1) + 6, 203, 7.5, QUIET)
        page.set(text, x, 184, page.fitting(text, 13, room), INK)


def _draw_foot(page: Page, wording: Wording) -> None:
    _draw_code(page.canvas, wording.verify_url, 104, 82, 74)
    for index, word in enumerate(("scan", "signed", "live")):
        top = 148 - index * 22.5
        page.set(WORDS[word], 194, top, page.fitting(WORDS[word], 8.5, 330), QUIET)
        page.set(WORDS[word].en, 194, top - 9, page.fitting(WORDS[word].en, 6.5, 330), QUIET)
    page.set(wording.verify_url, 194, 82, page.fitting(wording.verify_url, 8, 330), QUIET)
    x, y = _WIDTH - 152, 116
    ornaments.draw_seal(page.canvas, x, y, 43)
    page.set_middle(SEAL, x + 1, y - 7, 20, VERMILION, 2)
    right = x - 60
    size, issued_by = page.fitting_lines(wording.issuer, 11, 120, 2)
    for index, line in enumerate(reversed(issued_by)):
        page.set(line, right - page.width(line, size), 121 + index * 14, size, INK)
    page.set(wording.issued_on, right - page.width(wording.issued_on, 10), 104, 10, QUIET)


def _draw_code(canvas: "Canvas", address: str, left: float, bottom: float, side: float) -> None:
    """Draw a QR code. Neighbouring dark squares of a row are one rectangle."""
    import segno

    rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix]
    unit = side / len(rows)
    canvas.setFillColorRGB(*INK)
    for line, row in enumerate(rows):
        for start, end in _dark(row):
            y = bottom + side - (line + 1) * unit
            canvas.rect(left + start * unit, y, (end - start) * unit, unit, stroke=0, fill=1)


def _dark(row: list[int]) -> Iterator[tuple[int, int]]:
    start = None
    for place, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            yield start, place
            start = None


@contextlib.contextmanager
def reportlab_as_needed() -> Iterator[None]:
    """Patch reportlab, so that copied text is right for characters beyond U+FFFF and streams are written as bytes.

    reportlab 5.1 writes such code points unchanged into the map from glyphs to text, which needs UTF-16
    (ISO 32000-1, 9.10.3). Its Base85 streams would take most of the time, and a quarter more bytes.
    """
    from reportlab import rl_config
    from reportlab.pdfbase import ttfonts

    originals = ttfonts.makeToUnicodeCMap, rl_config.useA85
    ttfonts.makeToUnicodeCMap, rl_config.useA85 = _to_unicode, 0
    try:
        yield
    finally:
        ttfonts.makeToUnicodeCMap, rl_config.useA85 = originals


def _to_unicode(name: str, subset: Any) -> str:
    pairs = [
        f"<{index:02X}> <{chr(code).encode('utf-16-be').hex().upper()}>"
        for index, code in enumerate(subset)
    ]
    blocks = []
    for start in range(0, len(pairs), 100):  # a block holds a hundred at most
        block = pairs[start : start + 100]
        blocks += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    head = ["/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap"]
    head += [f"/CIDSystemInfo << /Registry ({name}) /Ordering ({name}) /Supplement 0 >> def"]
    head += [f"/CMapName /{name} def", "/CMapType 2 def", "1 begincodespacerange"]
    head += [f"<00> <{len(subset) - 1:02X}>", "endcodespacerange"]
    foot = ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join([*head, *blocks, *foot])
