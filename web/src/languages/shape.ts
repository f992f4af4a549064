/**
 * The shape of texts: the keys, lists and functions that each language has, whatever its words are. The Chinese texts
 * give it, so that the compiler refuses a language that lacks one.
 */
export type Shape<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { readonly [K in keyof T]: Shape<T[K]> };

/** `1 question`, `2 questions`: for languages that count so. */
export function counted(n: number, one: string, more = `${one}s`): string {
  return `${n} ${n === 1 ? one : more}`;
}
