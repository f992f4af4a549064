/** The scale of the network gauge. It is logarithmic, because 0.5 and 100 Mbps must both be readable. */

const LOWEST = 0.1; // Mbps, at the left end
const DECADES = 3; // up to 100 Mbps

export const MARKS = [0.1, 1, 10, 100] as const;

/** Returns the position of a speed in Mbps on the scale: 0 (left end) to 1 (right end). */
export function place(mbps: number): number {
  if (!(mbps > LOWEST)) return 0;
  return Math.min(1, Math.log10(mbps / LOWEST) / DECADES);
}

/** A point on the half circle of radius `r` round (0, 0): left end, over the top, to the right end. */
export function point(at: number, r: number): { x: number; y: number } {
  const angle = Math.PI * (1 - at);
  return { x: r * Math.cos(angle), y: -r * Math.sin(angle) };
}

/** A speed in Mbps as people read it: `0.52`, `9.3`, `120`. */
export function speedText(mbps: number): string {
  if (mbps >= 99.95) return String(Math.round(mbps));
  return mbps >= 0.995 ? mbps.toFixed(1) : mbps.toFixed(2);
}
