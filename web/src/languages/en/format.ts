/** How times are written, in English. */
import { counted, type Shape } from "@/languages/shape";
import type { formatTexts as zh } from "../zh/format";

export const formatTexts: Shape<typeof zh> = {
  locale: "en-GB",
  month: "short",
  days: (n) => `${counted(n, "day")} `,
};
