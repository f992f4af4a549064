"""A scripted exam day: three candidates with real face pictures, over HTTP only.

    python -m examples.demo                                   starts an embedded cloud of its own
    python -m examples.demo --address http://127.0.0.1:8000   uses one that runs (moves its clock forward)

Each step is printed with the time it took and the AWS calls that its requests cost.
"""

import argparse
import contextlib
import csv
import html
import io
import itertools
import pathlib
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import msgspec

from chalicelib.desk.widget import NEIGHBOURS
from chalicelib.exams.blanks import accepted_answers
from chalicelib.exams.content import Content, plain_text
from chalicelib.exams.questions import LETTERS, Question
from chalicelib.imports import packs
from examples.record_check import check_record, is_genuine
from infra.folders import read_folder
from scripts.moments import moment

HERE = pathlib.Path(__file__).parent
PICTURES = HERE.parent / "var/pictures"
PACK = "agency-practitioners"
PRACTICE, PRACTICE_ID = "practice", "shanxi-practice"
START_WITHIN_S = 120
VERDICT_WITHIN_S = 30


class DemoFailed(Exception):
    """A step did not end as it should."""


def expect(condition: bool, what: str) -> None:
    """Raise `DemoFailed` unless the condition holds."""
    if not condition:
        raise DemoFailed(what)


class Browser:
    """A candidate's browser: cookies, page token, and a count of the AWS calls of its requests."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address, timeout=120)
        self.calls: Counter[str] = Counter()
        self.requests = 0

    def call(self, method: str, path: str, body: Any = None, *, status: int | None = None) -> Any:
        """Send one API request. `status`: the status that must come; without it any 2xx."""
        answer = self.http.request(method, f"/api{path}", json={} if body is None else body)
        self.requests += 1
        for entry in filter(None, answer.headers.get("Aws-Calls", "").split(", ")):
            name, _, count = entry.rpartition(" ")
            self.calls[name] += int(count)
        right = answer.status_code == status if status else answer.is_success
        expect(right, f"{method} {path} → {answer.status_code} {answer.text[:300]}")
        return answer.json()

    def local(self, method: str, path: str, body: Any = None) -> Any:
        """Call the launcher's helpers: SMS, captcha answers, clock, exams."""
        answer = self.http.request(method, f"/_local{path}", json=body)
        expect(answer.is_success, f"{method} /_local{path} → {answer.status_code} {answer.text}")
        return answer.json()

    def upload(self, ticket: dict[str, Any], picture: str, n: int = 0) -> None:
        """Post a picture (at its n-th moment) straight to S3, as the page does."""
        data = moment((PICTURES / picture).read_bytes(), n)
        answer = httpx.post(ticket["url"], data=ticket["fields"], files={"file": data}, timeout=30)
        expect(answer.is_success, f"upload → {answer.status_code} {answer.text[:300]}")


class Day:
    """The steps of the day, in order. Each returns a line about its result."""

    def __init__(self, browser: Browser, seed: int) -> None:
        self.browser = browser
        self.random = random.Random(seed)  # noqa: S311 (a made-up phone, not a secret)
        self.moments = itertools.count(
            seed * 1000 + 1
        )  # two frames of a real camera are never the same
        self.phone = f"138{self.random.randrange(10**8):08}"
        self.exam_id = f"demo-{self.random.randrange(10**9)}"
        self.path = ""
        self.ids = (f"demo-{n:06}" for n in itertools.count(1))
        self.bank = example_bank()
        self.acked = 0
        self.absences = 0
        self.case_id = ""
        self.case_version = 0
        self.number = ""

    def entering(self, picture: str = "frame_a.jpg") -> list[tuple[str, Callable[[], str]]]:
        """Do all steps from the registration to the first question of a published exam."""
        return [
            ("新用户注册", self.register),
            ("填写身份信息", self.fill_in_identity),
            ("上传证件照", self.upload_id_photo),
            ("点击开始考试", self.open_attempt),
            ("考前确认：须知、设备、网络", self.check_in),
            ("身份核验：本人", lambda: self.verify(picture, "passed")),
            ("进入考场，候考", self.enter_waiting_room),
            ("时钟拨到开考，开始考试", self.start_at_the_bell),
        ]

    def leaving_three_times(self) -> list[tuple[str, Callable[[], str]]]:
        """A second candidate, who switches to another page three times."""
        return [
            ("发布考试，15 分钟后开考", self.publish),
            *self.entering(),
            ("作答 5 题", lambda: self.answer(range(1, 6))),
            ("短暂离开 0.4 秒", lambda: self.leave(400)),
            ("切屏 4 秒", lambda: self.leave(4000)),
            ("切屏 4 秒", lambda: self.leave(4000)),
            ("切屏 4 秒", lambda: self.leave(4000)),
            ("查看成绩", lambda: self.see_outcome("failed", "switches")),
        ]

    def with_company(self) -> list[tuple[str, Callable[[], str]]]:
        """A third candidate is not alone in three snapshots and complains; an operator upholds the complaint."""
        return [
            ("发布考试，15 分钟后开考", self.publish),
            *self.entering(),
            ("抓拍：本人", lambda: self.snapshot("frame_a.jpg")),
            *[("抓拍：两个人", lambda: self.snapshot("frame_two.jpg"))] * 3,
            ("作答全部题目", lambda: self.answer(range(1, 21))),
            ("提交试卷", self.submit),
            ("查看成绩", lambda: self.see_outcome("invalidated", "candidate")),
            ("查看被指的画面", self.see_frames),
            ("我要投诉，附一张照片", self.complain),
            ("运营人员查看投诉：时间线与画面", self.review_complaint),
            ("运营人员支持投诉", self.uphold_complaint),
            ("短信通知，只有一条", self.read_notice),
            ("查看成绩", lambda: self.see_outcome("passed", "candidate", final=True)),
            ("领取证书", self.see_certificate),
            ("任何人查验证书", self.check_certificate),
            ("考生下载我的数据，不联网核对", self.check_own_data),
            ("山西政府采购平台：企业信息 > 培训列表 > 查看结果", self.see_as_partner),
            ("山西政府采购平台：证书详情", self.see_certificate_as_partner),
            ("运营人员生成成绩单（遮盖），下载 CSV", self.take_score_list),
        ]

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        """Return the steps of the first candidate by name."""
        return [
            ("发布考试，15 分钟后开考", self.publish),
            ("新用户注册", self.register),
            ("填写身份信息", self.fill_in_identity),
            ("上传证件照", self.upload_id_photo),
            ("试考：没有找到摄像头", self.practise_without_camera),
            ("再试考一次：走完全过程", self.practise),
            ("点击开始考试", self.open_attempt),
            ("考前确认：须知、设备、网络", self.check_in),
            ("身份核验：他人的脸", lambda: self.verify("frame_b.jpg", "failed")),
            ("身份核验：光线不足", lambda: self.verify("frame_dark.jpg", "not_run")),
            ("身份核验：本人", lambda: self.verify("frame_a.jpg", "passed")),
            ("进入考场，候考", self.enter_waiting_room),
            ("提前点击开始考试", self.start_too_early),
            ("时钟拨到开考，开始考试", self.start_at_the_bell),
            ("作答前 12 题", lambda: self.answer(range(1, 13))),
            ("运营人员发全场通知", self.announce),
            ("考生看到通知，按“我知道了”", self.confirm_announcement),
            ("运营人员查看回执", self.see_receipts),
            ("断线、关闭页面后回来", self.come_back),
            ("作答其余题目", lambda: self.answer(range(13, 21))),
            ("提交试卷", self.submit),
            ("查看成绩", self.see_result),
        ]

    def publish(self) -> str:
        body = {"pack": PACK, "exam_id": self.exam_id, "starts_in_min": 15}
        self.browser.local("POST", "/exams", body)
        exam = self.browser.call("GET", f"/exams/{self.exam_id}")["exam"]
        return f"{exam['title']} · {exam['phase']}"

    def register(self) -> str:
        who = {"phone": self.phone, "purpose": "register"}
        captcha = self.browser.call("POST", "/captchas", who)
        answer = self.browser.local("GET", f"/captchas/{captcha['captcha_id']}")["answer"]
        seen = {"captcha_id": captcha["captcha_id"], "captcha_answer": answer}
        sent = self.browser.call("POST", "/codes", {**who, **seen}, status=202)
        account = self.browser.call(
            "POST",
            "/accounts",
            {
                "phone": self.phone,
                "challenge_id": sent["challenge_id"],
                "code": self.newest_code(),
                "role": "agency_practitioner",
                "agreements": ["user-service", "privacy"],
            },
        )
        return str(account["phone"])

    def newest_code(self) -> str:
        messages = self.browser.local("GET", f"/sms?phone={self.phone}")["messages"]
        expect(bool(messages), "no SMS arrived")
        text = messages[0]["message"].split("验证码是")[1]
        return str(text[:6])

    def fill_in_identity(self) -> str:
        me = self.browser.call(
            "PUT",
            "/me",
            {
                "name": "演示考生",
                "role": "agency_practitioner",
                "organisation": "山西示例招标代理有限公司",
                "region": "山西省太原市",
                "id_type": "resident_id",
                "id_number": made_up_id_number(self.random),
            },
        )
        return f"证件号码显示为 {me['profile']['id_number_masked']}，尚缺 {me['missing']}"

    def upload_id_photo(self) -> str:
        self.browser.upload(self.browser.call("POST", "/me/id-photo"), "id_a.jpg")
        photo = self.wait_for(
            lambda: self.browser.call("GET", "/me")["id_photo"], lambda p: p["state"] != "waiting"
        )
        expect(photo["state"] == "accepted", f"the ID photo was refused: {photo}")
        return "已通过质量检查"

    def open_practice(self) -> None:
        """Open a practice exam, which is published once and is always open."""
        self.browser.local("POST", "/exams", {"pack": PRACTICE})
        attempt = self.browser.call("POST", f"/exams/{PRACTICE_ID}/attempts")
        self.path = f"/attempts/{attempt['attempt_id']}"

    def practise_without_camera(self) -> str:
        self.open_practice()
        ended = {"camera_trouble": "none", "end": True}
        found = self.browser.call("POST", f"{self.path}/practice", ended)
        camera = found["areas"][0]
        expect(camera["state"] == "failed", f"the camera should have failed: {found}")
        return f"{camera['message']}：{camera['advice']}"

    def practise(self) -> str:
        self.open_practice()
        self.check_in()
        self.verify("frame_a.jpg", "passed")
        self.enter_waiting_room()
        self.browser.call("POST", f"{self.path}/start")
        found = self.browser.call("POST", f"{self.path}/practice", {"end": True})
        failed = [area for area in found["areas"] if area["state"] == "failed"]
        expect(not failed, f"everything should work: {failed}")
        mark = self.wait_for(
            lambda: self.browser.call("GET", "/me")["practice"],
            lambda mark: (
                mark and f"/attempts/{mark['attempt_id']}" == self.path and mark["ended_at"]
            ),
        )
        expect(mark["failed"] == [], f"the account is marked: {mark}")
        said = "；".join(area["message"] for area in found["areas"])
        return f"{said}。账号已记为试考过"

    def open_attempt(self) -> str:
        attempt = self.browser.call("POST", f"/exams/{self.exam_id}/attempts")
        self.path = f"/attempts/{attempt['attempt_id']}"
        return f"核验机会 {attempt['chances_left']} 次"

    def check_in(self) -> str:
        agreed = {"agreements": ["identity-authorization"]}
        notice = {"request_id": next(self.ids), **agreed}
        self.browser.call("POST", f"{self.path}/check-in/notice", notice)
        self.browser.call("POST", f"{self.path}/check-in/camera", {"camera_on": True})
        speed = {"down_mbps": 9.3, "up_mbps": 4.9, "latency_ms": 21}
        attempt = self.browser.call("POST", f"{self.path}/check-in/network", speed)
        return f"下一步 {attempt['next_step']}"

    def verify(self, picture: str, state: str) -> str:
        reserved = self.browser.call(
            "POST", f"{self.path}/verifications", {"request_id": next(self.ids)}
        )
        self.browser.upload(reserved["upload"], picture, next(self.moments))
        check = f"{self.path}/verifications/{reserved['verification']['verification_id']}"
        answer = self.wait_for(
            lambda: self.browser.call("GET", check),
            lambda a: a["verification"]["state"] not in {"pending", "judging"},
        )
        expect(answer["verification"]["state"] == state, f"expected {state}: {answer}")
        return f"{answer['verification']['message']}（剩余 {answer['chances_left']} 次）"

    def enter_waiting_room(self) -> str:
        answer = self.browser.call("POST", f"{self.path}/admission", {"request_id": next(self.ids)})
        self.browser.http.headers["Page-Token"] = answer["page_token"]
        beat = self.browser.call("POST", f"{self.path}/heartbeat")
        return f"距开考 {(beat['starts_at'] - beat['server_now']) / 60_000:.1f} 分钟"

    def start_too_early(self) -> str:
        return str(self.browser.call("POST", f"{self.path}/start", status=409)["error"]["message"])

    def start_at_the_bell(self) -> str:
        beat = self.browser.call("POST", f"{self.path}/heartbeat")
        ms = max(beat["starts_at"] - beat["server_now"], 0)
        self.browser.local("POST", "/clock", {"advance_ms": ms})
        attempt = self.browser.call("POST", f"{self.path}/start")
        return f"作答时间 {(attempt['deadline'] - attempt['started_at']) // 60_000} 分钟"

    def answer(self, numbers: range) -> str:
        for number, answer in self.known_answers().items():
            if number in numbers:
                batch = {"first": self.acked + 1, "last": self.acked + 1}
                body = {**batch, "answers": {str(number): answer}}
                saved = self.browser.call("PUT", f"{self.path}/answers", body)
                self.acked = saved["acked_seq"]
        return f"已保存 {len(numbers)} 题（每题一次写入）"

    def known_answers(self) -> dict[int, str | list[str]]:
        """Return the right answers by question number, from the example bank."""
        paper = self.browser.call("GET", f"{self.path}/paper")
        questions = (question for section in paper["sections"] for question in section["questions"])
        return {question["number"]: self.known_answer(question) for question in questions}

    def known_answer(self, shown: Any) -> str | list[str]:
        """Return the letters of the right options, or the first accepted answer of each blank."""
        question = self.bank[_plain(shown["stem"])]
        if shown["blanks"]:
            return [accepted[0] for accepted in accepted_answers(question.key)]
        right = right_options(question)
        return "".join(o["letter"] for o in shown["options"] if _plain(o["text"]) in right)

    def announce(self) -> str:
        words = {"text": "如遇断网请不要关闭页面，答案会自动保存", "reason": "提醒全场考生"}
        fields = self.with_code({**words, "do": "announce_to_all", "exam_id": self.exam_id})
        shown = self.widget("command_exam", {**fields, "command_id": next(self.ids)})
        expect("通知已发出：1 人" in shown, f"not announced: {shown}")
        beat = self.browser.call("POST", f"{self.path}/heartbeat")
        expect(beat["announced"] == 1, f"the heartbeat does not tell it: {beat}")
        return f"{words['text']}（心跳带回编号 {beat['announced']}）"

    def confirm_announcement(self) -> str:
        told = self.browser.call("GET", f"{self.path}/announcements")
        numbers = {kind: told[kind] for kind in ("for_all", "to_me")}
        for _ in range(2):  # an answer that got lost is repeated
            self.browser.call("POST", f"{self.path}/announcements/read", numbers)
        [only] = self.browser.call("GET", f"{self.path}/announcements")["announcements"]
        expect(only["read"], f"not confirmed: {only}")
        return f"{only['text']}（已读，重复确认不变）"

    def see_receipts(self) -> str:
        shown = self.widget("show_live", {"exam_id": self.exam_id, "announcement": 1})
        expect("1/1" in shown and "未读的在前" in shown, f"no receipts: {shown}")
        return "已读 1/1"

    def widget(self, function: str, parameters: dict[str, Any]) -> str:
        """Call the function of a widget or of one of its buttons as the dashboard does. Returns its HTML."""
        event = {**parameters, "endpoints": {name: name for name in NEIGHBOURS}}
        called = self.browser.local("POST", f"/functions/{function}", event)
        expect(called["ok"], f"{function} → {called}")
        return str(called["result"])

    def come_back(self) -> str:
        before = self.browser.call("GET", f"{self.path}/paper")
        old_token = self.browser.http.headers.pop("Page-Token")
        self.check_in()
        self.verify("frame_a_2.jpg", "passed")
        self.enter_waiting_room()
        after = self.browser.call("GET", f"{self.path}/paper")
        expect(after["sections"] == before["sections"], "another paper after coming back")
        expect(after["answers"] == before["answers"], "answers were lost")
        new_token = self.browser.http.headers["Page-Token"]
        self.browser.http.headers["Page-Token"] = old_token
        self.browser.call("POST", f"{self.path}/heartbeat", status=409)
        self.browser.http.headers["Page-Token"] = new_token
        return f"同一份试卷，{after['acked_seq']} 题答案都在，旧页面已失效"

    def leave(self, ms: int) -> str:
        self.browser.local("POST", "/clock", {"advance_ms": 30_000})
        self.absences += 1
        report = {"absence_seq": self.absences, "kind": "hidden", "away_ms": ms}
        answer = self.browser.call("POST", f"{self.path}/absences", {"absences": [report]})
        return f"{answer['message']}（{answer['switches']}/{answer['switch_limit']}）"

    def snapshot(self, picture: str) -> str:
        """Send heartbeats until a frame is asked for, and deliver this one."""
        for _ in range(60):
            self.browser.local("POST", "/clock", {"advance_ms": 30_000})
            beat = self.browser.call("POST", f"{self.path}/heartbeat")
            if beat["snapshots"]:
                break
        ticket = beat["snapshots"][0]
        self.browser.upload(ticket["upload"], picture, next(self.moments))
        self.wait_for(
            lambda: self.browser.call("POST", f"{self.path}/heartbeat")["snapshots"],
            lambda open_: ticket["snapshot_id"] not in {t["snapshot_id"] for t in open_},
        )
        seconds = (beat["server_now"] - ticket["frame_at"]) / 1000
        return f"要的是 {seconds:.0f} 秒前的一帧，已上传并判定"

    def see_outcome(self, outcome: str, cause: str, final: bool = False) -> str:
        result = self.browser.call("GET", f"{self.path}/result")
        actual = (result["outcome"], result["cause"])
        expect(actual == (outcome, cause), f"expected {outcome} by {cause}: {result}")
        expect(not final or not result["provisional"], f"not final: {result}")
        rule = result["integrity_rule"] or "–"
        return f"{outcome}，交卷原因 {cause}，监考结论 {result['integrity']}（{rule}），暂定 {result['provisional']}"

    def see_frames(self) -> str:
        result = self.browser.call("GET", f"{self.path}/result")
        links = [frame["url"] for frame in result["frames"]]
        expect(len(links) == 3, f"three frames are held against the candidate: {result}")
        sizes = [len(httpx.get(link, timeout=30).content) for link in links]
        return f"{result['reason']}；3 帧，共 {sum(sizes) / 1000:.0f} kB，链接一分钟内有效"

    def complain(self) -> str:
        words = {"request_id": next(self.ids), "text": "身后是墙上的海报，考试时只有我一个人"}
        opened = self.browser.call("POST", f"{self.path}/complaint", words, status=201)
        self.case_id = opened["case_id"]
        self.browser.upload(opened["uploads"][0]["upload"], "frame_a.jpg")
        status = self.wait_for(
            lambda: self.browser.call("GET", f"{self.path}/complaint"),
            lambda s: s["complaint"]["uploads"][0]["state"] != "waiting",
        )
        state = status["complaint"]["uploads"][0]["state"]
        expect(state == "accepted", f"the picture was not taken: {status}")
        again = {**words, "request_id": next(self.ids)}
        self.browser.call("POST", f"{self.path}/complaint", again, status=409)
        return f"{self.case_id}：{status['complaint']['message']}；同一结果不能再次投诉"

    def operator(self, function: str, event: dict[str, Any]) -> Any:
        """Call a function as an operator does in the console."""
        called = self.browser.local("POST", f"/functions/{function}", event)
        expect(called["ok"] and called["result"]["ok"], f"{function} → {called}")
        return called["result"]

    def review_complaint(self) -> str:
        listed = self.operator("list_complaints", {})["complaints"]
        expect(self.case_id in {row["case_id"] for row in listed}, f"not listed: {listed}")
        seen = self.operator("read_complaint", {"case_id": self.case_id})
        expect(not seen["timeline_problems"], f"a broken timeline: {seen['timeline_problems']}")
        self.case_version = seen["version"]
        frames, entries = len(seen["frames"]), len(seen["timeline"])
        return f"{seen['person']['name']}，{frames} 帧，时间线 {entries} 条，链条完整"

    def with_code(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return a command of the second demo operator with the next code, which is unused."""
        self.browser.local("POST", "/clock", {"advance_ms": 30_000})
        who = self.browser.local("GET", "/operators")["operators"][-1]
        return {**event, "operator": who["name"], "operator_code": who["code"]}

    def uphold_complaint(self) -> str:
        decision = self.with_code({"reason": "画面中的第二人是海报", "upheld": True})
        event = {"case_id": self.case_id, "version_seen": self.case_version, **decision}
        answer = self.operator("decide_complaint", {**event, "command_id": next(self.ids)})
        expect(answer["effect"] == "overturned", f"not overturned: {answer}")
        return f"{answer['state']}，{answer['effect']}"

    def read_notice(self) -> str:
        def notices() -> list[str]:
            messages = self.browser.local("GET", f"/sms?phone={self.phone}")["messages"]
            return [m["message"] for m in messages if "投诉" in m["message"]]

        self.wait_for(notices, bool)
        self.browser.local(
            "POST", "/clock", {"advance_ms": 5 * 60_000}
        )  # the schedule also closes it
        expect(len(notices()) == 1, f"one message, not {notices()}")
        return notices()[0]

    def submit(self) -> str:
        score = self.browser.call("POST", f"{self.path}/submission")["score"]
        return f"{score['points']:g} / {score['out_of']:g} 分"

    def see_result(self) -> str:
        result = self.browser.call("GET", f"{self.path}/result")
        expect(result["score"]["passed"], f"not passed: {result['score']}")
        expect(len(result["receipt"]) == 20, "the receipt does not list every answer")
        parts = "，".join(f"{s['title']} {s['points']:g}" for s in result["score"]["sections"])
        return f"合格（{parts}）"

    def see_certificate(self) -> str:
        answer = self.wait_for(
            lambda: self.browser.call("GET", f"{self.path}/certificate"),
            lambda a: bool(a["certificate"]) and not a["certificate"]["preparing"],
        )
        certificate = answer["certificate"]
        document = self.browser.http.get(certificate["url"]).content
        signed = document.startswith(b"%PDF-") and b"/ETSI.CAdES.detached" in document
        expect(signed, "the certificate is no signed PDF")
        self.number = certificate["number"]
        return f"{self.number}，PDF {len(document) // 1024} kB，带数字签名"

    def check_own_data(self) -> str:
        """Download the zip after the exam, and check it as anybody can: hashes, signature, answers in the timeline."""
        later = {"advance_ms": 3 * 3_600_000, "most_minutes": 2}
        self.browser.local("POST", "/clock", later)
        self.browser.call("POST", "/me/record", status=202)
        answer = self.wait_for(
            lambda: self.browser.call("GET", "/me/record"), lambda a: a["state"] != "preparing"
        )
        expect(answer["state"] == "ready", f"no zip: {answer}")
        data = httpx.get(answer["url"], timeout=30).content
        checked = check_record(data)
        expect(checked.fingerprint == answer["fingerprint"], "signed by another key")
        expect(not is_genuine(data.replace(b"answers_text", b"answers_next", 1)), "not noticed")
        parts = f"{checked.files} 个文件、{checked.entries} 条时间线、{checked.answers} 题答案"
        return f"{len(data) // 1024} kB，{parts}相符；改动一处即被发现"

    def check_certificate(self) -> str:
        shown = self.browser.call("GET", f"/certificates/{self.number}")
        expect(shown["status"] == "valid", f"the certificate is not valid: {shown}")
        expect("*" in shown["name"], "the whole name is shown to everybody")
        return f"{shown['message']}：{shown['name']}，{shown['exam_title']}，{shown['passed_on']}"

    def see_as_partner(self) -> str:
        """Read the feed as the platform, through the signed API. The overturned verdict has its own entry."""
        entries = self.wait_for(
            self.partner_entries, lambda entries: any(entry["certificate"] for entry in entries)
        )
        kinds = [entry["kind"] for entry in entries]
        expect("overturned" in kinds, f"the feed has no overturned verdict: {kinds}")
        last = entries[-1]
        expect((last["outcome"], last["provisional"]) == ("passed", False), f"last entry: {last}")
        self.number = last["certificate"]["number"]
        return f"{' → '.join(kinds)}；{last['name']} {last['points']:g} / {last['out_of']:g}，{last['outcome']}"

    def partner_entries(self) -> list[dict[str, Any]]:
        entries = self.browser.local("GET", "/partner/results")["entries"]
        attempt_id = self.path.removeprefix("/attempts/")
        return [e["result"] for e in entries if e["result"]["attempt_id"] == attempt_id]

    def see_certificate_as_partner(self) -> str:
        shown = self.browser.local("GET", f"/partner/certificates/{self.number}")
        expect(shown["status"] == "valid", f"the certificate is not valid: {shown}")
        document = httpx.get(shown["url"], timeout=30).content
        expect(document.startswith(b"%PDF-"), "the certificate is no PDF")
        return f"{shown['number']}，{shown['message']}，PDF {len(document) // 1024} kB，链接一分钟内有效"

    def take_score_list(self) -> str:
        fields = {"do": "make_score_list", "exam_id": self.exam_id, "reason": "向主办方报送成绩"}
        given = self.with_code({**fields, "command_id": next(self.ids)})
        shown = self.widget("command_exam", given)
        links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', shown)]
        expect(len(links) == 2, f"no score list: {shown}")
        address = next(link for link in links if "/list.csv?" in link)
        text = httpx.get(address, timeout=30).content.decode("utf-8-sig")
        [row] = csv.DictReader(io.StringIO(text, newline=""))
        masked = "*" in row["姓名"] and "*" in row["证件号码"]
        expect(masked, f"not masked: {row}")
        expect(row["证书编号"] == self.number, f"another certificate: {row}")
        expect("投诉成立，已撤销" in row["人工处理"], f"the decision is missing: {row}")
        told = (row["姓名"], row["证件号码"], row["到考"], f"{row['总分']} 分", row["成绩"])
        return "，".join((*told, row["人工处理"]))

    def wait_for(self, ask: Callable[[], Any], done: Callable[[Any], bool]) -> Any:
        """Ask until the result is there, as the page does. Raises `DemoFailed` after `VERDICT_WITHIN_S`."""
        until = time.monotonic() + VERDICT_WITHIN_S
        while time.monotonic() < until:
            answer = ask()
            if done(answer):
                return answer
            time.sleep(0.3)
        raise DemoFailed(f"no verdict within {VERDICT_WITHIN_S} s: {answer}")


def example_bank() -> dict[str, Question]:
    """Stem in plain text → question of the example pack."""
    bank = packs.read_pack(read_folder(HERE / PACK)).bank
    return {plain_text(question.stem): question for question in bank.questions}


def right_options(question: Question) -> set[str]:
    """The texts of the right options."""
    return {plain_text(question.options[LETTERS.index(letter)]) for letter in question.key}


def _plain(shown: Any) -> str:
    """A content as the API shows it, in plain text."""
    return plain_text(msgspec.convert(shown, Content))


def made_up_id_number(source: random.Random) -> str:
    """A resident ID number that is valid in form only (region code 140100)."""
    from stdnum.cn import ric

    year, month, day = source.randint(1970, 2000), source.randint(1, 12), source.randint(1, 28)
    body = f"140100{year}{month:02}{day:02}{source.randint(1, 999):03}"
    return body + str(ric.calc_check_digit(body + "0"))


@contextlib.contextmanager
def launched() -> Iterator[str]:
    """Start an embedded cloud for the demo, and stop it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="kaochang-demo-") as var:
        log = pathlib.Path(var) / "launcher.log"
        command = [sys.executable, "-m", "infra.local", "--port", str(port), "--var", var]
        with log.open("w") as output:
            launcher = subprocess.Popen([*command, "--no-seed"], stdout=output, stderr=output)
            try:
                wait_until_up(address, launcher, log)
                yield address
            finally:
                launcher.terminate()
                launcher.wait(timeout=30)


def wait_until_up(address: str, launcher: "subprocess.Popen[bytes]", log: pathlib.Path) -> None:
    """Return when the API answers. Raises `DemoFailed` with the last output of the launcher."""
    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until and launcher.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{address}/api/exams", timeout=5).is_success:
                return
        time.sleep(0.3)
    raise DemoFailed(f"the embedded cloud did not start:\n{log.read_text()[-3000:]}")


def live(address: str, seed: int) -> None:
    """Play the days of three candidates. Raises `DemoFailed`."""
    expect(PICTURES.is_dir(), f"no pictures in {PICTURES}: run `make demo`, which fetches them")
    candidates = {
        "第一位考生：完整的一天": Day.steps,
        "第二位考生：切屏三次": Day.leaving_three_times,
        "第三位考生：抓拍中有两个人，投诉后恢复": Day.with_company,
    }
    print(f"考场演示 · {address}")
    for number, (title, plan) in enumerate(candidates.items()):
        browser = Browser(address)
        print(f"\n{title}\n")
        walk(browser, plan(Day(browser, seed + number)))


def walk(browser: Browser, steps: list[tuple[str, Callable[[], str]]]) -> None:
    """Do the steps and print result and cost of each. Raises `DemoFailed`."""
    total: Counter[str] = Counter()
    for number, (name, step) in enumerate(steps, start=1):
        browser.calls.clear()
        began = time.perf_counter()
        seen = step()
        ms = (time.perf_counter() - began) * 1000
        total += browser.calls
        cost = ", ".join(f"{n} {c}" for n, c in sorted(browser.calls.items())) or "–"
        print(f"{number:3}. {name}\n     {seen}\n     {ms:.0f} ms · AWS: {cost}")
    cost = ", ".join(f"{name} {count}" for name, count in sorted(total.items()))
    print(f"\n完成：{browser.requests} 次 API 请求，AWS 调用 {total.total()} 次（{cost}）")


def main() -> int:
    """Run the demo. Returns 0 when every step succeeds."""
    parser = argparse.ArgumentParser(prog="python -m examples.demo", description=__doc__)
    parser.add_argument("--address", help="a running embedded cloud; without it one is started")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**9)
    options = parser.parse_args()
    address = contextlib.nullcontext(options.address) if options.address else launched()
    try:
        with address as where:
            live(where.rstrip("/"), options.seed)
    except (DemoFailed, httpx.TransportError) as failed:
        print(f"\n演示中断：{failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
