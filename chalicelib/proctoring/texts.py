"""What snapshots and their verdicts mean, for candidates and operators, in Chinese (zh-CN). Pure."""

from typing import NamedTuple

# What the snapshots and the decisions about them mean for the result, by state and rule.
REASONS = {
    "invalidated": {
        "several_people": "监考抓拍中多次出现多人，本次成绩不合格",
        "other_person": "经人工核实，监考抓拍中的人与登记照片不是同一人，本次成绩不合格",
        "replayed": "经人工核实，监考抓拍使用了旧照片，本次成绩不合格",
        "snapshots_missing": "经人工核实，监考抓拍大量缺失，本次成绩不合格",
        "unseen": "经人工核实，考试中长时间看不到考生，本次成绩不合格",
    },
    "flagged": {
        "other_person": "监考抓拍中的人与登记照片可能不是同一人，等待人工核实",
        "replayed": "监考抓拍中出现了以前的照片，等待人工核实",
        "snapshots_missing": "监考抓拍缺失较多，等待人工核实",
        "unseen": "监考抓拍中较长时间看不到考生，等待人工核实",
    },
    "not_watched": {"": "因我方系统原因，较多监考画面未能判定；此事与您无关，处理完成前成绩为暂定"},
    "overturned": {
        "several_people": "投诉已获支持，“抓拍中多次出现多人”的结论已撤销",
        "other_person": "投诉已获支持，“非本人”的结论已撤销",
        "replayed": "投诉已获支持，“使用旧照片”的结论已撤销",
        "snapshots_missing": "投诉已获支持，“抓拍大量缺失”的结论已撤销",
        "unseen": "投诉已获支持，“长时间看不到考生”的结论已撤销",
    },
}

# The rules that a candidate can break, in a few words for operators.
RULES_BROKEN = {
    "several_people": "抓拍中多次出现多人",
    "other_person": "抓拍中的人可能不是本人",
    "replayed": "抓拍中出现以前的照片",
    "snapshots_missing": "抓拍大量缺失",
    "unseen": "较长时间看不到考生",
}


class FrameText(NamedTuple):
    """The words for one verdict: `sentence` for the candidate, `label` on the operators' pages."""

    sentence: str
    label: str


# One snapshot, by its verdict. A new verdict needs a row here and nowhere else among the texts.
FRAMES = {
    "match": FrameText("与登记照片为同一人", "本人"),
    "mismatch": FrameText("与登记照片不是同一人", "非本人"),
    "several": FrameText("画面中有多人", "多人"),
    "no_face": FrameText("画面中没有人", "无人"),
    "uncertain": FrameText("不能确定与登记照片是同一人", "不能确定是本人"),
    "unclear": FrameText("画面无法比对", "无法比对"),
    "replayed": FrameText("与以前的照片是同一张", "旧照片"),
    "missing": FrameText("未收到画面", "缺失"),
    "system_gap": FrameText("系统原因未能判定，不计入", "系统原因"),
}
FRAME_LABELS = {verdict: text.label for verdict, text in FRAMES.items()}
