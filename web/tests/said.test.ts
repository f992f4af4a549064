// @vitest-environment happy-dom
/** What screens say of themselves: what is still to fill in, what was done, what is not there, and in which order. */
import { createApp, h, nextTick, type App, type Component } from "vue";
import { createMemoryHistory, createRouter, type Router } from "vue-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Schemas } from "@/api/client";

const NOW = 1_800_000_000_000;
const PHONE = "13800138000";
const FIELDS = ["id_photo", "name", "id_type", "id_number", "role", "organisation", "region"];
const STORED = {
  name: "张三",
  id_type: "passport",
  role: "agency_practitioner",
  organisation: "示例招标代理有限公司",
  region: "山西省太原市",
};

let app: App | null = null;
let root: HTMLElement;
let router: Router;
let answers: Record<string, unknown>; // of the API, by the end of the path
let store: typeof import("@/store");

beforeEach(async () => {
  sessionStorage.clear();
  answers = {};
  vi.resetModules();
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname } = new URL(request.url);
    const found = Object.keys(answers).find((ending) => pathname.endsWith(ending));
    return Response.json(found ? answers[found] : {});
  });
  store = await import("@/store");
});
afterEach(() => {
  app?.unmount();
  root.remove();
  vi.unstubAllGlobals();
});

async function open(component: Component, props: Record<string, unknown> = {}): Promise<void> {
  app?.unmount();
  root?.remove();
  root = document.createElement("div");
  document.body.append(root);
  const routes = [{ path: "/:rest(.*)*", component: { render: () => null } }];
  router = createRouter({ history: createMemoryHistory(), routes });
  await router.push("/");
  app = createApp({ render: () => h(component, props) }).use(router);
  app.mount(root);
  await nextTick();
}

function me(missing: string[], fields: Partial<Schemas["Me"]> = {}): Schemas["Me"] {
  const profile = { name: "", role: null, organisation: "", region: "" };
  const known = { account_id: "ac_1", phone: "138****8000", frozen: false };
  return { ...known, missing, id_photo: { state: "none" }, profile, ...fields } as never;
}

const said = (): string => root.textContent ?? "";

describe("身份信息", () => {
  async function form(account: Schemas["Me"]): Promise<void> {
    store.setMe(account);
    answers = { "/me": account }; // a photo that is being checked is asked for
    await open((await import("@/screens/me/IdentityForm.vue")).default, { me: account });
  }

  /** The labels that have 待完善 beside them. */
  const marked = (): string[] =>
    [...root.querySelectorAll(".tag.warn")].map((tag) => {
      expect(tag.textContent).toBe("待完善");
      return tag.parentElement?.textContent?.match(/^\s*([^\s\d]+?)(?=\s|待|$)/)?.[1] ?? "";
    });

  async function fill(label: string, value: string): Promise<void> {
    const labels = [...root.querySelectorAll("label")];
    const found = labels.find((one) => one.textContent?.trim() === label);
    const byName = root.querySelector<HTMLInputElement>(`[aria-label="${label}"]`);
    const field = byName ?? root.querySelector<HTMLInputElement>(`#${found?.htmlFor}`)!;
    field.value = value;
    field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input"));
    await nextTick();
  }

  it("marks what is missing, and a field no more as soon as it is filled", async () => {
    await form(me(FIELDS));
    const names = [
      "证件照片",
      "真实姓名",
      "证件类型",
      "证件号码",
      "身份类别",
      "所属单位",
      "所属地区",
    ];
    expect(marked()).toEqual(names);
    expect(said()).toContain(`还需完善：${names.join("、")}`);
    await fill("真实姓名", " ");
    expect(marked()).toContain("真实姓名");
    await fill("真实姓名", "张三");
    expect(marked()).not.toContain("真实姓名");
    expect(said()).not.toContain("、真实姓名");
    await fill("真实姓名", "");
    expect(marked()).toContain("真实姓名");
  });

  it("asks to save when all is filled, and says when only the photo is awaited", async () => {
    const missing = ["organisation"];
    const profile = { ...STORED, organisation: "", id_number_masked: "E1****34" } as never;
    await form(me(missing, { profile, id_photo: { state: "accepted" } as never }));
    await fill("所属单位", STORED.organisation);
    expect(marked()).toEqual([]);
    expect(said()).toContain("已填写完整，保存后生效。");
    await form(me(["id_photo"], { profile, id_photo: { state: "waiting" } as never }));
    expect(marked()).toEqual([]);
    expect(said()).toContain("证件照正在检查");
  });

  it("a text that is too long is not filled in", async () => {
    await form(me(["organisation"]));
    await fill("所属单位", "字".repeat(100));
    expect(marked()).toEqual([]);
    await fill("所属单位", "字".repeat(101));
    expect(marked()).toEqual(["所属单位"]);
  });
});

describe("what was done on the screen before", () => {
  const main = document.createElement("main");
  const status = (): string | undefined => document.querySelector('[role="status"]')?.textContent;

  beforeEach(() => document.body.append(main));
  afterEach(() => {
    document.querySelector<HTMLElement>(".said button")?.click();
    main.remove();
  });

  async function say(): Promise<void> {
    await open({ render: () => null });
    (await import("@/lib/say")).say("手机号已验证", router);
    expect(status()).toBe(""); // screen readers tell what changes in it
    await vi.waitFor(() => expect(status()).toBe("手机号已验证"));
  }

  it("a registration is told", async () => {
    answers = { "/me": me(FIELDS), "/captchas": {}, "/accounts": {} };
    const { usePhoneProof } = await import("@/screens/sign-in/phone");
    await open((await import("@/screens/register/Register.vue")).default);
    const proof = usePhoneProof("sign_in");
    proof.typed = PHONE;
    proof.carry(NOW); // as after a sign-in with a number that has no account
    await nextTick();
    root.querySelector<HTMLElement>("input[type=radio]")?.click();
    root.querySelector<HTMLElement>("input[type=checkbox]")?.click();
    await nextTick();
    root.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await vi.waitFor(() => expect(document.body.textContent).toContain("注册成功"));
    expect(store.store.session).toBe("signed-in");
  });

  it("is read aloud once, and goes with the next screen", async () => {
    await say();
    expect(main.previousElementSibling?.textContent).toContain("手机号已验证");
    await router.push("/?role=expert");
    expect(status()).toBe("手机号已验证");
    await router.push("/me");
    expect(status()).toBeUndefined();
  });

  it("goes by its button", async () => {
    await say();
    document.querySelector<HTMLElement>(".said button")?.click();
    expect(status()).toBeUndefined();
  });
});

it("the result shows the points of each section before the complaint", async () => {
  const { default: Result } = await import("@/screens/result/Result.vue");
  answers = { "/complaint": { allowed: true, until: NOW, complaint: null, hotline: "95763" } };
  const section = { title: "单选题", right: 1, questions: 2, points: 50, out_of: 100 };
  const score = { points: 50, out_of: 100, answered: 2, questions: 2, sections: [section] };
  const result = {
    ...{
      outcome: "failed",
      provisional: false,
      integrity: "clear",
      reason: "",
      cause: "candidate",
    },
    ...{ submitted_at: NOW, published_at: NOW, complaint: { state: null }, score },
    ...{ receipt: { "1": "A" }, frames: [], switches: [] },
  };
  const sitting = { state: { result, detail: null, problem: "" } };
  await open(Result, { sitting, attempt: { attempt_id: "at_1", name: "张三", id_number: "" } });
  await vi.waitFor(() => expect(said()).toContain("我要投诉"));
  const order = ["各部分得分", "答案回执", "我要投诉", "我的考试"].map((part) =>
    said().indexOf(part),
  );
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order[0]).toBeGreaterThan(0);
});

it("a certificate that is being made appears by itself", async () => {
  vi.useFakeTimers();
  const { default: OwnCertificate } = await import("@/screens/result/OwnCertificate.vue");
  answers = { "/certificate": { expected: true, certificate: null } };
  await open(OwnCertificate, { attemptId: "at_1" });
  await vi.advanceTimersByTimeAsync(3_999);
  expect(said()).toContain("证书正在制作");
  const certificate = { number: "SX-1", status: "valid", name: "张三", points: 90, out_of: 100 };
  answers = { "/certificate": { expected: true, certificate } };
  await vi.advanceTimersByTimeAsync(1);
  expect(said()).toContain("SX-1");
  answers = {};
  await vi.advanceTimersByTimeAsync(120_000); // nothing is asked any more
  expect(said()).toContain("SX-1");
  vi.useRealTimers();
});

it("who comes back reads the time that is left by the server's clock alone", async () => {
  vi.useFakeTimers({ now: NOW + 3 * 3_600_000 }); // the clock of this computer is wrong
  const { default: ComingBack } = await import("@/screens/sitting/ComingBack.vue");
  const attempt = { kind: "exam", deadline: NOW + 600_000, switches: 0, switch_limit: 3 };
  const coming = { kind: "counted", switch: 1, answered: 5 };
  const sitting = { state: { detail: null, unsent: 0 }, reload: async () => undefined };
  await open(ComingBack, { sitting, attempt, coming });
  expect(root.querySelector('[role="timer"]')).toBeNull();
  store.clock.learn(NOW, performance.now(), performance.now());
  store.beginTicking();
  await nextTick();
  expect(root.querySelector('[role="timer"]')?.textContent?.trim()).toBe("10:00");
  vi.useRealTimers();
});

describe("a list without entries says what will stand there", () => {
  it.each([
    ["我的工单", () => import("@/screens/tickets/MyTickets.vue"), { "/tickets": { tickets: [] } }],
    ["考试", () => import("@/screens/me/MyExams.vue"), { "/attempts": { attempts: [] } }],
    [
      "我的证书",
      () => import("@/screens/certificates/MyCertificates.vue"),
      { "/certificates": { certificates: [] } },
    ],
  ])("%s", async (title, screen, lists) => {
    answers = lists;
    await open((await screen()).default);
    await vi.waitFor(() => expect(said()).toContain("您还没有"));
    expect(root.querySelector("h2")?.textContent).toBe(title);
    expect(said()).toContain("会显示在这里");
    expect(root.querySelectorAll(".button")).toHaveLength(1);
  });
});

describe("the operators' charts", () => {
  type Charts = { lineChart: (chart: object, place: object) => HTMLElement };
  const modules = import.meta.glob<Charts>("../../infra/local/charts.js");

  it.each([
    ["最久（秒）", "最久（秒，右轴） –"],
    ["5xx", "5xx（右轴） –"],
  ])("the label %s stands in one pair of brackets", async (label, shown) => {
    const { lineChart } = await Object.values(modules)[0]!();
    const line = { label, axis: "right", measured: true, points: [], period_ms: 60_000 };
    const chart = lineChart({ start: 0, end: 60_000, lines: [line] }, { clientWidth: 300 });
    expect(chart.querySelector(".legend")?.textContent).toBe(shown);
  });
});
