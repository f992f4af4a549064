"""Mistakes in `exam.yaml` are told in Chinese, with their place."""

import re
from typing import Any

import pytest
import yaml

from chalicelib.imports.header_faults import say_fault
from chalicelib.imports.headers import read_header

SECTION = {"id": "s", "title": "单选", "type": "single", "count": 1, "points": 1}
PACK = {"format": 1, "exam_id": "abc", "title": "考试", "sections": [SECTION]}
NAMES = re.compile(
    r"`|Expected|Object|Invalid|got|[$]"
)  # what msgspec writes and no reader of Chinese


def told(**changes: Any) -> str:
    """The mistake of a pack with these changes; None leaves a field out."""
    pack = {name: value for name, value in {**PACK, **changes}.items() if value is not None}
    _, [finding] = read_header(yaml.safe_dump(pack, allow_unicode=True).encode())
    return finding.reason.removeprefix("内容不符合格式：")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": None}, "缺少 title"),
        ({"foo": 1}, "没有“foo”这一项，请核对拼写或删去"),
        ({"format": 2}, "format：最多为 1"),
        ({"format": "x"}, "format：须为整数，这里是文字"),
        (
            {"exam_id": "A B"},
            "exam_id：只能用小写字母、数字和短横线，以字母或数字开头，2 到 60 个字符",
        ),
        ({"title": ""}, "title：至少 1 个字"),
        ({"title": "字" * 101}, "title：最多 100 个字"),
        ({"title": 5}, "title：须为文字，这里是整数"),
        ({"sections": []}, "sections：至少 1 项"),
        ({"sections": [{**SECTION} for _ in range(21)]}, "sections：最多 20 项"),
        ({"sections": "x"}, "sections：须为列表（每行以“- ”开头，或写成 [a, b]），这里是文字"),
        ({"sections": [{"id": "s"}]}, "sections 第 1 项：缺少 title"),
        ({"sections": [SECTION, {**SECTION, "count": 0}]}, "sections 第 2 项的 count：至少为 1"),
        (
            {"sections": [{**SECTION, "id": "S"}]},
            "sections 第 1 项的 id：只能用小写字母、数字、下划线和短横线，最多 20 个字符",
        ),
        ({"audience": ["x"]}, "audience 第 1 项：没有“x”这个取值，可以写：agency_practitioner"),
        ({"starts_at": "soon"}, "starts_at：须为带时区的时间，如 2025-03-28T09:00:00+08:00"),
        ({"policy": {"duration_min": 0}}, "policy.duration_min：至少为 1"),
        ({"policy": {"duration_min": True}}, "policy.duration_min：须为整数，这里是真假值"),
        ({"policy": {"kind": "x"}}, "policy.kind：没有“x”这个取值，可以写：exam、practice"),
        ({"policy": {"foo": 1}}, "policy：没有“foo”这一项，请核对拼写或删去"),
        ({"policy": 5}, "policy：须为“名称: 值”的形式，这里是整数"),
        ({"policy": {1: 2}}, "policy：名称须为文字"),
        ({"policy": {"unseen_share": "a"}}, "policy.unseen_share：须写成分数"),
        (
            {"series": {"id": "x1", "sitting": "一", "retakes": {"counts": "z"}}},
            "series.retakes.counts：没有“z”这个取值，可以写：best、last",
        ),
        (
            {"series": {"id": "x1", "sitting": "一", "capacity": "many"}},
            "series.capacity：须为整数，这里是文字",
        ),
    ],
)
def test_each_mistake_is_told_in_chinese_with_its_place(
    changes: dict[str, Any], reason: str
) -> None:
    said = told(**changes)
    assert said.startswith(reason)
    assert not NAMES.search(said), said


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "这里是空的"), (b"- 1", "这里是列表"), ("格式: 1".encode(), "没有“格式”")],
)
def test_a_file_of_another_form_is_told(data: bytes, reason: str) -> None:
    _, [finding] = read_header(data)
    assert reason in finding.reason
    assert not NAMES.search(finding.reason)


def test_what_is_not_known_is_told_without_english_and_own_words_stay() -> None:
    assert say_fault("Something new - at `$.policy.kind`") == "policy.kind：不符合要求"
    assert say_fault("结束须晚于开始 - at `$.policy`") == "policy：结束须晚于开始"
