"""Whole exams as verdicts of their frames, and what they come to."""

import pathlib

import pytest

from scripts import stories
from scripts.stories import Story

OURS = pathlib.Path(__file__).with_name("stories.csv")


@pytest.mark.parametrize("story", stories.read_stories(OURS), ids=lambda story: story.name)
def test_a_story_comes_to_what_it_must(story: Story) -> None:
    assert stories.in_words(stories.tell(story)) == story.expected


def test_the_command_tells_each_story_and_counts(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "two.csv"
    table.write_text("story,frames,must come to\na,match*20,clear\nb,no_face*4,clear\n", "utf-8")
    assert stories.main([str(table)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "a\tclear\tclear",
        "b\tclear\tflagged:unseen",
        "1 passed, 1 failed",
    ]
    assert stories.main([str(OURS)]) == 0


@pytest.mark.parametrize(
    "row", ["a,smile*20,clear", "a,match*x,clear", "a,match", "a,,clear", "a,match then ,clear"]
)
def test_a_table_that_nobody_understands_is_named(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], row: str
) -> None:
    table = tmp_path / "bad.csv"
    table.write_text(f"story,frames,must come to\n{row}\n", "utf-8")
    assert stories.main([str(table)]) == 2
    assert "row 2" in capsys.readouterr().err
    assert stories.main([str(tmp_path / "none.csv")]) == 2
