"""Whether the policy of each function allows what the function did on a whole exam day.

The emulator allows everything, so a missing permission would first show on AWS.
"""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from examples.demo import Browser, Day
from infra.local.aws import Aws
from infra.local.resources import STACK
from tests.emulator.launching import PROJECT, Launched

SERVICES = {"secrets-manager": "secretsmanager"}
ACTIONS = {"s3:HeadObject": "s3:GetObject"}  # IAM's other name for an operation


def grants(function: str) -> list[tuple[str, str]]:
    """The policy of a function as pairs of action and resource, `AttemptsTable/index/overdue`."""
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    file = PROJECT / ".chalice" / config["lambda_functions"][function]["iam_policy_file"]
    pairs = []
    for statement in json.loads(file.read_text())["Statement"]:
        resources = statement["Resource"]
        for resource in resources if isinstance(resources, list) else [resources]:
            pairs += [(action, plain(resource)) for action in statement["Action"]]
    return pairs


def plain(resource: Any) -> str:
    """A resource of a policy without the intrinsic functions round it."""
    if isinstance(resource, str):
        return resource
    if "Fn::GetAtt" in resource:
        return str(resource["Fn::GetAtt"][0])
    text = resource.get("Fn::Sub") or resource["Ref"]
    return str(text).replace("${", "").replace(".Arn}", "")


def needs(call: str, logical: dict[str, str]) -> tuple[str, str]:
    """`dynamodb.Query kaochang-ExamsTable-1/index/listed` as action and resource."""
    operation, _, target = call.partition(" ")
    service, _, name = operation.partition(".")
    action = f"{SERVICES.get(service, service)}:{name}"
    thing, slash, rest = target.partition("/")
    return ACTIONS.get(action, action), logical.get(thing, thing) + slash + rest


def allows(granted: list[tuple[str, str]], action: str, resource: str) -> bool:
    """Services other than DynamoDB and S3 tell no resource: the action alone is compared."""
    return any(
        action == allowed and (not resource or fnmatchcase(resource, pattern))
        for allowed, pattern in granted
    )


def live(address: str, *, seed: int, until: str = "") -> None:
    """The demo's candidate: the whole day, or up to a step after which they never come back."""
    for name, step in Day(Browser(address), seed).steps():
        step()
        if until and until in name:
            return


@pytest.fixture
def own_day(tmp_path: Path) -> Iterator[Launched]:
    """An embedded cloud whose clock nobody else moves."""
    running = Launched(tmp_path / "var", seed=False)
    yield running
    assert running.stop() == 0, running.log()


def test_policies_allow_what_functions_do(own_day: Launched, pictures: str) -> None:
    for _, step in Day(Browser(own_day.address), seed=3).with_company():  # with snapshots
        step()
    live(own_day.address, seed=1, until="作答前")
    live(own_day.address, seed=2)
    own_day.local("clock", {"advance_ms": 3 * 60 * 60_000})  # the schedule closes the first
    own_day.local("functions/read_timeline", {"attempt_id": "at_nobody"})
    command = {"attempt_id": "at_nobody", "command_id": "test-0001", "operator": "o"}
    command |= {"reason": "a test", "version_seen": 1}
    own_day.local("functions/grant_chances", {**command, "count": 1})
    own_day.local("functions/extend_time", {**command, "extra_min": 1})
    own_day.local("functions/reopen_attempt", {**command, "allowed_min": 1})
    own_day.local("functions/confirm_flag", {**command, "rule": "other_person", "confirmed": True})
    exam = own_day.http.get("/api/exams").json()["exams"][0]
    everybody = {**command, "exam_id": exam["exam_id"]}
    del everybody["attempt_id"]
    own_day.local("functions/compensate_exam", {**everybody, "extra_min": 1})
    move = {**everybody, "command_id": "test-0002", "starts_at": exam["starts_at"]}
    own_day.local("functions/reschedule_exam", {**move, "version_seen": 2})

    own_day.local("functions/list_tickets", {})
    own_day.local("functions/read_ticket", {"ticket_id": "tk-none"})
    del command["attempt_id"]
    decision = {**command, "ticket_id": "tk-none", "decision": "rejected"}
    own_day.local("functions/decide_ticket", decision)

    stack = Aws(own_day.local("health")["emulator"]).client("cloudformation")
    listed = stack.describe_stack_resources(StackName=STACK)["StackResources"]
    logical = {entry["PhysicalResourceId"]: entry["LogicalResourceId"] for entry in listed}
    [dropbox] = [name for name, wanted in logical.items() if wanted == "DropboxBucket"]
    pack = {"pack_bucket": dropbox, "pack_key": "packs/none.zip"}
    own_day.local("functions/check_exam_pack", pack)

    health = own_day.local("health")
    for function in health["functions"]:
        assert function["aws_calls_seen"], f"{function['name']} did nothing"
        granted = grants(function["name"])
        for call in function["aws_calls_seen"]:
            assert allows(granted, *needs(call, logical)), f"{function['name']} may not {call}"
