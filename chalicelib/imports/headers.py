"""`exam.yaml`: the settings of an exam, the mistakes in them, and how they are written. Pure."""

import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from chalicelib.accounts.model import AudienceRole
from chalicelib.exams.model import (
    EXAM_ID,
    Exam,
    FaceReference,
    Policy,
    RetakeRule,
    SeriesSitting,
)
from chalicelib.exams.questions import Section
from chalicelib.exams.validation import FileFinding
from chalicelib.imports.header_faults import say_fault
from chalicelib.sheets.delimited import decode_text
from chalicelib.sheets.model import SheetRefused

_CHINA = datetime.timezone(datetime.timedelta(hours=8))
MAX_NESTED = 100  # brackets in `exam.yaml`


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`exam.yaml`."""

    format: Annotated[int, Meta(ge=1, le=1)]
    exam_id: Annotated[str, Meta(pattern=EXAM_ID)]
    title: Annotated[str, Meta(min_length=1, max_length=100)]
    sections: Annotated[tuple[Section, ...], Meta(min_length=1, max_length=20)]
    audience: tuple[AudienceRole, ...] = ()
    starts_at: datetime.datetime | None = None
    policy: Policy = Policy()
    notice: Annotated[str, Meta(max_length=20_000)] = ""
    series: SeriesSitting | None = None


def read_header(data: bytes | None) -> tuple[Header | None, list[FileFinding]]:
    """`exam.yaml`; None and a finding when it is missing or wrong."""
    import yaml

    if data is None:
        return None, [FileFinding("exam.yaml", 0, "缺少 exam.yaml")]
    try:
        text = decode_text(data)
        if deep := _too_deep(text):
            return None, [FileFinding("exam.yaml", deep, "不是有效的 YAML")]
        if alias := _first_alias(text):
            reason = "不能使用 YAML 引用（*、<<），请写全内容"
            return None, [FileFinding("exam.yaml", alias, reason)]
        return msgspec.convert(yaml.safe_load(text), Header, strict=False), []
    except msgspec.ValidationError as error:
        return None, [FileFinding("exam.yaml", 0, f"内容不符合格式：{say_fault(str(error))}")]
    except (yaml.YAMLError, ValueError, RecursionError, SheetRefused) as error:
        # ValueError: a date such as 2025-13-45, refused by YAML's own constructor, or an unknown encoding.
        mark = getattr(error, "problem_mark", None)
        return None, [FileFinding("exam.yaml", mark.line + 1 if mark else 0, "不是有效的 YAML")]


def _too_deep(text: str) -> int | None:
    """The line where brackets are nested too deep. PyYAML's time grows with the square of the depth."""
    depth = 0
    for line, content in enumerate(text.splitlines(), start=1):
        for character in content:
            depth = max(0, depth + (character in "[{") - (character in "]}"))
            if depth > MAX_NESTED:
                return line
    return None


def _first_alias(text: str) -> int | None:
    """The line of the first YAML alias. A few nested aliases could expand to gigabytes."""
    import yaml

    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            return event.start_mark.line + 1 if event.start_mark else 1
    return None


def check_header(header: Header, *, has_roster: bool) -> list[FileFinding]:
    """Mistakes in the settings. `has_roster`: whether a roster comes with them."""
    findings = []
    if not header.audience and not has_roster:
        findings.append(
            FileFinding("exam.yaml", 0, "须有 audience 或 roster.csv，否则无人可以参加")
        )
    if header.policy.face_reference is FaceReference.ROSTER and not has_roster:
        reason = "face_reference 为 roster 时须有名单：照片按名单上的人保存"
        findings.append(FileFinding("exam.yaml", 0, reason))
    if header.series is not None and header.policy.is_practice:
        reason = "试考（kind: practice）不计成绩，不能是系列里的一场：请删去 series"
        findings.append(FileFinding("exam.yaml", 0, reason))
    if header.starts_at is not None and header.starts_at.tzinfo is None:
        findings.append(
            FileFinding("exam.yaml", 0, "starts_at 须带时区，如 2025-03-28T09:00:00+08:00")
        )
    if header.starts_at is not None and not 2001 < header.starts_at.year < 2286:
        findings.append(FileFinding("exam.yaml", 0, "starts_at 的年份须在 2002 到 2285 之间"))
    ids = [section.id for section in header.sections]
    if len(set(ids)) < len(ids):
        findings.append(FileFinding("exam.yaml", 0, "sections 的 id 重复"))
    findings += [
        FileFinding("exam.yaml", 0, f"{section.title}：分值最多两位小数")
        for section in header.sections
        if abs(section.points * 100 - section.centipoints) > 1e-6
    ]
    return findings


# --- writing --------------------------------------------------------------------------------------------


def write_header(exam: Exam) -> bytes:
    """The settings of an exam as `exam.yaml`. What has its default value is left out."""
    import yaml

    starts_at = datetime.datetime.fromtimestamp(exam.starts_at / 1000, _CHINA)
    header = Header(
        format=1,
        exam_id=exam.exam_id,
        title=exam.title,
        sections=exam.sections,
        audience=exam.audience,
        policy=exam.policy,
        notice=exam.notice,
        series=exam.series,
    )
    fields: dict[str, Any] = {
        **msgspec.to_builtins(header),
        "starts_at": "" if exam.is_practice else starts_at.isoformat(),
        "policy": _changed(exam.policy, Policy()),
        "series": _series(exam.series),
        "sections": [_without_defaults(msgspec.to_builtins(s)) for s in exam.sections],
    }
    return yaml.safe_dump(
        {name: value for name, value in fields.items() if value or name == "format"},
        allow_unicode=True,
        sort_keys=False,
    ).encode()


def _changed(chosen: msgspec.Struct, default: msgspec.Struct) -> dict[str, Any]:
    """The values of a record that are not the default."""
    usual, values = msgspec.to_builtins(default), msgspec.to_builtins(chosen)
    return {name: value for name, value in values.items() if value != usual[name]}


def _series(series: SeriesSitting | None) -> dict[str, Any]:
    """The sitting as it is written; empty for an exam by itself."""
    if series is None:
        return {}
    fields = _changed(series, SeriesSitting(id="", sitting=""))
    if "retakes" in fields:
        fields["retakes"] = _changed(series.retakes, RetakeRule())
    return fields


def _without_defaults(section: dict[str, Any]) -> dict[str, Any]:
    defaults = {"tag": "", "group_size": 1}
    return {name: value for name, value in section.items() if defaults.get(name) != value}
