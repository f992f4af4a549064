// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { countsText, refusalOf, retakeSentences, type Standing } from "@/screens/series/series";

type Rule = Schemas["RetakeRule"];
type Try = Schemas["TryView"];

const rule = (fields: Partial<Rule> = {}): Rule => ({
  most_tries: 2,
  after_days: 7,
  counts: "best",
  only_failed: true,
  ...fields,
});
const words = (fields: Partial<Rule>): string[] =>
  retakeSentences({ series_id: "s-1", sitting: "第二场", retakes: rule(fields) });

const tried = (attempt_id: string, counts: boolean, submitted_at: number | null = 1): Try => ({
  exam_id: `exam-${attempt_id}`,
  attempt_id,
  sitting: attempt_id,
  state: "failed",
  submitted_at,
  counts,
});
const standing = (tries: Try[], provisional = false): Standing => ({
  series_id: "s-1",
  retakes: rule(),
  tries,
  provisional,
  sittings: [
    { exam_id: "open", sitting: "第三场", starts_at: 1, refusal: "", message: "" },
    {
      exam_id: "shut",
      sitting: "第四场",
      starts_at: 1,
      refusal: "series_passed",
      message: "您已合格",
    },
  ],
});

describe("the retake rule in words", () => {
  it("names the sitting, the tries, the days, who may try again and what counts", () => {
    expect(words({})).toEqual([
      "本场是这一系列考试的「第二场」。",
      "同一系列的考试每人最多参加 2 次，第一次也算在内。",
      "两次考试须间隔 7 天：从上一次交卷的那天算起，满 7 天后开考的场次才可以参加。",
      "已经合格的，不能再参加。",
      "参加多次的，以最好的一次成绩为准。",
      "同一时间只能参加一场；上一次的成绩最终确定后，才能参加下一场。",
      "入场截止前没有开始答题的，不算参加过。",
    ]);
  });

  it("says of a single try only that there is no retake", () => {
    const said = words({ most_tries: 1 }).join("");
    expect(said).toContain("没有补考");
    expect(said).not.toMatch(/间隔|已经合格|为准/);
  });

  it("says nothing of days where there are none", () => {
    expect(words({ after_days: 0 }).join("")).not.toContain("间隔");
  });

  it.each([
    [{ only_failed: false }, "已经合格的，也可以再参加。"],
    [{ counts: "last" as const }, "参加多次的，以最后一次成绩为准。"],
  ])("%o", (fields, sentence) => expect(words(fields)).toContain(sentence));
});

describe("how a person stands", () => {
  it("a sitting is refused with the sentence of the server, others are not", () => {
    expect(refusalOf([standing([])], "shut")).toBe("您已合格");
    expect(refusalOf([standing([])], "open")).toBe("");
    expect(refusalOf([], "shut")).toBe("");
  });

  it("the try that counts is marked where there are two papers", () => {
    const both = [standing([tried("a", false), tried("b", true)])];
    expect(countsText(both, "b")).toBe("计入成绩");
    expect(countsText(both, "a")).toBe("");
    expect(countsText([standing([tried("a", false), tried("b", true)], true)], "b")).toBe(
      "暂计入成绩",
    );
  });

  it("a single paper needs no mark", () => {
    expect(countsText([standing([tried("a", true)])], "a")).toBe("");
    expect(countsText([standing([tried("a", true), tried("b", false, null)])], "a")).toBe("");
  });
});
