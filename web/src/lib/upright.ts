/** Finds out how a photo must be turned so that the face in it stands upright. */
import { turned, type Turn } from "@/lib/crop";
import type { Detector, Face, Findings } from "@/lib/detector";

const LOOKED_AT = 640; // pixels of the longer side: as large as the picture of a camera
const SURE_SCORE = 0.6;
const TURNS: Turn[] = [0, 90, 270, 180]; // of equally sure faces the first counts

export interface Upright {
  turn: Turn;
  face: Face; // positions in the turned photo
}

/** The turn that shows the surest upright face, and that face; null when no turn does. Throws if the engine fails. */
export function findUpright(photo: ImageBitmap, detector: Detector): Upright | null {
  return surestUpright((turn) => {
    const picture = turned(photo, turn, LOOKED_AT);
    return detector.look({ picture, width: picture.width, height: picture.height });
  });
}

/**
 * The same, over any way to look at the turned photo. Every turn is tried: the detector sees an upright face in some
 * photos that lie, too, and is less sure of it.
 */
export function surestUpright(look: (turn: Turn) => Findings): Upright | null {
  const found = TURNS.flatMap((turn) => {
    const findings = look(turn);
    const faces = findings.faces.filter((face) => isUpright(face, findings));
    return faces.map((face) => ({ turn, face }));
  });
  return found.sort((a, b) => b.face.score - a.face.score)[0] ?? null;
}

/** The detector also finds faces that lie; their eyes are not beside each other above the nose. */
function isUpright({ score, rightEye, leftEye, nose }: Face, { width, height }: Findings): boolean {
  const across = (leftEye.x - rightEye.x) * width;
  const down = Math.abs(leftEye.y - rightEye.y) * height;
  const above = nose.y > (leftEye.y + rightEye.y) / 2;
  return score >= SURE_SCORE && across > down && above;
}
