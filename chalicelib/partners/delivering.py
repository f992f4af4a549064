"""Use cases of webhooks: order a call for each partner of a new entry, and make the calls.

A delivery is ordered from the stream of the feed, which repeats what fails. It waits in a queue, which repeats it until
a call succeeds. So each entry is told at least once, in no certain order. A delivery is checked against the secret
again when it is made: a partner that has lost its webhook or the organisation is not called.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from chalicelib.partners import store, webhook
from chalicelib.partners.model import PartnerAccess
from chalicelib.partners.webhook import Delivery, UnusableWebhook
from chalicelib.results.feed import PlacedEntry, plain_organisation
from chalicelib.shared import http, log, queues
from chalicelib.shared.clock import SECOND_MS
from chalicelib.shared.secrets import keyed_hash
from chalicelib.shared.settings import settings

LIMITS = http.Limits(connect_s=2.0, read_s=5.0, total_s=5.0, most_bytes=64 * 1024)


def order_calls(*, entry: PlacedEntry, now: int) -> int:
    """Order a call for each partner that has a webhook and sees this entry of an organisation's feed.

    Returns how many. Called again it orders them again, with the same request ids. Raises `Unavailable`.
    """
    deliveries = list(_deliveries(store.partners_as_of(now), entry))
    return queues.send(
        settings().webhook_queue_url,
        (msgspec.json.encode(delivery).decode() for delivery in deliveries),
    )


def _deliveries(partners: Mapping[str, PartnerAccess], entry: PlacedEntry) -> Iterator[Delivery]:
    organisation = plain_organisation(entry.entry.result.organisation)
    for partner, access in partners.items():
        for short, name in access.organisations.items():
            if access.webhook is not None and plain_organisation(name) == organisation:
                request_id = keyed_hash("webhook", partner, short, entry.sequence)
                yield Delivery(request_id, partner, short, entry.sequence, entry.entry.at)


def deliver(*, message: str, receipt: str, tries: int, now: int) -> bool:
    """Make one call, unless the partner failed to take one a moment ago.

    `receipt`: of this message. `tries`: how often it came, from 1. Returns whether the delivery is done or dropped;
    otherwise the message is hidden until the next try. Raises `Unavailable`, `msgspec.ValidationError`.
    """
    delivery = msgspec.json.decode(message, type=Delivery)
    about: dict[str, Any] = {"partner": delivery.partner, "cursor": delivery.cursor, "tries": tries}
    partners = store.partners_as_of(now)
    if not _is_wanted(partners, delivery):
        log.event("webhook_dropped", **about)
        return True
    if store.is_paused(delivery.partner, now):
        log.event("webhook_put_off", **about)
    else:
        trouble = _call(partners, delivery, now)
        if not trouble:
            log.event("webhook_delivered", **about)
            return True
        log.metric("WebhookFailed", 1, reason=trouble, **about)
        store.pause(delivery.partner, now + webhook.PAUSE_MS)
    queues.hide(settings().webhook_queue_url, receipt, webhook.wait_ms(tries) // SECOND_MS)
    return False


def _is_wanted(partners: Mapping[str, PartnerAccess], delivery: Delivery) -> bool:
    access = partners.get(delivery.partner)
    if access is None or access.webhook is None:
        return False
    return delivery.organisation in access.organisations


def _call(partners: Mapping[str, PartnerAccess], delivery: Delivery, now: int) -> str:
    """Call the partner once. Returns why it did not take the call; "" when it did."""
    local, content = settings().local, webhook.body(delivery)
    try:
        target = webhook.target(partners, delivery.partner, local=local)
        answer = http.send(
            "POST",
            target.url,
            headers=webhook.headers(delivery, target.key, content, now),
            body=content,
            limits=LIMITS,
            public_only=not local,
        )
    except UnusableWebhook as error:
        return f"webhook_{error}"
    except http.Unreachable as error:
        return str(error)
    return "" if 200 <= answer.status < 300 else f"status_{answer.status}"
