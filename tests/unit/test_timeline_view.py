"""The timeline of an attempt on the operators' page: one line for each absence."""

from typing import Any

from chalicelib.desk import timeline_view
from chalicelib.timeline.model import TimelineEntry

NOW = 1_800_000_000_000


def shown(*facts_of_entries: list[dict[str, Any]]) -> str:
    entries = [
        TimelineEntry(version=n, at=NOW + n, facts=facts, previous="", hash="")
        for n, facts in enumerate(facts_of_entries, start=1)
    ]
    return str(timeline_view.show(entries, []))


def absence(
    seq: int, at: int, away_ms: int, *, ended: bool, counted: bool = True
) -> dict[str, Any]:
    return {
        "what": "absence",
        "page": 1,
        "seq": seq,
        "kind": "hidden",
        "since": NOW,
        "reported_at": at,
        "away_ms": away_ms,
        "ended": ended,
        "counted": counted,
    }


def switch(number: int, at: int, kind: str = "hidden") -> dict[str, Any]:
    return {"what": "switch", "number": number, "kind": kind, "at": at}


def test_an_absence_its_switch_and_its_end_are_one_line() -> None:
    html = shown(
        [absence(1, NOW + 1, 1000, ended=False), switch(1, NOW + 1)],
        [absence(1, NOW + 9, 8000, ended=True)],
    )
    assert html.count("离开") == 1
    assert "切屏第 1 次（切换标签页或最小化），离开 8.0 秒" in html


def test_absences_stay_apart() -> None:
    html = shown(
        [absence(1, NOW + 1, 1000, ended=True), switch(1, NOW + 1)],
        [absence(2, NOW + 2, 300, ended=True, counted=False)],
        [absence(3, NOW + 3, 2000, ended=True), switch(2, NOW + 3)],
    )
    assert html.count("离开") == 3
    assert "切屏第 2 次（切换标签页或最小化），离开 2.0 秒" in html
    assert "离开页面 0.3 秒（切换标签页或最小化），" in html


def test_a_lost_page_is_a_switch_without_an_absence() -> None:
    html = shown(
        [absence(1, NOW + 1, 1000, ended=True), switch(1, NOW + 1)],
        [switch(2, NOW + 5, "page_lost")],
    )
    assert "切屏第 2 次（页面关闭、刷新或崩溃）" in html
    assert html.count("切屏第") == 2
