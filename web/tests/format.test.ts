import { describe, expect, it } from "vitest";
import { countdown, dateTime, timeOfDay } from "@/lib/format";

const NINE = Date.UTC(2026, 10, 24, 1, 0); // 09:00 in China

describe("times are China's, wherever the device is", () => {
  it("date and time", () => expect(dateTime(NINE)).toBe("2026年11月24日周二 09:00"));
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
