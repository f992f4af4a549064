"""Items exactly as version 1 of the product stored them. Do not change them: such items are in tables."""

from typing import Any

SECRET = '"secret of the tests"'  # by a key of this secret the certificates are sealed

NUMBER = "SX-2027-ACDE-FGHJ-KMNP-RTVW"
_CONTENT = {
    "name": "王敏",
    "id_type": "resident_id",
    "id_number_masked": "1401**********1234",
    "organisation": "山西示例招标代理有限公司",
    "exam_id": "ex-1",
    "exam_title": "资格考核",
    "points": 98.0,
    "out_of": 100.0,
    "passed_on": "2027-01-15",
    "photo_id": "ph_1",
}

ISSUED: dict[str, Any] = {
    "feed": f"certificate#{NUMBER}",
    "sk": "CERTIFICATE",
    "number": NUMBER,
    "account_id": "ac_1",
    "attempt_id": "at_1",
    "version": 1,
    "state": "valid",
    "editions": [
        {
            "content": _CONTENT,
            "issued_at": 1800000000000,
            "reason": "",
            "sha256": "",
            "rendered_at": None,
        }
    ],
    "issued_at": 1800000000000,
    "changed_at": 1800000000000,
    "reason": "",
    "by_rule": True,
    "follows": 7,
    "audit": [],
    "waits_for": "document",
    "ordered_at": 1800000000000,
    "seal": "j5U3Q5S8O4KtBVxBciffeJeDdn-KYwpO9YpNX-eFlPo",
}
"""A certificate whose document is not written yet."""

SUSPENDED: dict[str, Any] = {
    "feed": f"certificate#{NUMBER}",
    "sk": "CERTIFICATE",
    "number": NUMBER,
    "account_id": "ac_1",
    "attempt_id": "at_1",
    "version": 3,
    "state": "suspended",
    "editions": [
        {
            "content": _CONTENT,
            "issued_at": 1800000000000,
            "reason": "",
            "sha256": "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e",
            "rendered_at": 1800000001000,
        }
    ],
    "issued_at": 1800000000000,
    "changed_at": 1800000002000,
    "reason": "身份存疑",
    "by_rule": False,
    "follows": 7,
    "audit": [
        {
            "command_id": "command-1",
            "what": "suspend_certificate",
            "operator": "赵运营",
            "reason": "身份存疑",
            "at": 1800000002000,
            "operator_id": "op_1",
        }
    ],
    "ordered_at": 1800000000000,
    "seal": "hpD80p_LO9tyz6lGrirrDUwLGnMg5LaOdewWPJQmwQo",
    "write_id": "7jd5yx86pa55",
}
"""A certificate that an operator has suspended after its document was written."""

PUBLISHED: dict[str, Any] = {
    "feed": "person#p",
    "sk": "000000000001",
    "revision": 1,
    "kind": "published",
    "at": 1800000003000,
    "result": {
        "attempt_id": "at_1",
        "round": 1,
        "person": "p",
        "name": "王敏",
        "id_number_masked": "1401**********1234",
        "role": "agency_practitioner",
        "organisation": "山西示例招标代理有限公司",
        "exam_id": "ex-1",
        "exam_title": "资格考核",
        "submitted_at": 1800000000000,
        "verdict_at": 1800000000000,
        "complaint_until": 1800172800000,
        "outcome": "passed",
        "provisional": False,
        "points": 98.0,
        "out_of": 100.0,
        "passed": True,
        "certificate": {"number": NUMBER, "status": "valid"},
    },
    "beyond": 4,
    "write_id": "7jd5yx86pa56",
}
"""An entry of a person's feed."""
