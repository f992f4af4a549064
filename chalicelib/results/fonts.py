"""The fonts of a certificate: the glyphs that a document needs, as TrueType outlines.

The packaged OpenType fonts have cubic curves (CFF), which reportlab cannot embed. So the few glyphs of one document are
converted to quadratic curves, with an error of at most a thousandth of the em. Each character comes from the first font
that has it: Noto Serif SC, and for rare characters (𠮷 U+20BB7) Noto Sans CJK. Both have the SIL Open Font License.
"""

import functools
import io
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont as OpenType

MISSING = "\N{GETA MARK}"  # 〓, the usual mark in Chinese print for a missing character
_ERROR = 1.0  # font units, of 1000 to the em
_FONTS = (
    ("KaochangSerif", "pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf"),
    ("KaochangSans", "noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"),
)


class Typeface(msgspec.Struct, frozen=True):
    """One embedded font: its name in the PDF, its TrueType file, and its characters."""

    name: str
    data: bytes
    characters: frozenset[str]


def typefaces(text: str) -> tuple[Typeface, ...]:
    """Return the fonts for this text, in a fixed order. The same text always gives the same bytes."""
    missing, faces = set(text) | {MISSING}, []
    for name, package, file in _FONTS:
        font = _opened(package, file)
        characters = {character for character in missing if ord(character) in font.getBestCmap()}
        missing -= characters
        if characters:
            faces.append(
                Typeface(name, _outlines(font, name, sorted(characters)), frozenset(characters))
            )
    return tuple(faces)


def spelled(text: str) -> str:
    """Return the text with each character that no font has as its code: `〔U+1E24〕`."""
    return "".join(
        character if _has(character) else f"〔U+{ord(character):04X}〕" for character in text
    )


def _has(character: str) -> bool:
    return any(
        ord(character) in _opened(package, file).getBestCmap() for _, package, file in _FONTS
    )


@functools.cache
def _opened(package: str, file: str) -> "OpenType":
    """Open a packaged font. Its glyphs are read when they are needed."""
    import importlib.resources

    from fontTools.ttLib import TTFont as OpenType

    data = importlib.resources.files(package).joinpath(file).read_bytes()
    return OpenType(io.BytesIO(data), lazy=True)


def _outlines(font: "OpenType", name: str, characters: list[str]) -> bytes:
    """Return a TrueType font with only these characters."""
    from fontTools.fontBuilder import FontBuilder

    cmap, glyphs = font.getBestCmap(), font.getGlyphSet()
    order = [".notdef", *dict.fromkeys(cmap[ord(character)] for character in characters)]
    builder = FontBuilder(font["head"].unitsPerEm, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({ord(character): cmap[ord(character)] for character in characters})
    builder.setupGlyf({glyph: _outline(glyphs, glyph) for glyph in order})
    drawn = builder.font["glyf"]
    metrics = {
        glyph: (round(glyphs[glyph].width), getattr(drawn[glyph], "xMin", 0)) for glyph in order
    }
    builder.setupHorizontalMetrics(metrics)
    ascent, descent = font["hhea"].ascent, font["hhea"].descent
    builder.setupHorizontalHeader(ascent=ascent, descent=descent)
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name})
    builder.setupOS2(sTypoAscender=ascent, sTypoDescender=descent, usWinAscent=ascent)
    builder.setupPost()
    made = builder.font
    made.recalcTimestamp = False
    made["head"].created = made["head"].modified = 0
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _outline(glyphs: Any, glyph: str) -> Any:
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    glyphs[glyph].draw(Cu2QuPen(pen, _ERROR, reverse_direction=True))
    return pen.glyph()
