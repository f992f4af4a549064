import { describe, expect, it } from "vitest";
import {
  aroundFace,
  centred,
  heightOf,
  isLargeEnough,
  moved,
  needsCrop,
  within,
  zoomed,
} from "@/lib/crop";
import type { Face, Findings } from "@/lib/detector";
import { surestUpright } from "@/lib/upright";

const camera = { width: 640, height: 480 };

describe("which photos have to be cut", () => {
  it.each([
    ["the size itself", 295, 413, false],
    ["a scan of the same shape", 413, 579, false],
    ["not quite two hundredths too wide", 3008, 4130, false],
    ["more than that", 3010, 4130, true],
    ["not quite two hundredths too narrow", 2892, 4130, false],
    ["narrower than that", 2890, 4130, true],
    ["a picture of the camera", 640, 480, true],
    ["an ID photo on its side", 579, 413, true],
  ])("%s", (_, width, height, cut) => {
    expect(needsCrop({ width, height })).toBe(cut);
  });
});

describe("a cut", () => {
  it("begins as the largest one in the middle", () => {
    const crop = centred(camera);
    expect(heightOf(crop.width)).toBeCloseTo(480);
    expect(crop.x + crop.width / 2).toBeCloseTo(320);
    expect(crop.y).toBeCloseTo(0);
  });

  it("stays in the photo, however far it is moved", () => {
    const crop = within({ x: 0, y: 0, width: 295 }, camera);
    expect(moved(crop, -10, -10, camera)).toEqual(crop);
    const far = moved(crop, 1000, 1000, camera);
    expect([far.x + far.width, far.y + heightOf(far.width)]).toEqual([640, 480]);
  });

  it("is zoomed about its middle, down to the pixels of 一寸 and up to the whole photo", () => {
    const size = { width: 3000, height: 4000 };
    const crop = within({ x: 500, y: 500, width: 1000 }, size);
    const closer = zoomed(crop, 2, size);
    expect(closer).toEqual({ x: 750, y: 500 + heightOf(250), width: 500 });
    expect(zoomed(crop, 100, size).width).toBe(295);
    expect(zoomed(crop, 0.01, size).width).toBeCloseTo(4000 / heightOf(1));
  });

  it("has the face where an ID photo has it", () => {
    const size = { width: 1000, height: 2000 };
    const crop = aroundFace({ x: 0.4, y: 0.2, width: 0.2, height: 0.1 }, size);
    expect(crop.width).toBeCloseTo(200 / 0.55);
    expect(crop.x + crop.width / 2).toBeCloseTo(500);
    expect((500 - crop.y) / heightOf(crop.width)).toBeCloseTo(0.46);
  });

  it("keeps the pixels of 一寸 round a small face", () => {
    const crop = aroundFace({ x: 0.45, y: 0.2, width: 0.05, height: 0.1 }, camera);
    expect(crop.width).toBe(295);
  });

  it.each([
    [294.4, false],
    [294.6, true],
    [295, true],
  ])("of %s pixels is large enough: %s", (width, enough) => {
    expect(isLargeEnough({ x: 0, y: 0, width })).toBe(enough);
  });
});

describe("the turn of a photo", () => {
  const face = (changes: Partial<Face> = {}): Face => ({
    score: 0.9,
    box: { x: 0.3, y: 0.3, width: 0.4, height: 0.4 },
    rightEye: { x: 0.4, y: 0.4 },
    leftEye: { x: 0.6, y: 0.4 },
    nose: { x: 0.5, y: 0.5 },
    ...changes,
  });
  const lying = face({ rightEye: { x: 0.4, y: 0.4 }, leftEye: { x: 0.42, y: 0.6 } });
  const headDown = face({ nose: { x: 0.5, y: 0.3 } });
  const seen = (...faces: Face[]): Findings => ({ width: 300, height: 400, faces });

  it.each([0, 90, 180, 270] as const)("is the one that shows an upright face: %s", (right) => {
    const found = surestUpright((turn) => (turn === right ? seen(face()) : seen(lying, headDown)));
    expect(found).toEqual({ turn: right, face: face() });
  });

  it("is unknown without a sure face", () => {
    expect(surestUpright(() => seen())).toBeNull();
    expect(surestUpright(() => seen(face({ score: 0.59 })))).toBeNull();
    expect(surestUpright(() => seen(face({ score: 0.6 })))?.turn).toBe(0);
  });

  it("is that of the surest face, of equals the first", () => {
    const look = (scores: number[]) => (turn: number) =>
      seen(face({ score: scores[turn / 90] ?? 0 }));
    expect(surestUpright(look([0.68, 0.93, 0.7, 0.68]))?.turn).toBe(90);
    expect(surestUpright(look([0.9, 0.9, 0.9, 0.9]))?.turn).toBe(0);
  });
});
