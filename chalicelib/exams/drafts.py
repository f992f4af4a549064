"""The draft of an exam that is to be published. Pure."""

from collections.abc import Mapping

import msgspec

from chalicelib.accounts.model import AudienceRole
from chalicelib.exams.model import Policy, RosterEntry, SeriesSitting
from chalicelib.exams.questions import Bank


class ExamDraft(msgspec.Struct, frozen=True, kw_only=True):
    """The data from which an exam is published.

    `starts_at` (UTC ms) is None as long as nobody has chosen a start; `roster` is None when the audience alone
    decides who may enter. `pictures`: SHA-256 (hex) → bytes of the pictures of the bank.
    """

    exam_id: str
    title: str
    starts_at: int | None = None
    audience: tuple[AudienceRole, ...] = ()
    policy: Policy = Policy()
    notice: str = ""
    series: SeriesSitting | None = None
    bank: Bank
    roster: tuple[RosterEntry, ...] | None = None
    pictures: Mapping[str, bytes] = {}
