"""Announcements and requests for help, as the candidate may see them."""

import msgspec

from chalicelib.attempts.model import Attempt, HelpReason, HelpRequest, Receipt
from chalicelib.exams.model import Announcement


class AnnouncementView(msgspec.Struct, frozen=True):
    """One announcement: plain text, whatever it looks like. `number` counts from 1 among those of its kind.

    `personal`: it is to this person alone. `read`: the person has confirmed it.
    """

    number: int
    personal: bool
    text: str
    at: int
    read: bool


class PublicAnnouncement(msgspec.Struct, frozen=True):
    """An announcement to everybody in an exam, for those who have not opened it."""

    number: int
    text: str
    at: int


class HelpView(msgspec.Struct, frozen=True):
    """The newest request for help. `open`: nobody has answered it yet, and the paper is not submitted."""

    number: int
    reason: HelpReason
    asked_at: int
    answered_at: int | None
    open: bool


class Announcements(msgspec.Struct, frozen=True):
    """All announcements that this attempt has, the oldest first, and the newest request for help.

    `announced`: how many there are; heartbeats and saves return the same number. `for_all`, `to_me`: how many of each
    kind, as a receipt names them.
    """

    announced: int
    for_all: int
    to_me: int
    announcements: tuple[AnnouncementView, ...]
    help: HelpView | None
    server_now: int


class ReceiptView(msgspec.Struct, frozen=True):
    """Up to which announcements the person has confirmed: to everybody, and to this person."""

    for_all: int
    to_me: int
    server_now: int


def announcements_view(
    attempt: Attempt, for_all: tuple[Announcement, ...], now: int
) -> Announcements:
    """Return the announcements of an attempt in the order of their time. `for_all`: those to everybody."""
    receipt = attempt.receipt or Receipt()
    shown = [_for_all(announcement, receipt) for announcement in for_all]
    for number, personal in enumerate(attempt.personal, start=1):
        read = number <= receipt.personal
        shown.append(AnnouncementView(number, True, personal.text, personal.at, read))
    return Announcements(
        announced=attempt.announcements,
        for_all=attempt.announced,
        to_me=len(attempt.personal),
        announcements=tuple(sorted(shown, key=lambda one: (one.at, one.personal, one.number))),
        help=help_view(attempt, attempt.help) if attempt.help else None,
        server_now=now,
    )


def public_announcement(announcement: Announcement) -> PublicAnnouncement:
    """Return an announcement to everybody as the portal shows it."""
    return PublicAnnouncement(announcement.number, announcement.text, announcement.at)


def _for_all(announcement: Announcement, receipt: Receipt) -> AnnouncementView:
    number = announcement.number
    read = number <= receipt.for_all
    return AnnouncementView(number, False, announcement.text, announcement.at, read)


def help_view(attempt: Attempt, request: HelpRequest) -> HelpView:
    """Return the newest request for help of an attempt."""
    return HelpView(
        number=request.number,
        reason=request.reason,
        asked_at=request.asked_at,
        answered_at=request.answered_at,
        open=attempt.open_help is not None,
    )


def receipt_view(attempt: Attempt, now: int) -> ReceiptView:
    """Return what the person has confirmed so far."""
    receipt = attempt.receipt or Receipt()
    return ReceiptView(receipt.for_all, receipt.personal, now)
