"""A good run of every route and every packaged function, from a world with two enrolled people.

`act` names its request ids itself: called again, it sends the very same request. test_crashes.py fails when a
route or function has no scenario here.
"""

import json
from collections.abc import Callable
from typing import Any
from unittest import mock

from chalicelib.attempts import ordering, watch
from chalicelib.cases.outbox import CLAIM_MS
from chalicelib.exams.model import Announcement
from chalicelib.notices import sms
from tests.api import Answer, publish
from tests.gateway import gateway_event
from tests.proof.crashes import Scenario
from tests.proof.world import EXAM, MINUTE_MS, T0, Person, World, with_policy, with_settings

SECOND_MS = 1000
STRANGER = "13600136000"
REQUEST = "the-same-request"
CALL = {"request_id": REQUEST, "reason": "display"}
PRACTICE = "shanxi-practice"
FACE_DATA = {"request_id": REQUEST, "agreements": ["identity-authorization"]}
AGREED = {"agreements": ["user-service", "privacy"]}

Step = Callable[[World], Any]


def ann(w: World) -> Person:
    """Whom all this happens to."""
    return w.people[0]


# --- how far the day has come ---------------------------------------------------------------------------


def nothing(w: World) -> None:
    """Ann is enrolled, the waiting room is open."""


def opened(w: World) -> None:
    ann(w).open()


def checked_in(w: World) -> None:
    opened(w)
    ann(w).steps()
    w.deliver_all()


def reserved(w: World) -> None:
    checked_in(w)
    ann(w).reserve()
    w.deliver_all()


def shown(w: World) -> None:
    """The picture is in S3, and nobody has looked at it."""
    reserved(w)
    ann(w).show_face()


def shown_somebody_else(w: World) -> None:
    reserved(w)
    ann(w).show_face("frame_b.jpg")


def asked_for_a_turn(w: World) -> None:
    """At another exam, which asks for one; no picture is posted yet."""
    files = with_policy({"liveness": "head_turn"})
    assert publish("agency-practitioners", T0, "with-a-turn", **files)["ok"]
    assert ann(w).open("with-a-turn").status == 200
    ann(w).steps()
    ann(w).reserve()
    w.deliver_all()


def one_picture_of_two(w: World) -> None:
    asked_for_a_turn(w)
    ann(w).show_face()


def shown_and_turned(w: World) -> None:
    """Both pictures are in S3, and nobody has looked at them."""
    one_picture_of_two(w)
    ann(w).show_turn()


def shown_then_turned(w: World) -> None:
    """The frontal picture was looked at before the second one came."""
    one_picture_of_two(w)
    w.deliver_all()
    ann(w).show_turn()


def shown_and_not_turned(w: World) -> None:
    one_picture_of_two(w)
    w.deliver_all()
    ann(w).show_turn("frame_flat.jpg")


def practising(w: World) -> None:
    """At a practice exam, before the face check."""
    assert publish("practice", None)["ok"]
    assert ann(w).open(PRACTICE).status == 200
    ann(w).steps()
    w.deliver_all()


def practice_begun(w: World) -> None:
    """The practice is running, and somebody has left the page more often than an exam allows."""
    practising(w)
    ann(w).reserve()
    ann(w).show_face()
    w.deliver_all()
    ann(w).admit()
    assert ann(w).start().status == 200
    for _ in range(4):
        w.clock.advance(s=20)
        ann(w).leave(5000)
    w.deliver_all()


def two_sittings(w: World) -> None:
    """Two exams at the same time, of which everybody may open one."""
    for number in (1, 2):
        publish_sitting(number, T0)


def publish_sitting(number: int, starts_at: int, **more: Any) -> None:
    """Publish a sitting of the series `spring`. `more`: its retake rule, and its policy."""
    series = {"id": "spring", "sitting": f"第{number}场", "retakes": more.get("retakes", {})}
    files = with_settings({"series": series, "policy": more.get("policy", {})})
    published = publish("agency-practitioners", starts_at, f"sitting-{number}", **files)
    assert published["ok"], published


def failed_and_complained(w: World) -> None:
    """Ann has failed in the first of two sittings and complains; the waiting room of the second one is open."""
    more = {"retakes": {"most_tries": 2}, "policy": {"snapshots_min": 0, "snapshots_max": 0}}
    publish_sitting(1, T0, **more)
    publish_sitting(2, T0 + 60 * MINUTE_MS, **more)
    ann(w).begin("sitting-1")
    w.clock.advance(minutes=20)
    ann(w).submit({"1": "A"})
    w.deliver_all()
    w.memory["complaint"] = ann(w).complain(REQUEST).json
    w.deliver_all()


def in_a_sitting(w: World) -> None:
    two_sittings(w)
    assert ann(w).open("sitting-1").status == 200
    w.deliver_all()


def one_sitting_claimed(w: World) -> None:
    """Whoever has opened a sitting has one claim, finds the same attempt again, and is refused at the other."""
    assert ann(w).open("sitting-1").json["sitting"] == "第1场"
    assert ann(w).open("sitting-2").code == "series_sitting_open"
    [row] = [row for row in w.rows("ATTEMPTS_TABLE") if row["sk"] == "TRIES#spring"]
    assert [claim["exam_id"] for claim in row["claims"]] == ["sitting-1"]


def turns_as_well(w: World) -> None:
    """The second picture comes, and settles the check."""
    ann(w).show_turn()
    w.deliver_all()


def passed(w: World) -> None:
    shown(w)
    w.deliver_all()


def waiting(w: World) -> None:
    ann(w).come_in()
    w.deliver_all()


def at_the_bell(w: World) -> None:
    waiting(w)
    w.clock.now = T0


def writing(w: World) -> None:
    ann(w).begin()
    w.deliver_all()


def announced(w: World) -> None:
    """Everybody in the exam was told something."""
    writing(w)
    told = Announcement("考试延长 10 分钟", w.clock.now, REQUEST, "ops@example", "设备故障")
    ordering.announce_to_all(exam_id=EXAM, announcement=told, now=w.clock.now)
    w.deliver_all()


def called(w: World) -> None:
    """Ann has called an operator, and nobody has answered."""
    writing(w)
    assert ann(w).api.post(ann(w).path("help"), CALL).status == 201
    w.deliver_all()


def snapshot_due(w: World) -> None:
    """Two frames are due; the next one is at least a minute away, whatever the dice say."""
    writing(w)
    w.clock.now = watch.moments(w.attempt(ann(w)))[1] + SECOND_MS


def checking_with_snapshots_due(w: World) -> None:
    """Somebody is asked for frames, and checks in on another page."""
    snapshot_due(w)
    ann(w).beat()
    ann(w).steps()
    ann(w).reserve()
    w.deliver_all()


def snapshot_posted(w: World) -> None:
    """A frame was asked for and posted; nobody has looked at it."""
    snapshot_due(w)
    ann(w).beat()
    w.deliver_all()
    w.post(ann(w), ann(w).tickets[0]["upload"], "frame_a.jpg")


def left_twice(w: World) -> None:
    writing(w)
    for _ in range(2):
        w.clock.advance(s=20)
        ann(w).leave(5000)
    w.deliver_all()
    w.clock.advance(s=20)


def left_twice_and_back(w: World) -> None:
    """Losing the page would be the third switch: the check-in is done, the door is next."""
    left_twice(w)
    come_back_to_the_door(w)


def come_back_to_the_door(w: World) -> None:
    ann(w).steps()
    ann(w).reserve()
    ann(w).show_face()
    w.deliver_all()


def page_lost(w: World) -> None:
    writing(w)
    come_back_to_the_door(w)


def overdue(w: World) -> None:
    """Something is saved, and the time is up."""
    writing(w)
    ann(w).save({"1": "A"})
    w.deliver_all()
    w.clock.now = T0 + 60 * MINUTE_MS + 2 * SECOND_MS + 1


def closed(w: World) -> None:
    overdue(w)
    ann(w).look()
    w.deliver_all()


def submitted(w: World) -> None:
    writing(w)
    ann(w).submit({"1": "A"})
    w.deliver_all()


def flagged(w: World) -> None:
    """Every frame is missing."""
    closed(w)
    w.clock.advance(s=300)
    ann(w).look()
    w.deliver_all()


def not_watched(w: World) -> None:
    """Every frame arrived, and nobody has judged one."""
    writing(w)
    w.clock.advance(minutes=30)
    ann(w).submit({"1": "A"})
    ann(w).beat()
    for ticket in ann(w).tickets:
        w.post(ann(w), ticket["upload"], "frame_a.jpg")
    for event in w.events:
        if event.kind == "snapshot":
            w.drop(event)
    w.clock.advance(minutes=8)
    ann(w).look()
    w.deliver_all()


def about_to_settle(w: World) -> None:
    """The last verdict is written, and nothing has followed from it."""
    closed(w)
    w.clock.advance(s=300)
    ann(w).look()


def ticket_body(w: World, request_id: str = REQUEST) -> dict[str, Any]:
    about = {"attempt_id": ann(w).attempt_id} if ann(w).attempt_id else {}
    return {"request_id": request_id, "trouble": "face_check", "text": "核验不通过", **about}


def asked_for_help(w: World) -> None:
    opened(w)
    w.memory["ticket"] = ann(w).api.post("/tickets", ticket_body(w)).json
    w.deliver_all()


def portrait_posted(w: World) -> None:
    asked_for_help(w)
    w.post(ann(w), w.memory["ticket"]["uploads"][1]["upload"], "frame_a.jpg")


def complained(w: World) -> None:
    submitted(w)
    w.memory["complaint"] = ann(w).complain(REQUEST).json
    w.deliver_all()


def picture_of_a_complaint(w: World) -> None:
    complained(w)
    w.post(ann(w), w.memory["complaint"]["uploads"][0]["upload"], "frame_a.jpg")


def complaint_decided(w: World) -> None:
    """Nobody has told the candidate yet."""
    complained(w)
    decide_complaint(w)


def given_up(w: World) -> None:
    """The provider has refused the message about a decision for good."""
    complaint_decided(w)
    with mock.patch("chalicelib.notices.sms.send", side_effect=sms.Rejected):
        w.deliver_all()


def a_claim_has_run_out(w: World) -> None:
    """Whoever died with a claim has kept the message back for so long."""
    w.clock.advance(ms=CLAIM_MS)
    w.minute()
    w.deliver_all()


def photo_posted(w: World) -> None:
    """A second ID photo, which replaces the first."""
    w.post(ann(w), ann(w).api.post("/me/id-photo").json, "frame_a.jpg")


def ticket_admitted(w: World) -> None:
    """A ticket has admitted Ann without the face check, and she is told; she has not entered yet."""
    checked_in(w)
    w.memory["ticket"] = ann(w).api.post("/tickets", ticket_body(w)).json
    w.deliver_all()
    assert decide_ticket(w)["effect"] == "admitted"
    w.deliver_all()


def half_decided(w: World) -> None:
    """A ticket is decided, and the operator's function died before the attempt heard of it."""
    asked_for_help(w)
    with mock.patch("chalicelib.cases.service._finish", side_effect=OSError("it died")):
        decide_ticket(w)


def second_exam_soon(w: World) -> None:
    assert publish("agency-practitioners", w.clock.now + 30 * MINUTE_MS, "second-exam")["ok"]


def roster_packed(w: World) -> None:
    roster = (
        "姓名,证件类型,证件号码,加时(分钟)\n,居民身份证,11010519491231002X,10\n,护照,E12345678,"
    )
    published = publish(
        "agency-practitioners", T0, "with-roster", **{"roster.csv": roster.encode()}
    )
    assert published["ok"], published


def much_to_do(w: World) -> None:
    """One minute that opens a waiting room, closes a paper, follows an order, ends a decision."""
    half_decided(w)
    bob = w.people[1]
    bob.begin()
    bob.save({"1": "A"})
    compensate(w, extra_min=1)
    w.deliver_all()
    w.clock.now = T0 + 62 * MINUTE_MS + 2 * SECOND_MS
    second_exam_soon(w)


# --- requests -------------------------------------------------------------------------------------------


def get(path: str) -> Step:
    return lambda w: ann(w).api.get(path.replace("{attempt}", f"/attempts/{ann(w).attempt_id}"))


def post(what: str, body: dict[str, Any] | None = None) -> Step:
    return lambda w: ann(w).api.post(ann(w).path(what), body)


def sign_out(w: World) -> Answer:
    """The browser forgets its session with the answer, and not before."""
    api = ann(w).api
    cookie = api.cookie
    answer = api.call("DELETE", "/sessions/current")
    api.cookie = cookie
    return answer


def save_profile(w: World) -> Answer:
    profile = {"name": "张三", "role": "agency_practitioner", "region": "山西省大同市"}
    profile |= {"organisation": "另一家公司", "id_type": "passport", "id_number": "E12345678"}
    return ann(w).api.put("/me", profile)


def the_old_number_is_free(w: World) -> None:
    """At the latest after five minutes, if somebody died before giving it up."""
    w.clock.advance(minutes=5)
    w.clock.advance(ms=1)
    profile = {"name": "李四", "role": "agency_practitioner", "region": "山西省太原市"}
    profile |= {"organisation": "某公司", "id_type": "resident_id", "id_number": ann(w).id_number}
    assert w.people[1].api.put("/me", profile).status == 200


def batch(first: int, **answers: str) -> dict[str, Any]:
    numbered = {name[1:]: letters for name, letters in answers.items()}
    return {"first": first, "last": first + len(numbered) - 1, "answers": numbered}


def absence(seq: int) -> dict[str, Any]:
    return {"absence_seq": seq, "kind": "hidden", "away_ms": 5000}


def save(w: World) -> Answer:
    return ann(w).api.put(ann(w).path("answers"), batch(1, q1="A", q2="B"))


def verdict(w: World) -> Answer:
    return ann(w).verdict()


def later(ms: int, step: Step) -> Step:
    """Prepare, and let time pass."""

    def prepare(w: World) -> None:
        step(w)
        w.clock.advance(ms=ms)

    return prepare


# --- signing in -----------------------------------------------------------------------------------------


def captcha_by_its_function(w: World) -> Any:
    body = json.dumps({"phone": STRANGER, "purpose": "register"})
    event = gateway_event("POST", "/captchas", body)
    return w.run("chalicelib.handlers.captchas.make_captcha", event)


def with_captcha(purpose: str, phone: str) -> Step:
    def prepare(w: World) -> None:
        w.memory["captcha"] = ann(w).api.captcha(phone, purpose)

    return prepare


def with_code(purpose: str, phone: str) -> Step:
    def prepare(w: World) -> None:
        w.memory["code"] = ann(w).api.code(phone, purpose)

    return prepare


def send_code(w: World) -> Answer:
    captcha_id, answer = w.memory["captcha"]
    body = {"phone": STRANGER, "purpose": "register", "captcha_id": captcha_id}
    return ann(w).api.post("/codes", {**body, "captcha_answer": answer})


def register(w: World) -> Answer:
    body = {"phone": STRANGER, **ann(w).api.proof(w.memory["code"]), "role": "agency_practitioner"}
    return ann(w).api.post("/accounts", {**body, **AGREED})


def sign_in(w: World) -> Answer:
    body = {"phone": ann(w).phone, **ann(w).api.proof(w.memory["code"])}
    return ann(w).api.post("/sessions", {**body, **AGREED})


def sign_in_unknown(w: World) -> Answer:
    body = {"phone": STRANGER, **ann(w).api.proof(w.memory["code"])}
    return ann(w).api.post("/sessions", {**body, **AGREED})


def proven_but_unknown(w: World) -> None:
    with_code("sign_in", STRANGER)(w)
    answer = sign_in_unknown(w)
    assert answer.code == "account_unknown", answer


def registers_by_the_same_code(w: World) -> None:
    answer = register(w)
    assert answer.status == 201, answer


def anew(*steps: Step) -> Step:
    """After a minute, for a phone gets no second code before that."""

    def start_over(w: World) -> Any:
        w.clock.advance(minutes=1)
        answer = None
        for step in steps:
            answer = step(w)
        return answer

    return start_over


def register_or_sign_in(w: World) -> Answer:
    """The code is used up; if the account is there, the person is told to sign in, and does."""
    answer: Answer = anew(with_code("register", STRANGER), register)(w)
    if answer.code == "phone_taken":
        body = {"phone": STRANGER, **AGREED}
        anew(with_code("sign_in", STRANGER))(w)
        answer = ann(w).api.post("/sessions", {**body, **ann(w).api.proof(w.memory["code"])})
    return answer


def registers_in_the_end(w: World) -> None:
    w.clock.advance(minutes=1)
    with_code("register", STRANGER)(w)
    assert register(w).status == 201


# --- events and operators -------------------------------------------------------------------------------


def event(kind: str) -> Step:
    """The event that waits; after a crash its source hands it over again, and no longer when it is done."""

    def deliver(w: World) -> Any:
        found = [entry for entry in w.events if entry.kind == kind and entry.state == "waiting"]
        entry = w.memory.setdefault("event", found[0] if found else None)
        return w.deliver(entry)

    return deliver


def minute(w: World) -> Any:
    return w.minute()


def order(function: str, **more: Any) -> Step:
    """A command on Ann's attempt; the operator saw it as it was before."""

    def command(w: World) -> Any:
        seen = w.memory.setdefault("seen", w.attempt(ann(w)).version)
        fields = {"command_id": REQUEST, "operator": "ops@example", "reason": "考点断网"}
        return w.operate(
            function, attempt_id=ann(w).attempt_id, version_seen=seen, **fields, **more
        )

    return command


def order_all(function: str, w: World, **more: Any) -> Any:
    fields = {"command_id": REQUEST, "operator": "ops@example", "reason": "平台故障"}
    return w.operate(function, exam_id=EXAM, version_seen=1, **{**fields, **more})


def gaps(function: str) -> Step:
    """An order about all frames of the exam that nobody has judged."""
    fields = {"command_id": REQUEST, "operator": "ops@example", "reason": "引擎故障"}
    return operate(function, room="gaps", exam_id=EXAM, **fields)


def compensate(w: World, extra_min: int = 15) -> Any:
    return order_all("compensate_exam", w, extra_min=extra_min)


def reschedule(w: World) -> Any:
    return order_all("reschedule_exam", w, starts_at=T0 + 60 * MINUTE_MS)


def decide_ticket(w: World) -> Any:
    fields = {"command_id": REQUEST, "operator": "ops@example", "reason": "已电话核对本人"}
    ticket_id = w.memory["ticket"]["ticket_id"]
    seen = w.memory.setdefault("ticket_seen", 1)
    return w.operate(
        "decide_ticket",
        ticket_id=ticket_id,
        version_seen=seen,
        decision="accepted",
        admit_with="enrolled",
        enter_within_min=60,
        **fields,
    )


def correct_ticket(w: World) -> Any:
    """The acceptance was wrong: another operator takes it back."""
    ticket_id = w.memory["ticket"]["ticket_id"]
    [row] = [row for row in w.rows("CASES_TABLE") if row["case_id"] == ticket_id]
    seen = w.memory.setdefault("corrected_on", row["version"])
    return w.operate(
        "decide_ticket",
        ticket_id=ticket_id,
        version_seen=seen,
        decision="rejected",
        corrects=True,
        command_id="correct-0001",
        operator="op-2",
        reason="身份证与本人不符",
    )


def decide_complaint(w: World) -> Any:
    fields = {"command_id": REQUEST, "operator": "ops@example", "reason": "题目有误"}
    case_id = w.memory["complaint"]["case_id"]
    return w.operate(
        "decide_complaint", room="reviews", case_id=case_id, version_seen=1, upheld=True, **fields
    )


def read_complaint(w: World) -> Any:
    return w.operate("read_complaint", room="reviews", case_id=w.memory["complaint"]["case_id"])


def operate(function: str, **event: Any) -> Step:
    return lambda w: w.operate(function, **event)


def verify_attempt(w: World) -> Any:
    return w.operate("verify_attempt", room="audits", attempt_id=ann(w).attempt_id)


def read_timeline(w: World) -> Any:
    return w.operate("read_timeline", attempt_id=ann(w).attempt_id)


def read_ticket(w: World) -> Any:
    return w.operate("read_ticket", ticket_id=w.memory["ticket"]["ticket_id"])


def delete_pictures(w: World) -> Any:
    """Nothing of Ann's is evidence: she has opened no attempt."""
    fields = {"command_id": REQUEST, "operator": "ops@example", "reason": "本人要求删除"}
    return w.operate("delete_person_data", room="deletions", account_id=ann(w).account_id, **fields)


def two_waiting(w: World) -> None:
    opened(w)
    w.people[1].open()
    w.deliver_all()


PACK = {"pack_bucket": "dropboxbucket", "pack_key": "pack.zip"}
ROOM = "/attempts/{attempt_id}"

CANDIDATE = [
    Scenario("sign out", "DELETE /sessions/current", nothing, sign_out),
    Scenario("see my identity", "GET /me", nothing, get("/me")),
    Scenario(
        "give another ID number",
        "PUT /me",
        later(1, nothing),
        save_profile,
        finish=the_old_number_is_free,
    ),
    Scenario(
        "ask for a photo ticket",
        "POST /me/id-photo",
        nothing,
        lambda w: ann(w).api.post("/me/id-photo"),
    ),
    Scenario("open", "POST /exams/{exam_id}/attempts", nothing, lambda w: ann(w).open()),
    Scenario("open again", "POST /exams/{exam_id}/attempts", overdue, lambda w: ann(w).open()),
    Scenario(
        "practise",
        "POST /exams/{exam_id}/attempts",
        lambda w: publish("practice", None),
        lambda w: ann(w).open(PRACTICE),
    ),
    Scenario(
        "practise again",
        "POST /exams/{exam_id}/attempts",
        lambda w: (practising(w), ann(w).api.post(ann(w).path("practice"), {"end": True})),
        lambda w: ann(w).open(PRACTICE),
    ),
    Scenario(
        "tell of a camera",
        f"POST {ROOM}/practice",
        practising,
        post("practice", {"camera_trouble": "ended"}),
    ),
    Scenario(
        "end a practice", f"POST {ROOM}/practice", practice_begun, post("practice", {"end": True})
    ),
    Scenario(
        "submit a practice", f"POST {ROOM}/submission", practice_begun, post("submission", {})
    ),
    Scenario(
        "see what a practice found", f"GET {ROOM}/practice", practising, get("{attempt}/practice")
    ),
    Scenario(
        "open a sitting",
        "POST /exams/{exam_id}/attempts",
        two_sittings,
        lambda w: ann(w).open("sitting-1"),
        finish=one_sitting_claimed,
    ),
    Scenario("list my attempts", "GET /me/attempts", opened, get("/me/attempts")),
    Scenario("list my series", "GET /me/series", in_a_sitting, get("/me/series")),
    Scenario("look", f"GET {ROOM}", opened, get("{attempt}")),
    Scenario("look when the time is up", f"GET {ROOM}", overdue, get("{attempt}")),
    Scenario(
        "look when frames are missing", f"GET {ROOM}", later(300_000, closed), get("{attempt}")
    ),
    Scenario("notice", f"POST {ROOM}/check-in/notice", opened, post("check-in/notice", FACE_DATA)),
    Scenario(
        "camera",
        f"POST {ROOM}/check-in/camera",
        lambda w: (opened(w), ann(w).notice()),
        post("check-in/camera", {"camera_on": True}),
    ),
    Scenario("speed", f"POST {ROOM}/speed-uploads", opened, post("speed-uploads")),
    Scenario(
        "network",
        f"POST {ROOM}/check-in/network",
        lambda w: (opened(w), ann(w).notice(), ann(w).camera()),
        post("check-in/network", {"down_mbps": 9.3, "up_mbps": 4.9, "latency_ms": 20}),
    ),
    Scenario(
        "reserve two pictures",
        f"POST {ROOM}/verifications",
        lambda w: (asked_for_a_turn(w), w.clock.advance(s=60), ann(w).look()),
        post("verifications", {"request_id": REQUEST}),
    ),
    Scenario(
        "reserve",
        f"POST {ROOM}/verifications",
        checked_in,
        post("verifications", {"request_id": REQUEST}),
    ),
    Scenario("ask for a verdict", f"GET {ROOM}/verifications/{{verification_id}}", passed, verdict),
    Scenario(
        "ask when nothing was uploaded",
        f"GET {ROOM}/verifications/{{verification_id}}",
        later(60_000, reserved),
        verdict,
    ),
    Scenario(
        "ask when one picture of two was uploaded",
        f"GET {ROOM}/verifications/{{verification_id}}",
        later(60_000, one_picture_of_two),
        verdict,
    ),
    Scenario(
        "ask when the verdict of two pictures is late",
        f"GET {ROOM}/verifications/{{verification_id}}",
        later(60_000, shown_and_turned),
        verdict,
    ),
    Scenario(
        "ask when the verdict is late",
        f"GET {ROOM}/verifications/{{verification_id}}",
        later(60_000, shown),
        verdict,
    ),
    Scenario("enter", f"POST {ROOM}/admission", passed, post("admission", {"request_id": REQUEST})),
    Scenario(
        "come back", f"POST {ROOM}/admission", page_lost, post("admission", {"request_id": REQUEST})
    ),
    Scenario(
        "come back for the third time",
        f"POST {ROOM}/admission",
        left_twice_and_back,
        post("admission", {"request_id": REQUEST}),
    ),
    Scenario("wait", f"POST {ROOM}/heartbeat", waiting, post("heartbeat", {})),
    Scenario(
        "beat with everything",
        f"POST {ROOM}/heartbeat",
        snapshot_due,
        post("heartbeat", {"answers": batch(1, q1="A"), "absences": [absence(1)]}),
    ),
    Scenario(
        "leave for the third time",
        f"POST {ROOM}/absences",
        left_twice,
        post("absences", {"absences": [absence(3)], "answers": batch(1, q1="A")}),
    ),
    Scenario("start", f"POST {ROOM}/start", at_the_bell, post("start")),
    Scenario("read the paper", f"GET {ROOM}/paper", writing, get("{attempt}/paper")),
    Scenario("links to pictures", f"GET {ROOM}/pictures", writing, get("{attempt}/pictures")),
    Scenario("save", f"PUT {ROOM}/answers", writing, save),
    Scenario("save when a frame is due", f"PUT {ROOM}/answers", snapshot_due, save),
    Scenario("save too late", f"PUT {ROOM}/answers", overdue, save),
    Scenario(
        "submit",
        f"POST {ROOM}/submission",
        snapshot_due,
        post("submission", {"answers": batch(1, q1="A")}),
    ),
    Scenario(
        "read announcements",
        f"GET {ROOM}/announcements",
        announced,
        get("{attempt}/announcements"),
    ),
    Scenario(
        "confirm an announcement",
        f"POST {ROOM}/announcements/read",
        announced,
        post("announcements/read", {"for_all": 1}),
    ),
    Scenario(
        "call an operator",
        f"POST {ROOM}/help",
        writing,
        post("help", CALL),
    ),
    Scenario("see the result", f"GET {ROOM}/result", submitted, get("{attempt}/result")),
    Scenario(
        "complain",
        f"POST {ROOM}/complaint",
        submitted,
        post("complaint", {"request_id": REQUEST, "text": "请复核"}),
    ),
    Scenario("see my complaint", f"GET {ROOM}/complaint", complained, get("{attempt}/complaint")),
    Scenario(
        "ask for help",
        "POST /tickets",
        opened,
        lambda w: ann(w).api.post("/tickets", ticket_body(w)),
    ),
    Scenario("list my tickets", "GET /tickets", asked_for_help, get("/tickets")),
    Scenario(
        "see my ticket",
        "GET /tickets/{ticket_id}",
        asked_for_help,
        lambda w: ann(w).api.get(f"/tickets/{w.memory['ticket']['ticket_id']}"),
    ),
]

PUBLIC = [
    Scenario(
        "get a captcha",
        "POST /captchas",
        nothing,
        lambda w: ann(w).api.post("/captchas", {"phone": STRANGER, "purpose": "register"}),
    ),
    Scenario("get a captcha on AWS", "captchas_make_captcha", nothing, captcha_by_its_function),
    Scenario(
        "get a code",
        "POST /codes",
        with_captcha("register", STRANGER),
        send_code,
        start_over=anew(with_captcha("register", STRANGER), send_code),
        finish=registers_in_the_end,
    ),
    Scenario(
        "sign in",
        "POST /sessions",
        anew(with_code("sign_in", "13800138000")),
        sign_in,
        start_over=anew(with_code("sign_in", "13800138000"), sign_in),
    ),
    Scenario(
        "sign in where nobody is registered",
        "POST /sessions",
        with_code("sign_in", STRANGER),
        sign_in_unknown,
        start_over=anew(with_code("sign_in", STRANGER), sign_in_unknown),
        finish=registers_by_the_same_code,
    ),
    Scenario(
        "register",
        "POST /accounts",
        with_code("register", STRANGER),
        register,
        start_over=register_or_sign_in,
    ),
    Scenario("read an agreement", "GET /agreements/{name}", nothing, get("/agreements/privacy")),
    Scenario("read the foot of the page", "GET /site", nothing, get("/site")),
    Scenario("ask for the time", "GET /time", nothing, get("/time")),
    Scenario("see the exams", "GET /exams", nothing, get("/exams")),
    Scenario("see an exam", "GET /exams/{exam_id}", nothing, get(f"/exams/{EXAM}")),
]

FUNCTIONS = [
    Scenario("a check passes", "uploads_judge_upload", shown, event("upload")),
    Scenario("a check fails", "uploads_judge_upload", shown_somebody_else, event("upload")),
    Scenario(
        "a face that has to turn",
        "uploads_judge_upload",
        one_picture_of_two,
        event("upload"),
        finish=turns_as_well,
    ),
    Scenario("both pictures", "uploads_judge_upload", shown_and_turned, event("upload")),
    Scenario("a turn", "uploads_judge_upload", shown_then_turned, event("upload")),
    Scenario("no turn", "uploads_judge_upload", shown_and_not_turned, event("upload")),
    Scenario("an ID photo", "uploads_judge_upload", photo_posted, event("upload")),
    Scenario("a picture of a ticket", "uploads_judge_upload", portrait_posted, event("upload")),
    Scenario(
        "a picture of a complaint", "uploads_judge_upload", picture_of_a_complaint, event("upload")
    ),
    Scenario(
        "a decision is told",
        "changes_send_notices",
        complaint_decided,
        event("notice"),
        finish=a_claim_has_run_out,
    ),
    Scenario("a snapshot", "uploads_judge_snapshot", snapshot_posted, event("snapshot")),
    Scenario("an attempt was opened", "changes_record_changes", opened, event("change")),
    Scenario(
        "a paper was submitted",
        "changes_record_changes",
        lambda w: (snapshot_due(w), ann(w).submit({"1": "A"})),
        event("change"),
    ),
    Scenario("the last verdict", "changes_record_changes", about_to_settle, event("change")),
    Scenario(
        "a minute with much to do",
        "clock_run_minute",
        much_to_do,
        minute,
        finish=a_claim_has_run_out,
    ),
    Scenario(
        "publish",
        "console_publish_exam",
        roster_packed,
        operate("publish_exam", **PACK, starts_at=T0, exam_id="fourth-exam"),
    ),
    Scenario(
        "check a pack", "console_check_exam_pack", nothing, operate("check_exam_pack", **PACK)
    ),
    Scenario("read a timeline", "console_read_timeline", submitted, read_timeline),
    Scenario("verify an attempt", "audits_verify_attempt", submitted, verify_attempt),
    Scenario("grant chances", "console_grant_chances", waiting, order("grant_chances", count=2)),
    Scenario("extend time", "console_extend_time", writing, order("extend_time", extra_min=180)),
    Scenario("re-open", "console_reopen_attempt", closed, order("reopen_attempt", allowed_min=300)),
    Scenario(
        "confirm a flag",
        "console_confirm_flag",
        flagged,
        order("confirm_flag", rule="snapshots_missing", confirmed=True),
    ),
    Scenario("accept gaps", "gaps_accept_gaps", not_watched, gaps("accept_gaps")),
    Scenario("judge gaps", "gaps_judge_gaps", not_watched, gaps("judge_gaps")),
    Scenario("compensate all", "console_compensate_exam", two_waiting, compensate),
    Scenario("reschedule", "console_reschedule_exam", two_waiting, reschedule),
    Scenario("list tickets", "console_list_tickets", asked_for_help, operate("list_tickets")),
    Scenario("read a ticket", "console_read_ticket", asked_for_help, read_ticket),
    Scenario("delete pictures", "deletions_delete_person_data", nothing, delete_pictures),
    Scenario("decide a ticket", "console_decide_ticket", asked_for_help, decide_ticket),
    Scenario("correct a ticket", "console_decide_ticket", ticket_admitted, correct_ticket),
    Scenario(
        "list complaints",
        "reviews_list_complaints",
        complained,
        operate("list_complaints", room="reviews"),
    ),
    Scenario("read a complaint", "reviews_read_complaint", complained, read_complaint),
    Scenario(
        "decide a complaint",
        "reviews_decide_complaint",
        complained,
        decide_complaint,
        finish=a_claim_has_run_out,
    ),
    Scenario(
        "resend notices",
        "reviews_resend_notices",
        given_up,
        operate("resend_notices", room="reviews"),
    ),
]

ALL = [*CANDIDATE, *PUBLIC, *FUNCTIONS]
