"""`python -m benchmarks.captchas`: CPU of a spoken captcha beside the library's own and beside a drawn one.

All three run in turn, and the medians of the pairwise ratios count. The first spoken one of a process has its own row,
because it prepares most of what the others use.
"""

import statistics
import time
from collections.abc import Callable

from captcha.audio import AudioCaptcha
from captcha.image import ImageCaptcha

from chalicelib.accounts import spoken

PAIRS = 15
WARMED_BY = 150  # as many captchas, and nearly all recordings at all speeds are prepared


def _ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def main() -> None:
    """Measure and print."""
    first = _ms(lambda: spoken.speak("9035"))
    for _ in range(WARMED_BY):
        spoken.speak("9035")
    rows = [
        (
            _ms(lambda: spoken.speak("9035")),
            _ms(lambda: AudioCaptcha().generate("9035")),
            _ms(lambda: ImageCaptcha(width=160, height=60).generate("ACDE").getvalue()),
        )
        for _ in range(PAIRS)
    ]
    ours, library, drawn = (statistics.median(column) for column in zip(*rows, strict=True))
    print(
        f"spoken {ours:.2f} ms (first {first:.1f}), library {library:.0f} ms, drawn {drawn:.1f} ms"
    )
    print(f"library / spoken {statistics.median(b / a for a, b, _ in rows):.0f}x")
    print(f"spoken / drawn {statistics.median(a / c for a, _, c in rows):.2f}x")


if __name__ == "__main__":
    main()
