"""All that a person reads from the server, in Chinese (zh-CN), in one place."""

from typing import Any

ERRORS = {
    "account_unknown": "该手机号尚未注册，请先点击“新用户注册”",
    "agreements_required": "请先阅读并同意：{missing}",
    "answer_invalid": "第 {question} 题的答案无法识别，请重新作答该题",
    "absences_missing": "有较早的离开记录尚未提交，正在重新提交",
    "answers_missing": "有较早的答案尚未保存，正在重新提交",
    "attempt_submitted": "试卷已提交，可查看考试结果",
    "batch_invalid": "一次最多保存 {most} 题，请刷新后重试",
    "body_too_large": "提交的内容过大",
    "attempt_not_final": "该考生还有未结束或成绩未定的考试，不能删除",
    "busy": "操作过于频繁，请稍后重试",
    "camera_off": "请先开启摄像头",
    "captcha_wrong": "图形验证码错误或已失效，请换一张重新输入",
    "changed_meanwhile": "其他运营人员已有操作，或情况已有变化（现为版本 {version}），请刷新后再操作",
    "case_open": "该考生还有未处理完的工单或投诉，不能删除",
    "certificate_changed": "证书已有变化（现为版本 {version}），请刷新后再操作",
    "certificate_is": "证书当前状态（{state}）不能进行此操作",
    "certificate_unconfirmed": "证书记录与签名不符，不能操作，请核查数据是否被改动",
    "chances_used_up": "{chances} 次核验机会已用完，请点击“去反馈”提交工单，或拨打客服电话",
    "complaint_changed": "投诉已有变化（现为版本 {version}），请刷新后再操作",
    "complaint_decided": "该投诉已处理",
    "complaint_exists": "您已就本次结果提交过投诉，请查看处理进度",
    "complaint_too_late": "投诉期限已过",
    "complaint_window_open": "该考生的投诉期限未过，监考照片仍是证据，不能删除",
    "command_id_taken": "这个操作编号已用于另一项操作，本次没有执行；请刷新后重新填写",
    "deletion_pending": "照片正在按本人要求删除，完成后可重新上传",
    "code_wrong": "验证码错误或已失效",
    "codes_paused": "短信验证码发送量已达上限，暂时无法发送，请稍后再试",
    "entry_closed": "已超过入场时间，无法进入考试",
    "exam_changed": "考试信息已有变化（现为版本 {version}），请刷新后再操作",
    "exam_over": "整场考试已结束，不能再更换名单",
    "exam_not_started": "考试尚未开始，请在候考页面等待",
    "exam_started": "已有考生开始作答，不能调整开考时间",
    "foreign_origin": "请从考试平台页面操作",
    "id_number_invalid": "证件号码不正确，请核对证件类型和号码",
    "id_number_needed": "请填写证件号码",
    "id_number_taken": "该证件号码已被其他账号使用，如非本人操作请点击“去反馈”提交工单",
    "identity_changed": "证件号码已更换，与考试时登记的不一致",
    "identity_frozen": "考试进行期间不能修改身份信息",
    "identity_incomplete": "请先完善身份信息",
    "internal_error": "系统出现异常，请稍后重试；如一直如此，请拨打客服电话",
    "invalid_request": "提交的内容有误，请检查后重试",
    "key_invalid": "试题 {question} 不存在，或答案不符合题型",
    "key_unchanged": "更正后的答案与现行答案相同",
    "keys_shown": "整场考试已结束，答案可能已公布，不能重新开放",
    "malformed_json": "提交的内容无法识别",
    "method_not_allowed": "不支持该操作",
    "name_invalid": "姓名只能包含文字和间隔号，最多 40 个字",
    "no_gap": "没有未判定的画面",
    "no_flag": "没有待核实的监考标记",
    "number_invalid": "工号只能包含字母、数字和连字符，最多 32 位",
    "operator_code_refused": "动态码不对或已用过，请等下一个动态码再试",
    "operator_known": "这个姓名或工号已经登记",
    "operator_locked": "动态码连续输错，请 {minutes} 分钟后再试",
    "operator_needed": "已有运营人员，新增须由其中一位填写姓名和动态码",
    "operator_unknown": "没有登记这位运营人员，或已停用",
    "own_code": "不能给自己更换动态码，请由另一位运营人员操作",
    "last_operator": "这是最后一位可用的运营人员，不能停用",
    "secret_shown": "二维码只显示一次；请由另一位运营人员“更换动态码”",
    "too_many_operators": "运营人员最多登记 {most} 位",
    "nothing_to_admit": "只有通过、且针对某次考试的工单才能免人脸核验入场",
    "not_admitted_to_exam": "您不在本场考试的报名范围内，如有疑问请联系主办单位",
    "not_found": "没有找到您要的内容",
    "not_json": "提交的内容须为 JSON",
    "nonce_used": "该请求已被处理，请重新签名后再发送",
    "not_signed_in": "请先登录",
    "not_passed": "该次考试成绩不是最终合格，不能恢复证书",
    "not_submitted": "试卷尚未提交",
    "page_token_invalid": "页面凭证无效，请重新进行考前确认",
    "phone_invalid": "请输入正确的大陆手机号",
    "phone_taken": "该手机号已注册，请直接登录",
    "photo_unusable": "这张图片不能作为比对照片（{reason}）",
    "provider_linked": "您在该平台的账号已关联其他考试账号，请重新从该平台登录；如非本人操作，请拨打客服电话",
    "provider_unavailable": "暂时无法连接{title}，请稍后重试，或使用手机快捷登录",
    "reopened_already": "该考生的考试已重新开放（第 {round} 轮：{attempt_id}）",
    "roster_photo_missing": "主办方的名单里没有这位考生的照片",
    "roster_photo_superseded": "更晚上传的照片已经生效，这一张没有采用",
    "roster_photos_not_used": "本场考试不用名单照片（考试设置 policy 里没有 face_reference: roster），没有保存任何照片",
    "roster_not_used": "本场考试按身份开放（audience），没有名单可以更换",
    "roster_opened": "名单去掉了 {count} 名已打开考试的人：{people}；请加回这些人",
    "roster_superseded": "更晚上传的名单已经生效，这一份没有采用",
    "round_closed": "本轮考试已结束，不能再延长时间；如需继续，请用 reopen_attempt 重新开放一轮",
    "round_open": "本轮考试尚未结束，不能重新开放；如需更多时间，请用 extend_time 延长",
    "same_operator": "您核实过该考生的监考标记，投诉须由其他运营人员处理",
    "service_busy": "系统繁忙，请稍后重试",
    "session_expired": "登录已失效，请重新登录",
    "signature_invalid": "请求签名无效",
    "sign_in_failed": "本次登录未完成或已失效，请返回考试页面，重新点击登录按钮",
    "starts_in_the_past": "新的开考时间必须晚于现在",
    "submitted_by_candidate": "试卷由考生本人提交，不能重新开放",
    "superseded": "您已在其他页面进入考试，本页面不再有效",
    "text_invalid": "请填写内容，最多 {most} 个字",
    "ticket_changed": "工单已有变化（现为版本 {version}），请刷新后再操作",
    "ticket_decided": "该工单已处理",
    "timestamp_invalid": "请求时间与服务器时间相差超过五分钟",
    "time_is_up": "考试时间已到，试卷已自动提交",
    "too_many_chances": "核验机会总数不能超过 {most} 次",
    "too_many_orders": "一场考试最多调整 {most} 次",
    "too_many_requests": "请求过于频繁，请稍后再试",
    "too_many_tickets": "您有 {most} 个工单正在处理，请等待处理结果，或拨打客服电话",
    "verification_over": "该次核验早已结束，请重新点击“开始核验”",
    "verification_pending": "上一次核验尚未完成，请稍候",
    "wait_before_retry": "多次核验未通过，请稍候再试",
    "waiting_room_not_open": "候考尚未开放，请在开放后再来",
    "wrong_entrance": "请通过考试网站访问",
    "wrong_step": "请按顺序完成考前确认",
}

PICTURES = {
    "animated": "不支持动态图片，请上传普通的 JPG 或 PNG 照片",
    "attempt_open": "考试进行期间不能更换证件照",
    "backlight": "光线从您身后照来，面部太暗，请面向光源重新拍摄",
    "blurred": "照片模糊，请保持稳定后重新拍摄",
    "covered": "画面被遮挡，请检查摄像头镜头",
    "dark": "光线不足，请到明亮的地方重新拍摄",
    "empty": "文件是空的，请重新选择照片",
    "face_too_small": "人脸太小，请靠近一些",
    "heic": "不支持 HEIC 格式，请在手机“设置-相机-格式”中选“兼容性最佳”，或转换为 JPG 后上传",
    "no_face": "没有检测到人脸，请正对镜头，不要遮挡面部",
    "not_a_picture": "文件不是图片，请上传 JPG 或 PNG 照片",
    "picture_too_small": "照片尺寸太小，至少需要 295×413 像素（一寸）",
    "several_faces": "画面中有多张人脸，请确保只有您本人",
    "tilted": "头部倾斜或照片横放，请摆正后重新拍摄或上传",
    "too_large": "文件过大，请上传 5 MB 以内的照片",
    "too_many_pixels": "照片像素过大，请缩小后上传",
    "truncated": "照片文件不完整，请重新上传",
    "turned": "请正对镜头，不要侧脸",
    "unsupported_format": "只支持 JPG 和 PNG 照片",
}

VERIFICATIONS = {
    "pending": "请上传照片",
    "judging": "正在核验，请稍候",
    "passed": "身份核验通过",
    "mismatch": "身份核验未通过：人脸与登记照片不一致",
    "uncertain": "身份核验未通过：无法确认是否为本人，请调整光线和角度后重试；登记照片戴眼镜的，请戴同一副眼镜",
    "replayed": "身份核验未通过：画面与已有照片是同一张，请用摄像头现场拍摄",
    "not_uploaded": "未收到照片，本次核验机会已退还",
    "authority_down": "身份核验机构暂时无法连接，本次核验机会已退还，请稍后重试",
    "authority_unknown": "身份核验机构无法确认您的信息，本次核验机会已退还；请核对姓名和证件号码，或点击“去反馈”",
    "engine_down": "核验服务暂时不可用，本次核验机会已退还，请稍后重试",
    "turn_not_seen": "没有看清转头动作，本次核验未进行。请按提示慢慢转头，转到位后停一下，并确保画面中只有您本人",
    "turn_wrong_way": "转头方向与提示不一致，本次核验未进行。请看清提示的方向后再转头",
    "roster_photo_missing": "主办方的名单里还没有您的照片，本次核验机会已退还；请点击“去反馈”提交工单，由工作人员处理",
}

TICKETS = {
    "open": "工单已提交，运营人员将尽快处理",
    "accepted": "工单已受理通过",
    "rejected": "工单未通过",
}

COMPLAINTS = {
    "open": "投诉已提交，处理结果将以短信通知您",
    "accepted": "投诉已获支持",
    "rejected": "投诉未获支持",
}

# What the snapshots, and what humans decided about them, mean for the result.
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

CAUSES = {
    "candidate": "",
    "deadline": "考试时间到，系统已收卷",
    "switches": "离开考试页面达到次数上限，系统已收卷",
}

# The printed words of a certificate.
CERTIFICATE = {
    "title": "合格证书",
    "statement": "参加本项考核，成绩合格，特发此证，以资证明。",
    "id_number": "证件号码",
    "score": "成绩",
    "passed_on": "合格日期",
    "number": "证书编号",
    "scan": "扫描二维码，或在查验页面输入证书编号，即可核对以上内容。",
    "signed": "本文件带有数字签名，任何改动都会使签名失效；请以电子文件为准。",
    "live": "证书是否有效，以查验页面当时显示的状态为准。",
    "seal": "合格",
}

CERTIFICATES = {
    "valid": "证书有效",
    "suspended": "证书已暂停，正在核实",
    "revoked": "证书已撤销",
    "superseded": "该版证书已被更正后的新版取代",
    "unconfirmed": "无法确认：证书记录与签名不符",
}

# Why the system itself changed a certificate; an operator's reason is in his own words.
CERTIFICATE_REASONS = {
    "flagged": "考试过程存在待核实事项",
    "invalidated": "考试成绩经认定为不合格",
    "key_corrected": "试题答案更正后，成绩未达到合格线",
    "restored": "经核实，成绩合格，证书恢复有效",
    "score_corrected": "试题答案更正，成绩已更新",
}

_NOT_RUN = "，本次核验未进行"


def error_message(code: str, details: dict[str, Any]) -> str:
    """The sentence for an error code; every code has one (a test looks)."""
    filled = {key: _readable(value) for key, value in details.items()}
    return ERRORS[code].format_map(_Forgiving(filled))


def switch_message(switch: int | None, limit: int) -> str:
    """What an absence meant."""
    if switch is None:
        return "已记录一次短暂离开，未计入切屏"
    if switch >= limit:
        return f"离开考试页面达 {limit} 次，系统已自动收卷"
    return f"您已离开考试页面，记为切屏第 {switch} 次；达 {limit} 次将自动收卷"


def ticket_message(state: str) -> str:
    """Where a ticket stands; the operator's reason is told beside it."""
    return TICKETS[state]


def complaint_message(state: str) -> str:
    """Where a complaint stands; the operator's reason is told beside it."""
    return COMPLAINTS[state]


_UNJUDGED = "还有 {gaps} 张监考画面因我方系统原因未判定，处理完成前成绩为暂定"


def reason_message(integrity: str, rule: str | None, cause: str, gaps: int = 0) -> str:
    """Why a result is as it is, beside its score: what the snapshots mean, then what closed the paper.

    `gaps`: frames that we have still to judge.
    """
    said = REASONS.get(integrity, {}).get(rule or "", "")
    waits = _UNJUDGED.format(gaps=gaps) if gaps and integrity != "not_watched" else ""
    parts = (said, waits, CAUSES[cause])
    return "；".join(part for part in parts if part)


def certificate_reason(reason: str) -> str:
    """Why a certificate stands as it does: a rule's reason as a sentence, an operator's as it was given."""
    return CERTIFICATE_REASONS.get(reason, reason)


def photo_message(reason: str) -> str:
    """Why an ID photo was refused and what to do."""
    return PICTURES[reason]


def verification_message(state: str, reason: str) -> str:
    """What became of a check."""
    if reason in PICTURES:
        return PICTURES[reason] + _NOT_RUN
    return VERIFICATIONS[reason or state]


def _readable(value: Any) -> Any:
    return "、".join(map(str, value)) if isinstance(value, list) else value


class _Forgiving(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""
