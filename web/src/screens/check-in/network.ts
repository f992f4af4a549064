/** Judges measured speeds by the recommended ones. */

export const LATENCY_MS = 300; // above it a person notices a delay at each step

export type Grade = "good" | "poor" | "none";

interface Measured {
  downMbps?: number;
  upMbps?: number;
  latencyMs?: number;
}

/** Compares each value with the recommended one (Mbps); `none` where nothing was measured. */
export function judge(
  measured: Measured,
  recommended: { down: number; up: number },
): Record<"down" | "up" | "latency", Grade> {
  const { downMbps, upMbps, latencyMs } = measured;
  const grade = (value: number | undefined, fine: (value: number) => boolean): Grade => {
    if (value === undefined) return "none";
    return fine(value) ? "good" : "poor";
  };
  return {
    down: grade(downMbps, (value) => value >= recommended.down),
    up: grade(upMbps, (value) => value >= recommended.up),
    latency: grade(latencyMs, (value) => value <= LATENCY_MS),
  };
}
