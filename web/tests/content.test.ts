// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { createApp, h, reactive, type App } from "vue";
import ContentView from "@/parts/content/ContentView.vue";
import type { Content, Formula, Inline, Picture } from "@/parts/content/content";
import { hasMath, mathNode } from "@/parts/content/math";
import { mathInWords } from "@/parts/content/math-speech";
import { pictureSource } from "@/parts/content/pictures";
import type { PictureState } from "@/lib/pictures";

const MATHML = "http://www.w3.org/1998/Math/MathML";
let app: App | undefined;
afterEach(() => app?.unmount());

function shown(
  content: Content,
  { inline = false, states = {} as Record<string, PictureState>, again = () => {} } = {},
): HTMLElement {
  const root = document.createElement("div");
  document.body.append(root);
  const blank = ({ number }: { number: number }) => h("input", { "aria-label": `第 ${number} 空` });
  app = createApp(() => h(ContentView, { content, inline }, inline ? {} : { blank }));
  app.provide(pictureSource, { of: (sha) => states[sha]!, again });
  app.mount(root);
  return root;
}

const text = (text: string, ...marks: ("bold" | "underline" | "superscript" | "subscript")[]) => ({
  kind: "text" as const,
  text,
  marks,
});
const paragraph = (...inlines: Inline[]) => ({ kind: "paragraph" as const, inlines });

describe("a text", () => {
  it("is shown as it is, with its line breaks, and never becomes markup", () => {
    const root = shown("第一行\n<img src=x onerror=alert(1)>&amp;");
    expect(root.textContent).toBe("第一行\n<img src=x onerror=alert(1)>&amp;");
    expect(root.querySelector("img")).toBeNull();
  });

  it("keeps its marks", () => {
    const root = shown([
      paragraph(text("10"), text("2", "superscript"), text("H"), text("2", "subscript")),
      paragraph(text("重要", "bold", "underline")),
    ]);
    expect([...root.querySelectorAll("p")].map((p) => p.innerHTML)).toEqual([
      '10<sup><span class="visually-hidden" lang="zh-CN">上标</span>2</sup>' +
        'H<sub><span class="visually-hidden" lang="zh-CN">下标</span>2</sub>',
      "<u><strong>重要</strong></u>",
    ]);
  });

  it("in a label is made of spans", () => {
    const root = shown([paragraph(text("甲"))], { inline: true });
    expect(root.querySelectorAll("p, div.content")).toHaveLength(0);
    expect(root.querySelector("span.content")?.textContent).toBe("甲");
  });
});

describe("a table", () => {
  it("has its cells with what they span", () => {
    const cell = (word: string, columns = 1, rows = 1) => ({
      inlines: [text(word)],
      columns,
      rows,
    });
    const root = shown([
      {
        kind: "table",
        rows: [
          [cell("a", 2), cell("b", 1, 2)],
          [cell("c"), cell("d")],
        ],
      },
    ]);
    const cells = [...root.querySelectorAll("td")];
    expect(cells.map((td) => [td.textContent, td.colSpan, td.rowSpan])).toEqual([
      ["a", 2, 1],
      ["b", 1, 2],
      ["c", 1, 1],
      ["d", 1, 1],
    ]);
  });
});

describe("a blank", () => {
  const content: Content = [paragraph(text("共"), { kind: "blank", number: 1 }, text("日"))];

  it("stands at its place", () => {
    const root = shown(content);
    expect(root.querySelector("p")?.innerHTML).toBe('共<input aria-label="第 1 空">日');
  });

  it("is a line where nothing can be typed", () => {
    expect(shown(content, { inline: true }).textContent).toBe("共____日");
  });
});

const element = (name: string, children: (Formula["math"] | string)[], attributes = {}) => ({
  name,
  attributes,
  children,
});
const half: Formula = {
  kind: "formula",
  latex: "\\frac{1}{2}",
  math: element("math", [
    element("mfrac", [element("mn", ["1"]), element("mn", ["2"], { onclick: "x()", href: "y" })]),
    element("script", ["z"], { linethickness: "0" }),
  ]),
};

describe("a formula", () => {
  it("is MathML with names and attributes of formulas alone", () => {
    const root = document.createElement("div");
    app = createApp(() => mathNode(half, true));
    app.mount(root);
    const math = root.firstElementChild!;
    expect(math.namespaceURI).toBe(MATHML);
    expect(math.getAttribute("alttext")).toBe("\\frac{1}{2}");
    expect(math.getAttribute("aria-label")).toBe("2 分之 1 z");
    expect([...math.querySelectorAll("*")].map(({ localName }) => localName)).toEqual([
      "mfrac",
      "mn",
      "mn",
      "mrow",
    ]);
    expect([...math.querySelectorAll("*")].flatMap((one) => one.getAttributeNames())).toEqual([
      "linethickness",
    ]);
    expect([...math.querySelectorAll("*")].map(({ namespaceURI }) => namespaceURI)).toEqual(
      Array(4).fill(MATHML),
    );
  });

  it("is drawn with spans where the browser has no MathML", () => {
    const root = document.createElement("div");
    app = createApp(() => mathNode(half, false));
    app.mount(root);
    const math = root.firstElementChild!;
    expect([math.tagName, math.getAttribute("aria-label")]).toEqual(["SPAN", "2 分之 1 z"]);
    expect(math.querySelectorAll(".m-mfrac > .m-mn")).toHaveLength(2);
  });

  it.each([
    [{ MathMLElement: class {} }, true],
    [{}, false],
  ])("in a browser with %o: %s", (view, has) => expect(hasMath(view)).toBe(has));
});

describe("a formula in words", () => {
  const x = element("mi", ["x"]);
  const two = element("mn", ["2"]);
  const sum = element("mrow", [x, element("mo", ["+"]), two]);

  it.each([
    [[element("mfrac", [element("mrow", [x]), two])], "2 分之 x"],
    [[element("mfrac", [sum, two])], "分数，分子 x 加 2，分母 2，分数结束"],
    [[element("msqrt", [two])], "根号 2"],
    [[element("msqrt", [sum])], "根号 x 加 2 根号结束"],
    [[element("mroot", [x, two])], "2 次根号 x"],
    [[element("msup", [x, two])], "x 上标 2"],
    [[element("msub", [x, sum])], "x 下标 x 加 2 下标结束"],
    [[element("msubsup", [element("mo", ["∑"]), x, two])], "求和 下标 x 上标 2"],
    [[element("munderover", [element("mo", ["∑"]), x, two])], "求和 下方 x 上方 2"],
    [
      [element("mtable", [element("mtr", [element("mtd", [x]), element("mtd", [two])])])],
      "一行：x，2；",
    ],
  ])("%#", (children, words) => expect(mathInWords(element("math", children))).toBe(words));
});

describe("a picture", () => {
  const picture: Picture = { kind: "picture", sha256: "ab", width: 400, height: 200, alt: "流程" };
  const content: Content = [paragraph(picture)];

  it("keeps its place free while it is loading", () => {
    const root = shown(content, { states: { ab: { state: "loading", url: "" } } });
    expect(root.querySelector("img")).toBeNull();
    const place = root.querySelector<HTMLElement>(".place");
    expect([place?.parentElement?.style.width, place?.style.paddingTop]).toEqual(["400px", "50%"]);
    expect(root.querySelector('[role="img"]')?.getAttribute("aria-label")).toBe("图片：流程");
  });

  it("is shown, and enlarged by its button", async () => {
    const root = shown(content, { states: { ab: { state: "ready", url: "blob:x" } } });
    expect(root.querySelector("img")?.alt).toBe("流程");
    root.querySelector<HTMLElement>('button[aria-label="放大图片：流程"]')?.click();
    await new Promise((resolve) => setTimeout(resolve));
    expect(document.querySelector("dialog img")?.getAttribute("src")).toBe("blob:x");
  });

  it("that cannot be loaded says what it shows and is tried again", async () => {
    let tries = 0;
    const states = reactive<Record<string, PictureState>>({ ab: { state: "failed", url: "" } });
    const again = (): void => {
      tries += 1;
      states["ab"] = { state: "ready", url: "blob:y" };
    };
    const root = shown(content, { states, again });
    expect(root.textContent).toContain("图片没有加载成功");
    expect(root.textContent).toContain("流程");
    root.querySelector<HTMLElement>("button")?.click();
    await new Promise((resolve) => setTimeout(resolve));
    expect(tries).toBe(1);
    expect(root.querySelector("img")?.getAttribute("src")).toBe("blob:y");
  });

  it("that the browser cannot show says so, too", async () => {
    const root = shown(content, { states: { ab: { state: "ready", url: "blob:x" } } });
    root.querySelector("img")?.dispatchEvent(new Event("error"));
    await new Promise((resolve) => setTimeout(resolve));
    expect(root.textContent).toContain("图片没有加载成功");
  });
});
