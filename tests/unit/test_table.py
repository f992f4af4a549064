"""DynamoDB in plain values: the wire format, conditions, and the error for an outage."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.shared import sealed, table
from chalicelib.shared.aws import calls, counting, retrying
from chalicelib.shared.errors import Unavailable
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If, from_wire, item_from_wire, to_wire
from chalicelib.timeline import sealing
from tests.faults import failing

KEY = {"pk": "row"}

numbers = st.integers(-(10**37), 10**37) | st.floats(-1e100, 1e100).filter(
    lambda x: x == 0 or abs(x) > 1e-100
)
scalars = st.none() | st.booleans() | st.text() | st.binary() | numbers
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner)
)


@given(values)
def test_a_value_comes_back_as_it_was_written(value: Any) -> None:
    back = from_wire(to_wire(value))
    assert back == value
    assert isinstance(back, float) is isinstance(value, float)


def test_a_number_stays_a_number_and_a_truth_a_truth() -> None:
    assert to_wire(True) == {"BOOL": True}
    assert to_wire(1) == {"N": "1"}
    assert to_wire(0.5) == {"N": "0.5"}
    assert type(from_wire({"N": "-7"})) is int
    assert from_wire({"N": "1E+3"}) == 1000.0
    assert to_wire(("a",)) == to_wire(["a"]) == {"L": [{"S": "a"}]}


def test_bytes_in_an_event_of_a_stream_are_those_of_the_item() -> None:
    stored = {"reference": {"vector": b"\x00\xff", "sha256": "AP8="}}
    in_the_event = {"M": {"vector": {"B": "AP8="}, "sha256": {"S": "AP8="}}}
    assert item_from_wire({"reference": in_the_event}) == stored


def test_what_our_items_never_hold_is_a_programming_error() -> None:
    for value in ({1, 2}, object(), 1 + 2j):
        with pytest.raises(TypeError):
            to_wire(value)
    with pytest.raises(TypeError):
        from_wire({"XX": ["a"]})


def test_a_set_that_somebody_else_wrote_is_read_and_has_a_digest() -> None:
    for wire, value in (
        ({"SS": ["a", "b"]}, {"a", "b"}),
        ({"NS": ["1", "2"]}, {1, 2}),
        ({"BS": [b"a", b"b"]}, {b"a", b"b"}),
    ):
        assert from_wire(wire) == value
        assert sealing.digest("x", value) != sealing.digest("x", sorted(value))


def write(item: dict[str, Any], condition: If | None = None) -> None:
    table.put(settings().passing_table, {**KEY, **item}, condition)


def change(condition: If, **how: Any) -> dict[str, Any]:
    return table.update(settings().passing_table, KEY, condition, **how)


def holds(condition: If) -> bool:
    try:
        change(condition, sets={"touched": 1})
    except ConditionFailed as failed:
        assert failed.old == table.get(settings().passing_table, KEY)
        return False
    return True


CONDITIONS = [
    (If().equals("n", 5), True),
    (If().equals("n", 6), False),
    (If().equals("gone", 5), False),
    (If().below("n", 6), True),
    (If().below("n", 5), False),
    (If().below("gone", 6), False),
    (If().above("n", 4), True),
    (If().above("n", 5), False),
    (If().above("gone", 4), False),
    (If().at_least("n", 5), True),
    (If().at_least("n", 6), False),
    (If().exists("m.7"), True),
    (If().exists("m.8"), False),
    (If().absent("gone"), True),
    (If().absent("n"), False),
    (If().absent_or_below("gone", 1), True),
    (If().absent_or_below("n", 6), True),
    (If().absent_or_below("n", 5), False),
    (If().absent_or_equals("gone", 1), True),
    (If().absent_or_equals("n", 5), True),
    (If().absent_or_equals("n", 6), False),
    (If().equals("n", 5).exists("m"), True),
    (If().equals("n", 5).exists("gone"), False),
    (If().absent_or_below("n", 5).equals("n", 5), False),
    (If().equals("nothing", None), True),
    (If().equals("name", "status"), True),
]


def test_a_condition_holds_exactly_when_it_says(aws: None) -> None:
    write({"n": 5, "m": {"7": "A"}, "nothing": None, "name": "status"})
    for place, (condition, true) in enumerate(CONDITIONS):
        assert holds(condition) is true, place


def test_a_failed_condition_changes_nothing_and_shows_what_stood_there(aws: None) -> None:
    write({"n": 1})
    with pytest.raises(ConditionFailed) as failure:
        write({"n": 2}, If().absent("pk"))
    assert failure.value.old == {**KEY, "n": 1} == table.get(settings().passing_table, KEY)
    with pytest.raises(ConditionFailed):
        table.delete(settings().passing_table, KEY, If().equals("n", 2))
    with pytest.raises(ConditionFailed) as failure:
        table.update(settings().passing_table, {"pk": "no"}, If().exists("pk"), sets={"n": 1})
    assert failure.value.old is None
    assert table.get(settings().passing_table, {"pk": "no"}) is None


def test_one_update_sets_adds_and_removes_and_returns_the_whole_new_item(aws: None) -> None:
    write({"n": 1, "old": "x", "m": {"7": "A", "8": "B"}})
    new = change(If(), sets={"m.7": "C", "new": [1, 2.5]}, adds={"n": 2}, removes=("old",))
    assert new == {**KEY, "n": 3, "m": {"7": "C", "8": "B"}, "new": [1, 2.5]}
    assert table.get(settings().passing_table, KEY) == new


def test_a_deleted_row_is_returned_once(aws: None) -> None:
    write({"n": 1})
    assert table.delete(settings().passing_table, KEY) == {**KEY, "n": 1}
    assert table.delete(settings().passing_table, KEY) is None


def test_a_query_reads_every_page(aws: None) -> None:
    for number in range(7):
        row = {"exam_id": f"e{number}", "sk": "EXAM", "listed": "exam", "starts_at": number}
        table.put(settings().exams_table, {**row, "padding": "x" * 300_000})
    counted = counting.count_calls()
    found = table.query(
        settings().exams_table,
        index="listed",
        hash_key=("listed", "exam"),
        newest_first=True,
        most=None,
    )
    assert [row["starts_at"] for row in found] == [6, 5, 4, 3, 2, 1, 0]
    assert counted["Query"] > 1  # a page holds 1 MB


@pytest.mark.parametrize(
    ("above", "most", "newest_first", "found"),
    [
        ("02", None, False, ["03", "04"]),
        ("02", 1, False, ["03"]),
        ("04", None, False, []),
        ("00", 2, False, ["01", "02"]),
        (None, 1, True, ["04"]),
        (None, 9, True, ["04", "03", "02", "01"]),
    ],
)
def test_a_query_begins_after_a_place_and_ends_when_it_has_enough(
    aws: None, above: str | None, most: int | None, newest_first: bool, found: list[str]
) -> None:
    for sk in ("01", "02", "03", "04"):
        table.put(settings().results_table, {"feed": "f", "sk": sk})
    rows = table.query(
        settings().results_table,
        hash_key=("feed", "f"),
        sort_above=("sk", above) if above is not None else None,
        newest_first=newest_first,
        most=most,
    )
    assert [row["sk"] for row in rows] == found


@pytest.mark.parametrize(("wanted", "calls"), [(0, 0), (1, 1), (100, 1), (101, 2)])
def test_many_items_are_read_a_hundred_at_a_time(aws: None, wanted: int, calls: int) -> None:
    name = settings().results_table
    table.put_many(name, ({"feed": "f", "sk": f"{number:03}"} for number in range(wanted)))
    counted = counting.count_calls()
    keys = [{"feed": "f", "sk": f"{number:03}"} for number in range(wanted)]
    found = list(table.get_many(name, [*keys[:-1], {"feed": "f", "sk": "nothing"}] if keys else []))
    assert {row["sk"] for row in found} == {key["sk"] for key in keys[:-1]}
    assert counted["BatchGetItem"] == calls


def test_what_a_table_leaves_out_is_asked_for_again_and_in_the_end_an_outage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    pauses: list[float] = []
    monkeypatch.setattr(retrying, "pause", pauses.append)
    monkeypatch.setattr(retrying, "jitter", lambda: 1.0)

    def busy(taken: int) -> Any:
        def batch(_service: str, operation: str, request: Any) -> Any:
            if operation == "BatchWriteItem":
                rows = request["RequestItems"]["t"]
                asked.append(len(rows))
                return {"UnprocessedItems": {"t": rows[taken:]} if rows[taken:] else {}}
            keys = request["RequestItems"]["t"]["Keys"]
            asked.append(len(keys))
            left = {"t": {"Keys": keys[taken:]}} if keys[taken:] else {}
            return {"Responses": {"t": keys[:taken]}, "UnprocessedKeys": left}

        return batch

    keys = [{"pk": str(number)} for number in range(5)]
    monkeypatch.setattr(calls, "call", busy(2))
    assert list(table.get_many("t", keys)) == keys
    table.put_many("t", keys)
    assert asked == [5, 3, 1] * 2
    assert pauses == [0.025, 0.05] * 2
    monkeypatch.setattr(calls, "call", busy(0))
    for all_of_it in (lambda: list(table.get_many("t", keys)), lambda: table.put_many("t", keys)):
        pauses.clear()
        with pytest.raises(Unavailable):
            all_of_it()
        assert pauses == [0.025, 0.05, 0.1, 0.2, *[0.4] * 5]


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "Whatever"]
)
def test_a_cloud_that_does_not_answer_is_an_outage_to_wait_for(aws: None, code: str) -> None:
    with failing("dynamodb", code=code), pytest.raises(Unavailable) as refusal:
        write({"n": 1})
    assert (refusal.value.code, refusal.value.retry_after_s) == ("service_busy", 2)
    assert table.get(settings().passing_table, KEY) is None


def test_a_programming_error_is_not_taken_for_an_outage(aws: None) -> None:
    with pytest.raises(ClientError):
        table.get("no-such-table", KEY)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_sealed_number_opens_only_in_its_own_record(text: str, context: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed, "key", lambda _: b"k" * 32)
        closed = sealed.seal(text, context)
        assert sealed.unseal(closed, context) == text
        assert sealed.seal(text, context) != closed
        assert len(text) < 4 or text.encode() not in closed
        for other in (context + "x", ""):
            if other != context:
                with pytest.raises(InvalidTag):
                    sealed.unseal(closed, other)
