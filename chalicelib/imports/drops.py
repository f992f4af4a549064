"""The keys of the dropbox: which file means what, and how large it may be. Pure.

| key | the file is |
|---|---|
| `exams/<any>.zip` | a whole pack |
| `exams/<any>.yaml` | the settings of an exam; its tables lie in the two folders below |
| `questions/<exam_id>/<any>`, `roster/<exam_id>/<any>` | a table: it prepares an exam, or replaces a published roster |
| `questions/<exam_id>/<any picture>` | a picture that questions of the exam name |
| `photos/<exam_id>/<any>.zip` | photos of the people on the roster of a published exam |
| `exports/…`, `packs/…` | not imported: exports, and packs for the function `publish_exam` |
| anything else | refused: nobody reads it there |
"""

import enum
import re

import msgspec

from chalicelib.exams.model import EXAM_ID
from chalicelib.exams.rosters import Source
from chalicelib.imports import photo_zips, texts
from chalicelib.imports.file_names import is_bank_name, is_roster_name, is_system_file
from chalicelib.imports.formats.dispatch import ENDINGS
from chalicelib.imports.tables import TABLES, is_table
from chalicelib.notation.picture_shelf import is_picture

# what the names of reports add to the name of their file
REPORTS = (".report.json", ".report.html")
MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_PACK_BYTES = 20 * 1024 * 1024


class DropKind(enum.Enum):
    """What a dropped file is."""

    PACK = "pack"
    EXAM = "exam"
    QUESTIONS = "questions"
    ROSTER = "roster"
    PHOTOS = "photos"
    OTHER = "other"  # at a place that nobody reads


_FOLDERS = (
    "exams",
    *(kind.value for kind in (DropKind.QUESTIONS, DropKind.ROSTER, DropKind.PHOTOS)),
)


_NOT_IMPORTED = ("exports", "packs")


class Drop(msgspec.Struct, frozen=True):
    """What the key of a dropped file says.

    `exam_id` is "" where only the content says it. `wrong` says why the file is refused whatever it contains.
    """

    key: str
    kind: DropKind
    exam_id: str = ""
    wrong: str = ""

    @property
    def name(self) -> str:
        """The name of the file, without its folders."""
        return self.key.rpartition("/")[2]


class DroppedFile(msgspec.Struct, frozen=True):
    """One version of a dropped file; `uploaded_at` in UTC ms."""

    drop: Drop
    data: bytes
    version_id: str
    uploaded_at: int

    @property
    def source(self) -> Source:
        """The file as the origin of records that are made from it."""
        return Source(self.version_id or str(self.uploaded_at), self.uploaded_at)


def read_key(key: str) -> Drop | None:
    """What a key says; None for what nobody brought in as an import: reports, exports, folders, system files."""
    folder, *rest = key.split("/")
    if is_ours(key):
        return None
    if folder not in _FOLDERS or not rest:
        return Drop(key, DropKind.OTHER, wrong=_right_place(key))
    name = key.lower()
    if folder == "exams":
        if name.endswith((".yaml", ".yml")):
            return Drop(key, DropKind.EXAM)
        wrong = "" if name.endswith(".zip") else "exams/ 里只能放考试包 .zip 或考试设置 .yaml"
        return Drop(key, DropKind.PACK, wrong=wrong)
    kind = DropKind(folder)
    if len(rest) != 2 or not re.match(EXAM_ID, rest[0]):
        place = f"{folder}/考试编号/文件名（考试编号为小写字母、数字和连字符）"
        return Drop(key, kind, wrong=f"请放到 {place}")
    if kind is DropKind.PHOTOS:
        wrong = "" if name.endswith(".zip") else "photos/ 里只能放照片的压缩包 .zip"
    else:
        wrong = "" if _is_importable(kind, name) else _importable(kind)
    return Drop(key, kind, rest[0], wrong)


def _is_importable(kind: DropKind, name: str) -> bool:
    """Whether a file of a folder can be a bank or a roster, by its name."""
    of_bank = kind is DropKind.QUESTIONS and (name.endswith(ENDINGS) or is_picture(name))
    return is_table(name) or of_bank


def _importable(kind: DropKind) -> str:
    """Which files a folder is for."""
    of_bank = f"；题库文件：{'、'.join(ENDINGS)}；图片" if kind is DropKind.QUESTIONS else ""
    return f"只能导入表格：{'、'.join(TABLES)}{of_bank}"


class Listed(msgspec.Struct, frozen=True):
    """A file of a folder of the dropbox: its size in bytes, and when it was uploaded (UTC ms)."""

    drop: Drop
    size: int
    at: int


def is_ours(key: str) -> bool:
    """Whether a file is no upload of an operator's, or none that is imported from its place."""
    return is_system_file(key) or key.endswith(REPORTS) or key.partition("/")[0] in _NOT_IMPORTED


def is_known_folder(name: str) -> bool:
    """Whether the uppermost folder of this name is one that is read, or is not for imports."""
    return name in _FOLDERS or name in _NOT_IMPORTED


def _right_place(key: str) -> str:
    """Where a file belongs that nobody reads, guessed by its name."""
    folders = {DropKind.ROSTER: is_roster_name(key), DropKind.QUESTIONS: is_bank_name(key)}
    guessed = next((kind for kind, fits in folders.items() if fits), None)
    return texts.right_place(guessed.value if guessed else "")


def max_bytes(kind: DropKind) -> int:
    """How many bytes a dropped file of this kind may have."""
    special = {DropKind.PACK: MAX_PACK_BYTES, DropKind.PHOTOS: photo_zips.MAX_BYTES}
    return special.get(kind, MAX_FILE_BYTES)
