"""Stories of two candidates who practise (试考) beside their exam, at any time of it.

A practice changes nothing of the exam's attempt, whose model knows nothing of practices. What a practice itself may
leave says invariant 29 (`practices.py`).
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.proof.book import Exchange
from tests.proof.lives import PEOPLE, Lives

PRACTICE = "shanxi-practice"
TROUBLES = st.sampled_from([None, "none", "refused", "ended"])


class PractisingLives(Lives):
    """The rules of `Lives`, and those of a practice."""

    @rule(who=PEOPLE, trouble=TROUBLES, full_screen=st.sampled_from([None, True, False]))
    def practise(self, who: int, trouble: str | None, full_screen: bool | None) -> None:
        """Begin a practice, or go on with it, and tell what the device shows."""
        self._tell(who, {"camera_trouble": trouble, "full_screen": full_screen})

    @rule(who=PEOPLE)
    def end_practice(self, who: int) -> None:
        self._tell(who, {"end": True})

    @rule(who=PEOPLE)
    def start_practice(self, who: int) -> None:
        """Start a practice before its check-in is done, which is refused."""
        if path := self._open(who):
            assert self.w.people[who].api.post(f"{path}/start", {}).status in (403, 409)

    @rule(who=PEOPLE)
    def call_for_help_in_practice(self, who: int) -> None:
        """Ask for help, which no practice gives."""
        if path := self._open(who):
            asked = {"request_id": "help-0001", "reason": "camera"}
            assert self.w.people[who].api.post(f"{path}/help", asked).status in (403, 409)

    def expected(self, entry: Exchange) -> str:
        """Take an answer about a practice as it is; the model is one of the exam."""
        if PRACTICE in entry.path or entry.attempt_id.startswith("pr_"):
            assert entry.status < 500
            return entry.code or ""
        return super().expected(entry)

    def _open(self, who: int) -> str:
        """Return the path of the newest practice; "" when the day has no more of them."""
        answer = self.w.people[who].api.post(f"/exams/{PRACTICE}/attempts")
        if answer.status == 200:
            return f"/attempts/{answer.json['attempt_id']}"
        assert answer.code == "practice_enough_today", answer
        return ""

    def _tell(self, who: int, report: dict[str, Any]) -> None:
        if path := self._open(who):
            assert self.w.people[who].api.post(f"{path}/practice", report).status == 200
