// @vitest-environment happy-dom
/** The choice of a language: what is remembered, and where the script before the page leads. */
import { readFileSync } from "node:fs";
import { beforeEach, expect, it, vi } from "vitest";
import { addressIn, choose, language, otherLanguages } from "@/lib/language";

const START = readFileSync("public/start.js", "utf-8");
const en = otherLanguages.find(({ tag }) => tag === "en")!;

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

/** Where `start.js` leads from an address whose page is in the language below `own`; null if it stays. */
function ledTo(address: string, own: string): string | null {
  const replace = vi.fn<(to: string) => void>();
  const { pathname, search, hash } = new URL(address, "https://exam.example");
  const attributes: Record<string, string> = { "data-address": own, "data-addresses": "/ /en/" };
  const getAttribute = (name: string): string => attributes[name]!;
  const document = {
    documentElement: { getAttribute },
    createElement: () => ({ noModule: true }),
    addEventListener: () => undefined,
  };
  const run = new Function("document", "location", "window", "navigator", START);
  run(document, { pathname, search, hash, replace }, {}, {});
  return replace.mock.calls[0]?.[0] ?? null;
}

it("Chinese is the language of addresses with nothing before them", () => {
  expect(language).toEqual({ tag: "zh-CN", name: "中文", address: "/" });
  expect(addressIn(en, "/exam/detail?id=ex_1")).toBe("/en/exam/detail?id=ex_1");
  expect(addressIn(language, "/me")).toBe("/me");
});

it("a remembered language is the one of the next visit, at the same address", () => {
  expect(ledTo("/exam/detail?id=ex_1#top", "/")).toBeNull();
  choose(en);
  sessionStorage.clear();
  expect(ledTo("/exam/detail?id=ex_1#top", "/")).toBe("/en/exam/detail?id=ex_1#top");
  expect(ledTo("/", "/")).toBe("/en/");
  choose(language);
  expect(ledTo("/", "/")).toBeNull();
});

it("a tab that came by an address with a language keeps it: a platform leads back without it", () => {
  expect(ledTo("/en/exam/detail?id=ex_1", "/en/")).toBeNull();
  expect(ledTo("/sso/shanxi?code=c", "/")).toBe("/en/sso/shanxi?code=c");
  choose(language);
  expect(ledTo("/sso/shanxi?code=c", "/")).toBeNull();
});

it("an address that names a language is never led away, and nothing is led in a circle", () => {
  choose(language);
  expect(ledTo("/en/me", "/en/")).toBeNull();
  localStorage.setItem("language", "/fr/"); // a language that is gone
  sessionStorage.clear();
  expect(ledTo("/me", "/")).toBeNull();
  choose(en);
  expect(ledTo("/en/me", "/")).toBeNull(); // whatever serves the Chinese page there
  expect(ledTo("/en", "/")).toBeNull();
});
