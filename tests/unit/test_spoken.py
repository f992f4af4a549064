"""Captchas to be heard: what is said can be heard, no sample runs over, no two are alike, little is done for each."""

import io
import random
import wave
from collections.abc import Iterator

import numpy
import pytest

from chalicelib.accounts import spoken
from chalicelib.shared import ids


@pytest.fixture(params=range(4))
def dice(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Randomness that comes again with its number."""
    monkeypatch.setattr(ids, "source", random.Random(request.param).randbytes)
    yield


def samples(speech: bytes) -> bytes:
    with wave.open(io.BytesIO(speech)) as opened:
        assert (opened.getnchannels(), opened.getsampwidth(), opened.getframerate()) == (1, 1, 8000)
        return opened.readframes(-1)


def likeness(track: "numpy.ndarray[int, numpy.dtype[numpy.float64]]", digit: str) -> float:
    """How well a recording fits somewhere into a stretch, at the speed that fits best: 1 is the recording itself."""
    best = 0.0
    for speed in spoken._DIGIT_SPEEDS:
        voice = numpy.frombuffer(spoken._at_speed(f"{digit}/default.wav", speed), numpy.uint8)
        shape = voice.astype(float) - voice.mean()
        fits = numpy.fft.irfft(
            numpy.fft.rfft(track, 1 << 17) * numpy.conj(numpy.fft.rfft(shape, 1 << 17))
        )
        best = max(best, float(fits.max() / numpy.dot(shape, shape) / spoken._SCALE))
    return best


def test_each_digit_can_be_heard(dice: None) -> None:
    """At 80 to 120 per cent of its recording, over chatter that sounds a little like other digits."""
    digits = "".join(str(byte % 10) for byte in ids.source(4))
    heard = numpy.frombuffer(samples(spoken.speak(digits)), numpy.uint8).astype(float) - 128
    said = [likeness(heard, digit) for digit in "0123456789" if digit in digits]
    unsaid = [likeness(heard, digit) for digit in "0123456789" if digit not in digits]
    assert min(said) > 0.75
    assert numpy.mean(said) > numpy.mean(unsaid) + 0.25


@pytest.mark.parametrize("digits", ["0", "0000", "9876543210"])
def test_it_begins_with_beeps_and_lasts_as_long_as_its_gaps(digits: str, dice: None) -> None:
    track = samples(spoken.speak(digits))
    beep = spoken._recording("beep.wav")
    assert track.startswith(beep + bytes([128]) * 1600 + beep)
    assert track.endswith(beep)
    assert 1 + len(digits) < len(track) / spoken.RATE < 4 + 4 * len(digits)


def test_the_loudest_that_can_come_together_fits_in_a_byte() -> None:
    """A sum above 255 would be carried into the sample before it."""
    digits = [spoken._at_level(n, spoken._DIGIT_BASE) for n in spoken._DIGIT_LEVELS]
    chatter = [spoken._at_level(n, spoken._CHATTER_BASE) for n in spoken._CHATTER_LEVELS]
    tracks = (digits, chatter, [spoken._HISS])
    assert sum(max(map(max, tables)) for tables in tracks) <= 255
    assert sum(min(map(min, tables)) for tables in tracks) >= 0
    assert digits[0][128] + chatter[0][128] + 2 == 128  # silence, with the middle of the hiss


@pytest.mark.parametrize("length", [1, 2, 1000])
def test_tracks_are_added_sample_by_sample(length: int) -> None:
    rolls = random.Random(length)
    tracks = [bytes(rolls.randrange(85) for _ in range(length)) for _ in range(3)]
    assert spoken._mixed(*tracks) == bytes(map(sum, zip(*tracks, strict=True)))


def test_the_same_digits_never_sound_the_same() -> None:
    """A pool of finished files would be known by heart one day."""
    assert len({spoken.speak("1234") for _ in range(20)}) == 20


def test_a_recording_is_prepared_once_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is computed sample by sample is kept: after some captchas none computes anything more."""
    monkeypatch.setattr(ids, "source", random.Random(1).randbytes)
    for _ in range(300):
        spoken.speak("0123456789")
    before = spoken._at_speed.cache_info()
    for _ in range(50):
        spoken.speak("0123456789")
    after = spoken._at_speed.cache_info()
    assert after.misses == before.misses
    assert after.hits > before.hits
    everything = 10 * len(spoken._DIGIT_SPEEDS) + 36 * len(spoken._CHATTER_SPEEDS)
    assert after.currsize <= everything
