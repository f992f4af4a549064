"""Bring the page of a checkout into the exam and sit there; `benchmarks/page.py` runs it in any checkout.

    PYTHONPATH=CHECKOUT python -P benchmarks/page_sitter.py PORT FOLDER

PORT: the debugger of a Chromium with a camera. FOLDER: where the embedded cloud of the checkout keeps its state. It
prints a line when the first question is shown, and ends with its input. It uses only what `tests/web` has always had.
"""

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.emulator.launching import Launched
from tests.web import steps
from tests.web.browsing import sign_in
from tests.web.cloud import Cloud

IN_THE_EXAM = "in the exam"


def enter(context: BrowserContext, cloud: Cloud, *, fast: bool = False, **policy: Any) -> Page:
    """Return a page at the first question of an exam. `fast`: its timers are Playwright's."""
    sitter = cloud.sitter(cloud.publish(starts_in_min=2, **policy))
    sign_in(context, cloud, sitter)
    page = context.new_page()
    if fast:
        page.clock.install()
    sitter.check_in()
    page.goto(f"{cloud.address}{sitter.page}")
    steps.verify(page)
    steps.into_the_exam(page, cloud, sitter)
    return page


def main() -> None:
    """Enter, say so, and wait for the end of the input."""
    port, folder = sys.argv[1:]
    launched = Launched(Path(folder), seed=False)
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.connect_over_cdp(
                f"http://127.0.0.1:{port}", no_defaults=True
            )
            enter(chromium.contexts[0], Cloud(launched))
            print(IN_THE_EXAM, flush=True)
            sys.stdin.read()
    finally:
        launched.stop()


if __name__ == "__main__":
    main()
