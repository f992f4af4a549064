import { describe, expect, it } from "vitest";
import type { Face, Findings } from "@/lib/detector";
import { Gate, hintOf } from "@/lib/gate";
import { CoverWatch, isDark, isFlat, lumaOf, type Luma } from "@/lib/luma";

const LIGHT: Luma = { mean: 120, contrast: 40 };

/** A face in the middle that looks ahead. Places in shares of 640×480. */
function face(changes: Partial<Face> = {}): Face {
  const eyes = { rightEye: { x: 0.45, y: 0.42 }, leftEye: { x: 0.55, y: 0.42 } };
  const box = { x: 0.375, y: 0.3, width: 0.25, height: 0.33 };
  return { score: 0.9, box, ...eyes, nose: { x: 0.5, y: 0.48 }, ...changes };
}

const seen = (...faces: Face[]): Findings => ({ width: 640, height: 480, faces });
const at = (x: number, y = 0.3, width = 0.25): Face => face({ box: { x, y, width, height: 0.33 } });
const nose = (x: number): Face => face({ nose: { x, y: 0.48 } });
const tilt = (dy: number): Face =>
  face({ rightEye: { x: 0.45, y: 0.42 - dy / 2 }, leftEye: { x: 0.55, y: 0.42 + dy / 2 } });

describe("the hint", () => {
  it.each<[string, Findings, Luma | null]>([
    ["ok", seen(face()), LIGHT],
    ["ok", seen(face()), null],
    ["noFace", seen(), LIGHT],
    ["noFace", seen(face({ score: 0.59 })), LIGHT],
    ["ok", seen(face({ score: 0.6 })), LIGHT],
    ["several", seen(face(), at(0.05)), LIGHT],
    ["ok", seen(face(), { ...at(0.05), score: 0.59 }), LIGHT],
    ["dark", seen(face()), { mean: 39, contrast: 40 }],
    ["ok", seen(face()), { mean: 40, contrast: 40 }],
    ["dark", seen(), { mean: 120, contrast: 3 }],
    ["closer", seen(at(0.41, 0.3, 0.179)), LIGHT],
    ["ok", seen(at(0.41, 0.3, 0.18)), LIGHT],
    ["centre", seen(at(0.204)), LIGHT],
    ["ok", seen(at(0.206)), LIGHT],
    ["centre", seen(at(0.546)), LIGHT],
    ["centre", seen(at(0.375, 0.51)), LIGHT],
    ["centre", seen(face({ box: { x: -0.01, y: 0.1, width: 1.02, height: 0.8 } })), LIGHT],
    ["ok", seen(nose(0.521)), LIGHT],
    ["straight", seen(nose(0.523)), LIGHT],
    ["straight", seen(nose(0.477)), LIGHT],
    ["ok", seen(tilt(0.048)), LIGHT],
    ["straight", seen(tilt(0.049)), LIGHT],
    ["straight", seen(face({ rightEye: { x: 0.5, y: 0.4 }, leftEye: { x: 0.5, y: 0.4 } })), LIGHT],
  ])("%s", (hint, findings, luma) => expect(hintOf(findings, luma)).toBe(hint));
});

describe("the frame", () => {
  const greens = (gate: Gate, frames: Findings[]): boolean[] =>
    frames.map((findings) => gate.feed(findings, LIGHT).green);

  it("turns green with the fifth good frame, not with the fourth", () => {
    const five = Array.from({ length: 6 }, () => seen(face()));
    expect(greens(new Gate(), five)).toEqual([false, false, false, false, true, true]);
  });

  it("begins anew after one bad frame", () => {
    const good = Array.from({ length: 4 }, () => seen(face()));
    const gate = new Gate();
    expect(greens(gate, [...good, seen(), ...good]).includes(true)).toBe(false);
    expect(gate.feed(seen(face()), LIGHT)).toEqual({ hint: "ok", green: true });
    gate.reset();
    expect(greens(gate, good).includes(true)).toBe(false);
  });
});

describe("light and shade", () => {
  const picture = (grey: (x: number, y: number) => number): number[] =>
    Array.from({ length: 32 * 24 }, (_, n) => {
      const value = grey(n % 32, Math.floor(n / 32));
      return [value, value, value, 255];
    }).flat();

  it("an even surface has no contrast, whatever the light behind it", () => {
    expect(lumaOf(picture(() => 90))).toEqual({ mean: 90, contrast: 0 });
    const finger = lumaOf(picture((x) => 60 + 3 * x));
    expect(finger.contrast).toBeCloseTo(3);
    expect([isFlat(finger), isDark(finger)]).toEqual([true, false]);
  });

  it("a room has", () => {
    const room = lumaOf(picture((x, y) => (x > 12 && x < 20 && y > 6 && y < 18 ? 200 : 80)));
    expect(isFlat(room)).toBe(false);
  });

  it.each([
    [11, true],
    [12, false],
    [13, false],
  ])("a mean of %i is black: %s", (mean, black) =>
    expect(isFlat({ mean, contrast: 40 })).toBe(black),
  );

  it.each([
    [3999, false],
    [4000, true],
    [4001, true],
  ])("a lens that shows nothing for %i ms is covered: %s", (ms, covered) => {
    const watch = new CoverWatch();
    expect(watch.covered({ mean: 80, contrast: 2 }, 500)).toBe(false);
    expect(watch.covered({ mean: 80, contrast: 2 }, 500 + ms)).toBe(covered);
  });

  it("one good look and it is free", () => {
    const watch = new CoverWatch();
    watch.covered({ mean: 80, contrast: 2 }, 0);
    expect(watch.covered(LIGHT, 3900)).toBe(false);
    expect(watch.covered({ mean: 80, contrast: 2 }, 4100)).toBe(false);
  });
});
