// @vitest-environment happy-dom
/** Where the focus goes when the screen changes under it. */
import { afterEach, describe, expect, it } from "vitest";
import { followFocus } from "@/lib/focus";

afterEach(() => (document.body.innerHTML = ""));

function show(content: string): HTMLElement {
  document.body.innerHTML = `<button id="skip"></button><main id="main" tabindex="-1">${content}</main>`;
  return document.getElementById("main") as HTMLElement;
}

const turn = (): Promise<void> => new Promise((done) => setTimeout(done));

describe("the focus after a change of screens", () => {
  it("goes to the heading when it is lost", async () => {
    const main = show("<h1>考试结果</h1>");
    followFocus();
    await turn();
    expect(document.activeElement).toBe(main.querySelector("h1"));
  });

  it("goes to the top of a screen that still loads, and to its heading once it is there", async () => {
    const main = show("<p>正在加载…</p>");
    followFocus();
    await turn();
    expect(document.activeElement).toBe(main);
    main.innerHTML = "<h1>考前确认</h1>";
    await turn();
    expect(document.activeElement).toBe(main.querySelector("h1"));
  });

  it("stays where somebody holds it, also while a screen loads", async () => {
    const main = show("<p>正在加载…</p>");
    followFocus();
    await turn();
    document.getElementById("skip")?.focus();
    main.innerHTML = "<h1>个人中心</h1>";
    await turn();
    expect(document.activeElement?.id).toBe("skip");
  });

  it("goes to another heading that is named", async () => {
    const main = show("<h1>考前确认</h1><h2>设备检测</h2>");
    followFocus("h2");
    await turn();
    expect(document.activeElement).toBe(main.querySelector("h2"));
  });
});
