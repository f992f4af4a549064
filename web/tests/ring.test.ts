import { describe, expect, it } from "vitest";
import { FrameRing, type Frame } from "@/lib/ring";

const frame = (at: number, bytes = 10): Frame => ({ at, blob: new Blob([new Uint8Array(bytes)]) });

function filled(ring: FrameRing, from: number, to: number, step = 1000): FrameRing {
  for (let at = from; at <= to; at += step) ring.add(frame(at));
  return ring;
}

describe("the last 90 seconds", () => {
  it.each([
    [89_999, true],
    [90_000, true],
    [90_001, false],
  ])("a frame %i ms old is kept: %s", (age, kept) => {
    const ring = new FrameRing();
    ring.add(frame(1000));
    ring.add(frame(1000 + age));
    expect(ring.nearest(0)?.at === 1000).toBe(kept);
  });

  it("never grows beyond them", () => {
    expect(filled(new FrameRing(), 0, 600_000).size).toBe(91);
  });

  it("finds the nearest, the earlier of two", () => {
    const ring = filled(new FrameRing(), 0, 10_000);
    expect(ring.nearest(4400)?.at).toBe(4000);
    expect(ring.nearest(4500)?.at).toBe(4000);
    expect(ring.nearest(4501)?.at).toBe(5000);
    expect(ring.nearest(-5000)?.at).toBe(0);
    expect(ring.nearest(99_000)?.at).toBe(10_000);
  });

  it("is in order though the clock was corrected", () => {
    const ring = new FrameRing();
    [3000, 1000, 2000].forEach((at) => ring.add(frame(at)));
    expect(ring.nearest(1100)?.at).toBe(1000);
  });

  it("empty: none", () => {
    const ring = filled(new FrameRing(), 0, 5000);
    ring.clear();
    expect([ring.size, ring.nearest(0)]).toEqual([0, null]);
  });
});

describe("offline", () => {
  it("keeps everything since the server was last heard", () => {
    const ring = filled(new FrameRing(), 0, 60_000);
    ring.offline(30_000);
    filled(ring, 61_000, 600_000);
    expect(ring.nearest(0)?.at).toBe(30_000);
    expect(ring.size).toBe(571);
  });

  it("the first loss counts when several calls fail", () => {
    const ring = filled(new FrameRing(), 0, 60_000);
    ring.offline(30_000);
    ring.offline(45_000);
    filled(ring, 61_000, 600_000);
    expect(ring.nearest(0)?.at).toBe(30_000);
  });

  it.each([
    [300_000, 0],
    [301_000, 511_000],
  ])("%i ms after the return the oldest is %i", (later, oldest) => {
    const ring = new FrameRing();
    ring.offline(0);
    filled(ring, 0, 300_000);
    ring.online(300_000);
    filled(ring, 301_000, 300_000 + later);
    expect(ring.nearest(0)?.at).toBe(oldest);
  });

  it("another loss within that time keeps them longer", () => {
    const ring = new FrameRing();
    ring.offline(0);
    filled(ring, 0, 100_000);
    ring.online(100_000);
    ring.offline(150_000);
    filled(ring, 101_000, 900_000);
    expect(ring.nearest(0)?.at).toBe(0);
  });
});

describe("bytes", () => {
  it("are bounded; no stretch of time is left out", () => {
    const ring = new FrameRing({ maxBytes: 1000 });
    ring.offline(0);
    filled(ring, 0, 3_600_000, 2000);
    expect(ring.bytes).toBeLessThanOrEqual(1000);
    expect(ring.nearest(3_600_000)?.at).toBe(3_600_000);
    expect(ring.nearest(1_800_000)!.at).toBeGreaterThan(900_000);
    expect(ring.size).toBeGreaterThan(40);
  });

  it("a single frame stays however large it is", () => {
    const ring = new FrameRing({ maxBytes: 5 });
    ring.add(frame(1));
    ring.add(frame(2));
    expect([ring.size, ring.nearest(0)?.at]).toEqual([1, 2]);
  });
});
