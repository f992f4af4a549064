"""A deployment that fails says which resources failed, and why: the cause before what followed from it."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.deploy import DeployError, Deployment

Json = dict[str, Any]
STACK = "kaochang-prod"
STACK_ID = "arn:aws:cloudformation:ap-southeast-1:1:stack/kaochang-prod/1"


def event(name: str, status: str, reason: str | None = None) -> Json:
    told = {"ResourceStatusReason": reason} if reason else {}
    of_the_stack = name == STACK
    return {
        "StackId": STACK_ID,
        "LogicalResourceId": name,
        "PhysicalResourceId": STACK_ID if of_the_stack else f"{name}-1",
        "ResourceType": "AWS::CloudFormation::Stack" if of_the_stack else "AWS::SQS::Queue",
        "ResourceStatus": status,
        **told,
    }


class Account:
    """Speaks of one stack, with its events in pages, the oldest event first in the argument."""

    region = "ap-southeast-1"

    def __init__(self, status: str, events: list[Json], page: int = 3) -> None:
        self._status = status
        newest_first = events[::-1]
        starts = range(0, len(newest_first), page)
        self._pages = [newest_first[start : start + page] for start in starts]
        self.asked = 0

    def call(self, service: str, operation: str, **arguments: Any) -> Json:
        if operation == "describe_stack_events":
            number = int(arguments.get("NextToken", "0"))
            self.asked += 1
            more = {"NextToken": str(number + 1)} if number + 1 < len(self._pages) else {}
            return {"StackEvents": self._pages[number], **more}
        if operation == "describe_stacks":
            return {"Stacks": [{"StackStatus": self._status, "StackStatusReason": "a summary"}]}
        return {}

    def exists(self, service: str, operation: str, **arguments: Any) -> bool:
        return operation == "describe_stacks"

    def endpoint(self, service: str) -> str:
        return "https://s3.example"


EARLIER = [
    event(STACK, "CREATE_IN_PROGRESS", "User Initiated"),
    event("Old", "CREATE_FAILED", "of the run before"),
    event(STACK, "UPDATE_ROLLBACK_COMPLETE"),
]
NOW = [
    event(STACK, "UPDATE_IN_PROGRESS", "User Initiated"),
    event("Queue", "CREATE_IN_PROGRESS"),
    event("Queue", "CREATE_FAILED", "You are not authorized"),
    event("Table", "CREATE_FAILED", "Resource creation cancelled"),
    event("Topic", "UPDATE_FAILED", "The name is taken"),
    event(STACK, "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed"),
    event("Queue", "DELETE_COMPLETE"),
    event(STACK, "UPDATE_ROLLBACK_COMPLETE"),
]


def failure(account: Account) -> list[str]:
    run = Deployment(account, "prod", rest=lambda: None)
    with pytest.raises(DeployError) as caught:
        run._outputs()
    return str(caught.value).splitlines()


@pytest.mark.parametrize("page", [1, 2, 100])
def test_the_first_cause_comes_first_and_what_was_only_cancelled_is_left_out(page: int) -> None:
    said = failure(Account("UPDATE_ROLLBACK_COMPLETE", EARLIER + NOW, page))
    assert said == [
        "kaochang-prod ended in UPDATE_ROLLBACK_COMPLETE: a summary",
        "  Queue (AWS::SQS::Queue) CREATE_FAILED: You are not authorized",
        "  Topic (AWS::SQS::Queue) UPDATE_FAILED: The name is taken",
    ]


def test_no_more_pages_are_read_than_the_newest_change_has() -> None:
    account = Account("UPDATE_ROLLBACK_COMPLETE", EARLIER + NOW, page=len(NOW))
    failure(account)
    assert account.asked == 1


def test_a_first_deployment_that_fails_names_its_failures() -> None:
    events = [event(STACK, "REVIEW_IN_PROGRESS"), event(STACK, "CREATE_IN_PROGRESS")]
    events += [event("Queue", "CREATE_FAILED", "No"), event(STACK, "ROLLBACK_COMPLETE")]
    assert failure(Account("ROLLBACK_COMPLETE", events))[1:] == [
        "  Queue (AWS::SQS::Queue) CREATE_FAILED: No"
    ]


def test_what_was_cancelled_is_told_when_nothing_else_is() -> None:
    events = [event(STACK, "CREATE_IN_PROGRESS")]
    events += [event("Table", "CREATE_FAILED", "Resource creation Cancelled")]
    events += [event("Queue", "CREATE_FAILED")]
    assert [line.split()[0] for line in failure(Account("ROLLBACK_FAILED", events))[1:]] == [
        "Queue"
    ]
    only = [events[0], events[1]]
    assert [line.split()[0] for line in failure(Account("ROLLBACK_FAILED", only))[1:]] == ["Table"]


def test_a_stack_without_failed_events_still_says_how_it_ended() -> None:
    assert failure(Account("UPDATE_ROLLBACK_COMPLETE", [event(STACK, "UPDATE_IN_PROGRESS")])) == [
        "kaochang-prod ended in UPDATE_ROLLBACK_COMPLETE: a summary"
    ]


def test_taking_down_that_fails_names_what_stays() -> None:
    events = [event(STACK, "DELETE_IN_PROGRESS"), event("Role", "DELETE_FAILED", "It is in use")]
    events += [event(STACK, "DELETE_FAILED", "The following resource(s) failed to delete")]
    run = Deployment(Account("DELETE_FAILED", events), "prod", rest=lambda: None)
    with pytest.raises(DeployError, match=r"DELETE_FAILED\n  Role .* It is in use$"):
        run.undeploy()


def test_a_change_set_that_fails_stops_before_the_page_is_uploaded(tmp_path: Path) -> None:
    """The page is never newer than the functions behind it."""
    account = Account("UPDATE_ROLLBACK_COMPLETE", NOW)
    calls: list[str] = []
    plain = account.call

    def call(service: str, operation: str, **arguments: Any) -> Json:
        calls.append(operation)
        return (
            {"Status": "CREATE_COMPLETE"}
            if operation == "describe_change_set"
            else plain(service, operation, **arguments) | {"Account": "1"}
        )

    account.call = call  # type: ignore[method-assign]
    provider = {"SmsProvider": {"Type": "String", "Default": "sns"}}
    template = {"Parameters": provider, "Resources": {}, "Outputs": {}}
    (tmp_path / "sam.yaml").write_text(json.dumps(template))
    with pytest.raises(DeployError, match="You are not authorized"):
        Deployment(account, "prod", rest=lambda: None).deploy(tmp_path, tmp_path, {})
    assert calls[-1] == "describe_stack_events"
    assert "put_object" in calls  # the template
    assert "create_invalidation" not in calls
