import { describe, expect, it } from "vitest";
import { ServerClock } from "@/lib/clock";
import { FakeTime } from "./fake-time";

const DAY = 86_400_000;

/** A server whose clock reads `ahead + monotonic`, reached with these trips (there, back) in turn. */
function server(time: FakeTime, ahead: number, trips: [number, number][]): () => Promise<number> {
  let n = 0;
  return async () => {
    const [there, back] = trips[n++ % trips.length]!;
    time.now += there;
    const told = ahead + time.now;
    time.now += back;
    return told;
  };
}

describe("the server's clock", () => {
  it("is not known before the first answer", () => {
    const clock = new ServerClock(() => 0);
    expect(clock.known).toBe(false);
    clock.learn(1000, 0, 10);
    expect(clock.known).toBe(true);
  });

  it.each([DAY, -DAY, 0])("does not ask the device, whose clock is %i ms wrong", async (wrong) => {
    const time = new FakeTime();
    const clock = new ServerClock(time.clock);
    await clock.sync(server(time, 1_000_000 + wrong, [[20, 20]]));
    time.now += 5000;
    expect(clock.now()).toBe(1_000_000 + wrong + time.now);
    expect(clock.tick()).toBe(time.now);
  });

  it("believes the sample with the smallest round trip", async () => {
    const time = new FakeTime();
    const clock = new ServerClock(time.clock);
    const ask = server(time, 500, [
      [400, 20],
      [30, 500],
      [6, 4],
      [200, 100],
      [20, 300],
    ]);
    await clock.sync(ask);
    expect(Math.abs(clock.now() - (500 + time.now))).toBeLessThanOrEqual(1);
  });

  it("a worse sample corrects only what it contradicts", () => {
    const clock = new ServerClock(() => 0);
    clock.learn(1000, 0, 10); // offset 995 ± 5
    clock.learn(1190, 0, 200); // 1090 ± 100: may well be the same
    expect(clock.now()).toBe(995);
    clock.learn(5000, 0, 200); // the server's clock moved, or we slept
    expect(clock.now()).toBe(4900);
  });

  it("after doubt the next sample counts, however slow", () => {
    const clock = new ServerClock(() => 0);
    clock.learn(1000, 0, 10);
    clock.doubt();
    clock.learn(1190, 0, 200);
    expect(clock.now()).toBe(1090);
  });

  it("keeps the old offset when the server cannot be asked", async () => {
    const clock = new ServerClock(() => 0);
    clock.learn(1000, 0, 10);
    await expect(clock.sync(() => Promise.reject(new Error("offline")))).rejects.toThrow("offline");
    expect(clock.now()).toBe(995);
  });
});
