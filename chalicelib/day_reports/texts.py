"""The words of exam-day reports, in Chinese (zh-CN). Pure."""

from typing import Final

ERRORS: Final = {
    "practice_without_report": "试考没有考试日报告",
    "report_too_early": "考试还没有全场结束，结束后才能出具考试日报告",
}

# The printed words.
TITLE: Final = "考试日报告"
SUBTITLE: Final = "本报告只含数字，不含考生个人信息；每个数字都可以用导出的数据重新数出来。"
FACTS: Final = {
    "exam": "考试",
    "exam_id": "考试编号",
    "times": "计划时间",
    "versions": "试卷 / 答案 / 名单版本",
    "made": "出具",
    "number": "报告编号",
}
HEADS: Final = ("项目", "数", "重新计数的出处")
PAGE: Final = "第 {page} / {pages} 页"
SIGNED: Final = "本文件带有数字签名，任何改动都会使签名失效；请以电子文件为准。"
NOTHING: Final = "无"
NO_VERSION: Final = "-"
SECONDS: Final = "{seconds} 秒"
MINUTES: Final = "{minutes} 分 {seconds} 秒"
HOURS: Final = "{hours} 小时 {minutes} 分"

# Sections in their order: title → figure → (name, where it is counted again). Attributes are those of docs/data.md.
ROWS: Final = {
    "人员": {
        "listed": ("名单人数", "名单行 ROSTER#，按 person_hash 去重"),
        "opened": ("打开考试", "attempts 中 round = 1"),
        "started": ("开始作答", "其中 started_at 有值"),
        "submitted": ("交卷（含重新开放的轮次）", "status = submitted"),
        "by_candidate": ("　考生提交", "cause = candidate"),
        "by_deadline": ("　到时收卷", "cause = deadline"),
        "by_switches": ("　切屏收卷", "cause = switches"),
        "unsubmitted": ("开始而未收卷", "status = started"),
        "reopened": ("重新开放的轮次", "round > 1"),
        "waived": ("人工审核入场", "waiver 有值"),
    },
    "答案": {
        "questions": ("已交试卷的题数", "question_count 之和（已交卷）"),
        "acknowledged": ("已确认保存的次数", "acked_seq 之和"),
        "kept": ("留存的答案", "answers 中非空的条数之和"),
    },
    "抓拍画面": {
        "due": ("应抓拍", "由 snapshot_seed、segments、policy 推算，至交卷"),
        "asked": ("已索取", "asked 或 verdicts 中的 slot 数之和"),
        "judged": ("已判定", "verdicts 中除 missing、system_gap"),
        "match": ("　本人", "verdicts = match"),
        "against": ("　多人、非本人、旧照片", "verdicts = several、mismatch、replayed"),
        "unusable": ("　无人、无法比对、不能确定", "verdicts = no_face、unclear、uncertain"),
        "missing": ("缺失（考生未上传）", "verdicts = missing"),
        "gaps": ("系统空缺（我方未能判定）", "verdicts = system_gap"),
        "gaps_accepted": ("　其中已由人工接受", "accepted_gaps 条数之和"),
        "unsettled": ("尚无结论", "应抓拍减去 verdicts 条数"),
    },
    "离开页面": {
        "switches": ("切屏次数", "switches 条数之和"),
        "switched": ("切过屏的人次", "switches 非空"),
        "short_absences": ("短暂离开（不计）", "short_absences 之和"),
        "silent": ("页面沉默次数", "silences.times 之和"),
    },
    "监考标记": {
        "invalidated_by_rule": (
            "按规则直接不合格",
            "integrity.state = invalidated，decisions 无该 rule",
        ),
        "flags_upheld": ("人工核实属实", "decisions 中 state = invalidated"),
        "flags_cleared": ("人工核实排除", "decisions 中 state = clear"),
        "flags_overturned": ("投诉成立而撤销", "decisions 中 state = overturned"),
        "flags_open": ("待核实", "integrity.state = flagged"),
        "flag_median_s": ("处理用时中位数", "时间线 integrity = flagged 至 decisions.at"),
    },
    "投诉与工单": {
        "complaints": ("投诉", "cases 中 kind = complaint"),
        "complaints_upheld": ("　成立", "state = accepted"),
        "complaints_rejected": ("　不成立", "state = rejected"),
        "complaints_open": ("　待处理", "state = open"),
        "complaint_median_s": ("投诉处理用时中位数", "opened_at 至 ruling.at"),
        "tickets": ("工单", "cases 中 kind = ticket"),
        "tickets_accepted": ("　通过", "state = accepted"),
        "tickets_rejected": ("　不通过", "state = rejected"),
        "tickets_open": ("　待处理", "state = open"),
        "ticket_median_s": ("工单处理用时中位数", "opened_at 至 ruling.at"),
    },
    "操作与事件": {
        "commands": ("对单个考生的操作", "audit 条数之和（每轮最多留 20 条）"),
        "orders": ("全场操作", "考试的 orders 条数"),
        "compensated_min": ("全场加时（分钟）", "orders.extra_ms 之和"),
        "announcements": ("通知（全场与个人）", "announcements 与 personal 条数"),
        "help_requests": ("请求帮助", "help.number 之和"),
        "failed_preflights": ("未通过的考前检查", "preflight_… 中 ok = false"),
    },
}

# --- the operators' page --------------------------------------------------------------------------------

REASON: Final = "用途（2–500 字，永久留存）"
MAKE: Final = "出具考试日报告"
MAKE_SURE: Final = "按现在的数据出具一份签名的考试日报告？以后再出具的是另一份。"
WHAT: Final = "一份 PDF：答案、抓拍、切屏、标记、投诉、工单与操作的数字，每个都写明出处，带数字签名，不含考生个人信息。"
EARLY: Final = "全场结束后才能出具。"
HEADS_MADE: Final = ("时间", "运营人员", "用途", "状态")
WAITS: Final = "正在签发，稍后刷新"
OPEN: Final = "打开 PDF"
BACK_TO_EXAM: Final = "返回考试"
MADE_TITLE: Final = "已出具的报告"
REFRESH: Final = "刷新"
