"""Good runs of operators' work other than commands on attempts: certificates, dropbox files, the dashboard."""

from typing import Any

from chalicelib.attempts import board
from chalicelib.exams import store as exam_store
from chalicelib.shared import archives
from tests import console, dropbox
from tests.proof.crashes import Scenario
from tests.proof.invariants import View
from tests.proof.scenarios import (
    REQUEST,
    ROOM,
    Step,
    ann,
    announced,
    asked_for_help,
    called,
    complained,
    event,
    flagged,
    get,
    nothing,
    order_all,
    roster_packed,
    submitted,
    two_waiting,
    writing,
)
from tests.proof.sitting import right_answers
from tests.proof.world import EXAM, World, envelope

WHO = {"operator": "ops@example", "reason": "已电话核对本人"}

# --- certificates ---------------------------------------------------------------------------------------


def earned(w: World) -> None:
    """Ann has passed, the result is final, and her certificate is not written yet."""
    writing(w)
    answers = right_answers(View(w), w.attempt(ann(w)))
    assert ann(w).submit(answers).json["score"]["passed"]
    while changes := [entry for entry in w.waiting() if entry.kind == "change"]:
        w.deliver(changes[0])
    assert {entry.kind for entry in w.waiting()} == {"document", "certificate", "entry"}


def certified(w: World) -> None:
    earned(w)
    w.deliver_all()
    assert record(w)["waits_for"] is None


def wants_own_data(w: World) -> None:
    """Ann has her certificate, and has asked for a zip of everything."""
    certified(w)
    assert ann(w).api.post("/me/record").status == 202


def has_own_data(w: World) -> None:
    wants_own_data(w)
    w.deliver_all()
    assert ann(w).api.get("/me/record").json["state"] == "ready"


def over(w: World) -> None:
    """Ann has her certificate, and the exam is over."""
    certified(w)
    w.clock.advance(minutes=180)


def suspended(w: World) -> None:
    certified(w)
    assert certificate_order("suspend_certificate")(w)["ok"]
    del w.memory["certificate_seen"]


def renamed(w: World) -> None:
    """A typing error in her name has been corrected since."""
    certified(w)
    profile = {"name": "张三丰", "role": "agency_practitioner", "region": "山西省太原市"}
    profile |= {"organisation": "某招标代理有限公司", "id_type": "resident_id"}
    answer = ann(w).api.put("/me", {**profile, "id_number": ann(w).id_number})
    assert answer.status == 200, answer


def record(w: World) -> dict[str, Any]:
    [row] = [row for row in w.rows("RESULTS_TABLE") if row["sk"] == "CERTIFICATE"]
    return {"waits_for": None, **row}


def certificate_order(function: str) -> Step:
    """Return a command on Ann's certificate with the version before the run as `version_seen`."""

    def command(w: World) -> Any:
        row = record(w)
        seen = w.memory.setdefault("certificate_seen", row["version"])
        fields = {"number": row["number"], "version_seen": seen, "command_id": REQUEST, **WHO}
        return w.operate(function, room="certificates", **fields)

    return command


def read_certificate(w: World) -> Any:
    return w.operate("read_certificate", room="certificates", number=record(w)["number"])


def verify(w: World) -> Any:
    return ann(w).api.get(f"/certificates/{record(w)['number']}")


def two_papers(w: World) -> None:
    """Two people have submitted, one of them with right answers only."""
    earned(w)
    w.deliver_all()
    bob = w.people[1]
    bob.begin()
    bob.submit({"1": "A"})
    w.deliver_all()


def correct_key(w: World) -> Any:
    """The first question of the paper was keyed wrongly."""
    attempt = w.attempt(ann(w))
    bank = exam_store.load_bank(EXAM, attempt.paper_version)
    question = bank.questions[0]
    other = "A" if question.key != "A" else "B"
    answers = {question.id: other}
    return order_all("correct_key", w, room="certificates", answers=answers)


# --- operators ------------------------------------------------------------------------------------------


def enter_operator(w: World) -> Any:
    """An operator adds another one."""
    who = {"name": "赵运营", "staff_number": "1024", "operator": "ops@example"}
    return w.operate("add_operator", room="operators", command_id=REQUEST, reason="考务组", **who)


def operator_order(function: str) -> Step:
    """Return a command about another operator."""

    def command(w: World) -> Any:
        about = {"operator_id": w.operators["op-2"], "operator": "ops@example"}
        return w.operate(function, room="operators", command_id=REQUEST, reason="换手机", **about)

    return command


# --- the dropbox ----------------------------------------------------------------------------------------


def dropped(key: str, data: bytes) -> Step:
    """A file is in the dropbox, and its event is not delivered yet."""

    def prepare(w: World) -> None:
        w.memory["dropped"] = (key, dropbox.put(key, data))

    return prepare


def import_drop(w: World, handler: str = "imports.import_drop") -> Any:
    key, version = w.memory["dropped"]
    told = envelope("Object Created", "aws.s3")
    told["detail"] = dropbox.written(key, version)
    return w.run(f"chalicelib.handlers.{handler}", told)


def import_photos(w: World) -> Any:
    return import_drop(w, "roster_photos.import_photos")


def a_bank_waits(w: World) -> None:
    """Bank and roster of an exam are imported, and the file of its settings is dropped."""
    bank, roster, settings = dropbox.exam_files("spring-exam")
    dropped("questions/spring-exam/bank.xlsx", bank)(w)
    dropped("roster/spring-exam/roster.xlsx", roster)(w)
    dropped("exams/spring-exam.yaml", settings)(w)


def a_roster_comes(w: World) -> None:
    """A roster of a published exam is dropped."""
    roster_packed(w)
    dropped("roster/with-roster/roster.xlsx", dropbox.people(dropbox.ZHANG, dropbox.LI))(w)


def photos_come(w: World) -> None:
    """Photos of two people on a roster are dropped. The first one had another photo before."""
    exam_id = "spring-exam"
    bank, roster, _ = dropbox.exam_files(exam_id)
    dropped(f"questions/{exam_id}/bank.xlsx", bank)(w)
    dropped(f"roster/{exam_id}/roster.xlsx", roster)(w)
    settings = dropbox.settings(exam_id=exam_id, policy={"face_reference": "roster"})
    dropped("exams/spring-exam.yaml", settings)(w)
    import_drop(w)
    mine, other = f"{dropbox.LISTED}.jpg", f"护照-{dropbox.OTHER}.jpg"
    dropped(f"photos/{exam_id}/first.zip", archives.pack({mine: w.picture("id_c.jpg")}))(w)
    import_photos(w)
    both = {mine: w.picture("id_a.jpg"), other: w.picture("id_b.jpg")}
    dropped(f"photos/{exam_id}/both.zip", archives.pack(both))(w)


def export_bank(w: World) -> Any:
    return w.operate("export_bank", room="imports", exam_id=EXAM)


# --- the dashboard --------------------------------------------------------------------------------------


def shown(name: str, **parameters: Any) -> Step:
    """Return a run of a widget that only reads."""

    def show(w: World) -> Any:
        asked = {key: value(w) if callable(value) else value for key, value in parameters.items()}
        event = {"endpoints": console.ENDPOINTS, **asked, "widgetContext": console.context()}
        return w.run(console.handler_of(name), event)

    return show


def large(w: World) -> None:
    """Any exam counts as a large one, whose board is kept. Each scenario is prepared in a process of its own."""
    submitted(w)
    board.FEW = 0


def watched_before(w: World) -> None:
    """The kept board has become too old."""
    large(w)
    shown("live", exam_id=EXAM)(w)
    w.clock.advance(ms=board.GOOD_FOR_MS)


def clicked(before: Step, button: str, *way: str, of: str, **typed: str) -> Step:
    """Return a run of the click on a form that an operator has filled in."""

    def prepare(w: World) -> None:
        before(w)
        widget = console.Widget().open(of)
        for step in way:
            widget.click(step)
        widget.type(**WHO, **typed)
        w.memory["click"] = widget.event(button)

    return prepare


def wants_statistics(w: World) -> None:
    """The exam is over, and an operator is about to press the button; nothing has to be typed for it."""
    over(w)
    w.memory["click"] = console.Widget().open("exams").click("统计").event("计算统计")


def looks_up(before: Step, text: str, **typed: str) -> Step:
    """Return a run of the click that looks somebody up."""

    def prepare(w: World) -> None:
        before(w)
        widget = console.Widget().open("find_person")
        widget.type(operator=WHO["operator"], look_for=text, **typed)
        w.memory["click"] = widget.event("查找")

    return prepare


def wants_a_score_list(button: str) -> Step:
    """The exam is over, and an operator has filled in the form of score lists."""

    def prepare(w: World) -> None:
        over(w)
        widget = console.Widget().open("exams").click("成绩单").type(**WHO)
        w.memory["click"] = widget.event(button)

    return prepare


def wants_a_report(w: World) -> None:
    """The exam is over, and an operator has filled in the form of exam-day reports."""
    over(w)
    widget = console.Widget().open("exams").click("调整").click("考试日报告").type(**WHO)
    w.memory["click"] = widget.event("出具考试日报告")


def report_made(w: World) -> None:
    """An exam-day report waits for its document."""
    wants_a_report(w)
    click(w)
    assert {entry.kind for entry in w.waiting()} == {"document"}


def click(w: World) -> Any:
    endpoint, told = w.memory["click"]
    return w.run(console.handler_of(endpoint), told)


def _attempt_of(w: World) -> str:
    return ann(w).attempt_id


ALL = [
    Scenario("my certificates", "GET /me/certificates", certified, get("/me/certificates")),
    Scenario("my certificate", f"GET {ROOM}/certificate", certified, get("{attempt}/certificate")),
    Scenario("verify", "GET /certificates/{number}", certified, verify),
    Scenario("a certificate is written", "certificates_write_documents", earned, event("document")),
    Scenario("my own data", "GET /me/record", has_own_data, get("/me/record")),
    Scenario(
        "order my own data",
        "POST /me/record",
        certified,
        lambda w: ann(w).api.post("/me/record"),
    ),
    Scenario("a zip is written", "certificates_write_documents", wants_own_data, event("document")),
    Scenario("read", "certificates_read_certificate", certified, read_certificate),
    *(
        Scenario(
            f"{verb} a certificate", f"certificates_{function}", before, certificate_order(function)
        )
        for verb, function, before in (
            ("suspend", "suspend_certificate", certified),
            ("revoke", "revoke_certificate", certified),
            ("reinstate", "reinstate_certificate", suspended),
            ("reissue", "reissue_certificate", renamed),
        )
    ),
    Scenario("correct the key", "certificates_correct_key", two_papers, correct_key),
    Scenario("an exam is dropped", "imports_import_drop", a_bank_waits, import_drop),
    Scenario("a roster is dropped", "imports_import_drop", a_roster_comes, import_drop),
    Scenario("photos are dropped", "imports_import_photos", photos_come, import_photos),
    Scenario("export", "imports_export_bank", nothing, export_bank),
    Scenario(
        "click: a preview",
        "widgets_command_exam",
        clicked(nothing, "预览试题", "调整", of="exams"),
        click,
    ),
    Scenario(
        "click: statistics",
        "widgets_command_exam",
        wants_statistics,
        click,
    ),
    *(
        Scenario(f"click: {name}", "widgets_command_exam", wants_a_score_list(button), click)
        for name, button in (
            ("a score list", "生成成绩单（遮盖）"),
            ("a full score list", "生成完整信息成绩单"),
        )
    ),
    Scenario("click: an exam-day report", "widgets_command_exam", wants_a_report, click),
    Scenario("a report is written", "certificates_write_documents", report_made, event("document")),
    Scenario("watch", "widgets_show_live", submitted, shown("live", exam_id=EXAM)),
    Scenario("watch a large exam", "widgets_show_live", large, shown("live", exam_id=EXAM)),
    Scenario("watch it again", "widgets_show_live", watched_before, shown("live", exam_id=EXAM)),
    Scenario(
        "who has read",
        "widgets_show_live",
        announced,
        shown("live", exam_id=EXAM, announcement=1),
    ),
    Scenario(
        "watch one", "widgets_show_attempt", flagged, shown("attempt", attempt_id=_attempt_of)
    ),
    Scenario("look at flags", "widgets_show_flags", flagged, shown("flags")),
    Scenario("look at cases", "widgets_show_cases", complained, shown("cases")),
    Scenario("look at exams", "widgets_show_exams", nothing, shown("exams")),
    Scenario("look at operators", "widgets_show_operators", nothing, shown("operators")),
    Scenario(
        "click: find by name",
        "widgets_find_person",
        looks_up(asked_for_help, "张三", look_in=EXAM),
        click,
    ),
    Scenario("an operator comes", "operators_add_operator", nothing, enter_operator),
    *(
        Scenario(f"{verb} an operator", f"operators_{function}", nothing, operator_order(function))
        for verb, function in (("renew", "renew_operator"), ("retire", "retire_operator"))
    ),
    Scenario(
        "click: an operator comes",
        "widgets_command_operator",
        clicked(nothing, "登记", of="operators", name="赵运营", staff_number="1024"),
        click,
    ),
    Scenario(
        "click: more time",
        "widgets_command_attempt",
        clicked(writing, "延长作答时间", "查看", of="live", extra_min="20"),
        click,
    ),
    Scenario(
        "click: an announcement to all",
        "widgets_command_exam",
        clicked(two_waiting, "发全场通知", of="live", text="考试延长 10 分钟"),
        click,
    ),
    Scenario(
        "click: an announcement to one",
        "widgets_command_attempt",
        clicked(writing, "通知该考生", "查看", of="live", text="请看摄像头"),
        click,
    ),
    Scenario(
        "click: an answer to a call for help",
        "widgets_command_attempt",
        clicked(called, "回复求助", "去回复", of="live", text="请检查连接线"),
        click,
    ),
    Scenario(
        "click: decide a ticket",
        "widgets_command_case",
        clicked(asked_for_help, "不通过", "处理", of="cases"),
        click,
    ),
    Scenario(
        "click: more time for all",
        "widgets_command_exam",
        clicked(two_waiting, "全场加时", "调整", of="exams", extra_min="5"),
        click,
    ),
]
