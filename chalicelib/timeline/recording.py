"""Writing an entry of the evidence timeline: what it commits to, its signature, its seal."""

from typing import Any

from chalicelib.attempts.items import of_check, of_frame, of_turn
from chalicelib.attempts.model import State, Status
from chalicelib.shared import macs
from chalicelib.shared.table import Item
from chalicelib.timeline import model, sealing, store
from chalicelib.timeline.model import Facts
from chalicelib.timeline.sealing import Digests


def record(before: Item | None, after: Item, *, told: Facts, at: int) -> None:
    """Append the entry of this change, signed, and seal it where it ends or decides something.

    The same change told again keeps the entry that is there, also when newer ones are there: a change that no try could
    handle is sent back later. Raises `Unavailable` before anything is written: there is no entry without a signature.
    """
    attempt_id, version = after["attempt_id"], after["version"]
    newest = store.newest_entry(attempt_id)
    previous = newest.hash if newest else model.FIRST
    digests = sealing.changed(before, after) | _answers(before, after) | _rows(attempt_id, told)
    link = model.entry(version, at, told, previous, digests)
    mac = macs.make(model.message(attempt_id, link))
    kept = store.put_entry(attempt_id, model.sign(link, mac.key, mac.value))
    if sealing.is_sealed(kept.facts):
        store.write_seal(attempt_id, kept)


def _answers(before: Item | None, after: Item) -> Digests:
    """The marks of the answers, with the change that submits them: from then on they stay."""
    closed = Status.SUBMITTED.value
    if after["status"] != closed or (before and before["status"] == closed):
        return {}
    marks = sealing.answer_marks(after["attempt_id"], after.get("answers", {}))
    return {sealing.ANSWERS: marks} if marks else {}


def _rows(attempt_id: str, told: Facts) -> Digests:
    """The digests of the findings behind what a change tells: they were written before, and once."""
    found: Digests = {}
    for sk in dict.fromkeys(sk for fact in told for sk in _findings_of(fact)):
        row = store.load_row(attempt_id, sk)
        if row is not None:
            found[sk] = sealing.digest(sk, row)
    return found


def _findings_of(fact: dict[str, Any]) -> list[str]:
    match fact["what"]:
        case "snapshot_verdict" if fact["verdict"] not in model.WITHOUT_FINDINGS:
            return [of_frame(fact["slot"])]
        case "verification" if fact["state"] != State.PENDING.value:
            turned = [of_turn(fact["id"])] if fact.get("turn") else []
            return [of_check(fact["id"]), *turned]
    return []
