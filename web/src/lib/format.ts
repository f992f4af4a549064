/** Times and durations as a person reads them, by the clock of China. All times are UTC milliseconds. */
import { formatTexts } from "#texts/format";

const ZONE = { timeZone: "Asia/Shanghai" } as const;

const DATE_TIME = new Intl.DateTimeFormat(formatTexts.locale, {
  ...ZONE,
  year: "numeric",
  month: formatTexts.month,
  day: "numeric",
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

const DAY = new Intl.DateTimeFormat(formatTexts.locale, {
  timeZone: "UTC",
  year: "numeric",
  month: formatTexts.month,
  day: "numeric",
});

const TIME = new Intl.DateTimeFormat(formatTexts.locale, {
  ...ZONE,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** Such as `2026年11月24日周二 09:00`. */
export function dateTime(ms: number): string {
  return DATE_TIME.format(ms);
}

/** Such as `2027年1月15日`, as certificates print it. `iso`: a day as `2027-01-15`. */
export function dayOf(iso: string): string {
  return DAY.format(Date.parse(iso));
}

/** Such as `09:30`. */
export function timeOfDay(ms: number): string {
  return TIME.format(ms);
}

const MOMENT = new Intl.DateTimeFormat(formatTexts.locale, {
  ...ZONE,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** Such as `09:30:05`: a moment within one exam. */
export function momentOf(ms: number): string {
  return MOMENT.format(ms);
}

/** A remaining time, rounded up to seconds: `1 天 02:03:04`, `02:03:04` or `03:04`. Never negative. */
export function countdown(ms: number): string {
  const all = Math.max(0, Math.ceil(ms / 1000));
  const [days, hours, minutes, seconds] = [
    Math.floor(all / 86_400),
    Math.floor(all / 3600) % 24,
    Math.floor(all / 60) % 60,
    all % 60,
  ];
  const two = (n: number): string => String(n).padStart(2, "0");
  const clock =
    days || hours ? [two(hours), two(minutes), two(seconds)] : [two(minutes), two(seconds)];
  return (days ? formatTexts.days(days) : "") + clock.join(":");
}

/**
 * Whole seconds to wait until a moment, rounded up, but never more than the wait that was begun at `since`: clocks
 * that differ by some milliseconds make no 61 of 60. All in server time (ms).
 */
export function secondsToWait(until: number, since: number, now: number): number {
  const all = Math.round((until - since) / 1000);
  return Math.max(0, Math.min(all, Math.ceil((until - now) / 1000)));
}
