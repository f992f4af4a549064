// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pauses, poll } from "@/lib/poll";

let hidden = false;

function show(page: "shown" | "hidden"): void {
  hidden = page === "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  vi.useFakeTimers();
  hidden = false;
  vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Polls with pauses of 1, 2, 4, 4 … s. Returns how to stop it and how often was asked. */
function polling(answers: (boolean | Error)[] = []) {
  const stop = new AbortController();
  const ask = vi.fn(async () => {
    const answer = answers.shift() ?? true;
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const done = poll(ask, new Pauses(1000, 4000, 2), stop.signal);
  return { ask, stop, done };
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

describe("asking again", () => {
  it("waits longer each time, up to the most", async () => {
    const { ask, stop } = polling();
    for (const [ms, calls] of [
      [999, 0],
      [1, 1],
      [1999, 1],
      [1, 2],
      [4000, 3],
      [3999, 3],
      [1, 4],
    ] as const) {
      await pass(ms);
      expect(ask).toHaveBeenCalledTimes(calls);
    }
    stop.abort();
  });

  it("ends with the answer that there is nothing more to ask for", async () => {
    const { ask, done } = polling([true, false]);
    await pass(60_000);
    await done;
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("asks again after a failure", async () => {
    const { ask, done } = polling([new Error("offline"), false]);
    await pass(3000);
    await done;
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("stops at once when it is stopped", async () => {
    const { ask, stop, done } = polling();
    await pass(500);
    stop.abort();
    await done;
    await pass(60_000);
    expect(ask).not.toHaveBeenCalled();
  });

  it("asks nothing while the page is hidden, at once when it is shown, then often again", async () => {
    const { ask, stop } = polling();
    await pass(3000);
    expect(ask).toHaveBeenCalledTimes(2);
    show("hidden");
    await pass(600_000);
    expect(ask).toHaveBeenCalledTimes(2);
    show("shown");
    await pass(0);
    expect(ask).toHaveBeenCalledTimes(3);
    await pass(1000);
    expect(ask).toHaveBeenCalledTimes(4);
    stop.abort();
  });

  it("does not wait for the end of a pause when a person comes back", async () => {
    const { ask, stop } = polling();
    show("hidden");
    await pass(10);
    show("shown");
    await pass(0);
    expect(ask).toHaveBeenCalledTimes(1);
    stop.abort();
  });
});
