"""Copies of this process and of the cloud in it, in which a test tries something without lasting effect."""

import gc
import os
import pickle
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


class Failed(AssertionError):
    """What was tried out failed; the text is the traceback of the copy."""


@dataclass
class Copy:
    """A fork of this process, seen from either side."""

    child: int  # 0 inside the copy
    end: int  # our end of the pipe

    @property
    def is_me(self) -> bool:
        """Whether this is the copy, and not the process that was copied."""
        return self.child == 0

    def report(self, work: Callable[[], Any]) -> NoReturn:
        """Inside: tell what comes out of it (something to be pickled), and end."""
        try:
            with os.fdopen(self.end, "wb") as pipe:
                pipe.write(_told(work))
        finally:
            os._exit(0)  # no clean-up: that is the other's

    def outcome(self) -> Any:
        """Outside: what the copy reports. Raises `Failed`."""
        with os.fdopen(self.end, "rb") as pipe:
            told = pipe.read()
        os.waitpid(self.child, 0)
        if not told:
            raise Failed("the copy died without a word")
        done, outcome = pickle.loads(told)
        if not done:
            raise Failed(outcome)
        return outcome


def _told(work: Callable[[], Any]) -> bytes:
    try:
        return pickle.dumps((True, work()))
    except BaseException:
        return pickle.dumps((False, traceback.format_exc()))


def copied() -> Copy:
    """Fork. moto keeps its cloud in this process, so the copy has a cloud of its own.

    Hundreds of runs begin with the same state, and nobody lives the day up to there again.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()  # the collector would write to every page that is shared
    reading, writing = os.pipe()
    child = os.fork()
    os.close(writing if child else reading)
    return Copy(child, reading if child else writing)


def in_a_copy(work: Callable[[], T]) -> T:
    """Do it in a copy, and bring back what it returns. Raises `Failed`."""
    copy = copied()
    if copy.is_me:
        copy.report(work)
    outcome: T = copy.outcome()
    return outcome
