"""The questions of a preview as candidates will see them, each with what its publisher has to know beside it. Pure."""

import base64
from collections.abc import Iterable, Iterator

from chalicelib.exams import content_html
from chalicelib.exams.blanks import accepted_answers
from chalicelib.exams.content import Content, Picture, plain_text
from chalicelib.exams.paper import eligible, worth
from chalicelib.exams.questions import LETTERS, Material, Question, QuestionType, Section
from chalicelib.imports.type_names import TYPE_NAMES
from chalicelib.preview import texts as t
from chalicelib.preview.model import Preview
from chalicelib.preview.summary import place, points
from chalicelib.shared import html
from chalicelib.shared.html import Html, el, join

_SHORT = 60  # characters of a stem in the list


class Questions:
    """The questions of a preview in the order of the page: those of a material stand together."""

    def __init__(self, preview: Preview) -> None:
        self._preview = preview
        self._materials = {material.id: material for material in preview.bank.materials}
        self._questions = _together(preview.bank.questions)
        self._sections: dict[str, list[tuple[Section, int]]] = {}
        for section in preview.bank.sections:
            units = eligible(preview.bank, section)
            for unit in units:
                for question in unit.questions:
                    self._sections.setdefault(question.id, []).append((section, len(units)))

    def navigation(self) -> Html:
        """Search, filters, and a link to each question."""
        entries = [
            el("li", el("a", self._entry(number, question), href=f"#q{number}"))
            for number, question in enumerate(self._questions, start=1)
        ]
        empty = el("p", t.NONE_FOUND if entries else t.EMPTY, class_="empty", hidden=bool(entries))
        return el(
            "nav",
            el("div", self._search(), self._types(), self._files(), class_="filters"),
            el("ol", *entries, id="list"),
            empty,
            aria_label=t.LIST,
        )

    def _entry(self, number: int, question: Question) -> Html:
        stem = " ".join(plain_text(question.stem).split())
        short = stem if len(stem) <= _SHORT else f"{stem[:_SHORT]}…"
        kind = el("span", TYPE_NAMES[question.type], class_="kind")
        return join(el("b", number), el("span", short, class_="stem"), kind)

    def _search(self) -> Html:
        field = el("input", type="search", id="search", placeholder=t.SEARCH, aria_label=t.SEARCH)
        return join(field, el("p", t.SEARCH_KEY, class_="hint"))

    def _types(self) -> Html:
        counts = dict.fromkeys(QuestionType, 0)
        for question in self._questions:
            counts[question.type] += 1
        remarked = sum(bool(self._noticed(question)) for question in self._questions)
        chips = [_chip("", t.ALL, len(self._questions), pressed=True)]
        chips += [_chip(kind.value, TYPE_NAMES[kind], n) for kind, n in counts.items() if n]
        chips += [_chip("remarked", t.REMARKED, remarked)] if remarked else []
        return el("div", *chips, class_="chips", role="group")

    def _files(self) -> Html | None:
        files = sorted({file for file, _ in self._preview.places.values()})
        if len(files) < 2:
            return None
        options = [el("option", t.ALL_FILES, value="")]
        options += [el("option", file, value=file) for file in files]
        return el("select", *options, id="file", aria_label=t.FILE)

    def articles(self) -> Iterator[Html]:
        """Each material, followed by its questions, and the other questions."""
        numbers = {material.id: n for n, material in enumerate(self._materials.values(), start=1)}
        before = ""
        for number, question in enumerate(self._questions, start=1):
            material = self._materials.get(question.material)
            if material is not None and question.material != before:
                yield self._material(numbers[material.id], material)
            before = question.material
            yield self._article(number, question, numbers.get(question.material, 0))

    def _material(self, number: int, material: Material) -> Html:
        heading = el("h2", f"{t.MATERIAL} {material.id}")
        text = el("div", self._content(material.content), class_="content")
        return el("section", heading, text, id=f"m{number}", class_="material card", tabindex="0")

    def _article(self, number: int, question: Question, material: int) -> Html:
        file, _ = self._preview.places.get(question.id, ("", 0))
        return el(
            "article",
            el("div", *self._seen(number, question, material), class_="card seen"),
            self._side(question),
            id=f"q{number}",
            data_type=question.type.value,
            data_file=file,
            data_material=f"m{material}" if material else None,
            data_remarked=bool(self._noticed(question)),
            tabindex="-1",
        )

    def _seen(self, number: int, question: Question, material: int) -> Iterator[Html]:
        several = t.SEVERAL.get(question.type)
        facts = [self._section_titles(question), self._worth(question), several]
        line = " · ".join(fact for fact in facts if fact)
        yield el(
            "p", el("span", TYPE_NAMES[question.type], class_="tag brand"), line, class_="quiet"
        )
        if material:
            yield el("p", t.OF_MATERIAL, class_="refers")
        stem = el("div", self._content(question.stem), class_="content")
        yield el("div", el("span", f"{number}.", class_="number"), stem, class_="question")
        options = (self._option(question, place) for place in range(len(question.options)))
        yield el("ul", *options, class_="options")

    def _option(self, question: Question, place: int) -> Html:
        kind = "box" if question.type.takes_several else "dot"
        letter = el("span", LETTERS[place], class_="letter")
        text = el("div", self._content(question.options[place]), class_="content")
        return el("li", el("span", class_=kind), letter, text)

    def _content(self, content: Content) -> Html:
        return content_html.show(content, self._address)

    def _address(self, picture: Picture) -> str:
        data = self._preview.pictures.get(picture.sha256, b"")
        kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
        return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"

    def _section_titles(self, question: Question) -> str:
        return "、".join(section.title for section, _ in self._sections.get(question.id, ()))

    def _worth(self, question: Question) -> str:
        sections = [section for section, _ in self._sections.get(question.id, ())]
        worths = dict.fromkeys(points(worth(question, section)) for section in sections)
        own = "" if question.points is None else t.POINTS.format(points=f"{question.points:g}")
        return "、".join(worths) or own

    # --- beside a question: what candidates do not see ---

    def _side(self, question: Question) -> Html:
        entries: list[tuple[str, html.Content]] = [
            (t.ANSWER, self._key(question)),
            (t.EXPLANATION, self._content(question.explanation) if question.explanation else ""),
            (t.SOURCE, question.source),
            (t.TAG, question.tag),
            (t.WORTH, self._worth(question)),
            (t.ORDER, _order(question)),
            (t.DRAWN_IN, self._drawn(question)),
            (t.ID, question.id),
            (t.PLACE, self._row(question)),
        ]
        pairs = (
            join(el("dt", name), el("dd", value, class_="key" if name == t.ANSWER else None))
            for name, value in entries
            if value != ""
        )
        noticed = [el("p", reason, class_="noticed") for reason in self._noticed(question)]
        return el("aside", el("h2", t.FOR_PUBLISHERS), *noticed, el("dl", *pairs))

    def _key(self, question: Question) -> html.Content:
        if question.type.has_options:
            if question.type is QuestionType.JUDGE:
                return self._content(question.options[LETTERS.index(question.key)])
            return question.key
        lines = accepted_answers(question.key)
        rows = (
            el(
                "li",
                el("span", t.BLANK.format(number=number), class_="quiet") if len(lines) > 1 else "",
                f" {t.OR} ".join(answers),
            )
            for number, answers in enumerate(lines, start=1)
        )
        return el("ul", *rows)

    def _drawn(self, question: Question) -> html.Content:
        form = t.FROM_MATERIALS if question.material else t.FROM
        drawn = [
            form.format(title=section.title, available=available, count=section.count)
            for section, available in self._sections.get(question.id, ())
        ]
        if not drawn:
            return el("span", t.NEVER_DRAWN, class_="warn") if self._preview.bank.sections else ""
        return "；".join(drawn)

    def _row(self, question: Question) -> str:
        if question.id not in self._preview.places:
            return ""
        file, row = self._preview.places[question.id]
        return place(file, (row,))

    def _noticed(self, question: Question) -> list[str]:
        """The remarks on the row of a question."""
        if question.id not in self._preview.places:
            return []
        file, row = self._preview.places[question.id]
        return [r.reason for r in self._preview.remarks if r.file == file and row in r.rows]


def _chip(kind: str, name: str, count: int, *, pressed: bool = False) -> Html:
    text = join(name, " ", el("b", count))
    state = "true" if pressed else "false"
    return el("button", text, type="button", data_kind=kind, aria_pressed=state)


def _order(question: Question) -> str:
    """How the options are ordered for candidates."""
    if not question.options:
        return ""
    if question.type is QuestionType.JUDGE:
        return t.JUDGE_ORDER
    if not question.pinned:
        return t.SHUFFLED
    if len(question.pinned) >= len(question.options) - 1:
        return t.FIXED
    return t.PINNED.format(letters="、".join(question.pinned))


def _together(questions: Iterable[Question]) -> tuple[Question, ...]:
    """The questions in their order, those of a material where its first one stands."""
    groups: dict[tuple[str, str], list[Question]] = {}
    for question in questions:
        own = "" if question.material else question.id
        groups.setdefault((question.material, own), []).append(question)
    return tuple(question for group in groups.values() for question in group)
