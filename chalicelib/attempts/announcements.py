"""Use cases of announcements and requests for help in one attempt."""

from chalicelib.attempts import announcing, helping
from chalicelib.attempts.deciding import decide
from chalicelib.attempts.model import Attempt, HelpReason
from chalicelib.exams import service as exams
from chalicelib.exams.model import Announcement


def list_announcements(
    *, attempt_id: str, account_id: str, now: int
) -> tuple[Attempt, tuple[Announcement, ...]]:
    """Return an attempt, which holds its personal announcements, and those to everybody that it has.

    Raises `NotFound`.
    """
    attempt = decide(attempt_id, account_id, now, lambda _: ())
    if not attempt.announced:
        return attempt, ()
    return attempt, exams.get_exam(attempt.exam_id).announcements[: attempt.announced]


def confirm_announcements(
    *, attempt_id: str, account_id: str, for_all: int, personal: int, now: int
) -> Attempt:
    """我知道了: note what the candidate has read. A repeat changes nothing. Raises `NotFound`, `Invalid`."""
    return decide(attempt_id, account_id, now, lambda a: announcing.read(a, for_all, personal, now))


def ask_for_help(
    *,
    attempt_id: str,
    account_id: str,
    page: int,
    request_id: str,
    reason: HelpReason,
    now: int,
) -> Attempt:
    """请求帮助: tell the operators. Raises `NotFound`, `Conflict`, `TooMany`."""
    return decide(
        attempt_id,
        account_id,
        now,
        lambda a: helping.ask(a, page, request_id, reason, now),
    )


def announce_to_one(
    *, attempt_id: str, announcement: Announcement, answers: int | None, now: int
) -> Attempt:
    """Announce something to one person, and close the request for help that it answers.

    Raises `NotFound`, `Conflict`.
    """
    return decide(
        attempt_id, None, now, lambda a: announcing.announce(a, announcement, answers, now)
    )
