"""The evidence timeline of an attempt as sentences."""

from typing import Any

from chalicelib.desk import parts
from chalicelib.desk import texts as t
from chalicelib.proctoring.texts import FRAME_LABELS
from chalicelib.shared.html import Html, el, join
from chalicelib.timeline.model import TimelineEntry

Fact = dict[str, Any]

_NEWEST = 60  # entries that are shown, the newest first
_WORDS: dict[str, dict[str, dict[str, str]]] = {
    "verification": {"state": t.VERIFICATIONS},
    "absence": {"kind": t.KINDS},
    "switch": {"kind": t.KINDS},
    "switch_away": {"kind": t.KINDS},
    "snapshot_verdict": {"verdict": FRAME_LABELS},
    "integrity": {"state": t.INTEGRITY, "rule": t.RULES},
    "command": {"command": t.COMMAND_NAMES},
    "submitted": {"cause": t.CAUSES},
    "help_asked": {"reason": t.HELP_REASONS},
}


def show(entries: list[TimelineEntry], problems: list[str]) -> Html:
    """The newest entries as a table, and whether the chain of hashes is whole."""
    if not entries:
        return join(el("h4", t.TIMELINE), parts.empty(t.NO_TIMELINE))
    chain = (
        parts.mark(t.TIMELINE_BROKEN.format(problems="；".join(problems)), "bad")
        if problems
        else parts.mark(t.TIMELINE_WHOLE, "good")
    )
    facts = [(_at(fact, entry), fact) for entry in entries[-_NEWEST:] for fact in entry.facts]
    lines = [(parts.moment(at), _sentence(fact)) for at, fact in reversed(_one_per_absence(facts))]
    return join(el("h4", t.TIMELINE, " ", chain), parts.table(t.TIMELINE_HEADS, lines))


def _at(fact: dict[str, Any], entry: TimelineEntry) -> int:
    """When it happened, or when its entry was written (UTC ms)."""
    at = fact.get("at")
    return at if isinstance(at, int) else entry.at


def _one_per_absence(facts: list[tuple[int, Fact]]) -> list[tuple[int, Fact]]:
    """The facts with one for each absence, of its first report, its end and the switch that it counts as."""
    lines: list[tuple[int, Fact]] = []
    # page and number of an absence → its place among the lines
    places: dict[tuple[Any, Any], int] = {}
    newest = 0
    for at, fact in facts:
        if fact.get("what") == "absence":
            newest = places.setdefault((fact.get("page"), fact.get("seq")), len(lines))
            if newest < len(lines):
                lines[newest] = (lines[newest][0], {**lines[newest][1], **_of_absence(fact)})
                continue
        elif fact.get("what") == "switch" and lines and _counts(lines[newest][1], fact):
            lines[newest] = (
                at,
                {**lines[newest][1], "what": "switch_away", "number": fact["number"]},
            )
            continue
        lines.append((at, fact))
    return lines


def _of_absence(fact: Fact) -> Fact:
    return {name: value for name, value in fact.items() if name != "what"}


def _counts(absence: Fact, switch: Fact) -> bool:
    """Whether a switch is this absence, which was written with it."""
    same = (absence.get("reported_at"), absence.get("kind")) == (
        switch.get("at"),
        switch.get("kind"),
    )
    return absence.get("what") == "absence" and same


def _sentence(fact: dict[str, Any]) -> str:
    what = str(fact.get("what"))
    if what == "opened" and fact.get("round"):
        what = "round"
    if what == "check_in" and not fact.get("steps"):
        what = "check_in_began"
    words = {name: t.word(names, fact.get(name)) for name, names in _WORDS.get(what, {}).items()}
    return t.fact({**fact, **_figures(fact), **words, "what": what})


def _figures(fact: dict[str, Any]) -> dict[str, Any]:
    """The numbers of a fact as people read them: snapshots count from 1, times are moments or seconds."""
    figures: dict[str, Any] = {}
    what = fact.get("what")
    if "slot" in fact:
        figures["slot"] = int(fact["slot"]) + 1
    for moment in ("deadline", "complaint_until"):
        if moment in fact:
            figures[moment] = parts.moment(fact[moment])
    for length in ("away_ms", "longest_ms"):
        if length in fact:
            figures["seconds"] = round(int(fact[length]) / 1000, 1)
    if "counted" in fact:
        figures["counted"] = t.COUNTED[bool(fact["counted"])]
    if what == "announcements_read":
        kinds = [(form, fact.get(kind)) for kind, form in t.READ_UP_TO.items()]
        figures["read"] = "、".join(form.format(number=number) for form, number in kinds if number)
    if "steps" in fact:
        figures["steps"] = "、".join(t.word(t.STEPS, step) for step in fact["steps"])
    return figures
