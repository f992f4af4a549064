"""Checks whether a published exam can be held: a day before, two hours before, and at the opening. Pure."""

import msgspec

from chalicelib.exams.bank_validation import check_bank
from chalicelib.exams.model import Checkpoint, Exam, ListedExam
from chalicelib.exams.questions import from_json, version
from chalicelib.shared.clock import HOUR_MS


def under_watch(exam: Exam | ListedExam, now: int) -> bool:
    """Whether the exam is between its first checkpoint and its end. A practice exam is watched for a day."""
    until = exam.starts_at + 24 * HOUR_MS if exam.is_practice else exam.ends_at
    return comes_at(exam, Checkpoint.DAY_BEFORE) <= now <= until


def comes_at(exam: Exam | ListedExam, checkpoint: Checkpoint) -> int:
    """The first millisecond at which a checkpoint is due."""
    match checkpoint:
        case Checkpoint.DAY_BEFORE:
            return exam.starts_at - 24 * HOUR_MS
        case Checkpoint.TWO_HOURS_BEFORE:
            return exam.starts_at - 2 * HOUR_MS
        case Checkpoint.OPENING:
            return exam.waiting_opens_at


def due(exam: Exam, now: int) -> list[Checkpoint]:
    """Return the checkpoints that are due and have no result yet; none after the end of the exam."""
    if not under_watch(exam, now):
        return []
    return [c for c in Checkpoint if comes_at(exam, c) <= now and exam.preflight(c) is None]


def check(
    exam: Exam, stored_bank: bytes | None, roster_has_people: bool, without_photo: int = 0
) -> list[str]:
    """Return what prevents the exam, as texts for an operator. `stored_bank` is None when the object is missing.

    `without_photo`: how many people on the roster have no photo that their face can be compared with.
    """
    findings = [] if roster_has_people else ["报名名单是空的，没有人能参加：请重新发布考试"]
    if without_photo:
        where = f"photos/{exam.exam_id}/"
        findings.append(f"名单中有 {without_photo} 人没有照片，无法通过人脸核验：请上传到 {where}")
    return findings + _check_stored(exam, stored_bank)


def check_pictures(*, missing: int, changed: int) -> list[str]:
    """Return what is wrong with the pictures of the questions, as texts for an operator."""
    restore = "请从 PapersBucket 的历史版本恢复，或重新发布同一个考试包"
    findings = [f"题目的图片少了 {missing} 张：{restore}"] if missing else []
    return findings + ([f"题目的图片有 {changed} 张与发布时不同：{restore}"] if changed else [])


def _check_stored(exam: Exam, data: bytes | None) -> list[str]:
    if data is None:
        return ["题库文件不见了：请从 PapersBucket 的历史版本恢复，或重新发布同一个考试包"]
    findings = []
    if version(data) != exam.paper_version:
        findings.append("题库文件与发布时不同：请从 PapersBucket 的历史版本恢复")
    try:
        bank = from_json(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return [*findings, "题库文件已损坏，无法读取"]
    if bank.sections != exam.sections:
        findings.append("题库的题型设置与考试不同")
    asked = msgspec.structs.replace(bank, sections=exam.sections)
    return findings + [finding.reason for finding in check_bank(asked)]
