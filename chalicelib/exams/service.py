"""Use cases of exams: publish, list, find, who may enter, papers and scores."""

import functools
import hashlib

import msgspec

from chalicelib.exams import model, paper, store
from chalicelib.exams.model import Exam, Policy, RosterEntry
from chalicelib.exams.pack import Finding, Pack, PackRefused
from chalicelib.exams.paper import to_json
from chalicelib.shared.errors import NotFound, Refused


class Published(msgspec.Struct, frozen=True):
    """What publishing did; `findings` is empty when it worked."""

    exam_id: str
    ok: bool
    starts_at: int | None = None
    findings: tuple[Finding, ...] = ()


def publish_exam(
    *,
    pack: Pack,
    roster: list[RosterEntry] | None,
    exam_id: str | None = None,
    starts_at: int | None = None,
) -> Published:
    """Publish a pack: bank first, roster next, the exam last, so that it is never seen half-made.

    `exam_id` and `starts_at` (UTC ms) override the pack's own. The same again changes nothing. Raises
    `PackRefused`.
    """
    header = pack.header
    chosen_id = exam_id or header.exam_id
    start = starts_at if starts_at is not None else _own_start(pack)
    exam = Exam(
        exam_id=chosen_id,
        title=header.title,
        starts_at=start,
        audience=header.audience,
        roster_version=_version(msgspec.json.encode(roster)) if roster is not None else "",
        policy=header.policy,
        sections=header.sections,
        paper_version=_version(to_json(pack.bank)),
        notice=header.notice,
        longest_extra_ms=max((entry.extra_ms for entry in roster or []), default=0),
    )
    if store.load_exam(chosen_id) not in (None, exam):
        raise PackRefused([Finding("exam.yaml", 0, f"考试编号已被使用：{chosen_id}")])
    store.write_bank(chosen_id, exam.paper_version, pack.bank)
    for entry in roster or []:
        store.put_roster_entry(chosen_id, exam.roster_version, entry)
    if not store.put_exam(exam):
        raise PackRefused([Finding("exam.yaml", 0, f"考试编号已被使用：{chosen_id}")])
    return Published(chosen_id, True, start)


def _version(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _own_start(pack: Pack) -> int:
    if pack.header.starts_at is None:
        raise PackRefused([Finding("exam.yaml", 0, "缺少 starts_at（开考时间）")])
    return round(pack.header.starts_at.timestamp() * 1000)


def list_exams() -> list[Exam]:
    """All published exams, the latest start first."""
    return store.list_exams()


def get_exam(exam_id: str) -> Exam:
    """One exam. Raises `NotFound`."""
    exam = store.load_exam(exam_id)
    if exam is None:
        raise NotFound("not_found")
    return exam


def allowed_time(exam: Exam, *, role: str, person_hash: str) -> int:
    """The milliseconds this person has. Raises `Refused`: `not_admitted_to_exam`."""
    entry = None
    if exam.has_roster:
        entry = store.load_roster_entry(exam.exam_id, exam.roster_version, person_hash)
    if not model.may_enter(exam, role, entry):
        raise Refused("not_admitted_to_exam")
    return model.allowed_time_ms(exam, entry)


def open_waiting_rooms(*, now: int) -> int:
    """Note each exam whose waiting room has opened; returns how many were new.

    Nobody waits for this note: admission looks at the clock itself.
    """
    due = [
        exam
        for exam in store.list_exams()
        if exam.waiting_opened_at is None and exam.waiting_opens_at <= now <= exam.ends_at
    ]
    return sum(store.mark_waiting_open(exam.exam_id, now) for exam in due)


@functools.lru_cache(maxsize=512)
def draw_paper(exam_id: str, paper_version: str, seed: str) -> tuple[paper.DrawnQuestion, ...]:
    """One candidate's paper; the same for the same three arguments, for ever."""
    return paper.draw_paper(store.load_bank(exam_id, paper_version), seed)


def score(
    *, exam_id: str, paper_version: str, seed: str, answers: dict[str, str], policy: Policy
) -> paper.Score:
    """Score acknowledged answers against the key of this paper version."""
    drawn = draw_paper(exam_id, paper_version, seed)
    return paper.score_paper(drawn, answers, policy.multiple_rule, policy.pass_mark)
