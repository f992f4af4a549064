/** Keeps the newest frames. A snapshot is of a moment in the past, so that nobody can prepare for it. */

/** A picture of the camera. `at`: server time in ms. */
export interface Frame {
  blob: Blob;
  at: number;
}

export interface RingOptions {
  /** How long a frame is kept while the server can be reached. */
  keepMs?: number;
  /** How long frames of an offline time are kept after it: until the server has asked for the snapshots of that time. */
  afterOfflineMs?: number;
  /** Most bytes in all. Beyond it every second old frame is dropped, so that no longer time is without frames. */
  maxBytes?: number;
}

export class FrameRing {
  private frames: Frame[] = [];
  private heldFrom: number | null = null;
  private heldUntil = Infinity;
  private readonly keepMs: number;
  private readonly afterOfflineMs: number;
  private readonly maxBytes: number;

  constructor(options: RingOptions = {}) {
    this.keepMs = options.keepMs ?? 90_000;
    this.afterOfflineMs = options.afterOfflineMs ?? 300_000;
    this.maxBytes = options.maxBytes ?? 32 * 1024 * 1024;
  }

  /** How many frames are kept. */
  get size(): number {
    return this.frames.length;
  }

  /** How many bytes the frames have. */
  get bytes(): number {
    return this.frames.reduce((sum, frame) => sum + frame.blob.size, 0);
  }

  /** Adds the newest frame and drops those that are too old. */
  add(frame: Frame): void {
    this.frames.push(frame);
    this.frames.sort((a, b) => a.at - b.at); // the clock may have been corrected
    this.forget(frame.at);
    while (this.bytes > this.maxBytes && this.frames.length > 1) this.thinOut();
  }

  /** Called when the server has not answered since `since`. Frames from then on are kept until `online`. */
  offline(since: number): void {
    this.heldFrom = Math.min(this.heldFrom ?? since, since);
    this.heldUntil = Infinity;
  }

  /** Called when the server answers again. Frames of the offline time are kept for another `afterOfflineMs`. */
  online(now: number): void {
    if (this.heldFrom !== null && this.heldUntil === Infinity) {
      this.heldUntil = now + this.afterOfflineMs;
    }
  }

  /**
   * The frame nearest to a moment (server time, ms), the earlier of two equally near; null when there is none.
   * Frames that are `taken` are passed over.
   */
  nearest(at: number, taken: (frame: Frame) => boolean = () => false): Frame | null {
    let best: Frame | null = null;
    for (const frame of this.frames) {
      if (taken(frame)) continue;
      if (!best || Math.abs(frame.at - at) < Math.abs(best.at - at)) best = frame;
    }
    return best;
  }

  /** Drops all frames. */
  clear(): void {
    this.frames = [];
    this.heldFrom = null;
  }

  private forget(now: number): void {
    if (now > this.heldUntil) this.heldFrom = null;
    const oldest = Math.min(now - this.keepMs, this.heldFrom ?? Infinity);
    this.frames = this.frames.filter((frame) => frame.at >= oldest);
  }

  /** Drops every second frame of the older half; the newest is never dropped. */
  private thinOut(): void {
    const half = Math.max(2, Math.ceil(this.frames.length / 2));
    this.frames = this.frames.filter((_, n) => n >= half || n % 2 === 1);
  }
}
