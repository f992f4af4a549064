"""Texts about tickets and complaints, in Chinese (zh-CN). Pure."""

ERRORS = {
    "case_open": "该考生还有未处理完的工单或投诉，不能删除",
    "complaint_changed": "投诉已有变化（现为版本 {version}），请刷新后再操作",
    "complaint_decided": "该投诉已处理",
    "complaint_exists": "您已就本次结果提交过投诉，请查看处理进度",
    "nothing_to_admit": "只有通过、且针对某次考试的工单才能免人脸核验入场",
    "photo_unusable": "这张图片不能作为比对照片（{reason}）",
    "ticket_changed": "工单已有变化（现为版本 {version}），请刷新后再操作",
    "ticket_decided": "该工单已处理",
    "too_many_tickets": "您有 {most} 个工单正在处理，请等待处理结果，或拨打客服电话",
}

# Where a ticket stands; the page shows the operator's reason beside it.
TICKETS = {
    "open": "工单已提交，运营人员将尽快处理",
    "accepted": "工单已受理通过",
    "rejected": "工单未通过",
}

# Where a complaint stands; the page shows the operator's reason beside it.
COMPLAINTS = {
    "open": "投诉已提交，处理结果将以短信通知您",
    "accepted": "投诉已获支持",
    "rejected": "投诉未获支持",
}
