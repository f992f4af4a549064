"""The languages of the candidates' page, each a folder of `web/src/languages`. What serves the page asks here."""

import json
from pathlib import Path

FOLDERS = Path("web/src/languages")
PAGE = "index.html"


def addresses(project: Path) -> tuple[str, ...]:
    """Return what the addresses of each language begin with, the shortest (`/`) first, such as `/en/`."""
    files = (project / FOLDERS).glob("*/language.json")
    found = (str(json.loads(file.read_text("utf-8"))["address"]) for file in files)
    return tuple(sorted(found, key=lambda address: (len(address), address)))


def pages(project: Path) -> tuple[str, ...]:
    """Return the page of each language as a path below the built page, such as `en/index.html`."""
    return tuple(address[1:] + PAGE for address in addresses(project))
