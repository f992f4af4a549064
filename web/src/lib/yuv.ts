/** Converts the colours of a camera (YUV) to those of a screen (RGBA), and tells how bright its parts are. */

/** The bytes of a frame: `I420` has three planes, `NV12` has two, the second with U and V by turns. */
export interface YuvFrame {
  format: "I420" | "NV12";
  bytes: Uint8Array;
  planes: readonly { offset: number; stride: number }[];
  width: number;
  height: number;
  /** Whether brightness goes from 0 to 255; most cameras go from 16 to 235. */
  fullRange: boolean;
  /** BT.709, as in HD; else BT.601. */
  hd: boolean;
}

const SHARES = { sd: { red: 0.299, blue: 0.114 }, hd: { red: 0.2126, blue: 0.0722 } };

/** Writes the frame as RGBA, 4 × width × height bytes. */
export function writeRgba(frame: YuvFrame, rgba: Uint8ClampedArray): void {
  const { bytes, width, height } = frame;
  const [black, gain] = range(frame);
  const { red, green, blue } = coloursOf(frame);
  const [luma, first, second] = frame.planes;
  if (!luma || !first) throw new Error("a frame without planes");
  const step = frame.format === "NV12" ? 2 : 1;
  const v = frame.format === "NV12" ? { ...first, offset: first.offset + 1 } : (second ?? first);
  for (let y = 0, at = 0; y < height; y += 1) {
    const half = y >> 1;
    for (let x = 0; x < width; x += 1, at += 4) {
      const side = (x >> 1) * step;
      const u8 = bytes[first.offset + half * first.stride + side]! - 128;
      const v8 = bytes[v.offset + half * v.stride + side]! - 128;
      const grey = (bytes[luma.offset + y * luma.stride + x]! - black) * gain;
      rgba[at] = grey + red * v8;
      rgba[at + 1] = grey - green.u * u8 - green.v * v8;
      rgba[at + 2] = grey + blue * u8;
      rgba[at + 3] = 255;
    }
  }
}

/**
 * Returns how bright each field of a grid is, from 0 to 255: the mean of its points. The grid covers the middle of the
 * frame with square fields.
 */
export function greyFields(frame: YuvFrame, columns: number, rows: number): Float32Array {
  const { bytes, width, height } = frame;
  const [luma] = frame.planes;
  if (!luma) throw new Error("a frame without planes");
  const [black, gain] = range(frame);
  const size = Math.min(width / columns, height / rows);
  const [left, top] = [(width - columns * size) / 2, (height - rows * size) / 2];
  const fields = new Float32Array(columns * rows);
  for (let n = 0; n < fields.length; n += 1) {
    const [column, row] = [n % columns, Math.floor(n / columns)];
    const [x0, x1] = [Math.round(left + column * size), Math.round(left + (column + 1) * size)];
    const [y0, y1] = [Math.round(top + row * size), Math.round(top + (row + 1) * size)];
    let sum = 0;
    for (let y = y0; y < y1; y += 1) {
      const line = luma.offset + y * luma.stride;
      for (let at = line + x0; at < line + x1; at += 1) sum += bytes[at]!;
    }
    const mean = sum / ((x1 - x0) * (y1 - y0));
    fields[n] = Math.min(255, Math.max(0, (mean - black) * gain));
  }
  return fields;
}

/** The value of black, and by what the brightness above it is multiplied. */
function range({ fullRange }: YuvFrame): [number, number] {
  return fullRange ? [0, 1] : [16, 255 / 219];
}

/** ITU-R BT.601 and BT.709: factors that follow from the shares of red and blue in the brightness. */
function coloursOf({ hd, fullRange }: YuvFrame) {
  const share = hd ? SHARES.hd : SHARES.sd;
  const spread = fullRange ? 1 : 255 / 224;
  const [red, blue] = [2 * (1 - share.red) * spread, 2 * (1 - share.blue) * spread];
  const rest = 1 - share.red - share.blue;
  return { red, blue, green: { u: (blue * share.blue) / rest, v: (red * share.red) / rest } };
}
