"""Texts for candidates and about attempts, in Chinese (zh-CN). Pure."""

from chalicelib.identity.texts import PICTURES
from chalicelib.proctoring.texts import REASONS

ERRORS = {
    "answer_invalid": "第 {question} 题的答案无法识别，请重新作答该题",
    "absences_missing": "有较早的离开记录尚未提交，正在重新提交",
    "answers_missing": "有较早的答案尚未保存，正在重新提交",
    "announcement_unknown": "没有这条通知，请刷新后重试",
    "attempt_submitted": "试卷已提交，可查看考试结果",
    "batch_invalid": "一次最多保存 {most} 题，请刷新后重试",
    "changed_meanwhile": "其他运营人员已有操作，或情况已有变化（现为版本 {version}），请刷新后再操作",
    "chances_used_up": "{chances} 次核验机会已用完，请点击“去反馈”提交工单，或拨打客服电话",
    "complaint_too_late": "投诉期限已过",
    "complaint_window_open": "该考生的投诉期限未过，监考照片仍是证据，不能删除",
    "command_id_taken": "这个操作编号已用于另一项操作，本次没有执行；请刷新后重新填写",
    "entry_closed": "已超过入场时间，无法进入考试",
    "exam_not_started": "考试尚未开始，请在候考页面等待",
    "exam_started": "已有考生开始作答，不能调整开考时间",
    "help_answered": "这个求助已经回复过，或试卷已提交",
    "help_open": "您的求助已收到，工作人员正在处理，请稍候",
    "help_too_soon": "刚刚请求过帮助，请过 1 分钟再试",
    "help_used_up": "本场考试最多请求帮助 {most} 次，请拨打客服电话",
    "identity_changed": "证件号码已更换，与考试时登记的不一致",
    "keys_shown": "整场考试已结束，答案可能已公布，不能重新开放",
    "no_practice": "这不是试考",
    "practice_enough_today": "今天已试考 {most} 次，请明天再试；如设备仍有问题，请拨打客服电话",
    "practice_without_help": "试考没有工作人员值守，不能请求帮助；设备有问题请点击“去反馈”或拨打客服电话",
    "practice_not_reopened": "试考不需要重新开放，考生可以随时再试一次",
    "practice_without_timeline": "试考不留时间线，也没有需要核对的记录",
    "practice_without_result": "试考不评分，没有考试结果",
    "no_gap": "没有未判定的画面",
    "no_flag": "没有待核实的监考标记",
    "not_submitted": "试卷尚未提交",
    "page_token_invalid": "页面凭证无效，请重新进行考前确认",
    "reopened_already": "该考生的考试已重新开放（第 {round} 轮：{attempt_id}）",
    "roster_photos_not_used": "本场考试不用名单照片（考试设置 policy 里没有 face_reference: roster），没有保存任何照片",
    "roster_opened": "名单去掉了 {count} 名已打开考试的人：{people}；请加回这些人",
    "round_closed": "本轮考试已结束，不能再延长时间；如需继续，请用 reopen_attempt 重新开放一轮",
    "round_open": "本轮考试尚未结束，不能重新开放；如需更多时间，请用 extend_time 延长",
    "same_operator": "您核实过该考生的监考标记，投诉须由其他运营人员处理",
    "submitted_by_candidate": "试卷由考生本人提交，不能重新开放",
    "superseded": "您已在其他页面进入考试，本页面不再有效",
    "time_is_up": "考试时间已到，试卷已自动提交",
    "entry_not_later": "该考生现有的入场截止时间更晚，填写的分钟数不会延长它；请填更多的分钟数",
    "entry_not_needed": "该考生已经开始考试，不需要延长入场时间",
    "too_many_chances": "核验机会总数不能超过 {most} 次",
    "verification_over": "该次核验早已结束，请重新点击“开始核验”",
    "verification_pending": "上一次核验尚未完成，请稍候",
    "wait_before_retry": "多次核验未通过，请稍候再试",
    "waiting_room_not_open": "候考尚未开放，请在开放后再来",
    "wrong_step": "请按顺序完成考前确认",
}

# The result of a check, by its state or by the reason why it failed or did not run.
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

# What submitted a paper, by `Cause`: in a word for operators.
SUBMITTED_BY = {"candidate": "考生提交", "deadline": "到时收卷", "switches": "切屏收卷"}
# The same in sentences for the candidate.
CAUSES = {
    "candidate": "",
    "deadline": "考试时间到，系统已收卷",
    "switches": "离开考试页面达到次数上限，系统已收卷",
}

_NOT_RUN = "，本次核验未进行"

_UNJUDGED = "还有 {gaps} 张监考画面因我方系统原因未判定，处理完成前成绩为暂定"


def switch_message(switch: int | None, limit: int, *, practice: bool = False) -> str:
    """Return the message about an absence. `switch`: its number; None when the absence was too short to count."""
    if switch is None:
        return "已记录一次短暂离开，未计入切屏"
    if practice:
        return (
            f"您离开过考试页面。试考只作提醒，不会收卷；正式考试会记为切屏，达 {limit} 次将自动收卷"
        )
    if switch >= limit:
        return f"离开考试页面达 {limit} 次，系统已自动收卷"
    return f"您已离开考试页面，记为切屏第 {switch} 次；达 {limit} 次将自动收卷"


def verification_message(state: str, reason: str) -> str:
    """Return the message about a check. `reason`: empty unless it failed or did not run."""
    if reason in PICTURES:
        return PICTURES[reason] + _NOT_RUN
    return VERIFICATIONS[reason or state]


def reason_message(integrity: str, rule: str | None, cause: str, gaps: int = 0) -> str:
    """Return the reason of a result: the meaning of the snapshots, then why the paper was submitted. May be empty.

    `integrity`, `rule`, `cause`: values of `IntegrityState`, `IntegrityRule`, `Cause`. `gaps`: the number of frames
    that we still have to judge.
    """
    meaning = REASONS.get(integrity, {}).get(rule or "", "")
    unjudged = _UNJUDGED.format(gaps=gaps) if gaps and integrity != "not_watched" else ""
    parts = (meaning, unjudged, CAUSES[cause])
    return "；".join(part for part in parts if part)
