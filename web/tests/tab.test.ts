import { describe, expect, it } from "vitest";
import { holdTab } from "@/lib/tab";

/** The lock manager of one browser: exclusive locks, waiting requests in turn, abort. */
class Locks {
  private readonly tails = new Map<string, Promise<unknown>>();

  async request(
    name: string,
    options: { signal: AbortSignal },
    hold: () => Promise<void>,
  ): Promise<void> {
    const before = this.tails.get(name) ?? Promise.resolve();
    const aborted = new Promise<never>((_, reject) => {
      options.signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    });
    const got = Promise.race([before, aborted]);
    const held = got.then(hold);
    this.tails.set(
      name,
      held.catch(() => before),
    );
    return held;
  }
}

const locks = (): LockManager => new Locks() as unknown as LockManager;

describe("one tab per attempt", () => {
  it("the second waits in vain", async () => {
    const browser = locks();
    expect(await holdTab("a", browser)).not.toBeNull();
    expect(await holdTab("a", browser, 1)).toBeNull();
  });

  it("once given back it is free", async () => {
    const browser = locks();
    const release = await holdTab("a", browser);
    release?.();
    expect(await holdTab("a", browser)).not.toBeNull();
  });

  it("a dying page that lets go in time does not block its successor", async () => {
    const browser = locks();
    const dying = await holdTab("a", browser);
    const next = holdTab("a", browser, 60_000);
    dying?.();
    expect(await next).not.toBeNull();
  });

  it("other attempts are free", async () => {
    const browser = locks();
    await holdTab("a", browser);
    expect(await holdTab("b", browser)).not.toBeNull();
  });

  it("a browser without locks goes on: the server keeps its pages apart", async () => {
    expect(await holdTab("a", null)).not.toBeNull();
  });
});
