// @vitest-environment happy-dom
/** Chinese words in a text of another language are marked, so that a screen reader changes its voice. */
import { createApp, h } from "vue";
import { describe, expect, it, vi } from "vitest";

async function shown(tag: string, text: string): Promise<HTMLElement> {
  vi.resetModules();
  vi.doMock("@/lib/language", () => ({ language: { tag } }));
  const root = document.createElement("div");
  const quoting = (await import("@/parts/Quoting.vue")).default;
  createApp({ render: () => h(quoting, { text }) }).mount(root);
  return root;
}

describe("a text that quotes", () => {
  const ENGLISH = "Press “Report a problem” (去反馈) or call 95763, see 《隐私协议》.";

  it("marks each Chinese part on an English page, and loses no sign", async () => {
    const root = await shown("en", ENGLISH);
    expect(root.textContent).toBe(ENGLISH);
    const marked = [...root.querySelectorAll('[lang="zh-CN"]')].map((part) => part.textContent);
    expect(marked).toEqual(["去反馈", "《隐私协议》"]);
  });

  it("is left whole on a Chinese page", async () => {
    const root = await shown("zh-CN", "请点击“去反馈”。");
    expect(root.textContent).toBe("请点击“去反馈”。");
    expect(root.querySelector("[lang]")).toBeNull();
  });
});

describe("a formula on an English page", () => {
  it.each([
    ["价格分", "zh-CN"],
    ["x", "en"],
  ])("with the name %s has a voice for %s", async (name, lang) => {
    vi.resetModules();
    vi.doMock("@/lib/language", () => ({ language: { tag: "en" } }));
    const { mathNode } = await import("@/parts/content/math");
    const letter = { name: "mi", attributes: {}, children: [name] };
    const math = { name: "math", attributes: {}, children: [letter] };
    const root = document.createElement("div");
    createApp({ render: () => mathNode({ kind: "formula", latex: name, math }, true) }).mount(root);
    expect(root.firstElementChild?.getAttribute("lang")).toBe(lang);
  });
});
