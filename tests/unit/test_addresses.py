"""Addresses of pictures: files beside the bank are taken, nothing is fetched, and no address is taken for a file."""

import pytest

from chalicelib.imports.banks import BankReading
from chalicelib.notation.addresses import data_of_uri, file_name, refuse_no_file
from tests.unit import test_moodle as moodle
from tests.unit import test_qti as qti
from tests.unit.formats import PNG, PNG_BASE64, package, png, questions, read, reasons

ELSEWHERE = [
    *("http://e.com/a.png", "HTTPS://e.com/a.png", "//e.com/a.png", "ftp://e.com/a.png"),
    *("file:///C:/a.png", r"\\\\server\a.png", " http://e.com/a.png", "www.e.com/a.png"),
    *("cid:a.png", "blob:a.png", "s3://bucket/a.png", "http:a.png"),
]
BESIDE = ["a.png", "pictures/a.png", "./a.png", "/a.png", r"pictures\a.png", "http.png", "cid.png"]
DATA = f"data:image/png;base64,{PNG_BASE64}"
FILES = {"pictures/a.png": PNG}


@pytest.mark.parametrize("address", ELSEWHERE)
def test_an_address_elsewhere_is_no_file(address: str) -> None:
    with pytest.raises(ValueError, match="图片不会下载"):
        refuse_no_file(address)


@pytest.mark.parametrize("name", BESIDE)
def test_names_and_paths_are_no_addresses(name: str) -> None:
    refuse_no_file(name)


def test_pictures_inside_of_their_address() -> None:
    assert data_of_uri("data:image/png;base64,YWJj") == b"abc"
    assert data_of_uri("a.png") is None
    with pytest.raises(ValueError, match="已损坏"):
        data_of_uri("data:image/png;base64,YWJ")


def test_names_of_files_in_addresses() -> None:
    assert (
        file_name("@@PLUGINFILE@@/%E5%8D%B0%20a.png?forcedownload=1") == "@@PLUGINFILE@@/印 a.png"
    )


def in_table(source: str) -> BankReading:
    return read("b.csv", f"题型,题干,答案\n判断,![x]({source})对？,对\n", FILES)


def in_column(source: str) -> BankReading:
    return read("b.csv", f"题型,题干,图片,答案\n判断,对？,{source},对\n", FILES)


def in_gift(source: str) -> BankReading:
    return read("b.gift", f"::一::![x]({source}) 对？ {{T}}".replace(":/", "\\:/"), FILES)


def in_moodle(source: str, kind: str = "html") -> BankReading:
    shown = f"<img src='{source}'>" if kind == "html" else f"![x]({source})"
    parts = moodle.text(f"对？{shown}", kind=kind), moodle.answer("100", "true")
    return read("b.xml", moodle.quiz(moodle.question("truefalse", "一", *parts)), FILES)


def in_markdown(source: str) -> BankReading:
    return in_moodle(source, "markdown")


def in_item(source: str) -> BankReading:
    body = f'<p><img src="{source}"/></p>{qti.choices("甲", "乙")}'
    return read("b.xml", qti.item("一", body, qti.response("R", "C0")), FILES)


def in_package(source: str) -> BankReading:
    body = f'<p><img src="{source}"/></p>{qti.choices("甲", "乙")}'
    item = qti.item("一", body, qti.response("R", "C0"))
    return read("b.zip", package({"1.xml": item, "a.png": PNG}, {"1.xml": qti.V21}))


PLACES = [in_table, in_column, in_gift, in_moodle, in_markdown, in_item, in_package]


@pytest.mark.parametrize("place", PLACES)
def test_a_picture_of_the_network_is_refused_by_row_though_a_file_has_its_last_name(
    place: object,
) -> None:
    assert callable(place)
    found = place("http://e.com/a.png")
    [(row, why)] = reasons(found)
    assert row in (1, 2)
    assert "不会下载：http://e.com/a.png。请把图片文件与题库放在一起" in why
    assert found.pictures == {}
    assert len(place("a.png").pictures) == 1


@pytest.mark.parametrize("place", [in_moodle, in_item, in_package])
def test_html_may_hold_pictures_in_their_address(place: object) -> None:
    assert callable(place)
    assert len(place(DATA).pictures) == 1
    [(_, why)] = reasons(place("data:image/svg+xml,a.png"))
    assert "写在地址里的图片" in why


@pytest.mark.parametrize("place", [in_table, in_markdown])
def test_the_written_notation_holds_no_pictures_in_their_address(place: object) -> None:
    assert callable(place)
    [(_, why)] = reasons(place(DATA.replace(",", "，") if place is in_table else DATA))
    assert "这里不读写在地址里的图片" in why


def test_a_file_that_comes_with_a_question_is_taken_before_one_beside_the_bank() -> None:
    inside = f'<file name="a.png" path="/" encoding="base64">{PNG_BASE64}</file>'
    parts = moodle.text("对？![x](@@PLUGINFILE@@/a.png)", kind="markdown", more=inside)
    asked = moodle.question("truefalse", "一", parts, moodle.answer("100", "true"))
    found = read("b.xml", moodle.quiz(asked), {"a.png": png(colour="blue")})
    alone = read("b.xml", moodle.quiz(asked))
    assert questions(found) == questions(alone)


def test_a_stimulus_of_the_network_is_refused() -> None:
    reference = '<assessmentStimulusRef identifier="s" href="http://e.com/../../s.xml"/>'
    item = qti.item("一", qti.choices("甲", "乙"), qti.response("R", "C0"), reference)
    data = package({"1.xml": item, "s.xml": qti.STIMULUS}, {"1.xml": qti.V21})
    [(_, why)] = reasons(read("b.zip", data))
    assert "不会下载" in why
