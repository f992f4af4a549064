"""Trying something out in a copy of this process and of the cloud in it, of which nothing stays."""

import gc
import os
import pickle
import sys
import traceback
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Failed(AssertionError):
    """What was tried out failed; the text is the traceback of the copy."""


def in_a_copy(work: Callable[[], T]) -> T:
    """Do it in a fork of this process, and bring back what it returns (something to be pickled).

    moto keeps its cloud in this process, so the fork has a cloud of its own: hundreds of runs start from the
    same state without anybody living the day up to there again. Raises `Failed`.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()  # the collector would write to every page that is shared with the copy
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _report(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    if not told:
        raise Failed("the copy died without a word")
    done, outcome = pickle.loads(told)
    if not done:
        raise Failed(outcome)
    return outcome  # type: ignore[no-any-return]


def _report(work: Callable[[], object], writing: int) -> None:
    told = b""
    try:
        told = pickle.dumps((True, work()))
    except BaseException:
        told = pickle.dumps((False, traceback.format_exc()))
    finally:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(told)
        os._exit(0)  # no clean-up: that is the parent's
