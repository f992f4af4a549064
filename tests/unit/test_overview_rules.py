"""What an operator sees of an exam: who comes first, pages, the last sign of life, and how moments are told."""

import msgspec
import pytest

from chalicelib.attempts import overview, watch
from chalicelib.attempts.board import board_of
from chalicelib.attempts.model import Listed
from chalicelib.attempts.overview import AttemptStanding
from chalicelib.desk import parts
from chalicelib.desk.actions import call
from chalicelib.proctoring.model import Integrity, IntegrityRule, IntegrityState, Verdict
from chalicelib.shared.html import Html, el, join
from tests.unit.attempts import T0, attempt, started

FLAGGED = Integrity(IntegrityState.FLAGGED, IntegrityRule.MISMATCH)
INVALID = Integrity(IntegrityState.INVALIDATED, IntegrityRule.SEVERAL)
OVERTURNED = Integrity(IntegrityState.OVERTURNED, IntegrityRule.SEVERAL)


@pytest.mark.parametrize(
    ("row", "standing"),
    [
        (Listed("a"), AttemptStanding.OPENED),
        (Listed("a", started_at=1), AttemptStanding.STARTED),
        (Listed("a", started_at=1, submitted_at=2), AttemptStanding.SUBMITTED),
        (Listed("a", started_at=1, integrity=FLAGGED), AttemptStanding.FLAGGED),
        (Listed("a", started_at=1, submitted_at=2, integrity=FLAGGED), AttemptStanding.FLAGGED),
        (Listed("a", started_at=1, submitted_at=2, integrity=INVALID), AttemptStanding.INVALIDATED),
        (
            Listed("a", started_at=1, submitted_at=2, integrity=OVERTURNED),
            AttemptStanding.SUBMITTED,
        ),
    ],
)
def test_each_attempt_stands_in_one_place(row: Listed, standing: AttemptStanding) -> None:
    assert overview.standing(row) is standing
    assert board_of([row], T0).count(standing) == 1


def test_who_needs_an_operator_comes_first_and_the_order_stays() -> None:
    rows = [Listed("d"), Listed("b", started_at=1), Listed("a", started_at=1)]
    rows.append(Listed("z", integrity=FLAGGED))
    assert [row.attempt_id for row in overview.urgent_first(rows)] == ["z", "a", "b", "d"]
    assert [row.attempt_id for row in overview.urgent_first(rows, AttemptStanding.OPENED)] == ["d"]


@pytest.mark.parametrize(
    ("rows", "number", "shown", "here", "pages"),
    [
        (0, 1, 0, 1, 1),
        (20, 1, 20, 1, 1),
        (21, 1, 20, 1, 2),
        (21, 2, 1, 2, 2),
        (21, 3, 1, 2, 2),
        (21, 0, 20, 1, 2),
        (40, 2, 20, 2, 2),
    ],
)
def test_a_long_list_is_cut_into_pages(
    rows: int, number: int, shown: int, here: int, pages: int
) -> None:
    part, at, of = overview.cut(range(rows), number, 20)
    assert (len(part), at, of) == (shown, here, pages)


def test_the_newest_sign_of_life_counts() -> None:
    assert overview.last_seen(attempt(opened_at=T0)) == T0
    assert overview.last_seen(attempt(opened_at=T0, saved_at=T0 + 7)) == T0 + 7
    asked = {"0": T0 + 5, "1": T0 + 9}
    assert overview.last_seen(attempt(opened_at=T0, saved_at=T0 + 7, asked=asked)) == T0 + 9


@pytest.mark.parametrize(("verdict", "there"), [(Verdict.MATCH, True), (Verdict.MISSING, False)])
def test_a_frame_that_was_sent_is_a_sign_of_life(verdict: Verdict, there: bool) -> None:
    running = started(snapshot_seed="secret")
    moment = watch.moments(running)[4]
    seen = overview.last_seen(msgspec.structs.replace(running, verdicts={"4": verdict}))
    assert (seen == moment) is there


@pytest.mark.parametrize(
    ("ms", "told"),
    [
        (-1, "0 秒前"),
        (0, "0 秒前"),
        (59_999, "59 秒前"),
        (60_000, "1 分钟前"),
        (3_599_999, "59 分钟前"),
        (3_600_000, "1 小时前"),
    ],
)
def test_how_long_ago_something_was(ms: int, told: str) -> None:
    assert parts.ago(T0, T0 + ms) == told


def test_moments_are_told_as_in_china() -> None:
    assert parts.moment(0) == "01-01 08:00:00"
    assert parts.moment(None) == ""
    assert parts.day_and_minute(0) == "1970-01-01 08:00"


# --- the builder of markup ------------------------------------------------------------------------------


def test_text_is_escaped_and_markup_is_not() -> None:
    assert str(join("<b>", el("i", "&"), None, 7)) == "&lt;b&gt;<i>&amp;</i>7"
    assert str(el("p", class_='"><x')) == '<p class="&quot;&gt;&lt;x"></p>'
    assert str(el("input", name="a", selected=True, title=None, hidden=False)) == (
        '<input name="a" selected>'
    )


@pytest.mark.parametrize("name", ["a b", "a>", "", "A", "1a", 'a"'])
def test_a_name_that_is_none_is_an_error_of_ours(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        el(name)
    with pytest.raises(ValueError, match="no name"):
        el("a", **{name: "x"})


def test_parameters_of_a_button_hold_no_markup() -> None:
    made = str(call(Html("<a></a>"), "arn", {"x": "</cwdb-action><b>&'\""}, confirmation='"?'))
    assert made == (
        '<a></a><cwdb-action action="call" display="widget" endpoint="arn" confirmation="&quot;?">'
        '{"x": "\\u003c/cwdb-action\\u003e\\u003cb\\u003e\\u0026\'\\""}</cwdb-action>'
    )
