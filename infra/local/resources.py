"""Tables, buckets, secret and rules in the emulator, created from infra/resources.yaml.

The emulator's own CloudFormation does the work. What goes to it is the template less the parts that
only AWS can run (functions, API), plus what the launcher needs to see: for each function that an
EventBridge rule wakes, a queue behind the same rule; and the values of the functions' environment.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import ClientError

from infra.local.aws import Aws
from infra.local.errors import LaunchError

STACK = "kaochang"
DEPLOYED_WITHIN_S = 60
TRIES = 3  # of an event without a queue of its own
Json = dict[str, Any]


@dataclass(frozen=True)
class Tap:
    """The queue in which events for one function wait.

    With an `arn` it is the function's own event source: it gets the messages. Without one the launcher put
    the queue behind an EventBridge rule: the function gets what is in the messages. `tries`: how often an event is
    delivered before it is a dead letter.
    """

    function: str
    queue_url: str
    arn: str = ""
    tries: int = TRIES


@dataclass(frozen=True)
class Stream:
    """A table's stream, and the filter of the records that call a function."""

    function: str
    arn: str
    batch_size: int
    patterns: tuple[Json, ...]

    @property
    def table(self) -> str:
        """The name of the table: an ARN of a stream is `arn:…:table/<name>/stream/<label>`."""
        return self.arn.split("/")[1]


@dataclass(frozen=True)
class Deployment:
    """The created resources, as functions and dispatcher need them."""

    environment: dict[str, str]
    taps: tuple[Tap, ...]
    streams: tuple[Stream, ...]


def deploy(aws: Aws, template_file: Path, parameters: dict[str, str]) -> Deployment:
    """Create the resources or update them to the template. Without a change of the template nothing happens."""
    template = yaml.safe_load(template_file.read_text("utf-8"))
    known = {name: value for name, value in parameters.items() if name in template["Parameters"]}
    outputs = _apply(aws, json.dumps(local_template(template)), known)
    variables = _variables(template)
    return Deployment(
        environment={name: outputs[_key("Env", name)] for name in variables},
        taps=(
            *(Tap(function, outputs[_key("Tap", function)]) for function in _patterns(template)),
            *(
                Tap(
                    function,
                    outputs[_key("Queue", function)],
                    outputs[_key("QueueArn", function)],
                    template["Resources"][queue]["Properties"]["RedrivePolicy"]["maxReceiveCount"],
                )
                for function, queue in _queues(template).items()
            ),
        ),
        streams=tuple(
            Stream(
                function=function,
                arn=outputs[_key("Stream", function)],
                batch_size=source.get("BatchSize", 100),
                patterns=tuple(
                    json.loads(entry["Pattern"])
                    for entry in source.get("FilterCriteria", {}).get("Filters", [])
                ),
            )
            for function, source in _stream_sources(template).items()
        ),
    )


def local_template(template: Json) -> Json:
    """Return the part of the template that the emulator runs, with taps and outputs added."""
    resources: Json = {
        name: resource
        for name, resource in template["Resources"].items()
        if not resource.get("Type", "AWS::Serverless::").startswith("AWS::Serverless::")
        and resource["Type"]
        != "AWS::S3::BucketPolicy"  # requires TLS, which loopback does not have
    }
    outputs: Json = {}
    for name, value in _variables(template).items():
        outputs[_key("Env", name)] = {"Value": value}
    for function, pattern in _patterns(template).items():
        queue = _key("Tap", function)
        resources[queue] = {"Type": "AWS::SQS::Queue", "Properties": {}}
        resources[_key("Rule", function)] = {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": pattern,
                "Targets": [{"Id": "tap", "Arn": {"Fn::GetAtt": [queue, "Arn"]}}],
            },
        }
        outputs[queue] = {"Value": {"Ref": queue}}
    for function, queue in _queues(template).items():
        outputs[_key("Queue", function)] = {"Value": {"Ref": queue}}
        outputs[_key("QueueArn", function)] = {"Value": {"Fn::GetAtt": [queue, "Arn"]}}
    for function, source in _stream_sources(template).items():
        outputs[_key("Stream", function)] = {"Value": source["Stream"]}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": template["Parameters"],
        "Resources": resources,
        "Outputs": outputs,
    }


def _key(kind: str, name: str) -> str:
    """Return a logical id: CloudFormation allows letters and digits only."""
    return kind + name.title().replace("_", "") if kind == "Env" else kind + name


def _variables(template: Json) -> Json:
    variables: Json = template["Globals"]["Function"]["Environment"]["Variables"]
    return variables


def _event_sources(template: Json) -> list[tuple[str, Json]]:
    return [
        (function, event["Properties"])
        for function, resource in template["Resources"].items()
        for event in resource.get("Properties", {}).get("Events", {}).values()
    ]


def _patterns(template: Json) -> Json:
    sources = _event_sources(template)
    return {function: event["Pattern"] for function, event in sources if "Pattern" in event}


def _queues(template: Json) -> dict[str, str]:
    """Return the logical ids of the queues that functions read themselves."""
    sources = _event_sources(template)
    return {name: event["Queue"]["Fn::GetAtt"][0] for name, event in sources if "Queue" in event}


def _stream_sources(template: Json) -> Json:
    sources = _event_sources(template)
    return {function: event for function, event in sources if "Stream" in event}


def _apply(aws: Aws, template: str, parameters: dict[str, str]) -> dict[str, str]:
    cloud = aws.client("cloudformation")
    wanted = {
        "StackName": STACK,
        "TemplateBody": template,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
    }
    try:
        cloud.update_stack(**wanted) if _exists(cloud) else cloud.create_stack(**wanted)
    except ClientError as error:
        if "No updates" not in str(error):
            raise LaunchError(f"infra/resources.yaml was refused: {error}") from error
    stack = _wait(cloud)
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def _exists(cloud: Any) -> bool:
    try:
        return bool(cloud.describe_stacks(StackName=STACK)["Stacks"])
    except ClientError:
        return False


def _wait(cloud: Any) -> Json:
    patience = time.monotonic() + DEPLOYED_WITHIN_S
    while True:
        stack: Json = cloud.describe_stacks(StackName=STACK)["Stacks"][0]
        status = stack["StackStatus"]
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return stack
        if not status.endswith("IN_PROGRESS") or time.monotonic() > patience:
            reason = stack.get("StackStatusReason", "no reason given")
            raise LaunchError(f"Creating infra/resources.yaml ended in {status}: {reason}")
        time.sleep(0.05)
