import { describe, expect, it } from "vitest";
import { QuestionTimes } from "@/lib/times";

describe("the time that a question is in sight", () => {
  it("is added up over several looks, and counts for that question alone", () => {
    let now = 500;
    const times = new QuestionTimes(() => now);
    times.turn(1);
    now += 2500;
    times.turn(2);
    now += 900;
    times.turn(1);
    now += 1500;
    expect(times.seconds([1, 2, 3])).toEqual([4, 0, 0]);
    now += 1000;
    expect(times.seconds([1, 2, 3])).toEqual([5, 0, 0]);
  });

  it("does not grow while no question is in sight", () => {
    let now = 0;
    const times = new QuestionTimes(() => now);
    now = 10_000;
    times.turn(1);
    now = 13_000;
    times.turn(null);
    now = 60_000;
    expect(times.seconds([1])).toEqual([3]);
  });

  it("is never longer in all than the time that has passed", () => {
    let now = 0;
    const times = new QuestionTimes(() => now);
    for (let question = 1; question <= 100; question += 1) {
      times.turn(question);
      now += 999;
    }
    const all = Array.from({ length: 100 }, (_, index) => index + 1);
    const sum = times.seconds(all).reduce((total, seconds) => total + seconds, 0);
    expect(sum).toBeLessThanOrEqual(now / 1000);
  });
});
