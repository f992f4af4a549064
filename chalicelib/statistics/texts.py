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
NO_GROUP: Final = "（未填写）"
SMALL_GROUPS: Final = "其余各组合计（含已定结果不足 5 人的组）"
RELIABILITY: Final = {
    ReliabilityKind.ALPHA: "Cronbach α",
    ReliabilityKind.DEPENDABILITY: "可靠性系数 Φ（每人试卷不同）",
}
TYPES: Final = {
    "single": "单选题",
    "multiple": "多选题",
    "indefinite": "不定项选择题",
    "judge": "判断题",
    "blank": "填空题",
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
OPTION_HEADINGS: Final = ("题目编号", "选项", "内容", "正确", "全体", "低分组", "中分组", "高分组")
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
    "timed": "有用时的试卷",
    "closed": "到时或切屏超限由系统收卷，没有用时",
    "without": "考生交卷，但用时不完整",
    "out_of": "满分",
    "pass_mark": "合格线（%）",
    "pass_rate": "合格率",
    "mean": "平均分",
    "deviation": "标准差",
    "median": "中位数",
    "lowest": "最低分",
    "highest": "最高分",
    "standard_error": "测量标准误",
    "versions": "题库版本 / 答案版本 / 名单版本",
}

# --- the page -------------------------------------------------------------------------------------------

OPEN: Final = "统计"
TITLE: Final = "统计：{title}"
BACK_TO_EXAM: Final = "返回考试"
BACK_TO_STATISTICS: Final = "返回统计"
NOT_COMPUTED: Final = "还没有统计。全场结束后即可计算：一千份试卷约需十几秒，一万份约需几分钟。"
COMPUTE: Final = "计算统计"
COMPUTE_AGAIN: Final = "重新计算"
COMPUTED_AT: Final = "计算于 {at}，此后成绩没有变化"
OUTDATED: Final = "计算于 {at}，此后成绩、答案或名单有变化，请重新计算"
FILES: Final = {"xlsx": "下载 Excel", "json": "下载 JSON"}
FILE_NAME: Final = "{title}-统计.{ending}"
LINKS_END: Final = "（链接五分钟内有效，过后请刷新）"
COUNTED: Final = "计入统计的试卷"
INVALIDATED: Final = "监考判为不合格"
OPEN_MARKS: Final = "待核实"
QUESTIONS_SHOWN: Final = "出现过的题"
DOUBTFUL: Final = "需要复核的题"
NO_PAPERS: Final = "没有计入统计的试卷"
QUESTIONS: Final = "题目（需要复核的在前）"
QUESTION_HEADS: Final = (
    *("题目", "出现", "得分率", "区分度 D", "题总相关", "未作答", "用时", "需要复核"),
)
SECONDS: Final = "{seconds} 秒"
FEW: Final = "样本少"
FEW_PAPERS: Final = "样本少：不足 30 份的题目，指标波动很大，仅供参考。"
LOOK: Final = "查看"
SHORT_DOUBTS: Final = {
    Doubt.NEGATIVE: "区分度为负",
    Doubt.WRONG_PREFERRED: "高分组偏向错误选项",
    Doubt.TOO_HARD: "过难",
    Doubt.TOO_EASY: "过易",
    Doubt.OMITTED: "未作答多",
    Doubt.WEAK: "区分度低",
}
SCATTER: Final = "得分率与区分度"
ACROSS: Final = "得分率"
UPWARD: Final = "区分度 D"
SCATTER_NOTE: Final = "虚线：得分率 0.20 和 0.95，区分度 0 和 0.20。需要复核的题为实心点。"
MOST_DOTS: Final = "只画前 {most} 题。"
QUESTION_TITLE: Final = "{title}：题目 {question}"
QUESTION_ABOUT: Final = (
    *("编号", "部分", "题型", "题干", "现行答案", "出现次数", "得分率", "区分度 D"),
    *("题总相关", "未作答", "用时"),
)
TIMES: Final = "中位数 {seconds} 秒（{papers} 份试卷的页面上报）"
TIMED: Final = (
    "用时：计入的试卷中 {timed} 份有用时。{closed} 份到时或切屏超限由系统收卷，没有用时，所以时间不够的考生不在其中；"
    "{without} 份由考生交卷，但页面中途重新打开过，用时不完整。"
)
NO_SUCH_QUESTION: Final = "统计中没有这道题"
OPTIONS: Final = "选项（按题库顺序）"
OPTION_HEADS: Final = ("选项", "内容", "全体", "低分组", "中分组", "高分组")
OPTION_NOTE: Final = "按总分把卷面上有此题的考生（含未作答的）分为三组。多选题各项之和可超过 100%。"
CORRECTION: Final = "更正答案"
KEY: Final = "正确选项（按题库顺序的字母）"
KEY_OF_BLANKS: Final = "正确答案（每空一行，多个答案用 | 分隔）"
CORRECT: Final = "更正并重新判分"
CORRECT_SURE: Final = "按新答案重新判全部试卷？成绩、证书和合作平台的数据会一同更正。"
CORRECTION_NOTE: Final = "更正后请重新计算统计。"
PAPERS: Final = "成绩"
PAPER_ABOUT: Final = (
    *("试卷", "满分", "合格率", "平均分", "标准差", "中位数", "最低 – 最高", "信度", "测量标准误"),
)
POINTS: Final = "{points}（合格线 {mark}%）"
DISTRIBUTION: Final = "成绩分布（得分占满分的百分比）"
MARK_LINE: Final = "合格线 {mark}%"
STAGES: Final = "各环节人数"
STAGES_NOTE: Final = "括号内为占上一环节的比例。"
NO_ROSTER: Final = "本场没有名单，所以不知道应考人数。"
GROUP_RATES: Final = "分组合格率"
MOST_GROUPS: Final = "只列前 {most} 组，其余见 Excel。"
