"""Snapshots and photos of a face as small pictures with captions."""

import contextlib

from chalicelib.attempts.watching import Snapshot
from chalicelib.desk import parts
from chalicelib.desk import texts as t
from chalicelib.exams import roster_photos
from chalicelib.identity import service as identity
from chalicelib.identity.model import FaceVerdict
from chalicelib.proctoring.model import Verdict
from chalicelib.proctoring.texts import FRAME_LABELS
from chalicelib.shared import pictures
from chalicelib.shared.errors import NotFound
from chalicelib.shared.html import Html

THUMBNAIL = 160  # pixels of the longer side: 3 to 4 kB each
FRAME = 320  # pixels, where somebody has to recognise a face


def figure(snapshot: Snapshot, side: int) -> Html:
    """One snapshot with its moment, its verdict and the reason: how alike the faces are, or what is wrong with it."""
    data = pictures.thumbnail(snapshot.data, side) if snapshot.data else None
    labels = [FRAME_LABELS[snapshot.verdict.value], _why(snapshot)]
    finding = "：".join(label for label in labels if label)
    caption = f"{snapshot.slot + 1} · {parts.moment(snapshot.at)} · {finding}"
    return parts.picture(data, caption, snapshot.url)


def _why(snapshot: Snapshot) -> str:
    if snapshot.verdict is Verdict.MATCH:
        return ""
    if snapshot.comparison is not None:
        return likeness_of(snapshot.comparison)
    return t.FRAME_REASONS.get(snapshot.reason, "")


def likeness_of(compared: FaceVerdict) -> str:
    """How alike two faces are, in words: where the distance lies between the limits of match and mismatch."""
    between = compared.mismatch_above - compared.match_at
    if compared.distance <= compared.match_at:
        place = 0
    elif compared.distance <= compared.match_at + between / 2:
        place = 1
    elif compared.distance <= compared.mismatch_above:
        place = 2
    else:
        place = 3
    return t.LIKENESS[place]


def roster_photo(exam_id: str, person_hash: str, now: int) -> bytes | None:
    """A small JPEG of the publisher's photo of somebody; None when there is none."""
    with contextlib.suppress(NotFound):
        data = roster_photos.read_picture(exam_id=exam_id, person_hash=person_hash, now=now)
        return pictures.thumbnail(data, FRAME)
    return None


def id_photo(account_id: str, photo_id: str) -> bytes | None:
    """A small JPEG of an ID photo; None when it is not kept any more."""
    with contextlib.suppress(NotFound):
        data = identity.read_photo(account_id=account_id, photo_id=photo_id)
        return pictures.thumbnail(data, FRAME)
    return None
