"""A certificate 证书: its data and the rules of its life. Pure.

One certificate belongs to one attempt. What it says is an edition; a correction makes a new edition and supersedes the
one before. Whether it holds is its state, which follows the attempt by itself and operators by command.
"""

import datetime
import enum
import re
from typing import Any

import msgspec

from chalicelib.kernel.commands import Audit, Command, find_command, with_newest
from chalicelib.shared.clock import CHINA
from chalicelib.shared.errors import Conflict

Changes = dict[str, Any]

# No two of these 23 signs are taken for each other in print or handwriting (0/O/Q/D, 1/I/L, 2/Z, 5/S, 8/B, U/V).
SIGNS = "ACDEFGHJKMNPRTVWXY34679"
_NUMBER_SIGNS = 16  # 72 bits: nobody meets one by trying
_PRINTED = re.compile(rf"(SX-[0-9]{{4}}(?:-[{SIGNS}]{{4}}){{4}})(?:-([2-9]|[1-9][0-9]{{1,2}}))?")


class CertificateStatus(enum.Enum):
    """What verification says about a number."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"  # an edition that another one has replaced
    UNCONFIRMED = "unconfirmed"  # the record is not what was signed


class State(enum.Enum):
    """Whether a certificate holds."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class Standing(enum.Enum):
    """What the attempt says about its certificate."""

    PASSED = "passed"  # a final pass
    OPEN = "open"  # a human has still to decide
    FAILED = "failed"


class WaitsFor(enum.Enum):
    """What has still to be done for a certificate."""

    DOCUMENT = "document"  # the newest edition has no PDF


class Reason(enum.Enum):
    """Why a rule changed a state or wrote a new edition; an operator's reason is in his own words."""

    FLAGGED = "flagged"
    INVALIDATED = "invalidated"
    KEY_CORRECTED = "key_corrected"
    RESTORED = "restored"
    SCORE_CORRECTED = "score_corrected"


class Content(msgspec.Struct, frozen=True):
    """What an edition says; the PDF and the public page show exactly this. `passed_on`: the day in China."""

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


def photo_copy_id(number: str) -> str:
    """Under this id lies the publisher's photo of the person, if the certificate shows that one."""
    return f"roster-{number}"


class Edition(msgspec.Struct, frozen=True):
    """One written form of a certificate. `sha256` names the signed PDF; empty until there is one."""

    content: Content
    issued_at: int
    reason: str = ""
    sha256: str = ""
    rendered_at: int | None = None


class Certificate(msgspec.Struct, frozen=True):
    """The live record. `by_rule`: the state follows the attempt; what an operator ordered only operators undo."""

    number: str
    account_id: str
    attempt_id: str
    version: int
    state: State
    editions: tuple[Edition, ...]  # oldest first
    issued_at: int
    changed_at: int
    reason: str = ""
    by_rule: bool = True
    follows: int = 0  # the version of the attempt that it was brought in line with
    audit: tuple[Audit, ...] = ()
    waits_for: WaitsFor | None = None
    ordered_at: int = 0  # when the document was asked for last

    @property
    def edition(self) -> int:
        """The number of the newest edition, from 1."""
        return len(self.editions)

    @property
    def newest(self) -> Edition:
        """The edition that counts."""
        return self.editions[-1]

    @property
    def content(self) -> Content:
        """What the newest edition says."""
        return self.newest.content


# --- numbers --------------------------------------------------------------------------------------------


def number(year: int, digest: bytes) -> str:
    """`SX-2027-ACDE-FGHJ-KMNP-RTVW`: the signs spell a keyed digest, so nobody can work out another one's."""
    value, signs = int.from_bytes(digest, "big"), ""
    for _ in range(_NUMBER_SIGNS):
        value, sign = divmod(value, len(SIGNS))
        signs += SIGNS[sign]
    groups = [signs[start : start + 4] for start in range(0, _NUMBER_SIGNS, 4)]
    return "-".join(["SX", f"{year:04}", *groups])


def edition_number(certificate_number: str, edition: int) -> str:
    """The number as printed on an edition: the first bears the plain one, later ones end in `-2`, `-3`."""
    return certificate_number if edition == 1 else f"{certificate_number}-{edition}"


def parse_number(text: str) -> tuple[str, int]:
    """Number and edition of what somebody typed or scanned; whatever cannot be one names nothing that exists."""
    found = _PRINTED.fullmatch(text.upper())
    return (found[1], int(found[2] or 1)) if found else (text.upper(), 1)


def china_date(moment: int) -> datetime.date:
    """The day in China."""
    return datetime.datetime.fromtimestamp(moment / 1000, CHINA).date()


def in_words(day: str) -> str:
    """`2027-01-15` as 2027年1月15日."""
    date = datetime.date.fromisoformat(day)
    return f"{date.year}年{date.month}月{date.day}日"


def masked_name(name: str) -> str:
    """`张*`, `欧**`: enough for somebody who holds the paper, too little for somebody who collects names."""
    return name[:1] + "*" * (len(name) - 1)


# --- what verification says -----------------------------------------------------------------------------


def status(certificate: Certificate, edition: int, *, genuine: bool) -> CertificateStatus:
    """What is true of this edition now; a record that is not what was signed confirms nothing."""
    if not genuine:
        return CertificateStatus.UNCONFIRMED
    if certificate.state is State.REVOKED:
        return CertificateStatus.REVOKED
    if edition < certificate.edition:
        return CertificateStatus.SUPERSEDED
    return CertificateStatus(certificate.state.value)


# --- rules ----------------------------------------------------------------------------------------------


class News(msgspec.Struct, frozen=True):
    """What one version of the attempt says about its certificate."""

    version: int
    standing: Standing
    why: Reason
    content: Content


def follow(certificate: Certificate, news: News, now: int) -> Changes:
    """Let a certificate follow its attempt; what an operator ordered stays, and older news change nothing.

    An open question suspends it, no pass revokes it, a pass brings it back. Other points make a new edition.
    """
    if news.version <= certificate.follows:
        return {}
    standing, content = news.standing, news.content
    wanted = {
        Standing.PASSED: State.VALID,
        Standing.OPEN: State.SUSPENDED,
        Standing.FAILED: State.REVOKED,
    }[standing]
    changes: Changes = {"follows": news.version}
    if _rule_may(certificate, wanted):
        restored = wanted is State.VALID
        reason = Reason.RESTORED if restored else news.why
        changes |= {"state": wanted, "reason": reason.value, "changed_at": now}
    points = (content.points, content.out_of)
    known = (certificate.content.points, certificate.content.out_of)
    if standing is Standing.PASSED and points != known:
        corrected = msgspec.structs.replace(
            certificate.content, points=content.points, out_of=content.out_of
        )
        changes |= _new_edition(certificate, corrected, Reason.SCORE_CORRECTED.value, now)
    return changes


def _rule_may(certificate: Certificate, wanted: State) -> bool:
    """A rule never softens what an operator ordered, but a lost pass also revokes what an operator suspended."""
    if wanted is certificate.state:
        return False
    return certificate.by_rule or wanted is State.REVOKED


def _new_edition(certificate: Certificate, content: Content, reason: str, now: int) -> Changes:
    return {
        "editions": (*certificate.editions, Edition(content, now, reason)),
        "waits_for": WaitsFor.DOCUMENT,
        "ordered_at": now,
        "changed_at": now,
    }


def _new(certificate: Certificate, command: Command) -> bool:
    """Whether the command has still to be done. Raises `Conflict`: `certificate_changed`."""
    if find_command(certificate.audit, command.command_id) is not None:
        return False
    if command.version_seen != certificate.version:
        raise Conflict("certificate_changed", version=certificate.version)
    return True


def _audited(certificate: Certificate, command: Command, what: str, now: int) -> Changes:
    return {"audit": with_newest(certificate.audit, Audit.of(command, what, now))}


_FROM = {
    State.SUSPENDED: (State.VALID,),
    State.REVOKED: (State.VALID, State.SUSPENDED),
    State.VALID: (State.SUSPENDED, State.REVOKED),
}
_CALLED = {State.SUSPENDED: "suspend", State.REVOKED: "revoke", State.VALID: "reinstate"}


def order_state(
    certificate: Certificate, state: State, command: Command, standing: Standing, now: int
) -> Changes:
    """Suspend, revoke or reinstate. The same command again changes nothing.

    Nobody reinstates what is no final pass. Raises `Conflict` (`certificate_changed`, `certificate_is`,
    `not_passed`).
    """
    if not _new(certificate, command):
        return {}
    if certificate.state not in _FROM[state]:
        raise Conflict("certificate_is", state=certificate.state.value)
    if state is State.VALID and standing is not Standing.PASSED:
        raise Conflict("not_passed")
    return {
        "state": state,
        "reason": command.reason,
        "by_rule": state is State.VALID,
        "changed_at": now,
        **_audited(certificate, command, f"{_CALLED[state]}_certificate", now),
    }


def reissue(certificate: Certificate, content: Content, command: Command, now: int) -> Changes:
    """Write a new edition; the one before is superseded. The same command again changes nothing.

    Raises `Conflict` (`certificate_changed`; `certificate_is`: a revoked one is not written anew).
    """
    if not _new(certificate, command):
        return {}
    if certificate.state is State.REVOKED:
        raise Conflict("certificate_is", state=certificate.state.value)
    return {
        **_new_edition(certificate, content, command.reason, now),
        **_audited(certificate, command, "reissue_certificate", now),
    }


def rendered(certificate: Certificate, edition: int, sha256: str, now: int) -> Changes:
    """The PDF of this edition lies in its place; the first news of it counts."""
    if certificate.editions[edition - 1].sha256:
        return {}
    editions = list(certificate.editions)
    done = msgspec.structs.replace(editions[edition - 1], sha256=sha256, rendered_at=now)
    editions[edition - 1] = done
    left = any(not entry.sha256 for entry in editions)
    return {"editions": tuple(editions), "waits_for": WaitsFor.DOCUMENT if left else None}


ORDER_AGAIN_MS = 120_000  # longer than writing a document takes, a cold start included


def order_again(certificate: Certificate, now: int) -> Changes:
    """Ask for the document anew when nobody has written it for a while: the stream tells the writer."""
    waits = certificate.waits_for is WaitsFor.DOCUMENT
    return {"ordered_at": now} if waits and now >= certificate.ordered_at + ORDER_AGAIN_MS else {}
