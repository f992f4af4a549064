"""Compare an uploaded picture of a check or a snapshot, in one place for both.

It finds the face, collects everything to compare with, and compares. The caller writes the result.
"""

import hashlib
from typing import Any

import msgspec

from chalicelib.attempts import store
from chalicelib.attempts.earlier_pictures import known_pictures
from chalicelib.attempts.model import Attempt
from chalicelib.exams import roster_photos
from chalicelib.identity import comparing, enrolment
from chalicelib.identity.comparing import Comparison, Counterparts
from chalicelib.identity.model import Reference
from chalicelib.identity.sameness import Imprint
from chalicelib.kernel.faults import OurFault
from chalicelib.shared.errors import NotFound


class Compared(msgspec.Struct, frozen=True):
    """The result of comparing a picture. `sha256`: of its bytes. `reference`: SHA-256 of the photo used instead of
    the ID photo; empty when it was the ID photo.
    """

    comparison: Comparison
    sha256: str
    reference: str = ""

    def row(self, findings: msgspec.Struct, judged_at: int, **more: Any) -> dict[str, Any]:
        """Return the row to store: the findings, with the hashes by which the picture can be judged again."""
        row = {**msgspec.to_builtins(findings), "sha256": self.sha256, "judged_at": judged_at}
        if self.reference:
            row["reference"] = self.reference
        return row | more


def compare(attempt: Attempt, event: str, data: bytes, *, now: int, in_exam: bool) -> Compared:
    """Compare the picture of an event (`of_check`, `of_frame`) with the photo of the person and earlier pictures.

    `in_exam`: whether it is a snapshot. A failure of ours is a comparison with its reason in `unusable`
    (`kernel.faults`). Raises `NotFound` when the ID photo is gone, `Unavailable`.
    """
    digest = hashlib.sha256(data).hexdigest()
    try:
        reference = _reference(attempt, now)
    except NotFound:
        return Compared(Comparison(None, OurFault.ROSTER_PHOTO_MISSING.value), digest)
    sight = comparing.look_at(data)
    if isinstance(sight, Comparison):
        comparison = sight
    else:
        counterparts = _gather(attempt, event, sight.imprint, reference, now)
        comparison = comparing.compare_face(sight, counterparts, now=now, in_exam=in_exam)
    return Compared(comparison, digest, reference.sha256 if reference else "")


def _reference(attempt: Attempt, now: int) -> Reference | None:
    """Return the photo to compare with instead of the ID photo: an operator's, or the publisher's for such an exam.

    Raises `NotFound` when the publisher has brought none, and no operator has admitted this person.
    """
    if not attempt.by_roster:
        return attempt.reference
    try:
        photo = roster_photos.get_photo(
            exam_id=attempt.exam_id, person_hash=attempt.identity.person_hash, now=now
        )
    except NotFound:
        if attempt.waiver is None:
            raise
        return None
    key = roster_photos.picture_key(exam_id=attempt.exam_id, photo=photo)
    return Reference(
        photo.sha256, photo.vector, photo.engine, photo.model, key, signature=photo.signature
    )


def _gather(
    attempt: Attempt, event: str, imprint: Imprint, reference: Reference | None, now: int
) -> Counterparts:
    """Return everything that a picture is compared with, and store what identifies the picture later.

    It is stored before the others are read. So of two pictures that are judged at the same time, at least one is
    compared with the other.
    """
    first = store.claim_pixels(attempt, event, imprint.pixels, now)
    store.put_picture(attempt.attempt_id, event, imprint, now)
    own = store.list_pictures(attempt.attempt_id, now)
    earlier = known_pictures(attempt, event, imprint.pixels, first=first, own=own)
    on_file = enrolment.load(attempt.account_id, attempt.identity.photo_id, reference)
    return Counterparts(on_file, earlier)
