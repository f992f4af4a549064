"""The files that lie ready for an exam in the dropbox: those that are read, and those that nobody reads."""

import msgspec

from chalicelib.exams import service as exams
from chalicelib.exams.validation import FileFinding, FileRejected
from chalicelib.imports import packs, store, texts
from chalicelib.imports.drops import DropKind, Listed
from chalicelib.imports.file_names import may_be_people
from chalicelib.imports.remarks import Advice, Remark, remark_on_file
from chalicelib.notation.picture_shelf import is_picture
from chalicelib.shared.errors import NotFound


class Prepared(msgspec.Struct):
    """The tables of an exam by their paths in a pack, and what is said of the other files."""

    files: dict[str, bytes] = msgspec.field(default_factory=dict)
    findings: list[FileFinding] = msgspec.field(default_factory=list)
    remarks: list[Remark] = msgspec.field(default_factory=list)


def load_prepared(exam_id: str) -> Prepared:
    """The files of the folders of an exam. Raises `FileRejected` when they are too many or too large.

    A file that cannot be imported refuses the exam unless a good one was uploaded after it: the operator meant it to
    count. Lists of people in wrong folders refuse the exam, too.
    """
    prepared = Prepared()
    for kind in (DropKind.QUESTIONS, DropKind.ROSTER):
        folder = f"{kind.value}/{exam_id}/"
        listed = store.list_folder(folder)
        readable = [file for file in listed if not file.drop.wrong]
        _judge_unread(prepared, listed)
        prepared.files |= _load(folder, readable)
    for file in store.list_misplaced(exam_id):
        _judge_misplaced(prepared, file, exam_id)
    return prepared


def look_beside_pack(exam_id: str) -> Prepared:
    """What lies in the folders of an exam that is to be published by a pack, which reads nothing there.

    Lists of people are refused, banks are named. Nothing is said of an exam that is published already: what lies there
    came later, and has a report of its own.
    """
    beside = Prepared()
    if is_published(exam_id):
        return beside
    for file in store.list_folder(f"{DropKind.ROSTER.value}/{exam_id}/"):
        beside.findings.append(FileFinding(file.drop.key, 0, texts.UNREAD["list_beside_pack"]))
    for file in store.list_folder(f"{DropKind.QUESTIONS.value}/{exam_id}/"):
        why = texts.UNREAD["bank_beside_pack"]
        beside.remarks.append(remark_on_file(Advice.FILE_LEFT_OUT, file.drop.key, why=why))
    for file in store.list_misplaced(exam_id):
        _judge_misplaced(beside, file, exam_id)
    return beside


def is_published(exam_id: str) -> bool:
    """Whether there is an exam of this id."""
    try:
        exams.get_exam(exam_id)
    except NotFound:
        return False
    return True


def load_pictures(exam_id: str) -> dict[str, bytes]:
    """The pictures that lie beside the banks of an exam. Raises as `load_prepared`."""
    folder = f"{DropKind.QUESTIONS.value}/{exam_id}/"
    return _load(folder, [f for f in store.list_folder(folder) if is_picture(f.drop.name)])


def _load(folder: str, listed: list[Listed]) -> dict[str, bytes]:
    """The current content of these files of a folder, by their paths in a pack. Raises `FileRejected`."""
    too_large = sum(file.size for file in listed) > packs.MAX_UNPACKED_BYTES
    if too_large or len(listed) > packs.MAX_FILES:
        raise FileRejected([FileFinding(folder, 0, texts.UNREAD["too_many"])])
    place = folder.partition("/")[0]
    loaded = {f"{place}/{file.drop.name}": store.read_current(file.drop) for file in listed}
    return {path: data for path, data in loaded.items() if data is not None}


def _judge_unread(prepared: Prepared, listed: list[Listed]) -> None:
    """Refuse, or only name, the files of one folder that are not read."""
    read = [file for file in listed if not file.drop.wrong and not is_picture(file.drop.name)]
    newest_read = max((file.at for file in read), default=-1)
    for file in (file for file in listed if file.drop.wrong):
        if file.at < newest_read:
            remark = remark_on_file(Advice.FILE_LEFT_OUT, file.drop.key, why=file.drop.wrong)
            prepared.remarks.append(remark)
        else:
            reason = texts.UNREAD["newer"].format(why=file.drop.wrong)
            prepared.findings.append(FileFinding(file.drop.key, 0, reason))


def _judge_misplaced(prepared: Prepared, file: Listed, exam_id: str) -> None:
    """Refuse what looks like a list of people, name everything else."""
    key = file.drop.key
    if may_be_people(key):
        folder = f"{DropKind.ROSTER.value}/{exam_id}/"
        reason = texts.UNREAD["misplaced"].format(folder=folder)
        prepared.findings.append(FileFinding(key, 0, reason))
    else:
        prepared.remarks.append(remark_on_file(Advice.FILE_LEFT_OUT, key, why=file.drop.wrong))
