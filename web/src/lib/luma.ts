/** Brightness and contrast of a camera picture, on 32×24 points. They show a dark room and a covered lens. */

/** `mean` grey 0–255; `contrast`: the difference that 2 % of the neighbouring points exceed. */
export interface Luma {
  mean: number;
  contrast: number;
}

export const LUMA_WIDTH = 32;
export const LUMA_HEIGHT = 24;

// Set on good and spoilt frames: a finger before the lens has a contrast of 3, a dark room 7, a far face 56.
const FLAT_CONTRAST = 6;
const BLACK_MEAN = 12;
const DARK_MEAN = 40;
const COVERED_AFTER_MS = 4000;

/** Of the RGBA bytes of a picture of 32×24 points. */
export function lumaOf(rgba: ArrayLike<number>): Luma {
  return lumaOfGrey(
    Float32Array.from({ length: LUMA_WIDTH * LUMA_HEIGHT }, (_, n) => greyAt(rgba, n)),
  );
}

/** Of the brightness (0–255) of 32×24 points. */
export function lumaOfGrey(grey: Float32Array): Luma {
  const steps: number[] = [];
  for (let n = 0; n < grey.length; n += 1) {
    if ((n + 1) % LUMA_WIDTH) steps.push(Math.abs(grey[n]! - grey[n + 1]!));
    if (n + LUMA_WIDTH < grey.length) steps.push(Math.abs(grey[n]! - grey[n + LUMA_WIDTH]!));
  }
  steps.sort((a, b) => a - b);
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
  return { mean, contrast: steps[Math.floor(steps.length * 0.98)] ?? 0 };
}

function greyAt(rgba: ArrayLike<number>, n: number): number {
  const [red, green, blue] = [rgba[4 * n] ?? 0, rgba[4 * n + 1] ?? 0, rgba[4 * n + 2] ?? 0];
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** Too little light for a face to be compared. */
export function isDark(luma: Luma): boolean {
  return luma.mean < DARK_MEAN;
}

/** Whether the picture is one even surface, such as a finger, a lid or the back of a laptop's cover. */
export function isFlat(luma: Luma): boolean {
  return luma.mean < BLACK_MEAN || luma.contrast < FLAT_CONTRAST;
}

/** A lens counts as covered after four seconds of even pictures, and as free with the first other picture. */
export class CoverWatch {
  private flatSince: number | null = null;

  /** `now` in monotonic ms. */
  covered(luma: Luma, now: number): boolean {
    this.flatSince = isFlat(luma) ? (this.flatSince ?? now) : null;
    return this.flatSince !== null && now - this.flatSince >= COVERED_AFTER_MS;
  }
}
