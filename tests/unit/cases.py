"""A complaint and a ruling on it, for the tests of the pure rules."""

from typing import Any

import msgspec

from chalicelib.cases import model
from chalicelib.cases.model import (
    Case,
    CaseKind,
    CaseState,
    CaseWaitsFor,
    Ruling,
    Trouble,
    Upload,
)
from tests.unit.attempts import T0

PAGE, PORTRAIT = model.UPLOADS_OF[CaseKind.TICKET]


def case(**fields: Any) -> Case:
    fresh = Case(
        case_id="tk-1",
        kind=CaseKind.TICKET,
        account_id="ac_1",
        version=1,
        state=CaseState.OPEN,
        opened_at=T0,
        trouble=Trouble.FACE_CHECK,
        text="help",
        exam_id="exam",
        attempt_id="at_1",
        uploads={PAGE: Upload(), PORTRAIT: Upload()},
        waits_for=CaseWaitsFor.TICKET,
    )
    return msgspec.structs.replace(fresh, **fields)


def ruling(command: str = "command-1", accepted: bool = True, **more: Any) -> Ruling:
    return Ruling(command, "ops", "核对无误", accepted, T0, **more)
