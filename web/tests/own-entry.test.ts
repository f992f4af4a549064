import { describe, expect, it } from "vitest";
import { ownEntry } from "@/lib/own-entry";

/** The history of a tab, with the router's page open on top of another one. */
class Past extends EventTarget {
  readonly entries: Record<string, unknown>[] = [{ position: 0 }, { position: 1, current: "/a" }];
  at = 1;

  get state(): Record<string, unknown> {
    return this.entries[this.at] ?? {};
  }

  pushState(state: Record<string, unknown>): void {
    this.entries.splice(this.at + 1, Infinity, state);
    this.at += 1;
  }

  back(): void {
    this.at -= 1;
    this.dispatchEvent(new Event("popstate"));
  }
}

function guarded(past = new Past()): { past: Past; asks: () => number; release: () => void } {
  let asks = 0;
  const release = ownEntry(() => void (asks += 1), past, past);
  return { past, asks: () => asks, release };
}

describe("the own entry of the history", () => {
  it("lies on top of the page and keeps what the router keeps", () => {
    const { past } = guarded();
    expect([past.at, past.state]).toEqual([2, { position: 2, current: "/a", own: true }]);
  });

  it("Back stays on the page and asks, each time", () => {
    const { past, asks } = guarded();
    past.back();
    expect([past.at, asks()]).toEqual([2, 1]);
    past.back();
    expect([past.at, asks(), past.entries.length]).toEqual([2, 2, 3]);
  });

  it("when it is given back, Back leads out", () => {
    const { past, asks, release } = guarded();
    release();
    expect([past.at, asks()]).toEqual([1, 0]);
    past.back();
    expect([past.at, asks()]).toEqual([0, 0]);
  });

  it("on another page it takes nothing away", () => {
    const { past, release } = guarded();
    past.entries[2] = { position: 2, current: "/b" }; // replaced by the way out
    release();
    expect(past.at).toBe(2);
  });

  it("is still there after a reload, once", () => {
    const past = new Past();
    ownEntry(() => undefined, past, new EventTarget()); // the page before the reload hears nothing any more
    const { asks } = guarded(past);
    expect([past.at, past.entries.length]).toEqual([2, 3]);
    past.back();
    expect(asks()).toBe(1);
  });

  it("Forward to it asks nothing", () => {
    const { past, asks } = guarded();
    past.dispatchEvent(new Event("popstate"));
    expect([past.at, asks()]).toEqual([2, 0]);
  });
});
