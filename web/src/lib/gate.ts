/** Computes one hint and the green frame from the findings of the detector. Pure. */
import type { Face, Findings } from "@/lib/detector";
import { isDark, isFlat, type Luma } from "@/lib/luma";

/** The reasons against a good picture, the worst first; `ok`: none. */
export type Hint = "noFace" | "several" | "dark" | "closer" | "centre" | "straight" | "ok";

const GOOD_FRAMES = 5;
const SURE_SCORE = 0.6;
const LEAST_WIDTH = 0.18; // of the picture's width: 115 pixels of 640, twice what the comparison needs
const MOST_ASIDE = 0.17; // of the picture's width and height, between the face and the middle of the oval
const MOST_YAW = 0.35; // nose beside the middle of the eyes, in eye distances: looking at the camera up to .25
const MOST_TILT = Math.tan((20 * Math.PI) / 180);
export const TURNED_AWAY = 0.15; // eye distance in widths of the face: one eye hidden behind the nose

/** Returns the one face of a picture, or the reason why there is none. */
export function commonHint(
  findings: Findings,
  luma: Luma | null,
): { hint: "noFace" | "several" | "dark" | "closer"; face?: undefined } | { face: Face } {
  if (luma && (isDark(luma) || isFlat(luma))) return { hint: "dark" };
  const faces = findings.faces.filter((face) => face.score >= SURE_SCORE);
  const [face] = faces;
  if (!face) return { hint: "noFace" };
  if (faces.length > 1) return { hint: "several" };
  return face.box.width < LEAST_WIDTH ? { hint: "closer" } : { face };
}

/** Returns the hint for one frame. */
export function hintOf(findings: Findings, luma: Luma | null): Hint {
  const seen = commonHint(findings, luma);
  if (!seen.face) return seen.hint;
  if (!isCentred(seen.face)) return "centre";
  return looksAhead(seen.face, findings) ? "ok" : "straight";
}

function isCentred({ box }: Face): boolean {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const inside = box.x >= 0 && box.y >= 0 && box.x + box.width <= 1 && box.y + box.height <= 1;
  return inside && Math.abs(x - 0.5) <= MOST_ASIDE && Math.abs(y - 0.5) <= MOST_ASIDE;
}

/** How far the nose is beside the middle of the eyes, in eye distances; positive: to the picture's right edge. */
export function yawOf(face: Face, { width }: Findings): number {
  const dx = Math.abs(face.leftEye.x - face.rightEye.x) * width;
  const middle = (face.leftEye.x + face.rightEye.x) / 2;
  return ((face.nose.x - middle) * width) / dx;
}

function looksAhead(face: Face, findings: Findings): boolean {
  const { width, height } = findings;
  const dx = Math.abs(face.leftEye.x - face.rightEye.x) * width;
  const dy = Math.abs(face.leftEye.y - face.rightEye.y) * height;
  const yaw = Math.abs(yawOf(face, findings));
  return dx >= TURNED_AWAY * face.box.width * width && yaw <= MOST_YAW && dy / dx <= MOST_TILT;
}

/** The frame is green after five good frames in a row. */
export class Gate {
  private good = 0;

  /** Takes the next frame. */
  feed(findings: Findings, luma: Luma | null): { hint: Hint; green: boolean } {
    const hint = hintOf(findings, luma);
    this.good = hint === "ok" ? this.good + 1 : 0;
    return { hint, green: this.good >= GOOD_FRAMES };
  }

  /** Begins anew, for another picture. */
  reset(): void {
    this.good = 0;
  }
}
