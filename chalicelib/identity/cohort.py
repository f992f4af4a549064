"""The cohort: faces of other enrolled people, beside which two pictures of one person must stand out.

Drawn anew each day, so whoever is no longer enrolled is in no later version; older versions stay a while, so
that a verdict can be judged again (docs/face.md).
"""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from chalicelib.identity import model, store
from chalicelib.identity.model import Cohort, CohortNote, Likeness, Member
from chalicelib.shared import clock, ids, log
from chalicelib.shared.errors import Conflict
from chalicelib.shared.secrets import keyed_hash


def draw_cohort(*, now: int) -> int:
    """Draw today's version if nobody has; returns 1 when this call did. Twice or late, there is one a day."""
    today = clock.china_day(now)
    note = store.load_cohort_note()
    if note is not None and note.day >= today:
        return 0
    drawn = _draw(today)
    noted = store.note_cohort(drawn)
    log.event("cohort_drawn", day=today, size=drawn.size, noted=noted)
    return int(noted)


def _draw(day: str, without: str = "") -> CohortNote:
    """Draw and keep a version; nobody uses it before it is noted."""
    drawn = (member for member in _enrolled() if member.tag != without)
    # One more than a comparison uses: the person compared may be among them.
    members = tuple(islice(drawn, model.COHORT_MOST + 1))
    version = ""
    if len(members) >= model.COHORT_LEAST:
        data = msgspec.msgpack.encode(members)
        version = hashlib.sha256(data).hexdigest()
        store.write_cohort(version, data)
    return CohortNote(version, len(members), day)


def forget_member(*, account_id: str, now: int) -> int:
    """Remove every cohort that holds this person's face; returns how many. One in use is drawn anew first.

    Raises `Conflict`: `busy`, when another draw came between.
    """
    tag = _tag(account_id)
    held = [
        stored
        for stored, members in store.list_cohorts()
        if any(member.tag == tag for member in members)
    ]
    note = store.load_cohort_note()
    in_use = note is not None and store.cohort_key(note.version) in {key for key, _ in held}
    if note is not None and in_use:
        drawn = _draw(clock.china_day(now), without=tag)
        if not store.replace_cohort(note.version, drawn):
            raise Conflict("busy")
        log.event("cohort_drawn", day=drawn.day, size=drawn.size, noted=True)
    return store.delete_cohorts(held)


def _enrolled() -> Iterator[Member]:
    """Everybody with an ID photo once, from a random place in the table on."""
    start, seen = ids.new_id("account#ac_"), set()
    for place in (start, None):
        for account_id, photo in store.list_photos(place):
            if account_id not in seen:
                seen.add(account_id)
                yield Member(_tag(account_id), photo.model, photo.vector)


def likeness(
    *, account_id: str, face: Sequence[float], enrolled: Sequence[float], engine_model: str
) -> Likeness | None:
    """How a face stands out from the others, or None while fewer than `COHORT_LEAST` others are known."""
    from chalicelib import faces

    cohort = _current()
    if cohort is None:
        return None
    others = cohort.others(_tag(account_id), engine_model)
    if len(others) < model.COHORT_LEAST:
        return None
    z = faces.cohort_z(face, enrolled, [faces.unpack_vector(vector) for vector in others])
    return Likeness(z, cohort.version, len(others))


def _current() -> Cohort | None:
    """The version in use. One small read each time, so that a new version holds everywhere at once."""
    note = store.load_cohort_note()
    if note is None or not note.version:
        return None
    try:
        return store.load_cohort(note.version)
    except store.CohortMissing as missing:  # judged as without cohort; the verdict says so
        log.crash(missing)
        return None


def _tag(account_id: str) -> str:
    return keyed_hash("cohort", account_id)[:16]
