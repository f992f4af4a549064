"""Checks before an exam whether text messages arrive."""

from chalicelib.notices import sms, store, texts
from chalicelib.notices.port import Message, NotTaken
from chalicelib.shared import log
from chalicelib.shared.clock import SECOND_MS
from chalicelib.shared.settings import settings

SENT = "sent"
AT_WORK_MS = 90 * SECOND_MS  # longer than the function that sends may run
TEST_VARIABLES = {
    "code": "000000",
    "minutes": "5",
}  # of the template of sign-in codes, which every exam needs


def look_at_account() -> list[str]:
    """Return findings about account, limits, signature and templates, in Chinese; empty when all is well."""
    return sms.sender().look()


def send_test_message(*, starts_at: int, now: int) -> list[str] | None:
    """Send one real message to the operator, once for all exams that start within the same hour.

    Returns the findings, also when asked again, or None while another run is sending it. Without a number in the
    settings nothing is sent. When a run crashed while sending, the message is not sent again: it may have arrived, and
    the operator can check the telephone.
    """
    number = settings().operator_phone
    if not number:
        return []
    earlier = store.claim_probe(starts_at, now)
    if earlier is None:
        outcome = _send(number, starts_at)
        store.note_probe(starts_at, outcome)
    elif earlier.outcome:
        outcome = earlier.outcome
    elif now < earlier.at + AT_WORK_MS:
        return None
    else:
        return [texts.NOT_KNOWN]
    return [] if outcome == SENT else [texts.NOT_SENT.format(code=outcome)]


def _send(number: str, starts_at: int) -> str:
    """`sent`, or the code of what went wrong."""
    try:
        sms.hand_over(Message(f"test-{starts_at}", number, "code", TEST_VARIABLES))
    except NotTaken as error:
        return f"{error.trouble.value}: {error.code}"
    log.event("test_message_sent")
    return SENT
