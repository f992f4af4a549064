"""`python -m scripts.import_templates`: write the templates that operators fill in, the same bytes each time.

Their rows begin with 示例. An import skips such rows and reports it.
"""

import csv
import io
import sys
from pathlib import Path

from chalicelib.imports import questions, rosters
from chalicelib.imports.people import ID_TYPE_NAMES
from chalicelib.imports.tables import HELP_SHEET
from chalicelib.sheets import writing
from chalicelib.sheets.writing import SheetToWrite

FOLDER = Path(__file__).parents[1] / "examples" / "templates"
_JUDGE_HAS_NO_OPTIONS = ("",) * 6
BANK_ROWS: list[tuple[str, ...]] = [
    (
        *("示例-1", "单选题", "【示例】一年有几个月？"),
        *("10", "11", "12", "13", "", ""),
        *("C", "公历一年十二个月。", "", "历法"),
    ),
    (
        *("示例-2", "多选题", "【示例】下列哪些是季节？"),
        *("春", "雨", "秋", "冬", "", ""),
        *("ACD", "四季为春夏秋冬。", "", "历法"),
    ),
    (
        *("示例-3", "判断题", "【示例】二月有三十天。"),
        *_JUDGE_HAS_NO_OPTIONS,
        *("错误", "二月有二十八或二十九天。", "", "历法"),
    ),
]
ROSTER_ROWS: list[tuple[str, ...]] = [
    ("示例张三", "居民身份证", "11010519491231002X", "", ""),
    ("示例李四", "护照", "E12345678", "20", "视力障碍，延长 20 分钟"),
]
ID_TYPES = tuple(ID_TYPE_NAMES)
BANK_HELP = [
    ("编号", "可不填列；填了就不能重复，也不要再用问过的题的编号"),
    ("题型", "单选题、多选题、判断题（单选、单项选择题等写法也可以）"),
    ("选项A–选项F", "从 A 开始填，中间不留空；判断题不填"),
    ("答案", "单选题一个字母；多选题两个以上，如 ABD 或 A,B,D；判断题：正确/错误、对/错、√/×"),
    ("标签", "一个简短的主题；也可以用“知识点”作列标题"),
    ("其他", "公式、图片不导入；合并的单元格须拆开；以“示例”开头的行不导入"),
]
ROSTER_HELP = [
    ("证件类型", "、".join(ID_TYPES) + "；没有这一列时按居民身份证"),
    ("证件号码", "该列须为文本格式，否则表格软件会改动末几位"),
    ("加时(分钟)", "0 到 1440 的整数，可空；列标题也可以写“延长分钟”"),
    ("备注", "加时的原因等，最多 200 字"),
    ("其他", "以“示例”开头的行不导入"),
]


def files() -> dict[str, bytes]:
    """All templates by file name."""
    listing = SheetToWrite(
        "名单", rosters.HEADINGS, ROSTER_ROWS, (14, 26, 26, 12, 40), {1: ID_TYPES}
    )
    return {
        "question-bank.xlsx": writing.write_xlsx([questions.to_page(BANK_ROWS), _help(BANK_HELP)]),
        "question-bank.csv": _csv(questions.HEADINGS, BANK_ROWS),
        "roster.xlsx": writing.write_xlsx([listing, _help(ROSTER_HELP)]),
        "roster.csv": _csv(rosters.HEADINGS, ROSTER_ROWS),
    }


def _help(lines: list[tuple[str, str]]) -> SheetToWrite:
    return SheetToWrite(HELP_SHEET, ("列", "怎么填"), list(lines), (16, 90))


def _csv(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> bytes:
    """With BOM: without it, spreadsheets in Chinese take UTF-8 for GBK."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([headings, *rows])
    return out.getvalue().encode("utf-8-sig")


def main() -> int:
    """Write them."""
    FOLDER.mkdir(exist_ok=True)
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
