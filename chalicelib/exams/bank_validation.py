"""Rules that a bank must fulfil before its exam is published. Pure.

Everybody must get a whole paper, and papers of the same worth, whichever questions are drawn.
"""

from collections.abc import Callable

from chalicelib.exams.content import count_blanks
from chalicelib.exams.paper import DrawingUnit, eligible
from chalicelib.exams.questions import (
    LETTERS,
    MOST_BLANKS,
    MOST_BLANKS_OF_PAPER,
    MOST_OPTIONS,
    Bank,
    Question,
    QuestionType,
    Section,
    SectionType,
    is_possible_key,
    to_centipoints,
)
from chalicelib.exams.validation import FileFinding

MOST_NAMED = 10  # questions or materials in one finding
MOST_CENTIPOINTS = 100_00


def check_bank(bank: Bank) -> list[FileFinding]:
    """Return a finding for each reason why some candidate could get no whole and fair paper."""
    findings = []
    for place, section in enumerate(bank.sections):
        reasons = (
            _too_few(bank, section, bank.sections[:place]),
            _other_sizes(bank, section),
            _other_worth(bank, section),
        )
        findings += [
            FileFinding("exam.yaml", 0, f"{section.title}：{reason}")
            for reason in reasons
            if reason
        ]
    findings += _wrong_questions(bank)
    if _most_blanks(bank) > MOST_BLANKS_OF_PAPER:
        reason = f"一份试卷的空可能超过 {MOST_BLANKS_OF_PAPER} 个：请减少填空题"
        findings.append(FileFinding("exam.yaml", 0, reason))
    return findings


def _too_few(bank: Bank, section: Section, before: tuple[Section, ...]) -> str:
    """Whether a section has enough to draw even when earlier sections drew from the same questions."""
    pool = {unit.key for unit in eligible(bank, section)}
    shared = [(s.count, len(pool & {unit.key for unit in eligible(bank, s)})) for s in before]
    needed = section.count + sum(min(count, common) for count, common in shared)
    if needed <= len(pool):
        return ""
    if section.type is SectionType.MATERIAL:
        return f"需要 {needed} 个材料，题库只有 {len(pool)} 个"
    return f"需要 {needed} 题，题库只有 {len(pool)} 题"


def _other_sizes(bank: Bank, section: Section) -> str:
    """Which materials have another number of questions than the section says: papers would differ in length."""
    others = [unit for unit in eligible(bank, section) if len(unit.questions) != section.group_size]
    if not others:
        return ""
    if section.type is not SectionType.MATERIAL:
        return "只有材料题的部分可以设 group_size"
    sizes = "、".join(f"{unit.id}（{len(unit.questions)} 题）" for unit in others[:MOST_NAMED])
    return f"每个材料须有 {section.group_size} 题（group_size），不同的有：{sizes}"


def _other_worth(bank: Bank, section: Section) -> str:
    """Whether papers could be worth different points, because not all questions are drawn and some have own points."""
    units = eligible(bank, section)
    worths = sorted({unit.centipoints(section) for unit in units})
    if len(worths) <= 1 or len(units) == section.count:
        return ""
    named = "、".join(_points_text(centipoints) for centipoints in worths[:MOST_NAMED])
    return f"题目分值不一（{named} 分），各人试卷的总分会不同：请统一分值，或全部抽取"


def _points_text(centipoints: int) -> str:
    return f"{centipoints / 100:g}"


def _wrong_questions(bank: Bank) -> list[FileFinding]:
    """A finding for each rule that single questions or materials break, with the ids of the first of them."""
    findings = []
    for rule, reason in _OF_QUESTION.items():
        if wrong := [question.id for question in bank.questions if rule(question)]:
            findings.append(_named(wrong, f"道题{reason}"))
    known = {material.id for material in bank.materials}
    if lost := [q.id for q in bank.questions if q.material and q.material not in known]:
        findings.append(_named(lost, "道题所属的材料不存在"))
    used = {question.material for question in bank.questions}
    if idle := [material.id for material in bank.materials if material.id not in used]:
        findings.append(_named(idle, "个材料没有题目"))
    return findings


def _named(ids: list[str], reason: str) -> FileFinding:
    return FileFinding("questions", 0, f"{len(ids)} {reason}：{'、'.join(ids[:MOST_NAMED])}")


def _has_no_key(question: Question) -> bool:
    several = question.type is not QuestionType.MULTIPLE or len(question.key) >= 2
    return not (several and is_possible_key(question, question.key))


def _has_too_many_options(question: Question) -> bool:
    return len(question.options) > MOST_OPTIONS


def _has_other_blanks(question: Question) -> bool:
    blanks = count_blanks(question.stem)
    return blanks > 0 if question.type.has_options else not 1 <= blanks <= MOST_BLANKS


def _pins_no_option(question: Question) -> bool:
    return not set(question.pinned) <= set(LETTERS[: len(question.options)])


def _has_odd_points(question: Question) -> bool:
    if question.points is None:
        return False
    centipoints = to_centipoints(question.points)
    exact = abs(question.points * 100 - centipoints) < 1e-6
    return not (exact and 0 < centipoints <= MOST_CENTIPOINTS)


_OF_QUESTION: dict[Callable[[Question], bool], str] = {
    _has_no_key: "没有可用的答案",
    _has_too_many_options: f"的选项超过 {MOST_OPTIONS} 个",
    _has_other_blanks: f"的空数不对：填空题须有 1 到 {MOST_BLANKS} 个空，其他题型没有空",
    _pins_no_option: "固定了不存在的选项",
    _has_odd_points: "的分值须大于 0、不超过 100，最多两位小数",
}


def _most_blanks(bank: Bank) -> int:
    """The largest number of blanks that a paper can have."""
    return sum(
        sum(sorted(map(_blanks_of, eligible(bank, section)), reverse=True)[: section.count])
        for section in bank.sections
    )


def _blanks_of(unit: DrawingUnit) -> int:
    return sum(count_blanks(question.stem) for question in unit.questions)
