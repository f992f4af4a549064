"""Use cases of operators: enter, renew and retire them, and check their codes."""

import re
import unicodedata

import msgspec

from chalicelib.kernel.deciding import retried
from chalicelib.operators import codes, model, store
from chalicelib.operators.model import (
    CodeVerdict,
    Credential,
    Decider,
    Operator,
    OperatorOrder,
    OperatorRegister,
    OperatorState,
    SecretReplaced,
)
from chalicelib.shared import hmacs, ids, lines, log
from chalicelib.shared.clock import DAY_MS, MINUTE_MS, SECOND_MS
from chalicelib.shared.errors import Conflict, DomainError, Invalid, Refused
from chalicelib.shared.sealed import seal, unseal
from chalicelib.shared.secrets import keyed_digest, keyed_hash
from chalicelib.shared.settings import settings
from chalicelib.shared.typed_numbers import without_label

_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{0,30}[A-Z0-9]|[A-Z0-9]")
PASS_MS = 10 * MINUTE_MS  # as long as a telephone call takes
LOOK_UPS_KEPT_DAYS = 400  # as long as the trail of calls
_MOST_NAME = 40  # characters; audits and the code app show the name
_ID_CHARACTERS = 12  # 60 bits


class EnrolledOperator(msgspec.Struct, frozen=True):
    """An operator with their new secret, which is shown only now. `uri`: the content of the QR code."""

    operator: Operator
    secret: str
    uri: str


def list_operators() -> tuple[Operator, ...]:
    """Return all operators in the order of their entry, also the retired ones."""
    return store.load_register().operators


def add_operator(*, name: str, number: str, order: OperatorOrder) -> EnrolledOperator:
    """Enter a person who may decide from now on, with this name and staff number.

    The same command again shows the same secret, for ten minutes and until a code of it was accepted. Raises `Invalid`
    (`text_invalid`, `number_invalid`), `Refused` (`operator_needed`), `Conflict` (`operator_known`,
    `too_many_operators`, `secret_shown`, `busy`).
    """
    fresh = _new_operator(name, number, order)

    def enter() -> EnrolledOperator:
        register = store.load_register()
        operators = model.enter(register, fresh, order)
        credential = store.put_credential(_new_credential(fresh.operator_id, order))
        _write(register, operators)
        return _show(fresh, credential, order)

    return retried(enter)


def renew_operator(*, operator_id: str, order: OperatorOrder) -> EnrolledOperator:
    """Give an operator a new secret, for example after the phone is lost. Codes of the old secret no longer work.

    A retired operator becomes active again. Repeats: see `add_operator`. Raises `NotFound`, `Refused`
    (`operator_needed`), `Conflict` (`own_code`, `secret_shown`, `busy`).
    """

    def renew() -> EnrolledOperator:
        register = store.load_register()
        operators = model.renew(register, operator_id, order)
        credential = _load_credential(operator_id)
        if operators is not None and credential.command_id != order.command_id:
            credential = store.change_credential(credential, (_new_secret(operator_id, order),))
        return _show(_write(register, operators).by_id(operator_id), credential, order)

    return retried(renew)


def retire_operator(*, operator_id: str, order: OperatorOrder) -> Operator:
    """Retire an operator, who may no longer decide. Their decisions keep their name; name and number stay taken.

    Raises `NotFound`, `Conflict` (`last_operator`, `busy`).
    """

    def retire() -> Operator:
        register = store.load_register()
        operators = model.retire(register, operator_id, order)
        return _write(register, operators).by_id(operator_id)

    return retried(retire)


def prove(*, name: str, code: str, used_for: str, now: int) -> Decider:
    """Return the operator with this name or number, if the code proves it. A code is accepted for one command only.

    `used_for`: a fingerprint of the command. One write accepts the code or counts a wrong one. The metric
    `OperatorCodesRefused` counts every refusal. Raises `Refused` (`operator_unknown`, `operator_code_refused`),
    `TooMany` (`operator_locked`), `Conflict` (`busy`).
    """
    try:
        operator = store.load_register().by_name(lines.fold_name(name))
        verdict = _judge(operator, code, used_for, now)
    except DomainError as refused:
        if refused.code in _COUNTED:
            log.metric("OperatorCodesRefused", 1, why=refused.code)
        raise
    if verdict not in _ACCEPTED:
        log.metric("OperatorCodesRefused", 1, why=verdict.value, operator_id=operator.operator_id)
        raise Refused("operator_code_refused")
    return Decider(operator.operator_id, operator.name)


def give_pass(by: Decider, now: int) -> str:
    """Return a pass with which this operator may look people up for ten minutes without another code."""
    until = now + PASS_MS
    return f"{by.operator_id}.{until}.{keyed_hash('operator_pass', by.operator_id, until)}"


def check_pass(given: str, now: int) -> Decider:
    """Return the operator of a pass. Raises `Refused`: `operator_pass_over` (too old, or none of ours)."""
    operator_id, _, rest = given.partition(".")
    until, _, mac = rest.partition(".")
    ours = until.isdecimal() and hmacs.equal(keyed_hash("operator_pass", operator_id, until), mac)
    active = {operator.operator_id: operator for operator in store.load_register().active}
    if not ours or now > int(until) or operator_id not in active:
        raise Refused("operator_pass_over")
    return Decider(operator_id, active[operator_id].name)


def record_look_up(
    *,
    by: Decider,
    request_id: str,
    what: str,
    value_hash: str,
    masked: str,
    exam_id: str,
    found: int,
    now: int,
) -> None:
    """Record who looked for whom, before the answer is shown. The same request again is one look-up.

    `value_hash`: a keyed hash of what was looked for. The key follows from it, so the id of one request never covers
    another look-up.
    """
    # in whole days, so that a repeat writes the same item
    until = (now // DAY_MS + 1 + LOOK_UPS_KEPT_DAYS) * DAY_MS // SECOND_MS
    cause = keyed_hash("look_up_record", by.operator_id, request_id, value_hash)
    store.put_look_up(
        {
            "pk": f"LOOK_UP#{cause}",
            "operator_id": by.operator_id,
            "operator": by.name,
            "what": what,
            "value_hash": value_hash,
            "masked": masked,
            **({"exam_id": exam_id} if exam_id else {}),
            "found": found,
            "at": now,
            "expires_at_s": until,
        }
    )


_COUNTED = frozenset({"operator_unknown", "operator_locked"})
_ACCEPTED = frozenset({CodeVerdict.TAKEN, CodeVerdict.TAKEN_BEFORE})


def _judge(operator: Operator, code: str, used_for: str, now: int) -> CodeVerdict:
    """Accept the code, or count it as wrong. Returns after that is written."""

    def judge() -> CodeVerdict:
        credential = _load_credential(operator.operator_id)
        fits = codes.fitting_steps(_secret(credential), code, now)
        verdict, outcomes = model.judge_code(credential, fits, used_for, now)
        if outcomes:
            store.change_credential(credential, outcomes)
        return verdict

    return retried(judge)


def _load_credential(operator_id: str) -> Credential:
    """Return the credential of an operator of the register."""
    credential = store.load_credential(operator_id)
    assert credential is not None  # it is written before its operator
    return credential


def _write(register: OperatorRegister, operators: tuple[Operator, ...] | None) -> OperatorRegister:
    """Write the operators, or nothing when they are None. Returns the register after it. Raises `LostRace`."""
    if operators is None:
        return register
    store.write_register(register, operators)
    return msgspec.structs.replace(register, operators=operators)


def _new_operator(name: str, number: str, order: OperatorOrder) -> Operator:
    """Return the operator of this name and number. The id follows from the command, so a repeat finds it again."""
    shown = unicodedata.normalize("NFKC", lines.parse_line(name, "name", most=_MOST_NAME))
    shown = " ".join(shown.split())
    name_key = lines.fold_name(shown)
    if not name_key:
        raise Invalid("text_invalid", field="name", most=_MOST_NAME)
    written = without_label(number).upper()
    if not _NUMBER.fullmatch(written):
        raise Invalid("number_invalid")
    number_key = lines.fold_name(written)
    characters = ids.spell(keyed_digest("operator", order.command_id, number_key)[:_ID_CHARACTERS])
    return Operator(
        operator_id=f"op_{characters}",
        name=shown,
        number=written,
        name_key=name_key,
        number_key=number_key,
        state=OperatorState.ACTIVE,
        audit=(order.audit("add_operator"),),
    )


def _new_credential(operator_id: str, order: OperatorOrder) -> Credential:
    return Credential(operator_id, 1, _sealed_secret(operator_id), order.command_id, order.at)


def _new_secret(operator_id: str, order: OperatorOrder) -> SecretReplaced:
    return SecretReplaced(
        secret_sealed=_sealed_secret(operator_id), command_id=order.command_id, made_at=order.at
    )


def _sealed_secret(operator_id: str) -> bytes:
    return seal(codes.new_secret(), _context(operator_id))


def _context(operator_id: str) -> str:
    return f"{operator_id}/totp"


def _secret(credential: Credential) -> str:
    return unseal(credential.secret_sealed, _context(credential.operator_id))


def _show(operator: Operator, credential: Credential, order: OperatorOrder) -> EnrolledOperator:
    if not model.may_show(credential, order.command_id, order.at):
        raise Conflict("secret_shown")
    secret = _secret(credential)
    issuer = "考场" if settings().stage == "prod" else f"考场 {settings().stage}"
    return EnrolledOperator(operator, secret, codes.uri(secret, operator.name, issuer))
