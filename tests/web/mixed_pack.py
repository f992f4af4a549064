"""An exam pack with everything that a question may hold, and what a candidate knows about it."""

import csv
from pathlib import Path

import yaml
from PIL import Image, ImageDraw

OUT_OF = 38
_COLUMNS = (
    "编号",
    "题型",
    "题干",
    *(f"选项{letter}" for letter in "ABCDEFGH"),
    "答案",
    "材料编号",
    "材料",
)
_SECTIONS = (
    {"id": "single", "title": "单选题", "type": "single", "count": 2, "points": 4},
    {"id": "indefinite", "title": "不定项选择题", "type": "indefinite", "count": 1, "points": 6},
    {"id": "blank", "title": "填空题", "type": "blank", "count": 2, "points": 6},
    {
        **{"id": "case", "title": "案例分析题", "type": "material"},
        **{"count": 1, "group_size": 3, "points": 4},
    },
)
_FACTS = (
    "采购人委托代理机构公开招标采购办公设备，预算金额 480 万元，最高限价 460 万元，"
    "采用综合评分法，价格分占 30 分。"
)
MATERIAL = (
    f"<p>{_FACTS * 6}</p>"
    "<table><tr><td><b>供应商</b></td><td><b>报价（万元）</b></td></tr>"
    "<tr><td>甲</td><td>450.00</td></tr><tr><td>乙</td><td>435.00</td></tr></table>"
    r"<p>价格分按 $S=\frac{P_{\min}}{P}\times 30$ 计算。</p>"
)
_EIGHT = tuple(f"可以按照规定公告的内容之{number}" for number in "一二三四五六七八")

Row = dict[str, str]


def _row(kind: str, stem: str, answer: str, options: tuple[str, ...] = (), case: str = "") -> Row:
    letters = dict(zip((f"选项{letter}" for letter in "ABCDEFGH"), options, strict=False))
    material = {"材料编号": case, "材料": MATERIAL if case else ""}
    return {"题型": kind, "题干": stem, "答案": answer, **letters, **material}


_ROWS = (
    _row(
        "单选题", "图中第二步是什么？![开标流程图](flow.png)", "B", ("投标", "开标", "评标", "定标")
    ),
    _row(
        *("单选题", r"方程 $x^2=4$ 的正根等于哪一个？", "C"),
        (r"$\frac{1}{2}$", r"$\sqrt{2}$", r"$\sqrt{4}$", r"$2^2$"),
    ),
    _row("不定项选择题", "下列哪些可以公告？<b>可选一项或多项</b>", "ACH", _EIGHT),
    _row(
        "填空题",
        "投标文件提交期限不少于 ____ 日，澄清应当在截止 ____ 日前发出，不足的应当 ____。",
        "20|二十\n15|十五\n顺延",
    ),
    _row("填空题", r"计算：$\frac{3}{8}+\frac{3}{8}=$ ____", "0.75±0.001"),
    _row("单选题", "材料中报价最低的是哪一家？", "B", ("甲", "乙"), "案例一"),
    _row(
        "多选题",
        "材料中提到了哪些金额？",
        "AB",
        ("480 万元", "460 万元", "500 万元", "200 万元"),
        "案例一",
    ),
    _row("填空题", "甲的价格分是 ____ 分，乙的价格分是 ____ 分。", "29\n30", case="案例一"),
)

KNOWN: dict[str, tuple[str, ...]] = {
    "图中第二步": ("开标",),
    "正根等于": (r"\sqrt{4}",),
    "可以公告": (_EIGHT[0], _EIGHT[2], _EIGHT[7]),
    "投标文件提交期限": ("二十", "15", "重新招标"),  # the third is wrong: four of six points
    "计算：": ("0.75",),
    "报价最低": ("乙",),
    "哪些金额": ("480 万元", "460 万元"),
    "甲的价格分": ("29", "３０"),
}
"""A part of each stem → what the candidate answers: texts of options, or of blanks."""

EARNED = OUT_OF - 2


def write(folder: Path) -> Path:
    """Write the pack below a folder; returns its own folder."""
    pack = folder / "mixed"
    (pack / "questions").mkdir(parents=True)
    (pack / "pictures").mkdir()
    header = {
        **{"format": 1, "exam_id": "mixed", "title": "题型齐全的考试"},
        **{"audience": ["agency_practitioner"], "sections": [dict(part) for part in _SECTIONS]},
    }
    (pack / "exam.yaml").write_text(yaml.safe_dump(header, allow_unicode=True), "utf-8")
    with (pack / "questions" / "mixed.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, _COLUMNS)
        table.writeheader()
        table.writerows({"编号": f"题-{place}", **row} for place, row in enumerate(_ROWS, 1))
    _draw(pack / "pictures" / "flow.png")
    return pack


def _draw(file: Path) -> None:
    """Four boxes in a row, joined by lines."""
    picture = Image.new("RGB", (720, 200), "white")
    pen = ImageDraw.Draw(picture)
    pen.line([60, 100, 660, 100], fill="navy", width=4)
    for place in range(4):
        left = 30 + place * 175
        pen.rectangle([left, 60, left + 130, 140], fill="white", outline="navy", width=4)
    picture.save(file)
