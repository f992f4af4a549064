"""A certificate 证书: its data, and the rules of its editions and states. Pure.

One certificate belongs to one attempt. An edition holds its content; a correction makes a new edition, which supersedes
the one before. The state tells whether it is valid. It follows the attempt, and operators can change it by command.
"""

import datetime
import enum
import re
from typing import Annotated

import msgspec

from chalicelib.kernel.commands import Audit, Command, find_command, with_newest
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.kernel.versioned import since
from chalicelib.shared.errors import Conflict
from chalicelib.shared.typed_numbers import plain_number

# 23 characters of which no two look alike in print or handwriting (0/O/Q/D, 1/I/L, 2/Z, 5/S, 8/B, U/V).
NUMBER_ALPHABET = "ACDEFGHJKMNPRTVWXY34679"
_NUMBER_CHARACTERS = 16  # 72 bits: nobody guesses a number
_PRINTED = re.compile(
    rf"(SX)([0-9]{{4}}){f'([{NUMBER_ALPHABET}]{{4}})' * 4}([2-9]|[1-9][0-9]{{1,2}})?"
)


class CertificateStatus(enum.Enum):
    """What verification says about a number."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"  # an edition that another one has replaced
    UNCONFIRMED = "unconfirmed"  # the record is not what was signed


class CertificateState(enum.Enum):
    """Whether a certificate is valid."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class ResultStanding(enum.Enum):
    """What the attempt says about its certificate."""

    PASSED = "passed"  # a final pass
    OPEN = "open"  # a human still has to decide
    FAILED = "failed"


class CertificateWaitsFor(enum.Enum):
    """What a certificate still waits for."""

    DOCUMENT = "document"  # the newest edition has no PDF


class CertificateReason(enum.Enum):
    """Why a rule changed a state or wrote a new edition. Operators give their reason as a text."""

    FLAGGED = "flagged"
    INVALIDATED = "invalidated"
    KEY_CORRECTED = "key_corrected"
    RESTORED = "restored"
    SCORE_CORRECTED = "score_corrected"


class Content(msgspec.Struct, frozen=True):
    """The content of an edition, as the PDF and the public page show it. `passed_on`: the day in China (ISO).

    `sitting`: its name within a series; "" for an exam by itself.
    """

    name: str
    id_type: str
    id_number_masked: str
    organisation: str
    exam_id: str
    exam_title: str
    points: float
    out_of: float
    passed_on: str
    photo_id: str
    sitting: Annotated[str, since(2)] = ""


def photo_copy_id(number: str) -> str:
    """Return the id of the copied publisher's photo, for a certificate that shows that photo."""
    return f"roster-{number}"


class Edition(msgspec.Struct, frozen=True):
    """One edition of a certificate. `sha256`: of the signed PDF; empty until there is one."""

    content: Content
    issued_at: int
    reason: str = ""
    sha256: str = ""
    rendered_at: int | None = None


class Certificate(msgspec.Struct, frozen=True):
    """The record of a certificate. `by_rule`: the state follows the attempt. Only operators undo an operator's order.

    The record is sealed. So a new field gets a default and `versioned.since`, here and in the records inside.
    """

    number: str
    account_id: str
    attempt_id: str
    version: int
    state: CertificateState
    editions: tuple[Edition, ...]  # oldest first
    issued_at: int
    changed_at: int
    reason: str = ""
    by_rule: bool = True
    follows: int = 0  # the version of the attempt that it follows so far
    audit: tuple[Audit, ...] = ()
    waits_for: CertificateWaitsFor | None = None
    ordered_at: int = 0  # when the document was last ordered

    @property
    def edition(self) -> int:
        """The number of the newest edition, from 1."""
        return len(self.editions)

    @property
    def newest(self) -> Edition:
        """The newest edition, which is the valid one."""
        return self.editions[-1]

    @property
    def content(self) -> Content:
        """The content of the newest edition."""
        return self.newest.content


# --- what is decided about a certificate ----------------------------------------------------------------


@outcome_of(Certificate)
class AttemptHeard(Outcome, frozen=True):
    """The certificate follows this version of its attempt."""

    follows: int


@outcome_of(Certificate)
class StateFollowed(Outcome, frozen=True):
    """The state changed because the attempt did."""

    state: CertificateState
    reason: str
    changed_at: int


@outcome_of(Certificate)
class StateOrdered(Outcome, frozen=True):
    """An operator suspended, revoked or reinstated the certificate."""

    state: CertificateState
    reason: str
    changed_at: int
    by_rule: bool
    audit: tuple[Audit, ...]


@outcome_of(Certificate)
class EditionWritten(Outcome, frozen=True):
    """There is a new edition, whose document is ordered."""

    editions: tuple[Edition, ...]
    changed_at: int
    ordered_at: int
    waits_for: CertificateWaitsFor = CertificateWaitsFor.DOCUMENT


@outcome_of(Certificate)
class EditionOrdered(EditionWritten, frozen=True, kw_only=True):
    """An operator ordered the new edition."""

    audit: tuple[Audit, ...]


@outcome_of(Certificate)
class DocumentRendered(Outcome, frozen=True):
    """The document of an edition is written. `waits_for`: None when no other edition lacks its document."""

    editions: tuple[Edition, ...]
    waits_for: CertificateWaitsFor | None


@outcome_of(Certificate)
class DocumentOrderedAgain(Outcome, frozen=True):
    """The document was ordered again."""

    ordered_at: int


# --- numbers --------------------------------------------------------------------------------------------


def number(year: int, digest: bytes) -> str:
    """Return a number like `SX-2027-ACDE-FGHJ-KMNP-RTVW`. It encodes a keyed digest, so nobody can compute one."""
    value, characters = int.from_bytes(digest, "big"), ""
    for _ in range(_NUMBER_CHARACTERS):
        value, index = divmod(value, len(NUMBER_ALPHABET))
        characters += NUMBER_ALPHABET[index]
    groups = [characters[start : start + 4] for start in range(0, _NUMBER_CHARACTERS, 4)]
    return "-".join(["SX", f"{year:04}", *groups])


def edition_number(certificate_number: str, edition: int) -> str:
    """Return the number as printed on an edition: the plain one on the first, then with `-2`, `-3`."""
    return certificate_number if edition == 1 else f"{certificate_number}-{edition}"


def parse_number(text: str) -> tuple[str, int]:
    """Return number and edition of a text that somebody typed or scanned.

    A text that cannot be a number is returned in upper case with edition 1; no certificate has such a number.
    """
    match = _PRINTED.fullmatch(plain_number(text))
    if match is None:
        return text.upper(), 1
    *groups, edition = match.groups()
    return "-".join(groups), int(edition or 1)


def in_words(day: str) -> str:
    """Return `2027-01-15` as 2027年1月15日."""
    date = datetime.date.fromisoformat(day)
    return f"{date.year}年{date.month}月{date.day}日"


def masked_name(name: str) -> str:
    """Return the name as `张*` or `欧**`: who holds the paper can compare it, and nobody can collect names."""
    return name[:1] + "*" * (len(name) - 1)


# --- what verification says -----------------------------------------------------------------------------


def status(certificate: Certificate, edition: int, *, genuine: bool) -> CertificateStatus:
    """Return the present status of an edition. `genuine`: whether the seal of the record is right."""
    if not genuine:
        return CertificateStatus.UNCONFIRMED
    if certificate.state is CertificateState.REVOKED:
        return CertificateStatus.REVOKED
    if edition < certificate.edition:
        return CertificateStatus.SUPERSEDED
    return CertificateStatus(certificate.state.value)


# --- rules ----------------------------------------------------------------------------------------------


class News(msgspec.Struct, frozen=True):
    """What one version of the attempt means for its certificate."""

    version: int
    standing: ResultStanding
    why: CertificateReason
    content: Content


def follow(certificate: Certificate, news: News, now: int) -> Outcomes:
    """Let a certificate follow its attempt. News of an older version change nothing, and an operator's order stays.

    An open decision suspends it, a failed result revokes it, a final pass makes it valid. Other points make a new
    edition.
    """
    if news.version <= certificate.follows:
        return ()
    heard = AttemptHeard(follows=news.version)
    return (
        heard,
        *_state_followed(certificate, news, now),
        *_points_corrected(certificate, news, now),
    )


_FOLLOWS = {
    ResultStanding.PASSED: CertificateState.VALID,
    ResultStanding.OPEN: CertificateState.SUSPENDED,
    ResultStanding.FAILED: CertificateState.REVOKED,
}


def _state_followed(certificate: Certificate, news: News, now: int) -> Outcomes:
    wanted = _FOLLOWS[news.standing]
    if not _rule_may(certificate, wanted):
        return ()
    reason = CertificateReason.RESTORED if wanted is CertificateState.VALID else news.why
    return (StateFollowed(state=wanted, reason=reason.value, changed_at=now),)


def _rule_may(certificate: Certificate, wanted: CertificateState) -> bool:
    """Whether a rule may set this state. After an operator's order a rule may only revoke."""
    if wanted is certificate.state:
        return False
    return certificate.by_rule or wanted is CertificateState.REVOKED


def _points_corrected(certificate: Certificate, news: News, now: int) -> Outcomes:
    """Return a new edition when the attempt is passed and has other points than the newest edition."""
    points, out_of = news.content.points, news.content.out_of
    content = msgspec.structs.replace(certificate.content, points=points, out_of=out_of)
    if news.standing is not ResultStanding.PASSED or content == certificate.content:
        return ()
    editions = _with_edition(certificate, content, CertificateReason.SCORE_CORRECTED.value, now)
    return (EditionWritten(editions=editions, changed_at=now, ordered_at=now),)


def _with_edition(
    certificate: Certificate, content: Content, reason: str, now: int
) -> tuple[Edition, ...]:
    return (*certificate.editions, Edition(content, now, reason))


def _is_new(certificate: Certificate, command: Command) -> bool:
    """Whether the command still has to be carried out. Raises `Conflict`: `certificate_changed`."""
    if find_command(certificate.audit, command.command_id) is not None:
        return False
    if command.version_seen != certificate.version:
        raise Conflict("certificate_changed", version=certificate.version)
    return True


def _audited(certificate: Certificate, command: Command, what: str, now: int) -> tuple[Audit, ...]:
    return with_newest(certificate.audit, Audit.of(command, what, now))


_FROM = {
    CertificateState.SUSPENDED: (CertificateState.VALID,),
    CertificateState.REVOKED: (CertificateState.VALID, CertificateState.SUSPENDED),
    CertificateState.VALID: (CertificateState.SUSPENDED, CertificateState.REVOKED),
}
_COMMAND_NAMES = {
    CertificateState.SUSPENDED: "suspend",
    CertificateState.REVOKED: "revoke",
    CertificateState.VALID: "reinstate",
}


def order_state(
    certificate: Certificate,
    state: CertificateState,
    command: Command,
    standing: ResultStanding,
    now: int,
) -> Outcomes:
    """Suspend, revoke or reinstate. The same command again changes nothing.

    Only the certificate of a final pass can be reinstated. Raises `Conflict` (`certificate_changed`,
    `certificate_is`, `not_passed`).
    """
    if not _is_new(certificate, command):
        return ()
    if certificate.state not in _FROM[state]:
        raise Conflict("certificate_is", state=certificate.state.value)
    if state is CertificateState.VALID and standing is not ResultStanding.PASSED:
        raise Conflict("not_passed")
    return (
        StateOrdered(
            state=state,
            reason=command.reason,
            changed_at=now,
            by_rule=state is CertificateState.VALID,
            audit=_audited(certificate, command, f"{_COMMAND_NAMES[state]}_certificate", now),
        ),
    )


def reissue(certificate: Certificate, content: Content, command: Command, now: int) -> Outcomes:
    """Write a new edition. It supersedes the one before. The same command again changes nothing.

    Raises `Conflict` (`certificate_changed`; `certificate_is`: it is revoked).
    """
    if not _is_new(certificate, command):
        return ()
    if certificate.state is CertificateState.REVOKED:
        raise Conflict("certificate_is", state=certificate.state.value)
    return (
        EditionOrdered(
            editions=_with_edition(certificate, content, command.reason, now),
            changed_at=now,
            ordered_at=now,
            audit=_audited(certificate, command, "reissue_certificate", now),
        ),
    )


def rendered(certificate: Certificate, edition: int, sha256: str, now: int) -> Outcomes:
    """Note that the PDF of this edition is written. It is noted once."""
    if certificate.editions[edition - 1].sha256:
        return ()
    editions = list(certificate.editions)
    done = msgspec.structs.replace(editions[edition - 1], sha256=sha256, rendered_at=now)
    editions[edition - 1] = done
    left = any(not entry.sha256 for entry in editions)
    waits_for = CertificateWaitsFor.DOCUMENT if left else None
    return (DocumentRendered(editions=tuple(editions), waits_for=waits_for),)


ORDER_AGAIN_MS = 120_000  # longer than it takes to write a document, also with a cold start


def order_again(certificate: Certificate, now: int) -> Outcomes:
    """Order the document again when nobody has written it for a while. The stream passes the order on."""
    waits = certificate.waits_for is CertificateWaitsFor.DOCUMENT
    if not waits or now < certificate.ordered_at + ORDER_AGAIN_MS:
        return ()
    return (DocumentOrderedAgain(ordered_at=now),)
