"""The operators' dropbox in tests: upload files, deliver events, read reports."""

import io
import json
from typing import Any

import boto3
import openpyxl
import yaml

from chalicelib.exams.questions import Question, QuestionType
from chalicelib.imports import question_rows
from tests.api import run
from tests.cloud import ENVIRONMENT

BANK_HEADINGS = ("题型", "题干", "选项A", "选项B", "选项C", "答案", "解析")
ROSTER_HEADINGS = ("姓名", "证件类型", "证件号码", "延长分钟", "备注")

LISTED, OTHER = "11010519491231002X", "E7654321"
ZHANG = ("张三", "居民身份证", LISTED, 20, "视力")
LI = ("李四", "护照", OTHER, None, None)
SETTINGS: dict[str, Any] = {
    "format": 1,
    "exam_id": "spring-exam",
    "title": "春季考试",
    "starts_at": "2027-01-15T16:00:00+08:00",
    "sections": [
        {"id": "single", "title": "单选题", "type": "single", "count": 2, "points": 5},
        {"id": "judge", "title": "判断题", "type": "judge", "count": 1, "points": 5},
    ],
}


def workbook(*rows: tuple[Any, ...], **more: list[tuple[Any, ...]]) -> bytes:
    """A workbook as a spreadsheet program saves it; `more`: further sheets by title."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for title, lines in more.items():
        other = book.create_sheet(title)
        for line in lines:
            other.append(line)
    return saved(book)


def settings(**changes: Any) -> bytes:
    """A small exam of two single-choice questions and one true/false question."""
    return yaml.safe_dump({**SETTINGS, **changes}, allow_unicode=True).encode()


def people(*lines: tuple[Any, ...]) -> bytes:
    """A roster."""
    return workbook(ROSTER_HEADINGS, *lines)


def exam_files(exam_id: str) -> tuple[bytes, bytes, bytes]:
    """Bank, roster and settings of an exam far in the future."""
    far = settings(exam_id=exam_id, starts_at="2099-01-15T16:00:00+08:00")
    return BANK, people(ZHANG, LI), far


def saved(book: Any) -> bytes:
    """The bytes of an openpyxl workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


BANK = workbook(
    BANK_HEADINGS,
    ("单选", "问一？", "甲", "乙", "丙", "Ｂ", "因为"),
    ("单项选择题", "问二？", "甲", "乙", None, "a", "因为"),
    ("判断", "对吗？", None, None, None, "×", "因为"),
)


def many_questions(count: int) -> list[Question]:
    """Questions of all three types, with characters that spreadsheets and pages like to take for something else."""
    kinds = (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.JUDGE)
    keys = {QuestionType.SINGLE: "C", QuestionType.MULTIPLE: "BD", QuestionType.JUDGE: "B"}
    made = []
    for number in range(count):
        kind = kinds[number % 3]
        choices = ("=1+1", "0012", "_x0041_ <b>", f"{number}%")
        options = question_rows.JUDGE_OPTIONS if kind is QuestionType.JUDGE else choices
        stem = f"第 {number} 题：\n下列说法正确的是？"
        made.append(
            Question(f"N-{number}", kind, stem, options, keys[kind], "因为", "第一条", "期限")
        )
    return made


def put(key: str, data: bytes) -> str:
    """Drop a file; returns its version."""
    answer = boto3.client("s3").put_object(Bucket=ENVIRONMENT["DROPBOX_BUCKET"], Key=key, Body=data)
    return str(answer["VersionId"])


def tell(key: str, version_id: str | None = None) -> None:
    """The event that S3 sends through EventBridge."""
    event = {
        "version": "0",
        "id": "e",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2027-01-15T08:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": written(key, version_id),
    }
    photos = key.startswith("photos/")
    handler = "roster_photos.import_photos" if photos else "imports.import_drop"
    run(f"chalicelib.handlers.{handler}", event)


def written(key: str, version_id: str | None = None) -> dict[str, Any]:
    """What the event says of the file."""
    told: dict[str, Any] = {"key": key, "size": 1, "etag": "0", "sequencer": "0"}
    if version_id:
        told["version-id"] = version_id
    return {"bucket": {"name": ENVIRONMENT["DROPBOX_BUCKET"]}, "object": told}


def drop(key: str, data: bytes) -> dict[str, Any]:
    """Drop a file, deliver its event, read the report."""
    tell(key, put(key, data))
    return report(key)


def report(key: str) -> dict[str, Any]:
    """The report beside a file."""
    told: dict[str, Any] = json.loads(content(f"{key}.report.json"))
    return told


def content(key: str) -> bytes:
    """What lies in the dropbox under a key."""
    stored = boto3.client("s3").get_object(Bucket=ENVIRONMENT["DROPBOX_BUCKET"], Key=key)
    data: bytes = stored["Body"].read()
    return data


def reasons(told: dict[str, Any]) -> list[tuple[str, int, str]]:
    """What was refused, as (file, row, reason)."""
    return [(finding["file"], finding["row"], finding["reason"]) for finding in told["refused"]]
