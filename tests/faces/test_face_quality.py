"""Each flag at its threshold, on made-up measurements and drawn frames."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy
import pytest
from PIL import Image, ImageFilter

from chalicelib.faces import Face, Findings, quality


def face(width: int = 200, sharpness: float = 500, yaw: float = 0, roll_degrees: float = 0) -> Face:
    return Face((0, 0, 199, 199), width, sharpness, yaw, roll_degrees)


@pytest.mark.parametrize(("width", "small"), [(59, True), (60, False), (61, False)])
def test_a_face_under_60_pixels_is_small(width: int, small: bool) -> None:
    assert face(width=width).small is small


@pytest.mark.parametrize(
    ("sharpness", "blurred", "soft"),
    [(59.9, True, True), (60, False, True), (119.9, False, True), (120, False, False)],
)
def test_sharpness_under_60_is_blurred_and_under_120_soft(
    sharpness: float, blurred: bool, soft: bool
) -> None:
    measured = face(sharpness=sharpness)
    assert (measured.blurred, measured.soft) == (blurred, soft)


@pytest.mark.parametrize(
    ("brightness", "contrast", "dark", "dim"),
    [
        (19.9, 50, True, True),
        (20.0, 50, False, True),
        (39.9, 50, False, True),
        (40.0, 50, False, False),
        (128, 4.9, True, True),
        (128, 5.0, False, False),
    ],
)
def test_light_is_measured_on_the_face(
    brightness: float, contrast: float, dark: bool, dim: bool
) -> None:
    seen = replace(face(), brightness=brightness, contrast=contrast)
    assert (seen.dark, seen.dim) == (dark, dim)


@pytest.mark.parametrize(
    ("frame", "of_face", "behind"),
    [(60, 30, True), (59.9, 20, False), (60, 30.1, False), (120, 19, True)],
)
def test_a_face_half_as_bright_as_a_bright_frame_is_lit_from_behind(
    frame: float, of_face: float, behind: bool
) -> None:
    findings = Findings(640, 480, frame, False, False, (), "engine", "model")
    assert findings.lit_from_behind(replace(face(), brightness=of_face)) is behind


@pytest.mark.parametrize(
    ("largest", "second", "counted"),
    [(150, 60, 2), (150, 59, 1), (200, 80, 2), (200, 79, 1), (90, 60, 2), (100, 59, 1)],
)
def test_a_small_face_in_the_background_is_no_second_person(
    largest: int, second: int, counted: int
) -> None:
    seen = (face(width=largest), face(width=second))
    assert len(Findings(640, 480, 120, False, False, seen, "engine", "model").people) == counted


def test_doubtful_sights_count_only_where_there_is_nothing_else() -> None:
    doubtful = replace(face(), doubtful=True)
    findings = Findings(640, 480, 120, False, False, (doubtful, face()), "engine", "model")
    assert findings.people == (face(),)
    assert replace(findings, faces=(doubtful, doubtful)).people == (doubtful, doubtful)
    assert replace(findings, faces=()).people == ()


@pytest.mark.parametrize(
    ("yaw", "turned"), [(0.4, False), (0.401, True), (-0.4, False), (-0.401, True)]
)
def test_a_face_over_four_tenths_of_the_eye_distance_aside_is_turned(
    yaw: float, turned: bool
) -> None:
    assert face(yaw=yaw).turned is turned


@pytest.mark.parametrize(
    ("roll", "tilted"), [(25.0, False), (25.1, True), (-25.0, False), (-25.1, True)]
)
def test_a_face_over_25_degrees_is_tilted(roll: float, tilted: bool) -> None:
    assert face(roll_degrees=roll).tilted is tilted


def striped(mean: float) -> Image.Image:
    """A frame of a given mean grey that nobody would call covered."""
    swing = min(mean, 14)
    rows = numpy.where(numpy.arange(480) // 20 % 2, mean + swing, mean - swing)
    return Image.fromarray(numpy.tile(rows[:, None], (1, 640)).astype(numpy.uint8))


@pytest.mark.parametrize(("mean", "dark"), [(14, True), (15, False), (16, False)])
def test_a_mean_grey_under_15_is_dark(mean: float, dark: bool) -> None:
    brightness, _ = quality.brightness_and_cover(striped(mean))
    assert brightness == pytest.approx(mean, abs=0.01)
    assert quality.is_dark(brightness) is dark


@pytest.mark.parametrize(("brightness", "dim"), [(29.9, True), (30.0, False)])
def test_a_mean_grey_under_30_is_dim(brightness: float, dim: bool) -> None:
    findings = Findings(640, 480, brightness, False, False, (), "engine", "model")
    assert findings.dim is dim


def frame_with_busy_blocks(count: int) -> Image.Image:
    """48 blocks of even grey, far apart from each other; `count` of them hold a pattern."""
    frame = numpy.zeros((240, 320), dtype=numpy.uint8)
    for number in range(48):
        row, column = divmod(number, 8)
        block = frame[row * 40 : row * 40 + 40, column * 40 : column * 40 + 40]
        block[:] = 60 + 20 * (number % 8)
        if number < count:
            block[::2] += 40
    return Image.fromarray(frame)


@pytest.mark.parametrize(("busy", "covered"), [(0, True), (4, True), (5, False), (48, False)])
def test_nine_flat_blocks_in_ten_are_covered(busy: int, covered: bool) -> None:
    """90 % of 48 blocks are 43.2: 44 flat ones are enough, 43 are not."""
    assert quality.brightness_and_cover(frame_with_busy_blocks(busy))[1] is covered


@pytest.mark.parametrize(("swing", "covered"), [(7, True), (9, False)])
def test_a_frame_that_deviates_less_than_8_is_covered(swing: int, covered: bool) -> None:
    frame = numpy.full((240, 320), 100, dtype=numpy.uint8)
    frame[::2] -= numpy.uint8(swing)
    frame[1::2] += numpy.uint8(swing)
    assert quality.brightness_and_cover(Image.fromarray(frame))[1] is covered


@pytest.mark.parametrize("colour", ["black", "white", "red"])
def test_one_colour_is_covered(colour: str) -> None:
    assert quality.brightness_and_cover(Image.new("RGB", (640, 480), colour))[1]


def test_sharpness_is_the_variance_of_the_laplacian_beside_that_of_the_grey() -> None:
    """A single white pixel on black: the Laplacian is -4, four times 1, else 0, times 255."""
    grey = numpy.zeros((150, 150), dtype=numpy.float32)
    grey[75, 75] = 255
    values = numpy.zeros(148 * 148)
    values[:5] = (-4 * 255, 255, 255, 255, 255)
    expected = 1000 * (float(values.var()) - quality.ROUNDING_EDGES) / float(grey.var())
    assert quality.sharpness(grey) == pytest.approx(expected, rel=1e-5)


def test_blur_lowers_sharpness_and_light_does_not() -> None:
    noise = numpy.random.default_rng(1).normal(128, 60, (150, 150)).clip(0, 255)
    chip = Image.fromarray(noise.astype(numpy.uint8)).filter(ImageFilter.GaussianBlur(1))
    chip = chip.convert("RGB")
    sharp = quality.look_of(chip).sharpness
    assert quality.look_of(chip.filter(ImageFilter.GaussianBlur(2))).sharpness < sharp / 5
    for light in (0.8, 0.5, 0.25):
        dimmed = chip.point(lambda value, light=light: value * light)
        assert quality.look_of(dimmed).sharpness == pytest.approx(sharp, rel=0.1)


def test_an_even_chip_has_no_sharpness() -> None:
    assert quality.look_of(Image.new("RGB", (150, 150), "grey")).sharpness == 0


@pytest.mark.parametrize(
    ("brightness", "gain"), [(0, 8), (8, 8), (16, 4), (63, 64 / 63), (64, 1), (200, 1)]
)
def test_what_is_darker_than_64_is_brightened_by_8_at_most(brightness: float, gain: float) -> None:
    assert quality.gain(brightness) == pytest.approx(gain)


def test_brightening_multiplies_and_ends_at_white() -> None:
    picture = Image.new("RGB", (2, 2), (10, 60, 200))
    assert quality.brightened(picture, 2).getpixel((0, 0)) == (20, 120, 255)
    assert quality.brightened(picture, 1) is picture


RIGHT, LEFT = ((110.0, 50.0), (90.0, 50.0)), ((30.0, 50.0), (50.0, 50.0))  # eyes 60 apart


@pytest.mark.parametrize(("nose_x", "yaw"), [(70, 0), (85, 0.25), (55, -0.25), (100, 0.5)])
def test_yaw_is_the_nose_beside_the_middle_in_eye_distances(nose_x: float, yaw: float) -> None:
    assert quality.pose(RIGHT, LEFT, (nose_x, 90)) == pytest.approx((yaw, 0))


@pytest.mark.parametrize("degrees", [-40, -25, 0, 25, 40])
def test_roll_is_the_slope_of_the_eyes_and_leaves_yaw_alone(degrees: float) -> None:
    angle = math.radians(degrees)

    def turned(x: float, y: float) -> tuple[float, float]:
        return (
            x * math.cos(angle) - y * math.sin(angle),
            x * math.sin(angle) + y * math.cos(angle),
        )

    right, left = [turned(*point) for point in RIGHT], [turned(*point) for point in LEFT]
    assert quality.pose(right, left, turned(85, 90)) == pytest.approx((0.25, degrees))


def test_eyes_on_one_spot_have_no_pose() -> None:
    assert quality.pose([(5, 5)], [(5, 5)], (9, 9)) == (0, 0)
