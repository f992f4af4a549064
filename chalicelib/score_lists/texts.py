"""The words of score lists, in Chinese (zh-CN). Pure."""

from typing import Final

ERRORS: Final = {
    "practice_not_listed": "试考没有成绩，也没有成绩单",
    "score_list_expired": "这份成绩单已超过 24 小时，文件已删除；请重新生成",
    "series_unknown": "本场考试不属于任何系列，不能按系列生成成绩单",
}

TITLE: Final = "成绩单"
PROVISIONAL: Final = "（暂定）"
ABOUT: Final = "说明"
ABOUT_HEADINGS: Final = ("项目", "内容")

# Columns in their order. The points of each section stand after `cause`.
BEFORE: Final = {
    "sitting": ("场次", 16),
    "row": ("名单行", 8),
    "note": ("名单备注", 14),
    "name": ("姓名", 12),
    "id_type": ("证件类型", 14),
    "id_number": ("证件号码", 22),
    "role": ("考生类别", 16),
    "organisation": ("所属单位", 28),
    "presence": ("到考", 8),
    "round": ("轮次", 6),
    "opened": ("打开考试", 20),
    "started": ("开始作答", 20),
    "submitted": ("交卷", 20),
    "cause": ("收卷方式", 10),
}
AFTER: Final = {
    "points": ("总分", 8),
    "out_of": ("满分", 8),
    "outcome": ("成绩", 8),
    "standing": ("成绩状态", 10),
    "why": ("原因", 44),
    "complaint": ("投诉", 10),
    "counted": ("是否计入", 10),
    "certificate": ("证书编号", 24),
    "certified": ("证书状态", 24),
    "switches": ("切屏次数", 8),
    "flag": ("监考标记", 28),
    "decided": ("人工处理", 44),
    "remark": ("备注", 36),
    "attempt": ("考试记录编号", 34),
}
SECTION: Final = "得分：{title}"
SECTION_WIDTH: Final = 12

PRESENCE: Final = {"present": "到考", "absent": "缺考", "awaited": "未开始"}
OUTCOMES: Final = {"passed": "合格", "failed": "不合格", "invalidated": "不合格"}
WRITING: Final = "作答中"
TO_BE_CLOSED: Final = "待收卷"
NOT_WATCHED: Final = "因系统原因，较多监考画面未能判定"
BY_SCORE: Final = "得分未达到合格线"
FINAL: Final = "最终"
NOT_FINAL: Final = "暂定"
FLAGGED: Final = "待核实"
COMPLAINTS: Final = {"open": "待处理", "accepted": "成立", "rejected": "不成立"}
COUNTS: Final = "计入"
COUNTS_SO_FAR: Final = "暂计入"
COUNTS_NOT: Final = "不计入"
FRAMES: Final = "{rule}（{frames} 张）"
GAPS: Final = "系统原因未判定 {gaps} 张"
DECISIONS: Final = {
    "invalidated": "核实属实",
    "clear": "核实后排除",
    "overturned": "投诉成立，已撤销",
}
DECIDED: Final = "{rule}：{decision}（{at}）"
GAPS_ACCEPTED: Final = "系统原因的空缺 {gaps} 张：已接受"
WAIVED: Final = "人工审核入场，未做人脸核验"
NOT_REGISTERED: Final = "（未注册）"
WITHHELD: Final = "（应本人要求不显示）"
PRIVACY: Final = {
    "deleting": "本人已要求删除个人照片，正在处理",
    "deleted": "已按本人要求删除个人照片",
}
NUMBER_CHANGED: Final = "证件号码考后有变更，只显示考试时的部分号码"
NOT_ON_ROSTER: Final = "不在现行名单中"

ABOUT_ROWS: Final = {
    "exam": "考试",
    "state": "状态",
    "ordered_at": "生成时间（中国时间）",
    "operator": "生成人",
    "reason": "用途",
    "masked": "姓名和证件号码",
    "people": "人次",
    "present": "到考",
    "absent": "缺考",
    "passed": "合格（含暂定）",
    "open": "成绩未最终",
    "times": "时间",
    "texts": "公式防护",
}
STATE_PROVISIONAL: Final = "暂定：生成时考试还没有全场结束"
STATE_ENDED: Final = "全场已结束；单项成绩是否最终，见「成绩状态」一列"
MASKED: Final = "已遮盖"
UNMASKED: Final = "完整显示，请按个人信息保管，用后删除"
TIMES: Final = "表中时间均为中国时间（Asia/Shanghai）"
TEXTS: Final = "CSV 中以 = + - @ 开头的文字前加了一个撇号，防止被当作公式；xlsx 中原样为文本"
FILE_NAME: Final = "{title}-成绩单{provisional}{masked}.{ending}"
FILE_UNMASKED: Final = "-完整信息"
ALL_SITTINGS: Final = "（全部场次）"

# --- the operators' page --------------------------------------------------------------------------------

BACK_TO_EXAM: Final = "返回考试"
PAGE_TITLE: Final = "{title}：成绩单"
EARLY: Final = "考试还没有全场结束：现在生成的成绩单会标明“暂定”，缺考和成绩都可能变化。"
WHAT_IT_LISTS: Final = (
    "名单上的每个人，和打开过考试但不在名单上的人：到考或缺考、时间、各部分得分、成绩与原因、证书、切屏、监考标记与人工处理。"
    "xlsx 和 CSV 各一份，24 小时后自动删除；下载链接 5 分钟有效。"
)
MAKE_TITLE: Final = "生成成绩单"
REASON: Final = "用途（2–500 字，永久留存）"
KINDS: Final = {
    "make_score_list": (
        "生成成绩单（遮盖）",
        "生成成绩单？姓名和证件号码会遮盖。",
        "姓名只留姓，证件号码只留头尾。一般用这一种。",
    ),
    "make_full_score_list": (
        "生成完整信息成绩单",
        "成绩单将含每位考生的完整姓名和证件号码，生成人、时间和用途永久留存。确定要完整信息？",
        "含完整姓名和证件号码。只在必须核对身份时使用，用后删除文件。"
        "核对号码请用 xlsx：用表格软件直接打开 CSV，18 位号码的后三位会变成 0。",
    ),
}
OF_SERIES: Final = "{text}：系列全部场次"
NONE_MADE: Final = "还没有生成过成绩单"
MADE_TITLE: Final = "已生成的成绩单"
MADE_HEADS: Final = ("时间", "运营人员", "内容", "用途", "状态", "")
MADE_NOTE: Final = "“下载”和“继续”须由生成人本人在上面填写新的动态码后点击。"
MASKED_SHORT: Final = "遮盖"
FULL: Final = "完整信息"
FINISHED: Final = "已生成，{rows} 人次"
GONE: Final = "，文件已删除"
UNFINISHED: Final = "未完成"
NEVER_FINISHED: Final = "未完成，已过期"
FETCH: Final = "下载"
GO_ON: Final = "继续"
DONE: Final = "成绩单已生成：{rows} 人次{provisional}"
NOT_DONE: Final = "成绩单较大，已完成 {made} / {rows} 人次，还没有做完"
FILES: Final = {"xlsx": "下载 xlsx", "csv": "下载 CSV"}
LINKS_END: Final = "（链接 5 分钟内有效）"
