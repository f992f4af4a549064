/** How long typed texts may be. The server has the same limits and counts in the same way. */
import { texts } from "#texts/common";

export const MOST = { name: 40, organisation: 100, region: 60, text: 500 } as const;

/** How many characters a text has without the spaces around it. */
export function lengthOf(text: string): number {
  return [...text.trim()].length;
}

/** What to say about a text that is too long; "" when it fits. */
export function tooLong(text: string, most: number): string {
  const over = lengthOf(text) - most;
  return over > 0 ? texts.common.tooLong(over, most) : "";
}
