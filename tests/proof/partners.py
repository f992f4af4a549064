"""Good runs of partner platforms' requests, and of the functions that write their feeds and call their webhooks."""

import json
from typing import Any
from unittest import mock

from chalicelib.partners import model, store
from chalicelib.results import telling
from chalicelib.shared import http
from tests.api import Answer
from tests.proof.crashes import Scenario
from tests.proof.desk import certificate_order, certified, record
from tests.proof.people import ORGANISATION
from tests.proof.scenarios import Step, ann, event
from tests.proof.world import World

KEY = model.PartnerKey("agency-1", "a key of the agency's own, long enough")
AGENCY = {"agency": model.PartnerAccess((KEY,), {"agency": ORGANISATION})}
WEBHOOK = {"url": "http://hooks.example.cn/", "key_id": KEY.key_id}
CALLED = {"agency": model.PartnerAccess((KEY,), {"agency": ORGANISATION}, webhook=WEBHOOK)}


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


def with_webhook(w: World) -> None:
    """From now on the partner has a webhook, and takes each call. Lasts as long as this copy of the process."""
    w.memory["calls"] = calls = []

    def take(method: str, url: str, *, body: bytes, **_: Any) -> http.Answer:
        calls.append((url, json.loads(body)["cursor"]))
        return http.Answer(204, {}, b"")

    mock.patch.object(store, "partners_as_of", return_value=CALLED).start()
    mock.patch.object(http, "send", take).start()


def entry_written(w: World) -> None:
    """The feed has a second entry, of which nobody was told."""
    suspended(w)
    with_webhook(w)
    w.deliver(w.waiting()[0])
    assert [entry.kind for entry in w.waiting()] == ["entry"]


def call_ordered(w: World) -> None:
    """The call about this entry waits in its queue."""
    entry_written(w)
    w.deliver(w.waiting()[0])
    assert [entry.kind for entry in w.waiting()] == ["webhook"]


def was_called(w: World) -> None:
    """Whatever happened, the partner was told of the entry, and of no other."""
    assert set(w.memory["calls"]) == {(WEBHOOK["url"], "2")}
    assert w.dead() == []


ALL = [
    asks("read the feed", "/partner/results"),
    asks("read the results of a person", "/partner/people/{ref}/results"),
    asks("read a certificate as partner", "/partner/certificates/{number}"),
    Scenario("a certificate is told", "changes_tell_partners", suspended, event("certificate")),
    Scenario(
        "calls of an entry are ordered",
        "changes_tell_partners",
        entry_written,
        event("entry"),
        finish=was_called,
    ),
    Scenario(
        "a partner is called",
        "webhooks_call_partner",
        call_ordered,
        event("webhook"),
        finish=was_called,
    ),
]
