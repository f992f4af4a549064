import { describe, expect, it } from "vitest";
import type { Face, Findings } from "@/lib/detector";
import type { Luma } from "@/lib/luma";
import { TurnGate, turnHintOf, type Side } from "@/lib/turn";

const LIGHT: Luma = { mean: 120, contrast: 40 };
const APART = 0.1; // of the eyes, in shares of the picture's width

/** A face whose nose lies so many eye distances to the picture's right edge. */
function face(yaw: number, changes: Partial<Face> = {}): Face {
  const eyes = { rightEye: { x: 0.45, y: 0.42 }, leftEye: { x: 0.45 + APART, y: 0.42 } };
  const box = { x: 0.375, y: 0.3, width: 0.25, height: 0.33 };
  return { score: 0.9, box, ...eyes, nose: { x: 0.5 + yaw * APART, y: 0.48 }, ...changes };
}

const seen = (...faces: Face[]): Findings => ({ width: 640, height: 480, faces });
const narrow = (apart: number): Face =>
  face(0, {
    rightEye: { x: 0.5 - apart / 2, y: 0.42 },
    leftEye: { x: 0.5 + apart / 2, y: 0.42 },
    nose: { x: 0.5 + 0.5 * apart, y: 0.48 },
  });

describe("the hint of a turn", () => {
  it.each([
    ["turn", 0],
    ["turn", 0.449],
    ["ok", 0.451],
    ["ok", 0.899],
    ["back", 0.901],
    ["turn", -0.299],
    ["wrongWay", -0.301],
    ["wrongWay", -1.5],
  ])("%s at %d, to either side", (hint, yaw) => {
    expect(turnHintOf("left", seen(face(yaw)), LIGHT)).toBe(hint);
    expect(turnHintOf("right", seen(face(-yaw)), LIGHT)).toBe(hint);
  });

  it("takes one's own left for the right edge of the picture, which is not mirrored", () => {
    expect(turnHintOf("left", seen(face(0.6)), LIGHT)).toBe("ok");
    expect(turnHintOf("right", seen(face(0.6)), LIGHT)).toBe("wrongWay");
  });

  it.each<[string, Findings, Luma | null]>([
    ["noFace", seen(), LIGHT],
    ["several", seen(face(0.6), face(0)), LIGHT],
    ["dark", seen(face(0.6)), { mean: 39, contrast: 40 }],
    ["closer", seen(face(0.6, { box: { x: 0.4, y: 0.3, width: 0.17, height: 0.3 } })), LIGHT],
    ["back", seen(narrow(0.037)), LIGHT],
    ["ok", seen(narrow(0.038)), LIGHT],
    // Who turns is seldom in the middle any more.
    ["ok", seen(face(0.6, { box: { x: 0, y: 0, width: 0.25, height: 0.33 } })), null],
  ])("%s", (hint, findings, luma) => expect(turnHintOf("left", findings, luma)).toBe(hint));
});

describe("the picture of a turn", () => {
  const greens = (side: Side, ...yaws: number[]): boolean[] => {
    const gate = new TurnGate(side);
    return yaws.map((yaw) => gate.feed(seen(face(yaw)), LIGHT).green);
  };

  it("is taken when the head has been turned for three frames", () => {
    expect(greens("left", 0, 0.5, 0.5, 0.5, 0.5)).toEqual([false, false, false, true, true]);
    expect(greens("right", -0.5, -0.5, -0.5)).toEqual([false, false, true]);
    expect(greens("left", 0.5, 0.5, 0.2, 0.5, 0.5)).not.toContain(true);
  });

  it("waits until the head rests", () => {
    expect(greens("left", 0.46, 0.59, 0.72, 0.85)).not.toContain(true);
    expect(greens("left", 0.5, 0.61, 0.72)).toEqual([false, false, true]);
  });

  it("begins anew when a picture could not be taken", () => {
    const gate = new TurnGate("left");
    const feed = (): boolean => gate.feed(seen(face(0.5)), LIGHT).green;
    expect([feed(), feed(), feed()]).toEqual([false, false, true]);
    gate.reset();
    expect([feed(), feed(), feed()]).toEqual([false, false, true]);
  });
});
