r"""The written notation of content: what cells of tables and text formats may hold besides plain text. Pure.

| written | means |
|---|---|
| `<b>` `<u>` `<sup>` `<sub>` … `</b>` | bold, underlined, raised, lowered |
| `<br>`, a line end | a line break |
| `<p>` … `</p>` | a paragraph |
| `<table><tr><td>` …, `colspan`, `rowspan` | a table |
| `$x^2$`, `\(x + 1\)`, `$$…$$`, `\[…\]` | a formula in LaTeX; within `$` only with `\`, `^`, `_` or `{` |
| `![what it shows](file.png)` | a picture of the pack |
| `____` | a blank, in the stem of a 填空题 |
| `&lt;` `&gt;` `&amp;` `&#36;` | the characters `<`, `>`, `&`, `$` themselves |

Everything else is text as it stands: a `<` that begins none of these, and a tag that is not closed.
"""

import html
import re
from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from chalicelib.exams.content import (
    BLANK_MARK,
    BlankPlace,
    Block,
    Content,
    Formula,
    Inline,
    Mark,
    Paragraph,
    Picture,
    Table,
    TableCell,
    Text,
)
from chalicelib.notation.building import ContentBuilder
from chalicelib.notation.formulas import IN_TEXT, latex_of, read_latex

NameOfPicture = Callable[[Picture], str]
"""The name of the file in which a picture lies."""


class PictureFiles(Protocol):
    """Where pictures come from that a text names."""

    def take_file(self, name: str, alt: str = "") -> Picture:
        """The picture of this name. Raises `ValueError` when it is missing or cannot be used."""


_MARKS = {"b": Mark.BOLD, "u": Mark.UNDERLINE, "sup": Mark.SUPERSCRIPT, "sub": Mark.SUBSCRIPT}
_TAG_OF = {mark: tag for tag, mark in _MARKS.items()}
_TAGS = "b|u|sup|sub|br|p|table|tr|td"
# Of the references by number those to ASCII alone: no character that nobody sees comes in by them.
_REFERENCES = r"&(?:lt|gt|amp|quot|nbsp|\#(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6]|65343));"
# Possessive quantifiers: each character of a text is looked at a few times only, whatever stands there.
_TOKEN = re.compile(
    rf"""<(?P<closes>/?)(?P<tag>{_TAGS})(?P<attributes>(?:\s+[a-z]+="\d{{1,3}}")*)\s*/?>
    |!\[(?P<alt>[^\[\]\n]*+)\]\((?P<picture>[^()\n]++(?:\([^()\n]*+\)[^()\n]*+)*)\)
    |{IN_TEXT}
    |(?P<reference>{_REFERENCES})""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_SPANS = re.compile(r'([a-z]+)="(\d+)"', re.IGNORECASE)
_REFERENCE = re.compile(_REFERENCES, re.IGNORECASE)
_UNDERSCORES = re.compile("[_＿]{2,}")
# What would be read as notation, if it stood in a text.
_SPECIAL = re.compile(
    rf"&(?=[a-z#])|<(?=/?(?:{_TAGS})[\s/>])|\$|\\(?=[(\[])|!(?=\[)", re.IGNORECASE
)
_SPECIAL_IN_LATEX = re.compile(r"&(?=[a-z#])|\\(?=[()]|\Z)", re.IGNORECASE)
_SPECIAL_IN_ALT = re.compile(r"&(?=[a-z#])|[\[\]\n]", re.IGNORECASE)


def picture_name(picture: Picture) -> str:
    """The name by which exported tables refer to a picture."""
    return f"{picture.sha256[:16]}.png"


class _Tag(msgspec.Struct, frozen=True):
    """A tag as written; `columns` and `rows` are what a cell spans."""

    name: str
    written: str
    closes: bool
    columns: int = 1
    rows: int = 1


_Token = str | _Tag | Inline


def has_markup(text: str) -> bool:
    """Whether something in a text looks like the notation."""
    return _TOKEN.search(text) is not None


def read_markup(text: str, pictures: PictureFiles, *, blanks: bool = False) -> Content:
    """The content of a text; pictures are taken from `pictures`, underscores are blanks when `blanks` is set.

    Raises `ValueError` for a formula that cannot be read, and for a picture that is missing or cannot be used.
    """
    if not _TOKEN.search(text):
        return text.strip()
    builder = ContentBuilder()
    marks: list[Mark] = []
    for token in _paired(list(_tokens(text, pictures, blanks))):
        match token:
            case str() if blanks and Mark.UNDERLINE in marks and len(token) > 1 and token.isspace():
                builder.add(BlankPlace(0))
            case str():
                builder.add_text(token, tuple(marks))
            case _Tag():
                _apply(token, builder, marks)
            case _:
                builder.add(token)
    return builder.content()


def _tokens(text: str, pictures: PictureFiles, blanks: bool) -> Iterator[_Token]:
    """The pieces of a text, from its beginning to its end. Raises `ValueError`."""
    end = 0
    for match in _TOKEN.finditer(text):
        yield from _text_tokens(text[end : match.start()], blanks)
        yield _token(match, pictures)
        end = match.end()
    yield from _text_tokens(text[end:], blanks)


def _text_tokens(text: str, blanks: bool) -> Iterator[_Token]:
    """A text without notation, or its parts between blanks."""
    if not blanks:
        yield text
        return
    first, *others = _UNDERSCORES.split(text)
    yield first
    for part in others:
        yield BlankPlace(0)
        yield part


def _token(match: re.Match[str], pictures: PictureFiles) -> _Token:
    if tag := match["tag"]:
        spans = {key.lower(): int(value) for key, value in _SPANS.findall(match["attributes"])}
        columns, rows = spans.get("colspan", 1), spans.get("rowspan", 1)
        return _Tag(tag.lower(), match[0], bool(match["closes"]), columns, rows)
    if name := match["picture"]:
        return pictures.take_file(_resolved(name).strip(), _resolved(match["alt"]))
    if latex := latex_of(match):
        return read_latex(_resolved(latex))
    return _character(match)


def _resolved(text: str) -> str:
    """A text with signs instead of the references to them."""
    return _REFERENCE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    """The character that a reference names; a space that does not break is a space."""
    return html.unescape(match[0].lower()).replace("\xa0", " ")


# --- tags -----------------------------------------------------------------------------------------------

_PARENTS = {
    "tr": "table",
    "td": "tr",
    "table": "",
    "p": "",
}  # where a tag may stand; others anywhere


def _paired(tokens: list[_Token]) -> list[_Token]:
    """The tokens; a tag that is not closed, closes nothing, or stands at a wrong place is a text."""
    paired: list[_Token] = [t.written if isinstance(t, _Tag) else t for t in tokens]
    open_tags: list[tuple[int, str]] = []
    for index, token in enumerate(tokens):
        if not isinstance(token, _Tag):
            continue
        if token.name == "br":
            paired[index] = token.written if token.closes else token
        elif not token.closes:
            above = open_tags[-1][1] if open_tags else ""
            if _PARENTS.get(token.name, above) == above:
                open_tags.append((index, token.name))
        else:
            same = [at for at, (_, name) in enumerate(open_tags) if name == token.name]
            if same:
                begin, _ = open_tags[same[-1]]
                del open_tags[same[-1] :]
                paired[begin], paired[index] = tokens[begin], token
    return paired


def _apply(tag: _Tag, builder: ContentBuilder, marks: list[Mark]) -> None:
    """Do what a tag says. Raises `ValueError` for a table that cannot be kept."""
    if mark := _MARKS.get(tag.name):
        if tag.closes:
            marks.remove(mark)
        else:
            marks.append(mark)
    elif tag.name == "br":
        builder.add_text("\n")
    elif tag.name == "td" and not tag.closes:
        builder.begin_cell(tag.columns, tag.rows)
    else:
        _ACTIONS[tag.name, tag.closes](builder)


_ACTIONS: dict[tuple[str, bool], Callable[[ContentBuilder], None]] = {
    ("p", False): ContentBuilder.end_paragraph,
    ("p", True): ContentBuilder.end_paragraph,
    ("table", False): ContentBuilder.begin_table,
    ("table", True): ContentBuilder.end_table,
    ("tr", False): ContentBuilder.begin_row,
    ("tr", True): ContentBuilder.end_cell,
    ("td", True): ContentBuilder.end_cell,
}


# --- writing --------------------------------------------------------------------------------------------


def write_markup(content: Content, name_of: NameOfPicture) -> str:
    """A content in the notation: reading it gives the same content, when the pictures have these names."""
    if isinstance(content, str):
        return _written_text(content) if _TOKEN.search(content) else content
    blocks = [_written_block(block, name_of) for block in content]
    if len(content) == 1:
        return blocks[0]
    return "".join(
        f"<p>{written}</p>" if isinstance(block, Paragraph) else written
        for block, written in zip(content, blocks, strict=True)
    )


def _written_block(block: Block, name_of: NameOfPicture) -> str:
    match block:
        case Paragraph():
            return _written_inlines(block.inlines, name_of)
        case Table():
            rows = ("".join(_written_cell(cell, name_of) for cell in row) for row in block.rows)
            return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _written_cell(cell: TableCell, name_of: NameOfPicture) -> str:
    columns = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
    rows = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
    return f"<td{columns}{rows}>{_written_inlines(cell.inlines, name_of)}</td>"


def _written_inlines(inlines: tuple[Inline, ...], name_of: NameOfPicture) -> str:
    return "".join(_written(inline, name_of) for inline in inlines)


def _written(inline: Inline, name_of: NameOfPicture) -> str:
    match inline:
        case Text():
            text = _written_text(inline.text)
            if Mark.UNDERLINE in inline.marks and text.isspace():
                text = text.replace(" ", "&#32;")  # a longer line would be a blank
            for mark in reversed(inline.marks):
                text = f"<{_TAG_OF[mark]}>{text}</{_TAG_OF[mark]}>"
            return text
        case Picture():
            return f"![{_referred(_SPECIAL_IN_ALT, inline.alt)}]({name_of(inline)})"
        case Formula():
            return rf"\({_referred(_SPECIAL_IN_LATEX, inline.latex)}\)"
        case BlankPlace():
            return BLANK_MARK


def _written_text(text: str) -> str:
    """A text whose characters are not read as notation, nor its underscores as a blank."""
    return _UNDERSCORES.sub(_reference_all, _referred(_SPECIAL, text))


def _referred(special: re.Pattern[str], text: str) -> str:
    return special.sub(_reference_all, text)


def _reference_all(match: re.Match[str]) -> str:
    """References to the characters of a match."""
    names = {"<": "&lt;", "&": "&amp;"}
    return "".join(names.get(character, f"&#{ord(character)};") for character in match[0])
