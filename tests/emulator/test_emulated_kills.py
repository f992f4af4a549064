"""kill -9 in the middle of an exam: what was acknowledged is in the graded paper."""

from pathlib import Path

from scripts import kill_test


def test_no_acknowledged_answer_is_lost_when_everything_is_killed(
    tmp_path: Path, pictures: str
) -> None:
    outcome = kill_test.run(tmp_path / "var", candidates=3, kills=2, rounds=2, seed=7)
    assert outcome.differences == ()
    assert outcome.acknowledged == 3 * (2 * len(kill_test.QUESTIONS) + 1)
    assert len(outcome.starts_s) == 2
