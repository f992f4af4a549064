"""The browser of a candidate in the demo: requests to the API with their cost, and uploads straight to S3."""

import pathlib
from collections import Counter
from typing import Any

import httpx

from scripts.moments import moment

PICTURES = pathlib.Path(__file__).parents[1] / "var/pictures"


class DemoFailed(Exception):
    """A step did not end as it should."""


def expect(condition: bool, what: str) -> None:
    """Raise `DemoFailed` unless the condition holds."""
    if not condition:
        raise DemoFailed(what)


class Browser:
    """A candidate's browser: cookies, page token, and a count of the AWS calls of its requests.

    `transport`: what sends the requests, where many browsers share it.
    """

    def __init__(self, address: str, transport: httpx.BaseTransport | None = None) -> None:
        self.http = httpx.Client(base_url=address, timeout=120, transport=transport)
        self._to_storage = httpx.Client(timeout=30, transport=transport)
        self.calls: Counter[str] = Counter()
        self.requests = 0

    def call(self, method: str, path: str, body: Any = None, *, status: int | None = None) -> Any:
        """Send one API request. `status`: the status that must come; without it any 2xx."""
        answer = self.http.request(method, f"/api{path}", json={} if body is None else body)
        self.requests += 1
        for entry in filter(None, answer.headers.get("Aws-Calls", "").split(", ")):
            name, _, count = entry.rpartition(" ")
            self.calls[name] += int(count)
        right = answer.status_code == status if status else answer.is_success
        expect(right, f"{method} {path} → {answer.status_code} {answer.text[:300]}")
        return answer.json()

    def local(self, method: str, path: str, body: Any = None) -> Any:
        """Call the launcher's helpers: SMS, captcha answers, clock, exams."""
        answer = self.http.request(method, f"/_local{path}", json=body)
        expect(answer.is_success, f"{method} /_local{path} → {answer.status_code} {answer.text}")
        return answer.json()

    def upload(self, ticket: dict[str, Any], picture: str, n: int = 0) -> None:
        """Post a picture (at its n-th moment) straight to S3, as the page does."""
        data = moment((PICTURES / picture).read_bytes(), n)
        form = {"data": ticket["fields"], "files": {"file": data}}
        answer = self._to_storage.post(ticket["url"], **form)
        expect(answer.is_success, f"upload → {answer.status_code} {answer.text[:300]}")
