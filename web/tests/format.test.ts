import { describe, expect, it } from "vitest";
import { countdown, dateTime, dayOf, secondsToWait, timeOfDay } from "@/lib/format";

const NINE = Date.UTC(2026, 10, 24, 1, 0); // 09:00 in China

describe("times are China's, wherever the device is", () => {
  it("date and time", () => expect(dateTime(NINE)).toBe("2026年11月24日周二 09:00"));
  it("a day, as certificates print it", () => expect(dayOf("2027-01-05")).toBe("2027年1月5日"));
  it("time of day", () => expect(timeOfDay(NINE)).toBe("09:00"));
  it("midnight is 00:00", () => expect(timeOfDay(Date.UTC(2026, 10, 23, 16, 0))).toBe("00:00"));
});

describe("a countdown", () => {
  it.each([
    [-5, "00:00"],
    [0, "00:00"],
    [1, "00:01"],
    [1000, "00:01"],
    [1001, "00:02"],
    [59_000, "00:59"],
    [60_000, "01:00"],
    [3_599_000, "59:59"],
    [3_600_000, "01:00:00"],
    [86_399_000, "23:59:59"],
    [86_400_000, "1 天 00:00:00"],
    [93_784_000, "1 天 02:03:04"],
  ])("%i ms: %s", (ms, text) => expect(countdown(ms)).toBe(text));
});

describe("the wait for the next code", () => {
  const SINCE = 1_000_000;
  it.each([
    [60_004, 0, 60], // the two clocks differ by 4 ms
    [60_000, 0, 60],
    [60_000, 1, 60],
    [60_000, 1000, 59],
    [60_000, 59_999, 1],
    [60_000, 60_000, 0],
    [60_000, 60_001, 0],
    [-5, 0, 0],
  ])("of %i ms is after %i ms: %i s", (wait, passed, seconds) =>
    expect(secondsToWait(SINCE + wait, SINCE, SINCE + passed)).toBe(seconds),
  );
});
