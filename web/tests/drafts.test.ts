// @vitest-environment happy-dom
/** What is typed into the forms of dialogs survives Esc and ×, and nothing that is pasted is cut. */
import { createApp, h, nextTick, ref, type App, type Component } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Schemas } from "@/api/client";
import { ticket } from "./exam-day";

const KEY = "kaochang-drafts";
const ME = {
  account_id: "ac_1",
  phone: "138****0000",
  missing: ["name", "organisation"],
  frozen: false,
  id_photo: { state: "missing" },
  profile: { name: "", role: "agency_practitioner", organisation: "", region: "" },
} as unknown as Schemas["Me"];

let app: App | null = null;
let root: HTMLElement;
let sent: { path: string; body: Record<string, unknown> }[];
let store: typeof import("@/store");

beforeEach(async () => {
  sessionStorage.clear();
  localStorage.clear();
  sent = [];
  await load();
});
afterEach(() => {
  close();
  vi.unstubAllGlobals();
});

/** What a new page has: modules without memory. */
async function load(): Promise<void> {
  vi.resetModules();
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api", "");
    const text = await request.text();
    sent.push({ path, body: text ? JSON.parse(text) : {} });
    return Response.json(ticket());
  });
  store = await import("@/store");
  store.setMe(ME);
}

/** `listeners`: what the component emits; a dialog asks to be closed. */
async function open(
  component: Component,
  props: Record<string, unknown>,
  listeners: Record<string, () => void> = { onClose: close },
): Promise<void> {
  close();
  root = document.createElement("div");
  document.body.append(root);
  const routes = [{ path: "/:rest(.*)*", component: { render: () => null } }];
  const router = createRouter({ history: createMemoryHistory(), routes });
  app = createApp({ render: () => h(component, { ...listeners, ...props }) }).use(router);
  app.mount(root);
  await nextTick();
}

function close(): void {
  app?.unmount();
  root?.remove();
  app = null;
}

const openTicket = async (): Promise<void> =>
  open((await import("@/parts/TicketDialog.vue")).default, { kind: "camera" });

const area = (): HTMLTextAreaElement => root.querySelector("textarea") as HTMLTextAreaElement;

async function type(field: HTMLInputElement | HTMLTextAreaElement, text: string): Promise<void> {
  field.value = text;
  field.dispatchEvent(new Event("input"));
  await nextTick();
}

/** Esc as the browser gives it: the key, then the dialog's question. */
async function escape(key: KeyboardEventInit & { keyCode?: number } = {}): Promise<void> {
  const dialog = root.querySelector("dialog") as HTMLDialogElement;
  const pressed = new KeyboardEvent("keydown", { key: "Escape", ...key });
  if (key.keyCode) Object.defineProperty(pressed, "keyCode", { value: key.keyCode });
  dialog.dispatchEvent(pressed);
  dialog.dispatchEvent(new Event("cancel", { cancelable: true }));
  await nextTick();
}

describe("去反馈", () => {
  it("keeps what was typed over Esc and says so", async () => {
    await openTicket();
    expect(root.textContent).not.toContain("已保留您上次填写");
    await type(area(), "摄像头打不开");
    await escape();
    expect(app).toBeNull();
    await openTicket();
    expect(area().value).toBe("摄像头打不开");
    expect(root.textContent).toContain("已保留您上次填写");
  });

  it("keeps it over ×, and over a reload", async () => {
    await openTicket();
    await type(area(), "摄像头打不开");
    (root.querySelector("header button") as HTMLElement).click();
    close();
    await load();
    await openTicket();
    expect(area().value).toBe("摄像头打不开");
  });

  it("forgets it when it was sent", async () => {
    await openTicket();
    await type(area(), "摄像头打不开");
    root.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await vi.waitFor(() => expect(root.textContent).toContain("工单已提交"));
    expect(sent[0]?.body["text"]).toBe("摄像头打不开");
    expect(sessionStorage.getItem(KEY)).toBeNull();
    await openTicket();
    expect(area().value).toBe("");
  });

  it("Esc that an input method takes closes nothing", async () => {
    await openTicket();
    await escape({ isComposing: true });
    await escape({ keyCode: 229 });
    expect(app).not.toBeNull();
    await escape();
    expect(app).toBeNull();
  });

  it.each([
    [499, "499/500", ""],
    [500, "500/500", ""],
    [501, "501/500", "超出 1 个字，最多 500 个字"],
    [620, "620/500", "超出 120 个字，最多 500 个字"],
  ])("a paste of %i characters stays whole", async (length, count, problem) => {
    await openTicket();
    await type(area(), "字".repeat(length));
    expect(area().value).toHaveLength(length);
    expect(root.querySelector(".count")?.textContent?.trim()).toBe(count);
    expect(root.querySelector('[role="alert"]')?.textContent ?? "").toBe(problem);
    root.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await vi.waitFor(() => expect(sent).toHaveLength(problem ? 0 : 1));
  });

  it("another person in this tab finds nothing", async () => {
    await openTicket();
    await type(area(), "摄像头打不开");
    store.setMe({ ...ME, account_id: "ac_2" });
    await openTicket();
    expect(area().value).toBe("");
    expect(sessionStorage.getItem(KEY)).toBeNull();
  });

  it("signing out forgets everything", async () => {
    await openTicket();
    await type(area(), "摄像头打不开");
    await open((await import("@/parts/AppHeader.vue")).default, {}, {});
    const buttons = [...root.querySelectorAll("button")];
    buttons.find((button) => button.textContent?.trim() === "退出登录")?.click();
    await vi.waitFor(() => expect(sessionStorage.getItem(KEY)).toBeNull());
    store.setMe(ME);
    await openTicket();
    expect(area().value).toBe("");
  });
});

describe("我要投诉", () => {
  it("keeps its text, and each result its own", async () => {
    const { default: Dialog } = await import("@/screens/result/ComplaintDialog.vue");
    const work = { complaint: null, open: async () => undefined };
    await open(Dialog, { work, attemptId: "at_1", left: 1000 });
    await type(area(), "画面中只有我一人");
    await escape();
    await open(Dialog, { work, attemptId: "at_2", left: 1000 });
    expect(area().value).toBe("");
    await open(Dialog, { work, attemptId: "at_1", left: 1000 });
    expect(area().value).toBe("画面中只有我一人");
  });
});

describe("请求帮助", () => {
  it("keeps the reason", async () => {
    const { default: Dialog } = await import("@/screens/announcements/HelpDialog.vue");
    const sitting = { state: { help: null } };
    await open(Dialog, { sitting, hotline: "95763" });
    (root.querySelector('input[value="camera"]') as HTMLInputElement).click();
    await escape();
    await open(Dialog, { sitting, hotline: "95763" });
    expect(root.querySelector<HTMLInputElement>('input[value="camera"]')?.checked).toBe(true);
  });
});

describe("身份信息", () => {
  const NUMBER = "11010519491231002X";

  async function form(me: Schemas["Me"] = ME): Promise<void> {
    const { default: Form } = await import("@/screens/me/IdentityForm.vue");
    await open(Form, { me }, {});
  }
  const field = (label: string): HTMLInputElement => {
    const labels = [...root.querySelectorAll("label")];
    const found = labels.find((one) => one.textContent?.trim() === label);
    return root.querySelector(`#${found?.htmlFor}`) as HTMLInputElement;
  };

  it("keeps what was typed; the ID number is on no disk and gone after a reload", async () => {
    await form();
    await type(field("所属单位"), "示例招标代理有限公司");
    await type(field("证件号码"), NUMBER);
    await form();
    expect([field("所属单位").value, field("证件号码").value]).toEqual([
      "示例招标代理有限公司",
      NUMBER,
    ]);
    const disk = JSON.stringify({ ...sessionStorage }) + JSON.stringify({ ...localStorage });
    expect(disk).toContain("示例招标代理有限公司");
    expect(disk).not.toContain(NUMBER);
    close();
    await load();
    await form();
    expect([field("所属单位").value, field("证件号码").value]).toEqual([
      "示例招标代理有限公司",
      "",
    ]);
  });

  it("shows what is frozen, whatever was typed before", async () => {
    await form();
    await type(field("所属单位"), "别的单位");
    await form({ ...ME, frozen: true });
    expect(field("所属单位").value).toBe("");
  });

  it.each([
    [100, ""],
    [101, "超出 1 个字，最多 100 个字"],
  ])("an organisation of %i characters stays whole", async (length, problem) => {
    await form();
    await type(field("所属单位"), "字".repeat(length));
    expect(field("所属单位").value).toHaveLength(length);
    expect(root.textContent?.includes(problem || "超出")).toBe(problem !== "");
  });
});

describe("a blank of the paper", () => {
  it("keeps a paste that is too long in sight and says that only its beginning is saved", async () => {
    const { default: Blank } = await import("@/screens/exam/BlankField.vue");
    const { oneLine } = await import("@/lib/answers");
    const text = ref("");
    await open(
      { render: () => h(Blank, { number: 1, several: false, text: text.value, onChange: save }) },
      {},
    );
    function save(typed: string): void {
      text.value = oneLine(typed);
    }
    const input = (): HTMLInputElement => root.querySelector("input") as HTMLInputElement;
    await type(input(), "字".repeat(200));
    expect(root.textContent).not.toContain("超出");
    await type(input(), "字".repeat(203));
    expect([input().value.length, text.value.length]).toEqual([203, 200]);
    expect(root.textContent).toContain("超出 3 个字，只保存前 200 个字");
    text.value = "";
    await nextTick();
    expect(input().value).toBe("");
  });
});
