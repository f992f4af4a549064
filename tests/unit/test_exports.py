"""Exports: a bank of every kind of content goes out as a pack and comes in again equal."""

import datetime
import io
import random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from chalicelib.accounts.model import AudienceRole
from chalicelib.exams.content import Content, Mark, Paragraph, Text
from chalicelib.exams.model import Exam, Policy
from chalicelib.exams.questions import (
    LETTERS,
    Bank,
    Material,
    Question,
    QuestionType,
    Section,
    SectionType,
    pictures_of_bank,
)
from chalicelib.imports import exports, packs
from chalicelib.imports.headers import read_header, write_header
from chalicelib.imports.materials import Materials
from chalicelib.imports.question_rows import JUDGE_OPTIONS, QuestionRow, check_row, own_id
from chalicelib.imports.readings import MAX_TEXT, MOST_WRITTEN
from chalicelib.imports.remarks import Advice
from chalicelib.notation.building import MOST_INLINES
from chalicelib.notation.picture_shelf import PictureShelf
from tests.unit.contents import contents
from tests.unit.formats import png


def photograph() -> bytes:
    """A picture of many colours, which is kept as JPEG."""
    pixels = random.Random(1).randbytes(64 * 48 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (64, 48), pixels).resize((320, 240)).save(out, "JPEG", quality=70)
    return out.getvalue()


SHELF = PictureShelf()
PICTURES = tuple(map(SHELF.take, (png(), png((5, 5), "blue"), photograph())))
SHORT = st.sampled_from(("", "依据", "1|2", "=1+1", "'x", "<b>依据</b>", "$x^2$"))
OPTIONS = ("甲", "乙", "10<20", "A和B", "以上都对", "丁", "戊", "己")


@st.composite
def questions(draw: st.DrawFn, number: int) -> Question:
    """A question of any type, as an import would have made it."""
    kind = draw(st.sampled_from(QuestionType))
    blank = kind is QuestionType.BLANK
    options: tuple[object, ...] = ()
    key = "七|7" if blank else draw(st.sampled_from("AB"))
    if kind is QuestionType.JUDGE:
        options = JUDGE_OPTIONS
    elif not blank:
        options = tuple(draw(st.permutations(OPTIONS)))[: draw(st.integers(3, len(OPTIONS)))]
        if draw(st.booleans()):
            options = (*options[:-1], draw(contents(PICTURES)))
        several = kind is QuestionType.MULTIPLE
        key = "AC" if several else key
    letters = LETTERS[: len(options)]
    pins = st.sampled_from(("", letters, letters[-1:]))
    return Question(
        id=f"N-{number}",
        type=kind,
        stem=draw(contents(PICTURES, blanks=blank)),
        options=options,  # type: ignore[arg-type]
        key=key,
        explanation=draw(contents(PICTURES)),
        source=draw(SHORT),
        tag=draw(st.sampled_from(("", "期限"))),
        points=draw(st.sampled_from((None, 1, 2.5, 100, 0.01))),
        pinned="" if blank or kind is QuestionType.JUDGE else draw(pins),
        material=draw(st.sampled_from(("", "M-1", "M-2"))),
    )


def with_materials(found: list[Question], bodies: list[object]) -> Bank:
    """A bank with the materials that its questions name, in the order in which they occur."""
    names = dict.fromkeys(question.material for question in found if question.material)
    tags = {q.material: q.tag for q in reversed(found)}
    return Bank(
        (Section("a", "单选", SectionType.SINGLE, 1, 2, tag="期限"),),
        tuple(found),
        tuple(Material(name, body, tags[name]) for name, body in zip(names, bodies, strict=False)),  # type: ignore[arg-type]
    )


BANKS = st.builds(
    with_materials,
    st.tuples(*(questions(n) for n in range(3)))
    .filter(lambda found: len(set(map(own_id, found))) == len(found))
    .map(list),
    st.lists(contents(PICTURES), min_size=2, max_size=2, unique_by=repr),
)


def exam(**changes: object) -> Exam:
    starts_at = datetime.datetime(
        2027, 3, 28, 9, tzinfo=datetime.timezone(datetime.timedelta(hours=8))
    )
    made = Exam(
        exam_id="spring-2027",
        title="春季考试：<一>",
        starts_at=round(starts_at.timestamp() * 1000),
        audience=(AudienceRole.AGENCY_PRACTITIONER,),
        roster_version="",
        policy=Policy(duration_min=90),
        sections=(Section("a", "单选", SectionType.SINGLE, 1, 2.5, tag="期限"),),
        paper_version="v",
        notice="第一行\n第二行: *强调*",
    )
    return msgspec.structs.replace(made, **changes)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(BANKS)
def test_a_bank_goes_out_and_comes_in_equal(bank: Bank) -> None:
    shown = pictures_of_bank(bank)
    pictures = {sha: data for sha, data in SHELF.kept.items() if sha in shown}
    read = packs.inspect(exports.pack_files(exam(), bank, pictures))
    assert [f.reason for f in read.findings if f.file != "exam.yaml"] == []
    assert read.bank.questions == bank.questions
    assert read.bank.materials == bank.materials
    assert read.bank.pictures == pictures
    assert not any(remark.advice is Advice.FILE_LEFT_OUT for remark in read.remarks)


def test_a_photograph_keeps_its_bytes_and_a_drawing_its_pixels() -> None:
    again = PictureShelf(SHELF.kept)
    assert {again.take(data).sha256 for data in SHELF.kept.values()} == set(SHELF.kept)
    assert any(data.startswith(b"\xff\xd8") for data in SHELF.kept.values())


def test_names_of_exported_pictures_say_their_format() -> None:
    stems = [
        Question(
            f"N-{n}", QuestionType.JUDGE, (Paragraph((Text("图"), picture)),), JUDGE_OPTIONS, "A"
        )
        for n, picture in enumerate(PICTURES)
    ]
    files = exports.pack_files(exam(), Bank(exam().sections, tuple(stems)), SHELF.kept)
    endings = sorted(name.rpartition(".")[2] for name in files if name.startswith("pictures/"))
    assert endings == ["jpg", "png", "png"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"policy": Policy(), "audience": (), "notice": ""},
        {"sections": (Section("m", "材料", SectionType.MATERIAL, 2, 1, group_size=3),)},
    ],
)
def test_the_settings_of_an_exam_come_in_equal(changes: dict[str, object]) -> None:
    published = exam(**changes)
    header, findings = read_header(write_header(published))
    assert findings == []
    assert header is not None
    for name in ("exam_id", "title", "sections", "audience", "policy", "notice"):
        assert getattr(header, name) == getattr(published, name)
    assert header.starts_at is not None
    assert header.starts_at.timestamp() * 1000 == published.starts_at


def long_stem(written: int) -> Content:
    """A stem of which the notation has so many characters, and much less is seen."""
    bold = Text("粗", (Mark.BOLD,))  # 8 characters
    dollars, rest = divmod(written - 8, 5)  # each is written as 5 characters
    return (Paragraph((Text("$" * dollars + "甲" * rest), bold)),)


def row_with(stem: Content) -> QuestionRow:
    options = ("甲", "乙")
    return QuestionRow(
        file="b", row=2, type=QuestionType.SINGLE, stem=stem, options=options, answer="A"
    )


@pytest.mark.parametrize("written", [MAX_TEXT - 1, MAX_TEXT, MAX_TEXT + 1, MOST_WRITTEN])
def test_the_longest_notation_that_was_accepted_comes_back(written: int) -> None:
    question = check_row(row_with(long_stem(written))).question
    material = Material("M-1", long_stem(written), "")
    bank = Bank((), (msgspec.structs.replace(question, material="M-1"),), (material,))
    files = exports.pack_files(exam(), bank, {})
    read = packs.inspect(files)
    assert [f.reason for f in read.findings if f.file != "exam.yaml"] == []
    assert (read.bank.questions, read.bank.materials) == (bank.questions, bank.materials)


@pytest.mark.parametrize(
    ("stem", "reason"),
    [
        (long_stem(MOST_WRITTEN + 1), "“题干”连同表格、上下标等格式的写法超过"),
        ("字" * (MAX_TEXT + 1), f"“题干”超过 {MAX_TEXT} 字"),
        (
            (
                Paragraph(
                    tuple(Text("字", (Mark.BOLD,) * (n % 2)) for n in range(MOST_INLINES + 1))
                ),
            ),
            "“题干”过于复杂",
        ),
    ],
)
def test_a_content_that_an_export_cannot_hold_is_refused(stem: Content, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_row(row_with(stem))
    with pytest.raises(ValueError, match=reason.replace("题干", "材料")):
        Materials().add("", stem, "")


def test_an_export_cuts_nothing_off() -> None:
    bank = Bank((), (check_row(row_with("问？")).question,), ())
    bank = msgspec.structs.replace(
        bank, questions=(msgspec.structs.replace(bank.questions[0], stem=long_stem(40_000)),)
    )
    [finding] = packs.inspect(exports.pack_files(exam(), bank, {})).findings[:1]
    assert finding.reason == f"“题干”超过 {MOST_WRITTEN} 字"
