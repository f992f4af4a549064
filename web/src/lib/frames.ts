/** Frames of the exam: one is kept every few seconds, and the server asks for the one nearest to a past moment. */
import { upload, type Schemas } from "@/api/client";
import type { Camera } from "@/lib/camera";
import { FrameRing, type Frame } from "@/lib/ring";

type Ticket = Schemas["SnapshotTicket"];

const EVERY_MS = 3000;
const MOST_APART_MS = 30_000; // a frame from further away does not show the moment: the camera was off

export class Frames {
  private readonly ring = new FrameRing();
  private readonly delivered = new Set<string>();
  private readonly underWay = new Set<string>();
  // A frame is sent for one moment only. For a second moment it would be found as a replayed picture.
  private readonly givenTo = new WeakMap<Frame, string>();
  private heardAt: number | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly camera: Camera,
    private readonly now: () => number,
    private readonly post: typeof upload = upload,
  ) {}

  /** Begins to keep frames. */
  start(): void {
    this.timer ??= setInterval(() => void this.keep(), EVERY_MS);
    void this.keep();
  }

  /** Keeps no further frames. The kept ones can still be delivered. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Called when the server answers. Frames of an offline time are kept for some time. */
  heard(): void {
    this.heardAt = this.now();
    this.ring.online(this.heardAt);
  }

  /** Called when the server cannot be reached. Frames from its last answer on are kept. */
  unheard(): void {
    this.ring.offline(this.heardAt ?? this.now());
  }

  /** Deletes all frames. */
  clear(): void {
    this.ring.clear();
  }

  /** Delivers the frames that are asked for and not delivered yet. A failed ticket comes again with a later answer. */
  async deliver(tickets: readonly Ticket[]): Promise<void> {
    await Promise.all(tickets.map((ticket) => this.deliverOne(ticket)));
  }

  private async deliverOne(ticket: Ticket): Promise<void> {
    const id = ticket.snapshot_id;
    const frame = this.ring.nearest(ticket.frame_at, (it) => this.takenByAnother(it, id));
    if (!frame || Math.abs(frame.at - ticket.frame_at) > MOST_APART_MS) return;
    if (this.delivered.has(id) || this.underWay.has(id)) return;
    this.underWay.add(id);
    this.givenTo.set(frame, id);
    try {
      await this.post(ticket.upload, frame.blob);
      this.delivered.add(id);
    } catch {
      // the next answer has the ticket again
    } finally {
      this.underWay.delete(id);
    }
  }

  private takenByAnother(frame: Frame, id: string): boolean {
    return this.givenTo.has(frame) && this.givenTo.get(frame) !== id;
  }

  private async keep(): Promise<void> {
    try {
      this.ring.add({ blob: await this.camera.grab(), at: this.now() });
    } catch {
      // no picture: the camera's state shows why, and the frame is missing at the server
    }
  }
}
