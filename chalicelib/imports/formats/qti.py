"""Items of QTI 2.1, 2.2 and 3.0: choices, text entries and inline choices. Pure.

The row of a question is its number in the package. Its title there is in every reason.
"""

import posixpath
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

import msgspec

from chalicelib.exams.content import BlankPlace, Content, Picture
from chalicelib.exams.questions import LETTERS, QuestionType
from chalicelib.imports.formats.entries import (
    CASE_MATTERS,
    PARTIAL_CREDIT,
    WRONG_COSTS,
    Entries,
    FormatReading,
    Unsupported,
    accepted,
    joined,
    letters_of,
    number_within,
)
from chalicelib.imports.formats.qti_packages import Item, Package
from chalicelib.imports.materials import Materials
from chalicelib.imports.question_rows import QuestionRow
from chalicelib.imports.remarks import Advice
from chalicelib.notation.addresses import data_of_uri, refuse_elsewhere, refuse_no_file
from chalicelib.notation.building import ContentBuilder
from chalicelib.notation.html_fragments import FragmentReader, NoteLeftOut
from chalicelib.notation.picture_shelf import PictureShelf
from chalicelib.notation.raised import text_with_raised

KINDS = {  # what QTI has and the product does not
    "extendedTextInteraction": "简答题",
    "matchInteraction": "配对题",
    "associateInteraction": "连线题",
    "orderInteraction": "排序题",
    "gapMatchInteraction": "拖放填空题",
    "graphicGapMatchInteraction": "拖放图片题",
    "graphicAssociateInteraction": "图片连线题",
    "graphicOrderInteraction": "图片排序题",
    "hotspotInteraction": "热点题",
    "selectPointInteraction": "选点题",
    "positionObjectInteraction": "放置题",
    "hottextInteraction": "选词题",
    "sliderInteraction": "滑块题",
    "uploadInteraction": "上传题",
    "drawingInteraction": "绘图题",
    "mediaInteraction": "音视频题",
    "customInteraction": "自定义题",
    "portableCustomInteraction": "自定义题",
    "endAttemptInteraction": "带“结束作答”按钮的题",
}
_IN_TEXT = {"textEntryInteraction", "inlineChoiceInteraction"}
_RANDOM = {"printedVariable", "templateInline", "templateBlock"}
_LEFT_OUT = {  # elements whose content is not imported, with what the report calls them
    **dict.fromkeys(("feedbackInline", "feedbackBlock", "modalFeedback"), "题中的反馈"),
    "infoControl": "点开才显示的提示（infoControl）",
    "rubricBlock": "给评分人、监考人的说明（rubricBlock）",
    "catalogInfo": "无障碍替代内容（catalogInfo）",
    "companionMaterialsInfo": "随附的工具和资料（companionMaterialsInfo）",
    "apipAccessibility": "无障碍信息（apipAccessibility）",
}
_READ = {  # parts of an item that are read, or that hold no content
    *("responseDeclaration", "outcomeDeclaration", "contextDeclaration", "templateDeclaration"),
    *("templateProcessing", "responseProcessing", "assessmentStimulusRef", "stylesheet"),
    *("itemBody", "modalFeedback"),
}
MOST_INCLUDED = 10  # files in one item
_FOR_RIGHT = {"correct", "right", "solution", "general"}


def read_package(file: str, data: bytes, shelf: PictureShelf) -> FormatReading:
    """The questions of a package. Raises `ValueError`."""
    package = Package(data)
    items = list(package.items())
    return _read(file, items, package, shelf)


def read_item(file: str, element: Element, shelf: PictureShelf) -> FormatReading:
    """The question of a single item; its pictures are on the shelf. Raises `ValueError`."""
    return _read(file, [Item("", element)], None, shelf)


def _read(
    file: str, items: list[Item], package: Package | None, shelf: PictureShelf
) -> FormatReading:
    entries, materials = Entries(file), Materials()
    own_points = any(_most_points(item.element) not in (None, 1) for item in items)
    for number, item in enumerate(items, start=1):
        sources = _Sources(package, item.path, shelf)
        reader = _Reader(entries, number, item, sources, materials, own_points)
        entries.add(number, reader.name, reader.read)
    for path in package.missing if package else ():
        entries.refuse(0, path, "包里没有这个文件")
    for what in package.left_out if package else ():
        entries.note(0, Advice.PART_LEFT_OUT, what)
    return entries.reading(materials.all())


def _most_points(item: Element) -> float | None:
    """The points of an item (`MAXSCORE`); None when it does not say them."""
    for outcome in item.findall("outcomeDeclaration"):
        if outcome.get("identifier") == "MAXSCORE":
            try:
                return float(outcome.findtext("defaultValue/value") or "")
            except ValueError:
                return None
    return None


class _Sources(msgspec.Struct, frozen=True):
    """Where the files lie that a file of the package refers to."""

    package: Package | None
    path: str
    shelf: PictureShelf

    def take(self, source: str, alt: str) -> Picture:
        """The picture of an address. Raises `ValueError` when it is missing or cannot be used."""
        data = data_of_uri(source)
        if data is not None:
            return self.shelf.take(data, alt)
        if self.package is None:
            return self.shelf.take_file(source, alt)
        refuse_no_file(source)
        path = self.package.resolve(source, self.path)
        if path not in self.package.files:
            raise ValueError(f"包里没有图片：{path}")
        return self.shelf.take(self.package.files[path], alt)

    def open(self, source: str) -> tuple[Element, "_Sources"]:
        """Another file of the package, and its own sources. Raises `ValueError` when it is missing."""
        refuse_elsewhere(source)
        path = self.package.resolve(source, self.path) if self.package else source
        if self.package is None or path not in self.package.files:
            raise ValueError(f"包里没有文件：{path}")
        return self.package.parse(path), _Sources(self.package, path, self.shelf)


Place = Callable[["_Body", Element], None]
"""Adds to a text what an interaction becomes in it."""


class _Body:
    """Makes content of the elements of an item, of a stimulus or of feedback."""

    def __init__(self, sources: _Sources, place: Place, note: NoteLeftOut) -> None:
        """`note` is told what is left out."""
        self._place = place
        self._sources = sources
        self._note = note
        self._reader = FragmentReader(sources.take, note)
        self._included = 0

    def read(self, element: Element) -> Content:
        """The content of an element. Raises `ValueError`, `Unsupported`."""
        self.walk(element)
        return self._reader.builder.content()

    @property
    def builder(self) -> ContentBuilder:
        """Where the content is collected."""
        return self._reader.builder

    def walk(self, element: Element) -> None:
        self._reader.text(element.text or "")
        for child in element:
            self._child(child)
            self._reader.text(child.tail or "")

    def _child(self, child: Element) -> None:
        name = child.tag
        if name.endswith("Interaction"):
            self._place(self, child)
        elif name in _LEFT_OUT and not _is_for_candidates(child):
            self._note(_LEFT_OUT[name])
        elif name in _RANDOM:
            raise Unsupported("带随机参数的题")
        elif name == "include":
            self._include(child)
        elif name == "object" and child.get("type", "").startswith("image/"):
            alt = " ".join("".join(child.itertext()).split())
            self._reader.begin("img", {"src": child.get("data", ""), "alt": alt})
        elif name != "stylesheet":
            self._reader.begin(name.lower(), child.attrib)
            self.walk(child)
            self._reader.end(name.lower())

    def _include(self, child: Element) -> None:
        """Text of another file (XInclude)."""
        self._included += 1
        if self._included > MOST_INCLUDED:
            raise ValueError(f"一题最多引用 {MOST_INCLUDED} 个文件")
        before = self._sources
        root, self._sources = before.open(child.get("href", ""))
        self._reader.take_picture = self._sources.take
        self.walk(_stimulus_body(root))
        self._sources, self._reader.take_picture = before, before.take


def _stimulus_body(root: Element) -> Element:
    """The part of a shared file that is shown."""
    found = root.find("stimulusBody")
    body = root.find("body") if found is None else found
    return root if body is None else body


def _is_for_candidates(element: Element) -> bool:
    """Whether a block of instructions is shown to candidates, and not to scorers or tutors alone."""
    views = element.get("view", "candidate").split()
    return element.tag == "rubricBlock" and "candidate" in views


def _nowhere(_: _Body, element: Element) -> None:
    raise Unsupported(KINDS.get(element.tag, "材料里有作答处的题"))


class _Response(msgspec.Struct, frozen=True):
    """A declared response: the right values, and what each value gives when it is mapped to points."""

    cardinality: str
    base_type: str
    correct: tuple[str, ...]
    mapped: Mapping[str, float]
    case_sensitive: bool


def _responses(item: Element) -> dict[str, _Response]:
    return {
        declaration.get("identifier", ""): _Response(
            cardinality=declaration.get("cardinality", "single"),
            base_type=declaration.get("baseType", ""),
            correct=tuple(
                (value.text or "").strip() for value in declaration.findall("correctResponse/value")
            ),
            mapped={
                entry.get("mapKey", ""): _float(entry.get("mappedValue", ""))
                for entry in declaration.findall("mapping/mapEntry")
            },
            case_sensitive=any(
                entry.get("caseSensitive") == "true"
                for entry in declaration.findall("mapping/mapEntry")
            ),
        )
        for declaration in item.findall("responseDeclaration")
    }


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"mappedValue 不是数字：{text[:20]}") from None


class _Reader:
    """Reads one item."""

    def __init__(
        self,
        entries: Entries,
        number: int,
        item: Item,
        sources: _Sources,
        materials: Materials,
        own_points: bool,
    ) -> None:
        self._entries = entries
        self._place = number
        self._item = item
        self._sources = sources
        self._materials = materials
        self._own_points = own_points
        element = item.element
        title = element.get("title") or element.get("identifier") or posixpath.basename(item.path)
        self.name = f"第 {number} 题 {title}".strip()
        self._responses: dict[str, _Response] = {}

    def read(self) -> QuestionRow:
        """The question. Raises `ValueError`, `Unsupported`."""
        item = self._item.element
        body = item.find("itemBody")
        if body is None:
            raise ValueError("没有 itemBody")
        if item.get("adaptive") == "true" or item.find("templateDeclaration") is not None:
            raise Unsupported("自适应或带随机参数的题")
        interactions = [e for e in body.iter() if e.tag.endswith("Interaction")]
        self._refuse_kinds([interaction.tag for interaction in interactions])
        self._responses = _responses(item)
        for child in item:
            if child.tag not in _READ:
                self._note_left_out(_LEFT_OUT.get(child.tag, f"其他内容（{child.tag}）"))
        if interactions[0].tag == "choiceInteraction":
            return self._choice(body, interactions[0])
        return self._blanks(body, interactions)

    def _refuse_kinds(self, kinds: list[str]) -> None:
        """Raise `Unsupported` for an item with other interactions than one choice, or blanks."""
        if not kinds:
            raise Unsupported("说明文字（没有作答处）")
        for kind in kinds:
            if kind != "choiceInteraction" and kind not in _IN_TEXT:
                raise Unsupported(KINDS.get(kind, kind))
        if len(kinds) > 1 and "choiceInteraction" in kinds:
            raise Unsupported("一题有几处选择的题")

    def _row(self, kind: QuestionType, stem: Content, right: set[str]) -> QuestionRow:
        return QuestionRow(
            file=self._entries.file,
            row=self._place,
            name=self.name,
            type=kind,
            stem=stem,
            explanation=self._explanation(right),
            points=self._points(),
            material=self._material(),
        )

    def _content(self, element: Element, place: Place = _nowhere) -> Content:
        return _Body(self._sources, place, self._note_left_out).read(element)

    def _note_left_out(self, what: str) -> None:
        self._note(Advice.PART_LEFT_OUT, what)

    def _note(self, advice: Advice, what: str) -> None:
        self._entries.note(self._place, advice, what)

    def _points(self) -> float | None:
        points = _most_points(self._item.element)
        if points is None or not self._own_points:
            return None
        if not 0 < points <= 100 or abs(points * 100 - round(points * 100)) > 1e-6:
            raise ValueError(f"分值须大于 0、不超过 100，最多两位小数：{points:g}")
        return round(points, 2)

    def _material(self) -> str:
        """The id of the shared stimulus of the item, "" without one."""
        parts = []
        if self._item.shared is not None:
            parts.append(self._content(self._item.shared))
        for reference in self._item.element.iter("assessmentStimulusRef"):
            root, sources = self._sources.open(reference.get("href", ""))
            parts.append(_Body(sources, _nowhere, self._note_left_out).read(_stimulus_body(root)))
        return self._materials.add("", joined(*parts), "")

    def _explanation(self, right: set[str]) -> Content:
        """The feedback after a right answer, or the only one that there is; others are left out, with a remark."""
        feedback = self._item.element.findall("modalFeedback")
        names = {*_FOR_RIGHT, *(value.lower() for value in right)}
        told = [f for f in feedback if (f.get("identifier") or "").lower() in names]
        told = told or feedback[: len(feedback) == 1]
        if len(told) < len(feedback):
            self._note_left_out("其他反馈")
        return joined(*(self._content(_without_tag(element)) for element in told))

    # --- one choice ---

    def _choice(self, body: Element, interaction: Element) -> QuestionRow:
        response = self._response(interaction)
        choices = interaction.findall("simpleChoice")
        right = self._right(response)
        if response.cardinality not in ("single", "multiple"):
            raise Unsupported("按顺序选择的题")
        several = response.cardinality == "multiple"
        kinds = (QuestionType.INDEFINITE, QuestionType.MULTIPLE)

        def prompt(text: _Body, element: Element) -> None:
            for child in element.findall("prompt"):
                text.builder.end_paragraph()
                text.walk(child)
                text.builder.end_paragraph()

        row = self._row(
            kinds[len(right) > 1] if several else QuestionType.SINGLE,
            self._content(body, prompt),
            right,
        )
        return msgspec.structs.replace(
            row,
            options=tuple(self._content(choice) for choice in choices),
            answer=letters_of(choice.get("identifier", "") in right for choice in choices),
            pinned=_pinned(interaction, choices),
        )

    def _response(self, interaction: Element) -> _Response:
        identifier = interaction.get("responseIdentifier", "RESPONSE")
        if identifier not in self._responses:
            raise ValueError(f"没有 responseDeclaration：{identifier}")
        return self._responses[identifier]

    def _right(self, response: _Response) -> set[str]:
        """The right values of a choice, by the declared answer or else by what gives points. Raises `ValueError`."""
        shares = set(response.mapped.values())
        if any(share < 0 for share in shares):
            self._note(Advice.SCORED_OTHERWISE, WRONG_COSTS)
        if len({share for share in shares if share > 0}) > (response.cardinality == "single"):
            self._note(Advice.SCORED_OTHERWISE, PARTIAL_CREDIT)
        right = set(response.correct) or {
            key for key, share in response.mapped.items() if share > 0
        }
        if not right:
            raise ValueError("没有答案（correctResponse）")
        return right

    # --- blanks ---

    def _blanks(self, body: Element, interactions: list[Element]) -> QuestionRow:
        def place(text: _Body, element: Element) -> None:
            text.builder.add(BlankPlace(0))
            if element.tag == "inlineChoiceInteraction":
                choices = [self._text(choice) for choice in element.findall("inlineChoice")]
                text.builder.add_text(f"（选填：{'；'.join(choices)}）")

        lines = [self._accepted(interaction) for interaction in interactions]
        if any(interaction.tag == "inlineChoiceInteraction" for interaction in interactions):
            self._note_left_out("下拉选择改为填空，选项写在空的后面")
        row = self._row(QuestionType.BLANK, self._content(body, place), set())
        return msgspec.structs.replace(row, answer="\n".join(lines))

    def _text(self, element: Element) -> str:
        return text_with_raised(self._content(element)).strip()

    def _accepted(self, interaction: Element) -> str:
        """The line of the key for one blank. Raises `ValueError`."""
        response = self._response(interaction)
        if response.case_sensitive:
            self._note(Advice.SCORED_OTHERWISE, CASE_MATTERS)
        most = max(response.mapped.values(), default=0)
        if any(0 < share < most for share in response.mapped.values()):
            self._note(Advice.SCORED_OTHERWISE, PARTIAL_CREDIT)
        full = [key for key, share in response.mapped.items() if share == most > 0]
        values = list(dict.fromkeys([*response.correct, *full]))
        if interaction.tag == "inlineChoiceInteraction":
            texts = {
                c.get("identifier"): self._text(c) for c in interaction.findall("inlineChoice")
            }
            values = [texts.get(value, "") for value in values]
        elif response.base_type in ("float", "integer"):
            values = [self._number(interaction, value) for value in values]
        if not values:
            raise ValueError("没有答案（correctResponse）")
        return accepted(values)

    def _number(self, interaction: Element, value: str) -> str:
        """A number with the tolerance that the scoring of the item names. Raises `ValueError`."""
        identifier = interaction.get("responseIdentifier", "RESPONSE")
        for equal in self._item.element.iter("equal"):
            names = {variable.get("identifier") for variable in equal.iter("variable")}
            tolerances = (equal.get("tolerance") or "").split()
            if identifier not in names or not tolerances:
                continue
            if len(set(tolerances)) > 1:
                raise ValueError(f"上下误差不同的数值不能导入：{' '.join(tolerances)[:40]}")
            if equal.get("toleranceMode") == "relative":
                return number_within(value, _share_of(value, tolerances[0]))
            return number_within(value, tolerances[0])
        return number_within(value, "")


def _without_tag(element: Element) -> Element:
    """A block of feedback as a plain block, so that its content is read."""
    block = Element("div")
    block.text = element.text
    block.extend(list(element))
    return block


def _share_of(value: str, percent: str) -> str:
    """So many percent of a number. Raises `ValueError`."""
    try:
        return f"{abs(Decimal(value) * Decimal(percent) / 100):f}"
    except InvalidOperation:
        raise ValueError(f"不是数字：{value[:40]}") from None


def _pinned(interaction: Element, choices: list[Element]) -> str | None:
    """The letters of the choices that keep their places; None when the item says nothing of the order."""
    if interaction.get("shuffle") == "false":
        return LETTERS[: len(choices)]
    fixed = letters_of(choice.get("fixed") == "true" for choice in choices)
    return fixed or None
