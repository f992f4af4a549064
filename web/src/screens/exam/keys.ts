/** The keyboard of the exam: A–H and 1–8 choose, ← → turn the page, M marks. */
import { lettersOf } from "@/lib/answers";
import type { Entry, Question } from "@/screens/exam/questions";

export type Key =
  { kind: "go"; by: -1 | 1 } | { kind: "mark" } | { kind: "choose"; option: number };

/**
 * What a key means, null when it means nothing here. In a field that takes text all keys are text; in a table that is
 * wider than its place arrows move the table.
 */
export function keyOf(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "metaKey" | "target">,
): Key | null {
  if (event.ctrlKey || event.altKey || event.metaKey || takesText(event.target)) return null;
  if (event.key.startsWith("Arrow") && isTable(event.target)) return null;
  if (event.key === "ArrowLeft") return { kind: "go", by: -1 };
  if (event.key === "ArrowRight") return { kind: "go", by: 1 };
  if (event.key === "m" || event.key === "M") return { kind: "mark" };
  const option = optionOf(event.key.toLowerCase());
  return option >= 0 ? { kind: "choose", option } : null;
}

/** The place of the option that a key chooses, from 0; negative for other keys. */
function optionOf(key: string): number {
  return key.length === 1 ? Math.max("12345678".indexOf(key), "abcdefgh".indexOf(key)) : -1;
}

function takesText(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.type === "text";
}

function isTable(target: EventTarget | null): boolean {
  return target instanceof Element && target.classList.contains("table-frame");
}

/** Whether candidates may choose several options. */
export function takesSeveral(type: Question["type"]): boolean {
  return type === "multiple" || type === "indefinite";
}

/** The letters after an option was chosen: it replaces the other one, or is added or taken away. */
export function choose(question: Pick<Entry, "type" | "options" | "answer">, at: number): string {
  const letters = lettersOf(question.answer);
  const letter = question.options[at]?.letter;
  if (!letter) return letters;
  if (!takesSeveral(question.type)) return letter;
  const chosen = new Set(letters);
  if (!chosen.delete(letter)) chosen.add(letter);
  return [...chosen].sort().join("");
}
