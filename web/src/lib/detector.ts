/**
 * The face detector of the camera frame: it helps to take a good picture, the server judges. Everything it needs
 * comes from our own origin, on the CPU; where it cannot load there is a shutter instead.
 */
import type { FaceDetector } from "@mediapipe/tasks-vision";

export interface Point {
  x: number;
  y: number;
}

/** All places are shares of the picture's width and height, from its upper left corner, not mirrored. */
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
  /** Looks at the newest frame, about 20 ms; five times a second is plenty. Throws when the engine fails. */
  look(video: HTMLVideoElement): Findings;
}

const FOLDER = `/detector/${__DETECTOR_VERSION__}`;
const MODEL = "/detector/face_detection_short_range-bbff11ce.tflite";
const LEAST_SCORE = 0.5; // what the gate takes as sure lies above

let loading: Promise<Detector | null> | null = null;

/** Loads the detector, once; null when it cannot run here. Call it early: it is 3 MB. */
export function loadDetector(): Promise<Detector | null> {
  loading ??= load().catch(() => {
    loading = null; // the network may be back next time
    return null;
  });
  return loading;
}

async function load(): Promise<Detector> {
  const { FaceDetector, FilesetResolver } = await import("@mediapipe/tasks-vision");
  const files = await FilesetResolver.forVisionTasks(FOLDER);
  const engine = await FaceDetector.createFromOptions(files, {
    baseOptions: { modelAssetPath: MODEL, delegate: "CPU" },
    runningMode: "VIDEO",
    minDetectionConfidence: LEAST_SCORE,
  });
  return { look: (video) => look(engine, video) };
}

function look(engine: FaceDetector, video: HTMLVideoElement): Findings {
  const { videoWidth: width, videoHeight: height } = video;
  if (!width || !height) return { width, height, faces: [] };
  const { detections } = engine.detectForVideo(video, performance.now());
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
