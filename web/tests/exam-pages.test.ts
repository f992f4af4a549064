/** The portal's list of exams: page after page, each exam once, and nothing lost by a failure. */
import { beforeEach, expect, it, vi } from "vitest";
import { ExamPages } from "@/screens/portal/exam-pages";

const asked: string[] = [];
let answers: (() => Response)[] = [];

function page(ids: string[], next: string | null): () => Response {
  const exams = ids.map((exam_id) => ({ exam_id }));
  return () => Response.json({ exams, next });
}

vi.mock("@/api/client", async (original) => ({
  ...(await original<typeof import("@/api/client")>()),
  api: {
    GET: async (path: string, init: { params: { query: Record<string, string> } }) => {
      asked.push(`${path}?${new URLSearchParams(init.params.query)}`);
      const response = (answers.shift() as () => Response)();
      const content: unknown = await response.json();
      return response.ok ? { data: content, response } : { error: content, response };
    },
  },
}));

beforeEach(() => {
  asked.length = 0;
});

it("goes on after the place that the last page told, until there is none", async () => {
  answers = [page(["a", "b"], "2-b"), page(["c"], null)];
  const pages = ExamPages.of("ended");
  expect(pages.hasMore).toBe(true);
  await pages.more();
  expect(pages.hasMore).toBe(true);
  await pages.more();
  expect(pages.exams.map((exam) => exam.exam_id)).toEqual(["a", "b", "c"]);
  expect(pages.hasMore).toBe(false);
  expect(asked).toEqual(["/exams?which=ended&after=", "/exams?which=ended&after=2-b"]);
});

it("an exam that was moved between two pages is there once", async () => {
  answers = [page(["a", "b"], "2-b"), page(["b", "c"], null)];
  const pages = ExamPages.of("current");
  await pages.more();
  await pages.more();
  expect(pages.exams.map((exam) => exam.exam_id)).toEqual(["a", "b", "c"]);
});

it("no exams are an end", async () => {
  answers = [page([], null)];
  const pages = ExamPages.of("current");
  expect(await pages.more()).toEqual([]);
  expect(pages.hasMore).toBe(false);
});

it("a page that fails is asked for again, and the earlier ones stay", async () => {
  const error = { error: { code: "service_busy", message: "服务繁忙", details: {} } };
  answers = [page(["a"], "1-a"), () => Response.json(error, { status: 503 }), page(["b"], null)];
  const pages = ExamPages.of("current");
  await pages.more();
  await expect(pages.more()).rejects.toThrow("服务繁忙");
  expect(pages.exams.map((exam) => exam.exam_id)).toEqual(["a"]);
  await pages.more();
  expect(pages.exams.map((exam) => exam.exam_id)).toEqual(["a", "b"]);
  expect(asked[2]).toBe(asked[1]);
});
