"""What one snapshot shows."""

from collections.abc import Callable, Sequence

import msgspec

from chalicelib.identity import comparing
from chalicelib.identity.comparing import Comparison, Quality
from chalicelib.identity.model import AuthorityVerdict, FaceVerdict, Outcome, Reference
from chalicelib.identity.sameness import Earlier, Imprint
from chalicelib.kernel.faults import is_our_fault
from chalicelib.proctoring.model import Verdict
from chalicelib.shared.errors import Unavailable

_VERDICTS = {
    Outcome.MATCH: Verdict.MATCH,
    Outcome.UNCERTAIN: Verdict.UNCERTAIN,
    Outcome.MISMATCH: Verdict.MISMATCH,
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


def judge_frame(
    *,
    account_id: str,
    photo_id: str,
    data: bytes,
    now: int,
    reference: Reference | None = None,
    earlier: Callable[[Imprint], Sequence[Earlier]] | None = None,
) -> FrameFindings:
    """Judge the bytes of one frame against the enrolled ID photo, or the photo that an operator approved.

    If the settings say so, the authority is asked instead of the enrolled photo.

    Several people, nobody, and a picture that cannot be compared are verdicts of their own, never a
    mismatch; a face too close to the thresholds is uncertain. Raises `Unavailable` when engine or authority gave
    no answer, so that the event comes again; when it never does, the frame is our own gap.
    """
    found = comparing.compare_face(
        account_id=account_id,
        photo_id=photo_id,
        data=data,
        now=now,
        reference=reference,
        in_exam=True,
        earlier=earlier,
    )
    if is_our_fault(found.unusable):
        raise Unavailable("service_busy", retry_after_s=60)
    return findings_of(found)


def findings_of(found: Comparison) -> FrameFindings:
    """What a comparison says of a frame."""
    if found.replay:
        return FrameFindings(
            Verdict.REPLAYED, found.replay, None, found.quality, pixels=found.pixels
        )
    outcome = found.outcome
    if outcome is None:
        verdict = _UNUSABLE.get(found.unusable, Verdict.UNCLEAR)
        return FrameFindings(verdict, found.unusable, None, found.quality)
    return FrameFindings(
        _VERDICTS[outcome], "", found.verdict, found.quality, found.authority, found.pixels
    )
