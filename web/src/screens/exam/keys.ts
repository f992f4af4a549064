/** The keyboard of the exam: 1–9 choose, ← → turn the page, M marks. */
import type { Entry } from "@/screens/exam/questions";

export type Key =
  { kind: "go"; by: -1 | 1 } | { kind: "mark" } | { kind: "choose"; option: number };

/** What a key means, null when it means nothing here. */
export function keyOf(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "metaKey">,
): Key | null {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  if (event.key === "ArrowLeft") return { kind: "go", by: -1 };
  if (event.key === "ArrowRight") return { kind: "go", by: 1 };
  if (event.key === "m" || event.key === "M") return { kind: "mark" };
  if (/^[1-9]$/.test(event.key)) return { kind: "choose", option: Number(event.key) - 1 };
  return null;
}

/** The letters after an option was chosen: it replaces, or (multiple choice) is added or taken away. */
export function choose(question: Pick<Entry, "type" | "options" | "letters">, at: number): string {
  const letter = question.options[at]?.letter;
  if (!letter) return question.letters;
  if (question.type !== "multiple") return letter;
  const chosen = new Set(question.letters);
  if (!chosen.delete(letter)) chosen.add(letter);
  return [...chosen].sort().join("");
}
