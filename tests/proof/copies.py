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
    """The work in a copy failed. The text is the traceback of the copy."""


@dataclass
class Copy:
    """A fork of this process. Both the parent and the fork use this class."""

    child: int  # 0 inside the copy
    end: int  # our end of the pipe

    @property
    def is_me(self) -> bool:
        """Whether this process is the copy."""
        return self.child == 0

    def report(self, work: Callable[[], Any]) -> NoReturn:
        """In the copy: send the result of `work` (it is pickled) to the parent, and end."""
        try:
            with os.fdopen(self.end, "wb") as pipe:
                pipe.write(_told(work))
        finally:
            os._exit(0)  # without clean-up, which the parent does

    def outcome(self) -> Any:
        """In the parent: return the result of the copy. Raises `Failed`."""
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
    """Fork this process. moto keeps its cloud in the process, so the copy has its own cloud.

    Hundreds of runs begin with the same state, which is prepared once.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()  # otherwise the collector writes to the shared memory pages, and each copy needs memory of its own
    reading, writing = os.pipe()
    child = os.fork()
    os.close(writing if child else reading)
    return Copy(child, reading if child else writing)


def in_a_copy(work: Callable[[], T]) -> T:
    """Call `work` in a copy and return its result. Raises `Failed`."""
    copy = copied()
    if copy.is_me:
        copy.report(work)
    outcome: T = copy.outcome()
    return outcome
