"""Sittings of a series as operators publish, move and refill them: nobody is in two places at one time."""

from typing import Any

import pytest
import yaml

from chalicelib.exams import service as exams
from chalicelib.exams import sittings, store
from chalicelib.imports.headers import read_header, write_header
from tests.api import Api, publish
from tests.clock import T0
from tests.console import Widget
from tests.dropbox import drop
from tests.faults import everything_stored
from tests.integration.test_publish import EXAM, FOLDER, LISTED, UNLISTED, places, roster
from tests.operators import give

DAY = 24 * 3_600_000
ZHANG, LI = f"张三,居民身份证,{LISTED},0", f"李四,护照,{UNLISTED},0"
TWICE = {"most_tries": 2, "after_days": 7}


def sitting(name: str, **fields: Any) -> dict[str, bytes]:
    """The settings of an exam that is the sitting of this name."""
    written = yaml.safe_load((FOLDER / "exam.yaml").read_text("utf-8"))
    series = {"id": "spring", "sitting": name, "retakes": TWICE, **fields}
    chosen = {**written, "series": series}
    return {"exam.yaml": yaml.safe_dump(chosen, allow_unicode=True).encode()}


def published(name: str, exam_id: str, starts_at: int = T0, *people: str, **fields: Any) -> Any:
    listed = roster(*people) if people else {}
    return publish("agency-practitioners", starts_at, exam_id, **sitting(name, **fields), **listed)


def reasons(answer: Any) -> str:
    return "；".join(error["reason"] for error in answer["errors"])


def advised(answer: Any) -> set[str]:
    return {r["advice"] for r in answer["remarks"] if r["advice"].startswith("series")}


def move(exam_id: str, starts_at: int) -> Any:
    event = {
        "exam_id": exam_id,
        "command_id": f"move-{exam_id}-{starts_at}",
        "operator": "ops@example",
        "reason": "平台故障",
        "version_seen": exams.get_exam(exam_id).version,
        "starts_at": starts_at,
    }
    return give("chalicelib.handlers.console.reschedule_exam", event)


def starts(series_id: str = "spring") -> dict[str, int]:
    series = sittings.get_series(series_id=series_id)
    assert series is not None
    return {one.exam_id: one.starts_at for one in series.sittings}


def test_sittings_of_a_series_are_published_one_after_the_other(api: Api) -> None:
    first = published("第一场", "first", T0, ZHANG, capacity=1)
    assert (first["ok"], advised(first)) == (True, {"series_few_sittings"})
    second = published("第二场", "second", T0 + 7 * DAY, ZHANG)
    assert (second["ok"], advised(second)) == (True, set())
    assert starts() == {"first": T0, "second": T0 + 7 * DAY}
    before = everything_stored()
    assert published("第二场", "second", T0 + 7 * DAY, ZHANG)["ok"]
    assert everything_stored() == before


def test_the_settings_come_back_with_the_series(api: Api) -> None:
    assert published("第一场", "first", T0, ZHANG, capacity=5)["ok"]
    exam = exams.get_exam("first")
    header, findings = read_header(write_header(exam))
    assert findings == []
    assert header is not None
    assert header.series == exam.series


@pytest.mark.parametrize(
    ("fields", "people", "place", "reason"),
    [
        ({"capacity": 0}, (ZHANG,), ("exam.yaml", 0), "capacity 为 0"),
        ({"capacity": 1}, (ZHANG, LI), ("roster.csv", 3), "名单共 2 人"),
        ({"capacity": 5}, (), ("exam.yaml", 0), "没有名单"),
        ({"retakes": {"most_tries": 0}}, (), ("exam.yaml", 0), "most_tries 为 0"),
        ({"retakes": {"after_days": -1}}, (), ("exam.yaml", 0), "内容不符合格式"),
        ({"retakes": {"counts": "worst"}}, (), ("exam.yaml", 0), "内容不符合格式"),
        ({"id": "Spring"}, (), ("exam.yaml", 0), "内容不符合格式"),
    ],
)
def test_a_sitting_that_cannot_work_is_refused(
    api: Api, fields: Any, people: tuple[str, ...], place: tuple[str, int], reason: str
) -> None:
    answer = published("第一场", "first", T0, *people, **fields)
    assert places(answer) == [place]
    assert reason in reasons(answer)
    assert everything_stored()["EXAMS_TABLE"] == {}


def test_a_practice_is_no_sitting(api: Api) -> None:
    written = yaml.safe_load(sitting("试考")["exam.yaml"])
    policy = {**written["policy"], "kind": "practice"}
    files = {"exam.yaml": yaml.safe_dump({**written, "policy": policy}).encode()}
    answer = publish("agency-practitioners", T0, "practice", **files)
    assert "不能是系列里的一场" in reasons(answer)


def test_another_rule_or_a_name_that_is_taken_is_refused(api: Api) -> None:
    assert published("第一场", "first")["ok"]
    other = published("第一场", "second", T0 + DAY, retakes={"most_tries": 3})
    assert places(other) == [("exam.yaml", 0)] * 2
    assert "retakes: {most_tries: 2, after_days: 7" in reasons(other)
    assert "「第一场」已用于 first" in reasons(other)
    assert starts() == {"first": T0}


def test_a_person_on_two_rosters_at_one_time_is_refused_with_both_rows(api: Api) -> None:
    assert published("第一场", "first", T0, LI, ZHANG)["ok"]
    ends_at = exams.get_exam("first").ends_at
    clash = published("第二场", "second", ends_at, ZHANG)
    assert places(clash) == [("roster.csv", 2)]
    assert "「第一场」（first）的名单第 3 行" in reasons(clash)
    assert published("第二场", "second", ends_at + 1, ZHANG)["ok"]


def test_different_people_sit_at_the_same_time(api: Api) -> None:
    assert published("第一场", "first", T0, ZHANG)["ok"]
    both = published("第二场", "second", T0, LI)
    assert (both["ok"], advised(both)) == (True, {"series_too_close"})


def test_sittings_open_to_all_that_overlap_are_remarked(api: Api) -> None:
    assert published("第一场", "first", retakes={"most_tries": 1})["ok"]
    second = published("第二场", "second", retakes={"most_tries": 1})
    assert (second["ok"], advised(second)) == (True, {"series_overlap"})


def test_a_sitting_is_not_moved_to_where_its_people_sit_already(api: Api) -> None:
    published("第一场", "first", T0, ZHANG)
    published("第二场", "second", T0 + 7 * DAY, ZHANG, LI)
    refused = move("second", T0)
    [error] = refused["errors"]
    assert error["code"] == "sittings_overlap"
    assert error["details"] == {"sitting": "第一场", "count": 1}
    assert (exams.get_exam("second").starts_at, starts()["second"]) == (T0 + 7 * DAY,) * 2
    assert move("second", T0 + 8 * DAY)["ok"]
    assert starts()["second"] == T0 + 8 * DAY
    assert published("第二场", "second", T0 + 8 * DAY, ZHANG, LI)["ok"]


def test_an_order_that_did_not_reach_its_exam_blocks_both_times(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between series and exam: the next publisher sees where the sitting was and where it goes."""
    published("第一场", "first", T0, ZHANG)
    with monkeypatch.context() as patch:
        patch.setattr(store, "change_exam", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            move("first", T0 + DAY)
    for start in (T0, T0 + DAY):
        assert places(published("第二场", "second", start, ZHANG)) == [("roster.csv", 2)]
    assert move("first", T0 + DAY)["ok"]
    assert published("第二场", "second", T0, ZHANG)["ok"]


def test_of_two_publishers_at_once_the_second_sees_the_first(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, raced = store.load_series, []

    def meanwhile(series_id: str) -> Any:
        found = load(series_id)
        if not raced:
            raced.append(True)
            assert published("第一场", "first", T0, ZHANG)["ok"]
        return found

    monkeypatch.setattr(store, "load_series", meanwhile)
    clash = published("第二场", "second", T0, ZHANG)
    assert places(clash) == [("roster.csv", 2)]
    assert starts() == {"first": T0}


def test_a_new_roster_is_held_to_places_and_other_sittings(api: Api) -> None:
    published("第一场", "first", T0, ZHANG, capacity=1)
    published("第二场", "second", T0, LI)
    found = drop("roster/first/a.csv", roster(ZHANG, LI)["roster.csv"])
    assert [(f["file"], f["row"]) for f in found["refused"]] == [("a.csv", 3)]
    clash = drop("roster/first/b.csv", roster(LI)["roster.csv"])
    assert [(f["file"], f["row"]) for f in clash["refused"]] == [("b.csv", 2)]
    assert "「第二场」（second）的名单第 2 行" in clash["refused"][0]["reason"]
    assert exams.count_listed(exams.get_exam("first")) == 1


def test_operators_see_the_sittings_of_a_series_with_their_places(api: Api) -> None:
    published("第二场", "second", T0 + 7 * DAY, ZHANG)
    published("第一场", "first", T0, ZHANG, capacity=1)
    published("第三场", "third", T0 + 8 * DAY, LI, capacity=5)
    published("开放场", "open", T0 + 9 * DAY)
    assert "第一场（系列 spring）" in Widget().open("exams").text
    text = Widget().open("exams", exam_id="first").text
    assert "系列 spring 的场次" in text
    places = ["1 / 1 人，已满", "1 人，不限容量", "1 / 5 人", "按身份开放，不设容量"]
    assert sorted(places, key=text.index) == places  # in the order of their starts
    assert "每人最多 2 次（含第一次）；两次间隔 7 天；已合格的不能再考；以最好的一次为准" in text
    assert text.count("本场") == 1


def test_an_exam_by_itself_shows_no_series(api: Api) -> None:
    assert publish("agency-practitioners", T0)["ok"]
    for text in (Widget().open("exams").text, Widget().open("exams", exam_id=EXAM).text):
        assert "系列" not in text
