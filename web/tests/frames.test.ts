import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Schemas } from "@/api/client";
import type { Camera } from "@/lib/camera";
import { Frames } from "@/lib/frames";

type Ticket = Schemas["SnapshotTicket"];
const UPLOAD: Ticket["upload"] = { url: "/", fields: {}, expires_at: 0, max_bytes: 1 };

let now: number;
let films: boolean;
let posted: string[];
let failing: number;
let frames: Frames;

/** Each picture says when it was taken. */
const camera = {
  grab: async (): Promise<Blob> => {
    if (!films) throw new Error("no picture");
    return new Blob([String(now)]);
  },
} as Camera;

beforeEach(() => {
  vi.useFakeTimers();
  [now, films, posted, failing] = [1_000_000, true, [], 0];
  frames = new Frames(
    camera,
    () => now,
    async (_ticket, picture) => {
      if (failing > 0) {
        failing -= 1;
        throw new Error("lost");
      }
      posted.push(await picture.text());
    },
  );
  frames.start();
});

afterEach(() => {
  frames.stop();
  vi.useRealTimers();
});

async function pass(seconds: number): Promise<void> {
  for (let n = 0; n < seconds; n += 1) {
    now += 1000;
    await vi.advanceTimersByTimeAsync(1000);
  }
}

function ticket(frame_at: number, snapshot_id = `s-${frame_at}`): Ticket {
  return { snapshot_id, frame_at, upload: UPLOAD };
}

describe("a snapshot that is asked for", () => {
  it("gets the frame nearest to its moment, which is past", async () => {
    await pass(30);
    await frames.deliver([ticket(1_010_000)]);
    expect(posted).toHaveLength(1);
    expect(Math.abs(Number(posted[0]) - 1_010_000)).toBeLessThanOrEqual(1500);
  });

  it("is delivered once, however often its ticket comes", async () => {
    await pass(10);
    await frames.deliver([ticket(1_005_000), ticket(1_008_000)]);
    await frames.deliver([ticket(1_005_000), ticket(1_008_000)]);
    expect(posted).toHaveLength(2);
  });

  it("is not delivered twice by two answers at the same time", async () => {
    await pass(10);
    await Promise.all([frames.deliver([ticket(1_005_000)]), frames.deliver([ticket(1_005_000)])]);
    expect(posted).toHaveLength(1);
  });

  it("is delivered with the next ticket when the upload failed, with the same frame", async () => {
    await pass(10);
    failing = 1;
    await frames.deliver([ticket(1_005_000)]);
    expect(posted).toEqual([]);
    await pass(30);
    await frames.deliver([ticket(1_005_000)]);
    expect(posted).toHaveLength(1);
    expect(Math.abs(Number(posted[0]) - 1_005_000)).toBeLessThanOrEqual(1500);
  });

  it("does not stop the others when its upload fails", async () => {
    await pass(10);
    failing = 1;
    await frames.deliver([ticket(1_002_000), ticket(1_005_000)]);
    expect(posted).toHaveLength(1);
  });

  it("is left out while there is not one frame", async () => {
    films = false;
    const blind = new Frames(
      camera,
      () => now,
      async () => void posted.push("?"),
    );
    blind.start();
    await pass(10);
    await blind.deliver([ticket(1_005_000)]);
    blind.stop();
    expect(posted).toEqual([]);
  });

  it("never gets a frame that another one got: the camera gave hardly any", async () => {
    await pass(1);
    films = false;
    await pass(10);
    await frames.deliver([ticket(1_001_000), ticket(1_009_000)]);
    expect(posted).toHaveLength(1);
    films = true;
    await pass(4);
    await frames.deliver([ticket(1_001_000), ticket(1_009_000)]);
    expect(posted).toHaveLength(2);
    expect(posted[1]).not.toBe(posted[0]);
  });

  it("do not stand for a moment at which the camera was off", async () => {
    await pass(3);
    const last = now; // the last frame is of this moment
    films = false;
    await pass(120);
    await frames.deliver([ticket(last + 30_001)]);
    expect(posted).toEqual([]);
    await frames.deliver([ticket(last + 30_000)]);
    expect(posted).toHaveLength(1);
  });

  it("can be delivered after the camera was closed at the submission", async () => {
    await pass(20);
    frames.stop();
    films = false;
    await pass(20);
    await frames.deliver([ticket(1_015_000)]);
    expect(posted).toHaveLength(1);
  });
});

describe("five minutes offline", () => {
  it("keep their frames until the server has asked for its share", async () => {
    frames.heard();
    await pass(3);
    frames.unheard();
    await pass(300);
    frames.heard();
    await pass(120);
    await frames.deliver([ticket(1_003_000)]);
    expect(Math.abs(Number(posted[0]) - 1_003_000)).toBeLessThanOrEqual(1500);
  });
});
