"""Texts about tickets and complaints. What only operators read is Chinese. Pure."""

from chalicelib.shared.languages import Sentence

ERRORS = {
    "case_open": "该考生还有未处理完的工单或投诉，不能删除",
    "complaint_changed": "投诉已有变化（现为版本 {version}），请刷新后再操作",
    "complaint_decided": "该投诉已处理",
    "complaint_exists": Sentence(
        "您已就本次结果提交过投诉，请查看处理进度",
        "You have already complained about this result. Please look at how your complaint stands",
    ),
    "grant_needed": "通过身份核验的工单，须写明给予什么：免核验入场、机会、时间，或只回复",
    "nothing_to_admit": "只有通过、且针对某次考试的工单才能免人脸核验入场或给予机会和时间",
    "photo_needed": "请先选择入场后抓拍用来比对的照片",
    "photo_unusable": "这张图片不能作为比对照片（{reason}）",
    "ticket_changed": "工单已有变化（现为版本 {version}），请刷新后再操作",
    "ticket_corrected": "该工单已更正过一次，不能再改",
    "ticket_decided": "该工单已处理；如处理有误，可以更正一次",
    "ticket_open": "该工单还没有处理，不需要更正",
    "ticket_unsettled": "上一个决定正在办理，请一分钟后再更正",
    "too_many_tickets": Sentence(
        "您有 {most} 个工单正在处理，请等待处理结果，或拨打客服电话",
        "{most} of your tickets are being processed. Please wait for an answer, or call the "
        "hotline",
    ),
}

# Where a ticket stands; the page shows the operator's reason beside it. `telling` says what was given.
TICKETS = {
    "open": Sentence(
        "工单已提交，工作人员将尽快处理",
        "Your ticket was submitted. Our staff will deal with it as soon as possible",
    ),
    "accepted": Sentence("工单已通过：{given}", "Your ticket was accepted: {given}"),
    "rejected": Sentence(
        "工单未通过，原因见处理说明", "Your ticket was not accepted. The answer below says why"
    ),
}
# An accepted ticket that gives nothing, or nothing so far.
GIVES_NOTHING = {
    "settling": Sentence(
        "工单已通过，正在办理，请稍候",
        "Your ticket was accepted and is being carried out. Please wait a moment",
    ),
    "answered": Sentence(
        "工作人员已回复您的工单，考试安排没有变化",
        "Our staff answered your ticket. Nothing changes for your exam",
    ),
    "too_late": Sentence(
        "工单已通过，但办理时您已交卷，考试没有变化",
        "Your ticket was accepted, but you had handed in before it was carried out. Nothing "
        "changes for your exam",
    ),
}
GIVEN = {
    "admitted": Sentence(
        "您可以不经人脸核验进入考场，其他步骤照常",
        "you can enter the exam room without the face check; all other steps stay the same",
    ),
    "entry": Sentence("您最晚可在 {until} 开始考试", "you can start the exam until {until}"),
    "chances": Sentence(
        "已增加 {chances} 次核验机会", "you have {chances} more chances for the identity check"
    ),
    "time": Sentence("作答时间延长 {minutes} 分钟", "you have {minutes} more minutes to answer"),
}
NAMELESS = Sentence("考生", "Candidate")  # in an SMS to an account without a name
NO_EXAM = Sentence("平台", "exam site")  # in an SMS about a ticket that names no exam
CORRECTED = Sentence("处理结果已更正。", "The decision was corrected. ")
# What a corrected decision could not take back.
KEPT = {
    "admission": Sentence(
        "您已免核验进入考场，这一点不受影响",
        "you entered the exam room without the face check, and that stays so",
    ),
    "entry": Sentence("已延长的入场时间不变", "the later time of entry stays"),
    "chances": Sentence("已使用的核验机会不受影响", "the chances that you used are not taken back"),
    "time": Sentence("已延长的作答时间不变", "the longer time to answer stays"),
}
SHORT = {
    "entry": Sentence("{until}前可入场", "enter by {until}"),
    "chances": Sentence("增加核验机会{chances}次", "{chances} more face checks"),
    "time": Sentence("延长作答{minutes}分钟", "{minutes} more minutes"),
}

# Where a complaint stands; the page shows the operator's reason beside it.
COMPLAINTS = {
    "open": Sentence(
        "投诉已提交，处理结果将以短信通知您",
        "Your complaint was submitted. You will get an SMS with the decision",
    ),
    "accepted": Sentence("投诉已获支持", "Your complaint was upheld"),
    "rejected": Sentence("投诉未获支持", "Your complaint was not upheld"),
}
