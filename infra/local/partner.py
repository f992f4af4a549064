"""`/_local/partner`: plays 山西政府采购平台, which shows results to its own users, agencies and experts.

The platform's side is played by the launcher. It holds a key of its own, made anew at each start, and asks the same
signed HTTP API as a real platform would (examples/partner_client.py); nothing is read past it. It has a webhook, and
checks its calls as a real platform would (examples/webhook_receiver.py).
"""

import collections
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from examples import partner_client, webhook_receiver
from infra.local.front import Refusal, Reply, Request, json_reply
from infra.local.sign_in_provider import ORGANISATION, PEOPLE, PROVIDER, subject_ref

Json = dict[str, Any]
PAGE = Path(__file__).with_name("partner.html")
KEY_ID, AGENCY = "local-platform-1", "agency"
WEBHOOK = "/_local/partner/webhook"
MOST_CALLS = 200  # the newest calls that are kept
_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # loopback: no proxy
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def new_key() -> str:
    """Return a new random key of the platform."""
    return secrets.token_urlsafe(32)


def access(key: str, address: str) -> Json:
    """Return the platform's entry in the secret of partners (docs/partners.md). `address`: of the launcher."""
    known = {
        "keys": [{"key_id": KEY_ID, "key": key}],
        "organisations": {AGENCY: ORGANISATION},
        "sign_in": PROVIDER,
        "webhook": {"url": f"{address}{WEBHOOK}", "key_id": KEY_ID},
    }
    return {PROVIDER: known}


@dataclass(frozen=True)
class Partner:
    """The platform: its pages and its requests to the API."""

    origin: str
    key: str
    issuer: str
    now_ms: Callable[[], int]
    calls: collections.deque[Json] = field(
        default_factory=lambda: collections.deque(maxlen=MOST_CALLS)
    )

    def page(self) -> Reply:
        """Return the page with 企业信息 and 专家工作台."""
        kind = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", _POLICY)]
        return Reply(200, PAGE.read_bytes(), kind)

    def script(self) -> Reply:
        """Return the script of the page."""
        kind = [("Content-Type", "text/javascript; charset=utf-8")]
        return Reply(200, PAGE.with_suffix(".js").read_bytes(), kind)

    def experts(self) -> Reply:
        """Return the platform's own users."""
        experts = [{"user": user, "name": claims["name"]} for user, claims in PEOPLE.items()]
        return json_reply({"organisation": ORGANISATION, "experts": experts})

    def results(self) -> Reply:
        """Return all feed entries of the agency, read from the beginning."""
        entries: list[Json] = []
        after, more = "0", True
        while more:
            page = self._ask("/partner/results", {"after": after, "organisation": AGENCY})
            entries, after, more = entries + page["entries"], page["next"], page["more"]
        return json_reply({"entries": entries})

    def person(self, user: str) -> Reply:
        """Return the results of a user."""
        return json_reply(self._ask(f"/partner/people/{subject_ref(self.issuer, user)}/results"))

    def certificate(self, number: str) -> Reply:
        """Return one certificate."""
        return json_reply(self._ask(f"/partner/certificates/{number}"))

    def take_call(self, request: Request) -> Reply:
        """Take a call of the webhook: 204, or 401 when its signature is wrong. Never 5xx: it would come again."""
        now = self.now_ms()
        if not webhook_receiver.is_genuine({KEY_ID: self.key}, request.headers, request.body, now):
            raise Refusal(401, "signature_invalid", "请求签名无效。")
        told = json.loads(request.body)
        ids = {
            "request_id": request.headers["Kaochang-Request"],
            "key_id": request.headers["Kaochang-Key"],
        }
        self.calls.appendleft({**ids, **told, "received_at": now})
        return Reply(204, b"", [])

    def list_calls(self) -> Reply:
        """Return the calls of the webhook that came since the start, newest first."""
        return json_reply({"calls": list(self.calls)})

    def _ask(self, path: str, query: dict[str, str] | None = None) -> Any:
        try:
            return partner_client.get(
                self.origin, KEY_ID, self.key, path, query, now_ms=self.now_ms, open_address=_OPEN
            )
        except urllib.error.HTTPError as refused:
            error = json.load(refused)["error"]
            raise Refusal(
                refused.code, error["code"], error["message"], **error["details"]
            ) from None
