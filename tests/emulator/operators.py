"""Operators of the embedded cloud who enter each other, so that there is always an unused code."""

from dataclasses import dataclass
from typing import Any

import pyotp

from infra.local.operators import STEP_MS
from tests.emulator.launching import Launched


@dataclass
class Person:
    """An operator with their app."""

    name: str
    secret: str
    last_step: int = 0

    def code(self, step: int) -> dict[str, str]:
        """Return the code that they type. It is used once."""
        self.last_step = step
        return {"operator": self.name, "operator_code": pyotp.TOTP(self.secret).generate_otp(step)}


class Relay:
    """Gives each command a code of its own while the clock stays where it is.

    A code of the next step is good already; it is kept for letting the next operator in.
    """

    def __init__(self, launched: Launched) -> None:
        self._launched = launched
        self._people: list[Person] = []

    def sign(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event with an operator and a code that was not used."""
        step = self._step()
        rested = [person for person in self._people if person.last_step < step]
        person = rested[0] if rested else self._next(step)
        return {
            **event,
            **person.code(self._step()),
        }  # letting somebody in may have moved the clock

    def _step(self) -> int:
        return int(self._launched.local("clock")["now"]) // STEP_MS

    def _next(self, step: int) -> Person:
        """Somebody new, let in by who has a code left, or first of all by a demo operator."""
        able = [person for person in self._people if person.last_step <= step]
        if able:
            return self._enter(able[0].code(step + 1))
        self._launched.local("clock", {"advance_ms": STEP_MS})  # theirs may be used
        demo = self._launched.local("operators")["operators"][0]
        return self._enter({"operator": demo["name"], "operator_code": demo["code"]})

    def _enter(self, by: dict[str, str]) -> Person:
        number = f"T{len(self._people) + 1:03}"
        event = {"command_id": f"relay-{number}", "name": f"测试员{number}", "staff_number": number}
        called = self._launched.local("functions/add_operator", {**event, "reason": "测试", **by})
        assert called["result"]["ok"], called
        self._people.append(Person(event["name"], called["result"]["secret"]))
        return self._people[-1]
