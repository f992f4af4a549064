"""Use cases about frames that we failed to judge: have them judged again, or accept that nobody saw them."""

from collections.abc import Callable, Iterable

import msgspec

from chalicelib.attempts import commands, store, watch
from chalicelib.attempts.deciding import decide, load
from chalicelib.attempts.model import Attempt
from chalicelib.kernel.commands import Command
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared import log
from chalicelib.shared.errors import Conflict, NotFound


class GapOrder(msgspec.Struct, frozen=True):
    """Who orders it and why, for one attempt or (`attempt_id` empty) for all of an exam that wait for it."""

    command_id: str
    operator: str
    reason: str
    exam_id: str
    attempt_id: str = ""
    operator_id: str = ""

    def command(self, version_seen: int) -> Command:
        """The same for one attempt."""
        return Command(self.command_id, self.operator, self.reason, version_seen, self.operator_id)


class Handled(msgspec.Struct, frozen=True):
    """For how many attempts and frames it was done, and for which attempts it has to be ordered again."""

    attempts: int = 0
    frames: int = 0
    failed: tuple[str, ...] = ()


def accept_gaps(*, order: GapOrder, now: int) -> Handled:
    """Let results no longer wait for frames that we failed to judge; a verdict that comes later still counts.

    Written into each attempt with who did it and why. The same order again completes what was left undone. Raises
    `NotFound`, `Conflict` (`not_submitted`, `no_gap`) when one attempt is named.
    """

    def accept(attempt: Attempt) -> int:
        def rule(current: Attempt) -> Outcomes:
            command = order.command(current.version)  # nobody else's order speaks against it
            return commands.accept_gaps(current, command, now)

        decide(attempt.attempt_id, None, now, rule)
        return len(watch.unaccepted_gaps(attempt))

    return _for_each(order, accept)


def judge_gaps(*, order: GapOrder) -> Handled:
    """Send frames that we failed to judge to the judge once more; their verdicts replace the gaps.

    A frame that is judged twice is judged once; one whose upload is no longer kept stays a gap. Raises `NotFound`,
    `Conflict` (`no_gap`) when one attempt is named.
    """

    def send(attempt: Attempt) -> int:
        gaps = watch.unaccepted_gaps(attempt)
        if not gaps:
            raise Conflict("no_gap")
        return store.send_to_judge(store.snapshot_key(attempt.attempt_id, slot) for slot in gaps)

    return _for_each(order, send)


def _for_each(order: GapOrder, do: Callable[[Attempt], int]) -> Handled:
    """Do it for the attempt that is named, or for all; of all, one that fails does not keep the others waiting."""
    if order.attempt_id:
        attempt = load(order.attempt_id, None)
        if attempt.exam_id != order.exam_id:
            raise NotFound("not_found")
        return Handled(1, do(attempt))
    done, frames, failed = 0, 0, []
    for attempt_id in _waiting(order.exam_id):
        try:
            frames += do(load(attempt_id, None))
            done += 1
        except Conflict as changed:
            if changed.code != "no_gap":  # judged meanwhile
                failed.append(attempt_id)
        except Exception as error:  # whatever is wrong with this one, the others must be done
            log.crash(error, attempt=attempt_id)
            failed.append(attempt_id)
    return Handled(done, frames, tuple(failed))


def _waiting(exam_id: str) -> Iterable[str]:
    """Submitted attempts with unjudged frames, as far as the index knows."""
    for row in store.list_of_exam(exam_id):
        if row.submitted_at is not None and row.integrity.gaps:
            yield row.attempt_id
