"""Answers to blanks: what a person would call the same answer is right, and nothing else."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.exams.blanks import (
    accepted_answers,
    is_comparable,
    is_raised_or_lowered,
    is_right,
    normal_answer,
)


@pytest.mark.parametrize(
    ("given", "accepted"),
    [
        ("二十", "二十"),
        (" 二 十 ", "二十"),
        ("ＡＢｃ", "abC"),
        ("２０", "20"),
        ("20", "20.0"),
        ("20.00", "20"),
        ("+20", "20"),
        ("1,000,000", "1000000"),
        ("1000000", "1，000，000"),
        ("−5", "-5"),
        ("９．５", "10±0.5"),
        ("9.5", "10±0.5"),
        ("10.5", "10±0.5"),
        ("10", "10±0.5"),
        ("-0", "0"),
        ("0.1", "0.3±0.2"),
        ("20。", "20"),
        ("20．", "20"),
        ("二十", "二十。"),
        (".5", "0.5"),
        ("0.50", ".5"),
        ("-.5", "-0.5"),
        ("20.", "20.0±0"),
        ("10", "10.±.5"),
        ("2\u200b0\u200f", "20"),
        ("\ufeff招标\u00ad文件", "招标文件"),
        ("√\ufe0f", "√"),
        ("10²", "10²"),
        ("１０²", "10²"),
        ("20m²", "20㎡"),
        ("1/2", "½"),
        ("1⁄2", "1/2"),
        ("1½", "1½"),
        ("312", "③①②"),
        ("10", "⑩"),
        ("iii", "Ⅲ"),
        ("ガ", "ｶﾞ"),
        ("°C", "℃"),
    ],
)
def test_the_same_answer_in_another_spelling_is_right(given: str, accepted: str) -> None:
    assert is_right(given, (accepted,))
    assert is_right(given, ("别的", accepted))


@pytest.mark.parametrize(
    ("given", "accepted"),
    [
        ("", "二十"),
        ("　 ", "二十"),
        ("二十一", "二十"),
        ("9.4999999999", "10±0.5"),
        ("10.5000000001", "10±0.5"),
        ("十", "10±0.5"),
        ("10±0.4", "10±0.5"),
        ("20.0000000000000000000000001", "20"),
        ("1,00", "100"),
        ("1e2", "100"),
        ("nan", "10±0.5"),
        ("inf", "10±0.5"),
        ("٢٠", "20"),
        ("1_0", "10"),
        ("102", "10²"),
        ("10²", "102"),
        ("10²", "10±200"),
        ("H2O", "H₂O"),
        ("x1", "x¹"),
        ("m2", "㎡"),
        ("11/2", "1½"),
        ("1/22", "½2"),
        ("12", "1②"),
        ("103", "⑩③"),
        ("20..", "20"),
        ("..5", "0.5"),
        (".", "0"),
        ("0", "."),
        ("\u200b", "二十"),
        ("等", "等…"),
    ],
)
def test_another_answer_is_wrong(given: str, accepted: str) -> None:
    assert not is_right(given, (accepted,))


@pytest.mark.parametrize(
    ("accepted", "comparable"),
    [
        ("10±0.5", True),
        ("－10 ± 0", True),
        ("二十", True),
        ("10±5%", False),
        ("10±-0.5", False),
        ("10+-0.5", False),
        ("10+/-0.5", False),
        ("10（±0.5）", False),
        ("10±0.5米", False),
    ],
)
def test_a_tolerance_is_a_number_beside_a_number(accepted: str, comparable: bool) -> None:
    assert is_comparable(accepted) is comparable


def test_no_raised_or_lowered_sign_is_the_plain_one() -> None:
    signs = [chr(code) for code in range(0x11_0000) if is_raised_or_lowered(chr(code))]
    assert {"²", "³", "¹", "⁰", "₂", "ⁿ", "™"} <= set(signs)
    for sign in signs:
        assert is_right(sign, (sign,))
        assert not is_right(sign, (unicodedata.normalize("NFKC", sign),))


@pytest.mark.parametrize("answer", ["。", ".", "…", "a。b"])
def test_an_answer_that_is_all_stops_stays(answer: str) -> None:
    assert is_right(answer, (answer,))
    assert not is_right("", (answer,))


def test_the_tolerance_is_part_of_what_is_accepted_and_can_be_written_as_text() -> None:
    assert is_right("10±0.5", ("10±0.5",))


def test_a_key_has_a_line_for_each_blank_and_bars_between_accepted_answers() -> None:
    assert accepted_answers("七|7\n 甲 | |乙 ") == (("七", "7"), ("甲", "乙"))
    assert accepted_answers("") == ((),)
    assert accepted_answers("七\n") == (("七",), ())


@given(st.text(max_size=50))
def test_every_written_answer_is_right_when_it_is_the_accepted_one(text: str) -> None:
    assert is_right(text, (text,)) is bool(normal_answer(text))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6), st.integers(0, 10**6))
def test_a_number_within_its_tolerance_is_right_at_both_ends_and_not_beyond(
    value: object, millionths: int
) -> None:
    from decimal import Decimal

    target, within = Decimal(str(value)), Decimal(millionths) / 10**6
    accepted = (f"{target:f}±{within:f}",)
    step = Decimal("0.000001")
    if abs(target) < 10**29:
        assert is_right(f"{target + within:f}", accepted)
        assert is_right(f"{target - within:f}", accepted)
        assert not is_right(f"{target + within + step:f}", accepted)
        assert not is_right(f"{target - within - step:f}", accepted)
