"""`/_local/`: one page for who tries the product by hand: text messages, captcha, clock, codes, faults, links."""

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra import preview
from infra.local.aws import Aws
from infra.local.emulator import Emulator
from infra.local.faults import Faults
from infra.local.front import Refusal, Reply, Request, json_reply
from infra.local.operators import DemoOperators
from infra.local.timekeeper import Timekeeper

Json = dict[str, Any]

PAGE = Path(__file__).with_name("home.html")
CAPTCHAS = "/api/captchas"
MOST_MESSAGES = 8
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data: blob:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
# The preview is the one that is served to publishers: one file with its own style and script.
_PREVIEW_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass
class HomePage:
    """The page, and what it shows anew every two seconds."""

    address: str
    aws: Aws
    emulator: Emulator
    timekeeper: Timekeeper
    operators: DemoOperators
    faults: Faults
    passing_table: str
    examples: Path
    _captcha_id: str = ""
    _noting: threading.Lock = field(default_factory=threading.Lock)

    def page(self, *, built: bool) -> Reply:
        """Return the page. It says whether the candidates' page is built."""
        page = PAGE.read_text("utf-8").replace("__ADDRESS__", self.address)
        page = page.replace("__BUILT__", str(built).lower())
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": _POLICY,
            # As the candidates' page, so that it can tell the tabs that it opened to look at the clock.
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        return Reply(200, page.encode(), list(headers.items()))

    def script(self) -> Reply:
        """Return the script of the page."""
        kind = [("Content-Type", "text/javascript; charset=utf-8")]
        return Reply(200, PAGE.with_suffix(".js").read_bytes(), kind)

    def state(self) -> Reply:
        """Return time, newest messages, newest captcha, operators' codes and faults."""
        return json_reply(
            {
                "now": self.timekeeper.now_ms(),
                "messages": newest_messages(self.emulator)[:MOST_MESSAGES],
                "captcha": self._newest_captcha(),
                "operators": self.operators.rows(),
                "faults": self.faults.listed(),
            }
        )

    def switch(self, content: Any) -> Reply:
        """Switch a fault (`{"name", "on"}`) and return the state. Raises `Refusal` for an unknown one."""
        wanted = content if isinstance(content, dict) else {}
        if not isinstance(wanted.get("name"), str) or not isinstance(wanted.get("on"), bool):
            raise Refusal(400, "invalid_request", "请求内容不正确。", expected="name and on")
        try:
            self.faults.switch(wanted["name"], wanted["on"])
        except KeyError:
            raise Refusal(404, "not_found", "没有这个故障开关。") from None
        return self.state()

    def answers(self, name: str) -> Reply:
        """Return the questions of an example pack with their right answers. Raises `Refusal` for an unknown pack."""
        folder = self.examples / name
        if not (folder / "exam.yaml").is_file():
            raise Refusal(404, "not_found", "没有这套示例试题。")
        headers = preview.HEADERS | {"Content-Security-Policy": _PREVIEW_POLICY}
        return Reply(200, preview.read_page(folder), list(headers.items()))

    def note(self, request: Request, reply: Reply) -> None:
        """Remember the captcha that the API has just made."""
        if (request.method, request.path, reply.status) == ("POST", CAPTCHAS, 201):
            with self._noting:
                self._captcha_id = json.loads(reply.body).get("captcha_id", "")

    def _newest_captcha(self) -> Json | None:
        """Return the newest captcha of this run and whether it was used, None without one."""
        captcha = read_captcha(self.aws, self.passing_table, self._captcha_id)
        return captcha and {"answer": captcha["answer"], "used": captcha["used"]}


def read_captcha(aws: Aws, passing_table: str, captcha_id: str) -> Json | None:
    """Return the answer of a captcha, and whether it was used; None when there is none of this id."""
    key = {"pk": {"S": f"captcha#{captcha_id}"}}
    row = aws.client("dynamodb").get_item(TableName=passing_table, Key=key, ConsistentRead=True)
    item = row.get("Item", {})
    if "local_answer" not in item:
        return None
    return {"answer": item["local_answer"]["S"], "used": "used" in item}


def newest_messages(emulator: Emulator, number: str = "") -> list[Json]:
    """Return the text messages to a number (E.164), or to all numbers, newest first.

    `sent_at` is real time in UTC ms; it is 0 for messages of a run that did not note it.
    """
    query = f"?phoneNumber={number.replace('+', '%2B')}" if number else ""
    outbox = emulator.get_json(f"/_ministack/sns/sms-messages{query}")["sms_messages"]
    messages = [
        {
            "message": sent["Message"],
            "phone": sent["PhoneNumber"],
            "id": sent["MessageId"],
            "sent_at": sent.get("SentAt", 0),
        }
        for of_number in outbox.values()
        for sent in of_number[::-1]
    ]
    return sorted(messages, key=lambda message: -message["sent_at"])
