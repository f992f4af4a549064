import { describe, expect, it } from "vitest";
import { failureOf } from "@/lib/camera";

describe("why a camera does not open", () => {
  it.each([
    ["NotAllowedError", "refused"],
    ["SecurityError", "refused"],
    ["NotFoundError", "none"],
    ["OverconstrainedError", "none"],
    ["NotReadableError", "busy"],
    ["AbortError", "busy"],
    ["TypeError", "failed"],
    ["toString", "failed"],
  ])("%s: %s", (name, reason) => expect(failureOf({ name })).toBe(reason));

  it.each([null, undefined, "no", {}])("%s: failed", (error) =>
    expect(failureOf(error)).toBe("failed"),
  );
});
