"""Candidates with unmodified pages, as steps that a test combines."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.api import Answer, newest_code
from tests.proof.book import Post, WatchedApi

if TYPE_CHECKING:
    from tests.proof.world import World

T0 = 1_800_000_000_000  # the start of the exam, a full minute
EXAM = "shanxi-agency-practitioners"

# Phone, ID number (the example number of GB 11643 and its neighbours), name, who is on the pictures.
PERSONS = (
    ("13800138000", "11010519491231002X", "张三", "a"),
    ("13900139000", "110105194912310038", "李四", "b"),
    ("13700137000", "110105194912310011", "王五", "c"),
)


ORGANISATION = "某招标代理有限公司"  # the organisation of all persons


@dataclass
class Person:
    """A candidate with an unmodified page. It counts revisions and absences and keeps what is unacknowledged."""

    world: "World"
    name: str
    phone: str
    id_number: str
    real_name: str
    face: str
    api: WatchedApi
    account_id: str = ""
    attempt_id: str = ""
    requests: int = 0
    reservations: list[tuple[str, Any]] = field(default_factory=list)  # verification, ticket
    turns: dict[str, tuple[str, Any]] = field(default_factory=dict)  # check → side, second ticket
    tickets: list[Any] = field(default_factory=list)  # newest snapshot tickets
    revision: int = 0
    acked: int = 0
    unsent: dict[str, str] = field(default_factory=dict)
    absence: int = 0  # newest of this page
    away: bool = False  # this absence has not ended
    shown: int = 0  # the page that has loaded its paper

    # --- enrolment ---

    def enrol(self) -> None:
        """Register, fill in 身份信息, have the ID photo accepted."""
        registered = self.api.register(self.phone)
        assert registered.status == 201, registered
        self.world.book.secrets[newest_code()] = "code"
        self.account_id = registered.json["account_id"]
        profile = {"name": self.real_name, "role": "agency_practitioner", "region": "山西省太原市"}
        profile |= {"organisation": ORGANISATION, "id_type": "resident_id"}
        saved = self.api.put("/me", {**profile, "id_number": self.id_number})
        assert saved.status == 200, saved
        ticket = self.api.post("/me/id-photo").json
        self.world.post(self, ticket, f"id_{self.face}.jpg")
        self.world.deliver_all()
        assert self.api.get("/me").json["missing"] == []

    # --- the verbs of a day, each one request ---

    def request_id(self) -> str:
        self.requests += 1
        return f"{self.name}-request-{self.requests:04}"

    def path(self, what: str = "") -> str:
        return f"/attempts/{self.attempt_id or 'at_none'}/{what}".rstrip("/")

    def open(self, exam: str = EXAM) -> Answer:
        answer = self.api.post(f"/exams/{exam}/attempts")
        if answer.status == 200 and self.attempt_id != answer.json["attempt_id"]:
            self._forget(answer.json["attempt_id"])
        return answer

    def _forget(self, attempt_id: str) -> None:
        self.attempt_id, self.reservations, self.tickets = attempt_id, [], []
        self.revision = self.acked = self.absence = self.shown = 0
        self.unsent, self.away, self.api.page_token = {}, False, ""

    def look(self) -> Answer:
        return self.api.get(self.path())

    def notice(self, request_id: str = "") -> Answer:
        body = {"request_id": request_id or self.request_id()}
        return self.api.post(
            self.path("check-in/notice"), {**body, "agreements": ["identity-authorization"]}
        )

    def camera(self) -> Answer:
        return self.api.post(self.path("check-in/camera"), {"camera_on": True})

    def network(self) -> Answer:
        body = {"down_mbps": 9.3, "up_mbps": 4.9, "latency_ms": 20}
        return self.api.post(self.path("check-in/network"), body)

    def steps(self) -> Answer:
        """The check-in up to the face check."""
        self.notice()
        self.camera()
        return self.network()

    def reserve(self, request_id: str = "") -> Answer:
        body = {"request_id": request_id or self.request_id()}
        answer = self.api.post(self.path("verifications"), body)
        if answer.status == 201 and answer.json["upload"]:
            check = answer.json["verification"]["verification_id"]
            self.reservations.append((check, answer.json["upload"]))
            self.turns[check] = (answer.json["verification"]["turn"], answer.json["turn_upload"])
        return answer

    def show_face(self, picture: str = "", which: int = -1) -> Post:
        """Post a picture to the ticket of a reservation."""
        return self.world.post(
            self, self.reservations[which][1], picture or f"frame_{self.face}.jpg"
        )

    def show_turn(self, picture: str = "", which: int = -1) -> Post:
        """Post the second picture of a reservation: the head turned as asked, or this one."""
        side, ticket = self.turns[self.reservations[which][0]]
        return self.world.post(self, ticket, picture or f"frame_{self.face}_{side}.jpg")

    def verdict(self, check: str = "") -> Answer:
        wanted = check or self.reservations[-1][0]
        return self.api.get(self.path(f"verifications/{wanted}"))

    def admit(self, request_id: str = "") -> Answer:
        body = {"request_id": request_id or self.request_id()}
        answer = self.api.post(self.path("admission"), body)
        if answer.status == 201:
            if self.api.page_token != answer.json["page_token"]:
                self.absence, self.away = 0, False
            self.api.page_token = answer.json["page_token"]
        return answer

    def start(self) -> Answer:
        return self.api.post(self.path("start"))

    def paper(self) -> Answer:
        answer = self.api.get(self.path("paper"))
        if answer.status == 200 and answer.json["page"] != self.shown:
            # A new page continues with the server's revision.
            self.shown, self.unsent = answer.json["page"], {}
            self.revision = self.acked = answer.json["acked_seq"]
        return answer

    def batch(self, answers: dict[str, str] | None = None) -> dict[str, Any] | None:
        """Return everything unacknowledged, with a revision for each of `answers`."""
        for number, letters in (answers or {}).items():
            self.revision += 1
            self.unsent[number] = letters
        if not self.unsent:
            return None
        return {"first": self.acked + 1, "last": self.revision, "answers": dict(self.unsent)}

    def _acknowledged(self, answer: Answer) -> Answer:
        if answer.status == 200 and answer.json.get("acked_seq", 0) >= self.revision:
            self.acked, self.unsent = answer.json["acked_seq"], {}
        if answer.status == 200 and "snapshots" in answer.json:
            self.tickets = answer.json["snapshots"]
        return answer

    def save(self, answers: dict[str, str]) -> Answer:
        return self._acknowledged(self.api.put(self.path("answers"), self.batch(answers)))

    def beat(self, answers: dict[str, str] | None = None, away: list[Any] | None = None) -> Answer:
        body = {"answers": self.batch(answers), "absences": away or []}
        return self._acknowledged(self.api.post(self.path("heartbeat"), body))

    def absent(self, ms: int, *, kind: str = "hidden", ended: bool = True) -> dict[str, Any]:
        """Return the page's report of an absence: a new one, or the one that has not ended."""
        if not self.away:
            self.absence += 1
        self.away = not ended
        return {"absence_seq": self.absence, "kind": kind, "away_ms": ms, "ended": ended}

    def leave(
        self,
        ms: int,
        *,
        kind: str = "hidden",
        ended: bool = True,
        answers: dict[str, str] | None = None,
    ) -> Answer:
        """Report one absence, with the unsaved answers."""
        report = self.absent(ms, kind=kind, ended=ended)
        body = {"absences": [report], "answers": self.batch(answers)}
        return self._acknowledged(self.api.post(self.path("absences"), body))

    def submit(self, answers: dict[str, str] | None = None) -> Answer:
        return self.api.post(self.path("submission"), {"answers": self.batch(answers)})

    def beat_idle(self) -> Answer:
        """Send a heartbeat without answers, as in the waiting room."""
        return self._acknowledged(
            self.api.post(self.path("heartbeat"), {"answers": None, "absences": []})
        )

    def submit_idle(self) -> Answer:
        """提交试卷 without answers."""
        return self.api.post(self.path("submission"), {"answers": None})

    def confirm(self, for_all: int, to_me: int) -> Answer:
        """Confirm announcements up to these numbers."""
        body = {"for_all": for_all, "to_me": to_me}
        return self.api.post(self.path("announcements/read"), body)

    def call_for_help(self, request_id: str = "") -> Answer:
        body = {"request_id": request_id or self.request_id(), "reason": "other"}
        return self.api.post(self.path("help"), body)

    def complain(self, request_id: str = "") -> Answer:
        """我要投诉."""
        body = {"request_id": request_id or self.request_id(), "text": "墙上是海报，只有我一个人"}
        return self.api.post(self.path("complaint"), body)

    def result(self) -> Answer:
        return self.api.get(self.path("result"))

    # --- whole stretches ---

    def come_in(self, exam: str = EXAM) -> None:
        """Do all steps from the opening to an admitted page."""
        self.open(exam)
        self.steps()
        assert self.reserve().status == 201
        self.show_face()
        self.world.deliver_all()
        answer = self.admit()
        assert answer.status == 201, answer

    def begin(self, exam: str = EXAM) -> None:
        """Do all steps from the opening to the paper, at the start of the exam or now if that is later."""
        self.come_in(exam)
        self.world.clock.now = max(self.world.clock.now, T0)
        assert self.start().status == 200
        assert self.paper().status == 200
