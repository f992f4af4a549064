"""What one snapshot shows."""

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
    """A verdict with all that it rests on; `reason` says why a frame is unclear."""

    verdict: Verdict
    reason: str
    comparison: FaceVerdict | None
    quality: Quality | None
    authority: AuthorityVerdict | None = None
    pixels: str = ""


def judge_frame(comparison: Comparison) -> FrameFindings:
    """Return what the comparison of a frame means.

    Several people, nobody, and a picture that cannot be compared are verdicts of their own, never a
    mismatch; a face too close to the thresholds is uncertain. Raises `Unavailable` when engine or authority gave
    no answer, so that the event comes again; when it never does, the frame is our own gap.
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
