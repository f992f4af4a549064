"""The rows of a score list: what is known of a person as cells, and how many of each kind there are. Pure."""

from collections.abc import Iterable, Sequence

import msgspec

from chalicelib.attempts import grading
from chalicelib.attempts.grading import ResultOutcome
from chalicelib.attempts.model import Attempt, Status
from chalicelib.attempts.texts import SUBMITTED_BY, reason_message
from chalicelib.cases.model import CaseState
from chalicelib.exams.scoring import Score
from chalicelib.identity.texts import ID_TYPES, ROLES
from chalicelib.proctoring.model import IntegrityRule, IntegrityState
from chalicelib.proctoring.texts import RULES_BROKEN
from chalicelib.results.model import masked_name
from chalicelib.results.texts import CERTIFICATES
from chalicelib.score_lists import texts as t
from chalicelib.score_lists.model import Facts, Presence, Privacy, presence, privacy
from chalicelib.shared.clock import china_text
from chalicelib.sheets.writing import Cell

Row = tuple[Cell, ...]


class Tally(msgspec.Struct):
    """How many rows of each kind a list has. `open`: submitted, and the result is not final."""

    people: int = 0
    present: int = 0
    absent: int = 0
    passed: int = 0
    open: int = 0

    def add(self, other: "Tally") -> None:
        """Add the numbers of another part."""
        for field in self.__struct_fields__:
            setattr(self, field, getattr(self, field) + getattr(other, field))


class Columns(msgspec.Struct, frozen=True):
    """Which columns a list has. `sections`: the titles of all its sections, each once. `unmasked`: in full."""

    sections: tuple[str, ...]
    series: bool
    unmasked: bool

    @property
    def headings(self) -> tuple[str, ...]:
        """The heading of each column."""
        points = tuple(t.SECTION.format(title=title) for title in self.sections)
        return (*self._of(t.BEFORE, 0), *points, *self._of(t.AFTER, 0))

    @property
    def widths(self) -> tuple[int, ...]:
        """The width of each column in characters."""
        points = (t.SECTION_WIDTH,) * len(self.sections)
        return (*self._of(t.BEFORE, 1), *points, *self._of(t.AFTER, 1))

    def _of(self, columns: dict[str, tuple[str, int]], part: int) -> tuple:  # type: ignore[type-arg]
        return tuple(
            columns[name][part] for name in columns if self.series or name not in _OF_SERIES
        )


_OF_SERIES = {"sitting", "counted"}


def columns(sections: Iterable[str], *, series: bool, unmasked: bool) -> Columns:
    """The columns of a list. Sections with the same title share one, in which their points are added."""
    return Columns(tuple(dict.fromkeys(sections)), series, unmasked)


def row(facts: Facts, wanted: Columns, now: int) -> Row:
    """One person as cells, in the order of the columns. `now`: when the list is made (UTC ms)."""
    cells: dict[str, Cell] = {
        "sitting": facts.sitting,
        "row": facts.listed.row or None,
        "note": facts.listed.note,
        **_who(facts, unmasked=wanted.unmasked),
        "presence": t.PRESENCE[presence(facts.attempt, ended=facts.ended).value],
        "remark": "；".join(_remarks(facts, unmasked=wanted.unmasked)),
    }
    if facts.attempt is not None:
        cells |= _attempted(facts.attempt, facts.score, now)
        cells |= _result(facts, facts.attempt, now)
        cells |= _watched(facts.attempt)
    named = [n for n in t.BEFORE if wanted.series or n not in _OF_SERIES]
    after = [n for n in t.AFTER if wanted.series or n not in _OF_SERIES]
    points = _points(facts.score, wanted.sections)
    return (*map(cells.get, named), *points, *map(cells.get, after))


def tally(some: Iterable[Facts], now: int) -> Tally:
    """Count these people."""
    counted = Tally()
    for facts in some:
        kind = presence(facts.attempt, ended=facts.ended)
        counted.people += 1
        counted.present += kind is Presence.PRESENT
        counted.absent += kind is Presence.ABSENT
        if facts.attempt is not None and facts.score is not None:
            counted.passed += _outcome(facts.attempt, facts.score) is ResultOutcome.PASSED
            counted.open += not _is_final(facts, facts.attempt, now)
    return counted


# --- who ------------------------------------------------------------------------------------------------


def _who(facts: Facts, *, unmasked: bool) -> dict[str, Cell]:
    """Name, document and organisation: as they were frozen, or as they are now of somebody who opened nothing."""
    if privacy(facts.person, facts.attempt) is not Privacy.NONE:
        return {"name": t.WITHHELD}
    if facts.attempt is not None:
        identity = facts.attempt.identity
        name, kind, masked = identity.name, identity.id_type, identity.id_number_masked
        role, organisation = identity.role, identity.organisation
    elif facts.person is not None:
        profile = facts.person.profile
        kind = profile.id_type.value if profile.id_type else ""
        role = profile.role.value if profile.role else ""
        name, masked, organisation = profile.name, profile.id_number_masked, profile.organisation
    else:
        return {"name": t.NOT_REGISTERED}
    full = unmasked and facts.id_number and not _number_changed(facts)
    return {
        "name": name if unmasked else masked_name(name),
        "id_type": ID_TYPES.get(kind, kind),
        "id_number": facts.id_number if full else masked,
        "role": ROLES.get(role, role),
        "organisation": organisation,
    }


def _number_changed(facts: Facts) -> bool:
    """Whether the account has another ID number now than the attempt was opened with."""
    if facts.attempt is None or facts.person is None:
        return False
    return facts.person.person_hash != facts.attempt.identity.person_hash


def _remarks(facts: Facts, *, unmasked: bool) -> Iterable[str]:
    asked = privacy(facts.person, facts.attempt)
    if asked is not Privacy.NONE:
        yield t.PRIVACY[asked.value]
    elif unmasked and _number_changed(facts):
        yield t.NUMBER_CHANGED
    if facts.listed.stranger:
        yield t.NOT_ON_ROSTER
    if facts.attempt is not None and facts.attempt.waiver is not None:
        yield t.WAIVED


# --- what they did --------------------------------------------------------------------------------------


def _attempted(attempt: Attempt, score: Score | None, now: int) -> dict[str, Cell]:
    return {
        "round": attempt.round,
        "opened": moment(attempt.opened_at),
        "started": moment(attempt.started_at),
        "submitted": moment(attempt.submitted_at),
        "cause": SUBMITTED_BY[attempt.cause.value] if attempt.cause else "",
        "points": score.points if score else None,
        "out_of": score.out_of if score else None,
        "switches": len(attempt.switches),
        "attempt": attempt.attempt_id,
        "standing": _unsubmitted(attempt, now),
    }


def _unsubmitted(attempt: Attempt, now: int) -> str:
    if attempt.status is not Status.STARTED:
        return ""
    return t.TO_BE_CLOSED if attempt.overdue(now) else t.WRITING


def _points(score: Score | None, sections: Sequence[str]) -> Row:
    if score is None:
        return (None,) * len(sections)
    earned: dict[str, float] = {}
    for section in (
        score.sections
    ):  # hundredths, which floats add without an error that rounding would not remove
        earned[section.title] = round(earned.get(section.title, 0) + section.points, 2)
    return tuple(earned.get(title) for title in sections)


def _result(facts: Facts, attempt: Attempt, now: int) -> dict[str, Cell]:
    if facts.score is None:
        return {}
    outcome, integrity = _outcome(attempt, facts.score), attempt.integrity
    rule = integrity.rule.value if integrity.rule else None
    cause = attempt.cause.value if attempt.cause else "candidate"
    reasons: list[str] = [reason_message(integrity.state.value, rule, cause, len(integrity.gaps))]
    if integrity.state is IntegrityState.NOT_WATCHED:
        reasons = [t.NOT_WATCHED]
    if outcome is ResultOutcome.FAILED:
        reasons.insert(0, t.BY_SCORE)
    return {
        "outcome": t.OUTCOMES[outcome.value],
        "standing": _standing(facts, attempt, now),
        "why": "；".join(filter(None, reasons)),
        "complaint": _complaint(facts, attempt),
        "counted": _counts(facts, attempt),
        "certificate": facts.certificate.number if facts.certificate else "",
        "certified": str(CERTIFICATES[facts.certificate.status.value]) if facts.certificate else "",
    }


def _outcome(attempt: Attempt, score: Score) -> ResultOutcome:
    return grading.outcome(attempt, passed=score.passed)


def _is_final(facts: Facts, attempt: Attempt, now: int) -> bool:
    open_case = facts.complaint is not None and facts.complaint.state is CaseState.OPEN
    return grading.is_final(attempt, now, complaint_open=open_case)


def _standing(facts: Facts, attempt: Attempt, now: int) -> str:
    if attempt.integrity.state is IntegrityState.FLAGGED:
        return t.FLAGGED
    return t.FINAL if _is_final(facts, attempt, now) else t.NOT_FINAL


def _complaint(facts: Facts, attempt: Attempt) -> str:
    """The complaint about the present verdict, or the last decided one."""
    if facts.complaint is not None:
        return t.COMPLAINTS[facts.complaint.state.value]
    if attempt.complaint is None:
        return ""
    return t.COMPLAINTS["accepted" if attempt.complaint.upheld else "rejected"]


def _counts(facts: Facts, attempt: Attempt) -> str:
    if facts.counted is None or facts.counted.attempt_id != attempt.attempt_id:
        return t.COUNTS_NOT
    return t.COUNTS_SO_FAR if facts.counted.provisional else t.COUNTS


# --- how they were watched ------------------------------------------------------------------------------


def _watched(attempt: Attempt) -> dict[str, Cell]:
    integrity = attempt.integrity
    flags = []
    if integrity.rule is not None and integrity.state is not IntegrityState.OVERTURNED:
        flags.append(t.FRAMES.format(rule=_rule(integrity.rule), frames=len(integrity.slots)))
    if integrity.gaps:
        flags.append(t.GAPS.format(gaps=len(integrity.gaps)))
    decided = [
        t.DECIDED.format(
            rule=_rule(decision.rule),
            decision=t.DECISIONS[decision.state.value],
            at=moment(decision.at),
        )
        for decision in attempt.decisions
    ]
    if attempt.accepted_gaps:
        decided.append(t.GAPS_ACCEPTED.format(gaps=len(attempt.accepted_gaps)))
    return {"flag": "；".join(flags), "decided": "；".join(decided)}


def _rule(rule: IntegrityRule) -> str:
    return RULES_BROKEN[rule.value]


def moment(ms: int | None) -> str:
    """A moment (UTC ms) as date and time in China; "" for None."""
    if ms is None:
        return ""
    return china_text(ms, "%Y-%m-%d %H:%M:%S")
