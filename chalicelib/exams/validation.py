"""Rules that a policy must fulfil before an exam is published. Pure.

They refuse a policy that could take time from a candidate, or that cannot work. Each rule compares the policy with
what a person at home needs: time to check in, a slow upload, a crash, a lost heartbeat. Its message says why, and which
field to change.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from chalicelib.accounts.model import SESSION_MS
from chalicelib.exams.model import Liveness, MultipleRule, Policy
from chalicelib.exams.questions import Section, SectionType
from chalicelib.shared import pictures
from chalicelib.shared.clock import MINUTE_MS, SECOND_MS

STEPS_MS = 5 * MINUTE_MS  # 考试须知, 设备检测, 网络环境检测: reading, ticking, granting the camera
PROFILE_MS = 60 * MINUTE_MS  # signing in, profile and ID photo, before the waiting room opens
SLOW_NETWORK_MS = SECOND_MS  # an answer on its way to the server
LEAST_CHANCES = 3  # the engine may be unsure about the right person twice
TURN_S = 15  # to read the instruction, to turn the head, to hold still
# a cold start of the face function and a retry of its event; also the time to enter
LEAST_VERDICT_S = 30
LEAST_SWITCHES = 2  # the first switch is a warning
LEAST_SWITCH_MS = 500  # flickering displays and browsers' own dialogs are shorter
LEAST_FULLSCREEN_S = 5  # to read why, and to click
# one frame alone decides nothing: it may be misjudged, or show a poster or a passer-by
LEAST_SEVERAL = 2
# a changed deadline has to reach the page in time; it keeps frames for 90 s
LONGEST_HEARTBEAT_S = 60
TICKETS_A_BEAT = 3  # how many snapshots a heartbeat asks for at once (attempts.watch.MAX_ASKED)
_SEVERAL = (SectionType.MULTIPLE, SectionType.INDEFINITE)
MOST_BOUND = 0.75  # share of the time that gaps between snapshots may fill; with more, the moments can be guessed


class FileFinding(msgspec.Struct, frozen=True):
    """One mistake in a pack; `row` counts as a spreadsheet does (1 = headings), 0 = the whole file."""

    file: str
    row: int
    reason: str


class FileRejected(Exception):
    """The files have mistakes and nothing is imported. `findings`: every mistake."""

    def __init__(self, findings: list[FileFinding]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings


class Planned(Protocol):
    """An exam, or the header of a pack from which one is made."""

    @property
    def policy(self) -> Policy:
        """Its numbers."""

    @property
    def sections(self) -> tuple[Section, ...]:
        """Its paper."""


def check_policy(exam: Planned, longest_extra_ms: int = 0) -> list[FileFinding]:
    """Return a finding for each rule that the policy does not fulfil. `longest_extra_ms`: of the roster."""
    reasons = [rule(exam.policy) for rule in _RULES]
    reasons += [_points(exam), _half_points(exam), _session(exam.policy, longest_extra_ms)]
    return [FileFinding("exam.yaml", 0, reason) for reason in reasons if reason]


def longest_waits_ms(policy: Policy, checks: int) -> int:
    """Return the milliseconds of waiting after failures when the last of `checks` checks passes."""
    return max(0, checks - policy.failures_before_wait) * policy.failure_wait_s * SECOND_MS


# --- checking in ---


def _waiting_room(policy: Policy) -> str:
    waits = longest_waits_ms(policy, policy.verification_chances)
    needed = STEPS_MS + policy.verdict_ms + waits
    if policy.waiting_opens_min * MINUTE_MS >= needed:
        return ""
    return (
        f"候考只有 {policy.waiting_opens_min} 分钟，一次最慢的考前确认需要 {_minutes(needed)} 分钟"
        f"（前三步 5 分钟、上传和核验结论 {_minutes(policy.verdict_ms)} 分钟、失败后的等待"
        f" {_minutes(waits)} 分钟），准时到场的人会赶不上开考：请加大 waiting_opens_min，"
        "或减小 upload_lease_s、verdict_timeout_s、failure_wait_s"
    )


def _all_chances(policy: Policy) -> str:
    checks = policy.verification_chances
    needed = STEPS_MS + checks * policy.verdict_ms + longest_waits_ms(policy, checks)
    if (policy.waiting_opens_min + policy.entry_closes_min) * MINUTE_MS >= needed:
        return ""
    return (
        f"从候考开放到入场截止不足 {_minutes(needed)} 分钟，用不完所给的 {checks} 次核验机会："
        "请加大 waiting_opens_min 或 entry_closes_min，或减小 verification_chances、failure_wait_s"
    )


def _entry(policy: Policy) -> str:
    if policy.entry_closes_min * MINUTE_MS >= STEPS_MS:
        return ""
    return (
        f"开考后 {policy.entry_closes_min} 分钟就停止入场，开考前一刻关闭了候考页面的人来不及重新完成"
        "考前确认（约 5 分钟）：entry_closes_min 至少为 5"
    )


def _return(policy: Policy) -> str:
    needed = STEPS_MS + policy.verdict_ms + policy.failure_wait_s * SECOND_MS
    if policy.duration_min * MINUTE_MS > needed:
        return ""
    return (
        f"时长只有 {policy.duration_min} 分钟，页面崩溃后重新核验最慢需要 {_minutes(needed)} 分钟，"
        "回来时已经收卷：请加大 duration_min，或减小 upload_lease_s、verdict_timeout_s、failure_wait_s"
    )


def _chances(policy: Policy) -> str:
    if min(policy.verification_chances, policy.verification_chances_after_start) >= LEAST_CHANCES:
        return ""
    return (
        "核验机会过少，系统对本人拿不准一两次就会把人挡在场外：verification_chances 和 "
        f"verification_chances_after_start 至少为 {LEAST_CHANCES}"
    )


def _unusable(policy: Policy) -> str:
    if policy.unusable_per_day >= 1:
        return ""
    return "画面太暗或上传中断也会用掉核验机会：unusable_per_day 至少为 1"


def _upload(policy: Policy) -> str:
    needed = _upload_s(policy)
    if policy.upload_lease_s >= needed:
        return ""
    return (
        f"按推荐的上行网速，一张 5 MB 的照片要传 {needed} 秒，{policy.upload_lease_s} 秒内传不完："
        f"upload_lease_s 至少为 {needed}，或提高 recommended_up_mbps"
    )


def _turn(policy: Policy) -> str:
    needed = _upload_s(policy) + TURN_S
    if policy.liveness is Liveness.NONE or policy.upload_lease_s >= needed:
        return ""
    return (
        f"要求转头（liveness: head_turn）的考试，看提示、转头需要 {TURN_S} 秒，再加照片上传共 {needed} 秒，"
        f"{policy.upload_lease_s} 秒内来不及：upload_lease_s 至少为 {needed}，或提高 recommended_up_mbps"
    )


def _upload_s(policy: Policy) -> int:
    """Seconds that the largest picture takes at the speed recommended to candidates (none: 1 Mbit/s)."""
    bits_a_second = (policy.recommended_up_mbps or 1) * 1_000_000
    return int(-(-pictures.MAX_BYTES * 8 // bits_a_second))


def _verdict(policy: Policy) -> str:
    if policy.verdict_timeout_s >= LEAST_VERDICT_S:
        return ""
    return (
        "核验结论等待时间过短：核验服务一慢就作废，结论晚到的人也来不及走进考场："
        f"verdict_timeout_s 至少为 {LEAST_VERDICT_S}"
    )


# --- the exam itself ---


def _points(exam: Planned) -> str:
    total = sum(section.question_count * section.centipoints for section in exam.sections)
    return "" if total > 0 else "试卷总分为 0，人人都算合格：请加大 sections 的 points"


def _pass_mark(policy: Policy) -> str:
    if policy.pass_mark >= 1:  # and at most 100, which a paper without mistakes reaches
        return ""
    return "合格线为 0，交白卷也合格：pass_mark 须在 1 到 100 之间"


def _half_points(exam: Planned) -> str:
    if exam.policy.multiple_rule is not MultipleRule.HALF_FOR_SUBSET:
        return ""
    odd = [s.title for s in exam.sections if s.type in _SEVERAL and s.centipoints % 2]
    if not odd:
        return ""
    return (
        f"{'、'.join(odd)}：少选得一半分时，一半分值超过两位小数，考生会少得分："
        "points 请用 0.02 的倍数，或 multiple_rule 改为 all_or_nothing"
    )


def _session(policy: Policy, longest_extra_ms: int) -> str:
    minutes = policy.waiting_opens_min + policy.entry_closes_min + policy.duration_min
    needed = PROFILE_MS + minutes * MINUTE_MS + policy.late_entry_ms + longest_extra_ms
    if needed <= SESSION_MS:
        return ""
    return (
        f"从登录（候考前 1 小时）到最晚的收卷需要 {_minutes(needed)} 分钟，登录 12 小时后失效，"
        "考生会在答题中被退出：请减小 waiting_opens_min、entry_closes_min、duration_min，"
        "或 roster.csv 的加时"
    )


def _heartbeat_exam(policy: Policy) -> str:
    if policy.heartbeat_exam_s <= LONGEST_HEARTBEAT_S:
        return ""
    return (
        "考试中页面报到的间隔过长：延长的时间来不及到达页面，抓拍所要的画面也已不在页面里："
        f"heartbeat_exam_s 最多为 {LONGEST_HEARTBEAT_S}"
    )


def _heartbeat_waiting(policy: Policy) -> str:
    shortest_s = min(policy.waiting_opens_min, policy.entry_closes_min) * 60
    if 2 * policy.heartbeat_waiting_s <= shortest_s:
        return ""
    return (
        "候考页面报到的间隔过长：丢失一次报到，页面就可能在入场截止后才知道安排有变："
        f"heartbeat_waiting_s 最多为 {shortest_s // 2}"
    )


def _grace(policy: Policy) -> str:
    if policy.deadline_grace_ms >= SLOW_NETWORK_MS:
        return ""
    return (
        "没有给网络留时间，最后一刻作答的答案到达时已不能保存："
        f"deadline_grace_ms 至少为 {SLOW_NETWORK_MS}"
    )


# --- switches ---


def _switch_limit(policy: Policy) -> str:
    if policy.switch_limit >= LEAST_SWITCHES:
        return ""
    lost = "，页面崩溃后返回也会直接收卷" if policy.page_loss_counts else ""
    return f"第一次切屏就收卷，没有人得到过提醒{lost}：switch_limit 至少为 {LEAST_SWITCHES}"


def _switch_min(policy: Policy) -> str:
    if policy.switch_min_ms >= LEAST_SWITCH_MS:
        return ""
    return (
        "屏幕闪烁、输入法或通知弹窗造成的一瞬间也会算作切屏，几次就会收卷："
        f"switch_min_ms 至少为 {LEAST_SWITCH_MS}"
    )


def _fullscreen(policy: Policy) -> str:
    if policy.fullscreen_grace_s >= LEAST_FULLSCREEN_S:
        return ""
    return (
        "误按 Esc 或被通知退出全屏的人来不及返回就会算作切屏："
        f"fullscreen_grace_s 至少为 {LEAST_FULLSCREEN_S}"
    )


# --- snapshots ---


def _snapshot_range(policy: Policy) -> str:
    if policy.snapshots_min <= policy.snapshots_max:
        return ""
    return (
        f"抓拍最少 {policy.snapshots_min} 次、最多 {policy.snapshots_max} 次，无法抽取："
        "snapshots_min 不能大于 snapshots_max"
    )


def _snapshot_fit(policy: Policy) -> str:
    count = round(policy.snapshots_max * policy.duration_min / 60)
    bound_s = count * policy.snapshot_gap_s
    if bound_s <= MOST_BOUND * policy.duration_min * 60:
        return ""
    return (
        f"{policy.duration_min} 分钟里最多 {count} 次抓拍，每次间隔至少 {policy.snapshot_gap_s} 秒，"
        "放不下或时刻可以猜到（间隔之和不能超过时长的四分之三）：请减小 snapshots_max 或 snapshot_gap_s"
    )


def _snapshot_grace(policy: Policy) -> str:
    needed = 2 * policy.heartbeat_exam_s + _upload_s(policy)
    if not policy.snapshots_max or policy.snapshot_grace_s >= needed:
        return ""
    return (
        f"丢失一次报到再加一张照片的上传需要 {needed} 秒，{policy.snapshot_grace_s} 秒后抓拍就算缺失，"
        f"网络慢的人会被标记：snapshot_grace_s 至少为 {needed}，或减小 heartbeat_exam_s"
    )


def _snapshot_burst(policy: Policy) -> str:
    if (
        not policy.snapshots_max
        or TICKETS_A_BEAT * policy.snapshot_gap_s >= policy.heartbeat_exam_s
    ):
        return ""
    return (
        f"两次报到之间可能有 {TICKETS_A_BEAT} 张以上的抓拍，页面来不及交出就会算缺失："
        f"snapshot_gap_s 至少为 heartbeat_exam_s 的 1/{TICKETS_A_BEAT}"
    )


def _several_limit(policy: Policy) -> str:
    if not policy.snapshots_max or policy.several_limit >= LEAST_SEVERAL:
        return ""
    return f"一张误判的画面（海报、有人路过）就会判定不合格：several_limit 至少为 {LEAST_SEVERAL}"


_RULES: tuple[Callable[[Policy], str], ...] = (
    _waiting_room,
    _all_chances,
    _entry,
    _return,
    _chances,
    _unusable,
    _upload,
    _turn,
    _verdict,
    _pass_mark,
    _heartbeat_exam,
    _heartbeat_waiting,
    _grace,
    _switch_limit,
    _switch_min,
    _fullscreen,
    _snapshot_range,
    _snapshot_fit,
    _snapshot_grace,
    _snapshot_burst,
    _several_limit,
)


def _minutes(ms: int) -> str:
    """Minutes as a person reads them: `37.5`, `8`."""
    return f"{ms / MINUTE_MS:.1f}".removesuffix(".0")
