"""Delete the pictures of cases: when that is allowed, and what is removed. Texts and decisions stay."""

from chalicelib.cases import model, store
from chalicelib.cases.deciding import decide
from chalicelib.cases.model import Case, CaseState
from chalicelib.shared.errors import Conflict


def list_cases(*, account_id: str) -> list[Case]:
    """Return all cases of an account. The register drops old tickets, so the whole table is scanned."""
    case_ids = {entry.case_id for entry in store.load_register(account_id).entries}
    cases = (store.load_case(case_id) for case_id in sorted(case_ids | store.find_ids(account_id)))
    return [case for case in cases if case is not None]


def refuse_open(case: Case) -> None:
    """Refuse while the pictures are still evidence: until the case is decided and its attempt has the decision.

    Raises `Conflict`: `case_open`.
    """
    if case.state is CaseState.OPEN or case.waits_for is not None:
        raise Conflict("case_open", case_id=case.case_id)


def forget_pictures(case: Case) -> int:
    """Remove uploads and stored pictures in all versions, and the faces on them. Returns how many versions."""
    refuse_open(case)
    decide(case.case_id, case.kind, model.forget_pictures)
    return store.delete_pictures(case)
