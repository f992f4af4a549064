"""Use cases about frames that we failed to judge: judge them again, or accept the gaps."""

from collections.abc import Callable, Iterable

import msgspec

from chalicelib.attempts import commands, index_store, store, watch
from chalicelib.attempts.deciding import decide, load
from chalicelib.attempts.model import Attempt
from chalicelib.kernel.commands import Command
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared import log
from chalicelib.shared.errors import Conflict, NotFound


class GapOrder(msgspec.Struct, frozen=True):
    """An operator's order about gaps, for one attempt or (`attempt_id` empty) for all of an exam with gaps."""

    command_id: str
    operator: str
    reason: str
    exam_id: str
    attempt_id: str = ""
    operator_id: str = ""

    def command(self, version_seen: int) -> Command:
        """Return the order as a command on one attempt."""
        return Command(self.command_id, self.operator, self.reason, version_seen, self.operator_id)


class Handled(msgspec.Struct, frozen=True):
    """The numbers of handled attempts and frames. `failed`: attempts for which it has to be ordered again."""

    attempts: int = 0
    frames: int = 0
    failed: tuple[str, ...] = ()


def accept_gaps(*, order: GapOrder, now: int) -> Handled:
    """Let results no longer wait for frames that we failed to judge. A later verdict still counts.

    Each attempt keeps an audit of it. After a crash, the same order again completes it. Raises
    `NotFound`, `Conflict` (`not_submitted`, `no_gap`) when one attempt is named.
    """

    def accept(attempt: Attempt) -> int:
        def rule(current: Attempt) -> Outcomes:
            # another operator's order is no reason to refuse
            command = order.command(current.version)
            return commands.accept_gaps(current, command, now)

        decide(attempt.attempt_id, None, now, rule)
        return len(watch.unaccepted_gaps(attempt))

    return _for_each(order, accept)


def judge_gaps(*, order: GapOrder) -> Handled:
    """Send frames that we failed to judge to the judging queue again. Their verdicts replace the gaps.

    Sending a frame twice does no harm. A frame whose upload is no longer stored stays a gap. Raises `NotFound`,
    `Conflict` (`no_gap`) when one attempt is named.
    """

    def send(attempt: Attempt) -> int:
        gaps = watch.unaccepted_gaps(attempt)
        if not gaps:
            raise Conflict("no_gap")
        return store.send_to_judge(store.snapshot_key(attempt.attempt_id, slot) for slot in gaps)

    return _for_each(order, send)


def _for_each(order: GapOrder, do: Callable[[Attempt], int]) -> Handled:
    """Call `do` for the attempt of the order, or for all. One of many that fails does not stop the others."""
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
    """Yield the ids of submitted attempts with gaps, from the index."""
    for row in index_store.list_of_exam(exam_id):
        if row.submitted_at is not None and row.integrity.gaps:
            yield row.attempt_id
