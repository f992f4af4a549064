/**
 * The camera: opened once, used on all screens, closed at the submission. Each second the page checks
 * whether it still gives pictures, because a camera can end without an event. A camera that was lost is opened again by
 * itself when it is back.
 */
import { CoverWatch, LUMA_HEIGHT, LUMA_WIDTH, lumaOf, lumaOfGrey, type Luma } from "@/lib/luma";
import { Stills, type Still } from "@/lib/still";
import { tabMemory } from "@/lib/tab-memory";

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
const PREVIEW_FRAMES_A_SECOND = 4; // to paint pictures is most of what the page does for hours
const QUALITY = 0.85;
const POLL_MS = 1000;
const RETAKE_MS = 3000; // between two tries to open a camera that is back: it may need a moment
const STALLED_MS = 5000;
const FIRST_PICTURE_MS = 10_000;
const CHOICE = "kaochang-camera"; // remembered: the id of the camera that was opened last

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
  private calm: MediaStream | null = null;
  private readonly video = document.createElement("video");
  private current: CameraState = "closed";
  private listeners = new Set<(state: CameraState) => void>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private cover = new CoverWatch();
  private moved = { position: 0, at: 0 };
  private opening = 0;
  private wanted = false; // from `open` until `close`
  private known = new Set<string>(); // the cameras that there were when one was opened
  private taking = 0; // the turn that is being opened; 0: none
  private triedAt = -Infinity;

  constructor(private readonly clock: () => number = () => performance.now()) {
    this.video.muted = true;
    this.video.playsInline = true;
  }

  /** For the `srcObject` of a preview; null while closed. */
  get stream(): MediaStream | null {
    return this.media;
  }

  /** The same for a preview that is shown for hours: it has fewer pictures a second. */
  get calmStream(): MediaStream | null {
    return this.calm;
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
   * before a reload), or else the browser's own choice. From now on, a camera that is lost is opened again by itself,
   * also when this call fails. Throws `CameraError`.
   */
  async open(deviceId = tabMemory.get(CHOICE)): Promise<MediaStream> {
    this.release();
    this.become("closed");
    if (!this.wanted) navigator.mediaDevices?.addEventListener("devicechange", this.look);
    this.wanted = true;
    return this.take(deviceId);
  }

  private async take(deviceId: string): Promise<MediaStream> {
    const turn = (this.opening += 1);
    this.taking = turn;
    const media = await filmOrAny(deviceId).finally(async () => {
      this.known = new Set((await this.devices().catch(() => [])).map(({ id }) => id));
      if (this.taking === turn) this.taking = 0;
    });
    if (turn !== this.opening) {
      stop(media); // closed meanwhile, or opened again
      throw new CameraError("failed");
    }
    this.release();
    this.media = media;
    this.calm = calmed(media);
    tabMemory.set(CHOICE, this.deviceId);
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

  /** Returns brightness and contrast of the present picture, null when there is none. */
  private async luma(): Promise<Luma | null> {
    if (!this.films) return null;
    const grey = await this.looks.grey(this.video, LUMA_WIDTH, LUMA_HEIGHT);
    return grey ? lumaOfGrey(grey) : ((await this.glance())?.luma ?? null);
  }

  /** Stops all tracks, so the light of the camera goes off. */
  close(): void {
    this.opening += 1;
    this.wanted = false;
    navigator.mediaDevices?.removeEventListener("devicechange", this.look);
    this.release();
    this.become("closed");
  }

  private release(): void {
    clearInterval(this.timer);
    for (const media of [this.media, this.calm]) if (media) stop(media);
    this.media = this.calm = null;
    this.video.srcObject = null;
  }

  private readonly stills = new Stills();
  private readonly looks = new Stills(); // with memory of its own: a look may come while a picture is read
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
    if (track?.readyState === "ended") this.become("ended");
    if (track?.readyState !== "live") await this.retake();
    else if (track.muted || this.stalled()) this.become("muted");
    else await this.lookAtPicture(track);
  };

  /** Opens a lost camera when it is back: the same one, or one that was not there before. */
  private async retake(): Promise<void> {
    const turn = this.opening;
    const all = await this.devices().catch(() => []);
    const chosen = tabMemory.get(CHOICE);
    const back = all.find(({ id }) => id === chosen || !this.known.has(id));
    const soon = this.clock() - this.triedAt < RETAKE_MS;
    if (!back || soon || !this.wanted || this.taking || turn !== this.opening) return;
    this.triedAt = this.clock();
    await this.take(back.id).catch(() => undefined); // the next look tries again
  }

  private async lookAtPicture(track: MediaStreamTrack): Promise<void> {
    const turn = this.opening;
    const luma = await this.luma().catch(() => null);
    if (turn !== this.opening || track.readyState === "ended" || track.muted) return; // meanwhile
    const covered = luma !== null && this.cover.covered(luma, this.clock());
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

/** Films with this camera, or with any other when it is not there. */
async function filmOrAny(deviceId: string): Promise<MediaStream> {
  try {
    return await film(deviceId);
  } catch (error) {
    const gone = deviceId && error instanceof CameraError && error.reason === "none";
    if (!gone) throw error;
    return film("");
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

/**
 * Returns a copy of the stream with fewer pictures a second. Chromium drops pictures of the copy and leaves the camera
 * as it is, because the stream uses it, too. Where it cannot, the copy has all pictures.
 */
function calmed(media: MediaStream): MediaStream {
  const copy = media.clone();
  for (const track of copy.getVideoTracks()) {
    const wanted = { ...track.getConstraints(), frameRate: { max: PREVIEW_FRAMES_A_SECOND } };
    track.applyConstraints(wanted).catch(() => undefined);
  }
  return copy;
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
