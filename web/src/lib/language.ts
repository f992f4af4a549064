/** The language of this page, and the way to another one. */

export interface Language {
  readonly tag: string;
  readonly name: string; // by which its readers know it
  readonly address: string; // that all addresses of the page in this language begin with
}

export const language: Language = __LANGUAGE__;

export const otherLanguages: readonly Language[] = __LANGUAGES__.filter(
  ({ tag }) => tag !== language.tag,
);

/** The address of a route (`path` with query and hash) in a language. */
export function addressIn(other: Language, path: string): string {
  return other.address + path.slice(1);
}

/** Remembers the choice for this tab and for later visits; `public/start.js` reads it. */
export function choose(other: Language): void {
  try {
    sessionStorage.setItem("language", other.address);
    localStorage.setItem("language", other.address);
  } catch {
    // The browser keeps nothing: the address alone decides.
  }
}
