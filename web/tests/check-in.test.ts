import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { place, point, speedText } from "@/screens/check-in/gauge";
import { judge, LATENCY_MS } from "@/screens/check-in/network";
import { checkRuns, standOf } from "@/screens/check-in/steps";

type Told = Parameters<typeof standOf>[0];

function told(fields: Partial<Told>): Told {
  return { next_step: "notice", chances_left: 10, verification: null, ...fields };
}

function check(state: Schemas["VerificationView"]["state"]): Told["verification"] {
  const rest = { reason: "", message: "", our_fault: false, upload_until: 0, turn: null };
  return { verification_id: "vf_1", state, ...rest };
}

describe("where a check-in stands", () => {
  it("is the step that the server names", () => {
    for (const step of ["notice", "camera", "network", "verification", "admission"]) {
      expect(standOf(told({ next_step: step }))).toBe(step);
    }
  });

  it("is closed for who comes too late, whatever chances are left", () => {
    expect(standOf(told({ next_step: "entry_closed", chances_left: 0 }))).toBe("closed");
  });

  it("ends when no chance is left, unless the last one runs or has passed", () => {
    expect(standOf(told({ next_step: "verification", chances_left: 1 }))).toBe("verification");
    expect(standOf(told({ next_step: "verification", chances_left: 0 }))).toBe("usedUp");
    expect(standOf(told({ next_step: "network", chances_left: 0 }))).toBe("network");
    for (const state of ["pending", "judging"] as const) {
      const last = { chances_left: 0, next_step: "verification", verification: check(state) };
      expect(standOf(told(last))).toBe("verification");
    }
    const failed = { chances_left: 0, next_step: "verification", verification: check("failed") };
    expect(standOf(told(failed))).toBe("usedUp");
    expect(standOf(told({ next_step: "admission", chances_left: 0 }))).toBe("admission");
  });

  it("knows whether a verdict is awaited", () => {
    expect(checkRuns(told({}))).toBe(false);
    const states = ["pending", "judging", "passed", "failed", "not_run"] as const;
    const running = states.filter((state) => checkRuns(told({ verification: check(state) })));
    expect(running).toEqual(["pending", "judging"]);
  });
});

describe("the gauge", () => {
  it("is logarithmic from 0.1 to 100 Mbps and never leaves its scale", () => {
    expect([0, 0.1, 1, 10, 100, 1000].map(place)).toEqual([
      0,
      0,
      expect.closeTo(1 / 3),
      expect.closeTo(2 / 3),
      1,
      1,
    ]);
    expect(place(Number.NaN)).toBe(0);
  });

  it("runs over the top from left to right", () => {
    expect(point(0, 100).x).toBeCloseTo(-100);
    expect(point(0.5, 100).y).toBeCloseTo(-100);
    expect(point(1, 100).x).toBeCloseTo(100);
  });

  it("writes speeds as people read them", () => {
    expect([0, 0.516, 0.994, 0.995, 9.34, 99.94, 99.95, 120.4].map(speedText)).toEqual([
      "0.00",
      "0.52",
      "0.99",
      "1.0",
      "9.3",
      "99.9",
      "100",
      "120",
    ]);
  });
});

describe("measured speeds", () => {
  const recommended = { down: 2, up: 1 };

  it("are good at the recommended value and poor just beside it", () => {
    const at = { downMbps: 2, upMbps: 1, latencyMs: LATENCY_MS };
    expect(judge(at, recommended)).toEqual({ down: "good", up: "good", latency: "good" });
    const below = { downMbps: 1.99, upMbps: 0.99, latencyMs: LATENCY_MS + 1 };
    expect(judge(below, recommended)).toEqual({ down: "poor", up: "poor", latency: "poor" });
  });

  it("are told as not measured where they are missing", () => {
    const nothing = { down: "none", up: "none", latency: "none" };
    expect(judge({}, recommended)).toEqual(nothing);
    expect(judge({ latencyMs: 20 }, recommended)).toEqual({ ...nothing, latency: "good" });
  });
});
