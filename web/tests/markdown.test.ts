import { expect, it } from "vitest";
import { blocks } from "@/lib/markdown";

it("reads titles, headings, paragraphs and numbered lists in their order", () => {
  const text = "# 协议\n\n第 1 版。\n\n## 一、账号\n\n1. 甲\n2. 乙\n\n期满自动删除。\n";
  expect(blocks(text)).toEqual([
    { kind: "title", text: "协议" },
    { kind: "paragraph", text: "第 1 版。" },
    { kind: "heading", text: "一、账号" },
    { kind: "list", items: ["甲", "乙"] },
    { kind: "paragraph", text: "期满自动删除。" },
  ]);
});

it("begins a new list after a paragraph, and leaves nothing out", () => {
  expect(blocks("1. 甲\r\n- 丙\r\n1. 乙")).toEqual([
    { kind: "list", items: ["甲"] },
    { kind: "paragraph", text: "- 丙" },
    { kind: "list", items: ["乙"] },
  ]);
  expect(blocks("")).toEqual([]);
});
