"""Characters that nobody sees in a text. Pure."""

import re
from typing import Final

# Zero-width and direction characters, fillers, tags. U+FE0E and U+FE0F only choose how the one before them is drawn.
HIDDEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def without_hidden(text: str) -> str:
    """The text without hidden characters."""
    return HIDDEN.sub("", text)
