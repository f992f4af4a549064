/**
 * The camera: opened once, used on all screens, closed at the submission. Each second the page checks
 * whether it still gives pictures, because a camera can end without an event.
 */
import { CoverWatch, LUMA_HEIGHT, LUMA_WIDTH, lumaOf, type Luma } from "@/lib/luma";
import { Stills, type Still } from "@/lib/still";

export type CameraFailure = "refused" | "none" | "busy" | "insecure" | "failed";

/** `muted`: no pictures arrive though the camera is on. */
export type CameraState = "closed" | "live" | "ended" | "muted" | "covered";

/** A present picture with its brightness and contrast. Use it before the next one is taken. */
export interface Glance {
  still: Still;
  luma: Luma;
}

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
const FRAMES_A_SECOND = 15; // half of the usual 30: the detector and the preview need no more, and it saves power
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

/** Returns the meaning of a failure of `getUserMedia`. */
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

  /** The id of the open camera, "" while closed. */
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
    if (turn !== this.opening) throw new CameraError("failed");
    this.cover = new CoverWatch();
    this.moved = { position: -1, at: this.clock() };
    this.timer = setInterval(this.look, POLL_MS);
    await this.look();
    return media;
  }

  /** The cameras of this computer; they have names only after one was opened. */
  async devices(): Promise<CameraDevice[]> {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    const cameras = all.filter((device) => device.kind === "videoinput" && device.deviceId);
    return cameras.map(({ deviceId, label }) => ({ id: deviceId, label }));
  }

  /** Returns the present picture: JPEG, 640×480, not mirrored, without metadata. Throws `CameraError` without one. */
  async grab(): Promise<Blob> {
    const still = await this.still();
    if (!still) throw new CameraError("failed");
    draw(still, this.large);
    const blob = await new Promise<Blob | null>((resolve) =>
      this.large.toBlob(resolve, "image/jpeg", QUALITY),
    );
    if (!blob) throw new CameraError("failed");
    return blob;
  }

  /** Returns the present picture for the detector, null when there is none. */
  async glance(): Promise<Glance | null> {
    const still = await this.still();
    if (!still) return null;
    const { data } = draw(still, this.small).getImageData(0, 0, LUMA_WIDTH, LUMA_HEIGHT);
    return { still, luma: lumaOf(data) };
  }

  /** Stops all tracks, so the light of the camera goes off. */
  close(): void {
    this.opening += 1;
    clearInterval(this.timer);
    if (this.media) stop(this.media);
    this.media = null;
    this.video.srcObject = null;
    this.become("closed");
  }

  private readonly stills = new Stills();
  private readonly large = canvasOf(WIDTH, HEIGHT);
  private readonly small = canvasOf(LUMA_WIDTH, LUMA_HEIGHT);

  private get films(): boolean {
    const track = this.media?.getVideoTracks()[0];
    return track?.readyState === "live" && !track.muted && this.video.videoWidth > 0;
  }

  private async still(): Promise<Still | null> {
    return this.films ? this.stills.take(this.video) : null;
  }

  private readonly look = async (): Promise<void> => {
    const track = this.media?.getVideoTracks()[0];
    if (!track) return;
    if (track.readyState === "ended") this.become("ended");
    else if (track.muted || this.stalled()) this.become("muted");
    else await this.lookAtPicture(track);
  };

  private async lookAtPicture(track: MediaStreamTrack): Promise<void> {
    const turn = this.opening;
    const glance = await this.glance().catch(() => null);
    if (turn !== this.opening || track.readyState === "ended" || track.muted) return; // meanwhile
    const covered = glance !== null && this.cover.covered(glance.luma, this.clock());
    this.become(covered ? "covered" : "live");
  }

  /** Whether no new picture came for five seconds. In a hidden page this is normal. */
  private stalled(): boolean {
    const now = this.clock();
    const position = this.video.currentTime;
    if (position !== this.moved.position || document.hidden) this.moved = { position, at: now };
    return now - this.moved.at >= STALLED_MS;
  }

  private become(state: CameraState): void {
    if (state === this.current) return;
    this.current = state;
    for (const listener of [...this.listeners]) listener(state);
  }
}

function canvasOf(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  return canvas;
}

/** Draws the middle of the picture, cut to the shape of the canvas. */
function draw({ picture, width, height }: Still, to: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = to.getContext("2d", { willReadFrequently: true });
  if (!pen) throw new CameraError("failed");
  pen.imageSmoothingQuality = "medium"; // averages pixels; the limits in luma.ts depend on it
  const scale = Math.min(width / to.width, height / to.height);
  const [w, h] = [to.width * scale, to.height * scale];
  pen.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h, 0, 0, to.width, to.height);
  return pen;
}

const CHOICE = "kaochang-camera";

function chosen(): string {
  try {
    return sessionStorage.getItem(CHOICE) ?? "";
  } catch {
    return ""; // the browser forbids storage
  }
}

function choose(deviceId: string): void {
  try {
    sessionStorage.setItem(CHOICE, deviceId);
  } catch {
    // then the browser chooses
  }
}

async function film(deviceId: string): Promise<MediaStream> {
  if (!window.isSecureContext || !navigator.mediaDevices) throw new CameraError("insecure");
  const wanted = {
    width: { ideal: WIDTH },
    height: { ideal: HEIGHT },
    frameRate: { ideal: FRAMES_A_SECOND },
  };
  const video = { ...wanted, ...(deviceId ? { deviceId: { exact: deviceId } } : {}) };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    throw new CameraError(failureOf(error));
  }
}

function stop(media: MediaStream): void {
  for (const track of media.getTracks()) track.stop();
}

/** Resolves with the first picture, or after ten seconds without one; then the state shows the failure. */
function firstPicture(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    video.addEventListener("loadeddata", () => resolve(), { once: true });
    setTimeout(resolve, FIRST_PICTURE_MS);
  });
}
