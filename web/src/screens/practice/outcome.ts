/** What all areas of a practice exam (试考) add up to. */
import type { Schemas } from "@/api/client";

type Area = Pick<Schemas["AreaView"], "state">;

/** `failed`: something does not work; `waiting`: a verdict is still to come; `partly`: something was not tried. */
export type Outcome = "failed" | "waiting" | "partly" | "good";

export function outcomeOf(areas: readonly Area[]): Outcome {
  const has = (state: Area["state"]): boolean => areas.some((area) => area.state === state);
  if (has("failed")) return "failed";
  if (has("waiting")) return "waiting";
  return has("not_tried") ? "partly" : "good";
}

/** Reasons that a better ID photo can help against. */
const PHOTO = new Set(["mismatch", "uncertain"]);

/** Whether one of the areas says that the ID photo may not do. */
export function photoMayFail(areas: readonly Schemas["AreaView"][]): boolean {
  return areas.some((area) => area.state === "failed" && PHOTO.has(area.reason));
}
