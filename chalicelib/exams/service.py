"""Use cases of exams: publish, list, find, admit, draw papers, score."""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from chalicelib.exams import (
    announcing,
    model,
    orders,
    paper,
    picture_seals,
    preflight,
    roster_photos,
    rosters,
    series,
    sittings,
    store,
)
from chalicelib.exams.drafts import ExamDraft
from chalicelib.exams.listing import CurrentExams
from chalicelib.exams.model import (
    Announcement,
    Checkpoint,
    Exam,
    ExamKind,
    ExamOrder,
    Liveness,
    Policy,
    Preflight,
    RosterEntry,
)
from chalicelib.exams.questions import Answer, Bank, from_json, pictures_of_bank, to_json, version
from chalicelib.exams.rehearsal import Sitting, rehearse
from chalicelib.exams.scoring import Score, score_paper
from chalicelib.exams.texts import who_may_enter
from chalicelib.exams.validation import FileFinding, FileRejected, check_policy
from chalicelib.kernel.deciding import decide, retried
from chalicelib.kernel.outcomes import Outcomes, applied
from chalicelib.notices import service as notices
from chalicelib.shared import log
from chalicelib.shared.errors import NotFound, Refused
from chalicelib.shared.settings import settings
from chalicelib.shared.time_slices import TimeSlice

SEES_TURNS = "yunet_sface"  # the face engine that sees whether a head is turned


class PublishedExam(msgspec.Struct, frozen=True):
    """The result of publishing; `findings` is empty when it worked.

    `who_may_enter` says it in words, `listed` is the number of people on the roster (None without one).
    """

    exam_id: str
    ok: bool
    starts_at: int | None = None
    findings: tuple[FileFinding, ...] = ()
    who_may_enter: str = ""
    listed: int | None = None


class RosterPlan(msgspec.Struct, frozen=True):
    """A new roster compared with the one in force: person hashes that it removes, or whose extra time it changes."""

    exam: Exam
    version: str
    roster: tuple[RosterEntry, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def longest_extra_ms(self) -> int:
        """The longest extra time that it gives."""
        return max((entry.extra_ms for entry in self.roster), default=0)


class Checked(msgspec.Struct, frozen=True):
    """The findings about a draft, who may enter its exam, and the dry run of it."""

    findings: tuple[FileFinding, ...]
    sittings: tuple[Sitting, ...]
    who_may_enter: str
    listed: int | None


def publish_exam(*, draft: ExamDraft, now: int) -> PublishedExam:
    """Publish an exam. Pictures, bank and roster are written before the exam, so that an exam is always complete.

    The same draft again changes nothing. Raises `FileRejected`, `Conflict`: `busy` (others publish in its series).
    """
    published = store.load_exam(draft.exam_id)
    draft = msgspec.structs.replace(draft, starts_at=_start(draft, published, now))
    exam, roster = _planned(draft), draft.roster
    if published is not None and published.roster_source:
        # The roster was replaced since publication: the one of the draft is out of date.
        exam = msgspec.structs.replace(
            exam,
            roster_version=published.roster_version,
            longest_extra_ms=published.longest_extra_ms,
        )
        roster = None
    _refuse_unpublishable(exam, published, roster, now)
    _write_pictures(exam, draft)
    store.write_bank(exam.exam_id, exam.paper_version, draft.bank)
    store.put_roster(exam.exam_id, exam.roster_version, list(roster or ()))
    sittings.enter(exam=published or exam, roster=roster)
    if not store.put_exam(exam):
        raise FileRejected([_taken(exam.exam_id)])
    listed = count_listed(exam)
    who = who_may_enter(_audience(exam), listed)
    return PublishedExam(exam.exam_id, True, draft.starts_at, who_may_enter=who, listed=listed)


def _start(draft: ExamDraft, published: Exam | None, now: int) -> int:
    """The start of an exam. That of a practice exam is the moment at which it was published first."""
    if not draft.policy.is_practice:
        if draft.starts_at is None:
            raise FileRejected([FileFinding("exam.yaml", 0, "缺少 starts_at（开考时间）")])
        return draft.starts_at
    if findings := _needless_start(draft):
        raise FileRejected(findings)
    return published.starts_at if published is not None else now


def _needless_start(draft: ExamDraft) -> list[FileFinding]:
    if not draft.policy.is_practice or draft.starts_at is None:
        return []
    reason = "试考（kind: practice）从发布起一直开放，没有开考时间：请去掉 starts_at"
    return [FileFinding("exam.yaml", 0, reason)]


def _write_pictures(exam: Exam, draft: ExamDraft) -> None:
    """Store every picture that the bank shows, sealed."""
    key = picture_seals.picture_key(exam.exam_id, exam.paper_version)
    for sha256 in sorted(pictures_of_bank(draft.bank)):
        sealed = picture_seals.seal(draft.pictures[sha256], key)
        store.write_picture(exam.exam_id, exam.paper_version, sha256, sealed)


def check_exam(*, draft: ExamDraft, face_engine: str = SEES_TURNS) -> Checked:
    """Rehearse an exam, whether or not it has a start; publishes nothing.

    `face_engine`: the one of the deployment; the default is for checks outside any deployment.
    """
    exam = _planned(draft)
    rehearsed = _rehearsed(exam, draft.roster)
    never = _never_judged(exam, face_engine)
    listed = None if draft.roster is None else len(draft.roster)
    who = who_may_enter(_audience(exam), listed)
    findings = (*_cut_short(rehearsed), *never, *_needless_start(draft))
    return Checked(findings, tuple(rehearsed), who, listed)


def count_listed(exam: Exam) -> int | None:
    """How many people are on the roster in force; None for an exam without a roster."""
    return store.count_roster(exam.exam_id, exam.roster_version) if exam.has_roster else None


def say_who_may_enter(exam: Exam) -> str:
    """Who may enter a published exam, in words and numbers."""
    return who_may_enter(_audience(exam), count_listed(exam))


def _audience(exam: Exam) -> list[str]:
    return [role.value for role in exam.audience]


def _planned(draft: ExamDraft) -> Exam:
    """The exam that publishing the draft gives; without a start it begins at 0."""
    roster = draft.roster
    return Exam(
        exam_id=draft.exam_id,
        title=draft.title,
        starts_at=draft.starts_at or 0,
        audience=draft.audience,
        roster_version=model.roster_version(roster) if roster is not None else "",
        policy=draft.policy,
        sections=draft.bank.sections,
        paper_version=version(to_json(draft.bank)),
        notice=draft.notice,
        longest_extra_ms=max((entry.extra_ms for entry in roster or ()), default=0),
        section_worths=paper.section_worths(draft.bank),
        series=draft.series,
    )


def _refuse_unpublishable(
    exam: Exam, published: Exam | None, roster: Iterable[RosterEntry] | None, now: int
) -> None:
    if published is not None and published.as_published != exam:
        raise FileRejected([_taken(exam.exam_id)])
    never = _never_judged(exam, settings().face_engine)
    findings = _cut_short(_rehearsed(exam, roster)) + never
    if published is None and now > exam.entry_until:
        reason = "按 starts_at，入场时间已过，没有人能参加：请改为将来的时间"
        findings.append(FileFinding("exam.yaml", 0, reason))
    if findings:
        raise FileRejected(findings)


def _never_judged(exam: Exam, face_engine: str) -> list[FileFinding]:
    """Refuse a policy that asks for a head turn when the face engine cannot see it: nobody could enter."""
    if exam.policy.liveness is Liveness.NONE or face_engine == SEES_TURNS:
        return []
    reason = "liveness: head_turn 需要人脸引擎 yunet_sface（FACE_ENGINE）：现用的引擎看不出转头，谁都进不了考场"
    return [FileFinding("exam.yaml", 0, reason)]


def _taken(exam_id: str) -> FileFinding:
    return FileFinding("exam.yaml", 0, f"考试编号已被使用：{exam_id}")


def _rehearsed(exam: Exam, roster: Iterable[RosterEntry] | None) -> list[Sitting]:
    """Rehearse an exam. The attempts of a practice exam have the times of an exam that starts when they are opened."""
    policy = msgspec.structs.replace(exam.policy, kind=ExamKind.EXAM)
    timed = msgspec.structs.replace(exam, policy=policy)
    return rehearse(timed, [entry.extra_ms for entry in roster or ()])


def _cut_short(rehearsed: list[Sitting]) -> list[FileFinding]:
    wronged = [sitting for sitting in rehearsed if sitting.cut_short]
    return [FileFinding("exam.yaml", 0, f"演练：{s.who}：{s.cut_short}") for s in wronged]


def get_exam(exam_id: str) -> Exam:
    """One exam. Raises `NotFound`."""
    exam = store.load_exam(exam_id)
    if exam is None:
        raise NotFound("not_found")
    return exam


def plan_roster(*, exam_id: str, roster: list[RosterEntry]) -> RosterPlan:
    """Compare a new roster with the one in force; changes nothing.

    Raises `NotFound`, `FileRejected` when its extra times do not go together with the rules of the exam.
    """
    exam = get_exam(exam_id)
    before = {e.person_hash: e for e in store.load_roster(exam_id, exam.roster_version)}
    after = {entry.person_hash: entry for entry in roster}
    plan = RosterPlan(
        exam=exam,
        version=model.roster_version(roster),
        roster=tuple(roster),
        removed=tuple(who for who in before if who not in after),
        changed=tuple(
            who
            for who, entry in after.items()
            if who in before and before[who].extra_ms != entry.extra_ms
        ),
    )
    longest = plan.longest_extra_ms
    planned = msgspec.structs.replace(exam, longest_extra_ms=longest)
    findings = check_policy(exam, longest) + _cut_short(_rehearsed(planned, roster))
    findings += series.check_sitting(exam.series, roster) if exam.series else []
    if findings:
        raise FileRejected(findings)
    return plan


def replace_roster(*, plan: RosterPlan, source: rosters.Source, now: int) -> Exam:
    """Replace the roster in force: its rows are written first, then the exam, by one write.

    The same file again changes nothing. Raises `FileRejected` (people are on the roster of another sitting at the same
    time), `Conflict` (`roster_not_used`, `roster_superseded`, `exam_over`; `busy` when the exam has changed since the
    plan was made).
    """
    exam = plan.exam
    outcomes = rosters.replace(exam, plan.version, plan.longest_extra_ms, source, now)
    if not outcomes:
        return exam
    store.put_roster(exam.exam_id, plan.version, list(plan.roster))
    sittings.enter(exam=applied(exam, outcomes), roster=plan.roster)
    # the plan is valid for this version of the exam alone
    return retried(lambda: store.change_exam(exam, outcomes), tries=1)


def get_bank(*, exam_id: str) -> tuple[Exam, Bank]:
    """Return a published exam with its question bank and the key in use, for operators alone.

    Raises `NotFound`.
    """
    exam = get_exam(exam_id)
    bank, used = store.load_bank(exam_id, exam.paper_version), exam.key_version
    key = store.load_key(exam_id, exam.paper_version, used) if used else {}
    corrected = tuple(
        msgspec.structs.replace(question, key=key.get(question.id, question.key))
        for question in bank.questions
    )
    return exam, msgspec.structs.replace(bank, questions=corrected)


def list_roster(*, exam: Exam) -> list[RosterEntry]:
    """Return everybody on the roster in force; nobody for an exam without one."""
    return store.load_roster(exam.exam_id, exam.roster_version) if exam.has_roster else []


def allowed_time(exam: Exam, *, role: str, person_hash: str) -> int:
    """Return the milliseconds that this person has. Raises `Refused`: `not_admitted_to_exam`."""
    entry = None
    if exam.has_roster:
        entry = store.load_roster_entry(exam.exam_id, exam.roster_version, person_hash)
    if not model.may_enter(exam, role, entry):
        raise Refused("not_admitted_to_exam")
    return model.allowed_time_ms(exam, entry)


def give_order(*, exam_id: str, order: ExamOrder, version_seen: int, now: int) -> Exam:
    """Give an order for all candidates of this exam. The attempts have to apply it afterwards.

    The same command again changes nothing. Raises `NotFound`, `Conflict` (`exam_changed`, `too_many_orders`,
    `starts_in_the_past`, `sittings_overlap`).
    """
    if order.starts_at is not None:
        exam = get_exam(exam_id)
        if outcomes := orders.give(exam, order, version_seen, now):
            sittings.move(exam=applied(exam, outcomes))
    return _decide(exam_id, lambda exam: orders.give(exam, order, version_seen, now))


def announce(*, exam_id: str, announcement: Announcement, now: int) -> Exam:
    """Announce something to everybody in this exam. The attempts have to get its number afterwards.

    The same command again changes nothing. Raises `NotFound`, `Conflict` (`announcement_too_late`,
    `too_many_announcements`, `command_id_taken`).
    """
    return _decide(exam_id, lambda exam: announcing.announce(exam, announcement, now))


def list_unsettled(*, now: int, listed: CurrentExams = store.list_current) -> list[Exam]:
    """Return the exams with orders or announcements that not all attempts have been seen to have."""
    unsettled = [
        exam for exam in listed() if orders.unsettled(exam, now) or announcing.unsettled(exam, now)
    ]
    return [get_exam(exam.exam_id) for exam in unsettled]


def settle_orders(*, exam_id: str, now: int) -> Exam:
    """Note that every attempt has the orders and announcements that are old enough. Raises `NotFound`."""
    return _decide(exam_id, lambda exam: (*orders.settle(exam, now), *announcing.settle(exam, now)))


def _decide(exam_id: str, rule: Callable[[Exam], Outcomes]) -> Exam:
    """Decide about an exam by a rule; returns the exam after it. Raises `NotFound`, `Conflict`: `busy`."""
    return decide(lambda: get_exam(exam_id), rule, store.change_exam)


def write_key(*, exam: Exam, corrected: dict[str, str]) -> str:
    """Store the key in use with these corrections (id of a question → right letters); returns its version.

    It is used for scoring only after an order. Raises `Invalid` (`key_invalid`), `Conflict`
    (`key_unchanged`).
    """
    bank = store.load_bank(exam.exam_id, exam.paper_version)
    used = exam.key_version
    present = store.load_key(exam.exam_id, exam.paper_version, used) if used else {}
    key = orders.corrected_key(bank, present, corrected)
    data = msgspec.json.encode(key, order="deterministic")
    store.write_key(exam.exam_id, exam.paper_version, version(data), data)
    return version(data)


def note_deadline(*, exam_id: str, deadline: int) -> None:
    """Note the deadline of one person (UTC ms). The end of an exam only moves later.

    It is called before the person gets the deadline, so that keys stay secret until the last person has finished.
    """
    store.note_deadline(exam_id, deadline)


def open_waiting_rooms(
    *, now: int, time_slice: TimeSlice | None = None, listed: CurrentExams = store.list_current
) -> int:
    """Note each exam whose waiting room has opened; returns how many were new. The next run continues.

    Admission does not depend on this note; it reads the clock.
    """
    due = [
        exam
        for exam in listed()
        if exam.waiting_opened_at is None and exam.waiting_opens_at <= now <= exam.ends_at
    ]
    reached = (time_slice or TimeSlice()).each(due, lambda exam: exam.exam_id)
    return sum(store.mark_waiting_open(exam, now) for exam in reached)


def run_preflights(
    *,
    now: int,
    take_notes: Callable[[Exam], tuple[str, ...]] = lambda _: (),
    time_slice: TimeSlice | None = None,
    listed: CurrentExams = store.list_current,
) -> int:
    """Check at each due checkpoint whether the exam can be held; returns how many results were noted.

    `take_notes` returns what else operators should know about an exam; it prevents nothing.
    Each checkpoint is noted once. A missed one is checked later, until the end of the exam. When S3 or DynamoDB does
    not answer, or the time of this run is over, the next run checks again.
    """
    noted = 0
    account = functools.cache(notices.look_at_account)  # one answer for all exams of this run
    watched = [exam for exam in listed() if preflight.under_watch(exam, now)]
    for near in (time_slice or TimeSlice()).each(watched, lambda exam: exam.exam_id):
        exam = get_exam(near.exam_id)
        if due := preflight.due(exam, now):
            noted += _preflight(exam, due, now, account, take_notes)
    return noted


def _preflight(
    exam: Exam,
    due: list[Checkpoint],
    now: int,
    account: Callable[[], list[str]],
    take_notes: Callable[[Exam], tuple[str, ...]],
) -> int:
    """Check one exam; returns how many results were noted. An error here does not stop the check of other exams."""
    try:
        about_sms = _sms_findings(exam, due, now, account)
        if about_sms is None:  # another run is sending the test message now; the next run checks
            return 0
        findings = _preflight_findings(exam) + about_sms
        # written before it is noted: after a crash it is written twice rather than not at all
        if findings:
            at = [checkpoint.value for checkpoint in due]
            log.metric("PreflightFailed", 1, exam=exam.exam_id, checkpoints=at, findings=findings)
        notes = take_notes(exam)
        done = Preflight(at=now, ok=not findings, findings=tuple(findings), notes=notes)
        return sum(store.note_preflight(exam, checkpoint, done) for checkpoint in due)
    except Exception as error:
        log.crash(error, exam=exam.exam_id)
        log.metric("PreflightFailed", 1, exam=exam.exam_id, findings=["could not be looked at"])
        return 0


def _sms_findings(
    exam: Exam, due: list[Checkpoint], now: int, account: Callable[[], list[str]]
) -> list[str] | None:
    """Return what prevents SMS codes; a day before, a test message is sent too. None: its result is not known yet."""
    if Checkpoint.DAY_BEFORE not in due or exam.is_practice:
        return account()
    tried = notices.send_test_message(starts_at=exam.starts_at, now=now)
    return None if tried is None else account() + tried


def _preflight_findings(exam: Exam) -> list[str]:
    data = store.read_bank(exam.exam_id, exam.paper_version)
    listed = not exam.has_roster or store.has_roster(exam.exam_id, exam.roster_version)
    without = roster_photos.list_without(exam=exam, at=exam.photos_needed_until)
    findings = preflight.check(exam, data, roster_has_people=listed, without_photo=len(without))
    return findings + _picture_findings(exam, data)


def _picture_findings(exam: Exam, data: bytes | None) -> list[str]:
    """What is wrong with the pictures of a stored bank; nothing when the bank itself cannot be read."""
    if data is None or version(data) != exam.paper_version:
        return []
    shown = pictures_of_bank(from_json(data))
    opened = list(_open_pictures(exam.exam_id, exam.paper_version, shown))
    missing = sum(not stored for _, stored, _ in opened)
    changed = sum(stored and picture is None for _, stored, picture in opened)
    return preflight.check_pictures(missing=missing, changed=changed)


def _open_pictures(
    exam_id: str, paper_version: str, pictures: Iterable[str]
) -> Iterator[tuple[str, bool, bytes | None]]:
    """Each of these pictures: its SHA-256 (hex), whether an object is stored, and its bytes if it opens."""
    key = picture_seals.picture_key(exam_id, paper_version)
    for sha256 in sorted(pictures):
        sealed = store.read_picture(exam_id, paper_version, sha256)
        picture = None if sealed is None else picture_seals.unseal(sealed, key, sha256)
        yield sha256, sealed is not None, picture


def load_pictures(*, exam: Exam, bank: Bank) -> dict[str, bytes]:
    """Return the pictures of a published bank by their SHA-256 (hex), for operators alone.

    One that is missing or changed is left out; the preflight reports it. Raises `Unavailable`.
    """
    opened = _open_pictures(exam.exam_id, exam.paper_version, pictures_of_bank(bank))
    return {sha256: picture for sha256, _, picture in opened if picture is not None}


def list_without_picture(*, exam_id: str, paper_version: str, seed: str) -> tuple[int, ...]:
    """Return the numbers (from 1) of the questions of a paper that show a picture which is missing or changed.

    Reads each picture of the paper. Raises `Unavailable`.
    """
    drawn = draw_paper(exam_id, paper_version, seed)
    opened = _open_pictures(exam_id, paper_version, paper.pictures_of_paper(drawn))
    damaged = {sha256 for sha256, _, picture in opened if picture is None}
    return tuple(
        number
        for number, entry in enumerate(drawn, start=1)
        if paper.pictures_of_paper((entry,)) & damaged
    )


def is_whole(*, exam_id: str, paper_version: str, key_version: str = "") -> bool:
    """Whether this bank and this correction of its key are stored unchanged. Raises `Unavailable`."""
    named = {paper_version: store.read_bank(exam_id, paper_version)}
    if key_version:
        named[key_version] = store.read_key(exam_id, paper_version, key_version)
    return all(data is not None and version(data) == name for name, data in named.items())


@functools.lru_cache(maxsize=512)
def draw_paper(exam_id: str, paper_version: str, seed: str) -> tuple[paper.DrawnQuestion, ...]:
    """Return a candidate's paper. The same arguments always give the same paper."""
    return paper.draw_paper(store.load_bank(exam_id, paper_version), seed)


def draw_keyed_paper(
    *, exam_id: str, paper_version: str, seed: str, key_version: str
) -> tuple[paper.DrawnQuestion, ...]:
    """Return a candidate's paper with the key of its bank, or with a correction of it."""
    drawn = draw_paper(exam_id, paper_version, seed)
    if not key_version:
        return drawn
    return paper.with_key(drawn, store.load_key(exam_id, paper_version, key_version))


def link_pictures(*, exam_id: str, paper_version: str, seed: str) -> dict[str, str]:
    """Return a short-lived link to each sealed picture of a candidate's paper: its SHA-256 (hex) → address.

    They are in the order of their SHA-256, which says nothing about the paper. Costs no AWS call once the bank is read.
    """
    shown = paper.pictures_of_paper(draw_paper(exam_id, paper_version, seed))
    return {sha: store.picture_url(exam_id, paper_version, sha) for sha in sorted(shown)}


def shows_pictures(*, exam_id: str, paper_version: str, seed: str) -> bool:
    """Return whether a candidate's paper shows pictures. Raises `Unavailable`."""
    return bool(paper.pictures_of_paper(draw_paper(exam_id, paper_version, seed)))


def picture_key(*, exam_id: str, paper_version: str, seed: str) -> bytes:
    """Return the key of the pictures of a candidate's paper; b"" when it has none."""
    if not shows_pictures(exam_id=exam_id, paper_version=paper_version, seed=seed):
        return b""
    return picture_seals.picture_key(exam_id, paper_version)


def score(
    *,
    exam_id: str,
    paper_version: str,
    seed: str,
    answers: Mapping[str, Answer],
    policy: Policy,
    key_version: str = "",
) -> Score:
    """Score acknowledged answers against the key of this paper version, or a correction of it."""
    drawn = draw_keyed_paper(
        exam_id=exam_id, paper_version=paper_version, seed=seed, key_version=key_version
    )
    return score_paper(drawn, answers, policy)
