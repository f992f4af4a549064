/** Converts the colours of a camera (YUV) to those of a screen (RGBA). */

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
  const [black, gain] = frame.fullRange ? [0, 1] : [16, 255 / 219];
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

/** ITU-R BT.601 and BT.709: factors that follow from the shares of red and blue in the brightness. */
function coloursOf({ hd, fullRange }: YuvFrame) {
  const share = hd ? SHARES.hd : SHARES.sd;
  const spread = fullRange ? 1 : 255 / 224;
  const [red, blue] = [2 * (1 - share.red) * spread, 2 * (1 - share.blue) * spread];
  const rest = 1 - share.red - share.blue;
  return { red, blue, green: { u: (blue * share.blue) / rest, v: (red * share.red) / rest } };
}
