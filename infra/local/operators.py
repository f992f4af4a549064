"""Two demo operators, added by the same function as real ones. The launcher shows their one-time codes.

An app on a real phone would show the codes of real time: here the clock is moved.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.front import Reply, json_reply
from infra.local.functions import Functions

Json = dict[str, Any]
log = logging.getLogger("kaochang")

ENTRY = "add_operator"
DEMO = (("李运营", "0001"), ("王运营", "0002"))
STEP_MS = 30_000


@dataclass
class DemoOperators:
    """The two demo operators. Their secrets are in a file beside the state of the emulator."""

    functions: Functions
    file: Path
    now_ms: Callable[[], int]
    secrets: dict[str, str] = field(default_factory=dict)

    def enter(self) -> None:
        """Add both operators, unless they exist. The first one adds the second one."""
        if self.functions.find(ENTRY) is None:
            return
        self.secrets = json.loads(self.file.read_text("utf-8")) if self.file.exists() else {}
        (first, number), (second, second_number) = DEMO
        if self._enter(first, number) or second not in self.secrets:
            by = {"operator": first, "operator_code": self.code(first)}
            self._enter(second, second_number, **by)
        if set(self.secrets) < {first, second}:
            log.error("The codes of the demo operators are lost; remove the folder of --var.")

    def _enter(self, name: str, number: str, **by: str) -> bool:
        """Add one operator and keep the secret. Returns whether the function gave a secret."""
        event = {"command_id": f"demo-{number}", "name": name, "staff_number": number}
        outcome = self.functions.call(ENTRY, {**event, "reason": "本机演示", **by})
        if outcome.error or not outcome.result["ok"]:
            return False
        self.secrets[name] = outcome.result["secret"]
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(self.secrets, ensure_ascii=False), "utf-8")
        fresh.replace(self.file)
        return True

    def code(self, name: str) -> str:
        """Return the one-time code of an operator now, "" when the secret is lost."""
        import pyotp

        secret = self.secrets.get(name)
        return pyotp.TOTP(secret).generate_otp(self.now_ms() // STEP_MS) if secret else ""

    def rows(self) -> list[Json]:
        """Return names and codes, and for how many seconds the codes are valid."""
        left = (STEP_MS - self.now_ms() % STEP_MS) // 1000
        return [
            {"name": name, "staff_number": number, "code": self.code(name), "seconds_left": left}
            for name, number in DEMO
            if name in self.secrets
        ]

    def show(self) -> Reply:
        """Return the rows as JSON."""
        return json_reply({"operators": self.rows()})
