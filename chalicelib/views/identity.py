"""An identity profile and its photo, as the owner may see them."""

import msgspec

from chalicelib.identity import service as identity
from chalicelib.identity.model import Person, PhotoState, Profile
from chalicelib.identity.texts import photo_message
from chalicelib.shared.languages import NOTHING, Sentence
from chalicelib.views.practice import MarkView, mark_view


class PhotoView(msgspec.Struct, frozen=True):
    """The ID photo: state of the newest upload, and the photo that counts now (a link for one minute)."""

    state: PhotoState
    reason: str
    message: Sentence
    url: str | None


class Me(msgspec.Struct, frozen=True):
    """身份信息. `missing` names the fields that an exam still needs. `frozen` is true while an attempt is open.

    `practice`: 已试考; null before the first practice.
    """

    account_id: str
    phone: str
    profile: Profile
    id_photo: PhotoView
    missing: list[str]
    frozen: bool
    practice: MarkView | None
    server_now: int


def me_view(person: Person, now: int) -> Me:
    """Return a person's own profile as the person may see it."""
    return Me(
        account_id=person.account_id,
        phone=person.phone_masked,
        profile=person.profile,
        id_photo=_photo_view(person),
        missing=person.missing(),
        frozen=person.locked(now),
        practice=mark_view(person.practice) if person.practice else None,
        server_now=now,
    )


def _photo_view(person: Person) -> PhotoView:
    upload = person.photo_upload
    state = PhotoState.ACCEPTED if person.id_photo else PhotoState.NONE
    reason = ""
    if upload is not None:
        state, reason = upload.state, upload.reason
    message = photo_message(reason) if reason else NOTHING
    return PhotoView(state, reason, message, identity.photo_url(person))
