"""Pictures of questions: written before the exam, fetched sealed in the waiting room, opened with the paper."""

import base64
import hashlib
import urllib.parse
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
import yaml

from chalicelib.exams import picture_seals, store
from chalicelib.exams import service as exams
from chalicelib.exams.content import Content, Paragraph, Picture, blocks_of, pictures_of
from chalicelib.exams.drafts import ExamDraft
from chalicelib.imports import packs
from chalicelib.imports.people import plain_hash
from chalicelib.notation.picture_shelf import PictureShelf
from chalicelib.shared.errors import Unavailable
from infra.folders import read_folder
from tests import lived
from tests.api import Api, minute, publish
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.console import Widget
from tests.faults import everything_stored, failing
from tests.integration.candidates import EXAM, Candidate
from tests.unit.test_pictures import png_of

FOLDER = Path(__file__).parents[2] / "examples/agency-practitioners"
DAY_MS = 24 * 3_600_000


def draft() -> ExamDraft:
    """The example exam in which each question shows another picture."""
    plain = packs.draft_exam(packs.read_pack(read_folder(FOLDER)), plain_hash)
    shelf = PictureShelf()
    questions = tuple(
        msgspec.structs.replace(question, stem=shown(question.stem, shelf.take(png_of(n, 1))))
        for n, question in enumerate(plain.bank.questions, start=1)
    )
    bank = msgspec.structs.replace(plain.bank, questions=questions)
    unused = {"0" * 64: b"no question shows it"}
    stored = {**plain.pictures, **shelf.kept, **unused}
    return msgspec.structs.replace(plain, bank=bank, starts_at=T0, pictures=stored)


def shown(stem: Content, picture: Picture) -> Content:
    return (*blocks_of(stem), Paragraph((picture,)))


def fetch(url: str) -> bytes:
    """What lies behind a link."""
    path = urllib.parse.unquote(urllib.parse.urlsplit(url).path)
    key = path[path.index("pictures/") :]
    stored = boto3.client("s3").get_object(Bucket=ENVIRONMENT["PAPERS_BUCKET"], Key=key)
    return bytes(stored["Body"].read())


def place(sha256: str) -> dict[str, str]:
    version = exams.get_exam(EXAM).paper_version
    key = f"pictures/{EXAM}/{version}/{sha256}"
    return {"Bucket": ENVIRONMENT["PAPERS_BUCKET"], "Key": key}


@pytest.fixture
@lived.once
def illustrated(api: Api, pictures: str) -> Candidate:
    """In the waiting room of the exam with pictures."""
    exams.publish_exam(draft=draft(), now=T0 - 60_000)
    candidate = Candidate(api, pictures)
    candidate.enrol()
    candidate.open()
    candidate.come_in()
    return candidate


def in_paper(person: Candidate) -> set[str]:
    """The pictures that the questions and materials of this paper show."""
    shown: set[str] = set()
    for section in person.get("paper").json["sections"]:
        contents = [*section["materials"], *(question["stem"] for question in section["questions"])]
        for content in (msgspec.convert(content, Content) for content in contents):
            shown |= {picture.sha256 for picture in pictures_of(content)}
    return shown


def test_sealed_pictures_are_fetched_before_the_start_and_opened_with_the_paper(
    illustrated: Candidate, clock: StandingClock
) -> None:
    links = illustrated.get("pictures").json["links"]
    assert list(links) == sorted(links)
    sealed = {sha256: fetch(url) for sha256, url in links.items()}
    assert illustrated.get("paper").code == "exam_not_started"
    clock.now = T0
    illustrated.post("start")
    assert set(links) == in_paper(illustrated)
    assert len(links) == 21  # one of each question, and the one of the material
    key = base64.b64decode(illustrated.get("paper").json["picture_key"])
    for sha256, data in sealed.items():
        assert b"PNG" not in data
        opened = picture_seals.unseal(data, key, sha256)
        assert opened is not None
        assert opened.startswith(b"\x89PNG")
        assert hashlib.sha256(opened).hexdigest() == sha256


def test_links_work_after_the_submission_too_but_the_key_is_not_given_again(
    illustrated: Candidate, clock: StandingClock
) -> None:
    clock.now = T0
    illustrated.post("start")
    illustrated.post("submission", {})
    assert illustrated.get("pictures").json["links"]
    assert illustrated.get("paper").code == "attempt_submitted"


def test_links_are_for_the_admitted_page_alone(
    illustrated: Candidate, clock: StandingClock, pictures: str
) -> None:
    token = illustrated.api.page_token
    illustrated.api.page_token = ""
    assert illustrated.get("pictures").code == "page_token_invalid"
    illustrated.api.page_token = token
    other = Api(clock, page_token=token)
    other.register("13900139000")
    stranger = Candidate(other, pictures, who=2)
    stranger.path = illustrated.path
    assert stranger.get("pictures").code == "page_token_invalid"
    illustrated.come_in()
    new_token, illustrated.api.page_token = illustrated.api.page_token, token
    assert illustrated.get("pictures").code == "superseded"
    illustrated.api.page_token = new_token
    assert illustrated.get("pictures").status == 200


def test_a_paper_without_pictures_has_no_links_and_no_key(
    api: Api, pictures: str, clock: StandingClock
) -> None:
    settings = yaml.safe_load((FOLDER / "exam.yaml").read_text("utf-8"))
    settings["sections"] = [s for s in settings["sections"] if s["type"] != "material"]
    without = {"exam.yaml": yaml.safe_dump(settings, allow_unicode=True).encode()}
    assert publish("agency-practitioners", T0, **without)["ok"]
    writing = Candidate(api, pictures)
    writing.enrol()
    writing.open()
    writing.steps()
    writing.verify()
    assert writing.admit().json["has_pictures"] is False
    clock.now = T0
    assert writing.post("start").status == 200
    assert writing.get("pictures").json["links"] == {}
    assert writing.get("paper").json["picture_key"] == ""


def test_an_admission_says_that_there_are_pictures_also_when_the_bank_cannot_be_read(
    illustrated: Candidate,
) -> None:
    for service in ("sns", "s3"):  # the exam does not need the first
        illustrated.steps()
        illustrated.verify()
        store.load_bank.cache_clear()
        exams.draw_paper.cache_clear()
        with failing(service, "GetObject"):
            admitted = illustrated.admit()
        assert (admitted.status, admitted.json["has_pictures"]) == (201, True)
    assert illustrated.get("pictures").json["links"]


# --- publishing ---------------------------------------------------------------------------------


def test_only_pictures_that_a_question_shows_are_stored_and_publishing_again_changes_nothing(
    api: Api,
) -> None:
    exams.publish_exam(draft=draft(), now=T0 - 60_000)
    before = everything_stored()
    prefix = f"pictures/{EXAM}/{exams.get_exam(EXAM).paper_version}/"
    stored = [key for key in before["PAPERS_BUCKET"] if key.startswith("pictures/")]
    assert len(stored) == 45
    assert all(key.startswith(prefix) for key in stored)
    assert prefix + "0" * 64 not in stored
    exams.publish_exam(draft=draft(), now=T0 - 60_000)
    assert everything_stored() == before


def test_an_exam_is_published_only_when_all_its_pictures_are_there(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter(range(39))
    write = store.write_picture

    def write_39(*args: Any) -> None:
        if next(left, None) is None:
            raise Unavailable("service_busy")
        write(*args)

    monkeypatch.setattr(store, "write_picture", write_39)
    with pytest.raises(Unavailable):
        exams.publish_exam(draft=draft(), now=T0 - 60_000)
    assert store.list_exams() == []


# --- preflight ----------------------------------------------------------------------------------


def findings() -> tuple[str, ...]:
    done = exams.get_exam(EXAM).preflight_day_before
    assert done is not None
    return done.findings


def test_missing_and_changed_pictures_are_found_a_day_before(
    api: Api, clock: StandingClock
) -> None:
    clock.now = T0 - DAY_MS
    published = draft()
    exams.publish_exam(draft=published, now=clock.now)
    first, second, *_ = sorted(published.pictures)[1:]
    s3 = boto3.client("s3")
    s3.delete_object(**place(first))
    other = s3.get_object(**place(sorted(published.pictures)[-1]))["Body"].read()
    s3.put_object(**place(second), Body=other)
    minute()
    restore = "请从 PapersBucket 的历史版本恢复，或重新发布同一个考试包"
    assert findings() == (
        f"题目的图片少了 1 张：{restore}",
        f"题目的图片有 1 张与发布时不同：{restore}",
    )


def test_whole_pictures_pass_the_preflight(api: Api, clock: StandingClock) -> None:
    clock.now = T0 - DAY_MS
    exams.publish_exam(draft=draft(), now=clock.now)
    minute()
    assert findings() == ()
    assert store.PICTURE_LINK_S == 300


# --- the operators' preview ---------------------------------------------------------------------


def test_operators_open_a_preview_with_every_picture_and_key(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    exams.publish_exam(draft=draft(), now=T0 - 60_000)
    done = Widget().open("exams", exam_id=EXAM).click("预览试题")
    assert "预览已写好：44 题" in done.text
    [link] = [e.attributes["href"] for e in done.all if "href" in e.attributes]
    key = urllib.parse.unquote(urllib.parse.urlsplit(link or "").path)
    version = exams.get_exam(EXAM).paper_version
    assert key.endswith(f"exports/{EXAM}/preview-{version}.html")
    stored = boto3.client("s3").get_object(
        Bucket=ENVIRONMENT["DROPBOX_BUCKET"], Key=f"exports/{EXAM}/preview-{version}.html"
    )
    assert stored["ContentType"] == "text/html; charset=utf-8"
    page = stored["Body"].read().decode()
    assert page.count("data:image/png;base64,iVBOR") == 45
    assert '"event": "previewed"' in capsys.readouterr().out
    assert "预览试题" in done.click("返回").text
