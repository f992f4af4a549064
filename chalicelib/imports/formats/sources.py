"""Texts and pictures of formats that write HTML: by the text's own format, from the file or the shelf. Pure."""

import re
from collections.abc import Mapping

from chalicelib.exams.content import Content, Picture
from chalicelib.notation.addresses import data_of_uri, file_name
from chalicelib.notation.html_fragments import NoteLeftOut, read_fragment
from chalicelib.notation.markup import read_markup
from chalicelib.notation.picture_shelf import PictureShelf

_HTML = re.compile(r"</?(p|div|span|img|em|strong|i|font|ol|ul|li|h[1-6]|math)\b", re.IGNORECASE)


class Pictures:
    """The pictures that a question may show: those that come with it, and those on the shelf."""

    def __init__(self, shelf: PictureShelf, files: Mapping[str, bytes] | None = None) -> None:
        """`files`: name → bytes of pictures that come with the question."""
        self._shelf = shelf
        self._files = files or {}

    def take(self, source: str, alt: str) -> Picture:
        """The picture of an address. Raises `ValueError` when it is missing or cannot be used."""
        data = data_of_uri(source)
        if data is not None:
            return self._shelf.take(data, alt)
        return self.take_file(file_name(source), alt)

    def take_file(self, name: str, alt: str = "") -> Picture:
        """The picture of this name. Raises `ValueError` when it is missing or cannot be used."""
        name = name.removeprefix("@@PLUGINFILE@@/")
        if name in self._files:
            return self._shelf.take(self._files[name], alt)
        return self._shelf.take_file(name, alt)


def read_text(text: str, kind: str, pictures: Pictures, note: NoteLeftOut) -> Content:
    """The content of a text.

    `kind`: `html`; `plain`, in which nothing is notation; anything else is in our notation, or HTML when it has
    elements that our notation lacks. `note` is told what is left out. Raises `ValueError`.
    """
    if kind == "plain":
        return text.strip()
    if kind == "html" or _HTML.search(text):
        return read_fragment(text, pictures.take, note)
    return read_markup(text, pictures)
