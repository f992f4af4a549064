/** Answers as candidates give them: letters as shown ("" for none), or the text of each blank. */

export type Answer = string | string[];

export const MOST_CHARACTERS = 200; // in one blank

/** The letters of an answer to a question with options. */
export function lettersOf(answer: Answer): string {
  return typeof answer === "string" ? answer : "";
}

/** The texts of an answer to a question with so many blanks, "" for each that is empty. */
export function textsOf(answer: Answer, blanks: number): string[] {
  const texts = typeof answer === "string" ? [] : answer;
  return Array.from({ length: blanks }, (_, index) => texts[index] ?? "");
}

/** How many of its blanks an answer fills. */
export function filledBlanks(answer: Answer): number {
  return typeof answer === "string" ? 0 : answer.filter((text) => text.trim()).length;
}

/** Whether nothing is answered: no letter, and no blank filled. */
export function isEmpty(answer: Answer): boolean {
  return typeof answer === "string" ? answer === "" : filledBlanks(answer) === 0;
}

/** The answer after one blank of so many was changed; "" when none is filled any more. */
export function withBlank(answer: Answer, blanks: number, index: number, text: string): Answer {
  const texts = textsOf(answer, blanks);
  texts[index] = oneLine(text);
  return isEmpty(texts) ? "" : texts;
}

// Control characters, line and paragraph separators, halves of surrogate pairs: the server takes none of them.
const UNWRITABLE = /[\p{Cc}\p{Cs}\u2028\u2029]+/gu;

/** A text as one line that a blank can hold: line ends become spaces, and it ends after 200 characters. */
export function oneLine(text: string): string {
  return text.replace(UNWRITABLE, " ").slice(0, MOST_CHARACTERS).replace(UNWRITABLE, "");
}
