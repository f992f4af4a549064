"""Use cases of previews: the page of a pack, and that of a published exam in the dropbox."""

import functools
from importlib import resources

import msgspec

from chalicelib.exams import service as exams
from chalicelib.exams.questions import Bank
from chalicelib.exams.validation import FileRejected
from chalicelib.imports import packs
from chalicelib.imports import service as imports
from chalicelib.imports.people import plain_hash
from chalicelib.preview import model, page
from chalicelib.preview.model import Preview
from chalicelib.shared import log

_CONTENT_TYPE = "text/html; charset=utf-8"


class PreviewedExam(msgspec.Struct, frozen=True):
    """Where the page lies in the dropbox; `link` is good for one look, `questions` counts them."""

    exam_id: str
    key: str
    questions: int
    link: str


def preview_pack(*, files: dict[str, bytes]) -> bytes:
    """The page of a pack (path → bytes), with every finding and remark. Publishes nothing."""
    inspection = packs.inspect(files)
    if inspection.pack is None:
        return _page(model.of_pack(inspection))
    checked = exams.check_exam(draft=packs.draft_exam(inspection.pack, plain_hash))
    return _page(model.of_pack(inspection, checked.findings, checked.who_may_enter))


def preview_zip(*, data: bytes) -> bytes:
    """The page of a zipped pack; one that cannot be opened gives a page with the reason."""
    try:
        return preview_pack(files=packs.read_zip(data))
    except FileRejected as rejected:
        return _page(Preview(bank=Bank((), ()), pictures={}, findings=tuple(rejected.findings)))


def preview_exam(*, exam_id: str) -> PreviewedExam:
    """Write the page of a published exam, keys and all, into the dropbox. Raises `NotFound`, `Unavailable`.

    It shows the key in use, with its corrections.
    """
    exam, bank = exams.get_bank(exam_id=exam_id)
    who = exams.say_who_may_enter(exam)
    shown = model.of_exam(exam, bank, exams.load_pictures(exam=exam, bank=bank), who)
    version = "-".join(part for part in (exam.paper_version, exam.key_version) if part)
    key, link = imports.write_export(
        exam_id=exam_id,
        name=f"preview-{version}.html",
        data=_page(shown),
        content_type=_CONTENT_TYPE,
    )
    log.event("previewed", exam_id=exam_id, paper_version=exam.paper_version)
    return PreviewedExam(exam_id, key, len(bank.questions), link)


def _page(preview: Preview) -> bytes:
    css = _file("tokens.css") + _file("preview.css")
    return page.show(preview, css=css, code=_file("preview.js"))


@functools.cache
def _file(name: str) -> str:
    return resources.files("chalicelib.preview").joinpath(name).read_text("utf-8")
