"""What a check's picture or a frame must not be: somebody else's picture, or an own one of before. Pure."""

from collections.abc import Mapping

import msgspec

from chalicelib.attempts.items import OF_CHECK
from chalicelib.attempts.model import Attempt, CheckState
from chalicelib.identity.sameness import Earlier, Imprint
from chalicelib.proctoring.model import Replay


class EarlierShowing(msgspec.Struct, frozen=True):
    """Where pixels were shown first in an exam. `event`: `of_check` or `of_frame`."""

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
    """Return the earlier pictures that the picture of this event must not show, the more telling first.

    `first`: where in the exam just these `pixels` were shown first; `own`: event → picture of this attempt. The
    event's own picture is never among them.
    """
    earlier: list[Earlier] = []
    if first.account != attempt.account_id:
        earlier.append(Earlier(Replay.OTHER_PERSON.value, Imprint(pixels), False))
    elif first.attempt != attempt.attempt_id:  # an earlier round of this person
        earlier.append(Earlier(Replay.EARLIER_FRAME.value, Imprint(pixels), True))
    for name, imprint in own.items():
        if name != event and _counts(attempt, name):
            earlier.append(Earlier(Replay.EARLIER_FRAME.value, imprint, True))
    return earlier


def _counts(attempt: Attempt, event: str) -> bool:
    """Of checks those that ran: one that could not run is repeated, perhaps with its very picture."""
    check = attempt.find_verification(event.removeprefix(OF_CHECK))
    return check is None or check.state is not CheckState.NOT_RUN
