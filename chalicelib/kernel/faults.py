"""The codes of failures of the product itself. They are never held against a person. Pure."""

import enum


class OurFault(enum.StrEnum):
    """Codes of refusals, and reasons why a check did not run, that say nothing about a person or a picture."""

    BUSY = "busy"  # others kept changing the same record
    # a service that we need did not answer; a write may have happened
    SERVICE_BUSY = "service_busy"
    INTERNAL_ERROR = "internal_error"  # a bug
    ENGINE_DOWN = "engine_down"  # the face engine does not work
    AUTHORITY_DOWN = "authority_down"  # the identity authority did not answer
    AUTHORITY_UNKNOWN = "authority_unknown"  # the identity authority cannot tell
    ROSTER_PHOTO_MISSING = "roster_photo_missing"  # the publisher has not uploaded it


_CODES = frozenset(fault.value for fault in OurFault)


def is_our_fault(code: str) -> bool:
    """Whether a code of a refusal, or the reason of a check that did not run, names a failure of our own."""
    return code in _CODES
