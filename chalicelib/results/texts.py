"""Texts on certificates and about them. What only operators read is Chinese. Pure."""

from chalicelib.shared.languages import Sentence

ERRORS = {
    "certificate_changed": "证书已有变化（现为版本 {version}），请刷新后再操作",
    "certificate_is": "证书当前状态（{state}）不能进行此操作",
    "certificate_unconfirmed": "证书记录与签名不符，不能操作，请核查数据是否被改动",
    "not_passed": "该次考试成绩不是最终合格，不能恢复证书",
}

# The printed words of a certificate: each in Chinese, and smaller beside or below it in English.
CERTIFICATE = {
    "title": Sentence("合格证书", "Certificate of Passing"),
    "statement": Sentence(
        "参加本项考核，成绩合格，特发此证，以资证明。",
        "has taken this examination and passed it. This certificate is issued as proof.",
    ),
    "id_number": Sentence("证件号码", "ID number"),
    "score": Sentence("成绩", "Score"),
    "passed_on": Sentence("合格日期", "Passed on"),
    "number": Sentence("证书编号", "Certificate number"),
    "scan": Sentence(
        "扫描二维码，或在查验页面输入证书编号，即可核对以上内容。",
        "Scan the QR code, or enter the number on the verification page, to check what is stated above.",
    ),
    "signed": Sentence(
        "本文件带有数字签名，任何改动都会使签名失效；请以电子文件为准。",
        "This file is signed: any change makes the signature invalid. The electronic file is the original.",
    ),
    "live": Sentence(
        "证书是否有效，以查验页面当时显示的状态为准。",
        "Whether it is valid is what the verification page shows when you look.",
    ),
}
SEAL = "合格"

# Whether a certificate is valid.
CERTIFICATES = {
    "valid": Sentence("证书有效", "The certificate is valid"),
    "suspended": Sentence("证书已暂停，正在核实", "The certificate is suspended and under review"),
    "revoked": Sentence("证书已撤销", "The certificate was revoked"),
    "superseded": Sentence(
        "该版证书已被更正后的新版取代",
        "This edition of the certificate was replaced by a corrected one",
    ),
    "unconfirmed": Sentence(
        "无法确认：证书记录与签名不符",
        "Not confirmed: the record of the certificate does not match its signature",
    ),
}

# Why a rule changed a certificate. When an operator changes one, the reason is in the operator's words.
CERTIFICATE_REASONS = {
    "flagged": Sentence("考试过程存在待核实事项", "Something about the exam has to be reviewed"),
    "invalidated": Sentence("考试成绩经认定为不合格", "The exam was judged as failed"),
    "key_corrected": Sentence(
        "试题答案更正后，成绩未达到合格线",
        "After a correction of the answer key the score is below the passing score",
    ),
    "restored": Sentence(
        "经核实，成绩合格，证书恢复有效",
        "The review confirmed the pass, and the certificate is valid again",
    ),
    "score_corrected": Sentence(
        "试题答案更正，成绩已更新", "The answer key was corrected, and the score was updated"
    ),
}


def certificate_reason(reason: str) -> Sentence:
    """Return the reason of a certificate's state: a sentence for a rule's reason, an operator's reason unchanged."""
    return CERTIFICATE_REASONS.get(reason) or Sentence(reason, reason)
