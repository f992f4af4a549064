"""The packaged template, deployed whole: references, policies, mappings, API."""

import copy
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local import emulator
from infra.local.aws import Aws
from infra.package import APP_ZIP, LAYER_ZIP
from tests.emulator.launching import emulator_program
from tests.infra.conftest import Built
from tests.infra.test_package import HANDLERS

STACK = "packaged"


def uploaded(aws: Aws, built: Built) -> str:
    """Template and archives in S3, as `aws cloudformation package` and `deploy --s3-bucket` leave them.

    Returns the template's address: as an argument it could have 51,200 bytes at most.
    """
    s3 = aws.client("s3")
    where = {"LocationConstraint": emulator.REGION}
    s3.create_bucket(Bucket="archives", CreateBucketConfiguration=where)
    template = copy.deepcopy(built.template)
    for name in (APP_ZIP, LAYER_ZIP):
        s3.put_object(Bucket="archives", Key=name, Body=(built.out / name).read_bytes())
    for resource in template["Resources"].values():
        properties: dict[str, Any] = resource.get("Properties", {})
        for key in ("CodeUri", "ContentUri"):
            if key in properties:
                properties[key] = f"s3://archives/{Path(properties[key]).name}"
    s3.put_object(Bucket="archives", Key="template.json", Body=json.dumps(template).encode())
    return f"{s3.meta.endpoint_url}/archives/template.json"


@pytest.fixture(scope="module")
def deployed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    running = emulator.start(
        emulator_program(), tmp_path_factory.mktemp("deployed"), emulator.free_port()
    )
    try:
        aws = Aws(running.url)
        aws.client("cloudformation").create_stack(
            StackName=STACK,
            TemplateURL=uploaded(aws, built),
            Parameters=[
                {"ParameterKey": "SiteOrigin", "ParameterValue": "https://exam.example.cn"}
            ],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        yield aws
    finally:
        running.stop()


def test_the_whole_stack_comes_up(deployed: Aws) -> None:
    cloud = deployed.client("cloudformation")
    for _ in range(600):
        stack = cloud.describe_stacks(StackName=STACK)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.1)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack.get("StackStatusReason")


def test_functions_get_their_environment_and_layers(deployed: Aws) -> None:
    functions = deployed.client("lambda").list_functions()["Functions"]
    assert len(functions) == len(HANDLERS)
    for function in functions:
        variables = function["Environment"]["Variables"]
        assert variables["STAGE"] == "prod"
        assert variables["SITE_ORIGIN"] == "https://exam.example.cn"
        assert variables["ATTEMPTS_TABLE"].startswith(f"{STACK}-AttemptsTable")
    layered = sorted(f["Handler"] for f in functions if f.get("Layers"))
    assert layered == [
        f"chalicelib.handlers.uploads.judge_{what}" for what in ("snapshot", "upload")
    ]


def test_stream_and_queue_are_mapped(deployed: Aws) -> None:
    mappings = deployed.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    by_service = {mapping["EventSourceArn"].split(":")[2]: mapping for mapping in mappings}
    assert set(by_service) == {"dynamodb", "sqs"}
    for mapping in mappings:
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert by_service["dynamodb"]["FilterCriteria"]["Filters"]
