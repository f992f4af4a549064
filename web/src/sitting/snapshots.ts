/** The camera of the exam day, and the frames of it that the server asks for. */
import type { Schemas } from "@/api/client";
import { Camera } from "@/lib/camera";
import { Frames } from "@/lib/frames";
import { pause } from "@/lib/pause";
import type { AttemptApi } from "@/sitting/attempt-api";
import type { SittingState } from "@/sitting/state";
import { clock } from "@/store";

const LAST_FRAMES_BEATS = 12; // after the submission: tickets of the last minutes
const LAST_FRAMES_MS = 5000;

/** `left` is aborted when the exam day is left. */
export function useSnapshots(state: SittingState, api: AttemptApi, left: AbortSignal) {
  const camera = new Camera();
  const frames = new Frames(camera, () => clock.now());
  camera.onState((now) => (state.camera = now));

  /** Begins to keep frames. */
  function start(): void {
    frames.start();
  }

  /** Closes the camera. Frames that were kept can still be delivered. */
  function stop(): void {
    frames.stop();
    camera.close();
  }

  /** Called with whether the server can be reached. Frames of an offline time are kept longer. */
  function connected(yes: boolean): void {
    if (yes) frames.heard();
    else frames.unheard();
  }

  /** Delivers the frames that are asked for. */
  async function deliver(tickets: readonly Schemas["SnapshotTicket"][]): Promise<void> {
    await frames.deliver(tickets);
  }

  /** After the submission: asks for the tickets that are still open and delivers their frames. */
  async function deliverLast(): Promise<void> {
    for (let n = 0; n < LAST_FRAMES_BEATS && !left.aborted; n += 1) {
      const beat = await api.beat(null).catch(() => null);
      await frames.deliver(beat?.snapshots ?? []);
      if (beat && beat.snapshots.length === 0) break;
      await pause(LAST_FRAMES_MS);
    }
    frames.clear();
  }

  return { camera, start, stop, connected, deliver, deliverLast };
}
