"""Notices that tests put into the outbox themselves."""

from typing import Any

from chalicelib.cases import store
from chalicelib.cases.model import (
    Case,
    CaseKind,
    CaseState,
    Contested,
    Notice,
    NoticeState,
    Ruling,
)
from tests.clock import T0
from tests.faults import rows

MINUTE = 60_000
CASE = "cp-aaaa-bbbb-cccc"


def put(account: str, case_id: str = CASE, **more: Any) -> None:
    fields: dict[str, Any] = {
        "case_id": case_id,
        "kind": CaseKind.COMPLAINT,
        "account_id": account,
        "version": 2,
        "state": CaseState.ACCEPTED,
        "opened_at": T0,
        "text": "海报",
        "attempt_id": "at_1",
        "verdict": Contested(T0),
        "ruling": Ruling("command-1", "ops", "海报", True, T0),
        "notice": Notice(f"{case_id}-decision", "complaint_upheld", T0),
        "notice_pending": NoticeState.PENDING,
    }
    store.put_case(Case(**{**fields, **more}))


def kept(case_id: str = CASE) -> Any:
    return rows("CASES_TABLE")[case_id]
