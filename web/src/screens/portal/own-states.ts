/** How the signed-in person stands in the listed exams. Loaded only when somebody is signed in. */
import { api, content, type Schemas } from "@/api/client";

type Attempt = Schemas["AttemptView"];

export interface OwnState {
  state: "opened" | "started" | "entry_closed" | "submitted" | "passed" | "failed";
  attemptId: string;
}

const MOST_RESULTS = 5; // of the newest papers; the others say 已交卷

/** By the id of the exam, the newest attempt of each. Empty when it cannot be told. */
export async function loadOwnStates(): Promise<ReadonlyMap<string, OwnState>> {
  const list = await content(api.GET("/me/attempts")).catch(() => null);
  const newest = new Map<string, Attempt>();
  for (const attempt of list?.attempts ?? []) {
    const known = newest.get(attempt.exam_id);
    if (attempt.kind === "exam" && (!known || attempt.round > known.round)) {
      newest.set(attempt.exam_id, attempt);
    }
  }
  const papers = [...newest.values()].filter(({ status }) => status === "submitted");
  papers.sort((a, b) => (b.submitted_at ?? 0) - (a.submitted_at ?? 0));
  const outcomes = new Map<string, OwnState["state"]>();
  await Promise.all(
    papers.slice(0, MOST_RESULTS).map(async ({ attempt_id }) => {
      outcomes.set(attempt_id, await outcomeOf(attempt_id));
    }),
  );
  return new Map(
    [...newest].map(([examId, attempt]) => {
      const state = outcomes.get(attempt.attempt_id) ?? stateOf(attempt);
      return [examId, { state, attemptId: attempt.attempt_id }];
    }),
  );
}

function stateOf({ status, next_step }: Attempt): OwnState["state"] {
  return next_step === "entry_closed" ? "entry_closed" : status;
}

/** 已通过 and 未通过 are said of final results only. */
async function outcomeOf(attempt_id: string): Promise<OwnState["state"]> {
  const path = { attempt_id };
  const result = await content(
    api.GET("/attempts/{attempt_id}/result", { params: { path } }),
  ).catch(() => null);
  if (!result || result.provisional) return "submitted";
  return result.outcome === "passed" ? "passed" : "failed";
}
