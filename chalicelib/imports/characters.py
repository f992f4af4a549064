"""Characters that nobody sees, and the marks that spreadsheets put around texts. Pure."""

import re
import unicodedata

from chalicelib.shared.hidden_characters import HIDDEN

_NAMES = {
    "\u00ad": "软连字符",
    "\u061c": "阿拉伯字母方向标记",
    "\u200b": "零宽空格",
    "\u200c": "零宽不连字",
    "\u200d": "零宽连字",
    "\u200e": "从左到右标记",
    "\u200f": "从右到左标记",
    "\u202a": "从左到右嵌入",
    "\u202b": "从右到左嵌入",
    "\u202c": "方向设置结束",
    "\u202d": "从左到右强制",
    "\u202e": "从右到左强制",
    "\u2060": "单词连接符",
    "\u2066": "从左到右隔离",
    "\u2067": "从右到左隔离",
    "\u2068": "方向隔离",
    "\u2069": "方向隔离结束",
    "\ufeff": "零宽不换行空格",
}
_QUOTED = re.compile(r'^=\s*"(.*)"$', re.DOTALL)
_APOSTROPHES = "'‘’`＇"


def normal_word(text: str) -> str:
    """The text with full-width letters made plain, in capitals, without blanks: `Ａ` and `a ` become `A`."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def hidden_in(text: str) -> tuple[str, ...]:
    """The names of the hidden signs in a text, each once: `U+200B（零宽空格）`."""
    return tuple(name_of(character) for character in dict.fromkeys(HIDDEN.findall(text)))


def name_of(character: str) -> str:
    """Code point and name of one character; the Unicode name where we have no Chinese one."""
    name = _NAMES.get(character) or unicodedata.name(character, "")
    return f"U+{ord(character):04X}" + (f"（{name}）" if name else "")


def unquoted(text: str) -> str:
    """The text without what keeps a spreadsheet from reading it as a number: `="…"` or apostrophes before it."""
    quoted = _QUOTED.match(text)
    inside = quoted[1].replace('""', '"') if quoted else text
    return inside.lstrip(_APOSTROPHES).strip()
