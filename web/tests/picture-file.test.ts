import { expect, it } from "vitest";
import { whyNoPicture, whyTooSmall } from "@/lib/picture-file";
import { photoTexts } from "#texts/identity";

const MIB = 1024 * 1024;
const file = (name: string, type: string, size = 1000) => ({ name, type, size });

it("lets JPEG and PNG pass", () => {
  expect(whyNoPicture(file("a.jpg", "image/jpeg"))).toBe("");
  expect(whyNoPicture(file("a.png", "image/png"))).toBe("");
});

it("names the cure for HEIC, whatever type the system reports", () => {
  expect(whyNoPicture(file("IMG_1.HEIC", ""))).toBe(photoTexts.heic);
  expect(whyNoPicture(file("a", "image/heif"))).toBe(photoTexts.heic);
});

it("refuses other types and empty files", () => {
  expect(whyNoPicture(file("a.gif", "image/gif"))).toBe(photoTexts.wrongType);
  expect(whyNoPicture(file("a.jpg", "image/jpeg", 0))).toBe(photoTexts.empty);
});

it("says what to do with a PDF", () => {
  expect(whyNoPicture(file("id.pdf", "application/pdf"))).toBe(photoTexts.pdf);
  expect(whyNoPicture(file("ID.PDF", ""))).toBe(photoTexts.pdf);
});

it("takes a photo that is cut here up to another limit", () => {
  expect(whyNoPicture(file("a.jpg", "image/jpeg", 30 * MIB), 30 * MIB)).toBe("");
  expect(whyNoPicture(file("a.jpg", "image/jpeg", 30 * MIB + 1), 30 * MIB)).toContain("超过 30 MB");
});

it("takes up to 5 MiB", () => {
  expect(whyNoPicture(file("a.jpg", "image/jpeg", 5 * MIB - 1))).toBe("");
  expect(whyNoPicture(file("a.jpg", "image/jpeg", 5 * MIB))).toBe("");
  expect(whyNoPicture(file("a.jpg", "image/jpeg", 5 * MIB + 1))).toContain("超过 5 MB");
});

it("needs the pixels of 一寸, also of a photo on its side", () => {
  expect(whyTooSmall(412, 295)).toContain("412×295");
  expect(whyTooSmall(413, 294)).toContain("413×294");
  expect(whyTooSmall(413, 295)).toBe("");

  expect(whyTooSmall(294, 413)).toContain("294×413");
  expect(whyTooSmall(295, 412)).toContain("295×412");
  expect(whyTooSmall(295, 413)).toBe("");
  expect(whyTooSmall(296, 414)).toBe("");
});
