"""Orders of own data: how often, how long, and what becomes of them; and which zip the checking page takes."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from chalicelib.kernel.outcomes import Outcomes, applied
from chalicelib.own_records import archive, model, texts
from chalicelib.own_records.model import OwnRecord, RecordFile, RecordState, RecordWaitsFor
from chalicelib.shared.clock import DAY_MS
from chalicelib.shared.errors import TooMany
from chalicelib.shared.languages import Language
from tests.own_record import check, page_texts

NOW = 1_800_000_000_000
EMPTY = OwnRecord("ac_1")
FILE = RecordFile("records/ac_1/0/x.zip", "0" * 64, 9, NOW, "f" * 64)
READY = OwnRecord("ac_1", file=FILE)


def after(record: OwnRecord, outcomes: Outcomes) -> OwnRecord:
    return applied(record, outcomes)


def ordered(*at: int) -> OwnRecord:
    return msgspec.structs.replace(EMPTY, orders=at)


@pytest.mark.parametrize(("ms", "counts"), [(-1, False), (0, False), (1, True)])
def test_an_order_counts_for_a_day(ms: int, counts: bool) -> None:
    assert bool(ordered(NOW - DAY_MS + ms).recent(NOW)) is counts


def test_the_first_order_waits_for_its_zip() -> None:
    record = after(EMPTY, model.order(EMPTY, NOW))
    assert (record.orders, record.tries) == ((NOW,), 1)
    assert record.state(NOW, None) is RecordState.PREPARING
    assert model.order(record, NOW + 1) == ()  # a repeat


@pytest.mark.parametrize(
    ("first", "allowed"), [(NOW - DAY_MS, True), (NOW - DAY_MS + 1, False), (NOW - 1, False)]
)
def test_the_fourth_order_waits_a_day_after_the_first(first: int, allowed: bool) -> None:
    record = ordered(first, NOW - 1, NOW - 1)
    assert (record.next_at(NOW) == NOW) is allowed
    if allowed:
        assert model.order(record, NOW)
        return
    with pytest.raises(TooMany, match=r"^record_too_many$") as refused:
        model.order(record, NOW)
    assert refused.value.details == {"most": 3}
    assert refused.value.retry_after_s == -(-(first + DAY_MS - NOW) // 1000)


@pytest.mark.parametrize(
    ("late_ms", "tries", "expected"),
    [
        (model.ORDER_AGAIN_MS - 1, 1, (1, RecordState.PREPARING)),
        (model.ORDER_AGAIN_MS, 1, (2, RecordState.PREPARING)),
        (model.ORDER_AGAIN_MS, 2, (3, RecordState.PREPARING)),
        (model.ORDER_AGAIN_MS, 3, (3, RecordState.FAILED)),
    ],
)
def test_a_late_order_is_called_again_twice(
    late_ms: int, tries: int, expected: tuple[int, RecordState]
) -> None:
    waiting = msgspec.structs.replace(after(EMPTY, model.order(EMPTY, NOW)), tries=tries)
    record = after(waiting, model.call_again(waiting, NOW + late_ms))
    assert (record.tries, record.state(NOW + late_ms, None)) == expected
    called = expected[0] > tries
    assert record.ordered_at == (NOW + late_ms if called else NOW)


def test_what_is_given_up_does_not_count() -> None:
    twice = ordered(NOW - 9, NOW - 8)
    waiting = after(twice, model.order(twice, NOW))
    record = after(waiting, model.give_up(waiting, NOW))
    assert (record.orders, record.waits_for, record.failed_at) == (twice.orders, None, NOW)
    assert after(record, model.order(record, NOW + 1)).failed_at is None


@pytest.mark.parametrize(
    ("now", "deleted_at", "state"),
    [
        (NOW + model.KEPT_MS - 1, None, RecordState.READY),
        (NOW + model.KEPT_MS, None, RecordState.EXPIRED),
        (NOW + 1, NOW - 1, RecordState.READY),
        (NOW + 1, NOW, RecordState.DELETED),
        (NOW + model.KEPT_MS, NOW, RecordState.DELETED),
    ],
)
def test_what_a_file_is_worth(now: int, deleted_at: int | None, state: RecordState) -> None:
    assert READY.state(now, deleted_at) is state


def test_of_two_writers_the_first_one_counts() -> None:
    waiting = msgspec.structs.replace(EMPTY, orders=(NOW,), waits_for=RecordWaitsFor.RECORD)
    record = after(waiting, model.note_written(waiting, FILE))
    assert (record.file, record.waits_for) == (FILE, None)
    other = msgspec.structs.replace(FILE, sha256="1" * 64)
    assert model.note_written(record, other) == ()


def test_the_same_files_give_the_same_zip() -> None:
    files = {"a.txt": b"1", "attempts/x/b.json": b"{}"}
    packed = [
        archive.pack(files, account_id="ac_1", at=NOW, sign=lambda text: text[::-1])
        for _ in range(2)
    ]
    assert packed[0] == packed[1]
    [found] = check(packed[:1])
    assert found["checks"][0]["ok"]  # the page writes the very same zip
    assert not found["genuine"]  # there is no certificate in it


def test_the_readme_names_the_same_files_in_all_languages() -> None:
    named = [
        re.findall(
            r"[\w/<>-]+\.(?:json|jpg|html|txt|bin|pem|sha256)", _plain(texts.README.say(language))
        )
        for language in Language
    ]
    assert named[0] == named[1]
    assert len(named[0]) == 11


def _plain(readme: str) -> str:
    return re.sub(r"<[^>]+>", "<>", readme)  # how a number is written


def _said(texts: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each text with its place, such as `open/1`."""
    if isinstance(texts, str):
        yield path, texts
        return
    parts = texts.items() if isinstance(texts, dict) else enumerate(texts)
    for name, part in parts:
        yield from _said(part, f"{path}/{name}")


def test_the_checking_page_says_everything_in_all_languages() -> None:
    found = {language: dict(_said(said)) for language, said in page_texts().items()}
    assert list(found) == [language.value for language in Language]
    chinese, english = found.values()
    assert chinese.keys() == english.keys()
    for place, text in english.items():
        assert text, place
        assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", text), place
        put_in = [set(re.findall(r"<\d>", one)) for one in (text, chinese[place])]
        assert put_in[0] == put_in[1], place


def test_a_zip_is_found_wanting_in_the_language_of_the_page() -> None:
    packed = archive.pack({"a.txt": b"1"}, account_id="ac_1", at=NOW, sign=lambda text: text)
    [found] = check([packed], "en")
    assert found["checks"][0]["title"] == "Structure of the archive"
    assert [one["detail"] for one in found["checks"] if not one["ok"]] == ["Missing: signer.pem"]
