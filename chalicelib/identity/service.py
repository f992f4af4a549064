"""Use cases of identity: profile, ID photo, freezing for an attempt."""

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from chalicelib.accounts.model import AudienceRole
from chalicelib.identity import comparing, deleting, model, store
from chalicelib.identity.decided import (
    LocksChanged,
    NumberSaved,
    PhotoAccepted,
    PhotoRefused,
    PhotoRequested,
    ProfileSaved,
)
from chalicelib.identity.documents import IdType, masked_number, parse_id_number
from chalicelib.identity.model import (
    IdPhoto,
    Person,
    PersonPractice,
    PhotoState,
    PhotoUpload,
    PracticeMark,
    Profile,
)
from chalicelib.kernel.deciding import LostRace, decide, retried
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared import clock, ids, log, sealed
from chalicelib.shared.errors import Conflict, NotFound, NotSignedIn
from chalicelib.shared.lines import parse_line, parse_name, parse_organisation
from chalicelib.shared.objects import UploadTicket
from chalicelib.shared.secrets import keyed_hash

_CLAIM_STALE_MS = 5 * clock.MINUTE_MS  # longer than any request lives


class ProfileEdit(msgspec.Struct, frozen=True):
    """The content of the form. Without `id_number` the stored number stays."""

    name: str
    role: AudienceRole
    organisation: str
    region: str
    id_type: IdType
    id_number: str | None = None


def get_person(*, account_id: str, session_version: int | None) -> Person:
    """Return the signed-in person. `session_version` None: an operator acts for them.

    Raises `NotSignedIn` when the session was ended elsewhere.
    """
    return _load(account_id, session_version)


def first_profile(
    *, role: AudienceRole | None, name: str, organisation: str, region: str, now: int
) -> dict[str, Any]:
    """Return the stored form of 身份信息 with the fields of the registration form. Empty fields are asked for later.

    Raises `Invalid`.
    """
    profile = Profile(
        name=parse_name(name) if name else "",
        role=role,
        organisation=parse_organisation(organisation) if organisation else "",
        region=parse_line(region, "region") if region else "",
        updated_at=now,
    )
    stored: dict[str, Any] = msgspec.to_builtins(profile)
    return stored


def fill_profile(
    *,
    account_id: str,
    role: AudienceRole | None,
    name: str,
    organisation: str,
    region: str,
    now: int,
) -> None:
    """Fill empty fields of 身份信息 with the data of a sign-in provider. No field is replaced.

    While an attempt has frozen the identity, nothing is filled.
    """
    claims = {"name": name, "role": role, "organisation": organisation, "region": region}

    def fill(person: Person) -> Outcomes:
        fresh = {f: v for f, v in claims.items() if v and not getattr(person.profile, f)}
        if not fresh or person.locked(now):
            return ()
        profile = msgspec.structs.replace(person.profile, **fresh, updated_at=now)
        return (ProfileSaved(profile=profile),)

    _decide(account_id, fill)


def look_up_person(*, account_id: str) -> Person:
    """The person of an account, for an operator. Raises `NotFound`."""
    person = store.load_person(account_id)
    if person is None:
        raise NotFound("not_found")
    return person


def read_photo(*, account_id: str, photo_id: str) -> bytes:
    """Return the accepted photo with this id, also for a year after it was replaced. Raises `NotFound`."""
    data = store.read_photo(account_id, photo_id)
    if data is None:
        raise NotFound("not_found")
    return data


def keep_photo(*, account_id: str, photo_id: str, jpeg: bytes) -> None:
    """Store a photo that was not uploaded by ticket, under its own id, while a certificate shows it."""
    digest = hashlib.sha256(jpeg).hexdigest()
    store.write_photo(_photo_key(account_id, photo_id, digest), jpeg)


def photo_url(person: Person) -> str | None:
    """Return a short-lived link to the person's ID photo; None without one."""
    return store.photo_url(person.id_photo.key) if person.id_photo else None


def save_profile(*, account_id: str, session_version: int, edit: ProfileEdit, now: int) -> Person:
    """Store 身份信息.

    Raises `Invalid`, `Conflict` (`identity_frozen`, `id_number_taken`, `id_number_needed`, `busy`), `TooMany`.
    """
    profile = Profile(
        name=parse_name(edit.name),
        role=edit.role,
        organisation=parse_organisation(edit.organisation),
        region=parse_line(edit.region, "region"),
        id_type=edit.id_type,
        updated_at=now,
    )
    number = parse_id_number(edit.id_type, edit.id_number) if edit.id_number is not None else None
    if number is not None:  # the answer says whether a number is taken, so the tries are limited
        store.spend_number_budget(account_id, now)

    def save() -> Person:
        person = _load(account_id, session_version)
        _refuse_when_locked(person, now)
        if number is None:
            return store.change_person(person, (_with_known_number(person, profile),))
        return _save_with_number(person, profile, edit.id_type, number, now)

    return retried(save)


def _with_known_number(person: Person, profile: Profile) -> ProfileSaved:
    """The profile with the ID number as it is. Raises `Conflict`: `id_number_needed`."""
    if not person.person_hash or person.profile.id_type is not profile.id_type:
        raise Conflict("id_number_needed")
    shown = person.profile.id_number_masked
    return ProfileSaved(profile=msgspec.structs.replace(profile, id_number_masked=shown))


def _save_with_number(
    person: Person, profile: Profile, kind: IdType, number: str, now: int
) -> Person:
    """Claim the ID number for this account, store it with the profile, and release the number before it.

    Raises `LostRace`, `Conflict`: `id_number_taken`.
    """
    person_hash = hash_of_number(kind, number)
    _claim_number(person_hash, person.account_id, now)
    masked = msgspec.structs.replace(profile, id_number_masked=masked_number(number))
    changed = store.save_number(
        person,
        NumberSaved(profile=masked, person_hash=person_hash),
        sealed.seal(number, model.number_context(person.account_id)),
    )
    if person.person_hash and person.person_hash != person_hash:
        store.release_number(person.person_hash, person.account_id, now)
    return changed


def hash_of_number(kind: IdType, number: str) -> str:
    """Return the key of a person, which does not depend on the account.

    All numbers with 18 characters belong to one national series, so the kind of document makes no difference there.
    """
    series = "18" if len(number) == 18 else kind.value
    return keyed_hash("person", series, number)


def find_account(*, person_hash: str) -> str | None:
    """Return the account that holds the number with this hash; None without one."""
    return store.account_of_number(person_hash)


def find_by_number(*, number: str) -> str | None:
    """Return the account that holds an ID number in its normal form, whatever the document; None without one.

    Numbers with 18 characters belong to one series; shorter ones are tried with each kind of document.
    """
    hashes = dict.fromkeys(hash_of_number(kind, number) for kind in IdType)
    return next(filter(None, map(store.account_of_number, hashes)), None)


def find_accounts(*, person_hashes: Iterable[str]) -> dict[str, str]:
    """Return person hash → account for those who have an account, a hundred with one call. May be a moment behind."""
    return store.accounts_of_numbers(person_hashes)


class KnownPerson(msgspec.Struct, frozen=True):
    """A person with the full ID number, if it was asked for and is known; else ""."""

    person: Person
    id_number: str = ""


def look_up_people(
    *, account_ids: Iterable[str], with_numbers: bool = False
) -> dict[str, KnownPerson]:
    """Return account → person for those of these accounts that exist, a hundred with one call. May be a moment behind.

    `with_numbers`: unseal their ID numbers. The caller has noted who wants them and why.
    """
    found = {}
    for person, number in store.load_people(account_ids):
        context = model.number_context(person.account_id)
        plain = sealed.unseal(number, context) if number and with_numbers else ""
        found[person.account_id] = KnownPerson(person, plain)
    return found


def _claim_number(person_hash: str, account_id: str, now: int) -> None:
    owner = store.claim_number(person_hash, account_id, now)
    if owner == account_id:
        return
    # The other account may have crashed between claiming the number and keeping it.
    other = store.load_person(owner)
    abandoned = other is None or other.person_hash != person_hash
    before = now - _CLAIM_STALE_MS
    if not abandoned or not store.take_over_number(person_hash, account_id, owner, before, now):
        raise Conflict("id_number_taken")


def request_id_photo(*, account_id: str, session_version: int, now: int) -> UploadTicket:
    """Return a ticket to upload an ID photo. It replaces older tickets. Raises `Conflict`."""
    upload_id = ids.new_id("ph_")
    key = f"{store.UPLOADS}/{account_id}/{upload_id}"
    ticket = store.photo_ticket(key, model.UPLOAD_LIFETIME_S, now)
    upload = PhotoUpload(upload_id, key, ticket.expires_at)

    def request(person: Person) -> Outcomes:
        _refuse_when_locked(person, now)
        deleting.refuse_pending(person)
        return (PhotoRequested(photo_upload=upload),)

    _decide(account_id, request, session_version)
    return ticket


def judge_id_photo(*, key: str, version_id: str | None, now: int) -> None:
    """Judge an uploaded ID photo: accept it when it shows exactly one usable face, else refuse it with a reason.

    An upload event may come twice, late, or for a ticket that was replaced. Only the newest ticket is settled, and only
    while it waits.
    """
    account_id, upload_id = key.removeprefix(f"{store.UPLOADS}/").split("/")
    person = store.load_person(account_id)
    if person is None:
        return
    if not _awaits(person, upload_id):
        _remove_replaced(person, upload_id)
        return
    stored = store.read_upload(key, version_id)
    if stored is None:
        return
    photo, reason = _examine_id_photo(stored.data, account_id, upload_id, now)
    person = _decide(account_id, lambda p: _settle_photo(p, upload_id, photo, reason, now))
    if photo is not None and (person.id_photo is None or person.id_photo.key != photo.key):
        store.delete_photo(photo.key)  # it came too late, or an attempt was open
    _remove_replaced(person, upload_id)
    upload = person.photo_upload
    refused = upload.reason if upload and upload.upload_id == upload_id else ""
    log.event("id_photo_judged", account=account_id, upload=upload_id, refused=refused)


def _settle_photo(
    person: Person, upload_id: str, photo: IdPhoto | None, reason: str, now: int
) -> Outcomes:
    """Accept a photo, or refuse it with a reason. Decides nothing when its ticket no longer waits."""
    upload = person.photo_upload
    if upload is None or not _awaits(person, upload_id):
        return ()
    refused = "attempt_open" if person.locked(now) else reason
    if photo is None or refused:
        settled = msgspec.structs.replace(upload, state=PhotoState.REFUSED, reason=refused)
        return (PhotoRefused(photo_upload=settled),)
    before = person.id_photo.key if person.id_photo else None
    return (PhotoAccepted(id_photo=msgspec.structs.replace(photo, replaces=before)),)


def _remove_replaced(person: Person, upload_id: str) -> None:
    """Remove the photo that the photo of this ticket has replaced.

    This happens also when the event comes again: the first run may have crashed after it accepted the photo.
    """
    photo = person.id_photo
    if photo is not None and photo.photo_id == upload_id and photo.replaces is not None:
        store.delete_photo(photo.replaces)


def _awaits(person: Person, upload_id: str) -> bool:
    upload = person.photo_upload
    return (
        upload is not None and upload.upload_id == upload_id and upload.state is PhotoState.WAITING
    )


def _examine_id_photo(
    data: bytes, account_id: str, upload_id: str, now: int
) -> tuple[IdPhoto | None, str]:
    portrait, reason = comparing.examine_portrait(data)
    if portrait is None:
        return None, reason
    face = portrait.face
    # The key has ticket and content: two pictures posted with one ticket cannot replace each other after judging,
    # and removing the photo of an older ticket does not remove a newer one with the same bytes.
    photo_key = _photo_key(account_id, upload_id, face.sha256)
    store.write_photo(photo_key, portrait.jpeg)
    fields = (face.sha256, face.vector, face.engine, face.model)
    return IdPhoto(upload_id, photo_key, *fields, now, signature=face.signature), ""


def _photo_key(account_id: str, photo_id: str, sha256: str) -> str:
    return f"{store.PHOTOS}/{account_id}/{photo_id}/{sha256}.jpg"


def require_complete(person: Person) -> None:
    """Raise `Conflict` (`identity_incomplete`) with the missing fields; the page asks for them."""
    if missing := person.missing():
        raise Conflict("identity_incomplete", missing=missing, next_step="identity")


def freeze(*, person: Person, attempt_id: str, until: int, now: int) -> bool:
    """Refuse edits of this person while the attempt is open (`until`: UTC ms). Freezing twice changes nothing.

    Returns False when the person was changed after they were read; the caller then decides again.
    """
    if person.locks.get(attempt_id) == until:
        return True
    live = {name: end for name, end in person.locks.items() if end >= now}
    try:
        store.change_person(person, (LocksChanged(locks={**live, attempt_id: until}),))
    except LostRace:
        return False
    return True


def keep_frozen(*, account_id: str, attempt_id: str, until: int) -> None:
    """Refuse edits for longer. A lock is never shortened, and a removed lock is not set again."""

    def keep(person: Person) -> Outcomes:
        if until <= person.locks.get(attempt_id, until):
            return ()
        return (LocksChanged(locks={**person.locks, attempt_id: until}),)

    _decide(account_id, keep)


def unfreeze(*, account_id: str, attempt_id: str) -> None:
    """Allow edits again when the attempt is over. Nothing happens when they were allowed."""

    def unlock(person: Person) -> Outcomes:
        if attempt_id not in person.locks:
            return ()
        locks = {name: end for name, end in person.locks.items() if name != attempt_id}
        return (LocksChanged(locks=locks),)

    with contextlib.suppress(NotSignedIn):  # nobody to unlock
        _decide(account_id, unlock)


def list_practices(*, person_hashes: Iterable[str]) -> Iterator[PersonPractice]:
    """Yield those of these people who have an account, with their newest practice, in no particular order.

    The hashes must differ. Costs two reads for each hundred. Raises `Unavailable`.
    """
    return store.load_practices(person_hashes)


def note_practice(*, account_id: str, mark: PracticeMark) -> None:
    """Mark an account as 已试考. Only a newer practice, or a newer version of the same one, replaces the mark.

    Nothing happens when there is no such account.
    """
    with contextlib.suppress(NotSignedIn):
        _decide(account_id, lambda person: deleting.note_practice(person, mark))


def _refuse_when_locked(person: Person, now: int) -> None:
    if person.locked(now):
        raise Conflict("identity_frozen")


def _decide(
    account_id: str, rule: Callable[[Person], Outcomes], session_version: int | None = None
) -> Person:
    """Decide about a person by a rule; returns the person after it. Raises `NotSignedIn`, `Conflict`: `busy`."""
    return decide(lambda: _load(account_id, session_version), rule, store.change_person)


def _load(account_id: str, session_version: int | None) -> Person:
    """The person of an account. With `session_version` the session is checked; events have none.

    Raises `NotSignedIn`.
    """
    person = store.load_person(account_id)
    if person is None or session_version not in (None, person.session_version):
        raise NotSignedIn("session_expired")
    return person
