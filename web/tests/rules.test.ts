import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { fullPoints, sectionSentence, sentences } from "@/screens/exam-detail/rules";

type Section = Schemas["SectionView"];

const section = (fields: Partial<Section>): Section => ({
  title: "第一部分",
  type: "single",
  count: 8,
  questions: 8,
  points: 5,
  total: 40,
  ...fields,
});

function detail(types: Section["type"][], rules: Partial<Schemas["Rules"]> = {}) {
  return {
    exam: { kind: "exam" },
    rules: { multiple_rule: "all_or_nothing", blank_rule: "each", ...rules },
    sections: types.map((type) => section({ type })),
  } as Schemas["ExamDetail"];
}

describe("a section in words", () => {
  it.each([
    [section({}), "第一部分：8 题，每题 5 分"],
    [section({ points: 0.1, questions: 3, total: 0.3 }), "第一部分：3 题，每题 0.1 分"],
    [section({ total: 44 }), "第一部分：8 题，合计 44 分"],
    [
      section({ type: "material", count: 2, questions: 8 }),
      "第一部分：2 个材料，共 8 题，每题 5 分",
    ],
  ])("%#", (shown, words) => expect(sectionSentence(shown)).toBe(words));

  it("full points are the sum of what the sections are worth", () => {
    const sections = [section({ total: 44 }), section({ total: 6.5 })];
    expect(fullPoints({ sections } as Schemas["ExamDetail"])).toBe(50.5);
  });
});

describe("a practice exam", () => {
  const practice = { ...detail(["single"]), exam: { kind: "practice" } } as Schemas["ExamDetail"];

  it("has no rules that count", () => {
    const said = sentences(practice).join("");
    expect(said).toContain("不评分");
    expect(said).not.toMatch(/自动收卷|不合格|次机会/);
  });

  it("has sections without points", () => {
    expect(sectionSentence(section({}), "practice")).toBe("第一部分：8 题，不评分");
  });
});

describe("how answers earn points", () => {
  const scoring = (...given: Parameters<typeof detail>): string[] =>
    sentences(detail(...given)).filter((sentence) => /题.*(得分|最低)/.test(sentence));

  it("is not said where an answer is right or wrong", () => {
    expect(scoring(["single", "judge"])).toEqual([]);
  });

  it.each([
    ["all_or_nothing", "多选题须全部选对才得分。"],
    ["half_for_subset", "多选题少选得一半分，错选不得分。"],
    ["proportional", "多选题少选按选对的比例得分，错选不得分。"],
    ["minus_for_wrong", "多选题按选对的比例得分，每错选一项抵消一项选对的，本题最低 0 分。"],
  ] as const)("%s", (multiple_rule, words) => {
    expect(scoring(["multiple"], { multiple_rule })).toEqual([words]);
  });

  it.each([
    ["each", "填空题每空分值相同，按填对的空得分。"],
    ["all_or_nothing", "填空题须全部填对才得分。"],
  ] as const)("of blanks: %s", (blank_rule, words) => {
    expect(scoring(["blank"], { blank_rule })[0]).toBe(words);
  });

  it("is said for all of them where a material may have any question", () => {
    expect(scoring(["material"])).toEqual([
      "多选题、不定项选择题须全部选对才得分。",
      "填空题每空分值相同，按填对的空得分。",
      "填空题不区分全角半角、英文大小写，空格不影响得分。",
    ]);
  });
});
