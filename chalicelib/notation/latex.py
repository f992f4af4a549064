r"""LaTeX of formulas as our converter reads it: what would hide or change something is refused by its name. Pure.

The converter shows `&` as a character outside of tables, takes an environment that it does not know for a group, drops
what stands behind `%`, and lays `\llap{…}` over its neighbour. Nobody would notice it in a bank of 500 questions.
"""

import re
from typing import Final

MOST_NESTED: Final = 40  # braces
_TOKEN: Final = re.compile(
    r"""\\(?P<edge>begin|end)\s*\{(?P<name>[^{}]*)\}
    |\\not\s*(?P<negated>[=<>])
    |\\(?P<command>[A-Za-z]+\*?|.)
    |(?P<character>[{}&%$])""",
    re.VERBOSE | re.DOTALL,
)
# They define something for later, or reach outside of the formula.
_OUTSIDE: Final = {
    *("newcommand", "renewcommand", "providecommand", "def", "let", "input", "include", "require"),
    *("newenvironment", "renewenvironment", "DeclareMathOperator", "DeclareMathOperator*"),
}
# They hide something, lay it over something else, or choose one of several texts. Boxes and strokes are not shown by
# all browsers.
_HIDING: Final = {
    *("phantom", "hphantom", "vphantom", "strut", "mathstrut", "smash", "sideset", "mathchoice"),
    *("llap", "rlap", "clap", "mathllap", "mathrlap", "mathclap", "shoveleft", "shoveright"),
    *("raise", "lower", "moveleft", "moveright", "raisebox", "skew", "rule", "hfil", "hfill"),
    *("cancel", "bcancel", "xcancel", "sout", "boxed", "fbox", "enclose", "bbox"),
    *("color", "textcolor", "colorbox", "fcolorbox", "href", "style", "class", "cssId"),
}
_TEXTS: Final = {
    *("text", "textrm", "textbf", "textit", "textsf", "texttt", "textmd", "textup", "textnormal"),
    *("mbox", "hbox", "emph"),
}
_OF_TEXT: Final = set("%&_#$")  # what may stand behind a backslash in a text
_TABLES: Final = {
    *("matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array"),
    *("cases", "split", "align", "align*", "substack", "displaylines", "eqalign"),
}
_SAME_TABLES: Final = {
    **{"aligned": "split", "dcases": "cases"},
    **dict.fromkeys(("gather", "gather*", "gathered"), "matrix"),
}
_SAME_COMMANDS: Final = {"wideparen": r"\overparen"}
_NEGATED: Final = {"=": r"\ne ", "<": r"\nless ", ">": r"\ngtr "}
_GROUP, _TEXT, _TABLE, _ENVIRONMENT = "group", "text", "table", "environment"


def unreadable(latex: str) -> str:
    """Why a formula is refused as a whole."""
    return f"公式不能识别：{shortened(latex)}"


def unusable(name: str, latex: str) -> str:
    """Why a formula is refused because of a part with this name."""
    return f"公式里的 {name} 不能使用，会隐藏或改变内容：{shortened(latex)}"


def shortened(text: str) -> str:
    """A text that is short enough for a report."""
    return text if len(text) <= 60 else f"{text[:60]}…"


def prepared(latex: str) -> str:
    """The LaTeX in the spelling of the converter. Raises `ValueError` for what would not be shown as it is written."""
    scanner = _Scanner(latex)
    return scanner.scan()


class _Scanner:
    """Goes through the commands and braces of a formula."""

    def __init__(self, latex: str) -> None:
        self._latex = latex
        self._open: list[str] = []  # what kind of group each brace and environment opens
        self._before = ("", 0)  # the last command, and where it ends

    def scan(self) -> str:
        """The LaTeX in the spelling of the converter. Raises `ValueError`."""
        written = _TOKEN.sub(self._token, self._latex)
        if self._open:
            raise ValueError(unreadable(self._latex))
        return written

    def _token(self, match: re.Match[str]) -> str:
        if match["edge"]:
            return self._edge(match)
        if match["negated"]:
            return _NEGATED[match["negated"]]
        if command := match["command"]:
            self._command(command)
            self._before = (command, match.end())
            return _SAME_COMMANDS.get(command, match[0])
        self._character(match)
        return match[0]

    def _edge(self, match: re.Match[str]) -> str:
        name = _SAME_TABLES.get(match["name"], match["name"])
        if name not in _TABLES:
            raise ValueError(unusable(rf"\begin{{{match['name']}}}", self._latex))
        if match["edge"] == "begin":
            self._push(_ENVIRONMENT)
        elif self._pop() != _ENVIRONMENT:
            raise ValueError(unreadable(self._latex))
        return rf"\{match['edge']}{{{name}}}"

    def _command(self, command: str) -> None:
        if command in _OUTSIDE:
            raise ValueError(unreadable(self._latex))
        if command in _HIDING:
            raise ValueError(unusable(rf"\{command}", self._latex))
        if self._in_text and command not in _OF_TEXT:
            raise ValueError(unusable(rf"\text{{…\{command}…}}", self._latex))
        if command == "\\" and not self._in_table:
            raise ValueError(unusable(r"换行 \\（表格以外）", self._latex))

    def _character(self, match: re.Match[str]) -> None:
        character = match[0]
        if character == "{":
            self._push(self._kind_of_group(match.start()))
        elif character == "}":
            if self._pop() == _ENVIRONMENT:
                raise ValueError(unreadable(self._latex))
        elif not self._is_shown(character):
            hint = rf"{character}（符号请写作 \{character}）"
            raise ValueError(unusable(hint, self._latex))

    def _is_shown(self, character: str) -> bool:
        """Whether `&`, `%` or `$` does here what an author expects."""
        if character == "&":
            return self._in_text or self._in_table
        return character == "$" and self._in_text

    def _kind_of_group(self, start: int) -> str:
        if self._in_text:
            raise ValueError(unusable(r"\text 里的花括号", self._latex))
        command, end = self._before
        if self._latex[end:start].strip():
            return _GROUP
        if command in _TEXTS:
            return _TEXT
        return _TABLE if command in _TABLES else _GROUP

    def _push(self, kind: str) -> None:
        self._open.append(kind)
        if len(self._open) > MOST_NESTED:
            raise ValueError(unreadable(self._latex))

    def _pop(self) -> str:
        if not self._open:
            raise ValueError(unreadable(self._latex))
        return self._open.pop()

    @property
    def _in_text(self) -> bool:
        return bool(self._open) and self._open[-1] == _TEXT

    @property
    def _in_table(self) -> bool:
        return _TABLE in self._open or _ENVIRONMENT in self._open
