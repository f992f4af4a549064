"""Use cases of partner platforms: authenticate a request, and read the results and certificates they may see."""

from chalicelib.accounts import sso
from chalicelib.partners import model, store
from chalicelib.partners.model import Claim, Partner, SignedRequest
from chalicelib.results import service as certificates
from chalicelib.results import telling
from chalicelib.results.feed import FeedEntry, plain_organisation
from chalicelib.results.service import ShownCertificate
from chalicelib.results.telling import FeedPage
from chalicelib.shared.errors import Invalid, NotFound, NotSignedIn
from chalicelib.shared.secrets import keyed_hash


def authenticate(*, claim: Claim, request: SignedRequest, now: int) -> Partner:
    """Return the partner that signed this request. Each request is accepted once.

    Raises `NotSignedIn` (`signature_invalid`, `timestamp_invalid`, `nonce_used`), `Unavailable`.
    """
    partners = store.partners_as_of(now)
    key = model.recognise(model.usable(model.owned_keys(partners)), claim, request, now)
    # The signature is right here, so nobody without a key can fill the table or use up a nonce.
    name = keyed_hash("partner-nonce", key.key_id, claim.nonce)
    if not store.use_nonce(name, now + model.NONCE_MS, now):
        raise NotSignedIn("nonce_used")
    access = partners[key.partner]
    return Partner(key.partner, access.organisations, access.sign_in)


def read_results(*, partner: Partner, organisation: str, after: int) -> FeedPage:
    """Return the entries of an organisation's feed after the sequence `after`.

    `organisation`: the short name; it may be empty when the partner has only one. Raises `NotFound`; `Invalid`
    (`invalid_request`: the partner has several organisations and the request names none).
    """
    if not organisation and len(partner.organisations) == 1:
        [organisation] = partner.organisations
    if not organisation and partner.organisations:
        raise Invalid("invalid_request", reason="organisation")
    if organisation not in partner.organisations:
        raise NotFound("not_found")
    return telling.read_organisation(name=partner.organisations[organisation], after=after)


def read_person(*, partner: Partner, ref: str) -> list[FeedEntry]:
    """Return the newest entry of each attempt of a person that this partner may see. Raises `NotFound`.

    `ref`: from an entry of a feed, or the reference of a user of the partner (`accounts.sso.subject_ref`).
    """
    account_id = sso.account_of_ref(provider=partner.sign_in, ref=ref) if partner.sign_in else None
    if account_id is not None:  # a user of the partner's sign-in provider
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
    """Return a certificate that this partner may see. Raises `NotFound`.

    Its person sat the exam for an organisation of the partner, or signs in by the partner's provider.
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
