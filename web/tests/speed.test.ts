import { describe, expect, it } from "vitest";
import { measureSpeed, type SpeedProgress, type SpeedWays } from "@/lib/speed";
import { FakeTime } from "./fake-time";

const KB = 1024;

/** A line of so many Mbps each way with this round trip. */
function line(
  time: FakeTime,
  down: number,
  up: number,
  trip: number,
): SpeedWays & { sizes: number[] } {
  const sizes: number[] = [];
  const move =
    (mbps: number) =>
    async (bytes: number): Promise<void> => {
      sizes.push(bytes);
      time.now += trip + (bytes * 8) / 1000 / mbps;
    };
  const ping = async (): Promise<void> => void (time.now += trip);
  return { ping, download: move(down), upload: move(up), clock: time.clock, sizes };
}

describe("the network check", () => {
  it.each([
    [10, 5, 30],
    [0.5, 0.25, 80],
    [200, 50, 5],
  ])("%d/%d Mbps with a round trip of %d ms is shown as such", async (down, up, trip) => {
    const time = new FakeTime();
    const speeds = await measureSpeed(line(time, down, up, trip));
    expect(speeds.downMbps).toBeCloseTo(down, 3);
    expect(speeds.upMbps).toBeCloseTo(up, 3);
    expect(speeds.latencyMs).toBe(trip);
  });

  it("ends: a slow line takes little more than its four seconds each way", async () => {
    const time = new FakeTime();
    await measureSpeed(line(time, 0.5, 0.25, 80));
    expect(time.now).toBeLessThan(25_000);
  });

  it("doubles up to 4 MB down and below 1 MiB up", async () => {
    const ways = line(new FakeTime(), 200, 50, 5);
    await measureSpeed(ways);
    const most = Math.max(...ways.sizes);
    const up = ways.sizes.slice(ways.sizes.lastIndexOf(most) + 1);
    expect(ways.sizes.slice(0, 3)).toEqual([64 * KB, 128 * KB, 256 * KB]);
    expect(most).toBe(4096 * KB);
    expect(Math.max(...up)).toBe(1020 * KB);
  });

  it("the first ping opens the connection and does not count", async () => {
    const time = new FakeTime();
    const ways = line(time, 10, 5, 20);
    let pings = 0;
    const ping = async (): Promise<void> => void (time.now += pings++ ? 20 : 900);
    expect((await measureSpeed({ ...ways, ping })).latencyMs).toBe(20);
  });

  it("tells what it does", async () => {
    const told: SpeedProgress[] = [];
    await measureSpeed(line(new FakeTime(), 10, 5, 30), (now) => told.push(now));
    expect([...new Set(told.map((now) => now.phase))]).toEqual(["latency", "down", "up"]);
    expect(told.find((now) => now.phase === "down")).toMatchObject({ mbps: 0, latencyMs: 30 });
    expect(told.at(-1)!.mbps).toBeCloseTo(5);
  });

  it("a line that breaks before anything was measured is told", async () => {
    const ways = line(new FakeTime(), 10, 5, 30);
    const upload = (): Promise<void> => Promise.reject(new Error("offline"));
    await expect(measureSpeed({ ...ways, upload })).rejects.toThrow("offline");
  });

  it("a large piece that does not get through: what was measured stands", async () => {
    const ways = line(new FakeTime(), 10, 5, 30);
    const download = async (bytes: number): Promise<void> => {
      if (bytes > 200 * KB) throw new Error("timeout");
      await ways.download(bytes);
    };
    expect((await measureSpeed({ ...ways, download })).downMbps).toBeCloseTo(10, 3);
  });
});
