/** The page to which a sign-in by a platform returns, by its name. An address from outside is never used. */
import type { Schemas } from "@/api/client";

type ReturnTo = Schemas["ReturnTo"];

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** The name of the page that a route is, for the server to keep. */
export function returnPage(path: string, id: unknown): ReturnTo {
  if (path === "/exam/detail" && typeof id === "string" && ID.test(id)) {
    return { page: "exam_detail", exam_id: id };
  }
  if (path === "/me" || path.startsWith("/me/")) return { page: "me", exam_id: "" };
  return { page: "portal", exam_id: "" };
}

/** The route of a page by its name; the portal for anything else. */
export function routeOf(to: ReturnTo): { path: string; query?: Record<string, string> } {
  const id = to.exam_id ?? "";
  if (to.page === "exam_detail" && ID.test(id)) return { path: "/exam/detail", query: { id } };
  if (to.page === "me") return { path: "/me" };
  return { path: "/" };
}
