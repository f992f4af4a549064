/** Computes one hint from the detector's findings while somebody turns the head. The server judges the picture. Pure. */
import type { Face, Findings } from "@/lib/detector";
import { commonHint, TURNED_AWAY, yawOf, type Hint } from "@/lib/gate";
import type { Luma } from "@/lib/luma";

/** The candidate's own left or right. */
export type Side = "left" | "right";

/** `turn`: not far enough; `wrongWay`: to the other side; `back`: too far, the face is hardly visible; `ok`: hold still. */
export type TurnHint = "turn" | "wrongWay" | "back" | "ok" | Exclude<Hint, "centre" | "straight">;

const HELD_FRAMES = 3;
const LEAST_YAW = 0.45; // the server requires .35, and depth
const MOST_YAW = 0.9; // beyond it, a slanted photo looks the same
const WRONG_YAW = -0.3; // looking at the camera up to .25
const MOST_MOVE = 0.12; // eye distances between two frames: a faster movement blurs the picture

/** How far the nose points to the side that is asked for, in eye distances. The picture is not mirrored. */
function towards(side: Side, face: Face, findings: Findings): number {
  const yaw = yawOf(face, findings); // positive: to the right edge, the person's own left
  return side === "left" ? yaw : -yaw;
}

/** The hint for one frame. */
export function turnHintOf(side: Side, findings: Findings, luma: Luma | null): TurnHint {
  const seen = commonHint(findings, luma);
  if (!seen.face) return seen.hint;
  const { face } = seen;
  const yaw = towards(side, face, findings);
  const apart = Math.abs(face.leftEye.x - face.rightEye.x);
  if (yaw <= WRONG_YAW) return "wrongWay";
  if (yaw > MOST_YAW || (yaw > 0 && apart < TURNED_AWAY * face.box.width)) return "back";
  return yaw >= LEAST_YAW ? "ok" : "turn";
}

/** The frame is green after three frames in a row in which the head is turned and does not move. */
export class TurnGate {
  private held = 0;
  private newest = Number.NaN;

  constructor(private readonly side: Side) {}

  /** Takes the next frame. */
  feed(findings: Findings, luma: Luma | null): { hint: TurnHint; green: boolean } {
    const hint = turnHintOf(this.side, findings, luma);
    const face = commonHint(findings, luma).face;
    const yaw = face ? yawOf(face, findings) : Number.NaN;
    const rests = Math.abs(yaw - this.newest) <= MOST_MOVE;
    this.newest = yaw;
    this.held = hint !== "ok" ? 0 : rests ? this.held + 1 : 1;
    return { hint, green: this.held >= HELD_FRAMES };
  }

  /** Begins anew, for another picture. */
  reset(): void {
    this.held = 0;
    this.newest = Number.NaN;
  }
}
