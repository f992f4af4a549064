"""Compare timeline, item, findings and result of an attempt, and name what was changed. Pure."""

import enum
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from chalicelib.attempts.items import OF_CHECK, OF_FRAME, OF_TURN, of_check, of_frame, of_turn
from chalicelib.attempts.model import Status
from chalicelib.proctoring.model import Verdict
from chalicelib.shared.clock import DAY_MS
from chalicelib.timeline import model, sealing
from chalicelib.timeline.model import EVENTS, FIRST, TimelineEntry, entry_key
from chalicelib.timeline.sealing import GONE

Item = Mapping[str, Any]

# A key is there before the first function that uses it (the stack's update), and a backlog may be older still.
UNSIGNED_FOR_MS = DAY_MS


class ProblemKind(enum.Enum):
    """What is wrong."""

    ENTRY_CHANGED = "entry_changed"  # it has not the hash of what stands in it, or is no entry
    ENTRY_FORGED = "entry_forged"  # whole in itself, but our key did not sign it
    ENTRY_UNSIGNED = "entry_unsigned"  # without a signature at a time when all had one
    ENTRY_UNLINKED = "entry_unlinked"  # the entry that it follows is not there
    ENTRIES_MISSING = "entries_missing"  # between others
    NEWEST_MISSING = "newest_missing"  # the attempt is further than its timeline
    ITEM_REWOUND = "item_rewound"  # the timeline is further than the attempt
    ATTRIBUTE_CHANGED = "attribute_changed"
    ATTRIBUTE_UNRECORDED = (
        "attribute_unrecorded"  # otherwise than told, and the newest entries are missing
    )
    ANSWER_CHANGED = "answer_changed"
    ANSWERS_CHANGED = "answers_changed"  # no single one is known
    VERDICT_CHANGED = "verdict_changed"
    FINDINGS_CHANGED = "findings_changed"
    FINDINGS_MISSING = "findings_missing"
    FINDINGS_UNRECORDED = (
        "findings_unrecorded"  # of a snapshot or check that the attempt does not know
    )
    SUBMITTED_AGAIN = "submitted_again"
    FIXED_CHANGED = (
        "fixed_changed"  # by an entry of ours: somebody wrote the item and raised its version
    )
    VERDICT_REPLACED = "verdict_replaced"  # likewise, though something had been seen
    RESULT_CHANGED = "result_changed"  # it is not what answers, paper and key give
    RESULT_MISSING = "result_missing"
    PAPER_CHANGED = "paper_changed"  # bank or corrected key are not those that their versions name
    SEAL_DIFFERS = "seal_differs"  # what is kept outside of the tables says something else
    SEAL_MISSING = "seal_missing"


class Problem(msgspec.Struct, frozen=True):
    """One thing that was touched.

    `version`: of the entry that is meant, or that says how it was; `at`: when that entry was written (UTC ms);
    `about`: an attribute, a number of a question or snapshot (from 1), a sort key, versions as "4–6"; of an entry that
    is not ours, what it alone vouches for.
    """

    kind: ProblemKind
    version: int | None = None
    at: int | None = None
    about: str = ""


class StoredEvidence(msgspec.Struct, frozen=True):
    """All that is known of one attempt.

    `rows`: everything that the table holds, by sort key. `graded`: the result as answers, paper and key give it; None
    before the submission, or when nothing can be graded. `paper_whole`: whether bank and key are those that their
    versions name. `seals`: version and hash of each seal that was ever written. `signed_since`: when our oldest key was
    made (UTC ms).
    """

    attempt_id: str
    rows: dict[str, Item]
    graded: Item | None
    paper_whole: bool
    seals: list[tuple[int, str]]
    signed_since: int


class Verified(msgspec.Struct, frozen=True):
    """What was found. `entries`: how many there are; `unsigned`: those of before timelines were signed;
    `unchecked`: attributes of the item that no entry speaks of, for the same reason.
    """

    problems: tuple[Problem, ...]
    entries: int
    unsigned: int
    unchecked: tuple[str, ...]


Holds = Callable[[TimelineEntry], bool]

_ROWS = ("ATTEMPT", "RESULT", EVENTS, OF_FRAME, OF_CHECK, OF_TURN)
# What no change of ours ever writes again, from the opening on and from the submission on.
_FIXED = frozenset({"account_id", "paper_seed"})
_FIXED_AT_LAST = _FIXED | {"identity", "submitted_at", "cause"}
# What every kept result has, of whatever release.
_RESULT = frozenset({"points", "out_of", "passed", "paper_version", "key_version"})
_RESULT |= frozenset({"submitted_at", "cause"})
_STEPS = [sealing.digest("status", status.value) for status in Status]  # they only go forward


def is_of_attempt(sk: str) -> bool:
    """Whether a row with this sort key says that there is, or was, an attempt."""
    return sk.startswith(_ROWS)


def verify(evidence: StoredEvidence, holds: Holds) -> Verified:
    """Everything that is wrong. `holds`: whether one of our keys signed an entry; called once for each signed one."""
    entries, broken = _read(evidence.rows)
    item = evidence.rows.get("ATTEMPT", {})
    # An entry that is not whole cannot be ours, whatever its signature: KMS is not asked about it.
    whole = [link for link in entries if link.signed and model.is_whole(link)]
    signed = {link.version for link in whole if holds(link)}
    verdicts = _verdicts(entries, item, evidence.rows)
    attributes = _attributes(entries, item)
    if any(
        problem.kind is ProblemKind.VERDICT_CHANGED for problem in verdicts
    ):  # they are named one by one
        attributes = [problem for problem in attributes if problem.about != "verdicts"]
    problems = [
        *broken,
        *_entries(entries, signed, _all_signed_since(evidence, item)),
        *(_gaps(entries, item) if item or entries else _all_gone(evidence.seals)),
        *_rewritten(entries),
        *_seals(entries, evidence.seals),
        *attributes,
        *_answers(evidence.attempt_id, entries, item),
        *verdicts,
        *_findings(_first(entries), evidence.rows),
        *_unrecorded(entries, item, evidence.rows),
        *_result(evidence, item),
    ]
    return Verified(
        problems=tuple(dict.fromkeys(problems)),
        entries=len(entries),
        unsigned=sum(not link.signed for link in entries),
        unchecked=tuple(sorted(set(sealing.attributes(item)) - set(_last(entries)))),
    )


# --- the chain ------------------------------------------------------------------------------------------


def _read(rows: Mapping[str, Item]) -> tuple[list[TimelineEntry], list[Problem]]:
    """The entries by their versions; rows that are none, or lie under another's key."""
    entries, broken = [], []
    for sk, row in sorted(rows.items()):
        if not sk.startswith(EVENTS):
            continue
        number = sk.removeprefix(EVENTS)
        place = int(number) if sealing.is_number(number) else None
        try:
            link = msgspec.convert(dict(row), TimelineEntry)
        except msgspec.ValidationError:
            broken.append(Problem(ProblemKind.ENTRY_CHANGED, place))
            continue
        if sk != entry_key(link.version):
            broken.append(Problem(ProblemKind.ENTRY_CHANGED, place, link.at))
        else:
            entries.append(link)
    return entries, broken


def _all_signed_since(evidence: StoredEvidence, item: Item) -> int:
    """The moment from which an entry needs a signature: for an attempt that was opened later, from the beginning."""
    until = evidence.signed_since + UNSIGNED_FOR_MS
    opened = item.get("opened_at")
    return until if not isinstance(opened, int) or opened <= until else 0


def _entries(
    entries: list[TimelineEntry], signed: set[int], all_signed_since: int
) -> list[Problem]:
    hashes = {FIRST: 0, **{link.hash: link.version for link in entries}}
    first_signed = min(_in_time(entries, hashes), default=None)
    problems = []
    for link in entries:
        about = (link.version, link.at, ", ".join(sorted(link.digests)))
        if not model.is_whole(link):
            problems.append(Problem(ProblemKind.ENTRY_CHANGED, *about))
        elif link.signed and link.version not in signed:
            problems.append(Problem(ProblemKind.ENTRY_FORGED, *about))
        elif not link.signed and (
            link.at > all_signed_since or (first_signed is not None and link.version > first_signed)
        ):
            problems.append(Problem(ProblemKind.ENTRY_UNSIGNED, *about))
        if link.previous not in hashes:
            problems.append(Problem(ProblemKind.ENTRY_UNLINKED, link.version, link.at))
    return problems


def _in_time(entries: list[TimelineEntry], hashes: Mapping[str, int]) -> Iterable[int]:
    """Versions of signed entries that were the newest when they were written: none after them is unsigned.

    A change that came late, after newer ones, names one of these: before it there may be unsigned ones.
    """
    return (
        link.version
        for link in entries
        if link.signed and hashes.get(link.previous, link.version) < link.version
    )


def _gaps(entries: list[TimelineEntry], item: Item) -> list[Problem]:
    """Versions without an entry, between others and at the end."""
    problems, version = [], 0
    for link in entries:
        if link.version > version + 1:
            about = _span(version + 1, link.version - 1)
            problems.append(Problem(ProblemKind.ENTRIES_MISSING, link.version, link.at, about))
        version = link.version
    now = _version(item)
    if now > version:
        problems.append(Problem(ProblemKind.NEWEST_MISSING, now, about=_span(version + 1, now)))
    elif now < version:
        problems.append(Problem(ProblemKind.ITEM_REWOUND, version, about=str(now)))
    return problems


def _all_gone(seals: list[tuple[int, str]]) -> list[Problem]:
    """No row is left in the table, but seals are."""
    last = max((version for version, _ in seals), default=0)
    return [Problem(ProblemKind.ENTRIES_MISSING, last, about=_span(1, last))] if last else []


def _rewritten(entries: list[TimelineEntry]) -> list[Problem]:
    """Entries with our signature about changes that no rule of ours makes.

    Somebody who writes the item and raises its version gets a signed entry as well, which says what was written.
    """
    problems: list[Problem] = []
    fixed: frozenset[str] = frozenset()
    step, submitted = -1, False
    for link in entries:
        kinds = {str(fact.get("what")) for fact in link.facts}
        if submitted and "submitted" in kinds:
            problems.append(Problem(ProblemKind.SUBMITTED_AGAIN, link.version, link.at))
        names = sorted(fixed & set(link.digests))
        if "status" in link.digests:
            before, step = step, _step(link.digests["status"])
            names += ["status"] if step <= before else []
        problems += [
            Problem(ProblemKind.FIXED_CHANGED, link.version, link.at, name) for name in names
        ]
        problems += _replaced(link)
        submitted = submitted or "submitted" in kinds
        fixed = _FIXED_AT_LAST if submitted else _FIXED
    return problems


def _step(digest: str) -> int:
    """How far a status is; -1 for none of ours."""
    return _STEPS.index(digest) if digest in _STEPS else -1


def _replaced(link: TimelineEntry) -> list[Problem]:
    """Verdicts in place of others that said that something was seen."""
    return [
        Problem(ProblemKind.VERDICT_REPLACED, link.version, link.at, _number(str(fact.get("slot"))))
        for fact in link.facts
        if fact.get("what") == "snapshot_verdict"
        and str(fact.get("replaces", Verdict.MISSING.value)) not in model.WITHOUT_FINDINGS
    ]


def _number(slot: str) -> str:
    """A snapshot as people count: from 1."""
    return str(int(slot) + 1) if sealing.is_number(slot) else slot


def _version(item: Item) -> int:
    """The version of the item; 0 when it is no number, which we never wrote."""
    version = item.get("version")
    return version if isinstance(version, int) else 0


def _behind(entries: list[TimelineEntry], item: Item) -> bool:
    """Whether changes of the item are not, or not yet, in the timeline."""
    return bool(entries) and _version(item) > entries[-1].version


def _map(item: Item, name: str) -> dict[str, Any]:
    """An attribute that is a map; empty when it is none any more."""
    value = item.get(name)
    return value if isinstance(value, dict) else {}


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _seals(entries: list[TimelineEntry], seals: list[tuple[int, str]]) -> list[Problem]:
    by_version = {link.version: link for link in entries}
    problems = []
    for version, sealed_hash in sorted(seals):
        link = by_version.get(version)
        if link is None or link.hash != sealed_hash:
            problems.append(Problem(ProblemKind.SEAL_DIFFERS, version, link.at if link else None))
    sealed_versions = {version for version, _ in seals}
    return problems + [
        Problem(ProblemKind.SEAL_MISSING, link.version, link.at)
        for link in entries
        if link.signed and sealing.is_sealed(link.facts) and link.version not in sealed_versions
    ]


# --- what lies beside it --------------------------------------------------------------------------------


def _last(entries: list[TimelineEntry]) -> dict[str, tuple[str, TimelineEntry]]:
    """The newest digest of everything that entries speak of."""
    return {name: (digest, link) for link in entries for name, digest in link.digests.items()}


def _first(entries: list[TimelineEntry]) -> dict[str, tuple[str, TimelineEntry]]:
    """The oldest digest of every row of findings: rows are written once."""
    oldest = _last(entries[::-1])
    return {sk: digest for sk, digest in oldest.items() if "#" in sk}


def _attributes(entries: list[TimelineEntry], item: Item) -> list[Problem]:
    """Attributes that are not as the entry says that wrote them last; added ones, if entries tell of all."""
    now = sealing.attributes(item)
    recorded = {name: last for name, last in _last(entries).items() if _is_attribute(name)}
    kind = (
        ProblemKind.ATTRIBUTE_UNRECORDED
        if _behind(entries, item)
        else ProblemKind.ATTRIBUTE_CHANGED
    )
    problems = [
        Problem(kind, link.version, link.at, name)
        for name, (digest, link) in recorded.items()
        if now.get(name, GONE) != digest
    ]
    complete = bool(entries) and entries[0].version == 1 and bool(entries[0].digests)
    added = sorted(set(now) - set(recorded)) if complete else []
    return problems + [Problem(kind, about=name) for name in added]


def _is_attribute(name: str) -> bool:
    return "#" not in name and name != sealing.ANSWERS


def _answers(attempt_id: str, entries: list[TimelineEntry], item: Item) -> list[Problem]:
    """Answers that are not those of the submission."""
    for link in entries:  # the first submission counts, there is no other
        submitted = [fact for fact in link.facts if fact.get("what") == "submitted"]
        if not submitted or "answers_sha256" not in submitted[0]:
            continue
        answers = _map(item, "answers")
        if submitted[0]["answers_sha256"] == sealing.answers_sha256(answers):
            return []
        marks = link.digests.get(sealing.ANSWERS, "")
        numbers = sealing.other_answers(attempt_id, marks, answers)
        named = [
            Problem(ProblemKind.ANSWER_CHANGED, link.version, link.at, str(n)) for n in numbers
        ]
        return named or [Problem(ProblemKind.ANSWERS_CHANGED, link.version, link.at)]
    return []


def _verdicts(entries: list[TimelineEntry], item: Item, rows: Mapping[str, Item]) -> list[Problem]:
    """Verdicts of snapshots that differ from the timeline or from the findings."""
    recorded = {
        str(fact.get("slot")): (str(fact.get("verdict")), link)
        for link in entries
        for fact in link.facts
        if fact.get("what") == "snapshot_verdict"
    }
    now = {slot: str(verdict) for slot, verdict in _map(item, "verdicts").items()}
    problems = [] if _behind(entries, item) else _other_verdicts(recorded, now)
    sealed = _last(entries)
    for slot, verdict in now.items():
        sk = of_frame(int(slot)) if sealing.is_number(slot) else slot
        if verdict in model.WITHOUT_FINDINGS or sk in sealed:
            continue
        if sk not in rows:
            problems.append(Problem(ProblemKind.FINDINGS_MISSING, about=sk))
        elif rows[sk].get("verdict") != verdict:
            problems.append(Problem(ProblemKind.FINDINGS_CHANGED, about=sk))
    return problems


def _other_verdicts(
    recorded: Mapping[str, tuple[str, TimelineEntry]], now: Mapping[str, str]
) -> list[Problem]:
    problems = []
    for slot in sorted({*recorded, *now}):
        verdict, link = recorded.get(slot, (None, None))
        if verdict != now.get(slot):
            version, at = (link.version, link.at) if link else (None, None)
            problems.append(Problem(ProblemKind.VERDICT_CHANGED, version, at, _number(slot)))
    return problems


def _findings(
    digests: Mapping[str, tuple[str, TimelineEntry]], rows: Mapping[str, Item]
) -> list[Problem]:
    problems = []
    for sk, (digest, link) in digests.items():
        if sk not in rows:
            problems.append(Problem(ProblemKind.FINDINGS_MISSING, link.version, link.at, sk))
        elif sealing.digest(sk, dict(rows[sk])) != digest:
            problems.append(Problem(ProblemKind.FINDINGS_CHANGED, link.version, link.at, sk))
    return problems


def _unrecorded(
    entries: list[TimelineEntry], item: Item, rows: Mapping[str, Item]
) -> list[Problem]:
    """Findings of snapshots that were never asked for, and of checks that never were.

    Those of a snapshot that was asked for may wait for their entry, or lie beside a gap of ours.
    """
    checks = item.get("verifications")
    checks = [*checks] if isinstance(checks, list) else []
    facts = [fact for link in entries for fact in link.facts if fact.get("what") == "verification"]
    check_ids = [check["id"] for check in [*checks, *facts, item.get("pending")] if _has_id(check)]
    asked = [int(slot) for slot in _map(item, "asked") if sealing.is_number(slot)]
    expected = {
        *_last(entries),
        *map(of_frame, asked),
        *map(of_check, check_ids),
        *map(of_turn, check_ids),
    }
    return [
        Problem(ProblemKind.FINDINGS_UNRECORDED, about=sk)
        for sk in sorted(rows)
        if sk.startswith((OF_FRAME, OF_CHECK, OF_TURN)) and sk not in expected
    ]


def _has_id(check: Any) -> bool:
    return isinstance(check, dict) and isinstance(check.get("id"), str)


def _result(evidence: StoredEvidence, item: Item) -> list[Problem]:
    """A kept result that is not what answers, paper and key give.

    A result is never written again, so one of an earlier release lacks the fields that were added since.
    """
    kept = evidence.rows.get("RESULT")
    if item.get("status") != Status.SUBMITTED.value:
        return [Problem(ProblemKind.RESULT_CHANGED, about="submitted_at")] if kept else []
    if not evidence.paper_whole:
        return [Problem(ProblemKind.PAPER_CHANGED, about=str(item.get("paper_version")))]
    if kept is None:
        return [Problem(ProblemKind.RESULT_MISSING)]
    return [
        Problem(ProblemKind.RESULT_CHANGED, about=name)
        for name, value in (evidence.graded or {}).items()
        if (name in kept or name in _RESULT) and kept.get(name) != value
    ]
