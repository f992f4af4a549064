"""What people type into one line: names and plain text, without invisible or direction signs. Pure."""

import unicodedata

from chalicelib.shared.errors import Invalid


def parse_name(text: str) -> str:
    """A person's name: 1–40 letters of any script, with `·`, space, `-`, `'` and `.` between them.

    Raises `Invalid`: `name_invalid` (also for control and direction signs).
    """
    name = unicodedata.normalize("NFC", text).strip().replace("•", "·").replace("・", "·")
    allowed = all(unicodedata.category(c)[0] in "LM" or c in "· -'." for c in name)
    letters = any(unicodedata.category(c)[0] == "L" for c in name)
    if not allowed or not letters or len(name) > 40:
        raise Invalid("name_invalid")
    return name


def parse_line(text: str, field: str, *, most: int = 60) -> str:
    """One line of visible text (organisation, region). Raises `Invalid`: `text_invalid`."""
    line = unicodedata.normalize("NFC", text).strip()
    hidden = any(unicodedata.category(c)[0] == "C" or c in "\u2028\u2029" for c in line)
    if not line or len(line) > most or hidden:
        raise Invalid("text_invalid", field=field, most=most)
    return line
