"""Compute the result of invented sequences of verdicts: `python -m scripts.stories sequences.csv`.

Each row of the table is a story: its name, the verdicts of its frames in slot order, and the expected result. The
verdicts go in this order through the rules of the product, into an attempt that is submitted and has as many due
snapshots as the story has frames.

    story,frames in slot order,must come to
    lens-covered,unclear:covered*20,flagged:unseen
    our-gap-late-match,system_gap*20 then match*20,clear
    waived-empty,waived; no_face*20,flagged:unseen

`*n` repeats a verdict. After a colon comes its reason. `then` begins later verdicts of the same slots, from
the first on. `waived;` says that an operator admitted the candidate without the face check. Prints
`story TAB expected TAB came to` for each, and as the last line `N passed, N failed`. Exit code: 0 when all passed,
1 when some failed, 2 when the table cannot be read.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from chalicelib.attempts import watch
from chalicelib.attempts.model import Attempt, Chances, CheckIn, Status, Waiver
from chalicelib.exams.model import Policy
from chalicelib.identity.model import FrozenIdentity
from chalicelib.kernel.outcomes import applied
from chalicelib.proctoring.model import Integrity, Replay, Segment, Verdict
from chalicelib.shared.clock import MINUTE_MS

WAIVED = "waived;"
_ACCUSING = ("flagged", "invalidated", "overturned")  # states that name their rule


class Unreadable(Exception):
    """The table has a row that cannot be read. The message names it."""


class Frame(msgspec.Struct, frozen=True):
    """One verdict with its reason."""

    verdict: Verdict
    reason: str = ""


class Story(msgspec.Struct, frozen=True):
    """One row: `rounds` are the verdicts, then what replaced them later."""

    name: str
    expected: str
    waived: bool
    rounds: tuple[tuple[Frame, ...], ...]


def read_stories(file: Path) -> list[Story]:
    """Return the stories of a CSV table with headings. Raises `Unreadable`."""
    with file.open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.reader(table))
    return [_story(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]


def _story(number: int, row: list[str]) -> Story:
    if len(row) != 3:
        raise Unreadable(f"row {number}: three columns are needed, not {len(row)}")
    name, frames, expected = (cell.strip() for cell in row)
    waived = frames.startswith(WAIVED)
    text = frames.removeprefix(WAIVED).strip()
    rounds = tuple(tuple(_frames(number, part)) for part in f" {text} ".split(" then "))
    if not all(rounds):
        raise Unreadable(f"row {number}: a story has frames")
    return Story(name, expected, waived, rounds)


def _frames(number: int, text: str) -> Iterator[Frame]:
    for word in text.split():
        kind, _, times = word.partition("*")
        verdict, _, reason = kind.partition(":")
        try:
            frame = Frame(Verdict(verdict), reason)
            repeated = int(times or 1)
        except ValueError as error:
            raise Unreadable(f"row {number}: {word} is not understood") from error
        yield from [frame] * repeated


def tell(story: Story) -> Integrity:
    """Return the result that the rules give for a story."""
    attempt = _submitted(len(story.rounds[0]), waived=story.waived)
    for frames in story.rounds:
        for slot, frame in enumerate(frames):
            outcomes = watch.record(attempt, {slot: frame.verdict}, _replays(slot, frame))
            attempt = applied(attempt, outcomes)
    return attempt.integrity


def _replays(slot: int, frame: Frame) -> dict[int, Replay]:
    """Return the kind of a replayed frame. An unknown reason counts as the graver kind."""
    if frame.verdict is not Verdict.REPLAYED:
        return {}
    kinds = {replay.value: replay for replay in Replay}
    return {slot: kinds.get(frame.reason, Replay.OTHER_PERSON)}


def _submitted(frames: int, *, waived: bool) -> Attempt:
    """Return a submitted attempt whose snapshots, one a minute, are all asked for and not judged."""
    end = frames * MINUTE_MS
    return Attempt(
        attempt_id="at_story",
        account_id="ac_story",
        exam_id="stories",
        round=1,
        version=1,
        status=Status.SUBMITTED,
        opened_at=0,
        starts_at=0,
        entry_until=end,
        allowed_ms=end,
        policy=Policy(snapshots_min=60, snapshots_max=60),
        paper_version="",
        paper_seed="",
        question_count=1,
        identity=FrozenIdentity("", "", "", "", "", "", ""),
        chances=Chances(10),
        chances_after_start=Chances(10),
        check_in=CheckIn(),
        started_at=0,
        submitted_at=end,
        snapshot_seed="story",
        segments=(Segment(0, end),),
        asked={str(slot): end for slot in range(frames)},
        waiver=Waiver("tk_story", "operator", "waived", 0) if waived else None,
    )


def in_words(integrity: Integrity) -> str:
    """Return the state, with the rule that flags the attempt if the state needs one."""
    state, rule = integrity.state.value, integrity.rule
    return f"{state}:{rule.value}" if rule is not None and state in _ACCUSING else state


def main(arguments: list[str]) -> int:
    """Print the results of all stories of a file. Returns the exit code."""
    if len(arguments) != 1:
        print("usage: python -m scripts.stories FILE.csv", file=sys.stderr)
        return 2
    try:
        stories = read_stories(Path(arguments[0]))
    except (Unreadable, OSError, UnicodeDecodeError, csv.Error) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 2
    failed = 0
    for story in stories:
        actual = in_words(tell(story))
        failed += actual != story.expected
        print(f"{story.name}\t{story.expected}\t{actual}")
    print(f"{len(stories) - failed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
