"""Attempts in DynamoDB: the item of an attempt and the two ways to change it.

Attempts table: (`attempt_id`, `ATTEMPT`) the attempt; (`attempt_id`, `ATTEMPT#RESTING`) what of it rests since its
start; (`attempt_id`, `RESULT`) its stored score;
(`#sweep`, `CURSOR`) how far overdue attempts were looked for, (`#sweep`, `UNCLOSED#attempt`) which of
them could not be closed; (`#find/…`, `attempt_id`) by what an attempt is found within its exam.
Index: `by_account`; the others are read by `index_store`. `resting_store` writes the second item.
"""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote_plus

import msgspec

from chalicelib.attempts import index_store, items, resting_store
from chalicelib.attempts.earlier_pictures import EarlierShowing
from chalicelib.attempts.items import OF_FRAME, from_item, of_check, of_frame, of_turn, to_item
from chalicelib.attempts.model import (
    PRACTICE_DAYS,
    PRACTICE_IDS,
    Attempt,
    LiveAttempt,
    Status,
)
from chalicelib.attempts.rows import expiry_of, row_key, whole_days
from chalicelib.attempts.shards import exam_shard
from chalicelib.attempts.sitting import Batch, Started
from chalicelib.exams.questions import Answer
from chalicelib.identity.sameness import Imprint
from chalicelib.kernel import records
from chalicelib.kernel.outcomes import Outcomes, applied, includes
from chalicelib.shared import lines, objects, queues, table
from chalicelib.shared.clock import SECOND_MS
from chalicelib.shared.objects import StoredObject, UploadTicket
from chalicelib.shared.secrets import keyed_hash
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If, Item

UPLOADS = "incoming/verifications"
SNAPSHOTS = "incoming/snapshots"
SPEED_TESTS = "speed"  # not below `incoming/`: nobody looks at these bytes
SPEED_TICKET_S = 120
MAX_SPEED_BYTES = 1024 * 1024
_SWEEP = "#sweep"
_CURSOR = {"attempt_id": _SWEEP, "sk": "CURSOR"}
_UNCLOSED = "UNCLOSED#"
_TURN = ".turn"
_PICTURE = "PICTURE#"
PICTURES_DAYS = 90  # as long as evidence that accuses nobody (infra/resources.yaml)


class NotSaved(Exception):
    """The condition of an answer save was not met. `attempt`: the stored attempt; None when there is none."""

    def __init__(self, attempt: LiveAttempt | None) -> None:
        super().__init__("not saved")
        self.attempt = attempt


def attempt_id_of(exam_id: str, account_id: str, number: int, *, practice: bool = False) -> str:
    """Return the id of a round. It follows from exam, account and round, so opening twice gives the same attempt.

    Ids of practice attempts begin with letters of their own, by which S3 deletes their pictures early.
    """
    prefix = PRACTICE_IDS if practice else "at_"
    return prefix + keyed_hash("attempt", exam_id, account_id, number)[:28]


def load_attempt(attempt_id: str) -> Attempt | None:
    """Return one attempt, both items by one query; None when there is none.

    Expired items of a practice are deleted one by one: it is gone when either of them is.
    """
    rows = table.query(
        settings().attempts_table,
        hash_key=("attempt_id", attempt_id),
        sort_prefix=("sk", items.ATTEMPT),
        most=2,
    )
    try:
        return _attempt_of({row["sk"]: row for row in rows})
    except items.RestingItemMissing:
        if attempt_id.startswith(PRACTICE_IDS):
            return None
        raise


def _attempt_of(rows: Mapping[str, Item]) -> Attempt | None:
    item = rows.get(items.ATTEMPT)
    return from_item(item, rows.get(items.RESTING)) if item else None


def load_attempts(attempt_ids: Iterable[str]) -> Iterator[Attempt]:
    """Yield these attempts in no particular order, many with one call. Eventually consistent."""
    for some in itertools.batched(attempt_ids, _LOADED_AT_ONCE):
        keys = [row_key(one, sk) for one in some for sk in (items.ATTEMPT, items.RESTING)]
        found: dict[str, dict[str, Item]] = {}
        for row in table.get_many(settings().attempts_table, keys):
            found.setdefault(row["attempt_id"], {})[row["sk"]] = row
        for attempt_id, rows in found.items():
            try:
                attempt = _attempt_of(rows)
            except items.RestingItemMissing:  # this read is a moment behind
                attempt = load_attempt(attempt_id)
            if attempt is not None:
                yield attempt


def put_attempt(attempt: Attempt) -> Attempt:
    """Put a new attempt unless there is one with its id; returns the one that is stored now."""
    _index_for_search(attempt)
    shard = exam_shard(attempt)
    index_store.remember_shards(attempt)
    expiry = expiry_of(attempt.attempt_id, attempt.opened_at)
    item = {**to_item(attempt), "exam_shard": shard, **expiry}
    try:
        table.put(settings().attempts_table, item, If().absent("attempt_id"))
    except ConditionFailed as failed:
        assert failed.old is not None
        stored = load_attempt(attempt.attempt_id) if items.is_split(failed.old) else None
        return stored or from_item(failed.old)
    return attempt


_LOADED_AT_ONCE = 50  # attempts: two items of each are the hundred that one call takes
FOUND_DAYS = 400  # as long as evidence of a dispute


def _index_for_search(attempt: Attempt) -> None:
    """Write by what operators find this attempt within its exam: the name, and the end of the ID number.

    The rows are written before the attempt: after a crash in between they lead to nothing, and the same request writes
    them again.
    """
    days = PRACTICE_DAYS if attempt.policy.is_practice else FOUND_DAYS
    until = whole_days(attempt.opened_at, days)
    for key in _search_keys(attempt):
        table.put(settings().attempts_table, {**key, "expires_at_s": until})


def remove_from_search(attempt: Attempt) -> None:
    """Remove by what operators find this attempt within its exam. Removing it twice changes nothing."""
    for key in _search_keys(attempt):
        table.delete(settings().attempts_table, key)


def _search_keys(attempt: Attempt) -> tuple[Item, Item]:
    """The keys of the rows by which an attempt is found."""
    exam_id, person = attempt.exam_id, attempt.identity
    name = _search_key(exam_id, "name", lines.fold_name(person.name))
    number = _search_key(exam_id, "number", number_end(person.id_number_masked))
    return (
        {"attempt_id": name, "sk": attempt.attempt_id},
        {"attempt_id": number, "sk": attempt.attempt_id},
    )


def _search_key(exam_id: str, by: str, value: str) -> str:
    return f"#find/{exam_id}/{keyed_hash('find_attempt', exam_id, by, value)}"


def number_end(masked: str) -> str:
    """Return what can be seen of the end of a masked ID number."""
    return masked.rpartition("*")[2].upper()


def find_by_name(exam_id: str, name: str, most: int) -> list[str]:
    """Return the ids of attempts of an exam whose person has this name. Attempts of earlier releases are not found."""
    return _find(_search_key(exam_id, "name", lines.fold_name(name)), most)


def find_by_number_end(exam_id: str, end: str, most: int) -> list[str]:
    """Return the ids of attempts of an exam whose person's ID number ends so. See `find_by_name`."""
    return _find(_search_key(exam_id, "number", end.upper()), most)


def _find(key: str, most: int) -> list[str]:
    rows = table.query(settings().attempts_table, hash_key=("attempt_id", key), most=most)
    return [row["sk"] for row in rows]


def write_outcomes(attempt: Attempt, outcomes: Outcomes) -> Attempt:
    """Way 1, *decide*: write what a rule decided, if no other decision was written since.

    The start moves what rests from then on into the resting item, which an admission puts beforehand. Returns the
    attempt after the write, with the next version. Raises `LostRace`, `Unavailable`.
    """
    condition = If()
    plain = records.plain_fields(outcomes)
    if "answers" in plain:
        # The whole map is written: a save that came between must not be lost, so this one is decided again.
        condition.equals("acked_seq", attempt.acked_seq)
    after = applied(attempt, outcomes)
    for name in [
        n for n in plain if n not in _WITHOUT_VERSION and getattr(after, n) == getattr(attempt, n)
    ]:
        del plain[name]  # the items of this version say so already
    sets = {n: items.packed(n, value) for n, value in plain.items() if value is not None}
    removes = {name for name, value in plain.items() if value is None}
    if includes(outcomes, Started):
        removes |= items.leaving(attempt, resting_store.resting_of(attempt)) - sets.keys()
        sets[items.RESTS] = attempt.version
    elif attempt.status is not Status.OPENED:
        # What stands in the resting item cannot be removed there: None in the first item hides it.
        hidden = {name for name in removes if items.may_rest(name)}
        sets |= dict.fromkeys(hidden)
        removes -= hidden
    item = records.write_fields(
        settings().attempts_table,
        row_key(attempt.attempt_id),
        attempt.version,
        sets,
        tuple(sorted(removes)),
        condition=condition,
    )
    return _written(after, item)


# Saves and `take_mark` change these without a version, so a decision never knows what the item holds.
_WITHOUT_VERSION = frozenset({"answers", "acked_seq", "saved_at", "follow_up"})


def _written(attempt: Attempt, item: Item) -> Attempt:
    """Return an attempt after a write: saves and the removal of the mark may have come between, without a version."""
    now = items.live_from_item(item)
    return msgspec.structs.replace(
        attempt,
        version=now.version,
        answers=now.answers,
        acked_seq=now.acked_seq,
        saved_at=now.saved_at,
        follow_up=item.get("follow_up"),
    )


def save_answers(
    attempt_id: str,
    account_id: str,
    page: int,
    batch: Batch,
    answers: Mapping[str, Answer],
    now: int,
) -> LiveAttempt:
    """Way 2, the hot path: one conditional write, no read. Raises `NotSaved`.

    A page sends everything unacknowledged each time, so `acked_seq` alone settles order and repeats:

        acked 3 | batch 4…6 → saved, acked 6 | batch 4…6 again → refused, 6 ≥ 6: saved already
                | batch 4…7 (6 got lost on the way back) → saved, acked 7
    """
    condition = (
        If()
        .equals("status", Status.STARTED.value)
        .equals("account_id", account_id)
        .equals("page", page)
        .at_least("saves_until", now)
        .at_least("acked_seq", batch.first - 1)
        .below("acked_seq", batch.last)
    )
    for number in answers:
        condition.exists(f"answers.{number}")
    sets = {f"answers.{number}": answer for number, answer in answers.items()}
    try:
        item = table.update(
            settings().attempts_table,
            row_key(attempt_id),
            condition,
            sets={**sets, "acked_seq": batch.last, "saved_at": now},
        )
    except ConditionFailed as failed:
        raise NotSaved(items.live_from_item(failed.old) if failed.old else None) from None
    return items.live_from_item(item)


def list_attempt_ids(account_id: str) -> list[str]:
    """The attempts of an account, newest first."""
    rows = table.query(
        settings().attempts_table,
        index="by_account",
        hash_key=("account_id", account_id),
        newest_first=True,
        most=None,
    )
    return [row["attempt_id"] for row in rows]


def load_cursor() -> int | None:
    """The first minute (since 1970) that the sweep has not finished."""
    row = table.get(settings().attempts_table, _CURSOR)
    return int(row["minute"]) if row else None


def save_cursor(minute: int) -> None:
    """Keep the first minute (since 1970) that the sweep has not finished."""
    table.put(settings().attempts_table, {**_CURSOR, "minute": minute})


def list_unclosed() -> dict[str, int]:
    """The attempts that the sweep could not close → when it tried last (UTC ms)."""
    rows = table.query(
        settings().attempts_table,
        hash_key=("attempt_id", _SWEEP),
        sort_prefix=("sk", _UNCLOSED),
        most=None,
    )
    return {row["sk"].removeprefix(_UNCLOSED): int(row["tried_at"]) for row in rows}


def remember_unclosed(attempt_id: str, now: int) -> None:
    """Note that this attempt could not be closed, in a row of its own."""
    table.put(settings().attempts_table, {**_unclosed_key(attempt_id), "tried_at": now})


def forget_unclosed(attempt_id: str) -> None:
    """Remove the note that this attempt could not be closed."""
    table.delete(settings().attempts_table, _unclosed_key(attempt_id))


def _unclosed_key(attempt_id: str) -> Item:
    return {"attempt_id": _SWEEP, "sk": f"{_UNCLOSED}{attempt_id}"}


def put_result(attempt_id: str, result: Item) -> bool:
    """Store the score. Returns False when it was stored before. A score of another key keeps the older ones."""
    item = {"attempt_id": attempt_id, "sk": "RESULT", **result}
    try:
        table.put(settings().attempts_table, item, If().absent("attempt_id"))
    except ConditionFailed as failed:
        return failed.old is not None and _replace_result(failed.old, item)
    return True


def load_result(attempt_id: str) -> Item | None:
    """Return the stored score of an attempt; None when there is none."""
    return table.get(settings().attempts_table, {"attempt_id": attempt_id, "sk": "RESULT"})


def _replace_result(old: Item, item: Item) -> bool:
    """Replace a result by one of another key and a newer version of the attempt; False when nothing was replaced."""
    stored = {
        "key_version": "",
        "version": 0,
        **old,
    }  # what was kept before keys could be corrected
    if stored["key_version"] == item["key_version"] or stored["version"] >= item["version"]:
        return False
    earlier = {name: stored[name] for name in ("key_version", "points", "passed", "version")}
    history = [*old.get("history", []), earlier]
    try:
        table.put(
            settings().attempts_table,
            {**item, "history": history},
            If().absent_or_equals("version", stored["version"]),
        )
    except ConditionFailed:
        return False
    return True


def take_mark(attempt: Attempt) -> bool:
    """Take the mark away. Returns False when the attempt has changed since, so that it must be followed again."""
    try:
        table.update(
            settings().attempts_table,
            row_key(attempt.attempt_id),
            If().equals("version", attempt.version),
            removes=("follow_up",),
        )
    except ConditionFailed:
        return False
    return True


def upload_key(attempt_id: str, verification_id: str) -> str:
    """Where the picture of a verification is uploaded to."""
    return f"{UPLOADS}/{attempt_id}/{verification_id}"


def turn_key(attempt_id: str, verification_id: str) -> str:
    """Where the second picture of a check is uploaded to. Ids have no full stop, so the key is unambiguous."""
    return upload_key(attempt_id, verification_id) + _TURN


def verification_of(key: str) -> tuple[str, str, bool]:
    """(attempt, verification, whether it is the second picture) of an uploaded picture's key."""
    attempt_id, name = key.removeprefix(f"{UPLOADS}/").split("/")
    return attempt_id, name.removesuffix(_TURN), name.endswith(_TURN)


def snapshot_key(attempt_id: str, slot: int) -> str:
    """Where the frame of a snapshot is uploaded to. The key looks random, but follows from attempt and slot."""
    ticket_id = "sn_" + keyed_hash("snapshot", attempt_id, slot)[:28]
    return f"{SNAPSHOTS}/{attempt_id}/{ticket_id}"


def send_to_judge(keys: Iterable[str]) -> int:
    """Send events of uploaded frames to the judge, as S3 sends them; returns how many."""
    bodies = (
        json.dumps({"Records": [{"s3": {"object": {"key": quote_plus(key)}}}]}) for key in keys
    )
    return queues.send(settings().snapshot_queue_url, bodies)


def speed_ticket(attempt_id: str, now: int) -> UploadTicket:
    """Return a ticket for the random bytes of a network check. It works several times. The bytes are never read."""
    return objects.upload_ticket(
        settings().private_bucket,
        f"{SPEED_TESTS}/{attempt_id}",
        lifetime_s=SPEED_TICKET_S,
        now=now,
        max_bytes=MAX_SPEED_BYTES,
    )


def put_snapshot(attempt_id: str, slot: int, findings: Item) -> Item:
    """Keep what a snapshot showed, once; returns what is kept now."""
    return _put_findings(attempt_id, of_frame(slot), findings)


def put_verification(attempt_id: str, verification_id: str, findings: Item) -> Item:
    """Keep what a check's picture showed, once; returns what is kept now."""
    return _put_findings(attempt_id, of_check(verification_id), findings)


def load_verification(attempt_id: str, verification_id: str) -> Item | None:
    """What a check's frontal picture showed; None when it was not judged yet."""
    key = {"attempt_id": attempt_id, "sk": of_check(verification_id)}
    return table.get(settings().attempts_table, key)


def put_turn(attempt_id: str, verification_id: str, findings: Item) -> Item:
    """Keep what a check's two pictures showed of a turn, once; returns what is kept now."""
    return _put_findings(attempt_id, of_turn(verification_id), findings)


def _put_findings(attempt_id: str, sk: str, findings: Item) -> Item:
    expiry = expiry_of(attempt_id, findings.get("judged_at", 0))
    item = {"attempt_id": attempt_id, "sk": sk, **findings, **expiry}
    try:
        table.put(settings().attempts_table, item, If().absent("attempt_id"))
    except ConditionFailed as failed:
        return failed.old or item
    return item


def list_snapshots(attempt_id: str) -> dict[int, Item]:
    """What the judged snapshots of an attempt showed, by slot."""
    rows = table.query(
        settings().attempts_table,
        hash_key=("attempt_id", attempt_id),
        sort_prefix=("sk", OF_FRAME),
        most=None,
    )
    return {int(row["sk"].removeprefix(OF_FRAME)): row for row in rows}


def claim_pixels(attempt: Attempt, event: str, pixels: str, now: int) -> EarlierShowing:
    """Note that these pixels were shown, unless they were shown before in this exam. Returns where they were first."""
    shown = EarlierShowing(attempt.account_id, attempt.attempt_id, event)
    key = {"attempt_id": f"#pixels/{attempt.exam_id}/{pixels}", "sk": "FIRST"}
    until = _pictures_until(attempt.attempt_id, now)
    item = {**key, **msgspec.to_builtins(shown), "expires_at_s": until}
    try:
        table.put(
            settings().attempts_table,
            item,
            If().absent_or_below("expires_at_s", now // SECOND_MS + 1),
        )
    except ConditionFailed as failed:
        return msgspec.convert(failed.old, EarlierShowing)
    return shown


def put_picture(attempt_id: str, event: str, imprint: Imprint, now: int) -> None:
    """Store what identifies a picture of this attempt. The same picture writes nothing, another one replaces it."""
    key = {"attempt_id": attempt_id, "sk": f"{_PICTURE}{event}"}
    identifiers = {"pixels": bytes.fromhex(imprint.pixels), "signature": imprint.signature}
    item = {**key, **identifiers, "expires_at_s": _pictures_until(attempt_id, now)}
    try:
        table.put(settings().attempts_table, item, If().absent("attempt_id"))
    except ConditionFailed as failed:
        if failed.old is None or _imprint(failed.old).pixels != imprint.pixels:
            table.put(settings().attempts_table, item)


def list_pictures(attempt_id: str, now: int) -> dict[str, Imprint]:
    """What identifies each picture of this attempt, by event."""
    rows = table.query(
        settings().attempts_table,
        hash_key=("attempt_id", attempt_id),
        sort_prefix=("sk", _PICTURE),
        most=None,
    )
    live = (row for row in rows if row["expires_at_s"] > now // SECOND_MS)
    return {row["sk"].removeprefix(_PICTURE): _imprint(row) for row in live}


def _imprint(row: Item) -> Imprint:
    """What a row of a picture says. Rows of earlier releases hold the hash of the pixels as hexadecimal digits."""
    pixels = row["pixels"]
    return Imprint(pixels.hex() if isinstance(pixels, bytes) else pixels, row["signature"])


def _forget_pictures(attempt_id: str) -> None:
    for event in list_pictures(attempt_id, 0):
        key = {"attempt_id": attempt_id, "sk": f"{_PICTURE}{event}"}
        table.delete(settings().attempts_table, key)


def _pictures_until(attempt_id: str, now: int) -> int:
    """Return when a picture expires (seconds since 1970)."""
    days = PRACTICE_DAYS if attempt_id.startswith(PRACTICE_IDS) else PICTURES_DAYS
    return whole_days(now, days)


def write_evidence(attempt_id: str, sha256: str, data: bytes) -> None:
    """Store the judged bytes under their hash, so that the same bytes are the same object.

    They are deleted after a while (infra/resources.yaml), unless the attempt breaks a rule (`hold_evidence`).
    """
    key = _evidence_key(attempt_id, sha256)
    objects.write(settings().evidence_bucket, key, data, "image/jpeg", Tagging="keep=short")


def hold_evidence(attempt_id: str) -> None:
    """Keep all frames of this attempt for the longest storage time of the bucket."""
    bucket, prefix = settings().evidence_bucket, f"snapshots/{attempt_id}/"
    for key in (found.key for found in objects.list_objects(bucket, prefix, most=1_000)):
        objects.untag(bucket, key)


def evidence_url(attempt_id: str, sha256: str) -> str:
    """Return a link to judged bytes that works for a minute. Costs no AWS call."""
    return objects.view_url(settings().evidence_bucket, _evidence_key(attempt_id, sha256))


def read_evidence(attempt_id: str, sha256: str) -> bytes | None:
    """Return the judged bytes; None after their storage time."""
    stored = objects.read(settings().evidence_bucket, _evidence_key(attempt_id, sha256))
    return stored.data if stored else None


def delete_pictures(attempt_id: str) -> int:
    """Remove uploads, judged bytes and what identifies them, in all versions; returns how many versions."""
    _forget_pictures(attempt_id)
    uploads = (f"{prefix}/{attempt_id}/" for prefix in (UPLOADS, SNAPSHOTS))
    removed = sum(objects.delete_below(settings().private_bucket, prefix) for prefix in uploads)
    return removed + objects.delete_below(
        settings().evidence_bucket, f"snapshots/{attempt_id}/", though_locked=True
    )


def _evidence_key(attempt_id: str, sha256: str) -> str:
    return f"snapshots/{attempt_id}/{sha256}.jpg"


def upload_ticket(key: str, lifetime_s: int, now: int) -> UploadTicket:
    """A ticket to upload to `key`."""
    return objects.upload_ticket(settings().private_bucket, key, lifetime_s=lifetime_s, now=now)


def upload_exists(key: str) -> bool:
    """Whether a picture was uploaded to `key`. Raises `Unavailable`."""
    return objects.exists(settings().private_bucket, key)


def read_upload(key: str, version_id: str | None) -> StoredObject | None:
    """The bytes of this version of an upload (None: the newest one); None when it is not there."""
    return objects.read(settings().private_bucket, key, version_id)
