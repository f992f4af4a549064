"""What is said about exams, rosters and orders that are refused. What only operators read is Chinese. Pure."""

from collections.abc import Iterable

from chalicelib.shared.languages import Sentence

ERRORS = {
    "announcement_invalid": "通知须为 1–{most} 个字的一行文字，不能有换行、控制字符、方向符或看不见的字符",
    "announcement_too_late": "整场考试已结束，不能再发通知",
    "exam_changed": "考试信息已有变化（现为版本 {version}），请刷新后再操作",
    "exam_over": "整场考试已结束，不能再更换名单",
    "key_invalid": "试题 {question} 不存在，或答案不符合题型",
    "key_unchanged": "更正后的答案与现行答案相同",
    "not_admitted_to_exam": Sentence(
        "您不在本场考试的报名范围内，如有疑问请联系主办单位",
        "You are not registered for this exam. If you have questions, please contact the organiser",
    ),
    "place_invalid": Sentence(
        "列表的翻页位置无效，请从第一页重新打开",
        "This page of the list does not exist. Please open the list again from its first page",
    ),
    "practice_takes_no_orders": "试考一直开放，不能改期、统一加时或更正答案",
    "roster_photo_missing": "主办方的名单里没有这位考生的照片",
    "roster_photo_superseded": "更晚上传的照片已经生效，这一张没有采用",
    "roster_not_used": "本场考试按身份开放（audience），没有名单可以更换",
    "roster_superseded": "更晚上传的名单已经生效，这一份没有采用",
    "sittings_overlap": "新的时间与同一系列的「{sitting}」重叠，而有 {count} 人在两场的名单上："
    "请改用其他时间，或先更换其中一场的名单",
    "starts_in_the_past": "新的开考时间必须晚于现在",
    "too_many_announcements": "最多发 {most} 条通知",
    "too_many_orders": "一场考试最多调整 {most} 次",
}

AUDIENCES = {"agency_practitioner": "代理机构从业人员", "evaluation_expert": "评审专家"}


def who_may_enter(audience: Iterable[str], listed: int | None) -> str:
    """Who may enter an exam: the people on its roster, or its audience (`AudienceRole`) when `listed` is None."""
    if listed is not None:
        return f"名单 {listed} 人"
    named = [f"所有{AUDIENCES[role]}" for role in audience]
    return f"对{'、'.join(named)}开放" if named else "没有人可以参加"
