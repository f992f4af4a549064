"""Write an entry of the evidence timeline with its digests, its signature and its seal."""

from typing import Any

from chalicelib.attempts.items import of_check, of_frame, of_turn
from chalicelib.attempts.model import CheckState, Status
from chalicelib.shared import macs
from chalicelib.shared.table import Item
from chalicelib.timeline import model, sealing, store
from chalicelib.timeline.model import Facts
from chalicelib.timeline.sealing import Digests


def record(before: Item | None, after: Item, *, facts: Facts, at: int) -> None:
    """Append the signed entry of a change. Seal it when the change is a submission, a publication or a command.

    A change that was recorded before keeps its entry, also when there are newer entries. Raises `Unavailable` before
    anything is written when the entry cannot be signed: no entry is without a signature.
    """
    attempt_id, version = after["attempt_id"], after["version"]
    newest = store.newest_entry(attempt_id)
    previous = newest.hash if newest else model.FIRST
    digests = sealing.changed(before, after) | _answers(before, after) | _rows(attempt_id, facts)
    link = model.entry(version, at, facts, previous, digests)
    mac = macs.make(model.message(attempt_id, link))
    stored = store.put_entry(attempt_id, model.sign(link, mac.key, mac.value))
    if sealing.is_sealed(stored.facts):
        store.write_seal(attempt_id, stored)


def _answers(before: Item | None, after: Item) -> Digests:
    """Return the marks of the answers when the change is the submission. No answer changes after it."""
    closed = Status.SUBMITTED.value
    if after["status"] != closed or (before and before["status"] == closed):
        return {}
    marks = sealing.answer_marks(after["attempt_id"], after.get("answers", {}))
    return {sealing.ANSWERS: marks} if marks else {}


def _rows(attempt_id: str, facts: Facts) -> Digests:
    """Return the digests of the findings that the facts refer to. Findings are written once, before the change."""
    digests: Digests = {}
    for sk in dict.fromkeys(sk for fact in facts for sk in _findings_of(fact)):
        row = store.load_row(attempt_id, sk)
        if row is not None:
            digests[sk] = sealing.digest(sk, row)
    return digests


def _findings_of(fact: dict[str, Any]) -> list[str]:
    match fact["what"]:
        case "snapshot_verdict" if fact["verdict"] not in model.WITHOUT_FINDINGS:
            return [of_frame(fact["slot"])]
        case "verification" if fact["state"] != CheckState.PENDING.value:
            turned = [of_turn(fact["id"])] if fact.get("turn") else []
            return [of_check(fact["id"]), *turned]
    return []
