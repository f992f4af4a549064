"""What a candidate is told about a ticket: what the decision has really given. Pure."""

from chalicelib.attempts.granting import Given
from chalicelib.cases import texts
from chalicelib.cases.model import Case, CaseState, Effect
from chalicelib.shared.clock import MINUTE_MS, china_text
from chalicelib.shared.languages import NOTHING, Sentence, joined

_LONGEST_NAME, _LONGEST_TITLE = 10, 20  # characters in an SMS


def say_ticket(case: Case) -> Sentence:
    """What the candidate is told about a ticket: what was really given, and what of an earlier decision stays."""
    told = texts.TICKETS["open"] if case.state is CaseState.OPEN else _say_decision(case)
    if case.corrected is None:
        return told
    kept = [texts.KEPT[grant.value] for grant in case.given.kept] if case.given else []
    return texts.CORRECTED + joined([told, *kept])


def _say_decision(case: Case) -> Sentence:
    if not case.settled and case.state is CaseState.ACCEPTED:
        return texts.GIVES_NOTHING["settling"]
    if case.effect is Effect.TOO_LATE and case.state is CaseState.ACCEPTED:
        return texts.GIVES_NOTHING["too_late"]
    if case.state is CaseState.REJECTED:
        return texts.TICKETS["rejected"]
    given = say_given(case)
    return (
        texts.TICKETS["accepted"].format(given=joined(given))
        if given
        else texts.GIVES_NOTHING["answered"]
    )


def say_given(case: Case) -> list[Sentence]:
    """What the decision about a ticket has given, one sentence each."""
    given = case.given
    if given is None and case.effect is Effect.ADMITTED and case.ruling is not None:
        given = Given(admitted=True, enter_until=case.ruling.enter_until)  # an earlier release
    if given is None:
        return []
    told = [texts.GIVEN["admitted"]] if given.admitted else []
    if given.enter_until is not None:
        told.append(texts.GIVEN["entry"].format(until=china_text(given.enter_until, "%m-%d %H:%M")))
    if given.chances:
        told.append(texts.GIVEN["chances"].format(chances=given.chances))
    if given.extra_ms:
        told.append(texts.GIVEN["time"].format(minutes=given.extra_ms // MINUTE_MS))
    return told


def variables_of(case: Case, name: str, exam_title: str) -> dict[str, str]:
    """The variables of an SMS about a case.

    `name` and `exam` are shortened, so that a message stays short; `number` is the case's. `granted`, where a ticket
    has given something, says in a few words what.
    """
    about = {
        "name": _shortened(name, _LONGEST_NAME) or texts.NAMELESS,
        "exam": _shortened(exam_title, _LONGEST_TITLE) or texts.NO_EXAM,
        "number": case.case_id,
    }
    granted = _granted(case.given or Given())
    return {**about, "granted": granted} if granted else about


def _granted(given: Given) -> Sentence:
    if given.enter_until is not None:
        return texts.SHORT["entry"].format(until=china_text(given.enter_until, "%H:%M"))
    if given.chances:
        return texts.SHORT["chances"].format(chances=given.chances)
    if given.extra_ms:
        return texts.SHORT["time"].format(minutes=given.extra_ms // MINUTE_MS)
    return NOTHING


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
