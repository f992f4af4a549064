"""ID numbers of the six kinds, and names."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.identity.documents import IdType, masked_number, parse_id_number
from chalicelib.shared.errors import Invalid
from chalicelib.shared.lines import parse_line, parse_name, parse_organisation

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, table 1


def with_check_digit(seventeen: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(seventeen, WEIGHTS, strict=True))
    return seventeen + "10X98765432"[total % 11]


VALID = [
    (IdType.RESIDENT, "11010519491231002X"),
    (IdType.RESIDENT, with_check_digit("14010519900307001")),
    (IdType.RESIDENT, with_check_digit("14010219880229123")),  # a leap day
    (IdType.RESIDENT, with_check_digit("51022519750615321")),  # 四川省永川县, no more since 1983
    (IdType.RESIDENT, with_check_digit("71000019900307001")),  # 台湾省, the last region
    (IdType.HK_MACAU, "H12345678"),
    (IdType.HK_MACAU, "M12345678"),
    (IdType.HK_MACAU, "H1234567801"),
    (IdType.TAIWAN, "12345678"),
    (IdType.TAIWAN, "1234567890"),
    (IdType.TAIWAN, "1234567890A"),
    (IdType.HMT_RESIDENCE, with_check_digit("81000019900307001")),
    (IdType.HMT_RESIDENCE, with_check_digit("82000019900307001")),
    (IdType.HMT_RESIDENCE, with_check_digit("83000019900307001")),
    (IdType.PASSPORT, "E12345678"),
    (IdType.PASSPORT, "EA1234567"),
    (IdType.PASSPORT, "12345"),
    (IdType.PASSPORT, "A1234567890123456"),
    (IdType.FOREIGN_RESIDENT, "USA110012345678"),
    (IdType.FOREIGN_RESIDENT, with_check_digit("91184019900307001")),
]

INVALID = [
    (IdType.RESIDENT, ""),
    (IdType.RESIDENT, "110105491231002"),  # 15 digits: retired in 2013
    (IdType.RESIDENT, "110105194912310021"),  # check digit
    (IdType.RESIDENT, "X1010519491231002X"),
    (IdType.RESIDENT, with_check_digit("01010519900307001")),
    (IdType.RESIDENT, with_check_digit("81000019900307001")),  # 港澳台居民居住证
    (IdType.RESIDENT, with_check_digit("91184019900307001")),  # 外国人永久居留身份证
    (IdType.RESIDENT, "11010519491231002XX"),
    (IdType.RESIDENT, with_check_digit("11010519490230002")),  # 30 February
    (IdType.RESIDENT, with_check_digit("14010219890229123")),  # no leap year
    (IdType.RESIDENT, with_check_digit("11010519491331002")),  # month 13
    (IdType.RESIDENT, with_check_digit("11010500000101002")),  # year 0
    (IdType.RESIDENT, "11010519491231002X\n1"),
    (IdType.HK_MACAU, "C12345678"),
    (IdType.HK_MACAU, "H1234567"),
    (IdType.HK_MACAU, "H123456789"),
    (IdType.TAIWAN, "1234567"),
    (IdType.TAIWAN, "123456789"),
    (IdType.TAIWAN, "12345678A"),
    (IdType.HMT_RESIDENCE, with_check_digit("84000019900307001")),
    (IdType.HMT_RESIDENCE, with_check_digit("81000119900307001")),
    (IdType.HMT_RESIDENCE, with_check_digit("81000019900231001")),
    (IdType.HMT_RESIDENCE, "11010519491231002X"),  # a resident's number
    (IdType.PASSPORT, "E123"),
    (IdType.PASSPORT, "E12345678901234567"),
    (IdType.PASSPORT, "E1234.678"),
    (IdType.PASSPORT, "12345护照"),
    (IdType.FOREIGN_RESIDENT, "US1100123456789"),
    (IdType.FOREIGN_RESIDENT, with_check_digit("81184019900307001")),
    (IdType.FOREIGN_RESIDENT, "91184019900307001A"),
]


@pytest.mark.parametrize(("kind", "number"), VALID)
def test_a_real_number_of_each_kind_is_taken_as_it_is(kind: IdType, number: str) -> None:
    assert parse_id_number(kind, number) == number


@pytest.mark.parametrize(("kind", "number"), INVALID)
def test_an_impossible_number_is_refused(kind: IdType, number: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_id_number(kind, number)
    assert refusal.value.code == "id_number_invalid"
    assert number == "" or number not in str(refusal.value.details)


@pytest.mark.parametrize(
    "typed",
    ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"],
)
def test_lower_case_x_spaces_and_full_width_signs_mean_the_same_number(typed: str) -> None:
    assert parse_id_number(IdType.RESIDENT, typed) == "11010519491231002X"


@given(st.dates().map(lambda d: d.strftime("%Y%m%d")), st.integers(0, 999), st.integers(0, 9))
def test_exactly_one_check_digit_fits(birth: str, sequence: int, wrong_by: int) -> None:
    assume(len(birth) == 8)
    right = with_check_digit(f"140105{birth}{sequence:03}")
    assert parse_id_number(IdType.RESIDENT, right) == right
    other = "0123456789X"[("0123456789X".index(right[-1]) + 1 + wrong_by) % 11]
    with pytest.raises(Invalid):
        parse_id_number(IdType.RESIDENT, right[:-1] + other)


@given(st.sampled_from(IdType), st.text(max_size=25))
def test_whatever_is_typed_it_is_a_number_or_a_refusal(kind: IdType, typed: str) -> None:
    try:
        number = parse_id_number(kind, typed)
    except Invalid as refusal:
        assert refusal.code == "id_number_invalid"
    else:
        assert parse_id_number(kind, number) == number
        assert number.isascii()


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("11010519491231002X", "110***********002X"),
        ("USA110012345678", "USA********5678"),
        ("H12345678", "H******78"),
        ("12345", "1**45"),
    ],
)
def test_my_number_is_shown_masked(number: str, shown: str) -> None:
    assert masked_number(number) == shown


@given(st.sampled_from(VALID))
def test_a_masked_number_keeps_its_length_and_hides_most_of_a_citizens_number(
    valid: tuple[IdType, str],
) -> None:
    _, number = valid
    shown = masked_number(number)
    assert len(shown) == len(number)
    assert len(number) < 15 or number[6:14] not in shown


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("张三", "张三"),
        (" 𠮷野㛃 ", "𠮷野㛃"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉・买买提", "阿卜杜拉·买买提"),
        ("Jean-Luc O'Neill Jr.", "Jean-Luc O'Neill Jr."),
        ("Jose\u0301", "José"),
        ("张" * 40, "张" * 40),
    ],
)
def test_my_name_is_taken_as_it_is_written(typed: str, name: str) -> None:
    assert parse_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    ["", " ", "·", "张3", "张三\n李四", "\u202e三张", "张\u200b三", "<b>张三</b>", "张" * 41, "😀"],
)
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_name(typed)
    assert refusal.value.code == "name_invalid"


@pytest.mark.parametrize(
    "sign", ["\u3164", "\u115f", "\u1160", "\uffa0", "\u034f", "\ufe0f", "\u17b4"]
)
def test_a_sign_that_is_drawn_as_nothing_is_in_no_line(sign: str) -> None:
    """With one of them 张三 could be on a certificate twice, or a name be empty."""
    for typed in (sign, f"张{sign}三", f"张三{sign}"):
        with pytest.raises(Invalid):
            parse_name(typed)
        with pytest.raises(Invalid):
            parse_line(typed, "organisation")
    for neighbour in ("\u3163", "\u115e", "\u1161", "\uffa1", "\ufdfb"):
        assert parse_line(f"a{neighbour}b", "organisation")


def test_a_blank_braille_pattern_is_no_text() -> None:
    with pytest.raises(Invalid):
        parse_line("\u2800", "organisation")


@pytest.mark.parametrize("typed", ["", "  ", "a\nb", "a\u2028b", "a\u202eb", "字" * 101])
def test_an_organisation_is_one_visible_line_of_at_most_100_signs(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_organisation(typed)
    assert refusal.value.details == {"field": "organisation", "most": 100}
    assert parse_organisation(" 山西（太原）招标 A-1 有限公司 ") == "山西（太原）招标 A-1 有限公司"
    for most in (99, 100):
        assert parse_organisation("字" * most) == "字" * most


def test_a_region_has_at_most_60_signs() -> None:
    assert parse_line("字" * 60, "region") == "字" * 60
    with pytest.raises(Invalid) as refusal:
        parse_line("字" * 61, "region")
    assert refusal.value.details == {"field": "region", "most": 60}
