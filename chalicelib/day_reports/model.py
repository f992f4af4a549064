"""An exam-day report: its figures, and its record. Pure.

Every figure is a count over stored records. Where it comes from is printed beside it (`texts.ROWS`), so that whoever
has an export of the tables can count it again.
"""

import msgspec


class Figures(msgspec.Struct, frozen=True):
    """All figures of a report, in the order of its rows. None: there is nothing to count.

    `…_median_s`: the median of whole seconds; of two middle ones the lower. Practice exams have no report.
    """

    # people
    listed: int | None = None
    opened: int = 0
    started: int = 0
    submitted: int = 0
    by_candidate: int = 0
    by_deadline: int = 0
    by_switches: int = 0
    unsubmitted: int = 0
    reopened: int = 0
    waived: int = 0
    # answers
    questions: int = 0
    acknowledged: int = 0
    kept: int = 0
    # frames
    due: int = 0
    asked: int = 0
    judged: int = 0
    match: int = 0
    against: int = 0
    unusable: int = 0
    missing: int = 0
    gaps: int = 0
    gaps_accepted: int = 0
    unsettled: int = 0
    # switches
    switches: int = 0
    switched: int = 0
    short_absences: int = 0
    silent: int = 0
    # flags and results
    invalidated_by_rule: int = 0
    flags_upheld: int = 0
    flags_cleared: int = 0
    flags_overturned: int = 0
    flags_open: int = 0
    flag_median_s: int | None = None
    # cases
    complaints: int = 0
    complaints_upheld: int = 0
    complaints_rejected: int = 0
    complaints_open: int = 0
    complaint_median_s: int | None = None
    tickets: int = 0
    tickets_accepted: int = 0
    tickets_rejected: int = 0
    tickets_open: int = 0
    ticket_median_s: int | None = None
    # commands and incidents
    commands: int = 0
    orders: int = 0
    compensated_min: int = 0
    announcements: int = 0
    help_requests: int = 0
    failed_preflights: int = 0


class DayReport(msgspec.Struct, frozen=True):
    """The record of a report: what its PDF says, who ordered it, and the PDF itself. Times are UTC ms.

    `sha256`: of the signed PDF; "" until it is written. The writer signs only a record whose seal is right.
    """

    exam_id: str
    title: str
    starts_at: int
    ends_at: int
    versions: tuple[str, str, str]  # of paper, key and roster
    command_id: str
    operator: str
    operator_id: str
    reason: str
    made_at: int
    figures: Figures
    sha256: str = ""

    @property
    def sealed_part(self) -> "DayReport":
        """What the seal covers: all but the digest of the PDF, which comes later."""
        return msgspec.structs.replace(self, sha256="")


def median(seconds: list[int]) -> int | None:
    """The median of whole seconds, the lower one of two middle ones; None of nothing."""
    return sorted(seconds)[(len(seconds) - 1) // 2] if seconds else None
