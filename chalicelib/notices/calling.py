"""One call of a provider's API, limited in time and size."""

from typing import Any

import msgspec

from chalicelib.notices.port import Message, NotTaken, SendFailure
from chalicelib.notices.templates import Registered, name_in, registered
from chalicelib.shared import http
from chalicelib.shared.languages import Language, said
from chalicelib.shared.settings import settings

# A person may wait for a code, and the API's function ends after 10 s.
LIMITS = http.Limits(connect_s=2.0, read_s=4.0, total_s=4.0, most_bytes=32 * 1024)


def post(url: str, *, headers: dict[str, str], body: bytes) -> http.Answer:
    """Return the answer, whatever it says. Raises `NotTaken`.

    A broken connection or an answer that comes too late is unclear: the message may have been taken.
    """
    if not url.startswith("https://") and not settings().local:
        raise NotTaken(SendFailure.ACCOUNT, "address_not_encrypted")
    try:
        return http.send("POST", url, headers=headers, body=body, limits=LIMITS)
    except http.Unreachable:  # its chain holds the address, which may hold the number
        raise NotTaken(SendFailure.UNCLEAR, "no_answer") from None


def post_for_object(
    url: str, *, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, Any]]:
    """Return status and JSON object of the answer. Raises `NotTaken` for anything else, such as a proxy's page."""
    answer = post(url, headers=headers, body=body)
    try:
        return answer.status, msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        busy = answer.status == 429
        trouble = SendFailure.BUSY if busy else SendFailure.UNCLEAR
        raise NotTaken(trouble, f"http_{answer.status}") from None


def filled(message: Message) -> tuple[str, dict[str, str]]:
    """Return the provider's id of a message's template, and the values of its variables in their order.

    Both are Chinese where the settings name no template in the language of the message. Raises `NotTaken` when they
    name none at all.
    """
    known = templates()
    for language in (message.language, Language.ZH):
        registered_template = known.get(name_in(message.template, language))
        if registered_template is not None:
            values = said(message.variables, language)
            given = {name: values[name] for name in registered_template.variables}
            return registered_template.template_id, given
    raise NotTaken(SendFailure.MESSAGE, "template_not_set")


def templates() -> dict[str, Registered]:
    """Our templates as the provider knows them; none while the setting cannot be read."""
    try:
        return registered(settings().sms_templates)
    except ValueError:
        return {}


def text(value: Any) -> str:
    """A field that should be a string; empty when it is something else."""
    return value if isinstance(value, str) else ""
