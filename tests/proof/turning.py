"""Stories of two candidates in an exam that asks for a turn of the head: good and bad second pictures at any time.

Only one of them has pictures of a turned head, so only one can pass.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.proof.lives import PEOPLE, SMALL, Lives
from tests.proof.machine import MINUTE
from tests.proof.people import T0

TURNING: dict[str, Any] = {**SMALL, "liveness": "head_turn"}
SECONDS = ["own", "own", "own", "frame_flat.jpg", "frame_empty.jpg", "frame_b.jpg"]


class TurningLives(Lives):
    """The rules of `Lives`, and one for the second picture."""

    @initialize()
    def begin(self) -> None:
        self.w.clock.now = T0 - 5 * MINUTE
        for who in range(len(self.w.people)):
            self.open(who)
            self.notice(who)
            self.camera(who)
            self.network(who)
            self.reserve(who)

    @rule(who=PEOPLE, which=st.integers(0, 2), picture=st.sampled_from(SECONDS))
    def show_turn(self, who: int, which: int, picture: str) -> None:
        """Post a second picture to one of the newest tickets, perhaps again, perhaps before the first one."""
        person = self.w.people[who]
        if which >= len(person.reservations):
            return
        check, _ = person.reservations[-1 - which]
        good = picture == "own" and person.face == "a"
        name = "" if good else picture.replace("own", "frame_b.jpg")
        if person.show_turn(name, -1 - which).status == 204:
            attempt_id, request = self.checks[check]
            means = "good" if good else "bad"
            self.sittings[attempt_id].checks[request].turned = means
            self.shown[self.w.events[-1].number] = means

    @rule(who=PEOPLE)
    def check_in_to_the_end(self, who: int) -> None:
        """Do all steps of a check-in until one is refused."""
        self.notice(who)
        self.camera(who)
        self.network(who)
        known = len(self.w.people[who].reservations)
        self.reserve(who)
        if len(self.w.people[who].reservations) > known:
            self.show_face(who, 0, "own")
            self.deliver_event(self.w.events[-1])
            self.show_turn(who, 0, "own")
            self.deliver_event(self.w.events[-1])
            self.admit(who)
