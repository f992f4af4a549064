"""Outcomes that change a person: the part of an account that identity owns. Pure."""

from chalicelib.identity.model import Deletion, IdPhoto, Person, PhotoUpload, PracticeMark, Profile
from chalicelib.kernel.outcomes import Outcome, outcome_of


@outcome_of(Person)
class ProfileSaved(Outcome, frozen=True):
    """The person, or a platform that they came from, filled in 身份信息."""

    profile: Profile


@outcome_of(Person)
class NumberSaved(ProfileSaved, frozen=True):
    """The person gave an ID number with the profile. The number itself is sealed beside it."""

    person_hash: str


@outcome_of(Person)
class PhotoRequested(Outcome, frozen=True):
    """The person got an upload ticket for an ID photo. It replaces older tickets."""

    photo_upload: PhotoUpload


@outcome_of(Person)
class PhotoRefused(Outcome, frozen=True):
    """The uploaded ID photo cannot be used; the reason is in its ticket."""

    photo_upload: PhotoUpload


@outcome_of(Person)
class PhotoAccepted(Outcome, frozen=True):
    """There is a new ID photo; its ticket is used up."""

    id_photo: IdPhoto
    photo_upload: PhotoUpload | None = None


@outcome_of(Person)
class PhotoExamined(Outcome, frozen=True):
    """A vector or a signature was computed from the ID photo and is kept."""

    id_photo: IdPhoto


@outcome_of(Person)
class LocksChanged(Outcome, frozen=True):
    """An attempt froze the identity, keeps it frozen for longer, or released it."""

    locks: dict[str, int]


@outcome_of(Person)
class Practised(Outcome, frozen=True):
    """The newest practice exam of the person was begun, or has found something more."""

    practice: PracticeMark


@outcome_of(Person)
class DeletionBegun(Outcome, frozen=True):
    """An operator began to delete the pictures of the person. The ID photo is removed from the account at once."""

    deletions: tuple[Deletion, ...]
    id_photo: IdPhoto | None = None
    photo_upload: PhotoUpload | None = None
    practice: PracticeMark | None = None


@outcome_of(Person)
class DeletionChecked(Outcome, frozen=True):
    """All places were checked again. The deletion is done when the check was late enough."""

    deletions: tuple[Deletion, ...]
