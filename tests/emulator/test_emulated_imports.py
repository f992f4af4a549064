"""Files in the emulator's dropbox: event, packaged function, report; the commands for people at a terminal."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra import imports
from infra.imports import NotImported
from infra.local.ports import free_port
from tests.dropbox import BANK, BANK_HEADINGS, LI, exam_files, people, settings, workbook
from tests.emulator.launching import PROJECT, Launched


def drop(launched: Launched, file: Path, data: bytes, exam_id: str = "") -> Any:
    file.write_bytes(data)
    found, content = imports.find_drop(file, exam_id)
    return imports.import_file(launched.address, found, content)


def command(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "infra.imports", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_three_uploads_make_an_exam_and_a_fourth_replaces_its_roster(
    launched: Launched, tmp_path: Path
) -> None:
    bank, listed, header = exam_files("uploaded")
    assert drop(launched, tmp_path / "bank.xlsx", bank, "uploaded")["outcome"] == "prepared"
    assert drop(launched, tmp_path / "people.xlsx", listed, "uploaded")["outcome"] == "prepared"
    told = drop(launched, tmp_path / "uploaded.yaml", header)
    assert (told["outcome"], told["taken"]) == ("published", 5)
    exam = launched.http.get("/api/exams/uploaded").json()["exam"]
    assert (exam["title"], exam["by_roster"]) == ("春季考试", True)
    replaced = drop(launched, tmp_path / "people.xlsx", people(LI), "uploaded")
    assert replaced["outcome"] == "replaced"
    again = drop(launched, tmp_path / "people.xlsx", people(LI), "uploaded")
    assert again["outcome"] == "unchanged"
    assert again["version_id"] != replaced["version_id"]
    letters = launched.var / "dead-letters.jsonl"
    assert not letters.exists() or "imports_import_drop" not in letters.read_text()


def test_the_command_imports_prints_the_report_and_exports(
    launched: Launched, tmp_path: Path
) -> None:
    bank, _, _ = exam_files("by-command")
    header = settings(
        exam_id="by-command", starts_at="2099-01-15T16:00:00+08:00", audience=["evaluation_expert"]
    )
    (tmp_path / "bank.xlsx").write_bytes(bank)
    (tmp_path / "exam.yaml").write_bytes(header)
    where = ("--address", launched.address)
    code, said = command(str(tmp_path / "bank.xlsx"), "--exam", "by-command", *where)
    assert (code, "检查通过，已备好" in said, "已导入的行 3" in said) == (0, True, True)
    code, said = command(str(tmp_path / "exam.yaml"), *where)
    assert (code, "考试已发布" in said) == (0, True)
    out = tmp_path / "deep" / "again.xlsx"
    code, said = command("--export", "--exam", "by-command", *where, str(out))
    assert (code, "3 题" in said) == (0, True)
    found, content = imports.find_drop(out, "by-command")
    told = imports.import_file(launched.address, found, content)
    assert [finding["reason"][:5] for finding in told["refused"]] == ["考试已发布"]
    assert told["right"] == 3


def test_the_command_only_looks_when_asked_to(tmp_path: Path) -> None:
    table = workbook(BANK_HEADINGS, ("问答", "问？", "甲", "乙", None, "A", "x"))
    (tmp_path / "bank.xlsx").write_bytes(table)
    code, said = command("--check", "--exam", "nobody", str(tmp_path / "bank.xlsx"))
    assert code == 1
    assert "bank.xlsx 第 2 行：题型须为" in said
    code, said = command("--check", str(PROJECT / "examples/agency-practitioners"))
    assert (code, "数据行 44，无误的行 44，已导入的行 0" in said) == (0, True)


def test_programs_get_the_report_as_the_only_line_of_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bank.xlsx").write_bytes(BANK)
    for file, ok in ((tmp_path / "bank.xlsx", True), (tmp_path / "nothing.csv", False)):
        given = ["imports", str(file), "--exam", "spring-exam", "--check", "--json"]
        monkeypatch.setattr(sys, "argv", given)
        assert imports.main() == (0 if ok else 1)
        told = capsys.readouterr()
        [line] = told.out.splitlines()
        assert json.loads(line)["ok"] is ok
        assert told.err


def test_the_command_says_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "bank.csv").write_text("题型,题干,答案\n单选,问？,A", "utf-8")
    code, said = command(str(tmp_path / "bank.csv"))
    assert (code, "EXAM=" in said) == (1, True)
    nowhere = f"http://127.0.0.1:{free_port()}"
    code, said = command(str(tmp_path / "bank.csv"), "--exam", "spring", "--address", nowhere)
    assert (code, "make run" in said) == (1, True)
    code, said = command(str(tmp_path / "no.xlsx"), "--exam", "spring")
    assert code == 1
    with pytest.raises(NotImported, match=r"exams/"):
        imports.find_drop(Path(__file__), "")


@pytest.mark.parametrize(
    ("name", "folder"),
    [("question-bank.xlsx", "questions"), ("roster.xlsx", "roster"), ("roster.csv", "roster")],
)
def test_headings_tell_a_bank_from_a_roster(name: str, folder: str) -> None:
    found, _ = imports.find_drop(PROJECT / "examples/templates" / name, "spring")
    assert found.key == f"{folder}/spring/{name}"


def test_a_report_is_shown_as_lines() -> None:
    told = {"file": "f", "kind": "roster", "message": "m", "rows": 3, "right": 2, "taken": 0}
    told["refused"] = [
        {"file": "a", "row": 2, "reason": "r"},
        {"file": "a", "row": 0, "reason": "s"},
    ]  # type: ignore[assignment]
    told["remarks"] = [{"file": "a", "reason": "t", "count": 30, "rows": [1, 2]}]  # type: ignore[assignment]
    lines = imports.show(json.loads(json.dumps(told)))
    assert lines == [
        "f：m",
        "数据行 3，无误的行 2，已导入的行 0",
        "  须修改  a 第 2 行：r",
        "  须修改  a：s",
        "  请留意  a：t（30：第 1、2 行）",
    ]
