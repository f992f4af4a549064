/**
 * The camera: opened once, carried through the whole journey, closed at the submission. Each second it is asked
 * whether it still films, for a camera can end without a word.
 */
import { CoverWatch, LUMA_HEIGHT, LUMA_WIDTH, lumaOf, type Luma } from "@/lib/luma";

export type CameraFailure = "refused" | "none" | "busy" | "insecure" | "failed";

/** `muted`: no pictures arrive though the camera is on. */
export type CameraState = "closed" | "live" | "ended" | "muted" | "covered";

/** Why the camera could not be opened, or why there is no picture (`failed`). */
export class CameraError extends Error {
  constructor(readonly reason: CameraFailure) {
    super(`camera: ${reason}`);
  }
}

export interface CameraDevice {
  id: string;
  label: string;
}

const WIDTH = 640;
const HEIGHT = 480;
const QUALITY = 0.85;
const POLL_MS = 1000;
const STALLED_MS = 5000;
const FIRST_PICTURE_MS = 10_000;

const REASONS = new Map<unknown, CameraFailure>([
  ["NotAllowedError", "refused"],
  ["PermissionDeniedError", "refused"],
  ["SecurityError", "refused"],
  ["NotFoundError", "none"],
  ["DevicesNotFoundError", "none"],
  ["OverconstrainedError", "none"],
  ["NotReadableError", "busy"],
  ["TrackStartError", "busy"],
  ["AbortError", "busy"],
]);

/** What a failure of `getUserMedia` means. */
export function failureOf(error: unknown): CameraFailure {
  return REASONS.get((error as { name?: unknown } | null | undefined)?.name) ?? "failed";
}

export class Camera {
  private media: MediaStream | null = null;
  private readonly video = document.createElement("video");
  private current: CameraState = "closed";
  private listeners = new Set<(state: CameraState) => void>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private cover = new CoverWatch();
  private moved = { position: 0, at: 0 };
  private opening = 0;

  constructor(private readonly clock: () => number = () => performance.now()) {
    this.video.muted = true;
    this.video.playsInline = true;
  }

  /** For the `srcObject` of a preview; null while closed. */
  get stream(): MediaStream | null {
    return this.media;
  }

  get state(): CameraState {
    return this.current;
  }

  /** The device that films, "" while closed. */
  get deviceId(): string {
    return this.media?.getVideoTracks()[0]?.getSettings().deviceId ?? "";
  }

  /** Calls back with each new state until the returned function is called. */
  onState(listener: (state: CameraState) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /**
   * Opens a camera in the place of the one that is open: this one, or the one chosen before (in this tab, also
   * before a reload), or else the browser's own choice. Throws `CameraError`.
   */
  async open(deviceId = chosen()): Promise<MediaStream> {
    this.close();
    const turn = (this.opening += 1);
    const media = await film(deviceId).catch((error: unknown) => {
      const gone = deviceId && error instanceof CameraError && error.reason === "none";
      if (!gone) throw error;
      return film("");
    });
    if (turn !== this.opening) {
      stop(media); // closed meanwhile, or opened again
      throw new CameraError("failed");
    }
    this.media = media;
    choose(this.deviceId);
    media.getVideoTracks().forEach((track) => {
      for (const event of ["ended", "mute", "unmute"]) track.addEventListener(event, this.look);
    });
    this.video.srcObject = media;
    await Promise.race([this.video.play().catch(() => undefined), firstPicture(this.video)]);
    this.cover = new CoverWatch();
    this.moved = { position: -1, at: this.clock() };
    this.timer = setInterval(this.look, POLL_MS);
    this.look();
    return media;
  }

  /** The cameras of this computer; they have names only after one was opened. */
  async devices(): Promise<CameraDevice[]> {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    const cameras = all.filter((device) => device.kind === "videoinput" && device.deviceId);
    return cameras.map(({ deviceId, label }) => ({ id: deviceId, label }));
  }

  /** A picture of now: JPEG, 640×480, not mirrored, without metadata. Throws `CameraError` when there is none. */
  async grab(): Promise<Blob> {
    if (!this.films) throw new CameraError("failed");
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [WIDTH, HEIGHT];
    this.draw(canvas, WIDTH, HEIGHT);
    const blob = await new Promise<Blob | null>((resolve) =>
      canvas.toBlob(resolve, "image/jpeg", QUALITY),
    );
    if (!blob) throw new CameraError("failed");
    return blob;
  }

  /** Light and shade of now, null when there is no picture. */
  luma(): Luma | null {
    if (!this.films) return null;
    const pixels = this.draw(this.small, LUMA_WIDTH, LUMA_HEIGHT).getImageData(
      0,
      0,
      LUMA_WIDTH,
      LUMA_HEIGHT,
    );
    return lumaOf(pixels.data);
  }

  /** Stops all tracks: the light beside the lens goes out. */
  close(): void {
    this.opening += 1;
    clearInterval(this.timer);
    if (this.media) stop(this.media);
    this.media = null;
    this.video.srcObject = null;
    this.become("closed");
  }

  private readonly small = document.createElement("canvas");

  private get films(): boolean {
    const track = this.media?.getVideoTracks()[0];
    return track?.readyState === "live" && !track.muted && this.video.videoWidth > 0;
  }

  /** Draws the middle of the picture, cut to 4:3. */
  private draw(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
    [canvas.width, canvas.height] = [width, height];
    const pen = canvas.getContext("2d", { willReadFrequently: width === LUMA_WIDTH });
    if (!pen) throw new CameraError("failed");
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(videoWidth / width, videoHeight / height);
    const [w, h] = [width * scale, height * scale];
    pen.drawImage(
      this.video,
      (videoWidth - w) / 2,
      (videoHeight - h) / 2,
      w,
      h,
      0,
      0,
      width,
      height,
    );
    return pen;
  }

  private readonly look = (): void => {
    const track = this.media?.getVideoTracks()[0];
    if (!track) return;
    if (track.readyState === "ended") this.become("ended");
    else if (track.muted || this.stalled()) this.become("muted");
    else this.become(this.isCovered() ? "covered" : "live");
  };

  /** Whether no new picture came for five seconds. A page that nobody sees may rest. */
  private stalled(): boolean {
    const now = this.clock();
    const position = this.video.currentTime;
    if (position !== this.moved.position || document.hidden) this.moved = { position, at: now };
    return now - this.moved.at >= STALLED_MS;
  }

  private isCovered(): boolean {
    const luma = this.luma();
    return luma !== null && this.cover.covered(luma, this.clock());
  }

  private become(state: CameraState): void {
    if (state === this.current) return;
    this.current = state;
    for (const listener of [...this.listeners]) listener(state);
  }
}

const CHOICE = "kaochang-camera";

function chosen(): string {
  try {
    return sessionStorage.getItem(CHOICE) ?? "";
  } catch {
    return ""; // a browser that forbids it
  }
}

function choose(deviceId: string): void {
  try {
    sessionStorage.setItem(CHOICE, deviceId);
  } catch {
    // then the browser's own choice serves
  }
}

async function film(deviceId: string): Promise<MediaStream> {
  if (!window.isSecureContext || !navigator.mediaDevices) throw new CameraError("insecure");
  const size = { width: { ideal: WIDTH }, height: { ideal: HEIGHT } };
  const video = { ...size, ...(deviceId ? { deviceId: { exact: deviceId } } : {}) };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    throw new CameraError(failureOf(error));
  }
}

function stop(media: MediaStream): void {
  for (const track of media.getTracks()) track.stop();
}

/** Resolves with the first picture, or after ten seconds without one: then the state will tell. */
function firstPicture(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    video.addEventListener("loadeddata", () => resolve(), { once: true });
    setTimeout(resolve, FIRST_PICTURE_MS);
  });
}
