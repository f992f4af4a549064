"""Waits until the emulator has something to read, so that nobody looks into empty streams and queues all the time."""

import contextlib
import logging
import threading

import urllib3

from infra.local.aws import Aws, EmulatorRefused

QUEUES = "queues"
PATH = "/_news"
PAUSE_S = 0.05  # under load news are told at most so often
AGAIN_AFTER_S = 1

log = logging.getLogger("kaochang.events")


class News:
    """How often each table changed, and how many messages came to the queues, as the emulator counts it."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._counts: dict[str, int] = {}
        self._changed = threading.Condition()
        self._ended = threading.Event()

    def start(self) -> None:
        """Follow the emulator's counts in the background."""
        threading.Thread(target=self._follow, daemon=True).start()

    def count(self, topic: str) -> int:
        """Return how often something came: a topic is a table's name, or `QUEUES`."""
        return self._counts.get(topic, 0)

    def wait(self, topic: str, seen: int, most_s: float) -> None:
        """Return when the count of the topic is not `seen` any more, at the end, or after `most_s` seconds."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._ended.is_set() or self.count(topic) != seen, most_s
            )

    def end(self) -> None:
        """End the waiting of all, here and in the emulator, which could not stop at once otherwise."""
        self._ended.set()
        with self._changed:
            self._changed.notify_all()
        with contextlib.suppress(urllib3.exceptions.HTTPError, EmulatorRefused):
            self._aws.own_call("POST", PATH)

    def _follow(self) -> None:
        while not self._ended.is_set():
            try:
                counts = self._aws.own_call("GET", f"{PATH}?seen={sum(self._counts.values())}")
            except Exception:
                if not self._ended.is_set():
                    log.exception(
                        "The emulator tells no news; its streams and queues are looked at anyway"
                    )
                self._ended.wait(AGAIN_AFTER_S)
                continue
            with self._changed:
                self._counts = counts
                self._changed.notify_all()
            self._ended.wait(PAUSE_S)
