"""The demo operators of the launcher: entered like real ones, with codes that are good for one command."""

from pathlib import Path
from typing import Any

from infra.local.operators import DEMO, STEP_MS
from tests.emulator.launching import Launched


def shown(cloud: Launched) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = cloud.local("operators")["operators"]
    return rows


def enter(cloud: Launched, number: str, by: dict[str, Any]) -> Any:
    """Let somebody in; the answer of the function."""
    event = {"command_id": f"enter-{number}", "name": f"访客{number}", "staff_number": number}
    event |= {"reason": "测试", "operator": by["name"], "operator_code": by["code"]}
    return cloud.local("functions/add_operator", event)["result"]


def test_two_operators_are_there_and_stay_over_a_restart(tmp_path: Path) -> None:
    first = Launched(tmp_path / "var", seed=False)
    try:
        rows = shown(first)
        assert [(row["name"], row["staff_number"]) for row in rows] == list(DEMO)
        assert all(len(row["code"]) == 6 and 0 <= row["seconds_left"] <= 30 for row in rows)
        assert enter(first, "9001", rows[1])["ok"]
        again = enter(first, "9002", rows[1])
        assert again["errors"][0]["code"] == "operator_code_refused"
        first.local("clock", {"advance_ms": STEP_MS})
        assert shown(first)[1]["code"] != rows[1]["code"]
    finally:
        assert first.stop() == 0, first.log()
    second = Launched(tmp_path / "var", seed=False)
    try:
        second.local("clock", {"advance_ms": STEP_MS})
        for row, number in zip(shown(second), ("9003", "9004"), strict=True):
            assert enter(second, number, row)["ok"]
    finally:
        assert second.stop() == 0, second.log()
