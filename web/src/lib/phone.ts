/** Mobile numbers as they are typed. The server decides whether a number is valid. */

/** The 11 digits of a number (full width, with +86, spaces or dashes), or "" when it is none. */
export function parsePhone(text: string): string {
  const plain = text
    .normalize("NFKC")
    .replace(/[\s()-]/g, "")
    .replace(/^\+?86(?=1)/, "");
  return /^1\d{10}$/.test(plain) ? plain : "";
}
