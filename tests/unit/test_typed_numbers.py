"""Numbers are known however they are typed. The page has the same rule and the same table (`web/tests`)."""

import json
import pathlib

import pytest

from chalicelib.accounts.model import parse_phone
from chalicelib.finding.query import QueryKind, understand
from chalicelib.identity.documents import IdType, parse_id_number
from chalicelib.results.model import edition_number, parse_number
from chalicelib.shared.typed_numbers import plain_number, without_label

TABLE = json.loads((pathlib.Path(__file__).parent / "typed_numbers.json").read_text())
LOOKED_UP_AS = {
    "certificate": QueryKind.CERTIFICATE,
    "case": QueryKind.CASE,
    "phone": QueryKind.PHONE,
    "id_number": QueryKind.ID_NUMBER,
}


def normal_form(kind: str, typed: str) -> str:
    """What the server makes of a number of this kind, by the function that takes such numbers."""
    match kind:
        case "certificate":
            return edition_number(*parse_number(typed))
        case "phone":
            return parse_phone(typed).removeprefix("+86")
        case "id_number":
            return parse_id_number(IdType.RESIDENT, typed)
        case "case":
            [query] = understand(typed)
            return query.value
        case _:
            return plain_number(typed)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["typed"])
def test_a_number_is_known_however_it_is_typed(row: dict[str, str]) -> None:
    assert normal_form(row["kind"], row["typed"]) == row["normal"]


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row["kind"] in LOOKED_UP_AS], ids=lambda row: row["typed"]
)
def test_operators_find_it_as_it_is_typed(row: dict[str, str]) -> None:
    [query] = understand(row["typed"])
    assert query.kind is LOOKED_UP_AS[row["kind"]]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("NO1234567", "NO1234567"),  # a passport may begin so
        ("No.1234567", "1234567"),
        ("No 1234567", "NO1234567"),
        ("护照号：e1234-5678", "E12345678"),
        ("", ""),
        ("证书编号：", ""),
        ("-- —", ""),
    ],
)
def test_a_label_is_taken_off_only_where_it_is_surely_one(typed: str, number: str) -> None:
    assert plain_number(typed) == number


def test_a_number_in_which_case_counts_keeps_its_letters() -> None:
    attempt_id = "at_" + "aB3_-67" * 4
    assert without_label(f"考试记录编号：{attempt_id}。") == attempt_id
    assert without_label(attempt_id.replace("-", "－")) == attempt_id
