"""What is the product's own failure and is never held against anybody. Pure."""

import enum


class OurFault(enum.StrEnum):
    """Codes of refusals, and reasons why a check did not run, that say nothing of a person or a picture."""

    BUSY = "busy"  # others kept changing the same record
    SERVICE_BUSY = (
        "service_busy"  # something that we need did not answer; a write may have happened
    )
    INTERNAL_ERROR = "internal_error"  # a bug
    ENGINE_DOWN = "engine_down"  # no face engine
    AUTHORITY_DOWN = "authority_down"  # the authority did not answer
    AUTHORITY_UNKNOWN = "authority_unknown"  # it cannot tell
    ROSTER_PHOTO_MISSING = "roster_photo_missing"  # the publisher has not brought it


_CODES = frozenset(fault.value for fault in OurFault)


def is_our_fault(code: str) -> bool:
    """Whether a code of a refusal, or the reason of a check that did not run, names a failure of our own."""
    return code in _CODES
