"""The answers of all counted papers in a compact form: a million answers take about 20 MB. Pure."""

from array import array
from collections.abc import Iterable, Iterator

import msgspec

UNKNOWN = -1  # seconds of a page that did not report them


class Response(msgspec.Struct, frozen=True):
    """What one paper has at one question.

    `question`: its index in the bank. `section`, `unit`: indexes of the section and of what it draws as a whole.
    `worth`, `earned`: hundredths of a point. `chosen`: bit i for option i in the bank's order.
    """

    question: int
    section: int
    unit: int
    worth: int
    earned: int
    chosen: int = 0
    omitted: bool = False
    seconds: int = UNKNOWN


class AnswerTable:
    """All responses, paper after paper. The columns are arrays: `column[cell]`."""

    def __init__(self) -> None:
        self.question, self.unit = array("H"), array("H")
        self.section, self.chosen, self.omitted = array("B"), array("B"), array("B")
        self.worth, self.earned, self.seconds = array("i"), array("i"), array("i")
        self.paper = array("L")  # of each cell
        self.starts = array("L", [0])
        self.totals = array("l")

    def add(self, responses: Iterable[Response]) -> None:
        """Add one paper."""
        total, number = 0, len(self.totals)
        for response in responses:
            self.question.append(response.question)
            self.section.append(response.section)
            self.unit.append(response.unit)
            self.worth.append(response.worth)
            self.earned.append(response.earned)
            self.chosen.append(response.chosen)
            self.omitted.append(response.omitted)
            self.seconds.append(response.seconds)
            self.paper.append(number)
            total += response.earned
        self.starts.append(len(self.question))
        self.totals.append(total)

    @property
    def papers(self) -> int:
        """How many papers there are."""
        return len(self.totals)

    def cells_of(self, paper: int) -> range:
        """The cells of one paper."""
        return range(self.starts[paper], self.starts[paper + 1])

    def by_question(self, questions: int) -> list[array[int]]:
        """The cells of each of so many questions."""
        cells = [array("L") for _ in range(questions)]
        for cell, question in enumerate(self.question):
            cells[question].append(cell)
        return cells

    def units_of(self, paper: int) -> Iterator[tuple[int, int, int]]:
        """(section, unit, hundredths earned) for each unit of a paper; a material counts as one unit."""
        earned: dict[tuple[int, int], int] = {}
        for cell in self.cells_of(paper):
            place = (self.section[cell], self.unit[cell])
            earned[place] = earned.get(place, 0) + self.earned[cell]
        for (section, unit), points in earned.items():
            yield section, unit, points
