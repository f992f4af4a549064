"""A captcha to be heard: English digits, spoken over other voices. A process prepares the pieces once.

The recordings come from the library (`captcha.audio`). The library's own mixing is not used: it computes each of some
100,000 samples in Python, which is 35 times the work of a drawn captcha, on a route that anybody may call. Here each
recording is computed once per speed and process. For each captcha, level, order, noise and mixing are a few operations
on whole byte strings.
"""

import functools
import io
import os.path
import wave
from collections.abc import Iterator

from chalicelib.shared import ids

RATE = 8000  # samples a second, each an unsigned byte; 128 is silence
_DIGIT_SPEEDS = range(90, 121, 5)  # per cent of the recording's length, as the library has them
_DIGIT_LEVELS = range(80, 121, 5)  # per cent of its loudness
_CHATTER_SPEEDS = range(80, 161, 20)
_CHATTER_LEVELS = range(20, 61, 10)
_CHATTER_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# The loudest digit (120 %), the loudest chatter (60 %) and hiss together fit into a byte: 85 ± 82, 41 ± 41 and 0 to 4
# add up to at least 3 and at most 253, and to 128 in silence. So tracks can be added as long integers without a carry.
_SCALE = 0.54
_DIGIT_BASE, _CHATTER_BASE = 85, 41
_HISS = bytes(value % 5 for value in range(256))


def speak(digits: str) -> bytes:
    """Return a WAV file: three beeps, then a voice that says these digits in English, one to three seconds apart."""
    voice = b"".join(_spoken(digits))
    chatter = _filled(len(voice))
    hiss = ids.source(len(voice)).translate(_HISS)
    pause, beep = bytes([128]) * (RATE // 5), _recording("beep.wav")
    start = pause.join([beep, beep, beep])
    return _file(start + _mixed(voice, chatter, hiss) + beep)


def _spoken(digits: str) -> Iterator[bytes]:
    silence = bytes([_DIGIT_BASE])
    for digit in digits:
        speed, level, *gap = ids.source(4)
        yield silence * (RATE + int.from_bytes(gap) % (2 * RATE + 1))
        voice = _at_speed(f"{digit}/default.wav", _pick(_DIGIT_SPEEDS, speed))
        yield voice.translate(_at_level(_pick(_DIGIT_LEVELS, level), _DIGIT_BASE))
    yield silence * RATE


def _filled(length: int) -> bytes:
    """Return chatter of `length` samples: voices played backwards, one after another."""
    silence, track = bytes([_CHATTER_BASE]), bytearray()
    while len(track) < length:
        character, speed, level, gap = ids.source(4)
        name = f"{_CHATTER_CHARACTERS[character % len(_CHATTER_CHARACTERS)]}/default.wav"
        voice = _at_speed(name, _pick(_CHATTER_SPEEDS, speed), backwards=True)
        track += voice.translate(_at_level(_pick(_CHATTER_LEVELS, level), _CHATTER_BASE))
        track += silence * (gap * RATE // 2560)  # up to a tenth of a second
    return bytes(track[:length])


def _mixed(*tracks: bytes) -> bytes:
    """Return the sums of the samples of tracks of one length. The bases above keep each sum within a byte."""
    total = sum(int.from_bytes(track) for track in tracks)
    return total.to_bytes(len(tracks[0]))


def _pick(choices: range, byte: int) -> int:
    return choices[byte % len(choices)]


@functools.cache
def _recording(name: str) -> bytes:
    from captcha import audio

    folder: str = audio.DATA_DIR
    with wave.open(os.path.join(folder, name), "rb") as opened:
        return opened.readframes(-1)


@functools.cache
def _at_speed(name: str, speed: int, *, backwards: bool = False) -> bytes:
    voice = _recording(name)[:: -1 if backwards else 1]
    return bytes(voice[n * 100 // speed] for n in range(len(voice) * speed // 100))


@functools.cache
def _at_level(level: int, base: int) -> bytes:
    """Return a table that gives each sample at this loudness (per cent), with `base` as the value of silence."""
    return bytes(round(base + (value - 128) * level / 100 * _SCALE) for value in range(256))


def _file(samples: bytes) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(1)
        opened.setframerate(RATE)
        opened.writeframes(samples)
    return written.getvalue()
