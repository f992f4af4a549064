import { describe, expect, it } from "vitest";
import { filledBlanks, isEmpty, oneLine, textsOf, withBlank } from "@/lib/answers";

describe("the text of a blank", () => {
  it.each([
    ["二十", "二十"],
    ["一行\r\n二行", "一行 二行"],
    ["a\tb\u2028c", "a b c"],
    ["半\ud83d", "半 "], // half of a pair of surrogates
    ["😀", "😀"],
  ])("%j becomes %j", (typed, line) => expect(oneLine(typed)).toBe(line));

  it.each([
    [199, 199],
    [200, 200],
    [201, 200],
  ])("of %i characters has %i", (typed, kept) => {
    expect(oneLine("字".repeat(typed))).toHaveLength(kept);
  });

  it("is not cut in the middle of a character", () => {
    expect(oneLine(`${"字".repeat(199)}😀`)).toBe("字".repeat(199));
  });
});

describe("an answer to blanks", () => {
  it("has one text for each blank", () => {
    expect(textsOf("", 2)).toEqual(["", ""]);
    expect(textsOf(["甲"], 2)).toEqual(["甲", ""]);
    expect(textsOf(["甲", "乙", "丙"], 2)).toEqual(["甲", "乙"]);
  });

  it("changes blank by blank, and is no answer when all are empty", () => {
    const first = withBlank("", 2, 1, "乙");
    expect(first).toEqual(["", "乙"]);
    expect(filledBlanks(first)).toBe(1);
    expect(withBlank(first, 2, 1, "  ")).toBe("");
  });

  it("of spaces alone is empty", () => {
    expect([isEmpty(["", " "]), isEmpty(["x"]), isEmpty(""), isEmpty("A")]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});
