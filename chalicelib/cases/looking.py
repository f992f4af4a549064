"""Use cases of operators who look for the cases of somebody. They only read."""

from chalicelib.cases import store
from chalicelib.cases.model import Case


def find_case(case_id: str) -> Case | None:
    """Return the case with this number; None when there is none."""
    return store.load_case(case_id)


def list_newest(*, account_id: str, most: int) -> tuple[Case, ...]:
    """Return the newest cases in the register of an account, the newest first. It drops old tickets."""
    entries = store.load_register(account_id).entries[:most]
    cases = (store.load_case(entry.case_id) for entry in entries)
    return tuple(case for case in cases if case is not None)
