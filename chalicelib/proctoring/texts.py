"""What snapshots mean, as a candidate reads it, in Chinese (zh-CN). Pure."""

# What the snapshots, and what humans decided about them, mean for the result: state, then rule.
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

# One snapshot, by its verdict.
FRAMES = {
    "match": "与登记照片为同一人",
    "mismatch": "与登记照片不是同一人",
    "several": "画面中有多人",
    "no_face": "画面中没有人",
    "uncertain": "不能确定与登记照片是同一人",
    "unclear": "画面无法比对",
    "replayed": "与以前的照片是同一张",
    "missing": "未收到画面",
    "system_gap": "系统原因未能判定，不计入",
}
