/** All that a person reads here, in English. */
import type { Shape } from "@/languages/shape";
import type { contentTexts as zh } from "../zh/content";

export const contentTexts: Shape<typeof zh> = {
  picture: "Picture",
  pictureOf: (alt) => `Picture: ${alt}`,
  loading: "Loading the picture…",
  failed: "The picture did not load",
  again: "Load it again",
  enlarge: "Enlarge",
  enlargeOf: (name) => `Enlarge ${name}`,
  closeHint:
    "Press Enter or click the picture to close it. In full screen do not press Esc, or you leave full screen.",
  raised: { superscript: "superscript ", subscript: "subscript ", bold: "", underline: "" },
  table: "Table",
};
