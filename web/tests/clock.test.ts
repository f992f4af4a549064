import { afterEach, describe, expect, it, vi } from "vitest";
import { keepInSync, ServerClock } from "@/lib/clock";
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

  it.each([
    [119_999, true],
    [120_000, false],
  ])("%i ms after an answer it is fresh: %s", (passed, fresh) => {
    const time = new FakeTime();
    const clock = new ServerClock(time.clock);
    expect(clock.fresh).toBe(false);
    clock.learn(1000, time.now, time.now);
    time.now += passed;
    expect(clock.fresh).toBe(fresh);
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

  it.each([
    [200, 1],
    [201, 5],
  ])("with round trips of %i ms it asks %i times", async (trip, times) => {
    const time = new FakeTime();
    const clock = new ServerClock(time.clock);
    let asks = 0;
    const ask = server(time, 500, [[trip, 0]]);
    await clock.sync(() => ((asks += 1), ask()));
    expect(asks).toBe(times);
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

describe("keeping in sync", () => {
  const MINUTE = 60_000;

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** How often the server was asked in ten minutes, after the first samples; `beats`: how often a heartbeat tells. */
  async function asked(beats: number): Promise<number> {
    vi.useFakeTimers();
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
    const clock = new ServerClock(() => Date.now());
    let asks = 0;
    const stop = keepInSync(clock, () => Promise.resolve((asks += 1)));
    await vi.advanceTimersByTimeAsync(1);
    const before = asks;
    for (let minute = 1; minute <= 10; minute += 1) {
      await vi.advanceTimersByTimeAsync(MINUTE);
      if (minute <= beats) clock.learn(Date.now(), Date.now(), Date.now());
    }
    stop();
    return asks - before;
  }

  it("asks every five minutes where nothing else tells the time", async () => {
    expect(await asked(0)).toBe(2);
  });

  it("asks for nothing while heartbeats tell it", async () => {
    expect(await asked(10)).toBe(0);
  });

  it("asks again when they have ended", async () => {
    expect(await asked(6)).toBe(1);
  });

  /** How often the server is asked at a return to the tab; `passed` ms after the first sample, `slept` of them. */
  async function askedAtReturn(passed: number, slept: number, ...more: Event[]): Promise<number> {
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
    let [asks, device, monotonic] = [0, DAY, 0];
    const clock = new ServerClock(
      () => monotonic,
      () => device,
    );
    const stop = keepInSync(clock, () => Promise.resolve((asks += 1)));
    await new Promise((done) => setTimeout(done));
    device += passed;
    monotonic += passed - slept;
    document.dispatchEvent(new Event("visibilitychange"));
    for (const event of more) window.dispatchEvent(event);
    await new Promise((done) => setTimeout(done));
    stop();
    return asks - 1;
  }

  it.each([
    [119_999, 0],
    [120_000, 1],
  ])("asks at a return to the tab %i ms after a sample: %i", async (passed, asks) => {
    expect(await askedAtReturn(passed, 0)).toBe(asks);
  });

  it.each([
    [1000, 0],
    [1001, 1],
  ])("asks at a return after %i ms of sleep: %i", async (slept, asks) => {
    expect(await askedAtReturn(5000, slept)).toBe(asks);
  });

  it("asks once when the tab and the network come back together", async () => {
    expect(await askedAtReturn(120_000, 0, new Event("online"))).toBe(1);
  });
});
