"""Take the pictures of docs/screens: every screen of the candidates' page, as a day brings it.

    python -m scripts.screens [DEST]        # default: docs/screens

Starts an embedded cloud of its own, lives an exam day in a real Chromium and writes one picture for each
screen. Faces are made unrecognisable before anything is written.
"""

import io
import itertools
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from scripts import test_pictures
from tests.emulator.launching import PROJECT, Launched
from tests.web import day
from tests.web.browsing import Browsers, Camera
from tests.web.cloud import Cloud

DEST = PROJECT / "docs" / "screens"
SIZE = {"width": 1280, "height": 800}
COLOURS = 96
BLOCK = 14  # pixels of a face that become one
# Where a face may be: the camera's picture, the photo just taken, the ID photo.
FACES = "video, canvas, img:not([src$='.svg'], [src^='data:'])"


def shoot(page: Page, file: Path) -> None:
    """One screen as a small PNG. Moving parts are stopped, faces are dissolved."""
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide")))
    whole = picture.convert("RGB")
    for shown in page.locator(FACES).all():
        if box := shown.bounding_box():
            _dissolve(
                whole, (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])
            )
    file.parent.mkdir(parents=True, exist_ok=True)
    small = whole.quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(file, optimize=True)


def _dissolve(picture: Image.Image, box: tuple[float, float, float, float]) -> None:
    left, top = max(0, int(box[0])), max(0, int(box[1]))
    right, bottom = min(picture.width, int(box[2]) + 1), min(picture.height, int(box[3]) + 1)
    if right <= left or bottom <= top:
        return
    part = picture.crop((left, top, right, bottom))
    coarse = part.resize((max(1, part.width // BLOCK), max(1, part.height // BLOCK)))
    picture.paste(coarse.resize(part.size, Image.Resampling.NEAREST), (left, top))


def main(dest: Path) -> None:
    """Live the day and write the pictures."""
    pictures = test_pictures.fetch(PROJECT / "var" / "pictures")
    with tempfile.TemporaryDirectory(prefix="kaochang-screens-") as folder, ExitStack() as running:
        launched = Launched(Path(folder) / "var", seed=False)
        running.callback(launched.stop)
        camera = Camera(Path(folder) / "film.mjpeg", pictures)
        playwright = running.enter_context(sync_playwright())
        browsers = Browsers(playwright, camera)
        running.callback(browsers.close)
        page = browsers.get(camera=True).new_page(
            viewport=SIZE,  # type: ignore[arg-type]
            locale="zh-CN",
            permissions=["camera"],
        )
        live(page, Cloud(launched), pictures, dest)


def live(page: Page, cloud: Cloud, pictures: Path, dest: Path) -> None:
    """The day of `tests/web/day.py`, with a picture wherever it stops."""
    numbers = itertools.count(1)

    def seen(name: str) -> None:
        shoot(page, dest / f"{next(numbers):02}-{name}.png")

    for old in dest.glob("*.png"):
        old.unlink()
    for example in ("agency-practitioners", "evaluation-experts"):
        cloud.publish(starts_in_min=150, pack=example)
    exam_id = cloud.publish(starts_in_min=20)
    attempt_id = day.to_the_attempt(page, cloud, exam_id, pictures, seen)
    day.check_in(page, seen)
    day.sit(page, cloud, attempt_id, seen)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEST)
