"""Use cases of partner platforms: who asks, and the results and certificates that are theirs to see."""

from chalicelib.accounts import sso
from chalicelib.partners import model, store
from chalicelib.partners.model import Claim, OwnedKey, Partner, PartnerAccess, SignedRequest
from chalicelib.results import service as certificates
from chalicelib.results import telling
from chalicelib.results.feed import FeedEntry, plain_organisation
from chalicelib.results.service import ShownCertificate
from chalicelib.results.telling import FeedPage
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.shared.errors import Invalid, NotFound, NotSignedIn
from chalicelib.shared.secrets import keyed_hash

_REREAD_MS = 5 * MINUTE_MS  # a key that was retired signs no longer than this


def authenticate(*, claim: Claim, request: SignedRequest, now: int) -> Partner:
    """Whose request this is; each is taken once.

    Raises `NotSignedIn` (`signature_invalid`, `timestamp_invalid`, `nonce_used`), `Unavailable`.
    """
    partners = store.partners_as_of(now // _REREAD_MS)
    key = model.recognise(model.usable(_keys(partners)), claim, request, now)
    # Only who holds the key comes here: nobody else can fill the table or use a nonce up.
    name = keyed_hash("partner-nonce", key.key_id, claim.nonce)
    if not store.use_nonce(name, now + model.NONCE_MS, now):
        raise NotSignedIn("nonce_used")
    access = partners[key.partner]
    return Partner(key.partner, access.organisations, access.sign_in)


def _keys(partners: dict[str, PartnerAccess]) -> list[OwnedKey]:
    return [
        OwnedKey(partner, key.key_id, key.key)
        for partner, access in partners.items()
        for key in access.keys
    ]


def read_results(*, partner: Partner, organisation: str, after: int) -> FeedPage:
    """News of the results of an organisation of this partner. Without a name: of its only one.

    Raises `NotFound`; `Invalid` (`invalid_request`: it has several, and none is named).
    """
    if not organisation and len(partner.organisations) == 1:
        [organisation] = partner.organisations
    if not organisation and partner.organisations:
        raise Invalid("invalid_request", reason="organisation")
    if organisation not in partner.organisations:
        raise NotFound("not_found")
    return telling.read_organisation(name=partner.organisations[organisation], after=after)


def read_person(*, partner: Partner, ref: str) -> list[FeedEntry]:
    """How the attempts of a person stand, as far as they are this partner's to see. Raises `NotFound`.

    `ref` comes from an entry, or names a user of the partner's own (`accounts.sso.subject_ref`).
    """
    account_id = sso.account_of_ref(provider=partner.sign_in, ref=ref) if partner.sign_in else None
    if account_id is not None:  # a user of theirs
        return telling.read_person(ref=telling.person_ref(account_id))
    entries = [entry for entry in telling.read_person(ref=ref) if _employs(partner, entry)]
    if not entries:
        raise NotFound("not_found")
    return entries


def _employs(partner: Partner, entry: FeedEntry) -> bool:
    return _is_theirs(partner, entry.result.organisation)


def _is_theirs(partner: Partner, organisation: str) -> bool:
    names = {plain_organisation(name) for name in partner.organisations.values()}
    return plain_organisation(organisation) in names


def read_certificate(*, partner: Partner, number: str) -> ShownCertificate:
    """A certificate of somebody who sat the exam for an organisation of this partner, or of a user of theirs.

    Raises `NotFound`.
    """
    shown = certificates.show_certificate(number=number)
    certificate = shown.certificate
    employed = _is_theirs(partner, certificate.editions[0].content.organisation)
    if employed or (
        partner.sign_in
        and sso.signs_in_by(account_id=certificate.account_id, provider=partner.sign_in)
    ):
        return shown
    raise NotFound("not_found")
