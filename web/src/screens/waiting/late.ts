/** Whether entry is closed for somebody who has been let into the waiting room. */
import type { Schemas } from "@/api/client";

type Standing = Pick<Schemas["AttemptView"], "status" | "start_until">;

/** The last moment to start is still in; who has started is never late. `now` is the server's time (ms). */
export function isLate(attempt: Standing, now: number): boolean {
  return attempt.status === "opened" && now > attempt.start_until;
}
