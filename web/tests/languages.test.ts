/** Each language has the same texts: keys, arguments and placeholders. The compiler sees keys and types alone. */
import { describe, expect, it } from "vitest";

type Module = Record<string, unknown>;

const DEFAULT = "zh";
const CHINESE = /[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]/;

const modules = import.meta.glob<Module>("../src/languages/*/*.{ts,json}", { eager: true });

/** The modules of a language by their file name. */
function textsOf(folder: string): Map<string, Module> {
  const own = Object.entries(modules).filter(([path]) => path.includes(`/languages/${folder}/`));
  return new Map(own.map(([path, module]) => [path.split("/").pop()!, module]));
}

const folders = new Set(Object.keys(modules).map((path) => path.split("/").slice(-2)[0]!));
const zh = textsOf(DEFAULT);

type Text = { at: string; kind: string; text: string; more: string[] };

const MARKERS = [7001, 7002, 7003, 7004];

/** What a function of texts says, for one value as each argument; lists where it wants them. */
function said(tell: (...args: unknown[]) => string, values: readonly unknown[]): string {
  try {
    return String(tell(...values));
  } catch {
    return String(tell(...values.map((value) => [value])));
  }
}

function textsIn(value: unknown, at: string): Text[] {
  if (typeof value === "string") return [{ at, kind: "text", text: value, more: [] }];
  if (typeof value === "function") {
    const tell = value as (...args: unknown[]) => string;
    const more = [0, 1, 2].map((n) =>
      said(
        tell,
        MARKERS.map(() => n),
      ),
    );
    return [{ at, kind: `function of ${tell.length}`, text: said(tell, MARKERS), more }];
  }
  return Object.entries(value as object).flatMap(([key, part]) => textsIn(part, `${at}.${key}`));
}

function allTexts(module: Module, file: string): Text[] {
  return textsIn(module, file).sort((a, b) => (a.at < b.at ? -1 : 1));
}

function placeholders(text: string): string[] {
  return MARKERS.map(String).filter((marker) => text.includes(marker));
}

it("sentences that follow one another have a space between them in English alone", () => {
  type Common = { texts: { common: { sentences: (all: readonly string[]) => string } } };
  const joined = (folder: string): string =>
    (textsOf(folder).get("common.ts") as Common).texts.common.sentences(["1.", "2."]);
  expect([joined("zh"), joined("en")]).toEqual(["1.2.", "1. 2."]);
});

it("there are several languages, and Chinese is one of them", () => {
  expect(folders.size).toBeGreaterThan(1);
  expect(zh.size).toBeGreaterThan(20);
});

describe.each([...folders].filter((folder) => folder !== DEFAULT))("language %s", (folder) => {
  const own = textsOf(folder);

  it("has a file for each screen", () => {
    expect([...own.keys()].sort()).toEqual([...zh.keys()].sort());
  });

  describe.each([...zh.keys()])("%s", (file) => {
    const expected = allTexts(zh.get(file)!, file);
    const texts = allTexts(own.get(file) ?? {}, file);

    it("has the same keys, and the same arguments", () => {
      const kinds = (all: Text[]): string[] => all.map(({ at, kind }) => `${at}: ${kind}`);
      expect(kinds(texts)).toEqual(kinds(expected));
    });

    it("has the same placeholders", () => {
      const used = (all: Text[]): string[] =>
        all.map(({ at, text }) => `${at}: ${placeholders(text).join(" ")}`);
      expect(used(texts)).toEqual(used(expected));
    });

    it("has no empty text, except where Chinese has none", () => {
      const empty = (all: Text[]): string[] =>
        all.filter(({ text }) => !text.trim()).map(({ at }) => at);
      expect(empty(texts)).toEqual(empty(expected));
    });

    it("has no Chinese", () => {
      const chinese = texts.filter(({ text, more }) =>
        [text, ...more].some((one) => CHINESE.test(one)),
      );
      expect(chinese.map(({ at, text }) => `${at}: ${text}`)).toEqual([]);
    });
  });
});
