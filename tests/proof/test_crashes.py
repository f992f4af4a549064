"""A crash at any AWS call: after the usual retries the result is the same as without a crash."""

from unittest import mock

import pytest

from tests.proof import desk, extent, partners, platforms, scenarios
from tests.proof.crashes import Scenario, everything_to_cover, try_all
from tests.proof.world import World

ALL = [*scenarios.ALL, *desk.ALL, *platforms.ALL, *partners.ALL]


def test_every_route_and_function_has_a_scenario() -> None:
    assert {scenario.covers for scenario in ALL} == everything_to_cover()


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.name)
def test_a_crash_at_any_call_is_as_if_there_had_been_none(
    living: World, scenario: Scenario
) -> None:
    report = try_all(living, scenario)
    assert not (problems := report.problems()), "\n".join(problems)


def test_a_command_that_forgets_what_it_did_is_seen(living: World) -> None:
    """Without the guard, a grant whose answer was lost is given twice."""
    [grant] = [scenario for scenario in ALL if scenario.name == "grant chances"]
    forgetful = mock.patch("chalicelib.attempts.commands._new", return_value=True)
    with forgetful, mock.patch.object(extent, "EVERYTHING", True):
        problems = try_all(living, grant).problems()
    assert any("after call" in problem and '"granted": 14' in problem for problem in problems)
