"""Rules of announcements to everybody who sits an exam. Pure.

An announcement changes the exam by one write. Afterwards each open attempt gets its number by a write of its own.
"""

import msgspec

from chalicelib.exams.model import (
    Announcement,
    AnnouncementMade,
    AnnouncementsSettled,
    Exam,
    ListedExam,
)
from chalicelib.exams.orders import SETTLES_MS
from chalicelib.kernel.commands import find_command, repeats
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared import lines
from chalicelib.shared.errors import Conflict, Invalid

MOST_ANNOUNCEMENTS = 30
MOST_CHARACTERS = 200
_VARIATION_SELECTORS = {0xFE0E: None, 0xFE0F: None}  # text or picture, for the sign before


def parse_text(text: str) -> str:
    """Return the text of an announcement: one line of 1 to 200 visible characters, whatever markup it looks like.

    Variation selectors are removed: keyboards put them behind signs such as ⚠, and nobody sees them.
    Raises `Invalid`: `announcement_invalid`, also for control, direction and zero-width characters.
    """
    try:
        plain = text.translate(_VARIATION_SELECTORS)
        return lines.parse_line(plain, "text", most=MOST_CHARACTERS)
    except Invalid:
        raise Invalid("announcement_invalid", most=MOST_CHARACTERS) from None


def announce(exam: Exam, announcement: Announcement, now: int) -> Outcomes:
    """Announce something to everybody, under the next number. The same command again changes nothing.

    Two operators may announce at once: each gets a number of their own. Raises `Conflict` (`announcement_too_late`:
    the exam has ended; `too_many_announcements`; `command_id_taken`).
    """
    made = find_command(exam.announcements, announcement.command_id)
    if made is not None:
        if not repeats(made, announcement) or made.text != announcement.text:
            raise Conflict("command_id_taken")
        return ()
    if now > exam.ends_at:
        raise Conflict("announcement_too_late", ended_at=exam.ends_at)
    if exam.announced >= MOST_ANNOUNCEMENTS:
        raise Conflict("too_many_announcements", most=MOST_ANNOUNCEMENTS)
    numbered = msgspec.structs.replace(announcement, number=exam.announced + 1)
    return (AnnouncementMade(announcements=(*exam.announcements, numbered), announced_at=now),)


def unsettled(exam: Exam | ListedExam, now: int) -> bool:
    """Whether the schedule still has to check that all attempts have the newest announcement."""
    return exam.announced_at is not None and now >= exam.announced_at + SETTLES_MS


def settle(exam: Exam, now: int) -> Outcomes:
    """Note that every attempt has the newest announcement, if it is old enough."""
    return (AnnouncementsSettled(),) if unsettled(exam, now) else ()
