"""Rules of requests for help: one at a time, answered by an announcement to the person. Pure."""

import msgspec

from chalicelib.attempts.model import (
    Attempt,
    HelpReason,
    HelpRequest,
    check_page,
    refuse_submitted,
)
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.shared.clock import MINUTE_MS, SECOND_MS
from chalicelib.shared.errors import Conflict, TooMany

MOST_REQUESTS = 10  # of one attempt
PAUSE_MS = MINUTE_MS  # between two requests of one attempt


@outcome_of(Attempt)
class HelpAsked(Outcome, frozen=True):
    """The candidate asks for help."""

    help: HelpRequest


@outcome_of(Attempt)
class HelpAnswered(Outcome, frozen=True):
    """An operator has answered the request."""

    help: HelpRequest


def ask(attempt: Attempt, page: int, request_id: str, reason: HelpReason, now: int) -> Outcomes:
    """请求帮助, from the admitted page. It is no switch. The same request again changes nothing.

    Nobody watches practices, so there a ticket or the hotline is named instead. Raises `Conflict`
    (`practice_without_help`, `attempt_submitted`, `superseded`, `help_open`: one is open; `help_used_up`), `TooMany`
    (`help_too_soon`).
    """
    if attempt.policy.is_practice:
        raise Conflict("practice_without_help")
    refuse_submitted(attempt)
    check_page(attempt, page)
    newest = attempt.help
    if newest is None:
        return (HelpAsked(help=HelpRequest(1, request_id, reason, now)),)
    if newest.request_id == request_id:
        return ()
    if attempt.open_help is not None:
        raise Conflict("help_open", asked_at=newest.asked_at)
    if newest.number >= MOST_REQUESTS:
        raise Conflict("help_used_up", most=MOST_REQUESTS)
    if (wait_ms := newest.asked_at + PAUSE_MS - now) > 0:
        raise TooMany("help_too_soon", retry_after_s=-(-wait_ms // SECOND_MS))
    return (HelpAsked(help=HelpRequest(newest.number + 1, request_id, reason, now)),)


def answer(attempt: Attempt, number: int, now: int) -> Outcomes:
    """Close the open request with this number. Raises `Conflict`: `help_answered`."""
    request = attempt.open_help
    if request is None or request.number != number:
        raise Conflict("help_answered")
    return (HelpAnswered(help=msgspec.structs.replace(request, answered_at=now)),)
