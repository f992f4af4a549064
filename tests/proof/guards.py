"""For each invariant: a guard of the product, the patch that removes it, and a short story that needs it."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest import mock

import msgspec

from chalicelib.attempts import (
    absences,
    announcing,
    check_in,
    deciding,
    events,
    index_store,
    model,
    operating,
    service,
    sitting,
    store,
    watch,
)
from chalicelib.attempts.grading import ResultOutcome
from chalicelib.attempts.model import Attempt, Status
from chalicelib.cases import complaints
from chalicelib.desk import attempt_commands
from chalicelib.exams import paper, scoring
from chalicelib.notices import sms
from chalicelib.notices.port import Message
from chalicelib.proctoring.model import Integrity, IntegrityState, Verdict
from chalicelib.results import service as certificates
from chalicelib.results.model import CertificateReason, ResultStanding
from chalicelib.series import model as series_model
from chalicelib.shared import log, table
from chalicelib.shared.errors import NotFound
from chalicelib.shared.settings import settings
from chalicelib.timeline import store as timeline_store
from chalicelib.views import results
from tests.api import publish
from tests.proof.people import EXAM, T0, Person
from tests.proof.scenarios import two_sittings
from tests.proof.world import World

MINUTE = 60_000
OPENS = T0 - 15 * MINUTE  # the small exam of the stories


@dataclass(frozen=True)
class Guard:
    """The name of the guard, the patches that remove it, and the story."""

    without: str
    patches: Callable[[], list[Any]]
    story: Callable[[World, Person, Person], None]


def _put(owner: Any, name: str, value: Any, **more: Any) -> Any:
    return mock.patch.object(owner, name, value, **more)


# --- stories --------------------------------------------------------------------------------------------


def practise(w: World, me: Person, _: Person) -> None:
    """Begin a practice exam and end it at once."""
    assert publish("practice", None)["ok"]
    assert me.open("shanxi-practice").status == 200
    assert me.api.post(me.path("practice"), {"end": True}).status == 200
    w.deliver_all()


def open_two_sittings(w: World, me: Person, _: Person) -> None:
    """Two sittings take place at the same time; somebody opens one and tries the other."""
    two_sittings(w)
    me.open("sitting-1")
    me.open("sitting-2")
    w.deliver_all()


def confirm_in_another_order(w: World, me: Person, _: Person) -> None:
    """Two announcements are confirmed; the receipt of the first one arrives late."""
    begin(w, me)
    for number in (1, 2):
        assert "已发出" in w.announce(
            "command_exam", "announce_to_all", f"tell-{number:04}", exam_id=EXAM
        )
    me.confirm(2, 0)
    me.confirm(1, 0)


def waiting(w: World, me: Person) -> None:
    w.clock.now = OPENS
    me.open()
    me.steps()


def begin(w: World, me: Person) -> None:
    """Start at the beginning of the exam."""
    w.clock.now = OPENS
    me.begin()


def use_every_chance(w: World, me: Person, other: Person) -> None:
    waiting(w, me)
    for _ in range(4):
        me.reserve()
        w.clock.advance(s=31)
        me.show_face(f"frame_{other.face}.jpg")
        w.deliver_all()
        w.clock.advance(s=31)


def upload_nothing(w: World, me: Person, other: Person) -> None:
    waiting(w, me)
    me.reserve()
    w.clock.advance(s=61)
    me.look()


def late_picture_of_another_check(w: World, me: Person, other: Person) -> None:
    waiting(w, me)
    me.reserve()
    me.show_face()
    w.clock.advance(s=181)
    me.look()
    me.reserve()
    w.deliver_all()


def two_pictures_for_one_check(w: World, me: Person, other: Person) -> None:
    waiting(w, me)
    me.reserve()
    me.show_face("frame_two.jpg")
    me.show_face()
    w.clock.advance(s=181)
    me.look()
    w.deliver_all()


def come_in_twice(w: World, me: Person, other: Person) -> None:
    w.clock.now = OPENS
    me.come_in()
    me.admit()


def look_into_a_strange_paper(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    other.api.page_token = me.api.page_token
    other.api.get(me.path("paper"))


def start_too_late(w: World, me: Person, other: Person) -> None:
    w.clock.now = OPENS
    me.come_in()
    w.clock.now = T0 + 8 * MINUTE + 1
    me.start()


def less_time(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    w.operate("extend_time", **_order(w, me), extra_min=-2)


def _order(w: World, me: Person, number: int = 1) -> dict[str, Any]:
    seen = {"attempt_id": me.attempt_id, "version_seen": w.attempt(me).version}
    return {"command_id": f"command-{number}", "operator": "op-1", "reason": "核实无误", **seen}


def a_long_absence(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    w.clock.advance(s=20)
    me.leave(600_000)


def an_old_save_comes_late(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    me.save({"1": "A"})
    first = w.book.exchanges[-1]
    me.save({"1": "B"})
    me.api.again(first)


def submit_twice(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    me.submit()
    w.clock.advance(s=5)
    me.submit()


def nobody_comes_back(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    for _ in range(13):
        w.clock.advance(minutes=1)
        w.minute()


def save_after_submitting(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    me.submit({"1": "A"})
    me.api.put(me.path("answers"), {"first": 2, "last": 2, "answers": {"1": "B"}})


def load_the_paper_twice(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    me.paper()


def an_old_page_submits(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    old = me.api.page_token
    me.come_in()
    me.api.page_token = old
    me.submit_idle()


def repeat_the_notice(w: World, me: Person, other: Person) -> None:
    w.clock.now = OPENS
    me.open()
    me.notice()
    first = w.book.exchanges[-1]
    me.camera()
    me.api.again(first)


def leave_three_times(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    for _ in range(3):
        w.clock.advance(s=20)
        me.leave(5_000)


def frames(w: World, me: Person, picture: str, count: int, judged: bool = False) -> None:
    """Send heartbeats until so many frames were asked for and posted."""
    sent: set[str] = set()
    for _ in range(20):
        w.clock.advance(s=30)
        me.beat()
        for ticket in me.tickets:
            if ticket["snapshot_id"] not in sent and len(sent) < count:
                sent.add(ticket["snapshot_id"])
                w.post(me, ticket["upload"], picture)
        if judged:
            w.deliver_all()


def a_frame_that_nobody_judges(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    frames(w, me, f"frame_{me.face}.jpg", 1)
    me.look()


def three_times_two_people(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    frames(w, me, "frame_two.jpg", 3, judged=True)
    me.submit()
    me.result()


def submit_answers(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    me.save({"1": "A", "2": "B"})
    me.submit()


def submit_nothing(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    me.submit()
    w.quiet()


def complain_twice(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    me.submit()
    me.complain()
    me.complain()


def ask_for_a_code(w: World, me: Person, other: Person) -> None:
    w.clock.advance(minutes=2)  # after the code of the registration
    with contextlib.suppress(AssertionError):  # it may fail
        me.api.code(me.phone, "sign_in")


def an_old_code(w: World, me: Person, other: Person) -> None:
    w.clock.advance(minutes=2)
    code = me.api.code(me.phone, "sign_in")
    w.clock.advance(minutes=5)
    body = {"phone": me.phone, **me.api.proof(code), "agreements": ["user-service", "privacy"]}
    me.api.post("/sessions", body)


def each_event_twice(w: World, me: Person, other: Person) -> None:
    w.clock.now = OPENS
    me.come_in()
    for event in w.done():
        w.repeat(event)


def more_time(w: World, me: Person, other: Person) -> None:
    begin(w, me)
    w.operate("extend_time", **_order(w, me), extra_min=30)


# --- the product without a guard --------------------------------------------------------------------------


def _judge_whatever_is_pending(attempt: Attempt, check: str, finding: Any, now: int) -> Any:
    pending = attempt.pending.id if attempt.pending else check
    return _settle(attempt, pending, finding, now)


_settle, _admit, _submit, _use = (
    check_in.settle_verification,
    check_in.admit,
    sitting.submit,
    check_in._use,
)


def _put_again(attempt_id: str, sk: str, findings: Any) -> Any:
    item = {"attempt_id": attempt_id, "sk": sk, **findings}
    table.put(settings().attempts_table, item)
    return item


def _keeps_its_pass(attempt: Attempt, request_id: str, now: int) -> Any:
    """Return the admission without using up the pass, so that the pass admits again."""
    kept = check_in.StepTaken(check_in=attempt.check_in)
    return (*_admit(attempt, request_id, now), kept)


def _of_anybody(attempt_id: str, account_id: str | None) -> Attempt:
    found = store.load_attempt(attempt_id)
    if found is None:
        raise NotFound("not_found")
    return found


class _AnyMinutes(
    attempt_commands.AttemptCommand, frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """`ExtendTime` without the limits of its minutes."""

    extra_min: int


def _as_if_open(attempt: Attempt, *args: Any) -> Any:
    return _submit(msgspec.structs.replace(attempt, status=Status.STARTED), *args)


def _without(name: str, path: str) -> Any:
    """Return `If` without conditions of this kind on this attribute."""
    real = getattr(table.If, name)
    return lambda self, where, *value: self if where == path else real(self, where, *value)


_draws = iter(range(10**6))


def _another_paper(exam_id: str, version: str, seed: str) -> Any:
    from chalicelib.exams import service as exams

    return paper.draw_paper(exams.store.load_bank(exam_id, version), f"{seed}{next(_draws)}")


def _without_a_reason(sights: Any, *_: Any) -> tuple[Integrity, ...]:
    several = [slot for slot, verdict in sights.verdicts.items() if verdict is Verdict.SEVERAL]
    return (Integrity(IntegrityState.INVALIDATED),) if len(several) >= 3 else ()


def _dies(message: Message) -> None:
    raise RuntimeError(f"no way to {message.number[-11:]}")


def _tells_all(error: BaseException, **fields: Any) -> None:
    log.event("crash", message=str(error), **fields)


def _put_entry_again(attempt_id: str, entry: Any) -> Any:
    key = {"attempt_id": attempt_id, "sk": f"EVENT#{entry.version:08}"}
    table.put(settings().attempts_table, {**key, **msgspec.to_builtins(entry)})
    return entry


def _take_what_was_sent(attempt: Attempt, for_all: int, personal: int, now: int) -> Any:
    return (announcing.ReceiptGiven(receipt=model.Receipt(for_all, personal, now)),)


GUARDS: dict[int, Guard] = {
    1: Guard(
        "the look at what is left",
        lambda: [_put(model.Chances, "left", property(lambda _: 1))],
        use_every_chance,
    ),
    2: Guard(
        "giving a chance back",
        lambda: [_put(check_in, "_use", lambda a, after, by: _use(a, after, max(by, 0)))],
        upload_nothing,
    ),
    3: Guard(
        "the name of the check in its verdict",
        lambda: [_put(check_in, "settle_verification", _judge_whatever_is_pending)],
        late_picture_of_another_check,
    ),
    4: Guard(
        "writing findings once",
        lambda: [_put(store, "_put_findings", _put_again)],
        two_pictures_for_one_check,
    ),
    5: Guard(
        "using the pass up",
        lambda: [_put(check_in, "admit", _keeps_its_pass)],
        come_in_twice,
    ),
    6: Guard(
        "asking whose attempt it is",
        lambda: [
            _put(deciding, "load", _of_anybody),
            _put(service, "_page_hash", lambda attempt, account, number: f"{number}"),
        ],
        look_into_a_strange_paper,
    ),
    7: Guard(
        "the closing of entry",
        lambda: [_put(Attempt, "start_until", property(lambda _: 10**15))],
        start_too_late,
    ),
    8: Guard(
        "the range of extra time",
        lambda: [_put(attempt_commands, "ExtendTime", _AnyMinutes)],
        less_time,
    ),
    9: Guard(
        "the bound of an absence",
        lambda: [_put(absences, "min", lambda *values: values[0], create=True)],
        a_long_absence,
    ),
    10: Guard(
        "the order of revisions",
        lambda: [_put(table.If, "below", _without("below", "acked_seq"))],
        an_old_save_comes_late,
    ),
    11: Guard(
        "the look whether it is submitted",
        lambda: [_put(sitting, "submit", _as_if_open)],
        submit_twice,
    ),
    12: Guard(
        "the search", lambda: [_put(index_store, "list_due", lambda _: [])], nobody_comes_back
    ),
    13: Guard(
        "the status in a save's condition",
        lambda: [_put(table.If, "equals", _without("equals", "status"))],
        save_after_submitting,
    ),
    14: Guard(
        "drawing by the seed alone",
        lambda: [_put(service.exams, "draw_paper", _another_paper)],
        load_the_paper_twice,
    ),
    15: Guard(
        "the number of the page",
        lambda: [_put(sitting, "check_page", lambda *_: None)],
        an_old_page_submits,
    ),
    16: Guard(
        "the memory of requests",
        lambda: [_put(check_in, "KEPT_NOTICES", 0)],
        repeat_the_notice,
    ),
    17: Guard(
        "closing with the last switch",
        lambda: [_put(absences, "close", lambda *_: ())],
        leave_three_times,
    ),
    18: Guard(
        "the look whether a frame is there",
        lambda: [_put(deciding, "_is_there", lambda _: False)],
        a_frame_that_nobody_judges,
    ),
    19: Guard(
        "waiting for the moment",
        lambda: [_put(watch, "due_slots", lambda a, _: [*range(len(watch.moments(a)))])],
        a_frame_that_nobody_judges,
    ),
    20: Guard(
        "comparing with the key",
        lambda: [_put(scoring, "score_answer", lambda e, *_: e.centipoints)],
        submit_answers,
    ),
    21: Guard(
        "naming the rule",
        lambda: [_put(watch.proctoring, "accusations", _without_a_reason)],
        three_times_two_people,
    ),
    22: Guard(
        "the number that follows from the verdict",
        lambda: [_put(complaints, "_number", lambda _: f"cp-{next(_draws)}")],
        complain_twice,
    ),
    23: Guard(
        "looking at what is held against somebody",
        lambda: [_put(results, "outcome", lambda *_, **__: ResultOutcome.FAILED)],
        three_times_two_people,
    ),
    24: Guard(
        "asking whether a pass is final",
        lambda: [
            _put(
                certificates,
                "_standing",
                lambda *_: (ResultStanding.PASSED, CertificateReason.RESTORED),
            )
        ],
        submit_nothing,
    ),
    25: Guard(
        "leaving out what an exception says",
        lambda: [_put(sms, "hand_over", _dies), _put(log, "crash", _tells_all)],
        ask_for_a_code,
    ),
    26: Guard(
        "the look at the expiry",
        lambda: [_put(table.If, "above", _without("above", "expires_at"))],
        an_old_code,
    ),
    27: Guard(
        "entering a change once",
        lambda: [_put(timeline_store, "put_entry", _put_entry_again)],
        each_event_twice,
    ),
    28: Guard(
        "freezing before more time is given",
        lambda: [_put(operating, "_prepare_for", lambda *_: None)],
        more_time,
    ),
    29: Guard(
        "marking the account",
        lambda: [_put(events, "_note_practice", lambda *_: None)],
        practise,
    ),
    30: Guard(
        "taking the larger number",
        lambda: [_put(announcing, "read", _take_what_was_sent)],
        confirm_in_another_order,
    ),
    31: Guard(
        "looking at earlier tries",
        lambda: [_put(series_model, "may_open", lambda *_: None)],
        open_two_sittings,
    ),
}
