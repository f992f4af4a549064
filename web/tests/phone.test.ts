import { expect, it } from "vitest";
import { parsePhone } from "@/lib/phone";

it("reads a number however it is typed", () => {
  for (const text of [
    "13800138000",
    " 138 0013 8000 ",
    "+86 138-0013-8000",
    "8613800138000",
    "１３８００１３８０００",
  ]) {
    expect(parsePhone(text)).toBe("13800138000");
  }
});

it("takes nothing that is not eleven digits from 1 on", () => {
  for (const text of [
    "",
    "1380013800",
    "138001380000",
    "03800138000",
    "1380013TAXI",
    "+1 3800138000",
  ]) {
    expect(parsePhone(text)).toBe("");
  }
});
