"""The dropbox in S3, where operators upload files and find reports and exports; and packs in other buckets."""

from chalicelib.exams.validation import FileFinding, FileRejected
from chalicelib.imports import drops, reports, texts
from chalicelib.imports.drops import Drop, DroppedFile, Listed
from chalicelib.imports.reports import ImportReport
from chalicelib.shared import objects
from chalicelib.shared.objects import Described
from chalicelib.shared.settings import settings

_EXPORTS = "exports"
_MOST_LISTED = 1_000  # S3 lists no more at once


def describe(key: str) -> Described | None:
    """The current version of a dropped file; None when there is none. Raises `Unavailable`."""
    return objects.describe(settings().dropbox_bucket, key)


def is_current(key: str, version_id: str) -> bool:
    """Whether this is still the current version of a dropped file. Raises `Unavailable`."""
    current = describe(key)
    return current is not None and current.version_id == version_id


def read_file(drop: Drop, version: Described) -> DroppedFile | None:
    """One version of a dropped file; None when it has been deleted. Raises `Unavailable`."""
    stored = objects.read(
        settings().dropbox_bucket,
        drop.key,
        version.version_id or None,
        most=drops.max_bytes(drop.kind),
    )
    if stored is None:
        return None
    return DroppedFile(drop, stored.data, version.version_id, version.at)


def list_folder(folder: str) -> list[Listed]:
    """The files in a folder that people have uploaded. Raises `Unavailable`, `FileRejected` when they are too many."""
    found = objects.list_objects(settings().dropbox_bucket, folder, most=_MOST_LISTED)
    if len(found) == _MOST_LISTED:
        raise FileRejected([FileFinding(folder, 0, texts.UNREAD["too_many"])])
    read = [(drops.read_key(file.key), file) for file in found]
    return [Listed(drop, file.size, file.at) for drop, file in read if drop is not None]


def list_misplaced(exam_id: str) -> list[Listed]:
    """The files of an exam in folders that nobody reads, such as `rosters/<exam_id>/`. Raises as `list_folder`."""
    folders = objects.list_folders(settings().dropbox_bucket)
    strange = [folder for folder in folders if not drops.is_known_folder(folder)]
    return [file for folder in strange for file in list_folder(f"{folder}/{exam_id}/")]


def read_current(drop: Drop) -> bytes | None:
    """The current content of a dropped file; None when there is none. Raises `Unavailable`."""
    stored = objects.read(settings().dropbox_bucket, drop.key, most=drops.max_bytes(drop.kind))
    return None if stored is None else stored.data


def load_reported_version(key: str) -> str:
    """The version of a dropped file that its report is about; "" without a report. Raises `Unavailable`."""
    stored = objects.read(settings().dropbox_bucket, key + drops.REPORTS[0])
    return "" if stored is None else reports.reported_version(stored.data)


def write_report(report: ImportReport) -> None:
    """Write both forms of a report beside its file. Raises `Unavailable`.

    The JSON comes last: once it is there, the import is complete.
    """
    bucket, (json_ending, page_ending) = settings().dropbox_bucket, drops.REPORTS
    page, data = reports.to_page(report), reports.to_json(report)
    objects.write(bucket, report.file + page_ending, page, "text/html; charset=utf-8")
    objects.write(bucket, report.file + json_ending, data, "application/json")


def write_export(exam_id: str, name: str, data: bytes, content_type: str) -> tuple[str, str]:
    """Write an export of an exam; returns its key and a link that is good for one look. Raises `Unavailable`."""
    bucket, key = settings().dropbox_bucket, f"{_EXPORTS}/{exam_id}/{name}"
    objects.write(bucket, key, data, content_type)
    return key, objects.view_url(bucket, key)


def read_pack(bucket: str, key: str) -> bytes | None:
    """A zipped pack in any bucket that the function may read; None when there is none. Raises `Unavailable`."""
    return objects.read_all(bucket, key) if objects.exists(bucket, key) else None
