"""How long a content may be, whatever file it comes from, so that its export can be imported again. Pure."""

from typing import Final

from chalicelib.exams import content
from chalicelib.exams.content import Content, plain_text
from chalicelib.imports import characters
from chalicelib.imports.readings import MOST_WRITTEN, text_trouble
from chalicelib.notation.building import MOST_INLINES
from chalicelib.notation.markup import picture_name, write_markup

_TOO_MANY: Final = f"过于复杂：最多 {MOST_INLINES} 段文字、图片和公式"
_TOO_LONG: Final = f"连同表格、上下标等格式的写法超过 {MOST_WRITTEN} 字：请减少格式，或拆成几部分"


def refuse_content(name: str, whole: Content) -> None:
    """Raise `ValueError` for a content that a table could not hold. `name`: what the content is, for the reason."""
    if trouble := _trouble(whole):
        raise ValueError(f"“{name}”{trouble}")


def _trouble(whole: Content) -> str:
    text = plain_text(whole)
    if trouble := text_trouble(text):
        return trouble
    if hidden := characters.hidden_in(text):
        return f"含有看不见的字符：{'、'.join(hidden)}"
    if isinstance(whole, str) and len(text) * _LONGEST_REFERENCE <= MOST_WRITTEN:
        return ""
    if sum(1 for _ in content.inlines_of(whole)) > MOST_INLINES:
        return _TOO_MANY
    return _TOO_LONG if len(write_markup(whole, picture_name)) > MOST_WRITTEN else ""


_LONGEST_REFERENCE: Final = len("&#65343;")
