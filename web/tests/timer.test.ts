import { describe, expect, it } from "vitest";
import { Announcer, calmRemaining, remaining } from "@/lib/timer";

const MIN = 60_000;

describe("the remaining time", () => {
  it("is never negative", () => {
    expect([remaining(5000, 4000), remaining(5000, 5000), remaining(5000, 6000)]).toEqual([
      1000, 0, 0,
    ]);
  });

  it.each([
    [60 * MIN, "60 分钟"],
    [59 * MIN + 1, "60 分钟"],
    [10 * MIN + 1, "11 分钟"],
    [10 * MIN, "10:00"],
    [9 * MIN + 59_000, "09:59"],
    [1, "00:01"],
    [0, "00:00"],
  ])("%i ms: %s", (ms, text) => expect(calmRemaining(ms)).toBe(text));
});

describe("announcements", () => {
  const heard = (announcer: Announcer, deadline: number, from: number, to: number): number[] => {
    const told: number[] = [];
    for (let now = from; now <= to; now += 250) {
      const mark = announcer.tell(deadline, now);
      if (mark !== null) told.push(mark);
    }
    return told;
  };

  it("come at 30, 10, 5 and 1 minutes, once each", () => {
    expect(heard(new Announcer(), 60 * MIN, 0, 61 * MIN)).toEqual([30, 10, 5, 1]);
  });

  it("not before their moment", () => {
    const announcer = new Announcer();
    announcer.tell(60 * MIN, 0);
    expect(announcer.tell(60 * MIN, 30 * MIN - 1)).toBeNull();
    expect(announcer.tell(60 * MIN, 30 * MIN)).toBe(30);
    expect(announcer.tell(60 * MIN, 30 * MIN + 1)).toBeNull();
  });

  it("who comes later does not hear what was before", () => {
    expect(heard(new Announcer(), 60 * MIN, 52 * MIN, 61 * MIN)).toEqual([5, 1]);
    expect(heard(new Announcer(), 60 * MIN, 50 * MIN, 61 * MIN)).toEqual([5, 1]);
  });

  it("after sleep the minutes that are left are told once", () => {
    const announcer = new Announcer();
    announcer.tell(60 * MIN, 0);
    expect(announcer.tell(60 * MIN, 56 * MIN)).toBe(4);
    expect(announcer.tell(60 * MIN, 56 * MIN + 250)).toBeNull();
    expect(announcer.tell(60 * MIN, 59 * MIN)).toBe(1);
  });

  it("a later deadline is announced anew", () => {
    const announcer = new Announcer();
    expect(heard(announcer, 20 * MIN, 0, 12 * MIN)).toEqual([10]);
    expect(heard(announcer, 30 * MIN, 12 * MIN, 30 * MIN)).toEqual([10, 5, 1]);
  });

  it("nothing is told once the time is over", () => {
    const announcer = new Announcer();
    announcer.tell(60 * MIN, 0);
    expect(announcer.tell(60 * MIN, 60 * MIN)).toBeNull();
  });
});
