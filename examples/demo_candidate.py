"""What a candidate does in the demo: from the registration to the copy of their own data."""

import functools
import itertools
import pathlib
import random
import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from chalicelib.exams.blanks import accepted_answers
from chalicelib.exams.content import Content, plain_text
from chalicelib.exams.questions import LETTERS, Question
from chalicelib.imports import packs
from examples.demo_browser import Browser, DemoFailed, expect
from examples.record_check import check_record, is_genuine
from infra.folders import read_folder

PACK = "agency-practitioners"
PRACTICE, PRACTICE_ID = "practice", "shanxi-practice"
VERDICT_WITHIN_S = 30


class CandidateSteps:
    """The steps of a candidate. Each returns a line about its result, or raises `DemoFailed`."""

    def __init__(self, browser: Browser, seed: int) -> None:
        self.browser = browser
        self.random = random.Random(seed)  # noqa: S311 (a made-up phone, not a secret)
        self.moments = itertools.count(
            seed * 1000 + 1
        )  # two frames of a real camera are never the same
        self.phone = f"138{self.random.randrange(10**8):08}"
        self.exam_id = f"demo-{self.random.randrange(10**9)}"
        self.id_number = ""
        self.path = ""
        self.ids = (f"demo-{n:06}" for n in itertools.count(1))
        self.bank = example_bank()
        self.acked = 0
        self.absences = 0
        self.case_id = ""
        self.case_version = 0
        self.number = ""

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
        self.id_number = made_up_id_number(self.random)
        me = self.browser.call(
            "PUT",
            "/me",
            {
                "name": "演示考生",
                "role": "agency_practitioner",
                "organisation": "山西示例招标代理有限公司",
                "region": "山西省太原市",
                "id_type": "resident_id",
                "id_number": self.id_number,
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
                self.save(number, answer)
        return f"已保存 {len(numbers)} 题（每题一次写入）"

    def save(self, number: int, answer: str | list[str]) -> None:
        """Save the answer of one question."""
        batch = {"first": self.acked + 1, "last": self.acked + 1}
        body = {**batch, "answers": {str(number): answer}}
        self.acked = self.browser.call("PUT", f"{self.path}/answers", body)["acked_seq"]

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

    def confirm_announcement(self) -> str:
        told = self.browser.call("GET", f"{self.path}/announcements")
        numbers = {kind: told[kind] for kind in ("for_all", "to_me")}
        for _ in range(2):  # an answer that got lost is repeated
            self.browser.call("POST", f"{self.path}/announcements/read", numbers)
        [only] = self.browser.call("GET", f"{self.path}/announcements")["announcements"]
        expect(only["read"], f"not confirmed: {only}")
        return f"{only['text']}（已读，重复确认不变）"

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

    def wait_for(self, ask: Callable[[], Any], done: Callable[[Any], bool]) -> Any:
        """Ask until the result is there, as the page does. Raises `DemoFailed` after `VERDICT_WITHIN_S`."""
        until = time.monotonic() + VERDICT_WITHIN_S
        while time.monotonic() < until:
            answer = ask()
            if done(answer):
                return answer
            time.sleep(0.3)
        raise DemoFailed(f"no verdict within {VERDICT_WITHIN_S} s: {answer}")


@functools.cache
def example_bank() -> dict[str, Question]:
    """Stem in plain text → question of the example pack."""
    bank = packs.read_pack(read_folder(pathlib.Path(__file__).parent / PACK)).bank
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
