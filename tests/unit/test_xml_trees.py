"""XML from outside: names without namespaces, no definitions, and limits that count while it is read."""

import pytest

from chalicelib.imports import banks
from chalicelib.notation.xml_trees import MOST_DEPTH, XmlRefused, parse_xml

BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><x>&b;</x>"""


def nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


def test_names_have_no_namespaces() -> None:
    root = parse_xml(b'<q:a xmlns:q="u" xmlns:r="v" r:id="1"><q:b>x</q:b></q:a>')
    assert (root.tag, root.attrib, root[0].tag, root[0].text) == ("a", {"id": "1"}, "b", "x")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (BOMB, "不允许的 XML 定义"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "不允许的 XML 定义"),
        (b"<a>", "已损坏"),
        (b"", "已损坏"),
        (b'<?xml version="1.0" encoding="none"?><a/>', "已损坏"),
        (nested(MOST_DEPTH + 1), "过于复杂"),
        (b"<a>" + b"<b/>" * 3 + b"</a>", "过于复杂"),
    ],
)
def test_hostile_and_damaged_files_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(XmlRefused, match=reason):
        parse_xml(data, 3 if b"<b/>" in data else 1_000)


def test_up_to_its_limits_a_file_is_read() -> None:
    assert parse_xml(nested(MOST_DEPTH))
    assert len(parse_xml(b"<a>" + b"<b/>" * 3 + b"</a>", 4)) == 3


@pytest.mark.parametrize(
    ("questions", "categories", "reason"),
    [(20_000, 5, "不是有效的 XML"), (20_001, 0, "超过 20000 题"), (20_001, 5, "超过 20000 题")],
)
def test_questions_of_a_quiz_are_counted_before_it_is_read(
    questions: int, categories: int, reason: str
) -> None:
    """The file has no end, so reading it would refuse it for another reason."""
    quiz = (
        b"<quiz>"
        + b'<question type="category"/>' * categories
        + b'<question type="essay"/>' * questions
    )
    [finding] = banks.read_bank({"questions/quiz.xml": quiz}).findings
    assert reason in finding.reason
