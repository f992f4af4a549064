"""The keys of the dropbox: which file means what, and how large it may be. Pure.

| key | the file is |
|---|---|
| `exams/<any>.zip` | a whole pack |
| `exams/<any>.yaml` | the settings of an exam; its tables lie in the two folders below |
| `questions/<exam_id>/<any>`, `roster/<exam_id>/<any>` | a table: it prepares an exam, or replaces a published roster |
| `photos/<exam_id>/<any>.zip` | photos of the people on the roster of a published exam |
"""

import enum
import re

import msgspec

from chalicelib.exams.rosters import Source
from chalicelib.imports import photo_zips
from chalicelib.imports.packs import EXAM_ID
from chalicelib.imports.tables import TABLES

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


_FOLDERS = (
    "exams",
    *(kind.value for kind in (DropKind.QUESTIONS, DropKind.ROSTER, DropKind.PHOTOS)),
)


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
    """What a key says; None for everything that is not imported: reports, folders, other prefixes."""
    folder, *rest = key.split("/")
    if folder not in _FOLDERS or key.endswith(("/", *REPORTS)):
        return None
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
        wrong = "" if name.endswith(TABLES) else "只能导入 .xlsx 和 .csv"
    return Drop(key, kind, rest[0], wrong)


def max_bytes(kind: DropKind) -> int:
    """How many bytes a dropped file of this kind may have."""
    special = {DropKind.PACK: MAX_PACK_BYTES, DropKind.PHOTOS: photo_zips.MAX_BYTES}
    return special.get(kind, MAX_FILE_BYTES)
