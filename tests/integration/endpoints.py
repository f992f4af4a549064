"""A right and many wrong bodies for every route, and the check of an answer against the API description."""

import json
import re
from typing import Any

import msgspec

from chalicelib.handlers.endpoint import ROUTES, Route
from chalicelib.kernel.faults import is_our_fault
from chalicelib.messages.errors import ERRORS
from tests.api import Answer, Api

PHONE = "13800138000"
ID = "at_0000000000000000000000000000"
BATCH = {"first": 1, "last": 1, "answers": {"1": "A"}}
ABSENCE = {"absence_seq": 1, "kind": "hidden", "away_ms": 1500, "ended": True}
# A right body for each type of request; `test_endpoint.py` fails for one that has no entry.
BODIES: dict[str, dict[str, Any]] = {
    "CaptchaRequest": {"phone": PHONE, "purpose": "sign_in"},
    "CodeRequest": {
        "phone": PHONE,
        "purpose": "sign_in",
        "captcha_id": "cp_1",
        "captcha_answer": "ABCD",
    },
    "SessionRequest": {
        "phone": PHONE,
        "challenge_id": "ch_1",
        "code": "123456",
        "agreements": ["privacy"],
    },
    "AccountRequest": {
        "phone": PHONE,
        "challenge_id": "ch_1",
        "code": "123456",
        "agreements": ["privacy"],
        "role": "evaluation_expert",
        "name": "张三",
        "organisation": "某公司",
        "region": "太原",
    },
    "ProfileRequest": {
        "name": "张三",
        "role": "evaluation_expert",
        "organisation": "某公司",
        "region": "太原",
        "id_type": "passport",
        "id_number": "E1234567",
    },
    "SsoRequest": {"agreements": ["user-service", "privacy"]},
    "SsoSessionRequest": {"code": "code-0001", "state": "state-0001"},
    "SsoLinkRequest": {
        "link_id": "ln_0001",
        "phone": PHONE,
        "challenge_id": "ch_1",
        "code": "123456",
    },
    "NoticeRequest": {"request_id": "request-0001", "agreements": ["identity-authorization"]},
    "CameraRequest": {"camera_on": True, "background_faces": 0},
    "NetworkRequest": {"down_mbps": 9.5, "up_mbps": 5, "latency_ms": 20},
    "RepeatableRequest": {"request_id": "request-0001"},
    "BeatRequest": {"answers": BATCH, "absences": [ABSENCE]},
    "AbsencesRequest": {"absences": [ABSENCE], "answers": BATCH},
    "BatchRequest": BATCH,
    "TicketRequest": {
        "request_id": "request-0001",
        "trouble": "face_check",
        "text": "核验一直不通过",
        "attempt_id": ID,
        "exam_id": "e-1",
    },
    "SubmissionRequest": {"answers": BATCH},
    "ReceiptRequest": {"for_all": 2, "to_me": 1},
    "HelpQuestion": {"request_id": "request-0001", "reason": "camera"},
    "PracticeRequest": {"camera_trouble": "refused", "full_screen": True, "end": False},
    "ComplaintRequest": {"request_id": "request-0001", "text": "画面中只有我一人"},
}
STRANGE: list[Any] = [
    None,
    True,
    -1,
    0,
    10**40,
    1.5,
    "",
    "x",
    "\0",
    "\ud83d\ude00" * 3000,
    [],
    [None],
    ["x" * 5000],
    ["x"] * 5000,
    {},
    {"": ""},
    {"1": {}},
    {"a.b": "A"},
    {str(number): "A" for number in range(60)},
    {"first": 10**40, "last": -(10**40), "answers": {}},
]
TYPED = [entry for entry in ROUTES if entry.body is not None]


def path(entry: Route, value: str = ID) -> str:
    return re.sub(r"{\w+}", value, entry.path)


def right_body(entry: Route) -> Any:
    return BODIES[entry.body.__name__] if entry.body else None


def call(api: Api, entry: Route, body: Any = None, **how: Any) -> Answer:
    return api.call(entry.method, path(entry), body, **how)


def check_shape(answer: Answer) -> None:
    """The one shape of every refusal."""
    assert set(answer.json) == {"error"}
    error = answer.json["error"]
    ours = {"our_fault"} if is_our_fault(error["code"]) else set()
    assert set(error) == {"code", "message", "details"} | ours
    assert error["code"] in ERRORS
    assert re.search(r"[\u4e00-\u9fff]", error["message"])
    assert "{" not in error["message"]
    assert isinstance(error["details"], dict)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert ("retry-after" in answer.headers) is (answer.status in (429, 503))
    assert "set-cookie" not in answer.headers


def is_right(body: Any, kind: type[msgspec.Struct]) -> bool:
    try:
        msgspec.json.decode(json.dumps(body).encode(), type=kind)
    except (msgspec.MsgspecError, ValueError):
        return False
    return True
