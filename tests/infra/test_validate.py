"""`make validate`: what publishing would say, and the dry run as a table."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.packs import zipped

PROJECT = Path(__file__).resolve().parents[2]
PACK = PROJECT / "examples/agency-practitioners"
ROSTER = "姓名,证件类型,证件号码,加时(分钟)\n张三,居民身份证,11010519491231002X,30\n"


def validate(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """With no environment: nothing of AWS is needed."""
    command = [sys.executable, "-m", "infra.validate", *options, str(path)]
    return subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, env={"LANG": "C.UTF-8"}
    )


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACK, tmp_path / "pack"))


PRACTICE = PROJECT / "examples/practice"
EXAMS = sorted({file.parent for file in PROJECT.glob("examples/*/exam.yaml")} - {PRACTICE})


@pytest.mark.parametrize("folder", EXAMS, ids=lambda folder: folder.name)
def test_the_examples_cut_nobody_short(folder: Path) -> None:
    done = validate(folder)
    assert done.returncode == 0, done.stderr
    heading, *rows, who, verdict = done.stdout.splitlines()
    assert heading.split() == ["考生", "开始", "截止", "实得分钟", "被缩短", "说明"]
    assert len([row for row in rows if "请留意" not in row]) == 9
    assert "+00:35:00.000  +01:35:00.000  60        否" in rows[4]
    assert who in ("谁可以参加：对所有代理机构从业人员开放", "谁可以参加：对所有评审专家开放")
    assert verdict.endswith("可以发布")


def test_the_practice_of_the_examples_cuts_nobody_short() -> None:
    """Some of its rows ask for attention: ten minutes are shorter than the time to enter."""
    done = validate(PRACTICE)
    assert done.returncode == 0, done.stderr
    heading, *_, verdict = done.stdout.splitlines()
    assert "被缩短" in heading
    assert verdict.endswith("可以发布")


def test_a_zip_says_the_same_as_its_folder(tmp_path: Path) -> None:
    archive = tmp_path / "pack.zip"
    archive.write_bytes(zipped(PACK))
    assert validate(archive).stdout.splitlines()[:-1] == validate(PACK).stdout.splitlines()[:-1]


def test_a_roster_brings_people_with_extra_time_and_no_name(pack: Path) -> None:
    (pack / "roster.csv").write_text(ROSTER, "utf-8")
    done = validate(pack)
    assert done.returncode == 0, done.stderr
    assert "加时 30 分钟" in done.stdout
    assert "90 " in done.stdout
    assert "谁可以参加：名单 1 人" in done.stdout
    assert "张三" not in done.stdout
    (pack / "roster.csv").write_text(ROSTER.replace("X,30", "1,30"), "utf-8")
    assert "roster.csv:2: 证件号码不正确：末位校验码对不上" in validate(pack).stderr


def test_a_policy_that_cuts_somebody_short_is_refused(pack: Path) -> None:
    file = pack / "exam.yaml"
    text = file.read_text("utf-8").replace("  pass_mark: 60", "  pass_mark: 60\n  switch_limit: 1")
    file.write_text(text, "utf-8")
    done = validate(pack)
    assert done.returncode == 1
    assert "exam.yaml: 第一次切屏就收卷" in done.stderr
    assert done.stdout.endswith("1 处须修改\n")


@pytest.mark.parametrize("name", ["nowhere", "notes.txt"])
def test_what_is_no_pack_is_told_as_such(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    done = validate(tmp_path / name)
    assert done.returncode == 1
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_used_is_named_and_a_list_that_is_not_read_refuses(pack: Path) -> None:
    (pack / "notes.pdf").write_bytes(b"%PDF")
    done = validate(pack)
    assert (done.returncode, "notes.pdf: 请留意：没有使用" in done.stdout) == (0, True)
    (pack / "名单.pdf").write_bytes(b"%PDF")
    done = validate(pack)
    assert (done.returncode, "名单.pdf: 像是人员名单" in done.stderr) == (1, True)
    assert "notes.pdf: 请留意：没有使用" in done.stdout


def test_programs_read_the_report_as_one_line_of_json(pack: Path) -> None:
    done = validate(pack, "--json")
    [line] = done.stdout.splitlines()
    report = json.loads(line)
    assert (done.returncode, report["ok"], report["outcome"]) == (0, True, "checked")
    assert report["who_may_enter"] == "对所有代理机构从业人员开放"
    assert report["right"] == 44
    assert "可以发布" in done.stderr
    (pack / "exam.yaml").unlink()
    done = validate(pack, "--json")
    [line] = done.stdout.splitlines()
    [finding] = json.loads(line)["refused"]
    assert (done.returncode, finding["file"]) == (1, "exam.yaml")


def test_a_file_that_cannot_be_read_is_one_line_of_json_too(tmp_path: Path) -> None:
    done = validate(tmp_path / "nowhere", "--json")
    assert json.loads(done.stdout) == {"ok": False, "message": "No such file or directory"}
