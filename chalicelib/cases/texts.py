"""Texts about tickets and complaints, in Chinese (zh-CN). Pure."""

ERRORS = {
    "case_open": "该考生还有未处理完的工单或投诉，不能删除",
    "complaint_changed": "投诉已有变化（现为版本 {version}），请刷新后再操作",
    "complaint_decided": "该投诉已处理",
    "complaint_exists": "您已就本次结果提交过投诉，请查看处理进度",
    "grant_needed": "通过身份核验的工单，须写明给予什么：免核验入场、机会、时间，或只回复",
    "nothing_to_admit": "只有通过、且针对某次考试的工单才能免人脸核验入场或给予机会和时间",
    "photo_needed": "请先选择入场后抓拍用来比对的照片",
    "photo_unusable": "这张图片不能作为比对照片（{reason}）",
    "ticket_changed": "工单已有变化（现为版本 {version}），请刷新后再操作",
    "ticket_corrected": "该工单已更正过一次，不能再改",
    "ticket_decided": "该工单已处理；如处理有误，可以更正一次",
    "ticket_open": "该工单还没有处理，不需要更正",
    "ticket_unsettled": "上一个决定正在办理，请一分钟后再更正",
    "too_many_tickets": "您有 {most} 个工单正在处理，请等待处理结果，或拨打客服电话",
}

# Where a ticket stands; the page shows the operator's reason beside it. `telling` says what was given.
TICKETS = {
    "open": "工单已提交，运营人员将尽快处理",
    "accepted": "工单已通过：{given}",
    "rejected": "工单未通过，原因见处理说明",
}
# An accepted ticket that gives nothing, or nothing so far.
GIVES_NOTHING = {
    "settling": "工单已通过，正在办理，请稍候",
    "answered": "工作人员已回复您的工单，考试安排没有变化",
    "too_late": "工单已通过，但办理时您已交卷，考试没有变化",
}
GIVEN = {
    "admitted": "您可以不经人脸核验进入考场，其他步骤照常",
    "entry": "您最晚可在 {until} 开始考试",
    "chances": "已增加 {chances} 次核验机会",
    "time": "作答时间延长 {minutes} 分钟",
}
NAMELESS = "考生"  # in an SMS to an account without a name
CORRECTED = "处理结果已更正。"
# What a corrected decision could not take back.
KEPT = {
    "admission": "您已免核验进入考场，这一点不受影响",
    "entry": "已延长的入场时间不变",
    "chances": "已使用的核验机会不受影响",
    "time": "已延长的作答时间不变",
}
SHORT = {
    "entry": "{until}前可入场",
    "chances": "增加核验机会{chances}次",
    "time": "延长作答{minutes}分钟",
}

# Where a complaint stands; the page shows the operator's reason beside it.
COMPLAINTS = {
    "open": "投诉已提交，处理结果将以短信通知您",
    "accepted": "投诉已获支持",
    "rejected": "投诉未获支持",
}
