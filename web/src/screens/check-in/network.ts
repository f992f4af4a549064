/** What measured speeds mean for the exam. */

export const LATENCY_MS = 300; // above it a person notices that each step waits

export type Grade = "good" | "poor" | "none";

interface Measured {
  downMbps?: number;
  upMbps?: number;
  latencyMs?: number;
}

/** Each value against what is recommended (Mbps); `none` where nothing was measured. */
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
