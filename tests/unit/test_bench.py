"""The table of `make bench`: what counts as missed, and that it replaces the one before."""

import pytest

from benchmarks import bench
from benchmarks.bench import BEGIN, END, Figure


@pytest.mark.parametrize(("value", "verdict"), [(29.9, "ok"), (30.0, "ok"), (30.1, "**missed**")])
def test_a_budget_is_missed_above_it(value: float, verdict: str) -> None:
    row = Figure("package_mb", "package", value, 30, " MB").row()
    assert row == f"| package | {value:.3g} MB | 30 MB | {verdict} |"


def test_a_figure_without_a_budget_has_no_verdict() -> None:
    assert Figure("loop_s", "a loop", 0.4321, unit=" s").row() == "| a loop | 0.432 s |  |  |"


def test_only_what_stands_between_the_comments_is_replaced() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter"
    assert bench.replaced(text, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter"


@pytest.mark.parametrize("text", [BEGIN, END, f"{BEGIN}{BEGIN}{END}"])
def test_a_page_without_the_comments_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="unpack"):
        bench.replaced(text, "new")


def test_the_page_of_figures_has_the_comments() -> None:
    assert bench.replaced(bench.README.read_text("utf-8"), "")
