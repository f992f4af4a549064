"""Blanks and materials through a whole exam: text answers are kept like letters, scored, corrected, shown."""

from typing import Any

import pytest

from tests.api import Api, publish
from tests.clock import T0, StandingClock
from tests.integration.candidates import EXAM, Candidate, stored
from tests.integration.orders import order
from tests.integration.watching import leave
from tests.operators import give

BANK = """编号,题型,题干,选项A,选项B,选项C,答案,解析,材料编号,材料
B1,填空题,自____起不得少于____日,,,,公告之日|公告日；二十|20,,,
B2,填空题,增值税率为____%,,,,10±0.5,,,
I1,不定项选择题,下列正确的有,甲,乙,丙,A,,M1,"某市采购一批桌椅。
6月3日发布公告。"
I2,填空题,答复期限为____个工作日,,,,七|7,,M1,
"""
HEADER = f"""format: 1
exam_id: {EXAM}
title: 填空与材料
audience: [agency_practitioner]
policy: {{pass_mark: 60, multiple_rule: minus_for_wrong}}
sections:
  - {{id: blank, title: 填空题, type: blank, count: 2, points: 20}}
  - {{id: case, title: 案例题, type: material, count: 1, group_size: 2, points: 30}}
"""


@pytest.fixture
def writing(api: Api, pictures: str, clock: StandingClock) -> Candidate:
    """The exam runs; the paper has two blanks' questions and a material with two more."""
    others = ("single", "multiple", "judge", "blanks", "cases")  # of the example pack, replaced
    pack = {f"questions/{n}.csv": f"题型,题干,答案\n判断题,{n},对\n".encode() for n in others}
    pack |= {"questions/blank.csv": BANK.encode(), "exam.yaml": HEADER.encode()}
    answer = publish("agency-practitioners", T0, **pack)
    assert answer["ok"], answer
    person = Candidate(api, pictures)
    person.enrol()
    person.open()
    person.come_in()
    clock.now = T0
    assert person.post("start").status == 200
    return person


def questions(person: Candidate) -> list[Any]:
    sections = person.get("paper").json["sections"]
    return [question for section in sections for question in section["questions"]]


def numbers(person: Candidate) -> dict[str, str]:
    """The bank's id of each question → its number on the paper."""
    stems = {"自": "B1", "增": "B2", "下": "I1", "答": "I2"}
    return {stems[text_of(q["stem"])[0]]: str(q["number"]) for q in questions(person)}


def text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(inline.get("text", "_") for block in content for inline in block["inlines"])


def test_the_paper_shows_blanks_and_the_material_without_keys(writing: Candidate) -> None:
    paper = writing.get("paper").json
    by_number = {str(question["number"]): question for question in questions(writing)}
    of = numbers(writing)
    assert by_number[of["B1"]]["blanks"] == 2
    assert [
        b["number"] for b in by_number[of["B1"]]["stem"][0]["inlines"] if b["kind"] == "blank"
    ] == [1, 2]
    assert (by_number[of["I1"]]["material"], by_number[of["I2"]]["material"]) == (1, 1)
    assert paper["sections"][1]["materials"] == ["某市采购一批桌椅。\n6月3日发布公告。"]
    assert "二十" not in str(paper)
    assert "公告之日" not in str(paper)


def test_texts_are_saved_come_back_and_are_scored(writing: Candidate) -> None:
    of = numbers(writing)
    answers = {of["B1"]: [" 公告日 ", "２０"], of["B2"]: ["9.5"], of["I1"]: "AB", of["I2"]: ["八"]}
    assert writing.save(1, 4, answers).json["acked_seq"] == 4
    writing.come_in()
    kept = writing.get("paper").json["answers"]
    assert kept == {
        of["B1"]: ["公告日", "２０"],
        of["B2"]: ["9.5"],
        of["I1"]: kept[of["I1"]],
        of["I2"]: ["八"],
    }
    result = writing.post("submission", {}).json
    assert result["receipt"] == kept
    assert result["score"]["points"] in (
        40,
        70,
    )  # two options chosen: none, or one right and one wrong
    assert result["score"]["answered"] == 4


def test_an_emptied_blank_is_no_answer(writing: Candidate) -> None:
    of = numbers(writing)
    writing.save(1, 1, {of["B2"]: ["10"]})
    assert writing.save(2, 2, {of["B2"]: [""]}).status == 200
    result = writing.post("submission", {}).json
    assert result["receipt"] == {}
    assert (result["score"]["points"], result["score"]["answered"]) == (0, 0)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (["长" * 200], 200),
        (["长" * 201], 400),
        ([""] * 10, 200),
        ([""] * 11, 400),
        ([], 400),
        (["一\n二"], 400),
        (["\x07"], 400),
        ([1], 400),
        (None, 400),
        ("ABCDEFGH", 200),
        ("ABCDEFGHI", 400),
    ],
)
def test_texts_are_bounded_and_a_refused_one_changes_nothing(
    writing: Candidate, answer: Any, status: int
) -> None:
    before = stored(writing)
    assert writing.save(1, 1, {numbers(writing)["B2"]: answer}).status == status
    assert (stored(writing) == before) is (status != 200)


def test_the_largest_paper_of_texts_can_be_saved(writing: Candidate) -> None:
    """200 characters of three bytes each in every blank: far below the limits of body and item."""
    of = numbers(writing)
    full = {of["B1"]: ["长" * 200] * 2, of["B2"]: ["长" * 200], of["I2"]: ["长" * 200]}
    assert writing.save(1, 4, full).status == 200


def test_a_corrected_key_of_a_blank_scores_everybody_again(writing: Candidate) -> None:
    of = numbers(writing)
    writing.post("submission", {"answers": {"first": 1, "last": 1, "answers": {of["I2"]: ["十"]}}})
    assert writing.get("result").json["score"]["points"] == 0
    event = {
        "exam_id": EXAM,
        "command_id": "key-0001",
        "operator": "ops@example",
        "reason": "答案有误",
        "version_seen": 1,
        "answers": {"I2": "七|7|十"},
    }
    corrected = give("chalicelib.handlers.certificates.correct_key", event)
    assert corrected["ok"], corrected
    assert writing.get("result").json["score"]["points"] == 30
    wrong = {**event, "command_id": "key-0002", "version_seen": 2, "answers": {"I2": "七\n八"}}
    assert (
        give("chalicelib.handlers.certificates.correct_key", wrong)["errors"][0]["code"]
        == "key_invalid"
    )


def test_a_reopened_round_keeps_the_texts(writing: Candidate, clock: StandingClock) -> None:
    of = numbers(writing)
    writing.save(1, 1, {of["B1"]: ["公告日", "二十"]})
    for seq in (1, 2, 3):
        leave(writing, clock, seq)
    assert order(writing, "reopen_attempt", allowed_min=25)["ok"]
    assert writing.open().json["round"] == 2
    writing.come_in()
    assert writing.post("start").status == 200
    assert writing.get("paper").json["answers"][of["B1"]] == ["公告日", "二十"]
