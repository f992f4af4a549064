"""What a check's picture or a frame must not be: a photo of the person, somebody else's picture, an own one. Pure."""

from collections.abc import Iterable, Mapping

import msgspec

from chalicelib.attempts.items import OF_CHECK
from chalicelib.attempts.model import Attempt, State
from chalicelib.identity.sameness import Earlier, Imprint
from chalicelib.proctoring.model import Replay


class Shown(msgspec.Struct, frozen=True):
    """Where pixels were shown first in an exam. `event`: `of_check` or `of_frame`."""

    account: str
    attempt: str
    event: str


def known_pictures(
    attempt: Attempt,
    event: str,
    pixels: str,
    *,
    photos: Iterable[bytes],
    first: Shown,
    own: Mapping[str, Imprint],
) -> list[Earlier]:
    """All that the picture of this event is compared with, the more telling first; never the event's own picture.

    `photos`: signatures of the photos of this person; `first`: where in the exam just these `pixels` were shown
    first; `own`: event → picture of this attempt.
    """
    found = [Earlier(Replay.ID_PHOTO.value, Imprint("", photo), False) for photo in photos]
    if first.account != attempt.account_id:
        found.append(Earlier(Replay.OTHER_PERSON.value, Imprint(pixels), False))
    elif first.attempt != attempt.attempt_id:  # an earlier round of this person
        found.append(Earlier(Replay.EARLIER_FRAME.value, Imprint(pixels), True))
    for name, imprint in own.items():
        if name != event and _counts(attempt, name):
            found.append(Earlier(Replay.EARLIER_FRAME.value, imprint, True))
    return found


def _counts(attempt: Attempt, event: str) -> bool:
    """Of checks those that ran: one that could not run is repeated, perhaps with its very picture."""
    check = attempt.find_verification(event.removeprefix(OF_CHECK))
    return check is None or check.state is not State.NOT_RUN
