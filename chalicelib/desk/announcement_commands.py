"""Operators' functions for announcements: to everybody in an exam, to one person, in answer to a request for help."""

from typing import Annotated, Any

from msgspec import Meta

from chalicelib.attempts import announcements, ordering
from chalicelib.attempts.model import Attempt
from chalicelib.attempts.ordering import Followed
from chalicelib.desk.commands import Answer, Event, Id, ProvenCommand, ordered
from chalicelib.exams.announcing import parse_text
from chalicelib.exams.model import Announcement
from chalicelib.operators.model import Decider


class _Announce(ProvenCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The text. The rule allows 200 characters and says so in a sentence; this limit only stops much longer ones."""

    text: Annotated[str, Meta(max_length=2000)]

    def announcement(self, by: Decider, now: int) -> Announcement:
        """The announcement as the rooms take it. Raises `Invalid`: `announcement_invalid`."""
        text = parse_text(self.text)
        return Announcement(text, now, self.command_id, by.name, self.reason, by.operator_id)


class AnnounceToAll(_Announce, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """To everybody in which exam."""

    exam_id: Id


class AnnounceToOne(_Announce, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """To whom."""

    attempt_id: Id


class AnswerHelp(AnnounceToOne, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which request for help of this person the text answers: its number in the attempt."""

    help_number: Annotated[int, Meta(ge=1)]


def announce_to_all(event: Event) -> Answer:
    """Announce something to everybody in an exam, also to those who open it later."""
    return ordered(
        event,
        AnnounceToAll,
        lambda c, by, now: _spread_as_answer(
            ordering.announce_to_all(
                exam_id=c.exam_id, announcement=c.announcement(by, now), now=now
            )
        ),
    )


def announce_to_one(event: Event) -> Answer:
    """Announce something to one person."""
    return ordered(event, AnnounceToOne, lambda c, by, now: _to_one(c, by, None, now))


def answer_help(event: Event) -> Answer:
    """Answer a request for help by an announcement to the person, which closes the request."""
    return ordered(event, AnswerHelp, lambda c, by, now: _to_one(c, by, c.help_number, now))


def _to_one(command: AnnounceToOne, by: Decider, answers: int | None, now: int) -> Answer:
    attempt: Attempt = announcements.announce_to_one(
        attempt_id=command.attempt_id,
        announcement=command.announcement(by, now),
        answers=answers,
        now=now,
    )
    return {"attempt_id": attempt.attempt_id, "personal": len(attempt.personal)}


def _spread_as_answer(followed: Followed) -> dict[str, Any]:
    """`ok` means that it was announced; those in `failed` get it by the same command again, or by the schedule."""
    return {
        "exam_id": followed.exam.exam_id,
        "announced": followed.exam.announced,
        "reached": followed.followed,
        "failed": list(followed.failed),
    }
