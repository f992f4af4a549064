"""Reports on imports: their texts are complete, their page contains no markup of the file."""

import json
import re

import pytest

from chalicelib.exams.validation import FileFinding
from chalicelib.imports import reports, texts
from chalicelib.imports.drops import Drop, DropKind
from chalicelib.imports.remarks import Advice, remark_on_file, remark_on_rows
from chalicelib.imports.reports import MAX_FINDINGS, ImportOutcome, ReportBuilder

DROP = Drop("questions/spring/bank.xlsx", DropKind.QUESTIONS, "spring")
NOW = 1_800_000_000_000


def test_every_outcome_advice_and_kind_has_a_chinese_text() -> None:
    assert set(texts.OUTCOMES) == {outcome.value for outcome in ImportOutcome}
    assert set(texts.ADVICE) == {advice.value for advice in Advice}
    assert set(texts.KINDS) == {kind.value for kind in DropKind}
    assert set(texts.PHOTO_LABELS) <= set(texts.LABELS)
    shown = (texts.OUTCOMES, texts.ADVICE, texts.KINDS, texts.PHOTO_REFUSALS, texts.LABELS)
    for text in (text for group in shown for text in group.values()):
        assert re.search(r"[\u4e00-\u9fff]", text)


def test_a_file_with_any_finding_is_refused_and_nothing_is_taken() -> None:
    builder = ReportBuilder(outcome=ImportOutcome.REPLACED, rows=3, right=2)
    assert builder.build(DROP, version_id="v", now=NOW).taken == 2
    builder.refuse(DROP.key, "原因")
    report = builder.build(DROP, version_id="v", now=NOW)
    assert (report.outcome, report.ok, report.taken) == (ImportOutcome.REFUSED, False, 0)
    assert reports.reported_version(reports.to_json(report)) == "v"


def test_rows_that_something_newer_has_replaced_do_not_count_as_taken() -> None:
    builder = ReportBuilder(outcome=ImportOutcome.KEPT, rows=3, right=3, outdated=1)
    assert builder.build(DROP, version_id="v", now=NOW).taken == 2


def test_a_report_lists_the_first_thousand_findings_and_counts_all() -> None:
    builder = ReportBuilder(outcome=ImportOutcome.REPLACED)
    builder.findings += [
        FileFinding("bank.xlsx", row, "原因") for row in range(2, MAX_FINDINGS + 3)
    ]
    report = builder.build(DROP, version_id="v", now=NOW)
    assert (len(report.refused), report.refused_count) == (MAX_FINDINGS, MAX_FINDINGS + 1)
    page = reports.to_page(report).decode()
    assert f"只列出前 {MAX_FINDINGS} 处，共 {MAX_FINDINGS + 1} 处" in page
    builder.findings.pop()
    assert "只列出前" not in reports.to_page(builder.build(DROP, version_id="", now=NOW)).decode()


def test_the_page_is_one_document_in_which_texts_of_the_file_are_escaped() -> None:
    builder = ReportBuilder(outcome=ImportOutcome.REPLACED, exam_id="spring")
    builder.findings.append(FileFinding("<img src=x>", 2, "<script>alert(1)</script>"))
    builder.remarks += remark_on_rows(Advice.NO_EXPLANATION, "bank.xlsx", range(2, 40))
    builder.remarks.append(remark_on_file(Advice.SHEET_LEFT_OUT, "bank.xlsx", what="<b>"))
    page = reports.to_page(builder.build(DROP, version_id="v", now=NOW)).decode()
    assert page.startswith('<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">')
    assert "default-src &#x27;none&#x27;" in page
    assert page.endswith("</body></html>\n")
    assert not re.search(r"<(script|img|b)\b", page)
    assert "等 38 行" in page
    assert "2027-01-15 16:00:00" in page  # Chinese time


def test_what_is_no_report_names_no_version() -> None:
    for data in (b"", b"[]", b"\xff", json.dumps({"version": "v"}).encode()):
        assert reports.reported_version(data) == ""


def test_there_is_no_remark_on_no_rows() -> None:
    assert remark_on_rows(Advice.NO_EXPLANATION, "bank.xlsx", []) == []


@pytest.mark.parametrize(
    ("audience", "listed", "said"),
    [
        (["agency_practitioner"], None, "对所有代理机构从业人员开放"),
        (["evaluation_expert"], None, "对所有评审专家开放"),
        (
            ["agency_practitioner", "evaluation_expert"],
            None,
            "对所有代理机构从业人员、所有评审专家开放",
        ),
        (["agency_practitioner"], 2, "名单 2 人"),
        ([], 0, "名单 0 人"),
        ([], None, "没有人可以参加"),
    ],
)
def test_a_report_says_who_may_enter_in_words_and_numbers(
    audience: list[str], listed: int | None, said: str
) -> None:
    builder = ReportBuilder(outcome=ImportOutcome.PUBLISHED)
    builder.say_who(audience, listed)
    report = builder.build(DROP, version_id="v", now=NOW)
    assert (report.who_may_enter, report.listed) == (said, listed)
    assert f"<td>{said}</td>" in reports.to_page(report).decode()
    builder.refuse(DROP.key, "原因")
    report = builder.build(DROP, version_id="v", now=NOW)
    assert (report.who_may_enter, report.listed) == ("", None)
