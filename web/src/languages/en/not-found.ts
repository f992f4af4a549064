/** All that a person reads here, in English. */
import type { Shape } from "@/languages/shape";
import { titles } from "./titles";
import type { notFoundTexts as zh } from "../zh/not-found";

export const notFoundTexts: Shape<typeof zh> = {
  title: titles.notFound,
  body: "This address does not exist. Perhaps the link is incomplete. You may be looking for:",
  exams: "All exams",
  mine: "My exams",
};
