import time

_offset_ms = 0


def now_ms() -> int:
    return time.time_ns() // 1_000_000 + _offset_ms


def set_offset_ms(offset_ms: int) -> None:
    global _offset_ms
    _offset_ms = offset_ms
