"""An exam that is valid, for the tests of the pure rules."""

from typing import Any

import msgspec

from chalicelib.accounts.model import AudienceRole
from chalicelib.exams.model import (
    Exam,
    Policy,
)
from chalicelib.exams.questions import Section, SectionType

T0 = 1_800_000_000_000
MINUTE = 60_000
AGENCY = AudienceRole.AGENCY_PRACTITIONER


def exam(**fields: Any) -> Exam:
    section = Section("single", "单项选择题", SectionType.SINGLE, 3, 5)
    fresh = Exam("e-1", "考试", T0, (AGENCY,), "", Policy(), (section, section), "v1")
    return msgspec.structs.replace(fresh, **fields)
