// @vitest-environment happy-dom
/** Where the focus goes when the screen changes under it. */
import { afterEach, describe, expect, it } from "vitest";
import { followFocus } from "@/lib/focus";

afterEach(() => (document.body.innerHTML = ""));

function show(content: string): HTMLElement {
  document.body.innerHTML = `<button id="skip"></button><main id="main" tabindex="-1">${content}</main>`;
  return document.getElementById("main") as HTMLElement;
}

describe("the focus after a change of screens", () => {
  it("goes to the heading when it is lost", async () => {
    const main = show("<h1>考试结果</h1>");
    await followFocus();
    expect(document.activeElement).toBe(main.querySelector("h1"));
  });

  it("goes to the top of a screen that still loads, and from there to its heading", async () => {
    const main = show("<p>正在加载…</p>");
    await followFocus();
    expect(document.activeElement).toBe(main);
    main.innerHTML = "<h1>考前确认</h1>";
    await followFocus();
    expect(document.activeElement).toBe(main.querySelector("h1"));
  });

  it("stays where somebody holds it", async () => {
    show("<h1>个人中心</h1>");
    document.getElementById("skip")?.focus();
    await followFocus();
    expect(document.activeElement?.id).toBe("skip");
  });
});
