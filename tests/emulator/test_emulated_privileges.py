"""Whether the policy of each function allows what the function did on a whole exam day.

The emulator allows everything, so a missing permission would first show on AWS.
"""

import datetime
import json
import random
import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from chalicelib.desk.widget import NEIGHBOURS
from chalicelib.identity.deleting import SETTLING_MS
from chalicelib.shared import archives
from chalicelib.shared.clock import CHINA
from examples.demo import Day
from examples.demo_browser import Browser
from examples.demo_candidate import made_up_id_number
from infra import imports, statistics
from infra.local.aws import Aws
from infra.local.resources import STACK
from tests import illustrated
from tests.dropbox import BANK, LI, ZHANG, exam_files, people, settings
from tests.emulator.launching import PROJECT, Launched
from tests.emulator.operators import Relay

# IAM's other names for operations.
ACTIONS = {"s3:HeadObject": "s3:GetObject", "s3:ListObjectVersions": "s3:ListBucketVersions"}
ACTIONS["s3:ListObjectsV2"] = "s3:ListBucket"
ACTIONS["sqs:SendMessageBatch"] = "sqs:SendMessage"


def grants(function: str) -> list[tuple[str, str]]:
    """The policy of a function as pairs of action and resource, `AttemptsTable/index/overdue`."""
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    file = PROJECT / ".chalice" / config["lambda_functions"][function]["iam_policy_file"]
    pairs = []
    for statement in json.loads(file.read_text())["Statement"]:
        resources = statement.get("Resource", "*")  # or all but topics: SNS tells no resource here
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
    action = f"{service}:{name}"
    thing, slash, rest = target.partition("/")
    inside = slash + rest if rest else ""  # a list is asked of the bucket itself
    return ACTIONS.get(action, action), logical.get(thing, thing) + inside


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


def look_and_press(cloud: Launched, relay: Relay, day: Day, exam_id: str) -> None:
    """Every widget of the dashboard with all that it can show, and a button of each kind that comes too late."""
    attempt_id = day.path.removeprefix("/attempts/")
    views: list[tuple[str, dict[str, Any]]] = [
        ("show_live", {"exam_id": day.exam_id}),
        ("show_attempt", {"attempt_id": attempt_id}),
        ("show_attempt", {"attempt_id": attempt_id, "verify": True}),
        ("show_flags", {}),
        ("show_flags", {"attempt_id": attempt_id}),
        ("show_cases", {}),
        ("show_cases", {"case_id": day.case_id}),
        ("show_exams", {}),
        ("show_exams", {"exam_id": exam_id}),
        ("show_exams", {"exam_id": day.exam_id, "view": "statistics"}),
        ("show_exams", {"exam_id": day.exam_id, "view": "score_lists"}),
        ("show_exams", {"exam_id": day.exam_id, "view": "day_reports"}),
        ("show_operators", {}),
    ]
    endpoints = {name: f"arn:{name}" for name in NEIGHBOURS}
    assert "统计已算好" in statistics.compute(cloud.address, day.exam_id)
    for do in ("make_score_list", "make_full_score_list"):
        wanted = {"do": do, "exam_id": day.exam_id, "command_id": f"test-{do}", "reason": "a test"}
        signed = relay.sign({**wanted, "endpoints": endpoints})
        made = cloud.local("functions/widgets_command_exam", signed)["result"]
        assert "成绩单已生成" in made, made
    report = {"do": "make_day_report", "exam_id": day.exam_id, "command_id": "test-report"}
    signed = relay.sign({**report, "reason": "a test", "endpoints": endpoints})
    assert "报告已出具" in cloud.local("functions/widgets_command_exam", signed)["result"]
    for name, view in views:
        shown = cloud.local(f"functions/widgets_{name}", {"endpoints": endpoints, **view})
        assert "told bad" not in shown["result"], (name, view)
    for text, exam in (("13800138000", ""), ("110105194912310021", ""), ("张三", exam_id)):
        who = relay.sign({})
        typed = {**who, "look_for": text, "look_in": exam}
        asked = {"do": "look_up", "widgetContext": {"forms": {"all": typed}}}
        found = cloud.local("functions/widgets_find_person", {"endpoints": endpoints, **asked})
        assert "查找" in found["result"], text
        assert "系统" not in found["result"], text
    command = {"command_id": "test-0009", "reason": "a test", "version_seen": 1}
    attempt, case = {"attempt_id": attempt_id}, {"case_id": day.case_id}
    for name, button in (
        ("command_attempt", {**attempt, "do": "grant_chances", "count": 1}),
        ("command_attempt", {**attempt, "do": "extend_time", "extra_min": 1}),
        ("command_attempt", {**attempt, "do": "reopen_attempt", "allowed_min": 1}),
        (
            "command_attempt",
            {**attempt, "do": "confirm_flag", "rule": "other_person", "confirmed": True},
        ),
        ("command_attempt", {**attempt, "exam_id": day.exam_id, "do": "judge_gaps"}),
        ("command_attempt", {**attempt, "exam_id": day.exam_id, "do": "accept_gaps"}),
        ("command_case", {**case, "do": "decide_complaint", "upheld": True}),
        (
            "command_case",
            {"ticket_id": "tk-none", "do": "decide_ticket", "decision": "rejected"},
        ),
        ("command_exam", {"exam_id": exam_id, "do": "compensate_exam", "extra_min": 1}),
        (
            "command_exam",
            {
                "exam_id": exam_id,
                "do": "correct_question",
                "question_id": "AP-S-001",
                "right_key": "D",
            },
        ),
        ("command_operator", {"do": "retire_operator", "operator_id": "op_nobody"}),
        (
            "command_exam",
            {"exam_id": exam_id, "do": "reschedule_exam", "starts_at": 1_900_000_000_000},
        ),
    ):
        signed = relay.sign({**command, **button, "endpoints": endpoints})
        pressed = cloud.local(f"functions/widgets_{name}", signed)
        assert "没有执行" in pressed["result"], button
        assert "动态码" not in pressed["result"], button


def drop_an_exam(address: str, folder: Path) -> None:
    """A whole exam by uploads, its roster replaced, its bank exported."""
    names = ("bank.xlsx", "people.xlsx", "spring-exam.yaml")
    files = dict(zip(names, exam_files("spring-exam"), strict=True))
    for name, data in [*files.items(), ("people.xlsx", people(LI))]:
        (folder / name).write_bytes(data)
        drop, content = imports.find_drop(folder / name, "spring-exam")
        assert imports.import_file(address, drop, content)["ok"]
    assert imports.export_bank(address, "spring-exam", folder / "again.xlsx")["ok"]


def drop_two_sittings(address: str, folder: Path) -> list[str]:
    """Two sittings of a series at two times, for different people. Returns their ids."""
    for number, person in ((1, ZHANG), (2, LI)):
        exam_id, at = f"sitting-{number}", f"2099-01-{14 + number}T16:00:00+08:00"
        series = {"id": "a-series", "sitting": f"第{number}场", "capacity": 1}
        far = settings(exam_id=exam_id, starts_at=at, series=series)
        files = {"bank.xlsx": BANK, "people.xlsx": people(person), f"{exam_id}.yaml": far}
        for name, data in files.items():
            (folder / name).write_bytes(data)
            drop, content = imports.find_drop(folder / name, exam_id)
            assert imports.import_file(address, drop, content)["ok"]
    return ["sitting-1", "sitting-2"]


def drop_an_illustrated_exam(day: Launched, folder: Path) -> None:
    """An exam of tomorrow with a picture: published, looked at before it, previewed."""
    now = day.http.get("/api/time").json()["server_now"]
    tomorrow = datetime.datetime.fromtimestamp(now / 1000 + 20 * 3600, CHINA).isoformat()
    (folder / "illustrated.zip").write_bytes(archives.pack(illustrated.pack(starts_at=tomorrow)))
    drop, content = imports.find_drop(folder / "illustrated.zip", "")
    assert imports.import_file(day.address, drop, content)["ok"]
    day.local("clock", {"advance_ms": 60_000})  # the preflight of the day before is due
    endpoints = {name: f"arn:{name}" for name in NEIGHBOURS}
    click = {"do": "preview_exam", "exam_id": "illustrated", "endpoints": endpoints}
    assert "预览已写好：6 题" in day.local("functions/widgets_command_exam", click)["result"]
    shown = {"exam_id": "illustrated", "endpoints": endpoints}
    assert "正常" in day.local("functions/widgets_show_exams", shown)["result"]


def known_by_roster(day: Launched, folder: Path, pictures: str) -> None:
    """Somebody whose face is known from their registration, and is seen as another in the exam."""
    person = Day(Browser(day.address), seed=5)
    person.exam_id = "known-faces"
    person.register()
    source = random.Random()
    source.setstate(person.random.getstate())
    number = made_up_id_number(source)
    person.fill_in_identity()
    person.upload_id_photo()
    now = day.http.get("/api/time").json()["server_now"]
    starts_at = datetime.datetime.fromtimestamp(now / 1000 + 20 * 60, CHINA)
    policy = {"face_reference": "roster", "mismatch_limit": 1}
    exam = {"exam_id": person.exam_id, "starts_at": starts_at.isoformat(), "policy": policy}
    photo = Path(pictures, "id_b.jpg").read_bytes()
    for name, data in (
        ("bank.xlsx", BANK),
        ("people.xlsx", people(("演示考生", "居民身份证", number, 0, ""))),
        ("known.yaml", settings(**exam)),
        ("photos.zip", archives.pack({f"{number}.jpg": photo})),
        ("photos.zip", archives.pack({f"{number}.jpg": photo, "note.jpg": b""})),
    ):
        (folder / name).write_bytes(data)
        about = "" if name.endswith(".yaml") else person.exam_id
        told = imports.import_file(day.address, *imports.find_drop(folder / name, about))
        assert told["ok"] is (b"note.jpg" not in data), told
    person.open_attempt()
    person.check_in()
    person.verify("frame_b.jpg", "passed")
    person.enter_waiting_room()
    person.start_at_the_bell()
    for _ in range(2):
        person.snapshot("frame_a.jpg")
    flagged = {"attempt_id": person.path.removeprefix("/attempts/")}
    endpoints = {name: f"arn:{name}" for name in NEIGHBOURS}
    shown = day.local("functions/widgets_show_flags", {"endpoints": endpoints, **flagged})
    assert "比对照片" in shown["result"]


@pytest.fixture
def own_day(tmp_path: Path) -> Iterator[Launched]:
    """An embedded cloud whose clock nobody else moves."""
    running = Launched(tmp_path / "var", seed=False)
    yield running
    assert running.stop() == 0, running.log()


def order_certificates(day: Launched, relay: Relay, aws: Aws, table: str) -> None:
    """Suspend, reinstate, correct and revoke the certificate of somebody who has passed."""
    rows = aws.client("dynamodb").scan(TableName=table)["Items"]
    number = next(row["number"]["S"] for row in rows if "number" in row)
    order = {"number": number, "reason": "a test"}
    for what in ("suspend", "reinstate", "reissue", "revoke"):
        version = written(day, number)["version"]
        command = {**order, "command_id": f"{what}-0001", "version_seen": version}
        answer = day.local(f"functions/{what}_certificate", relay.sign(command))["result"]
        assert answer["ok"], answer


def written(day: Launched, number: str) -> Any:
    """The certificate, once all its documents are written."""
    patience = time.monotonic() + 60
    while time.monotonic() < patience:
        shown = day.local("functions/read_certificate", {"number": number})["result"]
        if all(edition["sha256"] for edition in shown["editions"]):
            return shown
        time.sleep(0.2)
    raise AssertionError(f"a document was not written: {shown}")


def delete_a_person(day: Launched, relay: Relay, command: dict[str, Any]) -> None:
    """Somebody with an ID photo wants it gone, and what was on its way then, too."""
    person = Day(Browser(day.address), seed=4)
    for step in (person.register, person.fill_in_identity, person.upload_id_photo):
        step()
    told = {**command, "account_id": person.browser.call("GET", "/me")["account_id"]}
    del told["version_seen"]
    assert day.local("functions/delete_person_data", relay.sign(told))["result"]["ok"]
    day.local("clock", {"advance_ms": SETTLING_MS, "most_minutes": 0})
    assert day.local("functions/delete_person_data", relay.sign(told))["result"]["done"]


def told_of(day: Launched, cursors: set[str]) -> None:
    """Wait until the webhook has told the platform of all these entries."""
    patience = time.monotonic() + 60
    while time.monotonic() < patience:
        told = {call["cursor"] for call in day.local("partner/webhooks")["calls"]}
        if cursors <= told:
            return
        time.sleep(0.2)
    raise AssertionError(f"the platform was told of {told}, not of {cursors}")


def ask_as_partner(day: Launched) -> None:
    """The platform looks at results, of which it was told; a user who never came by it has none."""
    entries = day.local("partner/results")["entries"]
    assert entries
    told_of(day, {entry["cursor"] for entry in entries})
    assert {"experts", "organisation"} == set(day.local("partner/experts"))
    answer = day.http.get("/_local/partner/people/shanxi-2001/results")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def correct_a_key(day: Launched, relay: Relay, command: dict[str, Any]) -> None:
    """Give one question of an exam another answer."""
    exam_id = command["exam_id"]
    corrected = {**command, "command_id": "correct-0001", "answers": {"AP-S-001": "A"}}
    for version in range(1, 6):
        signed = relay.sign({**corrected, "version_seen": version})
        answer = day.local("functions/correct_key", signed)["result"]
        if answer["ok"]:
            return
    raise AssertionError(f"the key of {exam_id} was not corrected: {answer}")


def change_operators(day: Launched, relay: Relay) -> None:
    """Somebody comes in, gets other codes, and goes."""
    who = {"command_id": "enter-9999", "name": "来一下", "staff_number": "9999", "reason": "a test"}
    added = day.local("functions/add_operator", relay.sign(who))["result"]
    about = {"operator_id": added["operator_id"], "reason": "a test"}
    for what in ("renew", "retire"):
        command = relay.sign({**about, "command_id": f"{what}-9999"})
        assert day.local(f"functions/{what}_operator", command)["result"]["ok"]


def test_policies_allow_what_functions_do(own_day: Launched, pictures: str, tmp_path: Path) -> None:
    complained = Day(Browser(own_day.address), seed=3)
    for _, step in complained.with_company():  # with snapshots
        step()
    live(own_day.address, seed=1, until="作答前")
    live(own_day.address, seed=2)
    later = {"advance_ms": 3 * 60 * 60_000, "most_minutes": 2}
    own_day.local("clock", later)  # the schedule closes the first
    own_day.local("functions/read_timeline", {"attempt_id": "at_nobody"})
    whole = {"attempt_id": complained.path.removeprefix("/attempts/")}
    verified = own_day.local("functions/verify_attempt", whole)["result"]
    assert verified["ok"], verified
    assert verified["entries"] > 10
    relay = Relay(own_day)

    def order(function: str, event: dict[str, Any]) -> None:
        called = own_day.local(f"functions/{function}", relay.sign(event))
        assert "operator" not in json.dumps(called["result"]["errors"]), called

    change_operators(own_day, relay)
    command = {"attempt_id": "at_nobody", "command_id": "test-0001"}
    command |= {"reason": "a test", "version_seen": 1}
    order("grant_chances", {**command, "count": 1})
    order("extend_time", {**command, "extra_min": 1})
    order("reopen_attempt", {**command, "allowed_min": 1})
    order("confirm_flag", {**command, "rule": "other_person", "confirmed": True})
    exam = own_day.http.get(f"/api/exams/{complained.exam_id}").json()["exam"]
    for function in ("accept_gaps", "judge_gaps"):
        gaps = {name: command[name] for name in ("command_id", "reason")}
        order(function, {**gaps, "exam_id": exam["exam_id"]})
    everybody = {**command, "exam_id": exam["exam_id"]}
    del everybody["attempt_id"]
    order("compensate_exam", {**everybody, "extra_min": 1})
    move = {**everybody, "command_id": "test-0002", "starts_at": exam["starts_at"]}
    order("reschedule_exam", {**move, "version_seen": 2})

    look_and_press(own_day, relay, complained, exam["exam_id"])
    own_day.local("functions/list_tickets", {})
    own_day.local("functions/read_ticket", {"ticket_id": "tk-none"})
    del command["attempt_id"]
    decision = {**command, "ticket_id": "tk-none", "decision": "rejected"}
    order("decide_ticket", decision)
    own_day.local("functions/resend_notices", {})
    delete_a_person(own_day, relay, command)

    aws = Aws(own_day.local("health")["emulator"])
    stack = aws.client("cloudformation")
    listed = stack.describe_stack_resources(StackName=STACK)["StackResources"]
    logical = {entry["PhysicalResourceId"]: entry["LogicalResourceId"] for entry in listed}
    [dropbox] = [name for name, wanted in logical.items() if wanted == "DropboxBucket"]
    pack = {"pack_bucket": dropbox, "pack_key": "packs/none.zip"}
    own_day.local("functions/check_exam_pack", pack)
    drop_an_exam(own_day.address, tmp_path)
    _, moved = drop_two_sittings(own_day.address, tmp_path)
    together = {"exam_id": moved, "command_id": "test-0003", "reason": "a test", "version_seen": 1}
    order("reschedule_exam", {**together, "starts_at": 4_072_147_200_000})  # as the first
    drop_an_illustrated_exam(own_day, tmp_path)
    known_by_roster(own_day, tmp_path, pictures)

    ask_as_partner(own_day)
    names = {wanted: name for name, wanted in logical.items()}
    correct_a_key(own_day, relay, everybody)
    order_certificates(own_day, relay, aws, names["ResultsTable"])

    health = own_day.local("health")
    for function in health["functions"]:
        assert function["aws_calls_seen"], f"{function['name']} did nothing"
        granted = grants(function["name"])
        for call in function["aws_calls_seen"]:
            assert allows(granted, *needs(call, logical)), f"{function['name']} may not {call}"
