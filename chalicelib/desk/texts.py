"""All texts of the operators' dashboard, in Chinese (zh-CN)."""

from typing import Any, Final

from chalicelib.attempts.texts import SUBMITTED_BY
from chalicelib.proctoring.texts import RULES_BROKEN

# --- everywhere -----------------------------------------------------------------------------------------

NOT_UNDERSTOOD: Final = "无法识别这个请求，请刷新后重试"
NO_ENDPOINTS: Final = "小组件缺少参数 endpoints：请从仪表板 Kaochang-Home 打开，或照它的参数填写"
REFRESH: Final = "刷新"
BACK: Final = "返回"
BACK_TO_LIST: Final = "返回列表"
BACK_TO_LIVE: Final = "返回考试实况"
LOOK: Final = "查看"
BEFORE: Final = "上一页"
AFTER: Final = "下一页"
PAGE: Final = "第 {number} / {pages} 页"
SECONDS_AGO: Final = "{number} 秒前"
MINUTES_AGO: Final = "{number} 分钟前"
HOURS_AGO: Final = "{number} 小时前"
SECONDS: Final = "{number} 秒"
MINUTES: Final = "{number} 分钟"
NO_PICTURE: Final = "无画面"
WHOLE_PICTURE: Final = "原图（1 分钟内有效）"
ALL: Final = "全部"
NONE: Final = "无"

# --- words of states ------------------------------------------------------------------------------------

PHASES: Final = {
    "upcoming": "未开始",
    "waiting": "候考中",
    "running": "考试中",
    "ended": "已结束",
}
STANDINGS: Final = {
    "flagged": "待核实",
    "not_watched": "待系统补判",
    "started": "作答中",
    "opened": "未开始作答",
    "invalidated": "不合格（监考）",
    "submitted": "已交卷",
}
CAUSES: Final = SUBMITTED_BY
RULES: Final = RULES_BROKEN
RULE_HELP: Final = {
    "several_people": "画面中有没有第二个人在场？",
    "other_person": "画面中的人与左边的比对照片是不是同一个人？",
    "replayed": "画面是不是现场拍摄的？同一张照片再次出现、或与证件照相同，说明可能没有用摄像头拍摄。",
    "snapshots_missing": "考生的页面没有交来这些画面。时间线里有没有断网或崩溃？",
    "unseen": "这些画面里看不到可以比对的人。人是不是离开了座位，镜头是不是被挡住？",
}
FRAMES_OF: Final = "{number} 张"
OTHER_RULES: Final = "抓拍还触发了下面的规则，每条分别处理："
LIKENESS: Final = (
    "与比对照片相像",
    "与比对照片比较像，不能确定",
    "与比对照片不太像，不能确定",
    "与比对照片不像",
)
FRAME_REASONS: Final = {
    "id_photo": "与登记照片是同一张",
    "other_person": "与他人的照片是同一张",
    "earlier_frame": "与本人以前的画面是同一张",
    "dark": "太暗",
    "backlight": "背光",
    "covered": "镜头被遮挡",
    "blurred": "模糊",
    "face_too_small": "离镜头太远",
    "turned": "转头",
    "tilted": "歪头",
    "empty": "空文件",
    "too_large": "文件太大",
    "not_a_picture": "不是图片",
    "heic": "不是照片格式（HEIC）",
    "unsupported_format": "图片格式不支持",
    "animated": "动图",
    "too_many_pixels": "像素太多",
    "truncated": "图片不完整",
}
INTEGRITY: Final = {
    "clear": "正常",
    "not_watched": "系统原因，未能监考",
    "flagged": "待核实",
    "invalidated": "不合格",
    "overturned": "投诉获支持，已撤销",
}
OUTCOMES: Final = {"passed": "合格", "failed": "不合格（成绩）", "invalidated": "不合格（监考）"}
CHECKPOINTS: Final = {
    "day_before": "开考前 24 小时",
    "two_hours_before": "开考前 2 小时",
    "opening": "候考开放时",
}
TROUBLES: Final = {
    "face_check": "身份核验不通过",
    "id_number_taken": "证件号码已被使用",
    "camera": "摄像头",
    "network": "网络",
    "other": "其他",
}
PICTURES: Final = {
    "failure_page": "失败页截图",
    "id_portrait": "身份证人像页",
    "enrolled": "证件照",
    "roster": "名单照片（主办方提供）",
    "picture_1": "图片 1",
    "picture_2": "图片 2",
    "picture_3": "图片 3",
}
KINDS: Final = {
    "hidden": "切换标签页或最小化",
    "blur": "切换窗口或弹窗遮挡",
    "fullscreen": "退出全屏",
    "page_lost": "页面关闭、刷新或崩溃",
}
VERIFICATIONS: Final = {
    "pending": "等待照片",
    "judging": "核验中",
    "passed": "通过",
    "failed": "未通过",
    "not_run": "未进行（机会已退还）",
}
STEPS: Final = {"notice": "考试须知", "camera": "设备检测", "network": "网络环境检测"}

# --- exams ----------------------------------------------------------------------------------------------

NO_EXAMS: Final = "还没有发布考试。发布方法：把考试包放入 dropbox 存储桶，再调用 publish_exam。"
ENDED_EXAMS: Final = "已结束的考试"
NO_ENDED_EXAMS: Final = "还没有已结束的考试"
CURRENT_EXAMS: Final = "未结束的考试"
FIRST_PAGE: Final = "第一页"
EXAM_HEADS: Final = ("考试", "状态", "开考", "谁可以参加", "考前检查", "")
LIVE: Final = "实况"
ADJUST: Final = "调整"
COMING_CHECK: Final = "待检查（{at}）"
CHECKED_WELL: Final = "正常"
EXAM_ABOUT: Final = ("考试", "编号", "状态", "开考", "入场截止", "全场结束", "题数", "谁可以参加")
PRACTICE_PHASE: Final = "试考，随时开放"
ALWAYS: Final = "不限"
PRACTICES: Final = "试考情况"
PRACTICES_COUNT: Final = "统计谁已试考"
PRACTICES_AGAIN: Final = "重新统计"
PRACTICE_LISTED: Final = "名单人数"
PRACTICE_TRIED: Final = "已试考"
PRACTICE_NOT_TRIED: Final = "未试考"
PRACTICE_FAILED: Final = {
    "camera": "摄像头不行",
    "network": "网络不行",
    "face": "人脸核验不行",
}
PRACTICE_BEYOND: Final = "名单很长，最后 {n} 人没有统计"
PRACTICE_IN_TROUBLE: Final = "试考没有通过的 {n} 人"
PRACTICE_UNTRIED: Final = "已注册、还没有试考的 {n} 人"
PRACTICE_CUT: Final = "只列出前 {n} 人"
PRACTICE_HEADS: Final = ("姓名", "手机", "单位", "试考时间", "没有通过的")
PRACTICE_NOTE: Final = (
    "只统计开考前 30 天内的试考，每人以最近一次为准。未试考的人数包括还没有注册的人。"
)
SITTING: Final = "{sitting}（系列 {series}）"
SERIES: Final = "系列 {series} 的场次"
SITTING_HEADS: Final = ("场次", "考试", "状态", "开考", "名单 / 容量", "")
THIS_SITTING: Final = "本场"
OPEN_SITTING: Final = "按身份开放，不设容量"
PLACES_TAKEN: Final = "{listed} 人，不限容量"
PLACES_OF: Final = "{listed} / {capacity} 人"
FULL: Final = "，已满"
NO_RETAKE: Final = "每人只能参加一次，没有补考"
MOST_TRIES: Final = "每人最多 {tries} 次（含第一次）"
AFTER_DAYS: Final = "两次间隔 {days} 天"
ONLY_FAILED: Final = "已合格的不能再考"
ALSO_PASSED: Final = "已合格的也可以再考"
COUNTS_BEST: Final = "以最好的一次为准"
COUNTS_LAST: Final = "以最后一次为准"
ORDERS: Final = "已下达的调整"
ORDER_HEADS: Final = ("时间", "内容", "运营人员", "理由", "落实")
ORDER_COMPENSATE: Final = "全场加时 {minutes} 分钟"
ORDER_RESCHEDULE: Final = "改期至 {at}"
ORDER_CORRECT_KEY: Final = "更正答案，重新判分"
FOLLOWED: Final = "已落实"
FOLLOWING: Final = "落实中"
EXAM_COMMANDS: Final = "整场考试的操作"
PREVIEW: Final = "预览试题"
PREVIEW_SURE: Final = "预览页上有全部试题和答案，请勿外传。现在打开？"
OPEN: Final = "打开预览"
LINK_ENDS: Final = "（链接一分钟内有效，过后请重新预览）"
COMPENSATE: Final = "全场加时"
COMPENSATE_SURE: Final = "给本场全部考生加时？此操作不能撤销。"
RESCHEDULE: Final = "改期"
RESCHEDULE_SURE: Final = "改变开考时间？已打开考试的考生会一同改期。"
NEW_START: Final = "新的开考时间（北京时间）"
EXTRA_FOR_ALL: Final = "加时（分钟）"

# --- live -----------------------------------------------------------------------------------------------

LIVE_TOLD: Final = "{phase} · 开考 {start} · 数据截至 {now}"
NO_LIVE_EXAM: Final = "现在没有候考中或考试中的考试"
NOBODY_YET: Final = "还没有考生打开考试"
NOBODY_SO: Final = "没有这样的考生"
OPENED_IN_ALL: Final = "已打开"
LIVE_HEADS: Final = ("考生", "状态", "最近动静", "截止", "已答", "切屏", "抓拍", "监考", "")
SNAPSHOTS_OF: Final = "{judged}/{due} 张"
ANSWERED_OF: Final = "{answered}/{count}"
SEEN_NOTE: Final = (
    "“最近动静”为考生页面最近一次保存答案、上报或被要求抓拍的时间；"
    "页面在线但没有新内容时不写入数据库，在线人数见“在线页面”图表。"
    "“沉默”指考试中超过 3 个报到间隔没有任何消息，仅作参考，不计切屏。"
)
OTHER_EXAMS: Final = "其他考试："

# --- announcements and help -----------------------------------------------------------------------------

HELP_OPEN: Final = "请求帮助（{number}）"
HELP_HEADS: Final = ("考生", "原因", "何时", "")
HELP_REASONS: Final = {
    "camera": "摄像头问题",
    "network": "网络问题",
    "display": "题目显示不正常",
    "unwell": "身体不适",
    "other": "其他问题",
}
HELP_ANSWER: Final = "去回复"
HELP_REPLY: Final = "回复求助"
HELP_ANSWERED: Final = "已回复"
HELP_CLOSED: Final = "交卷时未回复"
WAITED: Final = "已等 {time}"
ANNOUNCEMENTS: Final = "全场通知"
NO_ANNOUNCEMENTS: Final = "还没有发过全场通知"
ANNOUNCEMENT_HEADS: Final = ("序号", "时间", "内容", "运营人员", "已读", "")
ANNOUNCEMENT_TEXT: Final = "通知内容（最多 {most} 字，一行文字）"
ANNOUNCE_TO_ALL: Final = "发全场通知"
ANNOUNCE_TO_ALL_SURE: Final = "向本场全部考生发出这条通知？发出后不能撤回。"
ANNOUNCE_TO_ONE: Final = "通知该考生"
READ_OF: Final = "{read}/{count}"
READ: Final = "已读"
READ_UP_TO: Final = {
    "for_all": "全场通知至第 {number} 条",
    "personal": "给本人的通知至第 {number} 条",
}
UNREAD: Final = "未读"
WHO_READ: Final = "谁已读"
READERS: Final = "第 {number} 条通知：未读的在前"
READER_HEADS: Final = ("考生", "回执", "")
PERSONAL: Final = "给该考生的通知"
PERSONAL_HEADS: Final = ("时间", "内容", "回执")

LIVE_SEARCH: Final = "在本场找考生"
ALSO_LIVE: Final = "同时进行的考试："
EXAM_ON: Final = "{title}（{phase}）"
EXAM_WITH_PEOPLE: Final = "{title}（{phase}，{number} 人未交卷）"

# --- people ---------------------------------------------------------------------------------------------

PEOPLE_HELP: Final = (
    "用对方报的手机号、证件号码、姓名、证书编号或工单编号查找。空格、短横线、大小写、全角和“证书编号：”之类的前缀都可以，"
    "也可以整段粘贴，最多 3 个号码。选了考试，还可以用证件号码后四位（护照等短号码用后两位）。"
    "每次查找都会记录是谁、查了什么、何时、有没有找到。"
)
LOOK_FOR: Final = "手机号、证件号码、姓名、证书编号、工单编号或记录编号"
LOOK_IN: Final = "考试（按姓名或证件号码后几位查找时必选）"
LOOK_IN_NONE: Final = "不限"
FIND: Final = "查找"
PROOF_HOLDS: Final = "已验证身份，10 分钟内可以继续查找，不用再填动态码。"
QUERY_KINDS: Final = {
    "phone": "手机号",
    "id_number": "证件号码",
    "number_end": "证件号码后几位",
    "name": "姓名",
    "certificate": "证书编号",
    "case": "工单或投诉编号",
    "attempt": "考试记录编号",
}
LOOKED_FOR: Final = "按{kind} {value}"
NOBODY_FOUND: Final = "{looked}，没有找到人"
SAME_PERSON: Final = "{looked}，找到的是同一人"
PEOPLE_FOUND: Final = "{looked}，找到 {number} 人"
MORE_PEOPLE: Final = "还有考生没有列出，请改用手机号或完整的证件号码"
NOT_FOUND: Final = {
    "phone": (
        "与对方核对号码：须是注册时的手机号，可能不是现在打来的这个",
        "改用证件号码或证书编号查找",
        "对方可能还没有注册：请对方在首页“新用户注册”",
    ),
    "id_number": (
        "与对方核对号码，注意末位的 X",
        "改用手机号查找：对方可能注册了，但还没有保存证件号码",
        "对方可能用另一种证件登记（例如护照）",
    ),
    "number_end": (
        "须是打开这场考试时证件号码的后四位（护照等短号码为后两位）",
        "对方可能还没有打开这场考试，或参加的是另一场：请换一场再查",
        "改用手机号、完整的证件号码或记录编号",
    ),
    "name": (
        "姓名须与登记的完全一致，请核对同音字和少数民族姓名的间隔号",
        "对方可能还没有打开这场考试，或参加的是另一场：请换一场再查",
        "在启用姓名查找之前打开的考试查不到：改用手机号或证件号码",
    ),
    "certificate": ("与对方核对编号：SX 开头，四位年份，然后四组字符", "改用手机号或证件号码查找"),
    "case": ("与对方核对编号：tk 或 cp 开头，然后三组字符", "改用手机号或证件号码查找"),
    "attempt": ("编号区分大小写，请复制粘贴", "改用手机号或证件号码查找"),
}
NAMELESS: Final = "（还没有填写姓名）"
SHOW_PERSON: Final = "查看此人的全部记录"
PERSON_ABOUT: Final = {
    "phone": "手机",
    "id_number": "证件号码",
    "organisation": "所属单位",
    "role": "身份",
    "photo": "证件照",
    "missing": "身份信息还缺",
    "account": "账号编号",
}
HAS_PHOTO: Final = "已上传"
HAS_NO_PHOTO: Final = "没有"
PROFILE_FIELDS: Final = {
    "id_photo": "证件照",
    "name": "姓名",
    "id_type": "证件类型",
    "id_number": "证件号码",
    "role": "身份",
    "organisation": "所属单位",
    "region": "所属地区",
}
PERSON_ATTEMPTS: Final = "考试（{number}）"
PERSON_ATTEMPT_HEADS: Final = ("考试", "轮次", "状态", "打开", "截止", "监考结论", "")
NO_ATTEMPTS: Final = "没有打开过考试"
MORE_ATTEMPTS: Final = "更早的考试没有列出"
PERSON_CASES: Final = "工单与投诉（{number}）"
PERSON_CASE_HEADS: Final = ("编号", "内容", "状态", "提交", "")
NO_CASES: Final = "没有提交过工单或投诉"
COMPLAINT_WORD: Final = "投诉"
PERSON_CERTIFICATES: Final = "证书（{number}）"
PERSON_CERTIFICATE_HEADS: Final = ("编号", "考试", "通过日期", "状态", "")
NO_CERTIFICATES: Final = "没有证书"
VERIFICATION_PAGE: Final = "查验页"
CERTIFICATE_STATUSES: Final = {
    "valid": "有效",
    "suspended": "已暂停",
    "revoked": "已撤销",
    "superseded": "已被新版取代",
    "unconfirmed": "无法确认",
}

# --- one attempt ----------------------------------------------------------------------------------------

ATTEMPT_NUMBER: Final = "考试记录编号（at_…）"
ATTEMPT_WANTED: Final = "输入考试记录编号查看一位考生；编号见实况列表、工单和投诉。"
ATTEMPT_ABOUT: Final = {
    "name": "姓名",
    "id_number": "证件号码",
    "organisation": "所属单位",
    "exam": "考试",
    "number": "记录编号",
    "practice": "试考，不计成绩",
    "round": "轮次",
    "state": "状态",
    "opened": "打开",
    "started": "开始作答",
    "deadline": "截止",
    "submitted": "交卷",
    "seen": "最近动静",
    "chances": "核验机会",
    "switches": "切屏",
    "silences": "页面沉默",
    "help": "请求帮助",
    "announcements": "通知已读",
    "integrity": "监考结论",
    "waiver": "免人脸核验",
}
CHANCES_LEFT: Final = (
    "剩余 {left}，共 {granted}（开考前）；剩余 {left_after}，共 {granted_after}（返回考试）"
)
SWITCHES_OF: Final = "{number} / {limit}"
SILENT: Final = "沉默 {times} 次，最长 {seconds} 秒"
SNAPSHOTS: Final = "抓拍（{number} 张）"
NO_SNAPSHOTS: Final = "还没有已判定的抓拍"
TIMELINE: Final = "时间线"
TIMELINE_HEADS: Final = ("时间", "发生了什么")
TIMELINE_WHOLE: Final = "证据链完整"
TIMELINE_BROKEN: Final = "证据链有问题：{problems}"
NO_TIMELINE: Final = "还没有记录"
VERIFY: Final = "核对证据"
VERIFIED: Final = "证据核对"
EVIDENCE_WHOLE: Final = "{number} 条记录与签名、答案、判定、成绩和封存一致，未见改动"
EVIDENCE_TOUCHED: Final = "有 {number} 处对不上"
EVIDENCE_HEADS: Final = ("记录时间", "哪里对不上")
EVIDENCE_OLDER: Final = "另有 {number} 条记录写于启用签名之前，只能核对其哈希链。"
EVIDENCE_PROBLEMS: Final = {
    "entry_changed": "第 {version} 条记录被改动",
    "entry_forged": "第 {version} 条记录不是本系统写的（签名不符）",
    "entry_unsigned": "第 {version} 条记录缺少签名",
    "entry_unlinked": "第 {version} 条记录之前的记录不见了",
    "entries_missing": "缺少第 {about} 条记录",
    "newest_missing": "缺少最新的第 {about} 条记录（刚发生的变化可能还在路上，一分钟后再核对一次）",
    "item_rewound": "考试数据停在第 {about} 版，而时间线已到第 {version} 条：数据被退回",
    "attribute_changed": "考试数据的 {about} 与时间线不符",
    "attribute_unrecorded": "考试数据的 {about} 还没有对应的记录（一分钟后再核对一次）",
    "answer_changed": "第 {about} 题的答案与交卷时不同",
    "answers_changed": "答案与交卷时不同",
    "verdict_changed": "第 {about} 张抓拍的判定与时间线不符",
    "findings_changed": "判定依据 {about} 被改动",
    "findings_missing": "判定依据 {about} 不见了",
    "findings_unrecorded": "判定依据 {about} 不属于任何抓拍或核验",
    "submitted_again": "第 {version} 条记录是再次交卷：答案在交卷后被改写",
    "fixed_changed": "第 {version} 条记录改写了不再变动的 {about}",
    "verdict_replaced": "第 {version} 条记录改写了第 {about} 张抓拍已有的判定",
    "result_changed": "成绩的 {about} 与答案、试卷、标准答案算出的不同",
    "result_missing": "没有成绩（刚交卷时一分钟后再核对一次）",
    "paper_changed": "题库 {about} 或它的标准答案被改动或不见了，无法重新计分",
    "picture_changed": "第 {about} 题（或它的材料）的图片不见了，或与发布时不同",
    "seal_differs": "第 {version} 条记录与证据桶里的封存不同",
    "seal_missing": "第 {version} 条记录在证据桶里没有封存",
}
# With these problems an entry proves nothing, and neither does a fact that only this entry has.
EVIDENCE_VOUCHES: Final = frozenset({"entry_changed", "entry_forged", "entry_unsigned"})
EVIDENCE_VOUCHED: Final = "；它记下的内容无从证明：{about}"
COMMANDS: Final = "操作"
OPERATOR: Final = "运营人员（登记的姓名或工号）"
CODE: Final = "动态码（6 位）"
REASON: Final = "理由（2–500 字，记入时间线）"
GRANT: Final = "增加核验机会"
GRANT_COUNT: Final = "次数"
EXTEND: Final = "延长作答时间"
EXTEND_MINUTES: Final = "分钟"
REOPEN: Final = "重新开放一轮"
REOPEN_ALLOWED: Final = "作答分钟"
REOPEN_ENTRY: Final = "须在几分钟内进入"
SURE: Final = "确定要“{what}”吗？"

FACTS: Final = {
    "opened": "打开考试",
    "round": "打开第 {round} 轮考试",
    "check_in": "考前确认第 {number} 次：{steps}",
    "check_in_began": "开始第 {number} 次考前确认",
    "verification": "身份核验：{state}",
    "admitted": "进入考场（第 {page} 次）",
    "started": "开始作答，截止 {deadline}",
    "deadline_moved": "截止时间改为 {deadline}",
    "silent": "页面沉默 {times} 次，最长 {seconds} 秒（仅作参考，不计切屏）",
    "absence": "离开页面 {seconds} 秒（{kind}），{counted}",
    "switch": "切屏第 {number} 次（{kind}）",
    "switch_away": "切屏第 {number} 次（{kind}），离开 {seconds} 秒",
    "snapshot_asked": "要求第 {slot} 张抓拍",
    "snapshot_verdict": "第 {slot} 张抓拍：{verdict}",
    "integrity": "监考结论：{state} {rule}",
    "command": "运营操作：{command}（{operator}：{reason}）",
    "announced": "收到全场通知第 {number} 条",
    "announced_personally": "收到给本人的通知第 {number} 条：{text}",
    "announcements_read": "确认已读{read}",
    "help_asked": "第 {number} 次请求帮助：{reason}",
    "help_answered": "第 {number} 次求助已回复",
    "submitted": "交卷（{cause}），已答 {answered} 题",
    "published": "公布结果，可投诉至 {complaint_until}",
}
COUNTED: Final = {True: "计入切屏", False: "未计入切屏"}
COMMAND_NAMES: Final = {
    "grant_chances": "增加核验机会",
    "extend_time": "延长作答时间",
    "reopen_attempt": "重新开放一轮",
    "confirm_flag": "核实监考标记",
    "accept_gaps": "接受系统未判定的画面",
    "announce": "通知该考生",
    "answer_help": "回复求助",
    "decide_complaint": "处理投诉",
    "decide_ticket": "处理工单",
    "correct_ticket": "更正工单",
    "waive_face_check": "免人脸核验",
    "compensate": "全场加时",
    "compensate_exam": "全场加时",
    "reschedule": "改期",
    "reschedule_exam": "改期",
}

# --- frames that we failed to judge -------------------------------------------------------------------

GAPS_TOLD: Final = "{number} 张画面因系统原因没有判定：成绩为暂定，不发证书"
JUDGE_GAPS: Final = "重新判定"
JUDGE_GAPS_SURE: Final = "把这些画面重新送去判定？先排除故障，判定结果会取代缺口。"
ACCEPT_GAPS: Final = "接受缺口"
ACCEPT_GAPS_SURE: Final = "接受这些画面没有判定？成绩不再等待它们，也不计入考生的责任。"

# --- flags ----------------------------------------------------------------------------------------------

NO_FLAGS: Final = "没有待核实的监考标记"
FLAG_HEADS: Final = ("考生", "考试", "待核实", "依据", "状态", "")
FLAG_FRAMES: Final = "依据的画面"
REFERENCE: Final = "比对照片"
CONFIRM: Final = "核实属实（不合格）"
CLEAR: Final = "不属实（清除标记）"
CONFIRM_SURE: Final = "核实属实？该考生的成绩将变为不合格，考生可以投诉。"
CLEAR_SURE: Final = "清除这个监考标记？"

# --- cases ----------------------------------------------------------------------------------------------

COMPLAINTS_OPEN: Final = "投诉（{number}）"
TICKETS_OPEN: Final = "工单（{number}）"
NO_COMPLAINTS: Final = "没有待处理的投诉"
NO_TICKETS: Final = "没有待处理的工单"
CASE_HEADS: Final = ("编号", "提交", "内容", "")
HANDLE: Final = "处理"
COMPLAINT: Final = "投诉 {number}"
TICKET: Final = "工单 {number}"
WORDS_OF_CANDIDATE: Final = "考生的话"
PICTURES_OF_CANDIDATE: Final = "考生提供的图片"
NO_PICTURES: Final = "没有图片"
FRAMES_AGAINST: Final = "作为依据的抓拍画面"
NO_FRAMES: Final = "本次结果没有抓拍依据（按成绩判定）"
CASE_ABOUT: Final = {
    "name": "姓名",
    "id_number": "证件号码",
    "organisation": "所属单位",
    "phone": "手机",
    "at": "提交时间",
    "trouble": "问题",
    "exam": "考试",
    "attempt": "考试记录",
    "outcome": "成绩",
    "score": "得分",
    "cause": "交卷方式",
    "integrity": "监考结论",
    "published": "结果公布",
    "decided": "已有核实",
}
SCORE: Final = "{points:g} / {out_of:g}"
DECIDED: Final = "{operator}：{reason}"
UPHOLD: Final = "支持"
REJECT: Final = "驳回"
UPHOLD_SURE: Final = "支持这个投诉？结果将恢复，并以短信通知考生。"
REJECT_SURE: Final = "驳回这个投诉？结果维持，并以短信通知考生。"
REASON_TOLD: Final = "理由（2–500 字，会告知考生）"
REJECT_TICKET: Final = "不通过"
REJECT_TICKET_SURE: Final = "不通过这个工单？考试没有变化；理由会告知考生，并发一条短信。"
TICKET_GRANTS: Final = {
    "admission": "通过：免人脸核验入场",
    "entry": "通过：只延长入场时间",
    "chances": "通过：增加核验机会",
    "time": "通过：延长作答时间",
    "nothing": "只回复，不改变考试",
}
TICKET_SURE: Final = {
    "admission": (
        "通过后，考生不再做人脸核验就能进入考场；抓拍改与所选的照片比对，比对不符只记录、不追究。"
        "考生的页面会自动继续，并收到一条短信。确定吗？"
    ),
    "entry": "通过后，该考生可以在这几分钟内开始考试，仍须做人脸核验。考生会收到一条短信。确定吗？",
    "chances": "通过后，该考生多出这些核验机会，仍须做人脸核验。考生会收到一条短信。确定吗？",
    "time": "通过后，该考生的作答时间延长这些分钟，不能收回。考生会收到一条短信。确定吗？",
    "nothing": "只把理由告知考生，不放行、不增加机会和时间。考生会收到一条短信。确定吗？",
}
CHOOSE_PHOTO: Final = "请选择（免核验入场必选）"
ADMIT_WITH: Final = "入场后抓拍与哪张照片比对"
ENTER_WITHIN: Final = "须在几分钟内开始（免核验入场可不填）"
TICKET_WITHOUT_ATTEMPT: Final = "这个工单不针对某次正式考试（例如来自试考），只能回复或不通过"
TICKET_SUBMITTED: Final = "该考生已经交卷，只能回复或不通过"
TICKET_WAITING: Final = "该考生还没有开始考试：须在 {entry} 前开始，剩余核验机会 {left} / {granted}"
TICKET_STARTED: Final = "该考生正在考试：截止 {deadline}，返回考试的核验机会剩余 {left} / {granted}"
CORRECT_TICKET: Final = "更正处理结果（只能更正一次）"
CORRECT_NOTE: Final = (
    "处理有误时，在这里重新处理：新的决定取代上一个，考生会再收到一条短信。没有用过的放行和机会会收回；"
    "已经用过的、已给的入场时间和作答时间不能收回，考生看到的说明会写明。"
)
FIRST_DECIDED: Final = "上一个决定（已更正）：{state}（{operator}：{reason}）"
CANDIDATE_TOLD: Final = "考生看到：{told}"
UNUSABLE: Final = "不能用于比对"
CASE_DECIDED: Final = "已处理：{state}（{operator}：{reason}）"
COMPLAINT_STATES: Final = {"open": "处理中", "accepted": "支持", "rejected": "驳回"}
TICKET_STATES: Final = {"open": "处理中", "accepted": "通过", "rejected": "不通过"}

# --- operators ------------------------------------------------------------------------------------------

NO_OPERATORS: Final = (
    "还没有登记运营人员，投诉、标记、工单等都不能处理。第一位直接登记；以后每一位由已登记的人员填写动态码登记。"
    "请至少登记两位：核实标记的人不能处理同一考生的投诉。"
)
OPERATORS_NOTE: Final = (
    "一人一个姓名、一个工号、一部手机。每个动态码只能用于一次操作；谁登记或更换了谁，都记录在此。"
)
OPERATOR_HEADS: Final = ("姓名", "工号", "状态", "登记", "最近变更", "")
OPERATOR_STATES: Final = {"active": "可用", "retired": "已停用"}
OPERATOR_CHANGES: Final = {
    "add_operator": "登记",
    "renew_operator": "更换动态码",
    "retire_operator": "停用",
}
CHANGED_BY: Final = "{at} {what}（{by}：{reason}）"
NOBODY: Final = "首位"
OPERATOR_COMMANDS: Final = "登记与变更"
REASON_SHORT: Final = "理由（2–100 字）"
NEW_NAME: Final = "新成员的姓名"
NEW_NUMBER: Final = "新成员的工号"
ADD_OPERATOR: Final = "登记"
ADD_OPERATOR_SURE: Final = "登记这位运营人员？二维码只显示一次，请让本人当面扫描。"
RENEW_OPERATOR: Final = "更换动态码"
RENEW_OPERATOR_SURE: Final = (
    "更换 {name} 的动态码？原来的立即失效，二维码只显示一次，请让本人当面扫描。"
)
RETIRE_OPERATOR: Final = "停用"
RETIRE_OPERATOR_SURE: Final = "停用 {name}？停用后不能再作任何决定。"
QR_CODE: Final = "动态码的二维码：{name}"
QR_HELP: Final = (
    "请本人现在用手机上的身份验证器（支持 TOTP，例如 Microsoft Authenticator、FreeOTP）扫描。"
    "二维码和密钥只显示这一次，离开后不能再看；不要截图，不要代扫。"
)
BY_HAND: Final = "不能扫描时手工输入密钥："

# --- answers to commands --------------------------------------------------------------------------------

DONE: Final = {
    "grant_chances": "已增加核验机会",
    "extend_time": "已延长作答时间，截止 {deadline}",
    "reopen_attempt": "已重新开放第 {round} 轮：{attempt_id}",
    "confirm_flag": "已记录，监考结论：{integrity}",
    "announce_to_all": "通知已发出：{reached} 人的页面将在一分钟内显示，之后打开考试的人也会看到",
    "announce_to_one": "通知已发出，考生的页面将在一分钟内显示",
    "answer_help": "已回复，考生的页面将在一分钟内显示",
    "accept_gaps": "已接受：{attempts} 位考生的 {frames} 张画面不再等待判定",
    "judge_gaps": "已送去重新判定：{attempts} 位考生的 {frames} 张画面，一两分钟后刷新查看",
    "decide_ticket": "工单已处理：{state}。考生看到：{told}",
    "decide_complaint": "投诉已处理：{state}，将以短信通知考生",
    "compensate_exam": "全场加时已下达：{followed} 人已跟随",
    "reschedule_exam": "改期已下达，开考 {starts_at}：{followed} 人已跟随",
    "correct_question": "答案已更正：重新判分后 {changed} 份试卷有变化",
    "compute_statistics": "统计已算好：{papers} 份试卷，{questions} 道题，其中 {doubtful} 道需要复核",
    "make_day_report": "报告已出具，正在签发：返回后稍等片刻，再按“刷新”",
    "preview_exam": "预览已写好：{questions} 题",
    "add_operator": "已登记：{name}（{staff_number}）",
    "renew_operator": "已更换动态码：{name}（{staff_number}），原来的动态码不再有效",
    "retire_operator": "已停用：{name}（{staff_number}）",
}
ALREADY_CLOSED: Final = "以下考生在决定之后已被收卷，请逐一“重新开放一轮”：{attempts}"
ALREADY_STARTED: Final = "以下考生在改期时已经开始，保持原计时：{attempts}"
FAILED: Final = "以下考生尚未落实，请再次执行（不会重复生效）：{attempts}"
AGAIN: Final = "再次执行"
AGAIN_CODE: Final = "再次执行需要一个新的动态码"
REFUSED: Final = "没有执行：{message}"
EDIT: Final = "返回修改"
FIELD_WRONG: Final = "“{field}”填写不正确"
FIELDS: Final = {
    "operator": "运营人员",
    "operator_code": "动态码",
    "name": "姓名",
    "staff_number": "工号",
    "reason": "理由",
    "count": "次数",
    "extra_min": "分钟",
    "allowed_min": "作答分钟",
    "entry_min": "须在几分钟内进入",
    "enter_within_min": "须在几分钟内开始",
    "admit_with": "比对照片",
    "starts_at": "新的开考时间",
    "text": "通知内容",
    "right_key": "正确答案",
}
UNKNOWN_COMMAND: Final = "没有这个操作"

# --- guides (Markdown), shown by the console when a widget is added -------------------------------------

GUIDE_LIVE: Final = """## 考试实况
请求帮助的考生、各状态人数、每位考生的最近动静、切屏与抓拍、全场通知与回执。只读；通知由命令函数发出。

参数 | 含义
---|---
**endpoints** | 各小组件的函数 ARN，由仪表板给出
**exam_id** | 固定显示某一场考试（可不填，默认为最近一场）
"""
GUIDE_ATTEMPT: Final = """## 一位考生
时间线、抓拍画面，以及给予机会与时间的表单。只读；表单由命令函数执行。

参数 | 含义
---|---
**endpoints** | 各小组件的函数 ARN，由仪表板给出
**attempt_id** | 考试记录编号（可不填，在小组件里输入）
"""
GUIDE_FLAGS: Final = """## 待核实的监考标记
近 14 天考试中需要人工核实的考生，附依据的画面。只读；决定由命令函数执行。
"""
GUIDE_CASES: Final = """## 投诉与工单
未处理的投诉和工单，附图片、画面与时间线。只读；支持或驳回由命令函数执行。
"""
GUIDE_EXAMS: Final = """## 考试与考前检查
已发布的考试、考前检查的结论、全场加时与改期。只读；调整由命令函数执行。
"""
GUIDE_OPERATORS: Final = """## 运营人员
谁可以对考生作出决定：登记、更换动态码、停用。只读；变更由命令函数执行。
"""
GUIDE_PEOPLE: Final = """## 找人
按手机号、证件号码、姓名、证书编号或工单编号查找来电的人，只显示掩码后的信息。须填写动态码；每次查找都有记录。
"""
GUIDE_COMMAND: Final = """## 运营操作
由其他小组件里的按钮调用，不单独放在仪表板上。同一个按钮按两次只执行一次；每次操作写入审计。
"""


def fact(told: dict[str, Any]) -> str:
    """Return one fact of a timeline as a sentence. An unknown fact is shown by its name."""
    form = FACTS.get(told["what"])
    return form.format_map(told) if form else str(told["what"])


def word(words: dict[str, str], value: str | None) -> str:
    """Return the Chinese word for a state. A word without a translation is returned as it is."""
    return "" if value is None else words.get(value, value)
