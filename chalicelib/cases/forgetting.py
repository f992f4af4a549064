"""Forgetting the pictures of cases: when that may be, and what goes. What was said and decided stays."""

from chalicelib.cases import model, store
from chalicelib.cases.deciding import decide
from chalicelib.cases.model import Case, CaseState
from chalicelib.shared.errors import Conflict


def list_cases(*, account_id: str) -> list[Case]:
    """All cases of an account as they stand: the register forgets old tickets, so the whole table is looked through."""
    case_ids = {entry.case_id for entry in store.load_register(account_id).entries}
    cases = (store.load_case(case_id) for case_id in sorted(case_ids | store.find_ids(account_id)))
    return [case for case in cases if case is not None]


def refuse_open(case: Case) -> None:
    """Pictures are evidence until a case is decided and its attempt knows. Raises `Conflict`: `case_open`."""
    if case.state is CaseState.OPEN or case.waits_for is not None:
        raise Conflict("case_open", case_id=case.case_id)


def forget_pictures(case: Case) -> int:
    """Remove uploads and kept pictures in all versions, and the faces on them; returns how many."""
    refuse_open(case)
    decide(case.case_id, case.kind, model.forget_pictures)
    return store.delete_pictures(case)
