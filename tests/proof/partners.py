"""Good runs of partner platforms' requests, and of the function that writes their feeds."""

from unittest import mock

from chalicelib.partners import model
from chalicelib.results import telling
from tests.api import Answer
from tests.proof.crashes import Scenario
from tests.proof.desk import certificate_order, certified, record
from tests.proof.people import ORGANISATION
from tests.proof.scenarios import Step, ann, event
from tests.proof.world import World

KEY = model.PartnerKey("agency-1", "a key of the agency's own, long enough")
AGENCY = {"agency": model.PartnerAccess((KEY,), {"agency": ORGANISATION})}


def ask(path: str, nonce: str) -> Step:
    """Return a signed request. Sent again it is the same request; with another nonce it is a new one."""

    def asked(w: World) -> Answer:
        certificate = record(w)
        person = telling.person_ref(certificate["account_id"])
        plain = path.format(ref=person, number=certificate["number"])
        at = str(w.memory.setdefault(nonce, w.clock.now))
        request = model.SignedRequest("GET", plain, (), b"")
        headers = {"Kaochang-Key": KEY.key_id, "Kaochang-Timestamp": at, "Kaochang-Nonce": nonce}
        signed = model.signature(KEY.key, request, timestamp=at, nonce=nonce)
        headers["Kaochang-Signature"] = signed
        with mock.patch("chalicelib.partners.store.partners_as_of", return_value=AGENCY):
            return ann(w).api.call("GET", plain, headers=headers)

    return asked


def asks(name: str, path: str) -> Scenario:
    """Return a run of a request. A platform without an answer signs a new request, because the nonce may be used up."""
    first, anew = ask(path, "the-very-same-nonce"), ask(path, "another-nonce-for-it")
    return Scenario(name, f"GET {path}", certified, first, start_over=anew)


def suspended(w: World) -> None:
    """An operator has suspended the certificate, and the feed does not have it yet."""
    certified(w)
    assert certificate_order("suspend_certificate")(w)["ok"]
    assert [entry.kind for entry in w.waiting()] == ["certificate"]


ALL = [
    asks("read the feed", "/partner/results"),
    asks("read the results of a person", "/partner/people/{ref}/results"),
    asks("read a certificate as partner", "/partner/certificates/{number}"),
    Scenario("a certificate is told", "changes_tell_partners", suspended, event("certificate")),
]
