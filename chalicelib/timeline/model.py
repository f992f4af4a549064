"""The evidence timeline of an attempt: what changed, when, chained by hashes and signed. Pure.

Entries are made from the stream of the attempt's item, one for each decided change (its version). Saves of answers
make no entries: the answers are in the item, and the entry of the submission has their digest.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Container, Iterable
from typing import Any

import msgspec

from chalicelib.attempts.model import Attempt
from chalicelib.proctoring.model import Verdict
from chalicelib.timeline import sealing
from chalicelib.timeline.sealing import Digests

EVENTS = "EVENT#"  # how the sort keys of entries begin
FIRST = "0" * 64  # what the first entry names as the one before it


class TimelineEntry(msgspec.Struct, frozen=True):
    """One change of an attempt. `at`: when the stream reported it (UTC ms). The facts hold their own times.

    `previous`: the hash of the entry that was the newest when this one was written. `digests`: the digests of what
    the change wrote (attributes of the attempt, rows beside it, the answers at submission). `key`: the id of the key
    that signed it. `mac`: the signature in base64. Entries that are older than the signatures have neither.
    """

    version: int
    at: int
    facts: list[dict[str, Any]]
    previous: str
    hash: str
    digests: Digests = {}
    key: str = ""
    mac: str = ""

    @property
    def signed(self) -> bool:
        """Whether the entry has a signature. The signature is not checked here."""
        return bool(self.mac or self.key)


# Verdicts of snapshots that nobody judged. The table holds no findings for them.
WITHOUT_FINDINGS = frozenset({Verdict.MISSING.value, Verdict.SYSTEM_GAP.value})

Facts = list[dict[str, Any]]


def facts_of(old: Attempt | None, new: Attempt) -> Facts:
    """Return the facts of one change of an attempt, with the names of the glossary.

    `old`: the attempt before the change; None when the change opened the attempt.
    """
    if old is None:
        opened = {"what": "opened", "at": new.opened_at, "photo_id": new.identity.photo_id}
        if new.origin is None:
            return [opened]
        return [opened | {"round": new.round, "origin": new.origin.attempt_id}, *_commands(new)]
    return [fact for part in _PARTS for fact in part(old, new)]


def _check_in_facts(old: Attempt, new: Attempt) -> Facts:
    if old.check_in == new.check_in:
        return []
    now = new.check_in
    steps = [step.value for step in now.steps]
    return [{"what": "check_in", "number": now.number, "steps": steps, "passed": now.passed}]


def _verifications_facts(old: Attempt, new: Attempt) -> Facts:
    facts: Facts = []
    if new.pending is not None and new.pending != old.pending:
        state, reserved = new.pending.state.value, new.pending.reserved_at
        facts.append({"what": "verification", "id": new.pending.id, "state": state, "at": reserved})
    earlier = {check.id: check for check in old.verifications}
    for check in new.verifications:
        if earlier.get(check.id) != check:
            plain = msgspec.to_builtins(check)
            facts.append({"what": "verification", **plain, "at": check.settled_at})
    return facts


def _page_facts(old: Attempt, new: Attempt) -> Facts:
    if new.page == old.page or new.admission is None:
        return []
    by = new.admission.verification_id
    return [{"what": "admitted", "page": new.page, "verification": by, "at": new.admission.at}]


def _start_facts(old: Attempt, new: Attempt) -> Facts:
    if new.deadline == old.deadline:
        return []
    what = "started" if old.started_at is None else "deadline_moved"
    return [{"what": what, "at": new.started_at, "deadline": new.deadline}]


def _absences_facts(old: Attempt, new: Attempt) -> Facts:
    facts: Facts = []
    if new.silences is not None and new.silences != old.silences:
        facts.append({"what": "silent", **msgspec.to_builtins(new.silences)})
    if new.last_absence is not None and new.last_absence != old.last_absence:
        facts.append({"what": "absence", **msgspec.to_builtins(new.last_absence)})
    for number, absence in enumerate(new.switches, start=1):
        if number > len(old.switches):
            kind, at = absence.kind.value, absence.reported_at
            facts.append({"what": "switch", "number": number, "kind": kind, "at": at})
    return facts


def _snapshots_facts(old: Attempt, new: Attempt) -> Facts:
    facts: Facts = [
        {"what": "snapshot_asked", "slot": int(slot), "at": at}
        for slot, at in new.asked.items()
        if slot not in old.asked
    ]
    facts += [
        {"what": "snapshot_verdict", "slot": int(slot), "verdict": verdict.value}
        | ({"shows": new.replays[slot].value} if slot in new.replays else {})
        | ({"replaces": old.verdicts[slot].value} if slot in old.verdicts else {})
        for slot, verdict in new.verdicts.items()
        if old.verdicts.get(slot) is not verdict
    ]
    if new.integrity != old.integrity:
        facts.append({"what": "integrity", **msgspec.to_builtins(new.integrity)})
    return facts


def _commands_facts(old: Attempt, new: Attempt) -> Facts:
    old_ids = {entry.command_id for entry in old.audit}
    return _commands(new, old_ids)


def _commands(new: Attempt, old_ids: Container[str] = ()) -> Facts:
    fresh = [entry for entry in new.audit if entry.command_id not in old_ids]
    return [
        {**msgspec.to_builtins(entry), "what": "command", "command": entry.what} for entry in fresh
    ]


def _announcement_facts(old: Attempt, new: Attempt) -> Facts:
    facts: Facts = []
    if new.announced != old.announced:
        facts.append({"what": "announced", "number": new.announced})
    for number, personal in enumerate(new.personal, start=1):
        if number > len(old.personal):
            told = {"number": number, "text": personal.text, "at": personal.at}
            facts.append({"what": "announced_personally", **told})
    if new.receipt is not None and new.receipt != old.receipt:
        facts.append({"what": "announcements_read", **msgspec.to_builtins(new.receipt)})
    if new.help is not None and new.help != old.help:
        answered = new.help.answered_at is not None
        what = "help_answered" if answered else "help_asked"
        about = {"number": new.help.number, "reason": new.help.reason.value}
        facts.append({"what": what, **about, "at": new.help.answered_at or new.help.asked_at})
    return facts


def _submission_facts(old: Attempt, new: Attempt) -> Facts:
    if new.submitted_at == old.submitted_at or new.cause is None:
        return []
    answered = sum(1 for letters in new.answers.values() if letters)
    cause, at = new.cause.value, new.submitted_at
    submitted = {"what": "submitted", "cause": cause, "at": at, "answered": answered}
    return [{**submitted, "answers_sha256": sealing.answers_sha256(new.answers)}]


def _publication_facts(old: Attempt, new: Attempt) -> Facts:
    if new.published_at is None or new.published_at == old.published_at:
        return []
    until = new.complaint_until
    return [{"what": "published", "at": new.published_at, "complaint_until": until}]


_PARTS: tuple[Callable[[Attempt, Attempt], Facts], ...] = (
    _check_in_facts,
    _verifications_facts,
    _page_facts,
    _start_facts,
    _absences_facts,
    _snapshots_facts,
    _commands_facts,
    _announcement_facts,
    _submission_facts,
    _publication_facts,
)


def entry(
    version: int, at: int, facts: Facts, previous: str, digests: Digests | None = None
) -> TimelineEntry:
    """Return the next entry of a chain, without a signature. `previous`: the hash of the newest entry so far."""
    kept = digests or {}
    return TimelineEntry(
        version, at, facts, previous, _hash(version, at, facts, previous, kept), kept
    )


def sign(unsigned: TimelineEntry, key: str, mac: bytes) -> TimelineEntry:
    """Return the entry with its signature. `key`: the id of the key. `mac`: the HMAC of the entry's `message`."""
    return msgspec.structs.replace(unsigned, key=key, mac=base64.b64encode(mac).decode())


def message(attempt_id: str, signed: TimelineEntry) -> bytes:
    """Return the bytes that are signed: attempt id, version, and the hash of the whole content."""
    return f"kaochang timeline\n{attempt_id}\n{signed.version}\n{signed.hash}".encode()


def entry_key(version: int) -> str:
    """Return the sort key of the entry with this version."""
    return f"{EVENTS}{version:08}"


def is_whole(link: TimelineEntry) -> bool:
    """Whether the hash of an entry is the hash of its content. False for content that JSON cannot hold."""
    try:
        return link.hash == hashlib.sha256(content_of(link).encode()).hexdigest()
    except TypeError:
        return False


def content_of(link: TimelineEntry) -> str:
    """Return the text whose SHA-256 is the hash of an entry. Raises `TypeError` for what JSON cannot hold."""
    return _content(link.version, link.at, link.facts, link.previous, link.digests)


def _content(version: int, at: int, facts: Facts, previous: str, digests: Digests) -> str:
    parts: list[Any] = [version, at, facts, previous]
    if digests:  # older entries have none
        parts.append(digests)
    return json.dumps(parts, sort_keys=True, separators=(",", ":"))


def _hash(version: int, at: int, facts: Facts, previous: str, digests: Digests) -> str:
    content = _content(version, at, facts, previous, digests)
    return hashlib.sha256(content.encode()).hexdigest()


def problems(entries: Iterable[TimelineEntry]) -> list[str]:
    """Return one sentence for each changed entry and each missing or exchanged link. Empty when the chain is whole.

    An entry names the entry that was the newest when it was written. Usually that is the version before it. The entry
    of a change that came late names a newer version.
    """
    chain = list(entries)
    hashes = {FIRST, *(link.hash for link in chain)}
    sentences, version = [], 0
    for link in chain:
        if not is_whole(link):
            sentences.append(f"entry {link.version} was changed")
        if link.previous not in hashes:
            sentences.append(f"entry {link.version} does not follow any other")
        if link.version != version + 1:
            sentences.append(f"entries {version + 1} to {link.version - 1} are missing")
        version = link.version
    return sentences
