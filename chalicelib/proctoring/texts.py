"""What snapshots and their verdicts mean, for candidates and, in Chinese, for operators. Pure."""

from typing import NamedTuple

from chalicelib.shared.languages import Sentence

# What the snapshots and the decisions about them mean for the result, by state and rule.
REASONS = {
    "invalidated": {
        "several_people": Sentence(
            "监考抓拍中多次出现多人，本次成绩不合格",
            "The snapshots repeatedly show more than one person, so this exam counts as failed",
        ),
        "other_person": Sentence(
            "经人工核实，监考抓拍中的人与登记照片不是同一人，本次成绩不合格",
            "A review confirmed that the person in the snapshots is not the person in the "
            "registered photo, so this exam counts as failed",
        ),
        "replayed": Sentence(
            "经人工核实，监考抓拍使用了旧照片，本次成绩不合格",
            "A review confirmed that old photos were used for the snapshots, so this exam "
            "counts as failed",
        ),
        "snapshots_missing": Sentence(
            "经人工核实，监考抓拍大量缺失，本次成绩不合格",
            "A review confirmed that many snapshots are missing, so this exam counts as failed",
        ),
        "unseen": Sentence(
            "经人工核实，考试中长时间看不到考生，本次成绩不合格",
            "A review confirmed that the candidate could not be seen for a long time, so this "
            "exam counts as failed",
        ),
    },
    "flagged": {
        "other_person": Sentence(
            "监考抓拍中的人与登记照片可能不是同一人，等待人工核实",
            "The person in the snapshots may not be the person in the registered photo; a "
            "person will review this",
        ),
        "replayed": Sentence(
            "监考抓拍中出现了以前的照片，等待人工核实",
            "Earlier photos appeared among the snapshots; a person will review this",
        ),
        "snapshots_missing": Sentence(
            "监考抓拍缺失较多，等待人工核实",
            "Many snapshots are missing; a person will review this",
        ),
        "unseen": Sentence(
            "监考抓拍中较长时间看不到考生，等待人工核实",
            "The candidate could not be seen in the snapshots for a longer time; a person "
            "will review this",
        ),
    },
    "not_watched": {
        "": Sentence(
            "因我方系统原因，较多监考画面未能判定；此事与您无关，处理完成前成绩为暂定",
            "Because of a fault on our side many snapshots could not be judged; this is not"
            " your fault, and your result is provisional until it is dealt with",
        )
    },
    "overturned": {
        "several_people": Sentence(
            "投诉已获支持，“抓拍中多次出现多人”的结论已撤销",
            "Your complaint was upheld: the finding “more than one person in the pictures” was "
            "withdrawn",
        ),
        "other_person": Sentence(
            "投诉已获支持，“非本人”的结论已撤销",
            "Your complaint was upheld: the finding “another person” was withdrawn",
        ),
        "replayed": Sentence(
            "投诉已获支持，“使用旧照片”的结论已撤销",
            "Your complaint was upheld: the finding “old photos used” was withdrawn",
        ),
        "snapshots_missing": Sentence(
            "投诉已获支持，“抓拍大量缺失”的结论已撤销",
            "Your complaint was upheld: the finding “many pictures missing” was withdrawn",
        ),
        "unseen": Sentence(
            "投诉已获支持，“长时间看不到考生”的结论已撤销",
            "Your complaint was upheld: the finding “candidate not seen for a long time” was "
            "withdrawn",
        ),
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

    sentence: Sentence
    label: str


# One snapshot, by its verdict. A new verdict needs a row here and nowhere else among the texts.
FRAMES = {
    "match": FrameText(
        Sentence("与登记照片为同一人", "The same person as in the registered photo"), "本人"
    ),
    "mismatch": FrameText(
        Sentence("与登记照片不是同一人", "Not the person in the registered photo"), "非本人"
    ),
    "several": FrameText(Sentence("画面中有多人", "More than one person in the picture"), "多人"),
    "no_face": FrameText(Sentence("画面中没有人", "Nobody in the picture"), "无人"),
    "uncertain": FrameText(
        Sentence("不能确定与登记照片是同一人", "Not surely the person in the registered photo"),
        "不能确定是本人",
    ),
    "unclear": FrameText(Sentence("画面无法比对", "The picture cannot be compared"), "无法比对"),
    "replayed": FrameText(
        Sentence("与以前的照片是同一张", "The same picture as an earlier one"), "旧照片"
    ),
    "missing": FrameText(Sentence("未收到画面", "The picture did not arrive"), "缺失"),
    "system_gap": FrameText(
        Sentence(
            "系统原因未能判定，不计入",
            "Not judged because of a fault on our side; it does not count",
        ),
        "系统原因",
    ),
}
FRAME_LABELS = {verdict: text.label for verdict, text in FRAMES.items()}
