import { describe, expect, it } from "vitest";
import { greyFields, writeRgba, type YuvFrame } from "@/lib/yuv";

const SD = { fullRange: false, hd: false };

/** A frame of one colour: 3 × 3, so that the last row and column have no pair. */
function plain(
  [y, u, v]: [number, number, number],
  format: YuvFrame["format"],
  how: Pick<YuvFrame, "fullRange" | "hd"> = SD,
): YuvFrame {
  const luma = Array<number>(9).fill(y);
  const chroma = format === "NV12" ? [u, v, u, v, u, v, u, v] : [u, u, u, u, v, v, v, v];
  const planes =
    format === "NV12"
      ? [
          { offset: 0, stride: 3 },
          { offset: 9, stride: 4 },
        ]
      : [
          { offset: 0, stride: 3 },
          { offset: 9, stride: 2 },
          { offset: 13, stride: 2 },
        ];
  const bytes = Uint8Array.from([...luma, ...chroma]);
  return { format, bytes, planes, width: 3, height: 3, ...how };
}

function rgba(frame: YuvFrame): number[] {
  const pixels = new Uint8ClampedArray(4 * frame.width * frame.height);
  writeRgba(frame, pixels);
  return [...pixels];
}

/** Every point has this colour, within one step, and covers. */
function expectColour(frame: YuvFrame, colour: readonly number[]): void {
  const pixels = rgba(frame);
  expect(pixels).toHaveLength(36);
  pixels.forEach((value, n) =>
    expect(Math.abs(value - [...colour, 255][n % 4]!)).toBeLessThanOrEqual(1),
  );
}

describe.each(["I420", "NV12"] as const)("%s", (format) => {
  it.each([
    ["black", [16, 128, 128], [0, 0, 0]],
    ["white", [235, 128, 128], [255, 255, 255]],
    ["darker than black", [1, 128, 128], [0, 0, 0]],
    ["brighter than white", [254, 128, 128], [255, 255, 255]],
    ["red", [81, 90, 240], [254, 0, 0]],
    ["green", [145, 54, 34], [0, 255, 1]],
    ["blue", [41, 240, 110], [0, 0, 255]],
  ] as const)("%s", (_, [y, u, v], colour) => expectColour(plain([y, u, v], format), colour));

  it("of HD", () =>
    expectColour(plain([63, 102, 240], format, { fullRange: false, hd: true }), [255, 1, 0]));

  it("of the full range", () => {
    expectColour(plain([0, 128, 128], format, { fullRange: true, hd: false }), [0, 0, 0]);
    expectColour(plain([76, 85, 255], format, { fullRange: true, hd: false }), [254, 0, 0]);
  });
});

it("finds each point in padded rows, two by two with one colour", () => {
  const y = [16, 235, 0, 0, 235, 16, 0, 0];
  const bytes = Uint8Array.from([9, ...y, 90, 0, 240, 0]);
  const planes = [
    { offset: 1, stride: 4 },
    { offset: 9, stride: 2 },
    { offset: 11, stride: 2 },
  ];
  const pixels = rgba({ format: "I420", bytes, planes, width: 2, height: 2, ...SD });
  const red = [0, 4, 8, 12].map((at) => pixels[at]);
  expect(red).toEqual([179, 255, 255, 179]);
});

it("says so when there are no planes", () => {
  const frame: YuvFrame = { ...plain([16, 128, 128], "I420"), planes: [] };
  expect(() => rgba(frame)).toThrow("without planes");
});

describe("how bright the fields of a grid are", () => {
  /** A frame without colour, with these rows of brightness, padded on the right. */
  function grey(rows: number[][], fullRange = true): YuvFrame {
    const bytes = Uint8Array.from([7, ...rows.flatMap((row) => [...row, 250])]);
    const width = rows[0]!.length;
    const planes = [{ offset: 1, stride: width + 1 }];
    return { format: "I420", bytes, planes, width, height: rows.length, fullRange, hd: false };
  }
  const ROWS = [
    [10, 20, 100, 100],
    [30, 40, 100, 104],
  ];

  it("is the mean of their points", () => {
    expect([...greyFields(grey(ROWS), 2, 1)]).toEqual([25, 101]);
  });

  it("is of the middle, where the shape is another one", () => {
    const wide = ROWS.map((row) => [0, ...row, 255]);
    expect([...greyFields(grey(wide), 2, 1)]).toEqual([25, 101]);
    const high = [[0, 0, 0, 0], ...ROWS, [255, 255, 255, 255]];
    expect([...greyFields(grey(high), 2, 1)]).toEqual([25, 101]);
  });

  it("is 0 for black and 255 for white, in both ranges", () => {
    expect([...greyFields(grey([[16, 235, 1, 254]], false), 4, 1)]).toEqual([0, 255, 0, 255]);
    expect([...greyFields(grey([[0, 255]]), 2, 1)]).toEqual([0, 255]);
  });

  it("says so when there are no planes", () => {
    expect(() => greyFields({ ...grey(ROWS), planes: [] }, 2, 1)).toThrow("without planes");
  });
});
