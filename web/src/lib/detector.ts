/**
 * The face detector of the page. It helps to take a good picture; the server judges the picture. All its files come
 * from our own origin, and it computes on the CPU. Where it cannot run (no WebGL, an old browser), the page has a
 * shutter button.
 */
import type { FaceDetector } from "@mediapipe/tasks-vision";
import type { Still } from "@/lib/still";

export interface Point {
  x: number;
  y: number;
}

/** All positions are fractions of the picture's width and height, from its upper left corner, not mirrored. */
export interface Face {
  score: number; // 0–1
  box: Point & { width: number; height: number };
  rightEye: Point; // the person's right
  leftEye: Point;
  nose: Point;
}

/** `width`, `height` in pixels. */
export interface Findings {
  width: number;
  height: number;
  faces: Face[];
}

export interface Detector {
  /** Detects faces in about 20 ms; five times a second is enough. Throws when the engine fails. */
  look(still: Still): Findings;
}

const FOLDER = `/detector/${__DETECTOR_VERSION__}`;
const MODEL = "/detector/face_detection_short_range-bbff11ce.tflite";
/** The engine reads this object once. Without it, it logs each of its parts. */
const QUIET = { print: () => undefined, printErr: () => undefined };
const LEAST_SCORE = 0.5; // the gate uses a higher limit for a certain face

let loading: Promise<Detector | null> | null = null;

/** Loads the detector, once; null when it cannot run here. Call it early: it is 3 MB. */
export function loadDetector(): Promise<Detector | null> {
  loading ??= load().catch(() => {
    loading = null; // the next call tries again
    return null;
  });
  return loading;
}

async function load(): Promise<Detector> {
  const { FaceDetector, FilesetResolver } = await import("@mediapipe/tasks-vision");
  const files = await FilesetResolver.forVisionTasks(FOLDER);
  Object.assign(self, { Module: QUIET });
  const engine = await FaceDetector.createFromOptions(files, {
    baseOptions: { modelAssetPath: MODEL, delegate: "CPU" },
    runningMode: "VIDEO",
    minDetectionConfidence: LEAST_SCORE,
  });
  tryOut(engine);
  return { look: (still) => look(engine, still) };
}

/** The engine gets pictures through WebGL. Without WebGL it fails at the first picture, so one is tried here. */
function tryOut(engine: FaceDetector): void {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d")?.fillRect(0, 0, canvas.width, canvas.height);
  engine.detectForVideo(canvas, performance.now());
}

function look(engine: FaceDetector, { picture, width, height }: Still): Findings {
  if (!width || !height) return { width, height, faces: [] };
  const { detections } = engine.detectForVideo(picture, performance.now());
  const faces = detections.flatMap(({ boundingBox, categories, keypoints }) => {
    const [rightEye, leftEye, nose] = keypoints;
    if (!boundingBox || !rightEye || !leftEye || !nose) return [];
    const box = {
      x: boundingBox.originX / width,
      y: boundingBox.originY / height,
      width: boundingBox.width / width,
      height: boundingBox.height / height,
    };
    return [{ score: categories[0]?.score ?? 0, box, rightEye, leftEye, nose }];
  });
  return { width, height, faces };
}
