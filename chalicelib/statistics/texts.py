"""What statistics say to operators, in Chinese (zh-CN). Pure."""

from typing import Final

from chalicelib.statistics.model import Doubt, GroupKind, ReliabilityKind

ERRORS: Final = {
    "exam_not_over": "考试还没有全场结束，结束后才能统计",
    "practice_not_counted": "试考不计入统计",
}

DOUBTS: Final = {
    Doubt.NEGATIVE: "区分度为负：水平高的考生反而更容易答错，请先核对答案",
    Doubt.WRONG_PREFERRED: "高分组更多选了错误选项，请核对答案和选项",
    Doubt.TOO_HARD: "过难：得分率不高于 0.20",
    Doubt.TOO_EASY: "过易：得分率不低于 0.95",
    Doubt.OMITTED: "未作答的超过 20%",
    Doubt.WEAK: "区分度低于 0.20",
}
GROUPS: Final = {
    GroupKind.NOTE: "名单备注",
    GroupKind.ORGANISATION: "所属单位",
    GroupKind.ROLE: "考生类别",
}
ROLES: Final = {"agency_practitioner": "代理机构从业人员", "evaluation_expert": "评审专家"}
NO_GROUP: Final = "（未填写）"
SMALL_GROUPS: Final = "不足 5 人的各组合计"
RELIABILITY: Final = {
    ReliabilityKind.ALPHA: "Cronbach α",
    ReliabilityKind.DEPENDABILITY: "可靠性系数 Φ（每人试卷不同）",
}
TYPES: Final = {
    "single": "单选",
    "multiple": "多选",
    "indefinite": "不定项",
    "judge": "判断",
    "blank": "填空",
}
NOT_COMPUTABLE: Final = "无法计算"
NOT_KNOWN: Final = "未知"
FUNNEL: Final = {
    "listed": "名单人数",
    "registered": "已注册实名",
    "opened": "登录并进入考前确认",
    "checked_in": "通过考前确认",
    "started": "开始考试",
    "submitted": "交卷",
    "passed": "合格",
    "certificates": "有效证书",
}
WHO_COUNTS: Final = (
    "题目和成绩的指标只统计结果成立的试卷：监考判为不合格的和待核实的不计入；系统未能判定抓拍的仍计入。"
    "同一考生有多轮时按最后一次交卷计。按现行答案计分。"
)

# --- the workbook ---------------------------------------------------------------------------------------

SHEETS: Final = {
    "questions": "题目",
    "options": "选项",
    "paper": "成绩",
    "bars": "分布",
    "groups": "分组",
    "funnel": "各环节人数",
}
QUESTION_HEADINGS: Final = (
    *("题目编号", "部分", "题型", "题干", "现行答案", "出现次数", "得分率", "区分度 D"),
    *("题总相关", "未作答", "用时中位数（秒）", "有用时的份数", "需要复核"),
)
OPTION_HEADINGS: Final = ("题目编号", "选项", "正确", "全体", "低分组", "中分组", "高分组")
VALUE_HEADINGS: Final = ("项目", "数值")
BAR_HEADINGS: Final = ("得分占满分", "份数")
GROUP_HEADINGS: Final = ("分组方式", "组", "已定结果", "合格", "合格率", "待核实")
RIGHT: Final = "✓"
LOWER_BOUND: Final = "（下限）"
PAPER: Final = {
    "title": "考试",
    "exam_id": "编号",
    "counted": "计入统计的试卷",
    "invalidated": "监考判为不合格（不计入）",
    "open": "待核实（不计入）",
    "out_of": "满分",
    "pass_mark": "合格线（%）",
    "mean": "平均分",
    "deviation": "标准差",
    "median": "中位数",
    "lowest": "最低分",
    "highest": "最高分",
    "standard_error": "测量标准误",
    "versions": "题库版本 / 答案版本 / 名单版本",
}
