"""Texts on certificates and about them, in Chinese (zh-CN). Pure."""

ERRORS = {
    "certificate_changed": "证书已有变化（现为版本 {version}），请刷新后再操作",
    "certificate_is": "证书当前状态（{state}）不能进行此操作",
    "certificate_unconfirmed": "证书记录与签名不符，不能操作，请核查数据是否被改动",
    "not_passed": "该次考试成绩不是最终合格，不能恢复证书",
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

# Whether a certificate is valid.
CERTIFICATES = {
    "valid": "证书有效",
    "suspended": "证书已暂停，正在核实",
    "revoked": "证书已撤销",
    "superseded": "该版证书已被更正后的新版取代",
    "unconfirmed": "无法确认：证书记录与签名不符",
}

# Why a rule changed a certificate. When an operator changes one, the reason is in the operator's words.
CERTIFICATE_REASONS = {
    "flagged": "考试过程存在待核实事项",
    "invalidated": "考试成绩经认定为不合格",
    "key_corrected": "试题答案更正后，成绩未达到合格线",
    "restored": "经核实，成绩合格，证书恢复有效",
    "score_corrected": "试题答案更正，成绩已更新",
}


def certificate_reason(reason: str) -> str:
    """Return the reason of a certificate's state: a sentence for a rule's reason, an operator's reason unchanged."""
    return CERTIFICATE_REASONS.get(reason, reason)
