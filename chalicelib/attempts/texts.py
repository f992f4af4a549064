"""Texts for candidates and about attempts. What only operators read is Chinese. Pure."""

from chalicelib.identity.texts import PICTURES
from chalicelib.proctoring.texts import REASONS
from chalicelib.shared.languages import NOTHING, Sentence, joined

ERRORS = {
    "answer_invalid": Sentence(
        "第 {question} 题的答案无法识别，请重新作答该题",
        "The answer to question {question} cannot be read. Please answer it again",
    ),
    "absences_missing": Sentence(
        "有较早的离开记录尚未发送，正在重新发送",
        "An earlier absence was not reported yet. It is being sent again",
    ),
    "answers_missing": Sentence(
        "有较早的答案尚未保存，正在重新发送",
        "Earlier answers were not saved yet. They are being sent again",
    ),
    "announcement_unknown": Sentence(
        "没有这条通知，请刷新后重试",
        "There is no such announcement. Please reload the page and try again",
    ),
    "attempt_submitted": Sentence(
        "试卷已提交，可查看考试结果", "Your exam was handed in. You can look at the result"
    ),
    "batch_invalid": Sentence(
        "一次最多保存 {most} 题，请刷新后重试",
        "At most {most} answers can be saved at once. Please reload the page and try again",
    ),
    "changed_meanwhile": "其他运营人员已有操作，或情况已有变化（现为版本 {version}），请刷新后再操作",
    "chances_used_up": Sentence(
        "{chances} 次核验机会已用完，请点击“去反馈”提交工单，或拨打客服电话",
        "All {chances} chances for the identity check are used. Please press “Report a problem” "
        "and submit a ticket, or call the hotline",
    ),
    "complaint_too_late": Sentence("投诉期限已过", "The time for a complaint is over"),
    "complaint_window_open": "该考生的投诉期限未过，监考照片仍是证据，不能删除",
    "command_id_taken": "这个操作编号已用于另一项操作，本次没有执行；请刷新后重新填写",
    "entry_closed": Sentence(
        "已超过入场时间，无法进入考试", "The time of entry is over, so you cannot enter the exam"
    ),
    "exam_not_started": Sentence(
        "考试尚未开始，请在候考页面等待",
        "The exam has not started yet. Please wait on the waiting page",
    ),
    "exam_started": "已有考生开始作答，不能调整开考时间",
    "help_answered": "这个求助已经回复过，或试卷已提交",
    "help_open": Sentence(
        "您的求助已收到，工作人员正在处理，请稍候",
        "We have received your request for help. Our staff are working on it, please wait a moment",
    ),
    "help_too_soon": Sentence(
        "刚刚请求过帮助，请过 1 分钟再试",
        "You have just asked for help. Please try again in 1 minute",
    ),
    "help_used_up": Sentence(
        "本场考试最多请求帮助 {most} 次，请拨打客服电话",
        "You can ask for help at most {most} times in an exam. Please call the hotline",
    ),
    "identity_changed": "证件号码已更换，与考试时登记的不一致",
    "keys_shown": "整场考试已结束，答案可能已公布，不能重新开放",
    "no_practice": Sentence("这不是试考", "This is not a practice exam"),
    "practice_enough_today": Sentence(
        "今天已试考 {most} 次，请明天再试；如设备仍有问题，请拨打客服电话",
        "You have taken {most} practice exams today. Please try again tomorrow. If your "
        "device still does not work, please call the hotline",
    ),
    "practice_without_help": Sentence(
        "试考没有工作人员值守，不能请求帮助；设备有问题请点击“去反馈”或拨打客服电话",
        "Nobody is on duty in a practice exam, so you cannot ask for help. If your device "
        "does not work, please press “Report a problem” or call the hotline",
    ),
    "practice_not_reopened": "试考不需要重新开放，考生可以随时再试一次",
    "practice_without_timeline": "试考不留时间线，也没有需要核对的记录",
    "practice_without_result": Sentence(
        "试考不评分，没有考试结果", "A practice exam has no score and no result"
    ),
    "no_gap": "没有未判定的画面",
    "no_flag": "没有待核实的监考标记",
    "not_submitted": Sentence("试卷尚未提交", "The exam has not been handed in yet"),
    "page_token_invalid": Sentence(
        "页面凭证无效，请重新进行考前确认",
        "This page may not enter the exam. Please do the check-in again",
    ),
    "reopened_already": "该考生的考试已重新开放（第 {round} 轮：{attempt_id}）",
    "roster_photos_not_used": "本场考试不用名单照片（考试设置 policy 里没有 face_reference: roster），没有保存任何照片",
    "roster_opened": "名单去掉了 {count} 名已打开考试的人：{people}；请加回这些人",
    "round_closed": "本轮考试已结束，不能再延长时间；如需继续，请用 reopen_attempt 重新开放一轮",
    "round_open": "本轮考试尚未结束，不能重新开放；如需更多时间，请用 extend_time 延长",
    "same_operator": "您核实过该考生的监考标记，投诉须由其他运营人员处理",
    "submitted_by_candidate": "试卷由考生本人提交，不能重新开放",
    "superseded": Sentence(
        "您已在其他页面进入考试，本页面不再有效",
        "You have entered the exam on another page, so this page does not count any more",
    ),
    "time_is_up": Sentence(
        "考试时间已到，试卷已自动提交",
        "The time is over. Your answers were handed in automatically",
    ),
    "entry_not_later": "该考生现有的入场截止时间更晚，填写的分钟数不会延长它；请填更多的分钟数",
    "entry_not_needed": "该考生已经开始考试，不需要延长入场时间",
    "too_many_chances": "核验机会总数不能超过 {most} 次",
    "verification_over": Sentence(
        "该次核验早已结束，请重新点击“开始核验”",
        "That identity check ended long ago. Please press “Start the check” again",
    ),
    "verification_pending": Sentence(
        "上一次核验尚未完成，请稍候",
        "The last identity check is not finished yet. Please wait a moment",
    ),
    "wait_before_retry": Sentence(
        "多次核验未通过，请稍候再试",
        "Several identity checks have failed. Please wait a moment before you try again",
    ),
    "waiting_room_not_open": Sentence(
        "候考尚未开放，请在开放后再来",
        "The waiting room is not open yet. Please come back when it is",
    ),
    "wrong_step": Sentence(
        "请按顺序完成考前确认", "Please do the steps of the check-in in their order"
    ),
}

# The result of a check, by its state or by the reason why it failed or did not run.
VERIFICATIONS = {
    "pending": Sentence("请上传照片", "Please upload the picture"),
    "judging": Sentence("正在核验，请稍候", "Checking, please wait a moment"),
    "passed": Sentence("身份核验通过", "Identity check passed"),
    "mismatch": Sentence(
        "身份核验未通过：人脸与登记照片不一致",
        "Identity check not passed: your face does not match the registered photo",
    ),
    "uncertain": Sentence(
        "身份核验未通过：无法确认是否为本人，请调整光线和角度后重试；登记照片戴眼镜的，请戴同一副眼镜",
        "Identity check not passed: we cannot be sure that it is you. Please change the light and"
        " the angle and try again. If you wear glasses in the registered photo, please wear "
        "the same glasses",
    ),
    "replayed": Sentence(
        "身份核验未通过：画面与已有照片是同一张，请用摄像头现场拍摄",
        "Identity check not passed: the picture is the same as an earlier one. Please take it "
        "with the camera now",
    ),
    "not_uploaded": Sentence(
        "未收到照片，本次核验机会已退还", "No picture arrived. This chance was given back"
    ),
    "authority_down": Sentence(
        "身份核验机构暂时无法连接，本次核验机会已退还，请稍后重试",
        "The identity authority cannot be reached at the moment. This chance was given back, "
        "please try again later",
    ),
    "authority_unknown": Sentence(
        "身份核验机构无法确认您的信息，本次核验机会已退还；请核对姓名和证件号码，或点击“去反馈”",
        "The identity authority cannot confirm your details. This chance was given back. "
        "Please check your name and ID number, or press “Report a problem”",
    ),
    "engine_down": Sentence(
        "核验服务暂时不可用，本次核验机会已退还，请稍后重试",
        "The check service does not work at the moment. This chance was given back, please "
        "try again later",
    ),
    "turn_not_seen": Sentence(
        "没有看清转头动作，本次核验未进行。请按提示慢慢转头，转到位后停一下，并确保画面中只有您本人",
        "Your turn of the head was not seen clearly, so no check took place. Please turn your"
        " head slowly as the page says, stop for a moment, and make sure that only you are in"
        " the picture",
    ),
    "turn_wrong_way": Sentence(
        "转头方向与提示不一致，本次核验未进行。请看清提示的方向后再转头",
        "You turned your head to the other side, so no check took place. Please look at the "
        "side that the page names before you turn",
    ),
    "roster_photo_missing": Sentence(
        "主办方的名单里还没有您的照片，本次核验机会已退还；请点击“去反馈”提交工单，由工作人员处理",
        "The organiser's list has no photo of you yet. This chance was given back. Please "
        "press “Report a problem” and submit a ticket, and our staff will deal with it",
    ),
}

# What submitted a paper, by `Cause`: in a word for operators.
SUBMITTED_BY = {"candidate": "考生提交", "deadline": "到时收卷", "switches": "切屏收卷"}
# The same in sentences for the candidate.
CAUSES = {
    "candidate": NOTHING,
    "deadline": Sentence(
        "考试时间到，系统已收卷", "The time was over, and the system handed in your exam"
    ),
    "switches": Sentence(
        "离开考试页面达到次数上限，系统已收卷",
        "You left the exam page as often as the limit, and the system handed in your exam",
    ),
}

_NOT_RUN = Sentence("，本次核验未进行", ". No check took place")

_UNJUDGED = Sentence(
    "还有 {gaps} 张监考画面因我方系统原因未判定，处理完成前成绩为暂定",
    "{gaps} snapshots could not be judged yet because of a fault on our side; your "
    "result is provisional until they are",
)


# What took the candidate away from the exam, by `AbsenceKind`.
_WHY_AWAY = {
    "hidden": Sentence(
        "您切换到了其他标签页，或最小化了浏览器",
        "You changed to another tab, or minimised the browser",
    ),
    "blur": Sentence(
        "您切换到了其他窗口，或有消息弹窗遮住了考试页面",
        "You changed to another window, or a pop-up came before the exam page",
    ),
    "fullscreen": Sentence(
        "您退出全屏后没有及时返回", "You left full screen and did not come back to it in time"
    ),
    "page_lost": Sentence("您关闭或刷新了考试页面", "You closed or reloaded the exam page"),
}
_SWITCHES = {
    "short": Sentence(
        "已记录一次短暂离开，未计入切屏",
        "A short absence was recorded. It does not count as leaving the page",
    ),
    "practice": Sentence(
        "{why}。试考只作提醒，不会收卷；正式考试会记为切屏，达 {limit} 次将自动收卷",
        "{why}. In a practice exam this is only a reminder. In an exam it counts, and the exam "
        "is handed in automatically when it has happened {limit} times",
    ),
    "last": Sentence(
        "{why}，记为切屏第 {switch} 次；已达 {limit} 次，系统已自动收卷",
        "{why}. This counts as number {switch}; at number {limit} the system has handed in your exam",
    ),
    "counted": Sentence(
        "{why}，记为切屏第 {switch} 次；达 {limit} 次将自动收卷",
        "{why}. This counts as number {switch}; at number {limit} the exam is handed in automatically",
    ),
}


def switch_message(
    switch: int | None, limit: int, kind: str = "", *, practice: bool = False
) -> Sentence:
    """Return the message about an absence: why it counts, and how many are allowed.

    `switch`: its number; None when the absence was too short to count. `kind`: the `AbsenceKind` of one that counts.
    """
    if switch is None:
        return _SWITCHES["short"]
    said = "practice" if practice else "last" if switch >= limit else "counted"
    return _SWITCHES[said].format(why=_WHY_AWAY[kind], switch=switch, limit=limit)


def verification_message(state: str, reason: str) -> Sentence:
    """Return the message about a check. `reason`: empty unless it failed or did not run."""
    if reason in PICTURES:
        return PICTURES[reason] + _NOT_RUN
    return VERIFICATIONS[reason or state]


def reason_message(integrity: str, rule: str | None, cause: str, gaps: int = 0) -> Sentence:
    """Return the reason of a result: the meaning of the snapshots, then why the paper was submitted. May be empty.

    `integrity`, `rule`, `cause`: values of `IntegrityState`, `IntegrityRule`, `Cause`. `gaps`: the number of frames
    that we still have to judge.
    """
    meaning = REASONS.get(integrity, {}).get(rule or "", NOTHING)
    unjudged = _UNJUDGED.format(gaps=gaps) if gaps and integrity != "not_watched" else NOTHING
    return joined((meaning, unjudged, CAUSES[cause]))
