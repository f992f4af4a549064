// @vitest-environment happy-dom
/** The portal for who is signed in: how they stand in each exam, and what the card offers. Unknown addresses lead on. */
import { createApp, h, type Component } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { describe, expect, it, vi } from "vitest";
import type { Schemas } from "@/api/client";
import { loadOwnStates, type OwnState } from "@/screens/portal/own-states";
import ExamCard from "@/screens/portal/ExamCard.vue";
import NotFound from "@/screens/not-found/NotFound.vue";

const server = vi.hoisted(() => ({
  attempts: [] as object[],
  results: {} as Record<string, object>,
}));

vi.mock("@/api/client", async (original) => ({
  ...(await original<typeof import("@/api/client")>()),
  content: (call: Promise<unknown>) => call,
  api: {
    GET: async (path: string, options?: { params: { path: { attempt_id: string } } }) => {
      if (path === "/me/attempts") return { attempts: server.attempts };
      const result = server.results[options!.params.path.attempt_id];
      if (!result) throw new Error("unavailable");
      return result;
    },
  },
}));

function attempt(exam_id: string, status: string, fields: object = {}): object {
  return { attempt_id: `at_${exam_id}`, exam_id, kind: "exam", round: 1, status, ...fields };
}

async function show(component: Component, props: object, path = "/"): Promise<HTMLElement> {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: "/:rest(.*)*", component: {} }],
  });
  await router.push(path);
  const root = document.createElement("div");
  createApp({ render: () => h(component, props) })
    .use(router)
    .mount(root);
  return root;
}

describe("my own state", () => {
  it("is that of the newest round; a result counts when it is final", async () => {
    server.attempts = [
      attempt("open", "opened"),
      attempt("late", "opened", { next_step: "entry_closed" }),
      attempt("runs", "started"),
      attempt("again", "submitted", { attempt_id: "at_old", submitted_at: 1 }),
      attempt("again", "started", { attempt_id: "at_new", round: 2 }),
      attempt("passed", "submitted", { submitted_at: 2 }),
      attempt("failed", "submitted", { submitted_at: 3 }),
      attempt("open-yet", "submitted", { submitted_at: 4 }),
      attempt("unknown", "submitted", { submitted_at: 5 }),
      attempt("tried", "submitted", { kind: "practice" }),
    ];
    server.results = {
      at_passed: { outcome: "passed", provisional: false },
      at_failed: { outcome: "invalidated", provisional: false },
      "at_open-yet": { outcome: "passed", provisional: true },
    };
    const states = [...(await loadOwnStates())].map(([id, { state }]) => [id, state]);
    expect(Object.fromEntries(states)).toEqual({
      open: "opened",
      late: "entry_closed",
      runs: "started",
      again: "started",
      passed: "passed",
      failed: "failed",
      "open-yet": "submitted",
      unknown: "submitted",
    });
  });
});

describe("the card of an exam", () => {
  const exam = {
    exam_id: "exam-1",
    title: "考试",
    kind: "exam",
    audience: [],
    phase: "waiting",
    series: null,
    waiting_opens_at: 0,
    starts_at: 4_000_000_000_000,
    entry_until: 4_000_000_100_000,
    duration_min: 60,
  } as unknown as Schemas["ExamView"];

  it.each([
    [undefined, "", "去考试"],
    ["opened", "待进入考场", "去考试"],
    ["started", "进行中", "继续考试"],
    ["entry_closed", "未参加", "查看考试"],
    ["submitted", "已交卷", "查看成绩"],
    ["passed", "已通过", "查看成绩"],
    ["failed", "未通过", "查看成绩"],
  ] as const)("with %s says %s and offers %s", async (state, said, offered) => {
    const own: OwnState | undefined = state && { state, attemptId: "at_1" };
    const root = await show(ExamCard, { exam, refusal: "", own });
    expect(root.querySelector(".own")?.textContent?.trim() ?? "").toBe(said);
    const action = root.querySelector(".action");
    expect(action?.textContent?.trim()).toBe(offered);
    expect(action?.getAttribute("href") ?? "").toBe(offered === "查看成绩" ? "/attempts/at_1" : "");
  });

  it("offers no entry where the retake rule refuses it", async () => {
    const root = await show(ExamCard, { exam, refusal: "您已合格" });
    expect(root.querySelector(".action")?.textContent?.trim()).toBe("查看考试");
  });
});

it.each([
  ["/nowhere", "考试列表"],
  ["/exams/301400", "考试列表"],
  ["/exam/score/7", "我的考试"],
  ["/me/nothing", "我的考试"],
  ["/certificate/SX-1", "证书查验"],
])("the address %s leads on to %s first", async (path, first) => {
  const root = await show(NotFound, {}, path);
  const ways = [...root.querySelectorAll("a")];
  expect(ways).toHaveLength(3);
  expect(ways[0]?.textContent).toBe(first);
  expect(ways.filter((way) => way.classList.contains("primary"))).toHaveLength(1);
});
