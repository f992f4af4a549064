"""Cases in DynamoDB, their pictures in S3.

Cases table, key `case_id`: a case under its number; `of#<account>` the register of an account's cases.
Indexes: `waiting` (`waits_for`, `opened_at`) holds only cases that wait for something, and `notices`
(`notice_pending`, `opened_at`) only cases with an unsent notice.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from chalicelib.cases.model import (
    Case,
    CaseKind,
    CaseRegister,
    CaseWaitsFor,
    NoticeState,
    RegisterEntry,
)
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.kernel.records import lost_races, write_outcomes
from chalicelib.shared import objects, table
from chalicelib.shared.objects import StoredObject, UploadTicket
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If, Item

_PREFIXES = {CaseKind.TICKET: "tickets", CaseKind.COMPLAINT: "complaints"}
UPLOADS = tuple(f"incoming/{prefix}/" for prefix in _PREFIXES.values())


def load_case(case_id: str) -> Case | None:
    """Return one case; None when there is none."""
    item = table.get(settings().cases_table, {"case_id": case_id})
    return from_item(item) if item else None


def load_cases(case_ids: Iterable[str]) -> Iterator[Case]:
    """Yield those of these cases that exist, in no particular order. Eventually consistent."""
    keys = ({"case_id": case_id} for case_id in case_ids)
    for item in table.get_many(settings().cases_table, keys):
        if case := from_item(item):
            yield case


def put_case(case: Case) -> Case:
    """Write a new case unless there is one with its number. Returns the one that is stored now."""
    try:
        table.put(settings().cases_table, _without_nones(case), If().absent("case_id"))
    except ConditionFailed as failed:
        assert failed.old is not None
        return msgspec.convert(failed.old, Case)
    return case


def change_case(case: Case, outcomes: Outcomes) -> Case:
    """Write what a rule decided. Returns the case after it. Raises `LostRace`, `Unavailable`."""
    key = {"case_id": case.case_id}
    item = write_outcomes(settings().cases_table, key, case.version, outcomes)
    return msgspec.convert(item, Case)


def list_waiting(what: CaseWaitsFor) -> list[Case]:
    """Return the cases that wait for this, oldest first. The index may be a moment behind."""
    rows = table.query(
        settings().cases_table, index="waiting", hash_key=("waits_for", what.value), most=None
    )
    return [msgspec.convert(row, Case) for row in rows]


def list_notices(state: NoticeState) -> list[Case]:
    """Return the cases whose notice has this state, oldest first. The index may be a moment behind."""
    rows = table.query(
        settings().cases_table, index="notices", hash_key=("notice_pending", state.value), most=None
    )
    return [msgspec.convert(row, Case) for row in rows]


def from_item(item: Item) -> Case | None:
    """Return the case of a stored item; None when the item is a register."""
    return msgspec.convert(item, Case) if "kind" in item else None


def list_of_exam(exam_id: str) -> list[Case]:
    """Return all cases of an exam. It scans the whole table, which has thousands of rows at most."""
    rows = table.scan(settings().cases_table, having="kind")
    return [msgspec.convert(row, Case) for row in rows if row.get("exam_id") == exam_id]


def find_ids(account_id: str) -> set[str]:
    """Return the numbers of all cases of an account. It scans the whole table, which has thousands of rows at most."""
    rows = table.scan(settings().cases_table, having="kind")
    return {row["case_id"] for row in rows if row["account_id"] == account_id}


def load_register(account_id: str) -> CaseRegister:
    """Return the register of an account; an empty one of version 0 when there is none."""
    item = table.get(settings().cases_table, _register_key(account_id))
    return msgspec.convert(item, CaseRegister) if item else CaseRegister(account_id)


def write_register(register: CaseRegister, entries: tuple[RegisterEntry, ...]) -> None:
    """Replace the entries of a register. Raises `LostRace` when somebody has written it since it was read."""
    unchanged = If().equals("version", register.version)
    changed = msgspec.structs.replace(register, version=register.version + 1, entries=entries)
    item = {**_register_key(register.account_id), **msgspec.to_builtins(changed)}
    condition = unchanged if register.version else If().absent("case_id")
    with lost_races():
        table.put(settings().cases_table, item, condition)


def _register_key(account_id: str) -> Item:
    return {"case_id": f"of#{account_id}"}


def _without_nones(case: Case) -> dict[str, Any]:
    return {field: value for field, value in msgspec.to_builtins(case).items() if value is not None}


def upload_ticket(case: Case, name: str, lifetime_s: int, now: int) -> UploadTicket:
    """Return a ticket to upload one picture of a case."""
    key = f"incoming/{_PREFIXES[case.kind]}/{case.case_id}/{name}"
    return objects.upload_ticket(settings().private_bucket, key, lifetime_s=lifetime_s, now=now)


def read_upload(key: str, version_id: str | None) -> StoredObject | None:
    """Return this version of an uploaded picture; None when it is not there."""
    return objects.read(settings().private_bucket, key, version_id)


def write_picture(case: Case, sha256: str, data: bytes) -> str:
    """Store a re-encoded picture. Returns its key.

    The key holds the hash of the content, so another picture of the same case cannot replace a checked one.
    """
    key = f"{_PREFIXES[case.kind]}/{case.case_id}/{sha256}.jpg"
    objects.write(settings().private_bucket, key, data, "image/jpeg")
    return key


def read_picture(key: str) -> bytes | None:
    """Return the bytes of a stored picture; None when it was deleted after its storage time."""
    stored = objects.read(settings().private_bucket, key)
    return stored.data if stored else None


def delete_pictures(case: Case) -> int:
    """Remove the uploads and the stored copies in all versions. Returns how many versions."""
    kept = f"{_PREFIXES[case.kind]}/{case.case_id}/"
    bucket = settings().private_bucket
    return sum(objects.delete_below(bucket, prefix) for prefix in (kept, f"incoming/{kept}"))


def picture_url(key: str) -> str:
    """Return a link to a picture that works for a minute."""
    return objects.view_url(settings().private_bucket, key)
