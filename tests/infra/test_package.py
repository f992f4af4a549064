"""The package that AWS runs: complete, native code for its platform, least privilege."""

import hashlib
import importlib.util
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from chalicelib.partners import delivering, webhook
from infra import package
from scripts import face_models
from tests.infra.conftest import Built
from tests.infra.packages import HANDLERS, JUDGE, SNAPSHOT_JUDGE

Json = dict[str, Any]
FUNCTION = "AWS::Serverless::Function"
ROUTED = {"APIHandler", "CaptchasMakeCaptcha"}  # what API Gateway calls


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
        (out / package.TEMPLATE).write_text('{"Resources": {}}')

    monkeypatch.setattr(package, "_run_chalice", chalice)
    monkeypatch.setattr(package, "_build_layer", lambda *_: None)
    monkeypatch.setattr(package.templates, "complete", lambda template: template)
    package.package("prod", tmp_path)  # empty
    (tmp_path / "old.zip").write_text("old")
    package.package("prod", tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [package.TEMPLATE]


def test_nothing_of_the_embedded_cloud_ships(built: Built) -> None:
    """`/_local/`, its fault switches and the emulator exist on a developer's machine alone."""
    for archive in built.out.glob("*.zip"):
        with zipfile.ZipFile(archive) as packed:
            ours = [n for n in packed.namelist() if n.startswith(("infra/", "examples/", "tests/"))]
        assert not ours, archive
    assert "_local/" not in json.dumps(built.template)


def test_every_function_is_there(built: Built) -> None:
    found = package.functions(built.template)
    assert {function.logical_id: function.handler for function in found} == HANDLERS


def test_every_override_meets_what_chalice_generated(built: Built) -> None:
    """An override under a name that Chalice no longer uses would be a resource without a type."""
    untyped = [name for name, entry in built.template["Resources"].items() if "Type" not in entry]
    assert untyped == []


@pytest.mark.parametrize(
    ("layer", "functions"),
    [
        ("FacesLayer", {JUDGE, SNAPSHOT_JUDGE, "ImportsImportPhotos"}),
        ("DocumentsLayer", {"CertificatesWriteDocuments"}),
        ("ImportsLayer", {"ConsoleCheckExamPack", "ConsolePublishExam", "ImportsImportDrop"}),
        (
            "PicturesLayer",
            {
                *("CaptchasMakeCaptcha", JUDGE, SNAPSHOT_JUDGE, "ImportsImportPhotos"),
                *("ConsoleCheckExamPack", "ConsolePublishExam", "ImportsImportDrop"),
                *("WidgetsShowLive", "WidgetsShowAttempt", "WidgetsShowFlags", "WidgetsShowCases"),
            },
        ),
    ],
)
def test_only_who_needs_a_layer_carries_it(built: Built, layer: str, functions: set[str]) -> None:
    assert layered(built, layer) == functions


def layered(built: Built, layer: str) -> set[str]:
    return {f.logical_id for f in package.functions(built.template) if layer in f.layers}


def unpacked(built: Built, archive: str) -> dict[str, int]:
    """The files of an archive and their sizes in bytes."""
    with zipfile.ZipFile(built.out / archive) as content:
        return {entry.filename: entry.file_size for entry in content.infolist()}


def test_each_function_with_its_layers_leaves_room(built: Built) -> None:
    """Lambda takes 250 MB unpacked."""
    sizes = {
        layer: sum(unpacked(built, kind.archive).values()) for layer, kind in package.LAYERS.items()
    }
    app = sum(unpacked(built, package.APP_ZIP).values())
    assert app <= 30_000_000
    for function in package.functions(built.template):
        whole = app + sum(sizes[layer] for layer in function.layers)
        assert whole <= 240_000_000, function.logical_id


def test_what_nobody_loads_is_left_out(built: Built) -> None:
    for archive in package.archive_names():
        names = {name.rsplit("/", 1)[-1] for name in unpacked(built, archive)}
        assert not {*package.UNUSED_MODELS, *package.UNUSED_FONTS} & names
    names = set(unpacked(built, package.APP_ZIP))
    tops = {name.partition("/")[0] for name in names}
    assert not {"PIL", "pillow.libs", "captcha", "cffi", "pycparser", "_yaml", "boto3"} & tops
    countries = {name.split("/")[1] for name in names if name.startswith("stdnum/")}
    assert countries == {*package.STDNUM, "__pycache__"}
    pictures = "".join(unpacked(built, package.LAYERS["PicturesLayer"].archive))
    assert not re.search("avif-|lcms2|_imagingtk", pictures)


@pytest.mark.skipif(package.runtime_python() is None, reason="no Python of the runtime's version")
@pytest.mark.parametrize("archive", package.archive_names())
def test_every_module_ships_compiled_for_the_runtime(built: Built, archive: str) -> None:
    names = set(unpacked(built, archive))
    compiled = {name for name in names if name.endswith(".pyc")}
    modules = {name for name in names if re.search(r"(^|/)[a-z_]\w*\.py$", name, re.IGNORECASE)}
    missing = {name for name in modules if compiled_name(name) not in compiled}
    assert not {name for name in missing if archive == package.APP_ZIP}
    assert len(missing) <= 3, sorted(missing)[:10]  # templates and examples of packages
    with zipfile.ZipFile(built.out / archive) as content:
        for name in compiled:
            assert content.read(name)[4:8] == b"\x01\0\0\0", name  # by an unchecked hash
        sample = content.read(sorted(compiled)[0])
    assert sample[:4] == importlib.util.MAGIC_NUMBER or sys.version_info[:2] != (3, 13)
    assert str(built.out).encode() not in sample


def compiled_name(module: str) -> str:
    """Where the bytecode of `a/b.py` is."""
    folder, _, file = module.rpartition("/")
    return f"{folder}/__pycache__/{file[:-3]}.cpython-313.pyc".lstrip("/")


def test_what_is_left_of_the_packages_does_their_work(built: Built, tmp_path: Path) -> None:
    """Modules that are loaded late: the import of a handler does not try them."""
    python = package.runtime_python()
    if python is None:
        pytest.skip("no Python of the runtime's version")
    paths = []
    for archive in (package.APP_ZIP, package.LAYERS["PicturesLayer"].archive):
        with zipfile.ZipFile(built.out / archive) as content:
            content.extractall(tmp_path / archive)
        paths.append(str(tmp_path / archive / ("" if archive == package.APP_ZIP else "python")))
    code = f"""
import sys; sys.path[:0] = {paths!r}
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
AESGCM(bytes(32)).encrypt(bytes(12), b"secret", b"")
from joserfc import jwt
from joserfc.jwk import RSAKey
key = RSAKey.generate_key(2048)
jwt.decode(jwt.encode({{"alg": "RS256"}}, {{"sub": "1"}}, key), key)
from chalicelib.accounts import model, spoken
from chalicelib.shared.errors import Invalid
assert model.parse_phone("13800138000") == "+8613800138000"
for foreign in ("+1 650 253 0000", "0044 20 7946 0000", "110"):
    try:
        model.parse_phone(foreign)
    except Invalid:
        pass
    else:
        raise AssertionError(foreign)
from chalicelib.identity.documents import find_fault
from chalicelib.identity.model import IdType
assert find_fault(IdType.RESIDENT, "11010519491231002X") is None
from chalicelib.imports.headers import read_header
assert read_header(b"format: 1")[1]
from chalicelib.sheets.writing import SheetToWrite, write_xlsx
import segno, pyotp
segno.make("a", error="m", micro=False).png_data_uri(scale=5)
assert spoken.speak("0123")[:4] == b"RIFF"
from captcha.image import ImageCaptcha
ImageCaptcha(width=160, height=60).generate("AB12")
from PIL import Image
from chalicelib.shared import pictures
import io
for kind in ("JPEG", "PNG", "GIF", "BMP", "WEBP"):
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, kind)
    assert pictures.decode_picture(out.getvalue(), pictures.ALL_FORMATS).size == (40, 30)
print("done")
"""
    done = subprocess.run([python, "-I", "-S", "-c", code], capture_output=True, text=True)
    assert done.stdout == "done\n", done.stderr


def test_only_the_route_of_captchas_goes_elsewhere(built: Built) -> None:
    paths = built.template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    found = {
        (method, path, re.findall(r"functions/\$\{(\w+)", json.dumps(operation))[0])
        for path, operations in paths.items()
        for method, operation in operations.items()
    }
    own = {entry for entry in found if entry[2] != "APIAlias"}
    assert own == {("post", "/captchas", "CaptchasMakeCaptcha")}
    [permission] = [
        entry["Properties"]
        for entry in built.of_type("AWS::Lambda::Permission").values()
        if entry["Properties"]["FunctionName"] == {"Ref": "CaptchasMakeCaptcha"}
    ]
    assert permission["SourceArn"]["Fn::Sub"].endswith(":${RestAPI}/*/POST/captchas")


def test_the_faces_layer_holds_the_very_networks_that_the_engine_asks_for(built: Built) -> None:
    with zipfile.ZipFile(built.out / package.LAYERS["FacesLayer"].archive) as content:
        for name, wanted in face_models.SHA256.items():
            data = content.read(f"face-models/{name}")
            assert hashlib.sha256(data).hexdigest() == wanted
        names = content.namelist()
    assert not [name for name in names if "libonnxruntime.so" in name]
    assert not [name for name in names if name.startswith("python/onnxruntime/transformers/")]


def test_limits(built: Built) -> None:
    functions = built.of_type(FUNCTION)
    limits = {
        name: (entry["Properties"]["MemorySize"], entry["Properties"]["Timeout"])
        for name, entry in functions.items()
    }
    assert limits["APIHandler"] == (512, 10)  # API Gateway itself gives up after 29 s
    assert limits[JUDGE] == limits[SNAPSHOT_JUDGE] == (1536, 60)
    assert limits["ClockRunMinute"][1] < 60
    assert {entry["Properties"]["Runtime"] for entry in functions.values()} == {"python3.13"}


def test_functions_know_their_resources(built: Built) -> None:
    variables = built.template["Globals"]["Function"]["Environment"]["Variables"]
    assert set(variables) == {
        *("ACCOUNTS_TABLE", "EXAMS_TABLE", "ATTEMPTS_TABLE", "PASSING_TABLE", "CASES_TABLE"),
        *("RESULTS_TABLE", "OPERATORS_TABLE", "SIGNING_SECRET_ID", "SIGNING_KEY_ID"),
        *("EVIDENCE_KEY_ID", "FORMER_EVIDENCE_KEYS"),
        *("PRIVATE_BUCKET", "PAPERS_BUCKET", "EVIDENCE_BUCKET", "DROPBOX_BUCKET"),
        *(
            "SNAPSHOT_QUEUE_URL",
            "WEBHOOK_QUEUE_URL",
            "SECRET_ID",
            "OPERATOR_NAME",
            "HOTLINE",
            "FILING_NUMBER",
            "SITE_ORIGIN",
        ),
        *("PARTNERS_SECRET_ID", "SIGN_IN_PROVIDERS"),
        *("IDENTITY_AUTHORITY", "AUTHORITY_FOR_SNAPSHOTS", "FACE_ENGINE"),
        *("SMS_PROVIDER", "SMS_URL", "SMS_SECRET_ID", "MOST_CODES_AN_HOUR", "MOST_CODES_A_DAY"),
        *("SMS_SIGN", "SMS_APP_ID", "SMS_TEMPLATES"),
        "OPERATOR_PHONE",
    }
    for name, entry in built.of_type(FUNCTION).items():
        proof = {"EDGE_PROOF", "EDGE_PROOF_BEFORE", "EDGE_PROOF_OF"}
        own = {"STAGE", *proof} if name in ROUTED else {"STAGE"}
        assert set(entry["Properties"]["Environment"]["Variables"]) == own
        assert entry["Properties"]["Environment"]["Variables"]["STAGE"] == "prod"
    assert built.template["Parameters"]["Stage"]["Default"] == "prod"


def test_each_function_has_a_role_of_its_own(built: Built) -> None:
    roles = [
        entry["Properties"]["Role"]["Fn::GetAtt"][0] for entry in built.of_type(FUNCTION).values()
    ]
    assert len(set(roles)) == len(roles)
    others = {"OperatorRole", "WatcherRole", "AccessLogRole"}
    assert set(roles) == set(built.of_type("AWS::IAM::Role")) - others
    for role in roles:
        traces = built.template["Resources"][role]["Properties"]["ManagedPolicyArns"]
        assert traces == [{"Ref": "TracePolicy"}]


def test_people_call_the_functions_of_theirs(built: Built) -> None:
    """Watchers none that writes, operators all; nobody those of events, or the API past its front door."""
    found = {}
    for policy in ("LookPolicy", "ActPolicy"):
        document = built.template["Resources"][policy]["Properties"]["PolicyDocument"]
        [called] = [s for s in document["Statement"] if "lambda:InvokeFunction" in s["Action"]]
        found[policy] = {resource["Fn::GetAtt"][0] for resource in called["Resource"]}
    assert found["LookPolicy"] < found["ActPolicy"]
    assert {"ConsoleListTickets", "ConsoleReadTimeline", "AuditsVerifyAttempt"} <= found[
        "LookPolicy"
    ]
    assert {"ConsoleGrantChances", "ConsoleDecideTicket"} <= found["ActPolicy"] - found[
        "LookPolicy"
    ]
    called_by_events = {
        n for n, e in built.of_type(FUNCTION).items() if "Events" in e["Properties"]
    }
    assert not found["ActPolicy"] & (called_by_events | ROUTED)
    document = built.template["Resources"]["ActPolicy"]["Properties"]["PolicyDocument"]
    assert (
        len(json.dumps(document)) < 6144
    )  # the most that IAM takes; ARNs are of about the same length


def test_the_trail_records_who_calls_what_changes_something(built: Built) -> None:
    trail = built.template["Resources"]["CommandTrailOfStack"]["Properties"]
    trailed = {function["Fn::GetAtt"][0] for function in functions_of_trail(trail)}
    assert {"ConsoleConfirmFlag", "WidgetsCommandCase", "OperatorsAddOperator"} <= trailed
    assert not trailed & {*ROUTED, JUDGE, "ConsoleListTickets", "WidgetsShowOperators"}


def functions_of_trail(trail: Json) -> list[Json]:
    """Whose calls a trail records."""
    [calls, _] = trail["AdvancedEventSelectors"]
    [which] = [entry for entry in calls["FieldSelectors"] if entry["Field"] == "resources.ARN"]
    found: list[Json] = which["Equals"]
    return found


def test_calls_are_traced(built: Built) -> None:
    for entry in built.of_type(FUNCTION).values():
        assert entry["Properties"]["Tracing"] == "Active"
    assert built.template["Resources"]["RestAPI"]["Properties"]["TracingEnabled"] is True


def statements(built: Built) -> list[Json]:
    documents = [
        policy["PolicyDocument"]
        for role in built.of_type("AWS::IAM::Role").values()
        for policy in role["Properties"].get("Policies", [])
    ]
    managed = built.of_type("AWS::IAM::ManagedPolicy").values()
    documents += [policy["Properties"]["PolicyDocument"] for policy in managed]
    return [statement for document in documents for statement in document["Statement"]]


def test_least_privilege(built: Built) -> None:
    for statement in statements(built):
        assert statement["Effect"] == "Allow"
        for action in (
            statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        ):
            assert re.fullmatch(r"[a-z0-9]+:[A-Z][A-Za-z]+", action), statement
    everywhere = {
        s["Sid"] for s in statements(built) if "*" in json.dumps([s.get("Resource")]).split('"')
    }
    # AWS knows no narrower resource for any of these: the account's SMS settings, lists, what the console shows, traces
    assert everywhere == {"LookAtSmsAccount", "FindStreams", "SeeTheConsole", "WriteTraces"}
    # A telephone number has no ARN: what may be written to is everything but topics.
    inverted = {s["Sid"]: s["NotResource"] for s in statements(built) if "NotResource" in s}
    assert inverted == {"SendTextMessages": {"Fn::Sub": "arn:${AWS::Partition}:sns:*:*:*"}}


def test_what_may_be_deleted_is_told_by_its_key(built: Built) -> None:
    """In tables where other things lie as well. An exam's own rows begin with its id, which can be any word."""
    found = []
    for name, role in built.of_type("AWS::IAM::Role").items():
        for policy in role["Properties"].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                if "dynamodb:DeleteItem" in statement["Action"]:
                    [table] = [r["Fn::GetAtt"][0] for r in statement["Resource"]]
                    condition = statement.get("Condition")
                    assert condition is None or statement["Action"] == ["dynamodb:DeleteItem"]
                    found.append((name, table, condition))

    def leading(*keys: str) -> Json:
        return {
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)},
            "Null": {"dynamodb:LeadingKeys": "false"},  # for all of none is true
        }

    assert sorted(found, key=str) == sorted(
        [
            ("ApiHandlerRole", "AccountsTable", leading("person#*")),
            ("ClockRunMinuteRole", "AttemptsTable", leading("#sweep")),
            (
                "DeletionsDeletePersonDataRole",
                "AttemptsTable",
                leading("at_*", "pr_*", "#find/*"),
            ),
            ("DeletionsDeletePersonDataRole", "ExamsTable", None),
            ("ImportsImportDropRole", "ExamsTable", None),
        ],
        key=str,
    )


def test_only_the_api_signs_uploads_and_only_three_send_messages(built: Built) -> None:
    sends = {"ApiHandlerRole", "ChangesSendNoticesRole", "ClockRunMinuteRole"}
    for name, role in built.of_type("AWS::IAM::Role").items():
        found = [
            statement
            for policy in role["Properties"].get("Policies", [])
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        signs = [s for s in found if "s3:PutObject" in s["Action"]]
        assert any("/incoming/" in json.dumps(s) for s in signs) is (name == "ApiHandlerRole")
        assert any("sns:Publish" in s["Action"] for s in found) is (name in sends)
        assert ("SmsSecret" in json.dumps(found)) is (name in sends)


def test_log_groups_belong_to_functions_that_exist(built: Built) -> None:
    groups = built.of_type("AWS::Logs::LogGroup")
    access = groups.pop("ApiAccessLogGroup")["Properties"]
    assert access["LogGroupName"] == {"Fn::Sub": "/aws/apigateway/${AWS::StackName}"}
    named = {entry["Properties"]["LogGroupName"]["Fn::Sub"] for entry in groups.values()}
    assert named == {f"/aws/lambda/${{{name}}}" for name in HANDLERS}
    assert {entry["Properties"]["RetentionInDays"] for entry in groups.values()} == {90}


def test_every_function_that_events_call_leaves_dead_letters(built: Built) -> None:
    """The API and the operators' functions have no events: their callers see what went wrong."""
    asynchronous = 0
    for name, entry in built.of_type(FUNCTION).items():
        for event in entry["Properties"].get("Events", {}).values():
            asynchronous += 1
            told = event["Properties"]
            if event["Type"] == "SQS":
                queue = built.template["Resources"][told["Queue"]["Fn::GetAtt"][0]]["Properties"]
                assert queue["RedrivePolicy"]["deadLetterTargetArn"], name
                assert told["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name
            elif event["Type"] == "DynamoDB":
                assert told["DestinationConfig"]["OnFailure"]["Type"] == "S3", name
                assert told["MaximumRetryAttempts"] > 0, name
                assert told["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name
                assert told["FilterCriteria"]["Filters"], name
            else:
                after = entry["Properties"]["EventInvokeConfig"]["DestinationConfig"]
                assert after["OnFailure"]["Type"] == "SQS", name
                assert told["DeadLetterConfig"]["Arn"], name
                assert may_send(built, name), name
    assert asynchronous >= 4


def may_send(built: Built, function: str) -> bool:
    """Whether a function's own role may leave a dead letter."""
    role = built.template["Resources"][function]["Properties"]["Role"]["Fn::GetAtt"][0]
    policies = built.template["Resources"][role]["Properties"]["Policies"]
    found = [s for policy in policies for s in policy["PolicyDocument"]["Statement"]]
    return any("sqs:SendMessage" in s["Action"] and "FailedEvents" in json.dumps(s) for s in found)


def test_metrics_of_two_stages_are_told_apart(built: Built) -> None:
    api = built.template["Resources"]["RestAPI"]["Properties"]
    assert api["Name"] == api["DefinitionBody"]["info"]["title"] == {"Ref": "AWS::StackName"}


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
                    for kind in ("id-photos", "verifications", "tickets", "complaints")
                ]
            },
        },
    }
    assert event["Properties"]["DeadLetterConfig"]
    assert judge["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Type"] == "SQS"
    assert judge["ReservedConcurrentExecutions"] == {"Ref": "FacesAtOnce"}


@pytest.mark.parametrize(
    ("name", "folders", "size", "layers"),
    [
        (
            "ImportsImportDrop",
            (),  # every key: files at a wrong place are told of
            (1024, 300),
            [{"Ref": "ImportsLayer"}, {"Ref": "PicturesLayer"}],
        ),
        (
            "ImportsImportPhotos",
            ("photos",),
            (1536, 900),
            [{"Ref": "FacesLayer"}, {"Ref": "PicturesLayer"}],
        ),
    ],
)
def test_what_operators_drop_wakes_the_import(
    built: Built, name: str, folders: tuple[str, ...], size: tuple[int, int], layers: Any
) -> None:
    function = built.template["Resources"][name]["Properties"]
    (event,) = function["Events"].values()
    assert event["Properties"]["Pattern"]["detail"] == {
        "bucket": {"name": [{"Ref": "DropboxBucket"}]},
        **({"object": {"key": [{"prefix": f"{f}/"} for f in folders]}} if folders else {}),
    }
    assert event["Properties"]["DeadLetterConfig"]
    assert function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Type"] == "SQS"
    assert (function["MemorySize"], function["Timeout"]) == size
    assert function.get("Layers") == layers
    bucket = built.template["Resources"]["DropboxBucket"]["Properties"]
    assert bucket["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


@pytest.mark.parametrize(("name", "count"), [("ImportsImportDrop", 2), ("ImportsImportPhotos", 2)])
def test_an_import_writes_nothing_into_the_dropbox_but_reports(
    built: Built, name: str, count: int
) -> None:
    """A file written there would wake it again."""
    policies = built.template["Resources"][f"{name}Role"]["Properties"]["Policies"]
    written = [
        resource["Fn::Sub"]
        for statement in policies[0]["PolicyDocument"]["Statement"]
        if "s3:PutObject" in statement["Action"]
        for resource in statement["Resource"]
        if "DropboxBucket" in resource["Fn::Sub"]
    ]
    assert len(written) == count
    assert all(re.search(r"/\*\.report\.(json|html)$", pattern) for pattern in written)


def test_who_leaves_failed_events_in_a_queue_may_write_to_it(built: Built) -> None:
    """Lambda sends with the role of the function."""
    for name, function in built.of_type(FUNCTION).items():
        if "DestinationConfig" not in function["Properties"].get("EventInvokeConfig", {}):
            continue
        role = built.template["Resources"][function["Properties"]["Role"]["Fn::GetAtt"][0]]
        allowed = [
            action
            for policy in role["Properties"].get("Policies", [])
            for statement in policy["PolicyDocument"]["Statement"]
            for action in statement["Action"]
        ]
        to_queue = function["Properties"]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
        assert to_queue["Type"] != "SQS" or "sqs:SendMessage" in allowed, name


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


def test_a_decided_complaint_wakes_the_sender(built: Built) -> None:
    sender = built.template["Resources"]["ChangesSendNotices"]["Properties"]
    (event,) = sender["Events"].values()
    source = event["Properties"]
    assert source["Stream"] == {"Fn::GetAtt": ["CasesTable", "StreamArn"]}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    (only,) = source["FilterCriteria"]["Filters"]
    wanted = {"dynamodb": {"NewImage": {"notice_pending": {"S": ["pending"]}}}}
    assert json.loads(only["Pattern"]) == wanted
    assert source["DestinationConfig"]["OnFailure"]["Type"] == "S3"
    # Each of a batch may take a provider's 4 s and some writes: the function outlives it.
    assert source["BatchSize"] * 5 < sender["Timeout"]


def test_a_changed_certificate_and_a_new_entry_wake_the_teller(built: Built) -> None:
    (event,) = built.template["Resources"]["ChangesTellPartners"]["Properties"]["Events"].values()
    source = event["Properties"]
    assert source["Stream"] == {"Fn::GetAtt": ["ResultsTable", "StreamArn"]}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    certificates, entries = (
        json.loads(entry["Pattern"]) for entry in source["FilterCriteria"]["Filters"]
    )
    assert certificates == {"dynamodb": {"Keys": {"sk": {"S": ["CERTIFICATE"]}}}}
    assert entries == {
        "eventName": ["INSERT"],
        "dynamodb": {"Keys": {"feed": {"S": [{"prefix": "organisation#"}]}}},
    }
    assert source["DestinationConfig"]["OnFailure"]["Type"] == "S3"


def test_no_table_has_more_readers_than_a_shard_allows(built: Built) -> None:
    """Two at a time; a third one is throttled."""
    streams = [
        json.dumps(event["Properties"]["Stream"])
        for function in built.of_type(FUNCTION).values()
        for event in function["Properties"].get("Events", {}).values()
        if event["Type"] == "DynamoDB"
    ]
    assert max(map(streams.count, streams)) == 2


def test_calls_of_webhooks_wait_in_a_queue(built: Built) -> None:
    resources = built.template["Resources"]
    caller = resources["WebhooksCallPartner"]["Properties"]
    (event,) = caller["Events"].values()
    source = event["Properties"]
    assert source["Queue"] == {"Fn::GetAtt": ["WebhookDeliveries", "Arn"]}
    assert source["BatchSize"] == 1  # nobody waits for another partner's time limit
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"] == {"MaximumConcurrency": 10}
    queue = resources["WebhookDeliveries"]["Properties"]
    assert queue["VisibilityTimeout"] >= 6 * caller["Timeout"]
    assert delivering.LIMITS.total_s + 20 < caller["Timeout"]  # and three calls of AWS that fail
    redrive = queue["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["FailedWebhooks", "Arn"]}
    assert redrive["maxReceiveCount"] == webhook.TRIES
    known = resources["WebhooksCallPartnerRole"]["Properties"]["Policies"]
    assert "AppSecret" not in json.dumps(known)  # who calls strangers holds no key of ours
    assert "ResultsTable" not in json.dumps(known)


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
        ("good.cpython-313-x86_64-linux-gnu.so", LIBRARY + b"GLIBC_2.17", None),
        ("good.abi3.so", LIBRARY + b"GLIBC_2.34", None),
        ("libgood.so.1.2", LIBRARY, None),
        ("bad.cpython-312-x86_64-linux-gnu.so", LIBRARY, "another platform"),
        ("bad.cpython-313-darwin.so", LIBRARY, "another platform"),
        ("bad.cp313-win_amd64.pyd", b"MZ", "another platform"),
        ("bad.abi3.so", LIBRARY + b"GLIBC_2.35", "needs glibc 2.35"),
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
    found = list(package.import_problems(template, app, {}, tmp_path))
    assert found == [
        "APIHandler: app.app does not import: ModuleNotFoundError: No module named 'pytest'"
    ]


def test_a_handler_that_its_module_does_not_have_is_named(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "app.py").write_text("app = 1\n")
    there, missing = (
        {"Type": FUNCTION, "Properties": {"Handler": f"app.{name}"}} for name in ("app", "gone")
    )
    template = {"Resources": {"APIHandler": there, "Gone": missing}}
    found = list(package.import_problems(template, app, {}, tmp_path))
    assert found == ["Gone: app.gone does not import: module 'app' has no 'gone'"]


def test_handlers_are_imported_by_a_python_of_the_runtimes_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    if python := package.runtime_python():
        done = subprocess.run([python, "--version"], capture_output=True, text=True, check=True)
        assert done.stdout.startswith("Python 3.13.")
    monkeypatch.setattr(sys, "version_info", (3, 13, 1))
    assert package.runtime_python() == sys.executable


def test_without_the_runtimes_python_no_handler_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(package, "runtime_python", lambda: None)
    function = {"Type": FUNCTION, "Properties": {"Handler": "nowhere.app"}}
    template = {"Resources": {"APIHandler": function}}
    assert list(package.import_problems(template, tmp_path, {}, tmp_path)) == []
    assert "no Python 3.13" in capsys.readouterr().err


def test_what_chalice_leaves_out_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "chalice"
    fake.write_text("#!/bin/sh\necho 'Could not install dependencies:'\necho 'dlib==19'\n")
    fake.chmod(0o755)
    monkeypatch.setattr(package, "_chalice", lambda: [str(fake)])
    with pytest.raises(package.PackagingError, match="dlib==19"):
        package.package("dev", tmp_path / "out")
