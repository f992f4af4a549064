"""The launcher from outside: one command, one port, state that survives."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.emulator.launching import PROJECT, Launched, emulator_program


def error_of(answer: httpx.Response) -> tuple[int, str]:
    content = answer.json()
    assert set(content["error"]) - {"our_fault"} == {"code", "message", "details"}
    return answer.status_code, content["error"]["code"]


def post(running: Launched, path: str, content: Any, **headers: str) -> httpx.Response:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return running.http.post(f"/_local/{path}", content=data, headers=headers)


def test_the_home_page_says_what_runs_and_where(standin: Launched) -> None:
    page = standin.http.get("/_local/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "考场正在本机运行" in page.text
    assert standin.address in page.text


def test_the_home_page_stands_in_until_the_candidates_page_is_built(
    standin: Launched, standin_project: Path
) -> None:
    home = standin.http.get("/_local").text
    assert 'data-built="false"' in home
    assert standin.http.get("/").text == home
    page = standin_project / "web" / "dist" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<h1>page</h1>")
    try:
        assert (
            standin.http.get("/").text == standin.http.get("/exam/detail").text == page.read_text()
        )
        assert 'data-built="true"' in standin.http.get("/_local").text
        assert error_of(standin.http.get("/_local/nothing")) == (404, "not_found")
        assert error_of(standin.http.get("/api/nothing")) == (404, "not_found")
        policy = standin.http.get("/").headers["content-security-policy"]
        buckets = standin.local("health")["emulator"]  # all of them have one address here
        assert f"connect-src 'self' {buckets} {buckets};" in policy
    finally:
        page.unlink()


def test_the_partners_page_is_there_and_runs_nothing_but_its_own(standin: Launched) -> None:
    page = standin.http.get("/_local/partner")
    assert "企业信息" in page.text and "专家工作台" in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    script = standin.http.get("/_local/partner/script")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert standin.local("partner/experts")["experts"][0]["name"]


def test_what_the_api_refuses_the_partner_is_refused_to_its_page(standin: Launched) -> None:
    """This product in miniature has no partners at all."""
    assert error_of(standin.http.get("/_local/partner/results")) == (404, "not_found")
    assert error_of(standin.http.get("/_local/partner/certificates/SX-0000")) == (404, "not_found")
    assert error_of(standin.http.get("/_local/partner/certificates/a.b")) == (404, "not_found")


def test_a_call_that_is_not_signed_by_us_tells_the_platform_nothing(standin: Launched) -> None:
    call = {"organisation": "agency", "cursor": "1", "told_at": 1}
    answer = standin.http.post("/_local/partner/webhook", json=call)
    assert error_of(answer) == (401, "signature_invalid")
    headers = {f"Kaochang-{name}": "1" for name in ("Timestamp", "Request", "Signature")}
    headers["Kaochang-Key"] = "local-platform-1"
    answer = standin.http.post("/_local/partner/webhook", json=call, headers=headers)
    assert error_of(answer) == (401, "signature_invalid")
    assert standin.local("partner/webhooks") == {"calls": []}


def test_health_names_functions_and_emulator(standin: Launched) -> None:
    health = standin.local("health")
    assert health["ok"] is True
    assert {function["handler"] for function in health["functions"]} >= {
        "app.app",
        "chalicelib.handlers.uploads.judge_upload",
    }
    assert httpx.get(health["emulator"] + "/_ministack/health").status_code == 200


def test_two_cookies_arrive_as_two(standin: Launched) -> None:
    answer = standin.http.get("/api/exams/e1")
    assert answer.headers.get_list("set-cookie") == ["first=1; Path=/", "second=2; Path=/"]
    assert answer.json()["context"]["identity"]["sourceIp"] == "127.0.0.1"


def test_functions_never_see_real_credentials(standin: Launched) -> None:
    seen = standin.local("functions/look", {})["result"]["environment"]
    assert seen["AWS_ENDPOINT_URL"] == standin.local("health")["emulator"]
    assert (seen["AWS_ACCESS_KEY_ID"], seen["STAGE"]) == ("local", "local")
    assert seen["SITE_ORIGIN"] == standin.address
    assert seen["ACCOUNTS_TABLE"].startswith("kaochang-AccountsTable")
    assert (seen["HOTLINE"], seen["OPERATOR_NAME"]) == ("95763", "考试平台运营方")


def test_a_posted_picture_wakes_its_function(standin: Launched) -> None:
    ticket = standin.http.post("/api/tickets", json={"key": "incoming/id-photos/p1.jpg"}).json()
    uploaded = httpx.post(ticket["url"], data=ticket["fields"], files={"file": b"picture"})
    assert uploaded.status_code == 204
    event = standin.note("upload#incoming/id-photos/p1.jpg")
    assert event["detail"]["object"]["version-id"] == uploaded.headers["x-amz-version-id"]


def test_a_poisonous_picture_ends_among_the_dead_letters(standin: Launched) -> None:
    ticket = standin.http.post("/api/tickets", json={"key": "incoming/id-photos/poison"}).json()
    httpx.post(ticket["url"], data=ticket["fields"], files={"file": b"picture"})
    letters = standin.var / "dead-letters.jsonl"
    patience = time.monotonic() + 20
    while not letters.exists():
        assert time.monotonic() < patience
        time.sleep(0.1)
    assert json.loads(letters.read_text())["error"]["errorMessage"] == "cannot be judged"


def test_a_changed_attempt_wakes_its_function(standin: Launched) -> None:
    item = {"attempt_id": "a1", "sk": "ATTEMPT"}
    standin.http.post("/api/rows", json={"table": "ATTEMPTS_TABLE", "item": item})
    record = standin.note("change#a1")["record"]
    assert record["eventName"] == "INSERT"
    assert record["eventSourceARN"].startswith("arn:aws:dynamodb:")


@pytest.mark.parametrize(
    "asked", ["13800138000", "%2B8613800138000", "8613800138000", "138 0013 8000"]
)
def test_text_messages_newest_first(standin: Launched, asked: str) -> None:
    for text in ("first", "second"):
        message = {"phone": "+8613800138000", "text": text}
        standin.http.post("/api/messages", json=message)
    messages = standin.local(f"sms?phone={asked}")["messages"]
    assert [message["message"] for message in messages[:2]] == ["second", "first"]
    assert messages[0]["phone"] == "+8613800138000"


def test_bad_questions_for_text_messages(standin: Launched) -> None:
    assert standin.local("sms?phone=13900139000") == {"messages": []}
    for query in ("", "?phone=", "?phone=me", "?phone=1' OR"):
        assert error_of(standin.http.get(f"/_local/sms{query}")) == (400, "invalid_request")


def test_a_captchas_answer_is_told(standin: Launched) -> None:
    item = {"pk": "captcha#c1", "local_answer": "7gk2"}
    standin.http.post("/api/rows", json={"table": "PASSING_TABLE", "item": item})
    assert standin.local("captchas/c1") == {"answer": "7gk2"}
    assert error_of(standin.http.get("/_local/captchas/c2")) == (404, "not_found")


def test_the_clock_moves_forward_and_lives_the_minutes(standin: Launched) -> None:
    before = standin.local("clock")
    after = standin.local("clock", {"advance_ms": 3 * 60_000})
    assert before["now"] + 180_000 <= after["now"] < before["now"] + 190_000
    assert after["minutes_run"] in (3, 4)
    assert after["changes_delivered"] is True
    minute = after["now"] // 60_000
    event = standin.note(f"minute#{minute}")
    assert (event["source"], event["detail-type"]) == ("aws.events", "Scheduled Event")
    assert standin.http.get("/api/exams").json()["now"] >= after["now"]


def test_the_clock_leaves_minutes_out_when_asked(standin: Launched) -> None:
    moved = standin.local("clock", {"advance_ms": 10 * 60_000, "most_minutes": 0})
    assert moved["minutes_run"] == 1
    assert moved["minutes_skipped"] in (9, 10)


@pytest.mark.parametrize("field", ["advance_ms", "most_minutes"])
@pytest.mark.parametrize("wrong", [-1, 1.5, "60", None, True, 10**15, [], {}])
def test_the_clock_refuses_everything_else(standin: Launched, wrong: Any, field: str) -> None:
    before = standin.local("clock")["offset_ms"]
    refused = post(standin, "clock", {"advance_ms": 60_000} | {field: wrong})
    assert error_of(refused) == (400, "invalid_request")
    assert standin.local("clock")["offset_ms"] == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"back_ms": 1}', b"[" * 100_000])
def test_malformed_bodies(standin: Launched, body: bytes) -> None:
    for path in ("clock", "exams"):
        status, code = error_of(post(standin, path, body))
        assert (status, code) in [(400, "malformed_json"), (400, "invalid_request")]


def test_a_pack_is_zipped_and_published(standin: Launched) -> None:
    wanted = {"pack": "tiny", "starts_in_min": 5, "exam_id": "mine"}
    answer = post(standin, "exams", wanted)
    assert answer.status_code == 201
    assert answer.json()["files"] == ["exam.yaml"]
    listed = standin.http.get("/api/exams").json()
    starts = {exam["exam_id"]: exam["entry_until"] - 30 * 60_000 for exam in listed["exams"]}
    assert abs(starts["mine"] - listed["now"] - 5 * 60_000) < 10_000


def test_packs_get_the_next_free_id(standin: Launched) -> None:
    ids = [post(standin, "exams", {"pack": "tiny"}).json()["exam_id"] for _ in range(2)]
    assert ids == ["tiny-2", "tiny-3"]  # `tiny` itself was seeded at the start


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"pack": "nothing"},
        {"pack": "../tiny"},
        {"pack": 1},
        {"pack": "tiny", "starts_in_min": "soon"},
        {"pack": "tiny", "starts_in_min": True},
        {"pack": "tiny", "starts_in_min": float("inf")},
        {"pack": "tiny", "starts_in_min": float("nan")},
        {"pack": "tiny", "exam_id": 7},
        {"pack": "tiny", "more": 1},
    ],
)
def test_wrong_packs_are_refused(standin: Launched, wrong: Any) -> None:
    assert error_of(post(standin, "exams", wrong)) == (400, "invalid_request")


def test_a_refused_pack_says_why(standin: Launched) -> None:
    refused = post(standin, "exams", {"pack": "tiny", "exam_id": "refused"})
    assert error_of(refused) == (400, "pack_refused")
    errors = refused.json()["error"]["details"]["errors"]
    assert errors == [{"file": "exam.yaml", "reason": "no"}]


def test_functions_can_be_called_with_a_test_event(standin: Launched) -> None:
    assert standin.local("functions/console_look", {})["result"]["function"] == "console_look"
    failed = standin.local("functions/look", {"do": "fail"})
    assert (failed["ok"], failed["error"]["errorMessage"]) == (False, "asked to fail")
    for name in ("nobody", "api_handler"):
        assert error_of(post(standin, f"functions/{name}", {})) == (404, "not_found")


def test_the_local_api_is_for_neighbours_only(standin: Launched) -> None:
    def look(**headers: str) -> httpx.Response:
        return standin.http.get("/_local/clock", headers=headers)

    port = standin.port
    assert error_of(look(Host="evil.example")) == (403, "foreign_host")
    assert error_of(look(Host=f"127.0.0.1.evil.example:{port}")) == (403, "foreign_host")
    assert error_of(look(Origin="http://evil.example")) == (403, "foreign_origin")
    assert error_of(look(Origin="null")) == (403, "foreign_origin")
    assert error_of(look(Origin=f"http://127.0.0.1:{port + 1}")) == (403, "foreign_origin")
    for broken in ("[", "[zz]:80", "]"):
        assert error_of(look(Host=broken)) == (403, "foreign_host")
        assert error_of(look(Origin=f"http://{broken}")) == (403, "foreign_origin")
    assert look(Host=f"localhost:{port}").status_code == 200
    assert look(Origin=standin.address).status_code == 200


def test_unknown_local_paths(standin: Launched) -> None:
    assert error_of(standin.http.get("/_local/nothing")) == (404, "not_found")
    assert error_of(standin.http.delete("/_local/clock")) == (405, "method_not_allowed")
    assert error_of(standin.http.get("/_local/exams")) == (405, "method_not_allowed")


def test_a_restart_continues(tmp_path: Path, standin_project: Path) -> None:
    first = Launched(tmp_path / "var", standin_project)
    item = {"attempt_id": "a1", "sk": "ATTEMPT"}
    first.http.post("/api/rows", json={"table": "ATTEMPTS_TABLE", "item": item})
    first.http.post("/api/messages", json={"phone": "+8613800138000", "text": "kept"})
    moved = first.local("clock", {"advance_ms": 60_000})
    assert first.stop() == 0
    assert "数据已保存" in first.log()

    second = Launched(tmp_path / "var", standin_project)
    assert second.note("change#a1")  # written before the stop or never
    assert second.local("sms?phone=13800138000")["messages"][0]["message"] == "kept"
    assert second.local("clock")["offset_ms"] == moved["offset_ms"]
    exams = [exam["exam_id"] for exam in second.http.get("/api/exams").json()["exams"]]
    assert exams == ["tiny"]  # still open: nothing was seeded again
    second.local("clock", {"advance_ms": 3 * 60 * 60_000, "most_minutes": 0})
    assert second.stop() == 0

    third = Launched(tmp_path / "var", standin_project)
    listed = third.http.get("/api/exams").json()["exams"]
    assert sorted(exam["exam_id"] for exam in listed) == ["tiny", "tiny-2"]
    assert third.stop() == 0


def test_a_killed_launcher_loses_nothing_while_its_emulator_lives(
    tmp_path: Path, standin_project: Path
) -> None:
    first = Launched(tmp_path / "var", standin_project, seed=False)
    item = {"pk": "captcha#c1", "local_answer": "kept"}
    first.http.post("/api/rows", json={"table": "PASSING_TABLE", "item": item})
    first.kill()
    second = Launched(tmp_path / "var", standin_project, seed=False)
    assert "lost nothing" in second.log()
    assert second.local("captchas/c1") == {"answer": "kept"}
    assert second.stop() == 0


def kill_all(running: Launched) -> None:
    """kill -9 the launcher and its emulator."""
    left = json.loads((running.var / "running.json").read_text())
    running.kill()
    os.kill(left["emulator_pid"], signal.SIGKILL)


def test_a_killed_emulator_keeps_every_write_that_it_answered(
    tmp_path: Path, standin_project: Path
) -> None:
    def write(running: Launched, number: int) -> None:
        item = {"attempt_id": f"a{number}", "sk": "ATTEMPT"}
        running.http.post("/api/rows", json={"table": "ATTEMPTS_TABLE", "item": item})
        captcha = {"pk": f"captcha#c{number}", "local_answer": f"kept {number}"}
        running.http.post("/api/rows", json={"table": "PASSING_TABLE", "item": captcha})

    for number in (1, 2, 3):  # a journal of its own each time, on what the ones before have left
        running = Launched(tmp_path / "var", standin_project, seed=False)
        assert ("come back from the journal" in running.log()) == (number > 1)
        for known in range(1, number):
            assert running.local(f"captchas/c{known}") == {"answer": f"kept {known}"}
        write(running, number)
        kill_all(running)
    # The last line was cut off by the kill: its write was never answered.
    journal = max((tmp_path / "var" / "emulator").glob("journal-*.jsonl"))
    with journal.open("ab") as file:
        file.write(b'{"target": "DynamoDB_20120810.PutI')
    last = Launched(tmp_path / "var", standin_project, seed=False)
    assert last.local("captchas/c3") == {"answer": "kept 3"}
    assert last.note("change#a3"), "a change reaches its function, before the kill or after it"
    assert last.stop() == 0


def test_a_picture_whose_event_was_killed_is_announced_again(
    tmp_path: Path, standin_project: Path
) -> None:
    first = Launched(tmp_path / "var", standin_project, seed=False)
    ticket = first.http.post("/api/tickets", json={"key": "incoming/id-photos/p1.jpg"}).json()
    kill_later = json.loads((tmp_path / "var" / "running.json").read_text())
    first.process.kill()  # nobody delivers events any more
    first.process.wait()
    posted = httpx.post(ticket["url"], data=ticket["fields"], files={"file": b"picture"})
    assert posted.status_code == 204
    os.kill(kill_later["emulator_pid"], signal.SIGKILL)
    second = Launched(tmp_path / "var", standin_project, seed=False)
    assert second.note("upload#incoming/id-photos/p1.jpg")
    assert second.stop() == 0


def test_no_process_stays_behind(tmp_path: Path, standin_project: Path) -> None:
    running = Launched(tmp_path / "var", standin_project, seed=False)
    process = running.local("functions/look", {})["result"]["process"]
    left = json.loads((tmp_path / "var" / "running.json").read_text())
    assert running.stop() == 0
    for pid in (process, left["emulator_pid"]):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert not (tmp_path / "var" / "running.json").exists()


def launch(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra.local", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_busy_port_is_named(standin: Launched, tmp_path: Path) -> None:
    emulator = ("--emulator", str(emulator_program()))
    tried = launch("--port", str(standin.port), "--var", str(tmp_path), *emulator)
    assert tried.returncode == 1
    assert f"Port {standin.port} cannot be used" in tried.stderr
    assert "Traceback" not in tried.stderr


def test_two_launchers_never_share_a_state(standin: Launched) -> None:
    emulator = ("--emulator", str(emulator_program()))
    tried = launch("--port", "0", "--var", str(standin.var), *emulator)
    assert tried.returncode == 1
    assert "Another launcher runs" in tried.stderr


def test_a_missing_emulator_is_named(tmp_path: Path) -> None:
    tried = launch("--port", "0", "--var", str(tmp_path), "--emulator", str(tmp_path / "none"))
    assert tried.returncode == 1
    assert "not installed" in tried.stderr


def test_the_example_exams_are_seeded(launched: Launched) -> None:
    exams = {exam["exam_id"]: exam for exam in launched.http.get("/api/exams").json()["exams"]}
    for name in ("shanxi-agency-practitioners", "shanxi-evaluation-experts"):
        assert exams[name]["starts_at"] % 60_000 == 0
        assert exams[name]["waiting_opens_at"] < launched.local("clock")["now"]
