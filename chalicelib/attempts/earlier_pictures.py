"""Rules of replayed pictures: the earlier pictures that a check's picture or a frame must not show again. Pure."""

from collections.abc import Mapping

import msgspec

from chalicelib.attempts.items import OF_CHECK
from chalicelib.attempts.model import Attempt, CheckState
from chalicelib.identity.sameness import Earlier, Imprint
from chalicelib.proctoring.model import Replay


class EarlierShowing(msgspec.Struct, frozen=True):
    """Where these pixels were shown first in an exam. `event`: `of_check` or `of_frame`."""

    account: str
    attempt: str
    event: str


def known_pictures(
    attempt: Attempt,
    event: str,
    pixels: str,
    *,
    first: EarlierShowing,
    own: Mapping[str, Imprint],
) -> list[Earlier]:
    """Return the earlier pictures that the picture of this event must not show: first another person's, then own ones.

    `first`: where in the exam these `pixels` were shown first. `own`: event → picture of this attempt. The picture of
    the event itself is not among the returned ones.
    """
    earlier: list[Earlier] = []
    if first.account != attempt.account_id:
        earlier.append(Earlier(Replay.OTHER_PERSON.value, Imprint(pixels), False))
    elif first.attempt != attempt.attempt_id and not attempt.policy.is_practice:
        # an earlier round of this person; practices have nothing to do with each other
        earlier.append(Earlier(Replay.EARLIER_FRAME.value, Imprint(pixels), True))
    for name, imprint in own.items():
        if name != event and _counts(attempt, name):
            earlier.append(Earlier(Replay.EARLIER_FRAME.value, imprint, True))
    return earlier


def _counts(attempt: Attempt, event: str) -> bool:
    """Whether an own picture counts. A check that could not run does not: it may be repeated with the same picture."""
    check = attempt.find_verification(event.removeprefix(OF_CHECK))
    return check is None or check.state is not CheckState.NOT_RUN
