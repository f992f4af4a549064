"""A state that many tests begin with is made once by each process and restored for every later test.

Enrolling a candidate takes some thirty requests, and hundreds of tests begin with that. So the first
test does it, and the others get a copy of the result: the embedded cloud, byte for byte, and what
the test's own objects know (the browser's cookie, the time of day). Whatever a test changes, it
changes in its own copy.
"""

import functools
import io
import pickle
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from moto.backends import get_backend
from moto.core.base_backend import BackendDict
from moto.core.botocore_stubber import BotocoreStubber

T = TypeVar("T")

_untouched = ""
"""The name of the state that the cloud is still in; empty as soon as anybody sends it a request."""


def notice_requests() -> None:
    """From now on a request to the cloud marks it as changed since it was saved."""
    process = BotocoreStubber.process_request

    def noticed(self: Any, request: Any) -> Any:
        global _untouched
        _untouched = ""
        return process(self, request)

    BotocoreStubber.process_request = noticed


def begin_empty() -> None:
    """Forget the saved state: the cloud is a new one, or one that a test has changed directly."""
    global _untouched
    _untouched = "nothing"


def once(live: Callable[..., T]) -> Callable[..., T]:
    """Make a fixture that runs once and is then restored from a copy.

    It is lived in earnest whenever anybody has asked the cloud for anything since it was last given
    back, or the settings, the face engine or what its arguments know are others. It cannot see any
    other patch of the product: a fixture that follows one is none of these.
    """
    saved: dict[Any, tuple[str, bool, bytes]] = {}

    @functools.wraps(live)
    def give(*args: Any, **kwargs: Any) -> T:
        global _untouched
        from chalicelib import faces
        from chalicelib.shared import secrets, settings

        known = list(_known([*args, *kwargs.values()]))
        told = _save(None, known, with_cloud=False)
        asked = (_untouched, settings.settings(), faces.default_engine, told)
        if _untouched and asked in saved:
            name, warm, state = saved[asked]
            result = _load(state, known)
            if warm:
                secrets.key("")
            _untouched = name
            return result
        result = live(*args, **kwargs)
        if asked[0]:
            _untouched = f"{asked[0]}, {live.__module__}.{live.__qualname__} ({len(saved)})"
            warm = secrets.key.cache_info().currsize > 0
            saved[asked] = (_untouched, warm, _save(result, known))
        return result

    return give


def _known(things: list[Any]) -> Iterator[Any]:
    """The objects of a test, and what they hold: the candidate's browser, the browser's clock."""
    for thing in things:
        # pytest knows a file of tests by its own name, others know it as a part of `tests`.
        if hasattr(thing, "__dict__") and type(thing).__module__.startswith(("tests.", "test_")):
            yield thing
            yield from _known(list(vars(thing).values()))


class _Pickler(pickle.Pickler):
    """Copies everything but the known objects themselves: they stay those of the test."""

    def __init__(self, file: io.BytesIO, known: list[Any]) -> None:
        super().__init__(file, protocol=5)
        self._known = known

    def persistent_id(self, thing: Any) -> int | None:
        places = (place for place, known in enumerate(self._known) if known is thing)
        return next(places, None)


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, known: list[Any]) -> None:
        super().__init__(file)
        self._known = known

    def persistent_load(self, place: int) -> Any:
        return self._known[place]


def _save(result: Any, known: list[Any], with_cloud: bool = True) -> bytes:
    cloud = {
        (services.service_name, account, region): vars(backend)
        for services in BackendDict._instances
        for account, region, backend in services.iter_backends()
        if with_cloud
    }
    out = io.BytesIO()
    _Pickler(out, known).dump((cloud, [dict(vars(thing)) for thing in known], result))
    return out.getvalue()


def _load(state: bytes, known: list[Any]) -> Any:
    BackendDict.reset()  # it also closes every file of moto's S3, so before others are opened
    cloud, memories, result = _Unpickler(io.BytesIO(state), known).load()
    for (service, account, region), data in cloud.items():
        backend = get_backend(service)[account][region]
        vars(backend).clear()
        vars(backend).update(data)
    for thing, memory in zip(known, memories, strict=True):
        vars(thing).clear()
        vars(thing).update(memory)
    return result
