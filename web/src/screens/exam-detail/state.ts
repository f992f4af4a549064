/** The state of an exam now, computed from its times, so that the page needs no reload at the start. */
import type { Schemas } from "@/api/client";

type Exam = Schemas["ExamView"];
type Phase = Schemas["Phase"];

/** The phase at server time `now`. */
export function phaseOf(exam: Exam, now: number): Phase {
  if (exam.phase === "ended") return "ended"; // the server knows the longest extra time
  if (now < exam.waiting_opens_at) return "upcoming";
  if (now < exam.starts_at) return "waiting";
  return "running"; // its end depends on the longest extra time, which the next reload has
}

/** Returns the time of the next change and what it is; `null` when there is none. */
export function nextChange(
  exam: Exam,
  now: number,
): { at: number; what: "upcoming" | "waiting" | "running" } | null {
  if (now < exam.waiting_opens_at) return { at: exam.waiting_opens_at, what: "upcoming" };
  if (now < exam.starts_at) return { at: exam.starts_at, what: "waiting" };
  return now <= exam.entry_until ? { at: exam.entry_until, what: "running" } : null;
}
