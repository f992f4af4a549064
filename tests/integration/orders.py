"""What tests order at the operators' widget, and other candidates beside the first."""

from typing import Any

import pytest

from tests.api import Api
from tests.integration.candidates import PROFILE, Candidate, stored
from tests.operators import give

CONSOLE = "chalicelib.handlers.console"


def order(person: Candidate, function: str, **more: Any) -> Any:
    event = {
        "attempt_id": person.path.rsplit("/", 1)[-1],
        "command_id": f"{function}-0001",
        "operator": "ops@example",
        "reason": "考点断网",
        "version_seen": int(stored(person)["version"]["N"]),
    }
    return give(f"{CONSOLE}.{function}", {**event, **more})


def attempt_id(person: Candidate) -> str:
    return person.path.rsplit("/", 1)[-1]


def another(person: Candidate, number: int) -> Candidate:
    """Somebody else in the same cloud, enrolled with the same face under another number."""
    other = Candidate(Api(person.api.clock), str(person.pictures), who=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PROFILE, "id_type", "passport")
        patch.setitem(PROFILE, "id_number", f"E1234567{number}")
        register = other.api.register
        patch.setattr(other.api, "register", lambda: register(f"1390013900{number}"))
        other.enrol()
    return other
