import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { measureSpeed } from "@/lib/speed";
import { outcomeOf, photoMayFail } from "@/screens/practice/outcome";

type State = Schemas["AreaState"];

const areas = (...states: State[]): { state: State }[] => states.map((state) => ({ state }));

describe("what a practice adds up to", () => {
  it.each([
    [["ok", "ok"], "good"],
    [["ok", "not_tried"], "partly"],
    [["ok", "waiting", "not_tried"], "waiting"],
    [["failed", "waiting", "not_tried"], "failed"],
  ] as const)("%j: %s", (states, outcome) => {
    expect(outcomeOf(areas(...states))).toBe(outcome);
  });

  it.each([
    ["face", "failed", "mismatch", true],
    ["face", "failed", "uncertain", true],
    ["snapshots", "failed", "mismatch", true],
    ["face", "failed", "dark", false],
    ["face", "ok", "", false],
  ] as const)("%s %s %s: another photo may help: %s", (area, state, reason, helps) => {
    expect(photoMayFail([{ area, state, reason, message: "", advice: "" }])).toBe(helps);
  });
});

describe("a speed check without signing in", () => {
  it("measures the way down alone", async () => {
    let now = 0;
    const take = async (ms: number): Promise<void> => {
      now += ms;
    };
    const speeds = await measureSpeed({
      ping: () => take(20),
      download: (bytes) => take(20 + bytes / 1000),
      clock: () => now,
    });
    expect(speeds.upMbps).toBe(0);
    expect(speeds.downMbps).toBeCloseTo(8, 1);
    expect(speeds.latencyMs).toBe(20);
  });
});
