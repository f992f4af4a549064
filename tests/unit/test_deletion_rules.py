"""Deleting a person's pictures: one deletion at a time, done when nothing can arrive any more."""

from typing import Any

import msgspec
import pytest

from chalicelib.identity import deleting
from chalicelib.identity.deleting import SETTLING_MS
from chalicelib.identity.model import Deletion, IdPhoto, Person, PracticeMark
from chalicelib.kernel.outcomes import applied
from tests.unit.attempts import T0, refusal

ASKED = Deletion("delete-0001", "王五", "本人要求", T0)
OTHER = Deletion("delete-0002", "王五", "本人要求", T0 + 1)
PHOTO = IdPhoto("ph_1", "key", "0" * 64, (), "engine", "model", T0)
MARK = PracticeMark("pr_1", "e", T0, 1, 1)


def person(*deletions: Deletion, **more: Any) -> Person:
    return Person("ac_1", 1, 1, "138****8000", deletions=deletions, **more)


def done(deletion: Deletion) -> Deletion:
    return msgspec.structs.replace(deletion, done_at=T0 + SETTLING_MS)


def test_a_deletion_removes_photo_and_mark_and_is_noted() -> None:
    before = person(done(ASKED), id_photo=PHOTO, practice=MARK)
    after = applied(before, deleting.begin(before, OTHER, T0))
    assert (after.id_photo, after.photo_upload, after.practice) == (None, None, None)
    assert after.deletions == (done(ASKED), OTHER)
    assert deleting.begin(after, OTHER, T0 + 5) == ()  # a repeat


def test_another_deletion_waits_until_the_first_one_is_done() -> None:
    with refusal("deletion_pending") as caught:
        deleting.begin(person(ASKED), OTHER, T0)
    assert caught.value.details == {"command_id": "delete-0001"}
    deleting.refuse_pending(person(done(ASKED)))
    deleting.refuse_pending(person())


@pytest.mark.parametrize(("until", "refused"), [(-1, False), (0, True), (1, True)])
def test_nothing_is_deleted_while_an_attempt_holds_the_identity(until: int, refused: bool) -> None:
    locked = person(locks={"at_0": T0 - 1, "at_1": T0 + until})
    if not refused:
        assert deleting.begin(locked, ASKED, T0)
        return
    with refusal("attempt_not_final") as caught:
        deleting.begin(locked, ASKED, T0)
    assert caught.value.details == {"attempt_id": "at_1"}


@pytest.mark.parametrize(("ms", "is_done"), [(-1, False), (0, True), (1, True)])
def test_a_deletion_is_done_when_no_picture_can_arrive_any_more(ms: int, is_done: bool) -> None:
    now = T0 + SETTLING_MS + ms
    before = person(done(OTHER), ASKED)
    after = applied(before, deleting.finish(before, "delete-0001", ("SX-1",), now))
    [other, checked] = after.deletions
    assert other == done(OTHER)
    assert (checked.kept, checked.done_at) == (("SX-1",), now if is_done else None)
    again = deleting.finish(after, "delete-0001", ("SX-1",), now)
    assert again == ()


def test_an_unknown_or_finished_deletion_is_not_checked_again() -> None:
    assert deleting.finish(person(ASKED), "delete-0009", ("SX-1",), T0) == ()
    assert deleting.finish(person(done(ASKED)), "delete-0001", ("SX-1",), T0) == ()


@pytest.mark.parametrize(("begun", "kept"), [(-1, False), (0, False), (1, True)])
def test_a_practice_from_before_a_deletion_leaves_no_mark(begun: int, kept: bool) -> None:
    """The stream may tell of it after the deletion has removed the mark."""
    mark = msgspec.structs.replace(MARK, at=T0 + begun)
    outcomes = deleting.note_practice(person(ASKED), mark)
    assert applied(person(ASKED), outcomes).practice == (mark if kept else None)


@pytest.mark.parametrize(("version", "replaces"), [(2, False), (3, False), (4, True)])
def test_a_mark_is_replaced_by_a_newer_one_only(version: int, replaces: bool) -> None:
    before = person(practice=msgspec.structs.replace(MARK, version=3))
    mark = msgspec.structs.replace(MARK, version=version, ended_at=T0 + 1)
    assert bool(deleting.note_practice(before, mark)) == replaces
