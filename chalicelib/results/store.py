"""Certificates and feeds in DynamoDB, PDFs in S3.

Results table, key (`feed`, `sk`): (`certificate#<number>`, `CERTIFICATE`) the record of one certificate;
(`person#<ref>` or `organisation#<hash>`, sequence) one entry of a feed. Indexes: `by_account` (`account_id`,
`issued_at`) and `waiting` (`waits_for`, `ordered_at`), only of certificates without a document.
"""

from collections.abc import Iterable, Iterator

import msgspec

from chalicelib.kernel import versioned
from chalicelib.kernel.deciding import LostRace
from chalicelib.kernel.outcomes import Outcomes, applied
from chalicelib.kernel.records import write_outcomes
from chalicelib.results.feed import FeedEntry, PlacedEntry
from chalicelib.results.model import Certificate, CertificateWaitsFor, edition_number
from chalicelib.results.texts import CERTIFICATE
from chalicelib.shared import hmacs, ids, objects, table
from chalicelib.shared.secrets import keyed_hash
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If, Item

_DOCUMENTS = "certificates"
_FEED = "certificate#"
_ORGANISATION = "organisation#"
_SEQUENCE_DIGITS = 12


class Record(msgspec.Struct, frozen=True):
    """A stored certificate. `genuine`: whether its seal is right."""

    certificate: Certificate
    genuine: bool


def _key(number: str) -> Item:
    return {"feed": f"{_FEED}{number}", "sk": "CERTIFICATE"}


def _seal(certificate: Certificate, schema: int) -> str:
    """Return an HMAC over all fields of this schema version, also over the state.

    Somebody who can write to the table, but does not have the key, cannot make a valid certificate.
    """
    return keyed_hash("certificate", versioned.canonical(certificate, schema).decode())


def _sealed(certificate: Certificate) -> Item:
    """Return the attributes with the seal, in the newest schema version."""
    schema = versioned.newest_schema(type(certificate))
    return {versioned.SCHEMA: schema, "seal": _seal(certificate, schema)}


def from_item(item: Item) -> Record:
    """Return the record of a stored item. The seal is checked by the schema version of the item."""
    certificate = versioned.read(item, Certificate)
    seal = _seal(certificate, versioned.stored_schema(item))
    sealed = hmacs.equal(seal, str(item.get("seal")))
    return Record(certificate, sealed and item["feed"] == f"{_FEED}{certificate.number}")


def load_certificate(number: str) -> Record | None:
    """Return the record of one certificate; None when there is none."""
    item = table.get(settings().results_table, _key(number))
    return from_item(item) if item else None


def load_certificates(numbers: Iterable[str]) -> Iterator[Record]:
    """Yield the records of these certificates, where there are any, many with one call. Eventually consistent."""
    return map(from_item, table.get_many(settings().results_table, map(_key, numbers)))


def put_certificate(certificate: Certificate) -> Record:
    """Write a new certificate unless there is one with its number. Returns the one that is stored now."""
    fields = msgspec.to_builtins(certificate)
    item = {name: value for name, value in fields.items() if value is not None}
    try:
        row = {**_key(certificate.number), **item, **_sealed(certificate)}
        table.put(settings().results_table, row, If().absent("feed"))
    except ConditionFailed as failed:
        assert failed.old is not None
        return from_item(failed.old)
    return Record(certificate, True)


def change_certificate(certificate: Certificate, outcomes: Outcomes) -> Certificate:
    """Write what a rule decided and a new seal. Returns the certificate after it. Raises `LostRace`, `Unavailable`."""
    version = certificate.version
    after = msgspec.structs.replace(applied(certificate, outcomes), version=version + 1)
    key = _key(certificate.number)
    write_outcomes(settings().results_table, key, version, outcomes, also=_sealed(after))
    return after


def list_of_account(account_id: str) -> list[Record]:
    """Return the certificates of an account, newest first. The index may be a moment behind."""
    rows = table.query(
        settings().results_table,
        index="by_account",
        hash_key=("account_id", account_id),
        newest_first=True,
        most=None,
    )
    return [from_item(row) for row in rows]


def list_waiting(what: CertificateWaitsFor) -> list[str]:
    """Return the numbers of certificates that wait for this, the oldest order first. The index may be behind."""
    rows = table.query(
        settings().results_table, index="waiting", hash_key=("waits_for", what.value), most=None
    )
    return [row["feed"].removeprefix(_FEED) for row in rows if row["feed"].startswith(_FEED)]


# --- feeds ----------------------------------------------------------------------------------------------


def person_feed(ref: str) -> str:
    """Return the key of a person's feed."""
    return f"person#{ref}"


def organisation_feed(ref: str) -> str:
    """Return the key of an organisation's feed."""
    return f"{_ORGANISATION}{ref}"


def is_of_organisation(item: Item) -> bool:
    """Whether an item stands in the feed of an organisation."""
    return str(item["feed"]).startswith(_ORGANISATION)


def _sk(sequence: int) -> str:
    return f"{sequence:0{_SEQUENCE_DIGITS}}"


def list_entries(feed: str, *, beyond: int = 0, most: int | None = None) -> list[PlacedEntry]:
    """Return the entries of a feed after the sequence `beyond`, in order, at most `most`. Strongly consistent."""
    rows = table.query(
        settings().results_table,
        hash_key=("feed", feed),
        sort_above=("sk", _sk(beyond)),
        most=most,
    )
    return [entry_from_item(row) for row in rows]


def entry_from_item(row: Item) -> PlacedEntry:
    """Return the entry of a stored item of a feed."""
    entry = msgspec.convert(row, FeedEntry)
    return PlacedEntry(int(row["sk"]), entry, row.get("beyond", 0), row.get("copied", 0))


def last_sequence(feed: str) -> int:
    """Return the sequence of the newest entry; 0 for an empty feed. Strongly consistent."""
    rows = table.query(settings().results_table, hash_key=("feed", feed), newest_first=True, most=1)
    return next((int(row["sk"]) for row in rows), 0)


def put_entry(feed: str, placed: PlacedEntry) -> None:
    """Write an entry at its sequence in a feed. Raises `LostRace` when another entry is there."""
    fields = msgspec.to_builtins(placed.entry)
    row = {"feed": feed, "sk": _sk(placed.sequence), **fields, "beyond": placed.beyond}
    row["write_id"] = ids.new_id("", 12)  # a repeated request recognises its own write
    try:
        table.put(settings().results_table, row, If().absent("feed"))
    except ConditionFailed as failed:
        if failed.old is None or failed.old.get("write_id") != row["write_id"]:
            raise LostRace from None


def note_copied(feed: str, placed: PlacedEntry, sequence: int) -> None:
    """Note the sequence of an entry's copy, so that nobody searches for it again."""
    key = {"feed": feed, "sk": _sk(placed.sequence)}
    table.update(settings().results_table, key, If().exists("feed"), sets={"copied": sequence})


# --- documents ------------------------------------------------------------------------------------------


def document_key(number: str, edition: int) -> str:
    """Return the S3 key of an edition's PDF."""
    return f"{_DOCUMENTS}/{number}/{edition}.pdf"


def read_document(number: str, edition: int) -> bytes | None:
    """Return the PDF of an edition; None when there is none."""
    stored = objects.read(settings().private_bucket, document_key(number, edition))
    return stored.data if stored else None


def write_document(number: str, edition: int, data: bytes) -> None:
    """Store the PDF of an edition. Its bytes are the same each time."""
    key = document_key(number, edition)
    objects.write(settings().private_bucket, key, data, "application/pdf")


def delete_documents(number: str, keep: tuple[int, ...]) -> int:
    """Remove the PDFs of all editions but `keep`, in all versions. Returns how many versions."""
    kept = tuple(document_key(number, edition) for edition in keep)
    return objects.delete_below(settings().private_bucket, f"{_DOCUMENTS}/{number}/", kept)


def document_url(number: str, edition: int) -> str:
    """Return a link to the PDF that works for a minute. It is saved under its number. Costs no AWS call."""
    printed = edition_number(number, edition)
    return objects.named_url(
        settings().private_bucket,
        document_key(number, edition),
        name=f"{CERTIFICATE['title']}-{printed}.pdf",
        plain_name=f"{printed}.pdf",
    )
