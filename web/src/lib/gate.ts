/** From what the detector sees to one hint and the green frame. Pure. */
import type { Face, Findings } from "@/lib/detector";
import { isDark, isFlat, type Luma } from "@/lib/luma";

/** What stands in the way of a good picture, the worst first; `ok`: nothing. */
export type Hint = "noFace" | "several" | "dark" | "closer" | "centre" | "straight" | "ok";

const GOOD_FRAMES = 5;
const SURE_SCORE = 0.6;
const LEAST_WIDTH = 0.18; // of the picture's width: 115 pixels of 640, twice what the comparison needs
const MOST_ASIDE = 0.17; // of the picture's width and height, between the face and the middle of the oval
const MOST_YAW = 0.22; // nose beside the middle of the eyes, in eye distances
const MOST_TILT = Math.tan((20 * Math.PI) / 180);
const TURNED_AWAY = 0.15; // eye distance in widths of the face: one eye hidden behind the nose

/** The hint for one frame. */
export function hintOf(findings: Findings, luma: Luma | null): Hint {
  if (luma && (isDark(luma) || isFlat(luma))) return "dark";
  const faces = findings.faces.filter((face) => face.score >= SURE_SCORE);
  const [face] = faces;
  if (!face) return "noFace";
  if (faces.length > 1) return "several";
  if (face.box.width < LEAST_WIDTH) return "closer";
  if (!isCentred(face)) return "centre";
  return looksAhead(face, findings) ? "ok" : "straight";
}

function isCentred({ box }: Face): boolean {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const inside = box.x >= 0 && box.y >= 0 && box.x + box.width <= 1 && box.y + box.height <= 1;
  return inside && Math.abs(x - 0.5) <= MOST_ASIDE && Math.abs(y - 0.5) <= MOST_ASIDE;
}

function looksAhead(face: Face, { width, height }: Findings): boolean {
  const dx = Math.abs(face.leftEye.x - face.rightEye.x) * width;
  const dy = Math.abs(face.leftEye.y - face.rightEye.y) * height;
  const middle = (face.leftEye.x + face.rightEye.x) / 2;
  const yaw = (Math.abs(face.nose.x - middle) * width) / dx;
  return dx >= TURNED_AWAY * face.box.width * width && yaw <= MOST_YAW && dy / dx <= MOST_TILT;
}

/** Green after five good frames in a row. */
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
