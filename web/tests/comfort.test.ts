// @vitest-environment happy-dom
/** 考试 made easy to sit: who sits it, how far one is, keys, size of letters, seconds, and text that can be selected. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "vue";
import type { Schemas } from "@/api/client";
import { ExamDay, FakeServer, MINUTE_MS, question } from "./exam-day";

const SAVED_WITHIN_MS = 2000;
let day: ExamDay;

beforeEach(() => localStorage.clear());
afterEach(() => day?.close());

async function open(
  questions: Schemas["ShownQuestion"][] = [question(1), question(2)],
): Promise<void> {
  const server = new FakeServer();
  server.sections = [{ title: "单选题", questions, materials: [] }];
  day = await ExamDay.inTheExam(server);
}

async function tick(label: string): Promise<void> {
  const found = day.all("label").find((one) => one.textContent?.trim() === label);
  found?.querySelector("input")?.click();
  await day.pass(0);
}

function timer(): string {
  return day.all('[role="timer"]')[0]?.textContent?.replace(/\s+/g, " ").trim() ?? "";
}

describe("the header", () => {
  it("names the candidate in the waiting room and in the exam, with the masked number", async () => {
    const server = new FakeServer();
    day = await ExamDay.open(server);
    await day.press("进入考场");
    expect(day.text).toContain("考生 张三 14****1234");
    await day.passUntil(server.attempt.starts_at);
    await day.press("开始考试");
    expect(day.text).toContain("考生 张三 14****1234");
  });

  it("says how many questions are answered", async () => {
    await open();
    expect(day.text).toContain("已答 0/2");
    await day.key("1");
    expect(day.text).toContain("已答 1/2");
  });

  it("shows minutes, and seconds always for who wants them, also after a reload", async () => {
    await open();
    expect(timer()).toBe("剩余 12 分钟");
    await tick("显示秒");
    expect(timer()).toMatch(/剩余 1[12]:\d\d/);
    const { recallPreferences, preferences } = await import("@/lib/preferences");
    recallPreferences();
    expect(preferences.seconds).toBe(true);
    await tick("显示秒");
    await day.pass(2 * MINUTE_MS);
    expect(timer()).toMatch(/剩余 (10:00|09:\d\d)/); // at the end they are there for everybody
  });
});

it("the legend explains every sign of the answer sheet, also an open question", async () => {
  await open();
  const legend = day.all(".legend li").map((one) => one.textContent?.trim());
  expect(legend).toEqual(["已答", "未答", "标记", "未保存", "当前"]);
});

describe("keys", () => {
  it("letters choose as digits do, small or large", async () => {
    await open();
    await day.key("b");
    await day.key("ArrowRight");
    await day.key("D");
    await day.pass(SAVED_WITHIN_MS);
    expect(day.server.answers).toEqual({ "1": "B", "2": "D" });
    expect(day.text).toContain("字母键 A–D 或数字键 1–4 选择选项");
  });

  it("a letter beyond the options, and longer names of keys, choose nothing", async () => {
    await open();
    for (const key of ["e", "h", "i", "5", "ab", "F1", "Enter"]) await day.key(key);
    await day.pass(SAVED_WITHIN_MS);
    expect(day.server.answers).toEqual({});
  });

  it("who switches them off still turns the page by arrows", async () => {
    await open();
    await tick("快捷键");
    for (const key of ["a", "1", "m"]) await day.key(key);
    await day.key("ArrowRight");
    await day.pass(SAVED_WITHIN_MS);
    expect(day.server.answers).toEqual({});
    expect(day.all("#stem")[0]?.textContent).toContain("第 2 道题");
    expect(day.text).not.toContain("字母键");
  });
});

describe("字号", () => {
  it("has three steps, and is remembered", async () => {
    await open();
    const root = document.documentElement;
    const sizes = day.all(".sizes button");
    expect(sizes.map((one) => one.getAttribute("aria-label"))).toEqual([
      "标准字号",
      "大字号",
      "特大字号",
    ]);
    sizes[2]?.click();
    await day.pass(0);
    expect(root.dataset["textSize"]).toBe("larger");
    expect(sizes.map((one) => one.getAttribute("aria-pressed"))).toEqual([
      "false",
      "false",
      "true",
    ]);
    delete root.dataset["textSize"];
    (await import("@/lib/preferences")).recallPreferences();
    expect(root.dataset["textSize"]).toBe("larger");
  });

  it.each(["nothing", "null", '{"textSize":"huge","seconds":1}'])(
    "begins as usual with %s in the storage",
    async (kept) => {
      await open();
      localStorage.setItem("preferences", kept);
      const { preferences, recallPreferences, setTextSize } = await import("@/lib/preferences");
      setTextSize("normal");
      localStorage.setItem("preferences", kept);
      recallPreferences();
      expect(preferences).toEqual({ textSize: "normal", seconds: false, keys: true });
    },
  );
});

describe("copying", () => {
  function copy(target: Element, type = "copy"): Event {
    const event = new Event(type, { bubbles: true, cancelable: true });
    target.dispatchEvent(event);
    return event;
  }

  it("is refused for the text of questions, which says so; selecting is not", async () => {
    await open();
    const stem = day.all("#stem")[0]!;
    expect(copy(stem, "selectstart").defaultPrevented).toBe(false);
    expect(copy(stem, "dragstart").defaultPrevented).toBe(true);
    expect(day.text).not.toContain("题目不能复制");
    expect(copy(stem).defaultPrevented).toBe(true);
    await day.pass(0);
    expect(day.text).toContain("本场考试的题目不能复制");
    await day.press("我知道了");
    expect(day.text).not.toContain("题目不能复制");
  });

  it("is free for what one has typed", async () => {
    const inlines = [
      { kind: "text" as const, text: "提前 ", marks: [] },
      { kind: "blank" as const, number: 1 },
    ];
    const stem = [{ kind: "paragraph" as const, inlines }];
    await open([question(1, { type: "blank", options: [], blanks: 1, stem })]);
    expect(copy(day.all("#stem input")[0]!).defaultPrevented).toBe(false);
  });

  it("is free in an exam whose rules allow it", async () => {
    const server = new FakeServer();
    server.rules = { locked_copy: false };
    day = await ExamDay.inTheExam(server);
    expect(copy(day.all("#stem")[0]!).defaultPrevented).toBe(false);
  });
});

it.each([
  ["hidden", "不要切换标签页或最小化窗口"],
  ["blur", "退出微信、QQ"],
  ["fullscreen", "返回全屏"],
  ["page_lost", "不要关闭或刷新本页面"],
] as const)("切屏提醒 after %s says why and what to do", async (kind, todo) => {
  const { default: SwitchDialog } = await import("@/screens/exam/SwitchDialog.vue");
  const told = { switch: 1, kind, switch_limit: 3, message: "您离开了，记为切屏第 1 次" };
  const root = document.createElement("div");
  const app = createApp(SwitchDialog, { told, practice: false });
  app.mount(root);
  expect(root.textContent).toContain(told.message);
  expect(root.textContent).toContain(todo);
  app.unmount();
});
