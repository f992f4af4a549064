"""Headings of tables: each column is matched with one of a layout, or left out; typing errors are guessed. Pure."""

import itertools
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence

import msgspec

from chalicelib.shared.hidden_characters import without_hidden

_BRACKETED = re.compile(r"\([^()]*\)")
_MARKS = re.compile(
    r"\((必填|选填|必填项|选填项|可选|可不填)\)|[*※★☆:;,.、。·・_\-/\\|\s【】《》<>\[\]“”\"]"
)
_NUMBERING = re.compile(r"[A-Z0-9一二三四五六七八九十]+")
_LEAST_TO_GUESS = 2  # characters of a heading; a single one resembles too many others
_LEAST_TO_SUSPECT = 3  # the same for a column that a table need not have
# Characters that input methods and scanners put in each other's place, in the headings that we know.
_TWINS = (
    *("干杆千于乾竿赶感", "型形行刑类", "答荅达搭", "案按安桉", "析折拆晰", "项顶向相", "选迭先远"),
    *(
        "题提体趟",
        "姓性胜",
        "名明铭各",
        "证正怔征",
        "件建健什",
        "号浩好",
        "码玛吗马",
        "身伸神",
        "份分",
    ),
)
_TWIN_OF = {character: group[0] for group in _TWINS for character in group}


class BarredHeading(msgspec.Struct, frozen=True):
    """Headings that are refused where their column has content: a pattern of plain headings, and why."""

    pattern: str
    reason: str


class Layout(msgspec.Struct, frozen=True):
    """The columns of a kind of table: our heading → other headings that people use for it, the best first.

    `needed`: headings that a table must have. `identifying`: those of them by which this kind of table is recognised.
    `left_out`: known headings that are not imported and are no typing errors. `guarded`: headings that a table need not
    have, but whose typing errors are refused. `named`: our heading → spellings of its values; where the column is
    missing, the name of the sheet or of the file may tell the value. `barred`: headings that must not have content.
    `cleaned`: whether hidden characters and quotes are removed from the cells; otherwise hidden characters are refused.
    `inferred`: needed headings without which the content of a row may tell the value, when no other is missing.
    `contents`: columns whose cells keep markup and pictures; of the others only the text is taken. `spread`: a heading
    that is merged over several columns → the headings that it stands for.
    """

    columns: dict[str, tuple[str, ...]]
    needed: tuple[str, ...]
    identifying: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    guarded: tuple[str, ...] = ()
    named: dict[str, dict[str, str]] = {}
    barred: tuple[BarredHeading, ...] = ()
    cleaned: bool = False
    inferred: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    spread: dict[str, tuple[str, ...]] = {}


class Headings(msgspec.Struct, frozen=True):
    """The headings of a table, column by column: our heading, or "" where the column is not imported.

    `known`: how many of them are ours as they are written. `mistakes`: why the table is refused. `missing`: needed
    headings that are not there, not even by a guess. `left_out`: headings that are not imported, each once.
    `untitled`: the columns without a heading. `forbidden`: index of a column → why it must be empty.
    """

    columns: tuple[str, ...]
    known: int
    mistakes: tuple[str, ...]
    missing: tuple[str, ...]
    left_out: tuple[str, ...]
    untitled: tuple[int, ...]
    forbidden: dict[int, str]

    def has(self, names: Sequence[str]) -> bool:
        """Whether all these headings are there, maybe by a guess."""
        return set(names) <= set(self.columns)


def count_known(written: Sequence[str], layout: Layout) -> int:
    """How many of these headings are of the layout."""
    spellings = _spellings(layout)
    return len({found[0] for text in written if (found := _find(text, spellings, layout))})


def match(written: Sequence[str], layout: Layout, told: Mapping[str, str]) -> Headings:
    """Match the headings of a table with a layout. `told`: values of columns that names tell."""
    spellings = _spellings(layout)
    found = [_find(text, spellings, layout) for text in written]
    columns, doubled = _best(written, found)
    mistakes = [f"列标题重复：{'、'.join(doubled)}"] if doubled else []
    forbidden = {
        place: rule.reason
        for place, text in enumerate(written)
        for rule in layout.barred
        if found[place] is None and re.search(rule.pattern, plain(text))
    }
    known = sum(1 for column in columns if column)
    unknown = _unknown(
        written, {*forbidden, *(n for n, entry in enumerate(found) if entry)}, layout
    )
    missing = [name for name in layout.needed if name not in columns]
    for name in missing + [name for name in layout.guarded if name not in columns]:
        guess = _guess(name, unknown, layout, needed=name in missing)
        if guess is not None:
            columns[guess] = name
            unknown = [(place, heading) for place, heading in unknown if place != guess]
            shown = written[guess].strip()
            mistakes.append(f"没有“{name}”列；“{shown}”是不是“{name}”？请改正列标题")
    missing = [name for name in missing if name not in columns and name not in told]
    if set(missing) <= set(layout.inferred):
        missing = []
    if missing:
        mistakes.append(f"缺少列：{'、'.join(missing)}{_may_be_told(missing, layout)}")
    left_out = [
        text.strip()
        for place, text in enumerate(written)
        if text.strip() and not columns[place] and place not in forbidden
    ]
    return Headings(
        columns=tuple(columns),
        known=known,
        mistakes=tuple(mistakes),
        missing=tuple(missing),
        left_out=tuple(dict.fromkeys(left_out)),
        untitled=tuple(place for place, text in enumerate(written) if not plain(text)),
        forbidden=forbidden,
    )


def spread(written: Sequence[str], widths: Sequence[int], layout: Layout) -> list[str]:
    """The headings of a table, one for each column. `widths`: how many columns each of them covers.

    A 选项 that is merged over four columns stands for 选项A, 选项B, 选项C and 选项D.
    """
    spellings = _spellings(layout)
    texts = list(written)
    for place, (text, width) in enumerate(zip(written, widths, strict=True)):
        found = _find(text, spellings, layout) if width > 1 else None
        if found and found[0] in layout.spread:
            names = layout.spread[found[0]][:width]
            texts[place : place + len(names)] = names
    return texts


def tell(name: str, values: Mapping[str, str]) -> str:
    """The value that a name tells: the one value whose spelling is in it; "" when there is none, or several."""
    rest, told = plain(name), set()
    for spelling in sorted(values, key=len, reverse=True):
        if spelling in rest:
            told.add(values[spelling])
            rest = rest.replace(spelling, "\0")
    return told.pop() if len(told) == 1 else ""


def plain(heading: str) -> str:
    """A heading without marks around its name: `*题型（必填）：` becomes `题型`."""
    normal = unicodedata.normalize("NFKC", without_hidden(heading))
    return _MARKS.sub("", normal).upper()


def _spellings(layout: Layout) -> dict[str, tuple[str, int]]:
    """Each plain heading: ours, and how far it is from the best spelling."""
    spellings: dict[str, tuple[str, int]] = {}
    for name, others in layout.columns.items():
        for rank, spelling in enumerate((name, *others)):
            spellings.setdefault(plain(spelling), (name, rank))
    return spellings


def _find(
    text: str, spellings: Mapping[str, tuple[str, int]], layout: Layout
) -> tuple[str, int] | None:
    """Our heading for a written one, and the rank of its spelling.

    What stands in brackets, or below the first line, may be anything: it says how to fill the column in.
    """
    heading = plain(text)
    if heading in spellings:
        return spellings[heading]
    if any(re.search(rule.pattern, heading) for rule in layout.barred):
        return None
    opened = heading.replace("(", "").replace(")", "")
    first_line = plain(text.strip().splitlines()[0]) if text.strip() else ""
    others = (opened, _BRACKETED.sub("", heading), first_line, _BRACKETED.sub("", first_line))
    return next((spellings[other] for other in others if other in spellings), None)


def _best(
    written: Sequence[str], found: Sequence[tuple[str, int] | None]
) -> tuple[list[str], list[str]]:
    """Our heading for each column, and headings that stand twice. Of several spellings of one the best counts."""
    columns = [""] * len(written)
    doubled = []
    for name in dict.fromkeys(entry[0] for entry in found if entry):
        ranked = [(e[1], place) for place, e in enumerate(found) if e and e[0] == name]
        best = min(ranked)
        if sum(1 for rank, _ in ranked if rank == best[0]) > 1:
            doubled.append(written[best[1]].strip())
        columns[best[1]] = name
    return columns, doubled


def _unknown(
    written: Sequence[str], explained: Collection[int], layout: Layout
) -> list[tuple[int, str]]:
    """Place and plain heading of each column that may be a typing error."""
    others = {plain(heading) for heading in layout.left_out}
    headings = [(place, plain(text)) for place, text in enumerate(written)]
    return [(n, text) for n, text in headings if text and text not in others and n not in explained]


def _guess(
    name: str, unknown: Sequence[tuple[int, str]], layout: Layout, *, needed: bool
) -> int | None:
    """The column whose unknown heading is probably a typing error for this one; None without one."""
    least = _LEAST_TO_GUESS if needed else _LEAST_TO_SUSPECT
    spelled = [plain(spelling) for spelling in (name, *layout.columns[name])]
    twins = {_twin(spelling) for spelling in spelled if len(spelling) >= _LEAST_TO_GUESS}
    longer = [spelling for spelling in spelled if len(spelling) >= least]
    by_twin = (place for place, heading in unknown if _twin(heading) in twins)
    by_distance = (
        place for place, heading in unknown if any(_one_apart(heading, s) for s in longer)
    )
    return next(itertools.chain(by_twin, by_distance), None)


def _twin(heading: str) -> str:
    """The heading with each character in place of its twins."""
    return "".join(_TWIN_OF.get(character, character) for character in heading)


def _one_apart(one: str, other: str) -> bool:
    """Whether one character was changed, added or forgotten. Letters and digits must be the same: 选项A is no 选项B."""
    if _NUMBERING.findall(one) != _NUMBERING.findall(other) or abs(len(one) - len(other)) > 1:
        return False
    shorter, longer = sorted((one, other), key=len)
    same = next((i for i, character in enumerate(shorter) if character != longer[i]), len(shorter))
    if len(shorter) == len(longer):
        return one != other and shorter[same + 1 :] == longer[same + 1 :]
    return shorter[same:] == longer[same + 1 :]


def _may_be_told(missing: Sequence[str], layout: Layout) -> str:
    """How the value of a missing column can be told without the column."""
    told = [name for name in missing if name in layout.named]
    if not told:
        return ""
    values = "、".join(f"“{value}”" for value in dict.fromkeys(layout.named[told[0]].values()))
    return f"（没有“{told[0]}”列时，请把工作表或文件命名为{values}之一）"
