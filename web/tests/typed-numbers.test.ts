/** The server tests its own rule with the same table. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { certificateNumber, phoneDigits, plainNumber } from "@/lib/typed-numbers";

type Row = { kind: string; typed: string; normal: string };
const table: Row[] = JSON.parse(
  readFileSync(new URL("../../tests/unit/typed_numbers.json", import.meta.url), "utf-8"),
);

function normalForm({ kind, typed }: Row): string {
  if (kind === "certificate") return certificateNumber(typed);
  if (kind === "phone") return phoneDigits(typed);
  return plainNumber(typed);
}

// Nobody types the number of a case into the page.
it.each(table.filter(({ kind }) => kind !== "case"))("knows $kind $typed", (row) => {
  expect(normalForm(row)).toBe(row.normal);
});

it.each([
  ["NO1234567", "NO1234567"], // a passport may begin so
  ["No.1234567", "1234567"],
  ["No 1234567", "NO1234567"],
  ["护照号：e1234-5678", "E12345678"],
  ["证书编号：", ""],
  ["-- —", ""],
])("takes a label off only where it is surely one: %s", (typed, number) => {
  expect(plainNumber(typed)).toBe(number);
});

it("takes nothing for a phone that is not eleven digits from 1 on", () => {
  const texts = ["", "1380013800", "138001380000", "03800138000", "1380013TAXI", "+1 3800138000"];
  for (const text of texts) expect(phoneDigits(text)).toBe("");
});

it("leaves what is no number of a certificate as it is typed, so that the server says so", () => {
  expect(certificateNumber("sx-2027-acde")).toBe("SX2027ACDE");
});
