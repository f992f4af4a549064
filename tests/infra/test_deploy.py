"""`make deploy` with the packaged template against the emulator: everything comes up, and everything fires."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra import package
from infra.aws_commands import Account
from infra.deploy import DeployError, Deployment, stack_name
from infra.local import emulator, ports
from infra.local.aws import Aws
from tests.emulator.launching import emulator_program
from tests.infra.conftest import Built
from tests.infra.packages import HANDLERS

STACK = stack_name("prod")
ALARM = "AWS::CloudWatch::Alarm"
UNKNOWN = {
    "AWS::Logs::QueryDefinition",
    "AWS::CloudTrail::Trail",
}  # to the emulator; tests/infra/test_operations_template.py
PATIENCE_S = 240  # workers unpack 70 MB before their first event
Json = dict[str, Any]


@dataclass(frozen=True)
class Deployed:
    """A stage on the emulator."""

    url: str
    aws: Aws
    run: Deployment
    package: Path
    site: Path
    outputs: dict[str, str]
    names: dict[str, str]  # logical id → name

    def call(self, function: str, event: Json) -> Json:
        """What one of the operators' functions answers."""
        name = self.names[function]
        answer = self.aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        assert "FunctionError" not in answer
        found: Json = json.load(answer["Payload"])
        return found

    def log(self, function: str) -> str:
        """What a function has written."""
        logs = self.aws.client("logs")
        group = f"/aws/lambda/{self.names[function]}"
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
            events = logs.filter_log_events(logGroupName=group)["events"]
            return "\n".join(event["message"] for event in events)
        return ""


def for_the_emulator(built: Built, out: Path) -> Path:
    """The package without what the emulator cannot read; all that is asserted on the template itself."""
    out.mkdir()
    resources = built.template["Resources"]
    template = {
        **built.template,
        "Resources": {n: entry for n, entry in resources.items() if entry["Type"] not in UNKNOWN},
    }
    text = json.loads(json.dumps(template))
    for resource in text["Resources"].values():
        if "Metrics" in resource.get("Properties", {}) and resource["Type"] == ALARM:
            resource["Properties"].pop(
                "Metrics"
            )  # it computes with no metrics: there it counts anything
            resource["Properties"] |= {"Namespace": "Kaochang", "MetricName": "Any", "Period": 60}
            resource["Properties"]["Statistic"] = "Sum"
    for function in text["Resources"].values():
        for event in function.get("Properties", {}).get("Events", {}).values():
            event["Properties"].pop(
                "ScalingConfig", None
            )  # it compares the parameter's text with a number
        metrics = function.get("Properties", {}).pop("Metrics", None)
        if metrics:  # no metric math: the alarm on the first of its metrics alone
            first = metrics[1]["MetricStat"]
            plain = {"Statistic": first["Stat"], "Period": first["Period"], **first["Metric"]}
            function["Properties"] |= plain
    (out / package.TEMPLATE).write_text(json.dumps(text), "utf-8")
    for archive in built.out.glob("*.zip"):
        (out / archive.name).symlink_to(archive)
    return out


def page(folder: Path) -> Path:
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "assets" / "page-1.js").write_text("1")
    return folder


@pytest.fixture(scope="module")
def deployed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    running = emulator.start(
        emulator_program(), tmp_path_factory.mktemp("deployed"), ports.free_port()
    )
    try:
        keys = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "local")
        account = Account(emulator.REGION, running.url, **keys)
        run = Deployment(account, "prod", rest=lambda: time.sleep(0.1))
        folder = tmp_path_factory.mktemp("stage")
        ready, site = for_the_emulator(built, folder / "package"), page(folder / "site")
        sms = {"SmsProvider": "https", "SmsUrl": "https://sms.example.cn/"}  # kept by later runs
        outputs = run.deploy(ready, site, sms)
        aws = Aws(running.url)
        listed = aws.client("cloudformation").describe_stack_resources(StackName=STACK)
        names = {
            entry["LogicalResourceId"]: entry["PhysicalResourceId"]
            for entry in listed["StackResources"]
        }
        yield Deployed(running.url, aws, run, ready, site, outputs, names)
    finally:
        running.stop()


def until(true: Callable[[], bool]) -> None:
    patience = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < patience
        time.sleep(0.2)


def test_functions_get_their_environment_and_layers(deployed: Deployed) -> None:
    pages = deployed.aws.client("lambda").get_paginator("list_functions").paginate()
    functions = [function for page in pages for function in page["Functions"]]
    assert len(functions) == len(HANDLERS)
    for function in functions:
        variables = function["Environment"]["Variables"]
        assert variables["STAGE"] == "prod"
        assert variables["SITE_ORIGIN"] == deployed.outputs["SiteAddress"]
        assert variables["ATTEMPTS_TABLE"].startswith(f"{STACK}-AttemptsTable")
    layered = {f["Handler"] for f in functions if f.get("Layers")}
    template = package.read_template(deployed.package)
    assert layered == {f.handler for f in package.functions(template) if f.layers}
    assert "chalicelib.handlers.uploads.judge_upload" in layered


def test_streams_and_queues_are_mapped(deployed: Deployed) -> None:
    lambdas = deployed.aws.client("lambda")
    mappings = lambdas.list_event_source_mappings()["EventSourceMappings"]
    assert {mapping["EventSourceArn"].split(":")[2] for mapping in mappings} == {"dynamodb", "sqs"}
    for mapping in mappings:
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        if ":dynamodb:" in mapping["EventSourceArn"]:
            assert mapping["FilterCriteria"]["Filters"]


def test_the_api_answers(deployed: Deployed) -> None:
    api = deployed.outputs["RestAPIId"]
    address = f"{deployed.url}/restapis/{api}/api/_user_request_"
    with httpx.Client(base_url=address, timeout=PATIENCE_S, trust_env=False) as direct:
        assert direct.get("/exams").json()["error"]["code"] == "wrong_entrance"
        for secret in ("EdgeSecret", "EdgeSecretBefore"):
            named = deployed.names[secret]
            told = deployed.aws.client("secretsmanager").get_secret_value(SecretId=named)
            as_cloudfront = {"Edge-Proof": told["SecretString"]}
            answer = direct.get("/exams", headers=as_cloudfront)
            assert answer.status_code == 200
            assert answer.json()["exams"] == []
            refused = direct.get("/me", headers=as_cloudfront)
            assert refused.json()["error"]["code"] == "not_signed_in"


def test_tables_can_only_be_deleted_after_somebody_says_so(deployed: Deployed) -> None:
    tables = deployed.aws.client("dynamodb")
    for name in tables.list_tables()["TableNames"]:
        table = tables.describe_table(TableName=name)["Table"]
        assert table["DeletionProtectionEnabled"] in (True, "true"), name


def test_operators_functions_answer(deployed: Deployed) -> None:
    assert deployed.call("ConsoleListTickets", {}) == {"ok": True, "errors": [], "tickets": []}


def test_an_upload_reaches_the_face_functions(deployed: Deployed) -> None:
    """EventBridge brings what a person waits for, the queue brings snapshots."""
    s3, bucket = deployed.aws.client("s3"), deployed.names["PrivateBucket"]
    s3.put_object(Bucket=bucket, Key="incoming/verifications/at_x/vf_x", Body=b"no picture")
    s3.put_object(Bucket=bucket, Key="incoming/snapshots/at_x/sn_x", Body=b"no picture")
    until(lambda: "incoming/verifications/at_x/vf_x" in deployed.log("UploadsJudgeUpload"))
    until(lambda: "START RequestId" in deployed.log("UploadsJudgeSnapshot"))


def test_a_change_of_an_attempt_wakes_the_stream_function(deployed: Deployed) -> None:
    table = deployed.aws.client("dynamodb")
    key = {
        "attempt_id": {"S": "at_x"},
        "sk": {"S": "ATTEMPT"},
    }  # no attempt: it says where it fails
    table.put_item(TableName=deployed.names["AttemptsTable"], Item=key)
    until(lambda: "changes.py" in deployed.log("ChangesRecordChanges"))


def test_the_schedule_fires_each_minute(deployed: Deployed) -> None:
    until(lambda: '"event": "minute"' in deployed.log("ClockRunMinute"))
    assert '"crash"' not in deployed.log("ClockRunMinute")


def test_the_page_is_uploaded(deployed: Deployed) -> None:
    bucket = deployed.outputs["SiteBucketName"]
    found = deployed.aws.client("s3").get_object(Bucket=bucket, Key="index.html")
    assert found["Body"].read() == b"<!doctype html>"
    assert (found["ContentType"], found["CacheControl"]) == ("text/html", "no-cache")


def test_a_second_run_keeps_what_was_set_and_uploads_what_is_new(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    (deployed.site / "index.html").write_text("new")
    outputs = deployed.run.deploy(deployed.package, deployed.site, {"AlarmEmail": "a@example.cn"})
    assert outputs["SiteAddress"] == deployed.outputs["SiteAddress"]
    said = capsys.readouterr().out
    assert "--change-set-type UPDATE" in said
    assert "create-bucket" not in said
    assert ".zip" not in said  # archives are there already
    stack = deployed.aws.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    told = {entry["ParameterKey"]: entry["ParameterValue"] for entry in stack["Parameters"]}
    assert told["SiteOrigin"] == outputs["SiteAddress"]
    assert told["AlarmEmail"] == "a@example.cn"


def test_a_parameter_that_does_not_exist_stops_everything(deployed: Deployed) -> None:
    with pytest.raises(DeployError, match="AlarmMail"):
        deployed.run.deploy(deployed.package, deployed.site, {"AlarmMail": "a@example.cn"})


def test_a_first_deployment_that_fails_takes_its_empty_tables_back(
    deployed: Deployed, tmp_path: Path
) -> None:
    template = package.read_template(deployed.package)
    of_nothing = {"AlarmName": "of nothing", "Metrics": [{"Id": "m", "Expression": "1 +"}]}
    template["Resources"]["Broken"] = {"Type": "AWS::CloudWatch::Alarm", "Properties": of_nothing}
    template["Resources"]["Broken"]["DependsOn"] = ["AttemptsTable", "PrivateBucket", "AppSecret"]
    (tmp_path / package.TEMPLATE).write_text(json.dumps(template), "utf-8")
    for archive in deployed.package.glob("*.zip"):
        (tmp_path / archive.name).symlink_to(archive)
    keys = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "local")
    account = Account(emulator.REGION, deployed.url, **keys)
    second = Deployment(account, "dev", rest=lambda: time.sleep(0.1))
    with pytest.raises(DeployError, match="kaochang-dev ended in ROLLBACK_COMPLETE"):
        sms = {"SmsProvider": "https", "SmsUrl": "https://sms.example.cn/"}
        second.deploy(tmp_path, deployed.site, sms)
    pages = deployed.aws.client("cloudformation").get_paginator("describe_stack_events")
    made = {
        event["LogicalResourceId"]
        for page in pages.paginate(StackName="kaochang-dev")
        for event in page["StackEvents"]
        if event["ResourceStatus"] == "CREATE_COMPLETE"
    }
    assert {"AttemptsTable", "PrivateBucket", "AppSecret"} <= made
    tables = deployed.aws.client("dynamodb").list_tables()["TableNames"]
    buckets = [b["Name"] for b in deployed.aws.client("s3").list_buckets()["Buckets"]]
    assert not [name for name in (*tables, *buckets) if name.startswith("kaochang-dev")]


def test_taking_down_keeps_tables_buckets_and_secrets(deployed: Deployed) -> None:
    """Last of all: it ends the stage."""
    s3, bucket = deployed.aws.client("s3"), deployed.names["PrivateBucket"]
    s3.put_object(Bucket=bucket, Key="evidence/at_x/sn_x", Body=b"a frame")
    deployed.run.undeploy()
    tables = deployed.aws.client("dynamodb").list_tables()["TableNames"]
    resources = package.read_template(deployed.package)["Resources"].items()
    promised = {name for name, entry in resources if entry["Type"] == "AWS::DynamoDB::Table"}
    assert len(promised) >= 5
    assert {name.split("-")[2] for name in tables} == promised
    kept = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert {entry["Key"] for entry in kept} >= {"evidence/at_x/sn_x"}
    secrets = deployed.aws.client("secretsmanager").list_secrets()["SecretList"]
    assert len(secrets) >= 2
    assert deployed.aws.client("lambda").list_functions()["Functions"] == []
