"""Compare the timeline, the item, the findings and the result of an attempt, and name what was changed. Pure."""

import enum
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from chalicelib.attempts import items
from chalicelib.attempts.items import OF_CHECK, OF_FRAME, OF_TURN, of_check, of_frame, of_turn
from chalicelib.attempts.model import Status
from chalicelib.proctoring.model import Verdict
from chalicelib.shared.clock import DAY_MS
from chalicelib.timeline import model, sealing
from chalicelib.timeline.model import EVENTS, FIRST, TimelineEntry, entry_key
from chalicelib.timeline.sealing import GONE

Item = Mapping[str, Any]

# For so long after the oldest key was made, entries may have no signature. An update of the stack makes the key
# before the functions that use it, and the stream may still deliver older changes.
UNSIGNED_FOR_MS = DAY_MS


class ProblemKind(enum.Enum):
    """The kinds of problems that a verification can find."""

    ENTRY_CHANGED = "entry_changed"  # the hash does not fit the content, or the row is no entry
    ENTRY_FORGED = "entry_forged"  # the hash fits, but the signature is not from our key
    ENTRY_UNSIGNED = "entry_unsigned"  # no signature, though all entries of that time have one
    ENTRY_UNLINKED = "entry_unlinked"  # the entry before it is not there
    ENTRIES_MISSING = "entries_missing"  # versions between other entries have no entry
    NEWEST_MISSING = "newest_missing"  # the attempt has a newer version than the timeline
    ITEM_REWOUND = "item_rewound"  # the timeline has a newer version than the attempt
    ATTRIBUTE_CHANGED = "attribute_changed"
    # The attribute differs from its last entry, and the newest entries are missing.
    ATTRIBUTE_UNRECORDED = "attribute_unrecorded"
    ANSWER_CHANGED = "answer_changed"
    ANSWERS_CHANGED = "answers_changed"  # some answers, and nobody can say which ones
    VERDICT_CHANGED = "verdict_changed"
    FINDINGS_CHANGED = "findings_changed"
    FINDINGS_MISSING = "findings_missing"
    FINDINGS_UNRECORDED = "findings_unrecorded"  # the attempt has no such snapshot or check
    SUBMITTED_AGAIN = "submitted_again"
    # A signed entry changes what no rule changes: somebody wrote the item and raised its version.
    FIXED_CHANGED = "fixed_changed"
    VERDICT_REPLACED = "verdict_replaced"  # the same, for the verdict of a frame that was seen
    RESULT_CHANGED = "result_changed"  # answers, paper and key give another result
    RESULT_MISSING = "result_missing"
    PAPER_CHANGED = "paper_changed"  # bank or corrected key do not fit their versions
    PICTURE_CHANGED = (
        "picture_changed"  # the question shows a picture that is missing or another one
    )
    SEAL_DIFFERS = "seal_differs"  # the seal outside of the tables has another hash
    SEAL_MISSING = "seal_missing"


class Problem(msgspec.Struct, frozen=True):
    """One thing that was changed.

    `version`: the version of the entry that the problem is about, or that recorded the right value. `at`: when that
    entry was written (UTC ms). `about`: the name of an attribute, the number of a question or snapshot (from 1), a
    sort key, or versions ("4–6"); for an entry that is not ours, the names of its digests.
    """

    kind: ProblemKind
    version: int | None = None
    at: int | None = None
    about: str = ""


class StoredEvidence(msgspec.Struct, frozen=True):
    """Everything that is stored about one attempt.

    `rows`: all its rows in the table, by sort key. `graded`: the result as answers, paper and key give it; None
    before the submission, or when it cannot be graded. `paper_whole`: whether bank and key fit their versions.
    `without_picture`: the numbers (from 1) of the questions that show a picture which is missing or changed.
    `slots`: the snapshots that the attempt has; empty when it cannot be read.
    `seals`: version and hash of each seal that was ever written. `signed_since`: when our oldest key was made
    (UTC ms).
    """

    attempt_id: str
    rows: dict[str, Item]
    graded: Item | None
    paper_whole: bool
    without_picture: tuple[int, ...]
    slots: frozenset[int]
    seals: list[tuple[int, str]]
    signed_since: int


class Verified(msgspec.Struct, frozen=True):
    """The result of a verification.

    `entries`: the number of entries. `unsigned`: how many of them have no signature because they are older than the
    signatures. `unchecked`: attributes of the item that no entry has a digest of, for the same reason.
    """

    problems: tuple[Problem, ...]
    entries: int
    unsigned: int
    unchecked: tuple[str, ...]


Holds = Callable[[TimelineEntry], bool]

_ROWS = ("ATTEMPT", "RESULT", EVENTS, OF_FRAME, OF_CHECK, OF_TURN)
# Attributes that no rule changes after the opening, and after the submission.
_FIXED = frozenset({"account_id", "paper_seed"})
_FIXED_AT_LAST = _FIXED | {"identity", "submitted_at", "cause"}
# Attributes that the stored result of every release has.
_RESULT = frozenset({"points", "out_of", "passed", "paper_version", "key_version"})
_RESULT |= frozenset({"submitted_at", "cause"})
_STEPS = [sealing.digest("status", status.value) for status in Status]  # they only go forward


def is_of_attempt(sk: str) -> bool:
    """Whether a row with this sort key shows that there is, or was, an attempt."""
    return sk.startswith(_ROWS)


def verify(evidence: StoredEvidence, holds: Holds) -> Verified:
    """Return everything that is wrong with the stored evidence.

    `holds`: tells whether one of our keys signed an entry. It is called once for each signed entry that is whole.
    """
    entries, broken = _read(evidence.rows)
    item = item_of(evidence.rows)
    # An entry whose hash does not fit is not ours, whatever its signature is: KMS is not asked about it.
    whole = [link for link in entries if link.signed and model.is_whole(link)]
    signed = {link.version for link in whole if holds(link)}
    verdicts = _verdicts(entries, item, evidence.rows)
    attributes = _attributes(entries, item)
    # they are named one by one
    if any(problem.kind is ProblemKind.VERDICT_CHANGED for problem in verdicts):
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
        *_unrecorded(entries, item, evidence),
        *_result(evidence, item),
    ]
    return Verified(
        problems=tuple(dict.fromkeys(problems)),
        entries=len(entries),
        unsigned=sum(not link.signed for link in entries),
        unchecked=tuple(sorted(set(sealing.attributes(item)) - set(_last(entries)))),
    )


def item_of(rows: Mapping[str, Item]) -> dict[str, Any]:
    """Return all attributes of the attempt. If its resting item is missing, those of the first item alone."""
    item = rows.get(items.ATTEMPT, {})
    try:
        return items.whole(item, rows.get(items.RESTING))
    except items.RestingItemMissing:
        return {name: value for name, value in item.items() if name != items.RESTS}


# --- the chain ------------------------------------------------------------------------------------------


def _read(rows: Mapping[str, Item]) -> tuple[list[TimelineEntry], list[Problem]]:
    """Return the entries in the order of their versions, and the problems of rows that are no entries.

    A row that lies under the sort key of another version is a problem, too.
    """
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
    """Return the time (UTC ms) after which an entry needs a signature; 0 for an attempt that was opened after it."""
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
    """Return the versions of signed entries that were the newest when they were written.

    No entry after such a version is unsigned. The entry of a change that came late names a newer version; there may be
    unsigned entries after it.
    """
    return (
        link.version
        for link in entries
        if link.signed and hashes.get(link.previous, link.version) < link.version
    )


def _gaps(entries: list[TimelineEntry], item: Item) -> list[Problem]:
    """Return the versions without an entry: between other entries, and at the end."""
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
    """Return the problem of an attempt that has seals, but no row in the table any more."""
    last = max((version for version, _ in seals), default=0)
    return [Problem(ProblemKind.ENTRIES_MISSING, last, about=_span(1, last))] if last else []


def _rewritten(entries: list[TimelineEntry]) -> list[Problem]:
    """Return problems of entries with our signature about changes that no rule makes.

    Somebody who writes the item and raises its version also gets a signed entry. It says what was written.
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
    """Return the place of a status in the order of all statuses; -1 when the digest is of none of them."""
    return _STEPS.index(digest) if digest in _STEPS else -1


def _replaced(link: TimelineEntry) -> list[Problem]:
    """Return problems of verdicts that replace the verdict of a frame that was seen."""
    return [
        Problem(ProblemKind.VERDICT_REPLACED, link.version, link.at, _number(str(fact.get("slot"))))
        for fact in link.facts
        if fact.get("what") == "snapshot_verdict"
        and str(fact.get("replaces", Verdict.MISSING.value)) not in model.WITHOUT_FINDINGS
    ]


def _number(slot: str) -> str:
    """Return the number of a snapshot as people count, from 1."""
    return str(int(slot) + 1) if sealing.is_number(slot) else slot


def _version(item: Item) -> int:
    """Return the version of the item; 0 when it is no number, because somebody else wrote it."""
    version = item.get("version")
    return version if isinstance(version, int) else 0


def _behind(entries: list[TimelineEntry], item: Item) -> bool:
    """Whether the timeline lacks the newest changes of the item."""
    return bool(entries) and _version(item) > entries[-1].version


def _map(item: Item, name: str) -> dict[str, Any]:
    """Return an attribute that is a map; empty when it is no map."""
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


# --- item, rows and result ------------------------------------------------------------------------------


def _last(entries: list[TimelineEntry]) -> dict[str, tuple[str, TimelineEntry]]:
    """Return the newest digest of each name, with its entry."""
    return {name: (digest, link) for link in entries for name, digest in link.digests.items()}


def _first(entries: list[TimelineEntry]) -> dict[str, tuple[str, TimelineEntry]]:
    """Return the oldest digest of each row of findings, with its entry. Rows are written once."""
    oldest = _last(entries[::-1])
    return {sk: digest for sk, digest in oldest.items() if "#" in sk}


def _attributes(entries: list[TimelineEntry], item: Item) -> list[Problem]:
    """Return attributes that differ from their newest digest, and attributes without a digest.

    Attributes without a digest count only when the entries hold digests from the first version on.
    """
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
    """Return the answers that differ from those of the submission."""
    for link in entries:  # only the first submission counts
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
    """Return the verdicts of snapshots that differ from the timeline or from the findings."""
    recorded = {
        str(fact.get("slot")): (str(fact.get("verdict")), link)
        for link in entries
        for fact in link.facts
        if fact.get("what") == "snapshot_verdict"
    }
    now = {slot: str(verdict) for slot, verdict in items.verdicts_of(item).items()}
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
    entries: list[TimelineEntry], item: Item, evidence: StoredEvidence
) -> list[Problem]:
    """Return findings of snapshots and checks that the attempt does not have.

    Findings of a snapshot that it has are in order: their entry may come later, or the snapshot may be a system gap.
    """
    checks = item.get("verifications")
    checks = [*checks] if isinstance(checks, list) else []
    facts = [fact for link in entries for fact in link.facts if fact.get("what") == "verification"]
    check_ids = [check["id"] for check in [*checks, *facts, item.get("pending")] if _has_id(check)]
    expected = {
        *_last(entries),
        *map(of_frame, evidence.slots),
        *map(of_check, check_ids),
        *map(of_turn, check_ids),
    }
    return [
        Problem(ProblemKind.FINDINGS_UNRECORDED, about=sk)
        for sk in sorted(evidence.rows)
        if sk.startswith((OF_FRAME, OF_CHECK, OF_TURN)) and sk not in expected
    ]


def _has_id(check: Any) -> bool:
    return isinstance(check, dict) and isinstance(check.get("id"), str)


def _result(evidence: StoredEvidence, item: Item) -> list[Problem]:
    """Return the fields of the stored result that differ from what answers, paper and key give.

    A result is written once, so a result of an earlier release lacks fields that were added later.
    """
    kept = evidence.rows.get("RESULT")
    if item.get("status") != Status.SUBMITTED.value:
        return [Problem(ProblemKind.RESULT_CHANGED, about="submitted_at")] if kept else []
    if not evidence.paper_whole:
        return [Problem(ProblemKind.PAPER_CHANGED, about=str(item.get("paper_version")))]
    pictures = [
        Problem(ProblemKind.PICTURE_CHANGED, about=str(number))
        for number in evidence.without_picture
    ]
    if kept is None:
        return [Problem(ProblemKind.RESULT_MISSING), *pictures]
    return pictures + [
        Problem(ProblemKind.RESULT_CHANGED, about=name)
        for name, value in (evidence.graded or {}).items()
        if (name in kept or name in _RESULT) and kept.get(name) != value
    ]
