import { describe, expect, it } from "vitest";
import { isLate } from "@/screens/waiting/late";

const UNTIL = 1_800_000;

describe("entry is closed", () => {
  it.each([
    [UNTIL - 1, false],
    [UNTIL, false],
    [UNTIL + 1, true],
  ])("for who has not started, at %i: %s", (now, late) =>
    expect(isLate({ status: "opened", start_until: UNTIL }, now)).toBe(late),
  );

  it("never for who has started", () =>
    expect(isLate({ status: "started", start_until: UNTIL }, UNTIL + 1)).toBe(false));
});
