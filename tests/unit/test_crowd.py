"""The pure parts of `benchmarks.crowd`: kinds of requests, the plan of the saves, and the figures."""

from collections import Counter

import pytest

from benchmarks import crowd
from benchmarks.crowd import FRAME, SAVES, UPLOAD, Outcome, Told
from chalicelib.imports import packs


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("PUT", "/api/attempts/at_x9/answers", "PUT /attempts/*/answers"),
        ("POST", "/api/attempts/at_x9/check-in/notice", "POST /attempts/*/check-in/notice"),
        ("GET", "/api/attempts/at_x9/verifications/vf_1", "GET /attempts/*/verifications/*"),
        ("POST", "/api/exams/crowd/attempts", "POST /exams/*/attempts"),
        ("GET", "/api/me", "GET /me"),
        ("POST", "/kaochang-privatebucket-1", UPLOAD),
    ],
)
def test_requests_of_all_candidates_have_one_kind(method: str, path: str, kind: str) -> None:
    assert crowd.kind_of(method, path) == kind


@pytest.mark.parametrize(
    ("beats", "saves"),
    [(SAVES - 1, SAVES - 1), (SAVES, SAVES), (SAVES + 1, SAVES), (119, SAVES)],
)
def test_a_candidate_saves_at_different_beats(beats: int, saves: int) -> None:
    plan = crowd.plan(7, beats)
    assert len(set(plan)) == saves
    assert plan == sorted(plan)
    assert set(plan) <= set(range(beats))
    assert plan == crowd.plan(7, beats)


def test_the_exam_asks_for_the_wanted_frames() -> None:
    policy = packs.read_pack(crowd.pack(90, 3)).header.policy
    assert (policy.duration_min, policy.snapshots_min, policy.snapshots_max) == (90, 3, 3)
    assert policy.waiting_opens_min == crowd.WAITING_MIN


def test_percentiles_are_told_in_milliseconds() -> None:
    assert crowd.percentiles([0.5]) == [500] * 5
    p50, p95, p99, p999, most = crowd.percentiles([n / 1000 for n in range(1001)])
    assert (p50, p95, p99, p999, most) == pytest.approx((500, 950, 990, 999, 1000))


def test_what_all_processes_have_seen_is_added_up() -> None:
    one, other = Told(acknowledged=2, retries=1), Told(acknowledged=3, differences=["lost"])
    one.times["GET /me"] += [0.1]
    other.times["GET /me"] += [0.2]
    other.refusals["GET /me 503"] += 1
    one.add(other)
    assert one.times == {"GET /me": [0.1, 0.2]}
    assert (one.acknowledged, one.retries, one.differences) == (5, 1, ["lost"])
    assert one.refusals == {"GET /me 503": 1}


def test_the_last_line_tells_what_was_lost_and_what_a_candidate_costs() -> None:
    outcome = Outcome(seconds={"exam": 2.4, "results": 0.4})
    outcome.told.times |= {"PUT /attempts/*/answers": [0.1, 0.3], FRAME: [9.0]}
    outcome.told.differences.append("candidate 1234: question 3")
    told = crowd.summary(outcome, 2, Counter(front=1.0, faces=3.0))
    assert (told["lost"], told["requests"], told["most_ms"], told["wall_s"]) == (1, 2, 300, 3)
    assert told["cpu_s_per_candidate"]["front"] == 0.5
    assert told["cpu_s_per_candidate"]["faces"] == 1.5
    assert told["cpu_s_per_candidate"]["clients"] == 0


def test_the_table_has_a_line_for_each_kind() -> None:
    lines = crowd.table({"GET /me": [0.001, 0.003], FRAME: [1.5]})
    assert len(lines) == 4
    assert "1,500" in lines[3]
