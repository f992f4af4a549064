/** The remaining time: in minutes first, in seconds at the end, and announced to screen readers only a few times. */
import { countdown } from "@/lib/format";
import { texts } from "#texts/common";

const MINUTE_MS = 60_000;
const SECONDS_SHOWN_MS = 10 * MINUTE_MS;

/** What is left until a deadline, both in server time (ms). Never negative. */
export function remaining(deadline: number, now: number): number {
  return Math.max(0, deadline - now);
}

/** Whole minutes (rounded up) while there is much time, then `09:59`. `seconds`: whether seconds are always shown. */
export function calmRemaining(ms: number, seconds = false): string {
  return ms > SECONDS_SHOWN_MS && !seconds
    ? texts.timer.minutes(Math.ceil(ms / MINUTE_MS))
    : countdown(ms);
}

/** Decides when to announce the remaining time: once at each mark of each deadline. */
export class Announcer {
  private deadline: number | null = null;
  private left: number[] = [];

  constructor(private readonly marksMin: readonly number[] = [30, 10, 5, 1]) {}

  /**
   * Returns how many minutes are left when a mark has just been passed, else null. Marks that were over when a deadline
   * was first seen are not announced. Of several that pass at once (after sleep) one announcement with the true time is
   * made.
   */
  tell(deadline: number, now: number): number | null {
    const rest = remaining(deadline, now);
    const ahead = (min: number): boolean => min * MINUTE_MS < rest;
    if (deadline !== this.deadline) {
      this.deadline = deadline;
      this.left = this.marksMin.filter(ahead);
      return null;
    }
    const passed = this.left.some((min) => !ahead(min));
    this.left = this.left.filter(ahead);
    return passed && rest > 0 ? Math.ceil(rest / MINUTE_MS) : null;
  }
}
