"""The verdict about one snapshot."""

import msgspec

from chalicelib.identity.comparing import Comparison, Quality
from chalicelib.identity.model import AuthorityVerdict, FaceOutcome, FaceVerdict
from chalicelib.kernel.faults import is_our_fault
from chalicelib.proctoring.model import Verdict
from chalicelib.shared.errors import Unavailable

_VERDICTS = {
    FaceOutcome.MATCH: Verdict.MATCH,
    FaceOutcome.UNCERTAIN: Verdict.UNCERTAIN,
    FaceOutcome.MISMATCH: Verdict.MISMATCH,
}
_UNUSABLE = {"several_faces": Verdict.SEVERAL, "no_face": Verdict.NO_FACE}


class FrameFindings(msgspec.Struct, frozen=True):
    """A verdict with the measurements behind it. `reason`: why a frame cannot be compared, or what it replays."""

    verdict: Verdict
    reason: str
    comparison: FaceVerdict | None
    quality: Quality | None
    authority: AuthorityVerdict | None = None
    pixels: str = ""


def judge_frame(comparison: Comparison) -> FrameFindings:
    """Return the verdict that follows from the comparison of a frame.

    Several people, nobody, and a picture that cannot be compared have their own verdicts and are never a mismatch. A
    face close to the thresholds is uncertain. Raises `Unavailable` when the engine or the authority gave no answer:
    then the event comes again. When it never gets an answer, the frame becomes a system gap.
    """
    if is_our_fault(comparison.unusable):
        raise Unavailable("service_busy", retry_after_s=60)
    quality, pixels = comparison.quality, comparison.pixels
    if comparison.replay:
        return FrameFindings(Verdict.REPLAYED, comparison.replay, None, quality, pixels=pixels)
    outcome = comparison.outcome
    if outcome is None:
        verdict = _UNUSABLE.get(comparison.unusable, Verdict.UNCLEAR)
        return FrameFindings(verdict, comparison.unusable, None, quality)
    return FrameFindings(
        _VERDICTS[outcome], "", comparison.verdict, quality, comparison.authority, pixels
    )
