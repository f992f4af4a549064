/** The step of a check-in that is due, from the server's state. */
import type { Schemas } from "@/api/client";

type Attempt = Pick<Schemas["AttemptView"], "next_step" | "chances_left" | "verification">;

/** The steps in their order; their names are `texts.checkIn.steps`. */
export const STEPS = ["notice", "camera", "network", "verification", "admission"] as const;
export type Step = (typeof STEPS)[number];

/** What the page shows: a step, or why there is none. */
export type Stand = Step | "closed" | "usedUp";

/** Whether a check was reserved whose verdict is not known yet. */
export function checkRuns(attempt: Attempt): boolean {
  return attempt.verification?.state === "pending" || attempt.verification?.state === "judging";
}

/** Whether the person may have asked for help before: only then it is worth looking for a ticket. */
export function mayHaveTicket(attempt: Attempt): boolean {
  const failed = ["failed", "not_run"].includes(attempt.verification?.state ?? "");
  return failed || attempt.chances_left <= 0 || attempt.next_step === "entry_closed";
}

export function standOf(attempt: Attempt): Stand {
  if (attempt.next_step === "entry_closed") return "closed";
  const step = STEPS.find((known) => known === attempt.next_step) ?? "notice";
  const out = attempt.chances_left <= 0 && !checkRuns(attempt);
  // Before the face check it is open: an operator may have admitted the person without it.
  return out && step === "verification" ? "usedUp" : step;
}
