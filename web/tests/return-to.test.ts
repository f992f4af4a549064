import { expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { returnPage, routeOf } from "@/lib/return-to";

const PORTAL = { page: "portal", exam_id: "" };

it("remembers the exam that somebody came from", () => {
  expect(returnPage("/exam/detail", "ex-1")).toEqual({ page: "exam_detail", exam_id: "ex-1" });
  expect(routeOf({ page: "exam_detail", exam_id: "ex-1" })).toEqual({
    path: "/exam/detail",
    query: { id: "ex-1" },
  });
});

it("remembers 个人中心 and the portal", () => {
  expect(returnPage("/me/exams", undefined)).toEqual({ page: "me", exam_id: "" });
  expect(routeOf({ page: "me", exam_id: "" })).toEqual({ path: "/me" });
  expect(returnPage("/", undefined)).toEqual(PORTAL);
  expect(routeOf({ page: "portal", exam_id: "" })).toEqual({ path: "/" });
});

it.each(["//evil", "/\\evil", "javascript:alert(1)", "https://evil", "x".repeat(65), "a\n", ""])(
  "an exam called %j leads to the portal",
  (id) => {
    expect(returnPage("/exam/detail", id)).toEqual(PORTAL);
    expect(routeOf({ page: "exam_detail", exam_id: id })).toEqual({ path: "/" });
  },
);

it.each(["//evil", "/\\evil", "javascript:alert(1)"])("a page called %j is the portal", (page) => {
  expect(returnPage(page, "ex-1")).toEqual(PORTAL);
  const told = { page, exam_id: "" } as unknown as Schemas["ReturnTo"];
  expect(routeOf(told)).toEqual({ path: "/" });
});

it("does not take a list for an id", () => {
  expect(returnPage("/exam/detail", ["a", "b"])).toEqual(PORTAL);
});
