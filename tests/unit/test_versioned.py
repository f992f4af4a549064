"""Sealed and compared records: a field that is added later unseals nothing and is no event."""

import copy
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import pytest

from chalicelib.kernel import versioned
from chalicelib.kernel.versioned import newest_schema, since
from chalicelib.results import feed, store
from chalicelib.results.feed import FeedEntry, FeedKind, FeedResult, PlacedEntry
from chalicelib.results.model import Audit, Certificate, Content, Edition
from chalicelib.shared import secrets
from tests.unit import version_1


class LaterContent(Content, frozen=True):
    """What an edition says, with one more field."""

    subject: Annotated[str, since(2)] = ""


class LaterEdition(Edition, frozen=True):
    """An edition, with one more field inside."""

    content: LaterContent


class LaterCertificate(Certificate, frozen=True):
    """A certificate with a field that version 2 adds, one that version 3 adds, and one inside its editions."""

    editions: tuple[LaterEdition, ...]
    level: Annotated[str, since(2)] = ""
    valid_until: Annotated[int | None, since(3)] = None


class LaterTold(FeedResult, frozen=True, kw_only=True):
    """A result with a field that version 2 adds."""

    score_percent: Annotated[float | None, since(2)] = None


@pytest.fixture
def sealing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The key that sealed the samples."""
    secrets.forget()
    monkeypatch.setattr(secrets, "_root", lambda: version_1.SECRET.encode())
    yield
    monkeypatch.undo()
    secrets.forget()


@pytest.fixture
def later(sealing: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code of some later day, whose certificates have more fields."""
    monkeypatch.setattr(store, "Certificate", LaterCertificate)


SAMPLES = [version_1.ISSUED, version_1.SUSPENDED]


def item_of(certificate: Certificate) -> dict[str, Any]:
    """The item as the store writes it."""
    stored: dict[str, Any] = msgspec.to_builtins(certificate)
    return {**store._key(certificate.number), **stored, **store._sealed(certificate)}


# --- the versions themselves ----------------------------------------------------------------------------


def test_the_newest_version_is_that_of_the_latest_field_at_any_depth() -> None:
    assert newest_schema(Audit) == 1
    assert newest_schema(LaterTold) == 2
    assert newest_schema(LaterEdition) == 2
    assert newest_schema(LaterCertificate) == 3


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_field_of_a_certificate_was_added_without_its_version(sample: dict[str, Any]) -> None:
    """Whoever adds a field to `Certificate`, or to a record inside, marks it with `since`."""
    fields = {name for name in sample if name not in ("feed", "sk", "seal", "write_id")}
    encoded = msgspec.json.decode(versioned.canonical(versioned.read(sample, Certificate), 1))
    assert set(encoded) == fields | {"waits_for"}
    assert set(encoded["editions"][0]) == set(sample["editions"][0])
    assert set(encoded["editions"][0]["content"]) == set(sample["editions"][0]["content"])
    assert [set(entry) for entry in encoded["audit"]] == [set(entry) for entry in sample["audit"]]


def test_no_field_of_a_result_was_added_without_its_version() -> None:
    """Whoever adds a field to `FeedResult` marks it with `since`."""
    entry = msgspec.convert(version_1.PUBLISHED, FeedEntry)
    encoded = msgspec.json.decode(versioned.canonical(entry.result, 1))
    assert encoded == version_1.PUBLISHED["result"]


# --- seals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_certificate_of_version_1_is_as_it_was_sealed(
    sealing: None, sample: dict[str, Any]
) -> None:
    record = store.from_item(sample)
    assert record.genuine
    assert record.certificate.number == version_1.NUMBER
    assert not store.from_item({**sample, "changed_at": 1}).genuine


@pytest.mark.parametrize("sample", SAMPLES)
def test_more_fields_unseal_no_stored_certificate(later: None, sample: dict[str, Any]) -> None:
    record = store.from_item(sample)
    assert record.genuine
    assert isinstance(record.certificate, LaterCertificate)
    assert (record.certificate.level, record.certificate.valid_until) == ("", None)
    assert not store.from_item({**sample, "state": "revoked"}).genuine


def test_nobody_adds_to_a_certificate_what_its_seal_does_not_cover(later: None) -> None:
    smuggled = copy.deepcopy(version_1.ISSUED)
    smuggled |= {"level": "一级", "valid_until": 1}
    smuggled["editions"][0]["content"]["subject"] = "特种设备"
    record = store.from_item(smuggled)
    assert record.genuine
    assert record == store.from_item(version_1.ISSUED)


@pytest.mark.parametrize("schema", [2, 3, 4])
def test_nobody_gives_a_certificate_another_version(later: None, schema: int) -> None:
    assert not store.from_item({**version_1.ISSUED, "schema": schema}).genuine


def test_the_next_write_seals_all_fields_in_the_newest_version(later: None) -> None:
    before = store.from_item(version_1.SUSPENDED).certificate
    item = item_of(msgspec.structs.replace(before, level="一级"))
    assert item["schema"] == 3
    assert store.from_item(item).genuine
    for change in ({"level": "二级"}, {"valid_until": 1}, {"schema": 2}, {"schema": 1}):
        assert not store.from_item({**item, **change}).genuine, change


# --- feeds ----------------------------------------------------------------------------------------------


def stored_entry() -> PlacedEntry:
    return store.entry_from_item(version_1.PUBLISHED)


def later_result(**fields: Any) -> LaterTold:
    """The result of the stored entry as the code of some later day sees it."""
    told = {
        name: getattr(stored_entry().entry.result, name) for name in FeedResult.__struct_fields__
    }
    return LaterTold(**{**told, "score_percent": 98.0, **fields})


def test_an_entry_of_version_1_is_read_as_it_was_written() -> None:
    kept = stored_entry()
    assert (kept.sequence, kept.beyond, kept.entry.schema) == (1, 4, 1)
    assert feed.next_entry([kept], kept.entry.result, 9) is None


def test_a_field_more_is_no_event() -> None:
    assert feed.next_entry([stored_entry()], later_result(), 9) is None


def test_what_changes_beside_a_new_field_is_an_event_and_is_written_with_it() -> None:
    better = later_result(points=99.0, score_percent=99.0)
    entry = feed.next_entry([stored_entry()], better, 9)
    assert entry == FeedEntry(2, FeedKind.RESCORED, 9, better, schema=2)


def test_once_written_the_new_field_is_compared_like_any_other() -> None:
    written = PlacedEntry(2, FeedEntry(2, FeedKind.FINAL, 8, later_result(), schema=2))
    known = [stored_entry(), written]
    assert feed.next_entry(known, later_result(), 9) is None
    assert feed.next_entry(known, later_result(score_percent=97.0), 9) is not None
