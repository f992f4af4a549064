/** Sittings of a series: the retake rule in words, and how the signed-in person stands. */
import { api, content, type Schemas } from "@/api/client";
import { seriesTexts as t } from "#texts/series";
import { store } from "@/store";

export type Standing = Schemas["StandingView"];

/** What the retake rule of a series means for a candidate, as sentences. */
export function retakeSentences({ sitting, retakes }: Schemas["SittingOf"]): string[] {
  const several = retakes.most_tries > 1;
  return [
    t.thisSitting(sitting),
    several ? t.most(retakes.most_tries) : t.once,
    ...(several && retakes.after_days > 0 ? [t.afterDays(retakes.after_days)] : []),
    ...(several ? [retakes.only_failed ? t.onlyFailed : t.alsoPassed, t[retakes.counts]] : []),
    t.oneByOne,
    t.absent,
  ];
}

/**
 * How the person stands in each series of which they have opened a sitting. Empty when nobody is signed in, and when it
 * cannot be told: then opening the sitting says what is wrong.
 */
export async function loadStandings(): Promise<readonly Standing[]> {
  if (store.session !== "signed-in") return [];
  const mine = await content(api.GET("/me/series")).catch(() => null);
  return mine?.series ?? [];
}

/** Why the retake rule refuses this exam to the person; "" when it does not. */
export function refusalOf(standings: readonly Standing[], examId: string): string {
  const sittings = standings.flatMap((standing) => standing.sittings);
  return sittings.find((sitting) => sitting.exam_id === examId)?.message ?? "";
}

/** What is said beside the try that counts; "" beside all others, and where there is only one. */
export function countsText(standings: readonly Standing[], attemptId: string): string {
  const standing = standings.find(({ tries }) =>
    tries.some((one) => one.attempt_id === attemptId && one.counts),
  );
  const submitted = standing?.tries.filter((one) => one.submitted_at !== null) ?? [];
  if (!standing || submitted.length < 2) return "";
  return standing.provisional ? t.countsSoFar : t.counts;
}
