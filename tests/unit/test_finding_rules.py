"""What an operator types to find somebody: which kind of number it is, however it is written."""

import pytest

from chalicelib.finding.query import MOST_CHARACTERS, MOST_QUERIES, QueryKind, understand
from tests.unit.attempts import refusal

PHONE, NUMBER = "+8613800138000", "11010519491231002X"
CERTIFICATE = "SX-2027-ACDE-FGHJ-KMNP-RTVW"


@pytest.mark.parametrize(
    ("typed", "kind", "value", "masked"),
    [
        ("13800138000", QueryKind.PHONE, PHONE, "138****8000"),
        ("138 0013 8000", QueryKind.PHONE, PHONE, "138****8000"),
        ("138-0013-8000", QueryKind.PHONE, PHONE, "138****8000"),
        ("１３８００１３８０００", QueryKind.PHONE, PHONE, "138****8000"),
        ("+86 138 0013 8000", QueryKind.PHONE, PHONE, "138****8000"),
        ("008613800138000", QueryKind.PHONE, PHONE, "138****8000"),
        ("手机号：13800138000", QueryKind.PHONE, PHONE, "138****8000"),
        ("手机号，13800138000。", QueryKind.PHONE, PHONE, "138****8000"),
        ("13800138000.", QueryKind.PHONE, PHONE, "138****8000"),
        (NUMBER, QueryKind.ID_NUMBER, NUMBER, "110***********002X"),
        ("110105 19491231 002x", QueryKind.ID_NUMBER, NUMBER, "110***********002X"),
        (
            "身份证号码:１１０１０５１９４９１２３１００２ｘ",
            QueryKind.ID_NUMBER,
            NUMBER,
            "110***********002X",
        ),
        ("e1234-5678", QueryKind.ID_NUMBER, "E12345678", "E******78"),
        ("19800138000", QueryKind.PHONE, "+8619800138000", "198****8000"),
        (CERTIFICATE, QueryKind.CERTIFICATE, CERTIFICATE, CERTIFICATE),
        ("证书编号：sx2027acdefghjkmnprtvw", QueryKind.CERTIFICATE, CERTIFICATE, CERTIFICATE),
        (f"{CERTIFICATE}-2", QueryKind.CERTIFICATE, CERTIFICATE, CERTIFICATE),
        ("SX－2027－ACDE－FGHJ－KMNP－RTVW", QueryKind.CERTIFICATE, CERTIFICATE, CERTIFICATE),
        ("tk-abcd-efgh-2345", QueryKind.CASE, "tk-abcd-efgh-2345", "tk-abcd-efgh-2345"),
        ("工单编号： TK ABCD EFGH 2345", QueryKind.CASE, "tk-abcd-efgh-2345", "tk-abcd-efgh-2345"),
        ("工单tk-abcd-efgh-2345；", QueryKind.CASE, "tk-abcd-efgh-2345", "tk-abcd-efgh-2345"),
        ("cp–abcd–efgh–2345", QueryKind.CASE, "cp-abcd-efgh-2345", "cp-abcd-efgh-2345"),
        ("pr_" + "aB3_-67" * 4, QueryKind.ATTEMPT, "pr_" + "aB3_-67" * 4, "pr_" + "aB3_-67" * 4),
        ("at_" + "aB3_-67" * 4, QueryKind.ATTEMPT, "at_" + "aB3_-67" * 4, "at_" + "aB3_-67" * 4),
    ],
)
def test_numbers_are_known_however_they_are_written(
    typed: str, kind: QueryKind, value: str, masked: str
) -> None:
    [asked] = understand(f" {typed}\u200b ")
    assert (asked.kind, asked.value, asked.masked) == (kind, value, masked)


@pytest.mark.parametrize("typed", ["12345678901", "1380013800", "138001380000"])
def test_what_is_no_phone_may_be_the_number_of_a_document(typed: str) -> None:
    [asked] = understand(typed)
    assert asked.kind is QueryKind.ID_NUMBER


@pytest.mark.parametrize(
    ("typed", "masked"),
    [
        ("张三", "张*"),
        ("姓名：欧阳娜娜", "欧***"),
        ("买买提·阿不都", "买******"),
        ("Smith", "S****"),
        ("Sam Jr.", "S******"),
    ],
)
def test_everything_else_is_a_name_within_an_exam(typed: str, masked: str) -> None:
    [asked] = understand(typed, "exam-1")
    assert (asked.kind, asked.masked, asked.exam_id) == (QueryKind.NAME, masked, "exam-1")
    assert asked.value == typed.removeprefix("姓名：")
    with refusal("exam_needed"):
        understand(typed)


@pytest.mark.parametrize("typed", ["", "  ", "\u200b", "\x07", "---", "手机号：", "·", "。，"])
def test_nothing_is_refused(typed: str) -> None:
    with refusal("text_invalid") as caught:
        understand(typed, "exam-1")
    assert caught.value.details == {"field": "query", "most": MOST_CHARACTERS}


@pytest.mark.parametrize(("length", "allowed"), [(99, True), (100, True), (101, False)])
def test_a_text_is_not_longer_than_a_line(length: int, allowed: bool) -> None:
    assert MOST_CHARACTERS == 100
    if allowed:
        assert understand("汉" * length, "exam-1")
    else:
        with refusal("text_invalid"):
            understand("汉" * length, "exam-1")


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        (f"张三 {NUMBER}", [NUMBER]),
        (f"张三{NUMBER.lower()}", [NUMBER]),
        ("张三（１３８００１３８０００）", [PHONE]),
        ("电话：138 0013 8000 张三", [PHONE]),
        ("张三，手机+86 138-0013-8000", [PHONE]),
        (
            f"姓名张三，身份证{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}，13800138000",
            [NUMBER, PHONE],
        ),
        (f"13800138000 13800138000 {NUMBER}", [NUMBER, PHONE]),
        ("张三 E12345678", ["E12345678"]),
        (f"张三 {CERTIFICATE}-2 tk-abcd-efgh-2345", ["tk-abcd-efgh-2345", CERTIFICATE]),
        ("张三 at_" + "aB3_-67" * 4, ["at_" + "aB3_-67" * 4]),
        ("H12345678(9)", ["H123456789", "H12345678"]),
        ("12345678(9)", ["12345678"]),
        ("。：13800138000，张三。", [PHONE]),
        ("张三（Ｈ12345678（01））", ["H1234567801", "H12345678"]),
    ],
)
def test_numbers_among_other_words_are_all_known(typed: str, values: list[str]) -> None:
    assert [asked.value for asked in understand(typed)] == values


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("002x", "002X"),
        ("末位 12", None),
        ("12", "12"),
        ("证件号码：110***********002X", "110***********002X"),
        ("E******78", "E******78"),
        ("张三 110***********002X", "110***********002X"),
    ],
)
def test_the_end_of_a_number_is_looked_for_in_one_exam(typed: str, value: str | None) -> None:
    if value is None:
        with refusal("number_unclear"):
            understand(typed, "exam-1")
        return
    [asked] = understand(typed, "exam-1")
    assert (asked.kind, asked.value, asked.masked) == (QueryKind.NUMBER_END, value, value)
    assert asked.exam_id == "exam-1"
    with refusal("exam_needed"):
        understand(typed)


@pytest.mark.parametrize("typed", ["张三 1380", "张三3", "2027年张三", "10楼"])
def test_digits_that_are_none_of_our_numbers_are_no_name(typed: str) -> None:
    with refusal("number_unclear"):
        understand(typed, "exam-1")


@pytest.mark.parametrize(("count", "allowed"), [(2, True), (3, True), (4, False)])
def test_a_text_has_three_numbers_at_most(count: int, allowed: bool) -> None:
    assert MOST_QUERIES == 3
    typed = "、".join(f"E1234567{place}" for place in range(count))
    if allowed:
        assert len(understand(typed)) == count
    else:
        with refusal("too_many_numbers") as caught:
            understand(typed)
        assert caught.value.details == {"most": MOST_QUERIES}
