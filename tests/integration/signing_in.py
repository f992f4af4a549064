"""The steps of a sign-in with password and code."""

from tests.api import Answer, Api

PHONE, OTHER_PHONE = "13800138000", "13900139000"
BOTH = ["user-service", "privacy"]


def ask_code(api: Api, phone: str = PHONE, purpose: str = "sign_in") -> Answer:
    captcha_id, answer = api.captcha(phone, purpose)
    body = {"phone": phone, "purpose": purpose, "captcha_id": captcha_id, "captcha_answer": answer}
    return api.post("/codes", body)


def sign_in(api: Api, code: str, phone: str = PHONE) -> Answer:
    return api.post("/sessions", {"phone": phone, **api.proof(code), "agreements": BOTH})


def wrong(code: str) -> str:
    return str((int(code) + 1) % 10**6).zfill(6)


def elsewhere(api: Api) -> Api:
    """Another browser in the same cloud."""
    return Api(api.clock)
