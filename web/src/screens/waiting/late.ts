/** Whether entry is closed for a candidate in the waiting room. */
import type { Schemas } from "@/api/client";

type Standing = Pick<Schemas["AttemptView"], "status" | "start_until">;

/** Returns whether a candidate is too late to start; at the closing time it is still possible. `now` is the server's time (ms). */
export function isLate(attempt: Standing, now: number): boolean {
  return attempt.status === "opened" && now > attempt.start_until;
}
