"""An exam pack with everything that a question can have: picture, formula, table, blanks, a material."""

import csv
import io
from typing import Any

import yaml

from tests.unit.test_pictures import png_of

HEADINGS = (
    *("编号", "题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案", "解析", "依据"),
    *("标签", "分值", "选项顺序", "材料编号", "材料"),
)
SECTIONS = [
    {"id": "s", "title": "单选题", "type": "single", "count": 1, "points": 5},
    {"id": "b", "title": "填空题", "type": "blank", "count": 1, "points": 3},
    {"id": "j", "title": "判断题", "type": "judge", "count": 1, "points": 2},
    {
        **{"id": "m", "title": "材料题", "type": "material", "count": 1},
        **{"points": 2, "group_size": 2},
    },
]
HEADER = {
    "format": 1,
    "exam_id": "illustrated",
    "title": "有图的考试",
    "audience": ["agency_practitioner"],
    "starts_at": "2027-03-28T09:00:00+08:00",
    "sections": SECTIONS,
}
FIRST = (
    {
        **{"编号": "S1", "题型": "单选题", "题干": "看图：<b>哪一步</b>？\n![流程图](flow.png)"},
        **{"选项A": "一", "选项B": "$\\frac{1}{2}$", "选项C": "以上都对", "答案": "B"},
        **{"解析": "见图", "依据": "第四十二条", "标签": "流程"},
    },
    {
        **{"编号": "B1", "题型": "填空题", "题干": "期限 ____ 日，另 ____ 个工作日。"},
        **{"答案": "20|二十\n5"},
    },
    {"编号": "J1", "题型": "判断题", "题干": "可以指定供应商。", "答案": "错误"},
    {
        **{"编号": "M1", "题型": "单选题", "题干": "第一问？", "选项A": "甲", "选项B": "乙"},
        **{"答案": "A", "材料编号": "X"},
        "材料": "某项目：<table><tr><td>甲</td><td>480 万元</td></tr></table>",
    },
)
SECOND = (
    {
        **{"编号": "M2", "题型": "单选题", "题干": "<script>alert(1)</script> 是什么？"},
        **{"选项A": "1 < 2", "选项B": "乙", "选项C": "丙", "答案": "A", "选项顺序": "固定"},
    },
    {
        **{"编号": "M3", "题型": "多选题", "题干": "第二问？", "选项A": "甲", "选项B": "乙"},
        **{"答案": "AB", "材料编号": "X"},
    },
)


def table(rows: tuple[dict[str, str], ...]) -> bytes:
    """Questions as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADINGS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def pack(**settings: Any) -> dict[str, bytes]:
    """The files of the pack; nothing in it is wrong. `settings` replace those of `exam.yaml`."""
    return {
        "exam.yaml": yaml.safe_dump({**HEADER, **settings}, allow_unicode=True).encode(),
        "questions/a.csv": table((*FIRST, SECOND[1])),
        "questions/b.csv": table(SECOND[:1]),
        "pictures/flow.png": png_of(40, 20),
    }
