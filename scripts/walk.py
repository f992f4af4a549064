"""Walk through a candidate's day by keyboard alone, and write down what a screen reader gets at each stop.

    python -m scripts.walk [DEST] [--english]        # default: docs/walks/zh.md, in English docs/walks/en.md

Starts an embedded cloud of its own and plays the day of `tests/web/keyboard.py` in a real Chromium. At each stop it
notes the tree of roles and names, how each field is described, and what is wrong: what axe finds, what stands outside
of the viewport at 200 % and 400 %, and Chinese on an English page that is not marked. Ends with 1 if anything is.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from scripts.stage import staged
from tests.emulator.launching import PROJECT
from tests.web import keyboard
from tests.web.browsing import barriers, chinese_in_english, outside, sign_in
from tests.web.cloud import Cloud

DEST = PROJECT / "docs" / "walks"
SIZES = {"200 %": {"width": 683, "height": 325}, "400 %": {"width": 320, "height": 256}}
# What is open to everybody, or lies in the account, and is not on the way through the day.
OTHERS = (
    "/device-check",
    "/help/camera",
    "/agreements/privacy",
    "/certificates",
    "/nowhere",
    "/me/identity",
    "/me/exams",
    "/me/certificates",
    "/me/tickets",
    "/me/record",
)
FIELDS = """(top) => [...top.querySelectorAll("input, select, textarea, fieldset, button")].flatMap((part) => {
  const ids = (part.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
  const described = ids.map((id) => document.getElementById(id)?.textContent.trim() ?? `nothing is called ${id}`);
  const states = [part.required && "required", part.ariaInvalid === "true" && "invalid"].filter(Boolean);
  const said = [...states, ...described];
  const labels = (part.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id));
  const texts = labels[0] ? labels : [part.labels?.[0] ?? part.querySelector("legend") ?? part];
  const named = part.ariaLabel || texts.map((text) => text.innerText.trim().replaceAll("\\n", " ")).join(" ");
  return said.length ? [`${named}: ${said.join("; ")}`] : [];
})"""
FOCUS = """() => {
  const at = document.activeElement;
  if (at === document.body) return "none";
  const named = at.ariaLabel || (at.labels?.[0] ?? at).innerText?.trim().split("\\n")[0] || "";
  return `${at.localName} ${named.slice(0, 60)}`.trim();
}"""
NUMBERS = re.compile(r"\d{6,}\w?")
IDS = re.compile(r"(?<=[/=])[\w-]*\d[\w-]*")


@dataclass
class Walk:
    """What was seen so far, as Markdown, and what was wrong."""

    page: Page
    english: bool
    text: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    stops: int = 0

    def seen(self, name: str) -> None:
        """Note a stop."""
        self.stops += 1
        wrong = self._wrong()
        self.wrong += [f"{name}: {one}" for one in wrong]
        top = self._top()
        focus = self.page.evaluate(FOCUS)
        address = IDS.sub("…", self.page.url.split("/", 3)[3])
        described = [f"- {line}" for line in top.evaluate(FIELDS)]
        self.text += [
            f"## {self.stops}. {name}",
            f"`/{address}` · {self.page.title()} · focus: {focus}",
            f"```yaml\n{_short(top.aria_snapshot())}\n```",
            *(["Fields say besides their names:", "\n".join(described)] if described else []),
            *(["Wrong here:", "\n".join(f"- `{one}`" for one in wrong)] if wrong else []),
        ]
        print(f"{self.stops:3}. {name}: {len(wrong)} wrong", flush=True)

    def _top(self) -> Locator:
        dialog = self.page.locator("dialog[open]")
        return dialog.last if dialog.count() else self.page.locator("body")

    def _wrong(self) -> list[str]:
        found = barriers(self.page)
        for zoom, size in SIZES.items():
            found += [f"{zoom}: {one}" for one in outside(self.page, size)]
        if self.english:
            found += [f"not marked as Chinese: {text}" for text in chinese_in_english(self.page)]
        return found

    def document(self) -> str:
        """The whole walk as a page."""
        language = "English" if self.english else "Chinese"
        head = (
            f"# The day by keyboard and screen reader, in {language}\n\n"
            "Written by `python -m scripts.walk`; see [accessibility](../accessibility.md). Each stop shows the roles "
            "and names of the page, or of the dialog on top, as Playwright reads them from Chromium.\n\n"
            f"{self.stops} stops. axe in the light and in the dark, 200 % and 400 %: {len(self.wrong)} findings."
        )
        return "\n\n".join([head, *self.text]) + "\n"


def _short(tree: str) -> str:
    """The tree without addresses, numbers of persons, and the options of a list that are not chosen."""
    left_out = re.compile(r' *- (/url: |option "(?!.*\[selected\]))')
    kept = [line for line in tree.splitlines() if not left_out.match(line)]
    return NUMBERS.sub("…", "\n".join(kept))


def main(dest: Path, *, english: bool) -> int:
    """Walk, write the walk to a file, and return 1 if anything was wrong, else 0."""
    with staged() as stage:
        walk = Walk(stage.page, english)
        try:
            live(walk, stage.cloud, stage.pictures)
        finally:
            dest.parent.mkdir(parents=True, exist_ok=True)
            dest.write_text(walk.document(), "utf-8")
    print("\n".join(walk.wrong) or "Nothing is wrong.")
    return 1 if walk.wrong else 0


def live(walk: Walk, cloud: Cloud, pictures: Path) -> None:
    """The day, the other pages, and the result of somebody who is accused."""
    page = walk.page
    words = keyboard.ENGLISH if walk.english else keyboard.CHINESE
    person = keyboard.Day(page, cloud, words, walk.seen)
    person.choose_exam(cloud.publish(starts_in_min=20))
    person.register()
    person.complete_identity(pictures / "id_a.jpg")
    person.check_in()
    person.wait_for_the_bell()
    person.answer_all()
    person.look_around()
    person.hand_in()
    for path in OTHERS:
        page.goto(f"{cloud.address}{words.root}{path}")
        expect(page.locator("main").locator("h1, h2").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        walk.seen(path.removeprefix("/").replace("/", "-"))
    accused = cloud.sat("frame_two.jpg", frames=3)
    page.context.clear_cookies()
    sign_in(page.context, cloud, accused)
    person.complain(accused.page)


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument != "--english"]
    in_english = "--english" in sys.argv
    file = Path(given[0]) if given else DEST / ("en.md" if in_english else "zh.md")
    sys.exit(main(file, english=in_english))
