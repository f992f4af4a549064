"""The rules of score lists: who is present, who is not named, what counts, and what is masked."""

from typing import Any

import msgspec
import pytest

from chalicelib.attempts.model import Attempt, Cause, DecidedComplaint, Decision, Status, Waiver
from chalicelib.exams.scoring import Score, SectionScore
from chalicelib.identity import texts as identity_texts
from chalicelib.identity.documents import IdType
from chalicelib.identity.model import Deletion, Person, Profile
from chalicelib.proctoring.model import Integrity, IntegrityRule, IntegrityState
from chalicelib.results.model import CertificateStatus
from chalicelib.score_lists import rows
from chalicelib.score_lists import texts as t
from chalicelib.score_lists.model import (
    KEPT_MS,
    PART_PEOPLE,
    Certified,
    Facts,
    Listed,
    Presence,
    Privacy,
    ScoreList,
    presence,
    privacy,
)
from chalicelib.series.model import Counted
from chalicelib.sheets.writing import Cell
from tests.unit.attempts import HOUR, OPENS, T0, attempt

NOW = T0 + 10 * HOUR
SCORE = Score(
    70.5,
    100,
    True,
    10,
    20,
    (SectionScore("单选题", 40.1, 50, 8, 10), SectionScore("单选题", 30.4, 50, 7, 10)),
)
LISTED = Listed("exam", "at_1", row=3, note="一组")


def submitted(**fields: Any) -> Attempt:
    done = {"status": Status.SUBMITTED, "started_at": T0, "submitted_at": T0 + HOUR}
    return attempt(**{**done, "cause": Cause.CANDIDATE, **fields})


def person(*deletions: Deletion, **fields: Any) -> Person:
    profile = Profile(name="李四四", id_number_masked="2**")
    known = Person("ac_1", 1, 1, "138****", profile, "hash", deletions=deletions)
    return msgspec.structs.replace(known, **fields)


def facts(**fields: Any) -> Facts:
    return Facts(
        **{"listed": LISTED, "ended": True, "attempt": submitted(), "score": SCORE, **fields}
    )


def told(shown: Facts, *, unmasked: bool = False, series: bool = False) -> dict[str, Cell]:
    wanted = rows.columns(["单选题"], series=series, unmasked=unmasked)
    return dict(zip(wanted.headings, rows.row(shown, wanted, NOW), strict=True))


def deletion(at: int, done_at: int | None = None) -> Deletion:
    return Deletion("delete-01", "李运营", "本人要求", requested_at=at, done_at=done_at)


@pytest.mark.parametrize(
    ("started_at", "ended", "expected"),
    [
        (T0, True, Presence.PRESENT),
        (T0, False, Presence.PRESENT),
        (None, True, Presence.ABSENT),
        (None, False, Presence.AWAITED),
    ],
)
def test_who_has_begun_is_present(started_at: int | None, ended: bool, expected: Presence) -> None:
    assert presence(attempt(started_at=started_at), ended=ended) is expected
    if started_at is None:
        assert presence(None, ended=ended) is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [(OPENS - 1, Privacy.NONE), (OPENS, Privacy.DELETING), (OPENS + 1, Privacy.DELETING)],
)
def test_a_wish_from_before_the_attempt_hides_no_name_in_it(at: int, expected: Privacy) -> None:
    assert privacy(person(deletion(at)), attempt()) is expected
    assert privacy(person(deletion(at)), None) is Privacy.DELETING
    done = person(deletion(at, at + 1))
    wanted = Privacy.NONE if expected is Privacy.NONE else Privacy.DELETED
    assert privacy(done, attempt()) is wanted


def test_the_newest_wish_decides() -> None:
    both = person(deletion(OPENS - 2, OPENS - 1), deletion(OPENS + 2))
    assert privacy(both, attempt()) is Privacy.DELETING
    assert privacy(None, attempt()) is privacy(person(), None) is Privacy.NONE


def test_an_order_lasts_a_day_and_has_parts_for_all() -> None:
    order = ScoreList("exam", "list-0001", "李运营", "op_1", "报送", ordered_at=T0)
    assert order.expires_at == T0 + KEPT_MS == T0 + 24 * HOUR
    parts = {
        people: msgspec.structs.replace(order, people=people).parts
        for people in (None, 0, 1, PART_PEOPLE - 1, PART_PEOPLE, PART_PEOPLE + 1)
    }
    assert list(parts.values()) == [0, 0, 1, 1, 1, 2]


def test_name_and_number_are_masked_and_in_full_they_are_those_of_the_attempt() -> None:
    shown = facts(person=person(), id_number="110105")
    assert (told(shown)["姓名"], told(shown)["证件号码"]) == ("张*", "1**")
    full = told(shown, unmasked=True)
    assert (full["姓名"], full["证件号码"], full["证件类型"]) == ("张三", "110105", "居民身份证")


def test_a_number_that_has_changed_since_is_not_the_one_of_the_attempt() -> None:
    other = facts(person=person(person_hash="other"), id_number="999")
    full = told(other, unmasked=True)
    assert (full["证件号码"], full["备注"]) == ("1**", t.NUMBER_CHANGED)
    assert told(other)["备注"] == ""


def test_who_never_opened_has_the_name_of_the_account_or_none() -> None:
    absent = facts(attempt=None, score=None, person=person(), id_number="110105")
    assert (told(absent)["姓名"], told(absent)["证件号码"]) == ("李**", "2**")
    assert told(absent, unmasked=True)["证件号码"] == "110105"
    stranger = told(facts(attempt=None, score=None))
    assert (stranger["姓名"], stranger["到考"], stranger["总分"]) == (
        t.NOT_REGISTERED,
        "缺考",
        None,
    )


@pytest.mark.parametrize("unmasked", [False, True])
@pytest.mark.parametrize("opened", [False, True])
def test_who_asked_for_deletion_has_no_name_number_or_organisation(
    *, unmasked: bool, opened: bool
) -> None:
    wish = person(deletion(NOW - 1))
    attempted = {} if opened else {"attempt": None, "score": None}
    row = told(facts(person=wish, id_number="110105", **attempted), unmasked=unmasked)
    assert row["姓名"] == t.WITHHELD
    assert not {row["证件类型"], row["证件号码"], row["考生类别"], row["所属单位"]} - {None}
    assert row["备注"] == t.PRIVACY["deleting"]


def test_points_of_sections_with_one_title_are_added_exactly() -> None:
    row = told(facts())
    assert (row["得分：单选题"], row["总分"], row["满分"]) == (70.5, 70.5, 100)
    wanted = rows.columns(["单选题", "判断题", "单选题"], series=False, unmasked=False)
    assert wanted.sections == ("单选题", "判断题")
    assert len(wanted.headings) == len(wanted.widths) == len(rows.row(facts(), wanted, NOW))


def test_a_failed_paper_says_why_and_by_what_it_was_closed() -> None:
    failed = msgspec.structs.replace(SCORE, passed=False)
    row = told(facts(score=failed, attempt=submitted(cause=Cause.SWITCHES)))
    assert (row["成绩"], row["收卷方式"]) == ("不合格", "切屏收卷")
    assert row["原因"] == f"{t.BY_SCORE}；离开考试页面达到次数上限，系统已收卷"


@pytest.mark.parametrize("rule", list(IntegrityRule))
def test_each_rule_that_invalidates_is_named(rule: IntegrityRule) -> None:
    broken = Integrity(IntegrityState.INVALIDATED, rule, (1, 2, 3))
    row = told(facts(attempt=submitted(integrity=broken)))
    assert row["成绩"] == "不合格"
    assert "本次成绩不合格" in str(row["原因"])
    assert str(row["监考标记"]).endswith("（3 张）")


def test_what_we_failed_to_judge_is_told_as_our_fault() -> None:
    ours = Integrity(IntegrityState.NOT_WATCHED, None, (), (4, 5))
    row = told(facts(attempt=submitted(integrity=ours)))
    assert (row["成绩"], row["成绩状态"], row["原因"]) == ("合格", "暂定", t.NOT_WATCHED)
    assert row["监考标记"] == "系统原因未判定 2 张"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (IntegrityState.INVALIDATED, "核实属实"),
        (IntegrityState.CLEAR, "核实后排除"),
        (IntegrityState.OVERTURNED, "投诉成立，已撤销"),
    ],
)
def test_each_decision_is_told_without_the_words_of_the_operator(
    state: IntegrityState, words: str
) -> None:
    decided = Decision(state, IntegrityRule.REPLAYED, "李运营", "王某的照片", T0)
    row = told(facts(attempt=submitted(decisions=(decided,), accepted_gaps=(7,))))
    assert row["人工处理"] == (
        f"抓拍中出现以前的照片：{words}（2027-01-15 16:00:00）；系统原因的空缺 1 张：已接受"
    )


def test_a_complaint_that_changed_the_verdict_is_told_from_the_attempt() -> None:
    for upheld, word in ((True, "成立"), (False, "不成立")):
        settled = DecidedComplaint("co_1", T0, upheld, T0 + 1)
        assert told(facts(attempt=submitted(complaint=settled)))["投诉"] == word


def test_which_try_counts_stands_in_lists_of_series_alone() -> None:
    assert "是否计入" not in told(facts())
    mine = {"attempt_id": "at_1", "provisional": False}
    for counted, word in (
        (None, "不计入"),
        (Counted("at_2", False), "不计入"),
        (Counted(**mine), "计入"),
        (Counted(**{**mine, "provisional": True}), "暂计入"),
    ):
        row = told(facts(counted=counted, sitting="第一场"), series=True)
        assert (row["是否计入"], row["场次"]) == (word, "第一场")


def test_a_paper_that_is_written_or_left_has_no_result() -> None:
    running = {"status": Status.STARTED, "submitted_at": None, "cause": None, "score": None}
    score = running.pop("score")
    for until, word in ((NOW, "作答中"), (NOW - 1, "待收卷")):
        row = told(facts(attempt=submitted(**running, saves_until=until), score=score))
        assert (row["成绩"], row["成绩状态"], row["到考"]) == (None, word, "到考")


def test_certificate_waiver_and_roster_are_told() -> None:
    waiver = Waiver("tk_1", "李运营", "面部受伤", T0)
    shown = facts(
        attempt=submitted(waiver=waiver),
        certificate=Certified("SX-1", CertificateStatus.REVOKED),
        listed=msgspec.structs.replace(LISTED, stranger=True),
    )
    row = told(shown)
    assert (row["证书编号"], row["证书状态"]) == ("SX-1", "证书已撤销")
    assert row["备注"] == f"{t.NOT_ON_ROSTER}；{t.WAIVED}"


def test_people_are_counted() -> None:
    flagged = Integrity(IntegrityState.FLAGGED, IntegrityRule.UNSEEN, (1,))
    absent = facts(attempt=None, score=None)
    counted = rows.tally([facts(), facts(attempt=submitted(integrity=flagged)), absent], NOW)
    assert counted == rows.Tally(people=3, present=2, absent=1, passed=2, open=1)
    counted.add(rows.Tally(people=1, open=1))
    assert (counted.people, counted.open) == (4, 2)


def test_every_state_has_a_word() -> None:
    assert set(identity_texts.ID_TYPES) == {kind.value for kind in IdType}
    assert set(t.PRESENCE) == {kind.value for kind in Presence}
    assert set(t.PRIVACY) == {kind.value for kind in Privacy} - {"none"}
    decided = {"invalidated", "clear", "overturned"}
    assert set(t.DECISIONS) == decided
