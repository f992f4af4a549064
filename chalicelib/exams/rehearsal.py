"""A dry run of an exam: the rules of time are applied to people in the most difficult situations. Pure.

Everybody who may enter must get all of their time, and a deadline that is not after the end of the exam. Times are
relative to the start, so that an exam without a date can be rehearsed too.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from chalicelib.accounts.model import SESSION_MS
from chalicelib.exams import model
from chalicelib.exams.model import Exam, RosterEntry
from chalicelib.exams.validation import PROFILE_MS, SLOW_NETWORK_MS, STEPS_MS
from chalicelib.shared.clock import HOUR_MS, MINUTE_MS, SECOND_MS


class RehearsedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """One person of the dry run. Each of their checks takes as long as the policy allows."""

    who: str
    extra_ms: int = 0
    begins_at: int  # of the check-in
    checks: int = 1  # the last one passes
    starts: Literal["ready", "entry_end", "last"] = "ready"  # last: the last moment that is allowed
    crashes: bool = False  # right after the start, and comes back
    slow: bool = False  # a slow network at the end: the last answers arrive late
    too_late: bool = False  # may not enter by the rules


class Sitting(msgspec.Struct, frozen=True):
    """The result of one person; times in ms after the start of the exam."""

    who: str
    starts_ms: int | None
    deadline_ms: int | None
    had_ms: int
    cut_short: str = ""  # why the person lost time; empty when they had all of it
    note: str = ""

    def as_row(self) -> dict[str, object]:
        """Return the result as people read it: moments such as `+00:30:00.000`, and minutes."""
        return {
            "who": self.who,
            "starts": _offset(self.starts_ms),
            "deadline": _offset(self.deadline_ms),
            "minutes": self.had_ms * 100 // MINUTE_MS / 100,
            "cut_short": self.cut_short,
            "note": self.note,
        }


def rehearse(exam: Exam, extras_ms: Iterable[int] = ()) -> list[Sitting]:
    """Rehearse an exam with the shortest and the longest extra time; returns the result of each person."""
    extras = {0, *extras_ms} if not exam.has_roster else {*extras_ms} or {0}
    people = [p for extra in sorted({min(extras), max(extras)}) for p in cohort(exam, extra)]
    people.append(
        RehearsedPerson(
            who="入场截止后 1 毫秒才开始核验",
            begins_at=exam.entry_until - STEPS_MS + 1,
            too_late=True,
        )
    )
    return [sit(exam, person) for person in people]


def cohort(exam: Exam, extra_ms: int) -> list[RehearsedPerson]:
    """Return the people who lose time first when the rules are wrong."""
    opens, before_end = exam.waiting_opens_at, exam.entry_until - STEPS_MS
    chances = exam.policy.verification_chances
    people = (
        RehearsedPerson(who="提前候考，铃响开始", begins_at=opens),
        RehearsedPerson(who="开考前一刻关闭了候考页面", begins_at=exam.starts_at - 1),
        RehearsedPerson(who="用完全部核验机会才通过", begins_at=opens, checks=chances),
        RehearsedPerson(who="入场截止的最后一毫秒开始", begins_at=opens, starts="entry_end"),
        RehearsedPerson(
            who="截止前核验，结论最晚，最后一毫秒开始", begins_at=before_end, starts="last"
        ),
        RehearsedPerson(who="开始后页面崩溃，重新核验后返回", begins_at=opens, crashes=True),
        RehearsedPerson(
            who="最后入场，页面崩溃又返回", begins_at=before_end, starts="last", crashes=True
        ),
        RehearsedPerson(who="交卷时网络慢，最后的答案晚到 1 秒", begins_at=opens, slow=True),
    )
    more = f"（加时 {extra_ms // MINUTE_MS} 分钟）" if extra_ms else ""
    return [msgspec.structs.replace(p, who=p.who + more, extra_ms=extra_ms) for p in people]


def sit(exam: Exam, person: RehearsedPerson) -> Sitting:
    """Apply the rules of the exam to one person."""
    reserved_at, settled_at = _check_in(exam, person)
    latest = latest_start(exam, reserved_at, settled_at)
    ready_at = max(settled_at, exam.starts_at)
    if reserved_at > exam.entry_until or ready_at > latest:
        return _outside(person)
    wished = {"ready": ready_at, "entry_end": exam.entry_until, "last": latest}[person.starts]
    starts_at = max(ready_at, wished)
    entry = RosterEntry("", extra_ms=person.extra_ms)
    deadline = starts_at + model.allowed_time_ms(exam, entry)
    closed_at, reason, note = _closed(exam, person, starts_at, deadline)
    first_deadline = exam.starts_at + exam.policy.duration_min * MINUTE_MS
    if not note and starts_at > first_deadline:
        note = "此时最早开始的考生已经收卷：时长短于入场时间"
    return Sitting(
        who=person.who,
        starts_ms=starts_at - exam.starts_at,
        deadline_ms=deadline - exam.starts_at,
        had_ms=closed_at - starts_at,
        cut_short=reason,
        note=note,
    )


def latest_start(exam: Exam, reserved_at: int, settled_at: int) -> int:
    """The last moment for a first start after this pass (`attempts.model.start_until`)."""
    if settled_at <= exam.entry_until:
        return exam.entry_until
    late = settled_at + exam.policy.verdict_timeout_s * SECOND_MS
    return min(late, exam.entry_until + exam.policy.late_entry_ms)


def _check_in(exam: Exam, person: RehearsedPerson) -> tuple[int, int]:
    """When the check that passes is reserved, and when its verdict comes."""
    policy, now = exam.policy, person.begins_at + STEPS_MS
    for failures in range(1, person.checks):
        now += policy.verdict_ms
        if failures >= policy.failures_before_wait:
            now += policy.failure_wait_s * SECOND_MS
    return now, now + policy.verdict_ms


def _outside(person: RehearsedPerson) -> Sitting:
    if person.too_late:
        return Sitting(person.who, None, None, 0, note="按规则不能入场")
    return Sitting(person.who, None, None, 0, cut_short="没能入场：入场已经截止")


def _closed(
    exam: Exam, person: RehearsedPerson, starts_at: int, deadline: int
) -> tuple[int, str, str]:
    """Return until when answers count, why that is before the deadline (""), and a note."""
    if deadline > exam.ends_at:
        return exam.ends_at, "截止时间晚于整场考试的结束", ""
    session_ends_at = exam.waiting_opens_at - PROFILE_MS + SESSION_MS
    if session_ends_at < deadline:
        return session_ends_at, "登录 12 小时后失效", ""
    if person.crashes:
        return _after_crash(exam, starts_at, deadline)
    if person.slow and exam.policy.deadline_grace_ms < SLOW_NETWORK_MS:
        return deadline - SLOW_NETWORK_MS, "最后的答案到达时已不能保存", ""
    return deadline, "", ""


def _after_crash(exam: Exam, starts_at: int, deadline: int) -> tuple[int, str, str]:
    policy = exam.policy
    away_ms = STEPS_MS + policy.verdict_ms + policy.failure_wait_s * SECOND_MS
    if starts_at + away_ms >= deadline:
        return starts_at, "来不及返回考场", ""
    if policy.page_loss_counts and policy.switch_limit <= 1:
        return starts_at, "返回时算作切屏，直接收卷", ""
    return deadline, "", f"最慢 {away_ms // SECOND_MS} 秒后返回，截止时间不变"


def _offset(ms: int | None) -> str:
    if ms is None:
        return "—"
    hours, rest = divmod(abs(ms), HOUR_MS)
    minutes, rest = divmod(rest, MINUTE_MS)
    seconds, thousandths = divmod(rest, SECOND_MS)
    return f"{'−' if ms < 0 else '+'}{hours:02}:{minutes:02}:{seconds:02}.{thousandths:03}"
