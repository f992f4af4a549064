"""Names, lines and texts that people type, without invisible characters or direction marks. Pure."""

import unicodedata

from chalicelib.shared.errors import Invalid

# Default_Ignorable_Code_Point (Unicode 16.0, DerivedCoreProperties.txt): characters that are not drawn, including
# letters such as the Hangul fillers; and U+2800, the blank Braille pattern.
_DRAWN_AS_NOTHING = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)

MOST_ORGANISATION = 100  # characters; names of companies with branch and department are long


def parse_name(text: str) -> str:
    """A person's name: 1–40 letters of any script, with `·`, space, `-`, `'` and `.` between them.

    Raises `Invalid`: `name_invalid` (also for control and direction characters).
    """
    name = unicodedata.normalize("NFC", text).strip().replace("•", "·").replace("・", "·")
    allowed = all(unicodedata.category(c)[0] in "LM" or c in "· -'." for c in name)
    letters = any(unicodedata.category(c)[0] == "L" for c in name)
    if not allowed or not letters or len(name) > 40 or _hidden(name):
        raise Invalid("name_invalid")
    return name


def parse_organisation(text: str) -> str:
    """所属单位: one line of at most 100 characters. Raises `Invalid`: `text_invalid`."""
    return parse_line(text, "organisation", most=MOST_ORGANISATION)


def parse_line(text: str, field: str, *, most: int = 60) -> str:
    """One line of visible text, such as the region. Raises `Invalid`: `text_invalid`."""
    line = unicodedata.normalize("NFC", text).strip()
    if not line or len(line) > most or _hidden(line):
        raise Invalid("text_invalid", field=field, most=most)
    return line


def fold_name(text: str) -> str:
    """Return a name in the form by which names are compared.

    Width, case, spaces, hyphens, dots between names and invisible characters make no difference. Letters of other
    scripts that look alike stay different.
    """
    visible = "".join(
        character for character in unicodedata.normalize("NFKC", text) if not _hidden(character)
    )
    folded = unicodedata.normalize("NFKC", visible.casefold())
    return "".join(
        character for character in folded if not (character.isspace() or _joins(character))
    )


def _joins(character: str) -> bool:
    """Hyphens and dashes of all kinds, and the dots that stand between the parts of a name (买买提·阿不都)."""
    return unicodedata.category(character) == "Pd" or character in "·•‧∙⋅・･"


def parse_text(text: str, field: str, *, most: int) -> str:
    """Return several lines of plain text. Invisible characters (also within emoji) are removed, not refused.

    Raises `Invalid`: `text_invalid`.
    """
    normal = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\t", " ")
    plain = "".join(
        character for character in normal if character == "\n" or not _hidden(character)
    ).strip()
    if not plain or len(plain) > most:
        raise Invalid("text_invalid", field=field, most=most)
    return plain


def _hidden(text: str) -> bool:
    """Whether some character cannot be seen: controls, line and paragraph separators, what is drawn as nothing."""
    return any(
        unicodedata.category(character)[0] == "C"
        or character in "\u2028\u2029"
        or any(first <= ord(character) <= last for first, last in _DRAWN_AS_NOTHING)
        for character in text
    )
