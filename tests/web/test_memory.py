"""The page takes no more memory after hours than at the beginning, in each kind of browser."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.web import steps
from tests.web.browsing import Camera, Guard, OwnChromium, sign_in
from tests.web.cloud import MINUTE_MS, Cloud
from tests.web.conftest import Open

# The ring of frames fills in 90 seconds, and the engine of the scripts compiles what runs often: that is
# taken once, not again and again, so it comes before what is measured.
WARM_UP_MIN = 2
EXAM_MIN = 5
LEEWAY_MB = 40  # what waits to be collected; drawn pictures took 29 MB more each minute

# How older browsers differ in what still pictures are taken with.
BROWSERS = {
    "newest": "",
    "before Chrome 127": """
        const { allocationSize, copyTo } = VideoFrame.prototype;
        VideoFrame.prototype.allocationSize = function () { return allocationSize.call(this); };
        VideoFrame.prototype.copyTo = function (to) { return copyTo.call(this, to); };
    """,
    "before Chrome 94": "delete window.VideoFrame;",
}


def live(page: Page, cloud: Cloud, minutes: int) -> None:
    """Sit there for so long."""
    for _ in range(minutes):
        steps.film(page, 60)
        cloud.advance(MINUTE_MS)


@pytest.mark.parametrize("kind", ["newest", "before Chrome 127"])
def test_minutes_of_exam_take_no_memory(
    cloud: Cloud, own: OwnChromium, guard: Guard, kind: str
) -> None:
    sitter = cloud.sitter(
        cloud.publish(starts_in_min=2, snapshots_min=50, snapshots_max=60, snapshot_gap_s=10)
    )
    context = own.start()
    guard.watch(context)
    sign_in(context, cloud, sitter)
    page = context.new_page()
    page.add_init_script(BROWSERS[kind])
    page.clock.install()
    sitter.check_in()
    page.goto(f"{cloud.address}{sitter.page}")
    steps.verify(page)
    steps.into_the_exam(page, cloud, sitter)
    live(page, cloud, WARM_UP_MIN)
    before = own.private_mb()
    live(page, cloud, EXAM_MIN)
    assert abs(own.private_mb() - before) <= LEEWAY_MB
    expect(page.get_by_text("监考中")).to_be_visible()  # it did watch all the time
    verdicts = cloud.until(
        lambda: [snapshot["verdict"] for snapshot in cloud.snapshots(sitter.attempt_id)],
        bool,  # how many depends on their moments, which are random
    )
    # The film of the camera is one picture: the first frame is the candidate's check again, or shown once more.
    assert set(verdicts) <= {"match", "replayed"}


def before_the_camera(cloud: Cloud, open_page: Open, kind: str) -> Page:
    """A page at 身份核验, in a browser of this kind."""
    sitter = cloud.sitter(cloud.publish(starts_in_min=2))
    sitter.check_in()
    page = open_page("about:blank", sitter)
    page.add_init_script(BROWSERS[kind])
    page.goto(sitter.page)
    return page


def test_any_browser_takes_a_good_photo_and_sees_a_covered_lens(
    cloud: Cloud, open_page: Open, camera: Camera, pictures: str, tmp_path: Path
) -> None:
    """Each kind of browser sees what the camera sees: copied pictures equal drawn ones."""
    pages = {kind: before_the_camera(cloud, open_page, kind) for kind in BROWSERS}
    for page in pages.values():
        steps.wait_for_photo(page)
    photos = {kind: photo(page) for kind, page in pages.items()}
    drawn = photos.pop("before Chrome 94")
    assert {kind: difference(one, drawn) < 2 for kind, one in photos.items()} == {
        "newest": True,
        "before Chrome 127": True,
    }
    for page in pages.values():
        page.get_by_role("button", name="重新拍照").click()
    camera.show(str(grainy(Path(pictures) / "frame_covered.jpg", tmp_path / "grainy.jpg")))
    for page in pages.values():
        expect(page.get_by_text("画面被遮挡或过暗")).to_be_visible()
    camera.show("frame_a.jpg")
    for page in pages.values():
        steps.wait_for_photo(page)


def grainy(picture: Path, to: Path) -> Path:
    """The picture as a cheap camera takes it in little light: each point is off by itself."""
    true = np.asarray(Image.open(picture).convert("L"), dtype=float)
    noise = np.random.default_rng(1).normal(0, 12, true.shape)
    Image.fromarray((true + noise).clip(0, 255).astype("uint8")).save(to, quality=60)
    return to


def photo(page: Page) -> Image.Image:
    """The photo that was taken, as the page shows it."""
    told = page.get_by_role("img", name="刚拍摄的照片").evaluate(
        """async (shown) => {
          await shown.decode();
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [shown.naturalWidth, shown.naturalHeight];
          canvas.getContext("2d").drawImage(shown, 0, 0);
          return canvas.toDataURL("image/png");
        }"""
    )
    return Image.open(io.BytesIO(base64.b64decode(told.split(",")[1])))


def difference(one: Image.Image, other: Image.Image) -> float:
    """By how many of 255 steps of red, green and blue two pictures of the same size differ on average."""
    assert one.size == other.size == (640, 480)
    seen, true = (np.asarray(picture.convert("RGB"), dtype=float) for picture in (one, other))
    return float(np.abs(seen - true).mean(axis=(0, 1)).max())
