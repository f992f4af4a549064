// @vitest-environment happy-dom
/** Refusals of the server as a person reads them, in the language of the page. */
import { afterEach, expect, it, vi } from "vitest";

const GATEWAY = {
  throttled: [429, "too_many_requests", "请求过于频繁，请稍后再试。"],
  crashed: [502, "service_busy", "服务繁忙，请稍后重试。"],
  unknown: [404, "not_found", "没有找到您要的内容。"],
  large: [413, "body_too_large", "提交的内容过大。"],
  forbidden: [403, "refused", "请求无法处理，请检查后重试。"],
} as const;
const BUSY = { zh: "系统繁忙，请稍后重试", en: "The system is busy. Try again in a moment" };
const WRONG = "Something went wrong on this page. Reload it; if this goes on, call the hotline";

afterEach(() => {
  vi.doUnmock("@/lib/language");
  vi.doUnmock("#texts/common");
  vi.resetModules();
});

/** The page in a language, and what it makes of an answer of the server. */
async function refused(page: "zh" | "en", status: number, body: string, spoken?: string) {
  vi.resetModules();
  const tag = { zh: "zh-CN", en: "en" }[page];
  vi.doMock("@/lib/language", () => ({ language: { tag } }));
  vi.doMock("#texts/common", () => import(`../src/languages/${page}/common.ts`));
  const { content, ApiError } = await import("@/api/client");
  const headers = { "Content-Type": "application/json" };
  const response = new Response(body, {
    status,
    headers: spoken ? { ...headers, "Content-Language": spoken } : headers,
  });
  const answer = { response, error: body.startsWith("{") ? JSON.parse(body) : body };
  const error: unknown = await content(Promise.resolve(answer)).catch((caught: unknown) => caught);
  if (!(error instanceof ApiError)) throw new Error("no refusal");
  return error;
}

const told = (code: string, message: string): string =>
  JSON.stringify({ error: { code, message, details: {} } });

it.each(Object.values(GATEWAY))(
  "a refusal of the gateway is Chinese on the Chinese page: %i",
  async (status, code, message) => {
    const error = await refused("zh", status, told(code, message));
    expect(error).toMatchObject({ status, code, message });
  },
);

it.each(Object.entries(GATEWAY))(
  "and English on the English one: %s",
  async (kind, [status, code, message]) => {
    const error = await refused("en", status, told(code, message));
    const busy = kind === "throttled" || kind === "crashed";
    expect(error).toMatchObject({ status, code, message: busy ? BUSY.en : WRONG });
  },
);

it.each(["zh", "en"] as const)(
  "the application's own sentence is said as it is: %s",
  async (page) => {
    const spoken = { zh: "zh-CN", en: "en" }[page];
    const error = await refused(page, 404, told("not_found", "own words"), spoken);
    expect(error.message).toBe("own words");
  },
);

it.each(["zh", "en"] as const)(
  "an answer of a proxy in between is a passing fault: %s",
  async (page) => {
    const error = await refused(page, 502, "<html>Bad gateway</html>");
    expect(error).toMatchObject({ code: "service_busy", message: BUSY[page], passing: true });
  },
);
