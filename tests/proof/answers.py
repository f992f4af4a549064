"""How the answers of a page are kept."""

from collections.abc import Sequence

Kept = str | tuple[str, ...]
"""An answer as it is kept: sorted letters, or the texts of blanks; "" for none."""


def kept_answer(given: str | Sequence[str]) -> Kept:
    """Return how an answer is kept that a page has sent."""
    if isinstance(given, str):
        return "".join(sorted(set(given)))
    texts = tuple(text.strip() for text in given)
    return texts if any(texts) else ""
