/** The content of questions as the API gives it: a text, or a tree of paragraphs and tables. */
import type { Schemas } from "@/api/client";

export type Content = Schemas["ShownQuestion"]["stem"];
export type Block = Exclude<Content, string>[number];
export type Inline = Schemas["Paragraph"]["inlines"][number];
export type Picture = Schemas["Picture"];
export type Formula = Schemas["Formula"];
export type MathElement = Schemas["MathElement"];
