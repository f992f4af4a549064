"""Who may decide: one name, one number, one person; one code, one command."""

import hmac
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.operators import codes, model
from chalicelib.operators.model import (
    MOST_OPERATORS,
    MOST_WRONG,
    SHOWN_FOR_MS,
    STEP_MS,
    WRONG_FOR_MS,
    CodeTaken,
    CodeVerdict,
    Credential,
    Decider,
    Operator,
    OperatorOrder,
    OperatorRegister,
    OperatorState,
    WrongCodeCounted,
)
from chalicelib.shared import lines
from chalicelib.shared.clock import DAY_MS
from chalicelib.shared.errors import DomainError, NotFound, Refused, TooMany
from tests.unit.after import after

NOW = 1_800_000_000_000
STEP = NOW // STEP_MS
BOSS = Decider("op_boss", "王主管")


def credential(**more: Any) -> Credential:
    given: dict[str, Any] = {"operator_id": "op_li", "version": 1, "secret_sealed": b"s"}
    given |= {"command_id": "enter-0001", "made_at": NOW, **more}
    return Credential(**given)


def order(
    command_id: str = "order-0001", by: Decider | None = BOSS, at: int = NOW
) -> OperatorOrder:
    return OperatorOrder(command_id, "考务组", by, at)


def operator(who: str, state: OperatorState = OperatorState.ACTIVE, **more: Any) -> Operator:
    known: dict[str, Any] = {"operator_id": f"op_{who}", "name": who, "number": who.upper()}
    known |= {"name_key": who, "number_key": f"n{who}", "state": state}
    known |= {"audit": (order(f"enter-{who}").audit("add_operator"),), **more}
    return Operator(**known)


def register(*operators: Operator) -> OperatorRegister:
    return OperatorRegister(len(operators), operators)


def code_of_refusal(call: Any) -> str:
    with pytest.raises(DomainError) as refused:
        call()
    return refused.value.code


# --- codes ----------------------------------------------------------------------------------------------

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890", RFC 6238, appendix B


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(second: int, code: str) -> None:
    """The last six of the eight digits of RFC 6238, appendix B, SHA-1."""
    assert codes.code_at(RFC_SECRET, second * 1000) == code
    assert codes.fitting_steps(RFC_SECRET, code, second * 1000) == (second // 30,)


@pytest.mark.parametrize(
    ("ms", "fits"),
    [
        (-30_001, False),
        (-30_000, True),
        (-1, True),
        (0, True),
        (29_999, True),
        (30_000, True),
        (59_999, True),
        (60_000, False),
    ],
)
def test_a_code_fits_one_step_before_and_after_its_own(ms: int, fits: bool) -> None:
    code = codes.code_at(RFC_SECRET, NOW)
    assert bool(codes.fitting_steps(RFC_SECRET, code, NOW + ms)) is fits


def test_each_digit_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((a, b)) or a == b)
    assert codes.fitting_steps(RFC_SECRET, "000000", NOW) == ()
    assert len(compared) == 3


def test_a_secret_has_160_bits_that_apps_take() -> None:
    secret = codes.new_secret()
    assert (len(secret), set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")) == (32, True)
    assert secret != codes.new_secret()
    shown = codes.uri(secret, "李运营", "考场")
    assert shown.startswith("otpauth://totp/")
    assert f"secret={secret}" in shown


def test_a_code_is_taken_for_one_command() -> None:
    judged, outcomes = model.judge_code(credential(), (STEP,), "grant", NOW)
    assert judged is CodeVerdict.TAKEN
    assert outcomes == (CodeTaken(last_step=STEP, used_for="grant"),)
    used = after(credential(), outcomes)
    assert model.judge_code(used, (STEP,), "grant", NOW) == (CodeVerdict.TAKEN_BEFORE, ())
    assert model.judge_code(used, (STEP,), "revoke", NOW) == (CodeVerdict.USED, ())


@pytest.mark.parametrize(
    ("step", "judged"),
    [(STEP - 1, CodeVerdict.USED), (STEP, CodeVerdict.USED), (STEP + 1, CodeVerdict.TAKEN)],
)
def test_codes_are_taken_in_the_order_of_time(step: int, judged: CodeVerdict) -> None:
    used = credential(last_step=STEP, used_for="grant")
    assert model.judge_code(used, (step,), "revoke", NOW)[0] is judged


def test_of_two_steps_with_the_same_code_the_later_is_taken() -> None:
    used = credential(last_step=STEP, used_for="grant")
    taken = (CodeTaken(last_step=STEP + 1, used_for="x"),)
    assert model.judge_code(credential(), (STEP - 1, STEP + 1), "x", NOW)[1] == taken
    assert model.judge_code(used, (STEP, STEP + 1), "x", NOW)[1] == taken


def test_a_wrong_code_is_counted_and_an_old_one_forgotten() -> None:
    known = credential(wrong=(NOW - DAY_MS, NOW - DAY_MS + 1))
    judged, outcomes = model.judge_code(known, (), "grant", NOW)
    assert judged is CodeVerdict.WRONG
    assert outcomes == (WrongCodeCounted(wrong=(NOW - DAY_MS + 1, NOW)),)


@pytest.mark.parametrize(("wrong", "locked"), [(19, False), (20, True)])
def test_after_twenty_wrong_codes_on_a_day_none_is_looked_at(wrong: int, locked: bool) -> None:
    known = credential(wrong=tuple(NOW - n * WRONG_FOR_MS for n in range(wrong, 0, -1)))
    if locked:
        assert code_of_refusal(lambda: model.refuse_locked(known, NOW)) == "operator_locked"
        first = known.wrong[0] + DAY_MS
        assert code_of_refusal(lambda: model.refuse_locked(known, first - 1)) == "operator_locked"
        model.refuse_locked(known, first)
    else:
        model.refuse_locked(known, NOW)


@pytest.mark.parametrize(("wrong", "locked"), [(MOST_WRONG - 1, False), (MOST_WRONG, True)])
def test_after_five_wrong_codes_none_is_looked_at(wrong: int, locked: bool) -> None:
    known = credential(wrong=tuple(NOW - 1000 * n for n in range(wrong, 0, -1)))
    if not locked:
        assert model.judge_code(known, (STEP,), "grant", NOW)[0] is CodeVerdict.TAKEN
        return
    with pytest.raises(TooMany) as refused:
        model.judge_code(known, (STEP,), "grant", NOW)
    # The oldest of the five came five seconds ago.
    assert (refused.value.retry_after_s, refused.value.details) == (295, {"minutes": 5})


@pytest.mark.parametrize(("ms", "locked"), [(-1, True), (0, False)])
def test_it_is_looked_at_again_when_the_oldest_is_forgotten(ms: int, locked: bool) -> None:
    known = credential(wrong=(NOW,) * MOST_WRONG)
    at = NOW + WRONG_FOR_MS + ms
    if locked:
        assert code_of_refusal(lambda: model.refuse_locked(known, at)) == "operator_locked"
    else:
        model.refuse_locked(known, at)


@given(st.lists(st.tuples(st.integers(0, 40_000), st.booleans()), max_size=60))
def test_nobody_guesses_more_than_five_times_in_five_minutes(
    tries: list[tuple[int, bool]],
) -> None:
    """Whatever right codes come between."""
    known, now, wrong = credential(), NOW, []
    for wait, right in tries:
        now += wait
        fits = (now // STEP_MS,) if right else ()
        try:
            judged, outcomes = model.judge_code(known, fits, str(now), now)
        except TooMany:
            continue
        known = after(known, outcomes)
        if judged is CodeVerdict.WRONG:
            wrong.append(now)
    for at in wrong:
        assert len([other for other in wrong if at <= other < at + WRONG_FOR_MS]) <= MOST_WRONG


# --- the register ---------------------------------------------------------------------------------------


def test_the_first_operator_needs_nobody_and_the_second_needs_the_first() -> None:
    first, second = operator("li"), operator("wang")
    assert model.enter(OperatorRegister(), first, order(by=None)) == (first,)
    alone = register(first)
    assert code_of_refusal(lambda: model.enter(alone, second, order(by=None))) == "operator_needed"
    assert model.enter(alone, second, order()) == (first, second)


def test_who_is_there_by_this_very_command_is_not_entered_twice() -> None:
    first = operator("li")
    assert model.enter(register(first), first, order("enter-li")) is None
    by_nobody = operator("li", audit=(order("enter-li", by=None).audit("add_operator"),))
    assert model.enter(register(by_nobody), by_nobody, order("enter-li", by=None)) is None


def test_who_repeats_a_command_is_who_gave_it() -> None:
    first, other = operator("li"), Decider("op_other", "别人")
    told = code_of_refusal(lambda: model.enter(register(first), first, order("enter-li", by=None)))
    assert told == "operator_needed"
    told = code_of_refusal(lambda: model.enter(register(first), first, order("enter-li", by=other)))
    assert told == "operator_known"
    again = order("enter-li")
    assert model.renew(register(first), "op_li", again) is None
    told = code_of_refusal(
        lambda: model.renew(register(first), "op_li", order("enter-li", by=None))
    )
    assert told == "operator_needed"
    told = code_of_refusal(
        lambda: model.renew(register(first), "op_li", order("enter-li", by=other))
    )
    assert told == "secret_shown"


@pytest.mark.parametrize("state", list(OperatorState))
@pytest.mark.parametrize(
    "taken",
    [
        {"name_key": "li"},
        {"number_key": "nli"},
        {"name_key": "nli"},  # somebody's number as a name
        {"number_key": "li"},
    ],
)
def test_a_name_or_number_stays_with_its_person(
    state: OperatorState, taken: dict[str, str]
) -> None:
    known = register(operator("li", state), operator("wang"))
    fresh = operator("zhao", **taken)
    assert code_of_refusal(lambda: model.enter(known, fresh, order())) == "operator_known"


@pytest.mark.parametrize(("others", "fits"), [(MOST_OPERATORS - 1, True), (MOST_OPERATORS, False)])
def test_the_register_has_an_end(others: int, fits: bool) -> None:
    known = register(*(operator(f"o{n}") for n in range(others)))
    if fits:
        assert len(model.enter(known, operator("li"), order()) or ()) == MOST_OPERATORS
    else:
        told = code_of_refusal(lambda: model.enter(known, operator("li"), order()))
        assert told == "too_many_operators"


def test_the_fullest_register_fits_into_one_item() -> None:
    """400 kB are the most that DynamoDB takes."""
    at, by = NOW, Decider("op_" + "x" * 12, "𠮷" * 40)
    audit = OperatorOrder("c" * 64, "理" * 100, by, at).audit("retire_operator")
    one = Operator(
        "op_" + "x" * 12,
        "𠮷" * 40,
        "9" * 32,
        "𠮷" * 40,
        "9" * 32,
        OperatorState.RETIRED,
        (audit,) * 3,
    )
    full = OperatorRegister(MOST_OPERATORS, (one,) * MOST_OPERATORS)
    assert len(msgspec.json.encode(full)) < 390_000


def test_who_has_retired_decides_no_more_until_renewed() -> None:
    known = register(operator("li"), operator("wang"))
    after = register(*(model.retire(known, "op_li", order("retire-1")) or ()))
    assert [o.name for o in after.active] == ["wang"]
    assert code_of_refusal(lambda: after.by_name("li")) == "operator_unknown"
    assert model.retire(after, "op_li", order("retire-1")) is None
    back = register(*(model.renew(after, "op_li", order("renew-01")) or ()))
    assert back.by_name("li").newest == order("renew-01").audit("renew_operator")
    assert model.renew(back, "op_li", order("renew-01")) is None


def test_the_last_operator_stays() -> None:
    known = register(operator("li"), operator("wang", OperatorState.RETIRED))
    assert code_of_refusal(lambda: model.retire(known, "op_li", order())) == "last_operator"
    with pytest.raises(NotFound):
        model.retire(known, "op_nobody", order())


def test_nobody_renews_themselves() -> None:
    known = register(operator("li"), operator("boss"))
    assert code_of_refusal(lambda: model.renew(known, "op_boss", order())) == "own_code"
    with pytest.raises(NotFound):
        model.renew(known, "op_nobody", order())


def test_who_may_call_the_function_renews_when_nobody_may_decide() -> None:
    """Their phones are lost, and an administrator has retired them in the table."""
    lost = register(operator("li", OperatorState.RETIRED), operator("wang", OperatorState.RETIRED))
    back = register(*(model.renew(lost, "op_li", order(by=None)) or ()))
    assert [o.name for o in back.active] == ["li"]
    assert model.renew(back, "op_li", order(by=None)) is None
    told = code_of_refusal(lambda: model.renew(back, "op_wang", order("other-01", by=None)))
    assert told == "operator_needed"


def test_the_first_and_the_newest_changes_are_kept() -> None:
    known = register(operator("li"), operator("wang"))
    for number in range(5):
        known = register(*(model.renew(known, "op_li", order(f"renew-{number}")) or ()))
    kept = [entry.command_id for entry in known.by_id("op_li").audit]
    assert kept == ["enter-li", "renew-3", "renew-4"]


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(Refused, match="operator_unknown"):
        register(operator("li")).by_name("zhao")


@pytest.mark.parametrize(
    ("command_id", "ms", "last_step", "shown"),
    [
        ("enter-0001", 0, 0, True),
        ("enter-0001", SHOWN_FOR_MS - 1, 0, True),
        ("enter-0001", SHOWN_FOR_MS, 0, False),
        ("enter-0001", 0, STEP, False),
        ("enter-0002", 0, 0, False),
    ],
)
def test_a_secret_is_shown_to_its_own_command_until_it_is_used(
    command_id: str, ms: int, last_step: int, shown: bool
) -> None:
    known = credential(last_step=last_step)
    assert model.may_show(known, command_id, NOW + ms) is shown


@pytest.mark.parametrize(
    "other", ["Li Yun", " li yun ", "LIYUN", "ｌｉ ｙｕｎ", "li\u200byun", "li\u3000yun", "li-yun"]
)
def test_names_that_look_alike_are_one(other: str) -> None:
    assert lines.fold_name(other) == lines.fold_name("li yun") == "liyun"


@pytest.mark.parametrize("other", ["lì yun", "li_yun", "李云"])
def test_names_that_look_different_are_two(other: str) -> None:
    assert lines.fold_name(other) != "liyun"
