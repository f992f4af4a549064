"""Certificates: numbers that nobody guesses, a life that follows the attempt, operators who have the last word."""

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.commands import Command
from chalicelib.kernel.outcomes import changed_fields, includes
from chalicelib.results import model
from chalicelib.results.model import (
    AttemptHeard,
    Certificate,
    CertificateReason,
    CertificateState,
    CertificateStatus,
    CertificateWaitsFor,
    Content,
    Edition,
    EditionWritten,
    News,
    ResultStanding,
)
from chalicelib.shared.clock import china_date
from chalicelib.shared.errors import Conflict
from tests.unit.after import after

CONTENT = Content(
    name="张三",
    id_type="resident_id",
    id_number_masked="140***********2149",
    organisation="示例公司",
    exam_id="exam",
    exam_title="考核",
    points=86.0,
    out_of=100.0,
    passed_on="2027-01-15",
    photo_id="ph_1",
)
NUMBER = "SX-2027-ACDE-FGHJ-KMNP-RTVW"
NOW = 1_800_000_000_000


def certificate(**more: Any) -> Certificate:
    fields: dict[str, Any] = {
        "number": NUMBER,
        "account_id": "ac_1",
        "attempt_id": "at_1",
        "version": 3,
        "state": CertificateState.VALID,
        "editions": (Edition(CONTENT, NOW, sha256="a" * 64),),
        "issued_at": NOW,
        "changed_at": NOW,
    }
    return Certificate(**{**fields, **more})


def command(**more: Any) -> Command:
    given: dict[str, Any] = {"command_id": "order-0001", "operator": "ops", "reason": "核查"}
    return Command(**{**given, "version_seen": 3, **more})


def news(known: Certificate, standing: ResultStanding, **more: Any) -> News:
    fields: dict[str, Any] = {"version": known.follows + 1, "why": CertificateReason.FLAGGED}
    return News(**{**fields, "standing": standing, "content": CONTENT, **more})


def follow(
    known: Certificate, standing: ResultStanding, why: CertificateReason = CertificateReason.FLAGGED
) -> Certificate:
    return after(known, model.follow(known, news(known, standing, why=why), NOW + 1))


# --- numbers --------------------------------------------------------------------------------------------


@given(st.binary(min_size=32, max_size=32))
def test_a_number_can_be_read_out_and_holds_no_signs_that_look_alike(digest: bytes) -> None:
    number = model.number(2027, digest)
    head, year, *groups = number.split("-")
    assert (head, year, [len(group) for group in groups]) == ("SX", "2027", [4] * 4)
    assert not set("".join(groups)) & set("0O1IL2Z5S8BUQ")
    assert model.parse_number(number.lower()) == (number, 1)


def test_a_number_has_at_least_sixty_bits() -> None:
    assert len(set(model.NUMBER_ALPHABET)) == len(model.NUMBER_ALPHABET)
    assert len(model.NUMBER_ALPHABET) ** 16 >= 2**60


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (NUMBER, (NUMBER, 1)),
        (f"{NUMBER}-2", (NUMBER, 2)),
        (f"{NUMBER}-999", (NUMBER, 999)),
        (f"{NUMBER}-1", (f"{NUMBER}-1", 1)),  # the first edition bears the plain number
        (f"{NUMBER}-02", (f"{NUMBER}-02", 1)),
        (f"{NUMBER}-1000", (f"{NUMBER}-1000", 1)),
        (f"{NUMBER}\n", (NUMBER, 1)),
        ("SX-2027-ACDE", ("SX-2027-ACDE", 1)),
        ("SX-２０２７-ACDE-FGHJ-KMNP-RTVW", ("SX-2027-ACDE-FGHJ-KMNP-RTVW", 1)),
    ],
)
def test_what_was_typed_is_a_number_and_an_edition_or_nothing_that_exists(
    text: str, found: tuple[str, int]
) -> None:
    assert model.parse_number(text) == found


def test_each_edition_has_a_number_of_its_own() -> None:
    numbers = [model.edition_number(NUMBER, edition) for edition in (1, 2, 3)]
    assert numbers == [NUMBER, f"{NUMBER}-2", f"{NUMBER}-3"]
    assert [model.parse_number(number) for number in numbers] == [(NUMBER, n) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("name", "masked"), [("张三", "张*"), ("欧阳·吉", "欧***"), ("𠮷", "𠮷"), ("A B", "A**")]
)
def test_a_masked_name_shows_its_first_sign_alone(name: str, masked: str) -> None:
    assert model.masked_name(name) == masked


def test_days_are_those_of_china_around_midnight() -> None:
    midnight = 1_799_942_400_000  # 2027-01-15 00:00 in China
    days = [china_date(midnight + ms).isoformat() for ms in (-1, 0, 1)]
    assert days == ["2027-01-14", "2027-01-15", "2027-01-15"]
    assert model.in_words("2027-01-05") == "2027年1月5日"


# --- what verification says -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", CertificateState)
def test_verification_says_valid_exactly_when_the_seal_and_the_live_record_agree(
    state: CertificateState,
) -> None:
    two = (Edition(CONTENT, NOW), Edition(CONTENT, NOW))
    for edition, genuine in itertools.product((1, 2), (True, False)):
        said = model.status(certificate(state=state, editions=two), edition, genuine=genuine)
        assert (said is CertificateStatus.VALID) == (
            genuine and state is CertificateState.VALID and edition == 2
        )
        assert (said is CertificateStatus.UNCONFIRMED) == (not genuine)
        assert (said is CertificateStatus.REVOKED) == (
            genuine and state is CertificateState.REVOKED
        )


# --- following the attempt ------------------------------------------------------------------------------


def test_an_open_question_suspends_no_pass_revokes_and_a_pass_brings_it_back() -> None:
    flagged = follow(certificate(), ResultStanding.OPEN)
    assert (flagged.state, flagged.reason) == (CertificateState.SUSPENDED, "flagged")
    lost = follow(flagged, ResultStanding.FAILED, CertificateReason.INVALIDATED)
    assert (lost.state, lost.reason) == (CertificateState.REVOKED, "invalidated")
    back = follow(lost, ResultStanding.PASSED)
    assert (back.state, back.reason) == (CertificateState.VALID, "restored")
    again = news(back, ResultStanding.PASSED, version=back.follows)
    assert model.follow(back, again, NOW + 2) == ()  # twice changes nothing


@pytest.mark.parametrize(("later", "heard"), [(-1, False), (0, False), (1, True)])
def test_older_news_change_nothing(later: int, heard: bool) -> None:
    known = certificate(follows=7)
    told = news(known, ResultStanding.FAILED, version=7 + later)
    assert bool(model.follow(known, told, NOW)) is heard


def test_news_that_change_nothing_are_remembered_all_the_same() -> None:
    known = certificate(follows=7)
    assert model.follow(known, news(known, ResultStanding.PASSED), NOW) == (
        AttemptHeard(follows=8),
    )


def test_what_an_operator_ordered_no_rule_softens() -> None:
    held = after(
        certificate(),
        model.order_state(
            certificate(), CertificateState.SUSPENDED, command(), ResultStanding.PASSED, NOW
        ),
    )
    assert follow(held, ResultStanding.PASSED).state is CertificateState.SUSPENDED
    lost = follow(held, ResultStanding.FAILED, CertificateReason.KEY_CORRECTED)
    assert lost.state is CertificateState.REVOKED
    assert follow(lost, ResultStanding.PASSED).state is CertificateState.REVOKED
    revoked = after(
        certificate(),
        model.order_state(
            certificate(), CertificateState.REVOKED, command(), ResultStanding.PASSED, NOW
        ),
    )
    for standing in ResultStanding:
        assert follow(revoked, standing).state is CertificateState.REVOKED


def test_corrected_points_make_a_new_edition_and_keep_a_corrected_name() -> None:
    renamed = msgspec.structs.replace(CONTENT, name="张叁")
    known = certificate(editions=(Edition(renamed, NOW, sha256="b" * 64),))
    better = msgspec.structs.replace(CONTENT, points=88.0)
    followed = after(
        known, model.follow(known, news(known, ResultStanding.PASSED, content=better), NOW + 1)
    )
    assert followed.edition == 2
    assert (followed.content.points, followed.content.name) == (88.0, "张叁")
    assert (followed.waits_for, followed.ordered_at) == (CertificateWaitsFor.DOCUMENT, NOW + 1)
    assert followed.newest.reason == "score_corrected"
    again = model.follow(followed, news(followed, ResultStanding.PASSED, content=better), NOW + 2)
    assert set(changed_fields(again)) == {"follows"}


def test_points_of_somebody_who_does_not_pass_make_no_edition() -> None:
    worse = msgspec.structs.replace(CONTENT, points=10.0)
    known = certificate()
    told = news(known, ResultStanding.FAILED, why=CertificateReason.KEY_CORRECTED, content=worse)
    outcomes = model.follow(known, told, NOW)
    assert after(known, outcomes).state is CertificateState.REVOKED
    assert not includes(outcomes, EditionWritten)


@given(st.lists(st.sampled_from(ResultStanding), max_size=8), st.sampled_from(ResultStanding))
def test_however_the_news_arrive_the_last_standing_decides(
    before: list[ResultStanding], last: ResultStanding
) -> None:
    known = certificate()
    for standing in [*before, last, last]:
        known = follow(known, standing)
    wanted = {
        ResultStanding.PASSED: CertificateState.VALID,
        ResultStanding.OPEN: CertificateState.SUSPENDED,
    }
    assert known.state is wanted.get(last, CertificateState.REVOKED)


# --- operators ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "wanted", "code"),
    [
        (CertificateState.VALID, CertificateState.SUSPENDED, None),
        (CertificateState.VALID, CertificateState.REVOKED, None),
        (CertificateState.VALID, CertificateState.VALID, "certificate_is"),
        (CertificateState.SUSPENDED, CertificateState.SUSPENDED, "certificate_is"),
        (CertificateState.SUSPENDED, CertificateState.REVOKED, None),
        (CertificateState.SUSPENDED, CertificateState.VALID, None),
        (CertificateState.REVOKED, CertificateState.SUSPENDED, "certificate_is"),
        (CertificateState.REVOKED, CertificateState.REVOKED, "certificate_is"),
        (CertificateState.REVOKED, CertificateState.VALID, None),
    ],
)
def test_each_order_has_the_states_that_it_leads_from(
    state: CertificateState, wanted: CertificateState, code: str | None
) -> None:
    known = certificate(state=state)
    if code:
        with pytest.raises(Conflict, match=code):
            model.order_state(known, wanted, command(), ResultStanding.PASSED, NOW)
        return
    done = after(known, model.order_state(known, wanted, command(), ResultStanding.PASSED, NOW))
    assert (done.state, done.reason) == (wanted, "核查")
    assert done.by_rule is (wanted is CertificateState.VALID)
    assert [entry.operator for entry in done.audit] == ["ops"]


@pytest.mark.parametrize("standing", [ResultStanding.OPEN, ResultStanding.FAILED])
def test_nobody_reinstates_what_is_no_final_pass(standing: ResultStanding) -> None:
    with pytest.raises(Conflict, match="not_passed"):
        model.order_state(
            certificate(state=CertificateState.REVOKED),
            CertificateState.VALID,
            command(),
            standing,
            NOW,
        )


@pytest.mark.parametrize("seen", [2, 4])
def test_an_order_on_another_version_is_refused(seen: int) -> None:
    for order in (
        lambda c: model.order_state(
            certificate(), CertificateState.REVOKED, c, ResultStanding.PASSED, NOW
        ),
        lambda c: model.reissue(certificate(), CONTENT, c, NOW),
    ):
        with pytest.raises(Conflict, match="certificate_changed"):
            order(command(version_seen=seen))


def test_the_same_command_again_changes_nothing() -> None:
    known = certificate()
    once = after(
        known,
        model.order_state(known, CertificateState.REVOKED, command(), ResultStanding.PASSED, NOW),
    )
    assert (
        model.order_state(once, CertificateState.REVOKED, command(), ResultStanding.PASSED, NOW + 1)
        == ()
    )
    twice = after(known, model.reissue(known, CONTENT, command(), NOW))
    assert model.reissue(twice, CONTENT, command(), NOW + 1) == ()


def test_a_new_edition_supersedes_the_one_before_and_waits_for_its_document() -> None:
    known = certificate()
    renamed = msgspec.structs.replace(CONTENT, name="张叁")
    done = after(known, model.reissue(known, renamed, command(), NOW + 5))
    assert [entry.content.name for entry in done.editions] == ["张三", "张叁"]
    assert model.status(done, 1, genuine=True) is CertificateStatus.SUPERSEDED
    assert model.status(done, 2, genuine=True) is CertificateStatus.VALID
    assert done.waits_for is CertificateWaitsFor.DOCUMENT
    with pytest.raises(Conflict, match="certificate_is"):
        model.reissue(certificate(state=CertificateState.REVOKED), renamed, command(), NOW)


# --- documents ------------------------------------------------------------------------------------------


def test_a_document_is_noted_once_and_nothing_waits_any_more() -> None:
    waiting = certificate(editions=(Edition(CONTENT, NOW),), waits_for=CertificateWaitsFor.DOCUMENT)
    done = after(waiting, model.rendered(waiting, 1, "c" * 64, NOW + 9))
    assert (done.newest.sha256, done.newest.rendered_at) == ("c" * 64, NOW + 9)
    assert done.waits_for is None
    assert model.rendered(done, 1, "d" * 64, NOW + 10) == ()


def test_with_two_editions_it_waits_for_both() -> None:
    two = (Edition(CONTENT, NOW), Edition(CONTENT, NOW))
    waiting = certificate(editions=two, waits_for=CertificateWaitsFor.DOCUMENT)
    one = after(waiting, model.rendered(waiting, 2, "c" * 64, NOW))
    assert one.waits_for is CertificateWaitsFor.DOCUMENT
    assert after(one, model.rendered(one, 1, "d" * 64, NOW)).waits_for is None


@pytest.mark.parametrize(("later", "asked"), [(-1, False), (0, True), (1, True)])
def test_a_document_is_asked_for_again_after_two_minutes(later: int, asked: bool) -> None:
    waiting = certificate(waits_for=CertificateWaitsFor.DOCUMENT, ordered_at=NOW)
    now = NOW + model.ORDER_AGAIN_MS + later
    assert bool(model.order_again(waiting, now)) is asked
    assert model.order_again(certificate(ordered_at=NOW), now) == ()
