"""The list of exams: its pages, what caches may keep of it, and how exams get from one part to the other."""

import re
from typing import Any

import msgspec
import pytest

from chalicelib.exams import lists, store
from chalicelib.exams import service as exams
from chalicelib.exams.listing import ListPart
from chalicelib.exams.model import Exam
from chalicelib.shared import table
from chalicelib.shared.errors import Unavailable
from chalicelib.shared.settings import settings
from tests.api import Api, minute, publish
from tests.clock import T0, StandingClock
from tests.console import Widget
from tests.faults import failing
from tests.integration.candidates import EXAM, MINUTE, Candidate
from tests.operators import give


@pytest.fixture
def exam(api: Api) -> Exam:
    assert publish("agency-practitioners", T0)["ok"]
    return exams.get_exam(EXAM)


def copies(exam: Exam, number: int) -> list[str]:
    """Publish copies of an exam, one minute after the other; returns their ids by their start."""
    for n in range(number):
        copy = msgspec.structs.replace(
            exam, exam_id=f"copy-{n}", starts_at=exam.starts_at + (n + 1) * MINUTE
        )
        assert store.put_exam(copy)
    return [EXAM, *(f"copy-{n}" for n in range(number))]


def pages(api: Api, query: str) -> list[list[str]]:
    """The ids on all pages, until there is no next one."""
    found, after = [], ""
    while True:
        page = api.get(f"/exams?{query}{after}").json
        found.append([one["exam_id"] for one in page["exams"]])
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


@pytest.mark.parametrize(
    ("most", "sizes"), [(1, [1, 1, 1, 1]), (2, [2, 2]), (3, [3, 1]), (4, [4]), (5, [4])]
)
def test_pages_have_each_exam_once(
    api: Api, exam: Exam, clock: StandingClock, most: int, sizes: list[int]
) -> None:
    ids = copies(exam, 3)
    found = pages(api, f"most={most}")
    assert [len(page) for page in found] == sizes
    assert [one for page in found for one in page] == ids
    clock.now = exam.ends_at + 10 * MINUTE
    assert minute()["exams_ended"] == 4
    assert pages(api, f"most={most}") == [[]]
    ended = pages(api, f"which=ended&most={most}")
    assert [one for page in ended for one in page] == ids[::-1]  # the newest first
    assert [len(page) for page in ended] == sizes


def test_exams_of_the_same_moment_are_told_apart(api: Api, exam: Exam) -> None:
    for name in ("a", "b", "c"):
        store.put_exam(msgspec.structs.replace(exam, exam_id=name))
    found = pages(api, "most=1")
    assert sorted(one for page in found for one in page) == sorted(["a", "b", "c", EXAM])


def test_the_place_of_an_exam_that_has_left_still_leads_on(api: Api, exam: Exam) -> None:
    ids = copies(exam, 2)
    after = api.get("/exams?most=2").json["next"]
    item = {"exam_id": ids[1], "sk": "EXAM"}
    table.delete(settings().exams_table, item)
    assert [one["exam_id"] for one in api.get(f"/exams?after={after}").json["exams"]] == ids[2:]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        *(
            ("after=x", "place_invalid"),
            ("after=1", "place_invalid"),
            ("after=1-", "place_invalid"),
        ),
        *(("after=-1-a", "place_invalid"), ("after=1-%E8%80%83", "place_invalid")),
        *(("after=" + "1" * 81, "invalid_request"), ("most=0", "invalid_request")),
        *(("most=51", "invalid_request"), ("most=a", "invalid_request")),
        *(("which=old", "invalid_request"), ("page=2", "invalid_request")),
    ],
)
def test_what_is_no_page_is_refused(api: Api, query: str, code: str) -> None:
    answer = api.get(f"/exams?{query}")
    assert (answer.status, answer.code) == (400, code)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("most", [1, 50])
def test_pages_may_be_small_or_large(api: Api, exam: Exam, most: int) -> None:
    assert len(api.get(f"/exams?most={most}").json["exams"]) == 1


# ---- what caches may keep ----


def listed(api: Api, *tags: str) -> Any:
    return api.call("GET", "/exams", raw=b"", headers={"If-None-Match": ", ".join(tags)})


def test_an_unchanged_list_is_not_sent_again(api: Api, exam: Exam, clock: StandingClock) -> None:
    clock.now = exam.waiting_opens_at
    first = api.get("/exams")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "public, max-age=15"
    for tags in ([tag], [f"W/{tag}"], ['"other"', tag], ["*"]):
        kept = listed(api, *tags)
        assert (kept.status, kept.text, kept.headers["etag"]) == (304, "", tag)
        assert kept.headers["cache-control"] == "public, max-age=15"
    clock.now = exam.starts_at - 1
    assert listed(api, tag).status == 304  # nothing in it depends on the moment


@pytest.mark.parametrize("tags", [['"other"'], ['W/"other"'], [""], ["x" * 300], ['"']])
def test_another_tag_gets_the_list(api: Api, exam: Exam, tags: list[str]) -> None:
    assert listed(api, *tags).json == api.get("/exams").json


def test_a_change_has_another_tag(api: Api, exam: Exam, clock: StandingClock) -> None:
    clock.now = exam.waiting_opens_at - 1
    tag = api.get("/exams").headers["etag"]
    clock.now = exam.waiting_opens_at
    opened = listed(api, tag)
    assert (opened.status, opened.json["exams"][0]["phase"]) == (200, "waiting")
    copies(exam, 1)
    assert listed(api, opened.headers["etag"]).status == 200


def test_nothing_else_may_be_kept(api: Api, exam: Exam) -> None:
    for path in (f"/exams/{EXAM}", "/time", "/agreements/privacy"):
        answer = api.call("GET", path, raw=b"", headers={"If-None-Match": "*"})
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
        assert "etag" not in answer.headers


# ---- from one part to the other ----


def parts() -> dict[ListPart, list[str]]:
    found = {}
    for part in ListPart:
        rows = store.list_part(part, after=None, most=9)
        found[part] = [one.exam_id for one in rows]
    return found


CURRENT = {ListPart.CURRENT: [EXAM], ListPart.ENDED: []}
ENDED = {ListPart.CURRENT: [], ListPart.ENDED: [EXAM]}


@pytest.mark.parametrize(("late", "moved"), [(-1, 0), (0, 0), (1, 1)])
def test_an_exam_is_moved_from_the_millisecond_after_its_end(
    exam: Exam, late: int, moved: int
) -> None:
    assert lists.move_ended(now=exam.ends_at + late) == moved
    assert parts() == (ENDED if moved else CURRENT)
    assert lists.move_ended(now=exam.ends_at + late) == 0


def test_the_minute_reads_the_current_exams_alone_and_once(
    exam: Exam, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now = exam.ends_at + 1
    assert minute()["exams_ended"] == 1
    asked = []
    query = table.query

    def noted(name: str, **more: Any) -> Any:
        if more.get("index") == "listed":
            asked.append(more["hash_key"])
        return query(name, **more)

    monkeypatch.setattr(table, "query", noted)
    minute()
    assert asked == [("listed", "exam")]


def test_an_order_brings_an_exam_back_until_all_have_followed(
    submitted: Candidate, clock: StandingClock
) -> None:
    exam = exams.get_exam(EXAM)
    clock.now = exam.ends_at + 10 * MINUTE
    minute()
    assert parts() == ENDED
    question = exams.get_bank(exam_id=EXAM)[1].questions[0]
    key = {question.id: "B" if question.key != "B" else "A"}
    event = {
        **{"operator": "op-1", "command_id": "key-0001", "reason": "更正", "exam_id": EXAM},
        **{"version_seen": exams.get_exam(EXAM).version, "answers": key},
    }
    answer = give("chalicelib.handlers.certificates.correct_key", event)
    assert answer["ok"], answer
    assert parts() == CURRENT
    clock.now += 2 * MINUTE
    assert minute()["orders_followed"] == 1
    minute()
    assert parts() == ENDED


def test_a_later_deadline_of_one_person_brings_it_back(exam: Exam) -> None:
    assert lists.move_ended(now=exam.ends_at + 1) == 1
    later = exam.ends_at + 60 * MINUTE
    exams.note_deadline(exam_id=EXAM, deadline=later)
    assert parts() == CURRENT
    assert lists.move_ended(now=later) == 0
    assert lists.move_ended(now=later + 1) == 1
    exams.note_deadline(exam_id=EXAM, deadline=later)  # the same again changes nothing
    assert parts() == ENDED


def test_a_deadline_between_look_and_move_wins(exam: Exam) -> None:
    """The schedule has read an index that is a moment behind."""
    seen = store.list_current()
    exams.note_deadline(exam_id=EXAM, deadline=exam.ends_at + MINUTE)
    assert lists.move_ended(now=exam.ends_at + 1, listed=lambda: seen) == 0
    assert parts() == CURRENT


def test_a_move_that_dynamodb_did_not_take_is_made_by_the_next_minute(exam: Exam) -> None:
    with failing("dynamodb"), pytest.raises(Unavailable):
        lists.move_ended(now=exam.ends_at + 1, listed=lambda: [stored_exam(exam)])
    assert parts() == CURRENT
    assert lists.move_ended(now=exam.ends_at + 1) == 1


def stored_exam(exam: Exam) -> Any:
    found = lists.find_exam(exam_id=exam.exam_id)
    assert found is not None
    return found


def test_exams_of_an_earlier_release_are_moved_by_the_schedule(
    exam: Exam, clock: StandingClock, api: Api
) -> None:
    """All of them were in the part that is now that of the current exams, whatever their age."""
    copies(exam, 3)
    clock.now = exam.ends_at + 365 * 24 * 60 * MINUTE
    page = api.get("/exams").json["exams"]
    assert {one["phase"] for one in page} == {"ended"}
    assert minute()["exams_ended"] == 4
    assert api.get("/exams").json["exams"] == []


def test_operators_find_an_exam_that_is_over(exam: Exam, clock: StandingClock) -> None:
    assert lists.move_ended(now=exam.ends_at + 1) == 1
    assert [one.exam_id for one in store.list_exams()] == [EXAM]
    assert [one.exam_id for one in lists.list_started_since(moment=T0)] == [EXAM]
    assert lists.list_started_since(moment=T0 + 1) == []
    found = lists.find_exam(exam_id=EXAM)
    assert found is not None and found.title == exam.title
    assert lists.find_exam(exam_id="nothing") is None


def test_one_row_of_a_roster_is_enough_to_know_that_there_is_one(
    exam: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    query = table.query

    def noted(name: str, **more: Any) -> Any:
        asked.append(more["most"])
        return query(name, **more)

    monkeypatch.setattr(table, "query", noted)
    assert not store.has_roster(EXAM, "none")
    assert asked == [1]


def test_operators_page_through_the_exams_that_are_over(exam: Exam, clock: StandingClock) -> None:
    copies(exam, 20)
    clock.now = exam.ends_at + 60 * MINUTE
    assert minute()["exams_ended"] == 21
    widget, seen = Widget().open("exams"), []
    for number in (10, 10, 1):
        assert len(widget.actions("实况")) == number
        seen += re.findall(rf"copy-[0-9]+|{EXAM}", widget.text)
        widget = widget.click("下一页" if number == 10 else "第一页")
    assert list(dict.fromkeys(seen)) == [*(f"copy-{n}" for n in reversed(range(20))), EXAM]
    assert len(widget.actions("实况")) == 10


def test_operators_go_from_the_current_exams_to_those_that_are_over(
    exam: Exam, clock: StandingClock
) -> None:
    widget = Widget().open("exams")
    assert EXAM in widget.text
    assert "还没有已结束的考试" in widget.click("已结束的考试").text
    assert EXAM in widget.click("未结束的考试").text
