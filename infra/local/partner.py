"""`/_local/partner`: plays 山西政府采购平台, which shows results to its own users, agencies and experts.

The platform's side is played by the launcher. It holds a key of its own, made anew at each start, and asks the same
signed HTTP API as a real platform would (examples/partner_client.py); nothing is read past it.
"""

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples import partner_client
from infra.local.front import Refusal, Reply, json_reply
from infra.local.sign_in_provider import ORGANISATION, PEOPLE, PROVIDER, subject_ref

Json = dict[str, Any]
PAGE = Path(__file__).with_name("partner.html")
KEY_ID, AGENCY = "local-platform-1", "agency"
_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # loopback: no proxy
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def new_key() -> str:
    """Return a new random key of the platform."""
    return secrets.token_urlsafe(32)


def access(key: str) -> Json:
    """Return the platform's entry in the secret of partners (docs/partners.md)."""
    known = {
        "keys": [{"key_id": KEY_ID, "key": key}],
        "organisations": {AGENCY: ORGANISATION},
        "sign_in": PROVIDER,
    }
    return {PROVIDER: known}


@dataclass(frozen=True)
class Partner:
    """The platform: its pages and its requests to the API."""

    origin: str
    key: str
    issuer: str
    now_ms: Callable[[], int]

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
