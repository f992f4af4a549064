"""The package that AWS runs: complete, native code for its platform, least privilege."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra import package
from tests.infra.conftest import Built

Json = dict[str, Any]
FUNCTION = "AWS::Serverless::Function"
JUDGE = "UploadsJudgeUpload"
SNAPSHOT_JUDGE = "UploadsJudgeSnapshot"
HANDLERS = {
    "APIHandler": "app.app",
    JUDGE: "chalicelib.handlers.uploads.judge_upload",
    SNAPSHOT_JUDGE: "chalicelib.handlers.uploads.judge_snapshot",
    "ChangesRecordChanges": "chalicelib.handlers.changes.record_changes",
    "ClockRunMinute": "chalicelib.handlers.clock.run_minute",
    "ConsolePublishExam": "chalicelib.handlers.console.publish_exam",
    "ConsoleCheckExamPack": "chalicelib.handlers.console.check_exam_pack",
    "ConsoleReadTimeline": "chalicelib.handlers.console.read_timeline",
    "ConsoleGrantChances": "chalicelib.handlers.console.grant_chances",
    "ConsoleExtendTime": "chalicelib.handlers.console.extend_time",
    "ConsoleReopenAttempt": "chalicelib.handlers.console.reopen_attempt",
    "ConsoleConfirmFlag": "chalicelib.handlers.console.confirm_flag",
    "ConsoleListTickets": "chalicelib.handlers.console.list_tickets",
    "ConsoleReadTicket": "chalicelib.handlers.console.read_ticket",
    "ConsoleDecideTicket": "chalicelib.handlers.console.decide_ticket",
    "ConsoleCompensateExam": "chalicelib.handlers.console.compensate_exam",
    "ConsoleRescheduleExam": "chalicelib.handlers.console.reschedule_exam",
}


def test_nothing_is_wrong_with_the_package(built: Built) -> None:
    """Native files fit, each handler imports with the zip alone, cfn-lint is content."""
    assert package.problems(built.out) == []


@pytest.mark.parametrize("kind", ["a folder of somebody's", "a file"])
def test_nothing_but_an_earlier_package_is_removed(kind: str, tmp_path: Path) -> None:
    precious = tmp_path / "thesis.txt"
    precious.write_text("three years of work")
    with pytest.raises(package.PackagingError, match="nothing was removed"):
        package.package("prod", tmp_path if kind != "a file" else precious)
    assert precious.read_text() == "three years of work"


def test_an_empty_folder_and_an_earlier_package_are_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chalice(_stage: str, out: Path, _project: Path) -> None:
        assert list(out.iterdir()) == []
        (out / package.TEMPLATE).write_text("{}")

    monkeypatch.setattr(package, "_run_chalice", chalice)
    monkeypatch.setattr(package, "_build_layer", lambda *_: None)
    package.package("prod", tmp_path)  # empty
    (tmp_path / "old.zip").write_text("old")
    package.package("prod", tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [package.TEMPLATE]


def test_every_function_is_there(built: Built) -> None:
    found = package.functions(built.template)
    assert {function.logical_id: function.handler for function in found} == HANDLERS


def test_every_override_meets_what_chalice_generated(built: Built) -> None:
    """An override under a name that Chalice no longer uses would be a resource without a type."""
    untyped = [name for name, entry in built.template["Resources"].items() if "Type" not in entry]
    assert untyped == []


def test_only_the_judges_carry_the_faces_layer(built: Built) -> None:
    layered = {f.logical_id for f in package.functions(built.template) if f.has_layer}
    assert layered == {JUDGE, SNAPSHOT_JUDGE}


def test_limits(built: Built) -> None:
    functions = built.of_type(FUNCTION)
    limits = {
        name: (entry["Properties"]["MemorySize"], entry["Properties"]["Timeout"])
        for name, entry in functions.items()
    }
    assert limits["APIHandler"] == (512, 10)  # API Gateway itself gives up after 29 s
    assert limits[JUDGE] == limits[SNAPSHOT_JUDGE] == (1536, 60)
    assert limits["ClockRunMinute"][1] < 60
    assert {entry["Properties"]["Runtime"] for entry in functions.values()} == {"python3.11"}


def test_functions_know_their_resources(built: Built) -> None:
    variables = built.template["Globals"]["Function"]["Environment"]["Variables"]
    assert set(variables) == {
        *("ACCOUNTS_TABLE", "EXAMS_TABLE", "ATTEMPTS_TABLE", "PASSING_TABLE", "CASES_TABLE"),
        *("PRIVATE_BUCKET", "PAPERS_BUCKET", "EVIDENCE_BUCKET", "DROPBOX_BUCKET"),
        *("SECRET_ID", "OPERATOR_NAME", "HOTLINE", "SITE_ORIGIN"),
    }
    for entry in built.of_type(FUNCTION).values():
        assert entry["Properties"]["Environment"]["Variables"] == {"STAGE": "prod"}


def test_each_function_has_a_role_of_its_own(built: Built) -> None:
    roles = [
        entry["Properties"]["Role"]["Fn::GetAtt"][0] for entry in built.of_type(FUNCTION).values()
    ]
    assert len(set(roles)) == len(roles)
    assert set(roles) == set(built.of_type("AWS::IAM::Role"))


def statements(built: Built) -> list[Json]:
    return [
        statement
        for role in built.of_type("AWS::IAM::Role").values()
        for policy in role["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def test_least_privilege(built: Built) -> None:
    for statement in statements(built):
        assert statement["Effect"] == "Allow"
        for action in statement["Action"]:
            assert re.fullmatch(r"[a-z0-9]+:[A-Z][A-Za-z]+", action), statement
    everywhere = {
        s["Sid"] for s in statements(built) if "*" in json.dumps([s["Resource"]]).split('"')
    }
    assert everywhere == {"SendTextMessages", "FindStreams"}  # AWS knows no narrower resource


def test_only_the_api_sends_messages_and_signs_uploads(built: Built) -> None:
    for name, role in built.of_type("AWS::IAM::Role").items():
        sids = {
            statement["Sid"]
            for policy in role["Properties"]["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
            if {"sns:Publish"} & set(statement["Action"])
            or ("s3:PutObject" in statement["Action"] and "/incoming/" in json.dumps(statement))
        }
        expected = {"SendTextMessages", "SignUploads"} if name == "ApiHandlerRole" else set()
        assert sids == expected


def test_log_groups_belong_to_functions_that_exist(built: Built) -> None:
    groups = built.of_type("AWS::Logs::LogGroup")
    named = {entry["Properties"]["LogGroupName"]["Fn::Sub"] for entry in groups.values()}
    assert named == {f"/aws/lambda/${{{name}}}" for name in HANDLERS}
    assert {entry["Properties"]["RetentionInDays"] for entry in groups.values()} == {90}


def test_uploads_wake_the_judge(built: Built) -> None:
    judge = built.template["Resources"][JUDGE]["Properties"]
    (event,) = judge["Events"].values()
    assert event["Properties"]["Pattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": [{"Ref": "PrivateBucket"}]},
            "object": {
                "key": [
                    {"prefix": f"incoming/{kind}/"}
                    for kind in ("id-photos", "verifications", "tickets")
                ]
            },
        },
    }
    assert event["Properties"]["DeadLetterConfig"]
    assert judge["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Type"] == "SQS"
    assert judge["ReservedConcurrentExecutions"] == {"Ref": "FacesAtOnce"}


def test_snapshots_wait_in_a_queue_for_a_capped_number_of_judges(built: Built) -> None:
    resources = built.template["Resources"]
    judge = resources[SNAPSHOT_JUDGE]["Properties"]
    (event,) = judge["Events"].values()
    source = event["Properties"]
    assert source["Queue"] == {"Fn::GetAtt": ["SnapshotUploads", "Arn"]}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "FacesAtOnce"}}
    assert built.template["Parameters"]["FacesAtOnce"]["MinValue"] >= 2  # what SQS demands
    queue = resources["SnapshotUploads"]["Properties"]
    assert queue["VisibilityTimeout"] >= 6 * judge["Timeout"]
    redrive = queue["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["FailedSnapshots", "Arn"]}
    assert redrive["maxReceiveCount"] == 3
    bucket = resources["PrivateBucket"]
    (told,) = bucket["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
    assert told["Queue"] == {"Fn::GetAtt": ["SnapshotUploads", "Arn"]}
    (rule,) = told["Filter"]["S3Key"]["Rules"]
    assert (rule["Name"], rule["Value"]) == ("prefix", "incoming/snapshots/")
    assert bucket["DependsOn"] == "SnapshotUploadsPolicy"


def test_changes_of_attempts_wake_their_function(built: Built) -> None:
    (event,) = built.template["Resources"]["ChangesRecordChanges"]["Properties"]["Events"].values()
    source = event["Properties"]
    assert source["Stream"] == {"Fn::GetAtt": ["AttemptsTable", "StreamArn"]}
    assert source["StartingPosition"] == "TRIM_HORIZON"
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    (only,) = source["FilterCriteria"]["Filters"]
    assert json.loads(only["Pattern"]) == {"dynamodb": {"Keys": {"sk": {"S": ["ATTEMPT"]}}}}
    assert source["DestinationConfig"]["OnFailure"]["Type"] == "S3"


def test_the_api(built: Built) -> None:
    api = built.template["Resources"]["RestAPI"]["Properties"]
    assert (api["StageName"], api["EndpointConfiguration"]) == ("api", {"Type": "REGIONAL"})
    binary = api["DefinitionBody"]["x-amazon-apigateway-binary-media-types"]
    assert binary == []  # pictures never pass through the API


def test_api_gateway_speaks_in_our_error_shape(built: Built) -> None:
    answers = built.template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN"} <= set(answers)
    assert answers["MISSING_AUTHENTICATION_TOKEN"]["StatusCode"] == 404
    for answer in answers.values():
        text = answer["ResponseTemplates"]["application/json"]
        content = json.loads(text.replace("$context.error.messageString", '"reason"'))
        assert set(content["error"]) == {"code", "message", "details"}


def test_cloudformation_can_read_the_template(built: Built) -> None:
    """It refuses YAML aliases, which Chalice writes."""
    text = (built.out / package.TEMPLATE).read_text("utf-8")
    assert not re.search(r"(^|\s)[&*]id\d+", text)


LIBRARY = b"\x7fELF\x02".ljust(18, b"\0") + (62).to_bytes(2, "little")


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("good.cpython-311-x86_64-linux-gnu.so", LIBRARY + b"GLIBC_2.17", None),
        ("good.abi3.so", LIBRARY + b"GLIBC_2.26", None),
        ("libgood.so.1.2", LIBRARY, None),
        ("bad.cpython-312-x86_64-linux-gnu.so", LIBRARY, "another platform"),
        ("bad.cpython-311-darwin.so", LIBRARY, "another platform"),
        ("bad.cp311-win_amd64.pyd", b"MZ", "another platform"),
        ("bad.abi3.so", LIBRARY + b"GLIBC_2.34", "needs glibc 2.34"),
        ("arm.so", LIBRARY[:18] + (183).to_bytes(2, "little"), "no x86-64 library"),
        ("module.py", b"", None),
    ],
)
def test_native_files_are_judged(
    tmp_path: Path, name: str, content: bytes, problem: str | None
) -> None:
    (tmp_path / name).write_bytes(content)
    found = list(package.native_problems(tmp_path))
    assert (problem in found[0]) if problem else found == []


def test_a_handler_that_misses_a_package_is_named(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "app.py").write_text("import boto3\nimport pytest\napp = 1\n")
    function = {"Type": FUNCTION, "Properties": {"Handler": "app.app"}}
    template = {"Resources": {"APIHandler": function}}
    found = list(package.import_problems(template, app, tmp_path, tmp_path))
    assert found == [
        "APIHandler: app.app does not import: ModuleNotFoundError: No module named 'pytest'"
    ]


def test_what_chalice_leaves_out_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "chalice"
    fake.write_text("#!/bin/sh\necho 'Could not install dependencies:'\necho 'dlib==19'\n")
    fake.chmod(0o755)
    monkeypatch.setattr(package, "_program", lambda name: str(fake))
    with pytest.raises(package.PackagingError, match="dlib==19"):
        package.package("dev", tmp_path / "out")
