"""The materials (材料, 案例) of a bank while it is read: each is written once, and questions name it. Pure."""

import hashlib

import msgspec

from chalicelib.exams import content
from chalicelib.exams.content import Content
from chalicelib.exams.questions import Material
from chalicelib.imports.content_limits import refuse_content

MOST_MATERIAL_ID = 40  # characters


class Materials:
    """The materials of a file by their ids. The first row with a text gives it; others may leave the cell empty."""

    def __init__(self) -> None:
        self._contents: dict[str, Material] = {}

    def add(self, material_id: str, text: Content, tag: str) -> str:
        """Note the material of a row; returns its id, "" for a row without one. Raises `ValueError`."""
        if content.is_empty(text) and not material_id:
            return ""
        if len(material_id) > MOST_MATERIAL_ID:
            raise ValueError(f"材料编号最多 {MOST_MATERIAL_ID} 个字符")
        name = material_id or f"M-{hashlib.sha256(msgspec.json.encode(text)).hexdigest()[:12]}"
        present = self._contents.get(name)
        if content.is_empty(text):
            if present is None:
                raise ValueError(f"材料“{name}”还没有内容：请在它的第一题填写材料")
        elif present is None:
            refuse_content("材料", text)
            self._contents[name] = Material(name, text, tag)
        elif present.content != text:
            raise ValueError(f"材料“{name}”的内容与前面不同")
        return name

    def all(self) -> tuple[Material, ...]:
        """The materials in the order of their first rows."""
        return tuple(self._contents.values())
