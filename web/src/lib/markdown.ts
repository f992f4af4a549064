/** The part of Markdown that agreements use: headings, paragraphs, numbered lists. */

export type Block =
  { kind: "title" | "heading" | "paragraph"; text: string } | { kind: "list"; items: string[] };

/** Returns the blocks of a text in order. Unknown syntax becomes a paragraph, so that no text is left out. */
export function blocks(text: string): Block[] {
  const found: Block[] = [];
  for (const line of text.split(/\r?\n/).map((raw) => raw.trim())) {
    if (line) add(found, line);
  }
  return found;
}

function add(found: Block[], line: string): void {
  const item = /^\d+\.\s+(.*)$/.exec(line)?.[1];
  const last = found[found.length - 1];
  if (item !== undefined && last?.kind === "list") last.items.push(item);
  else if (item !== undefined) found.push({ kind: "list", items: [item] });
  else if (line.startsWith("## ")) found.push({ kind: "heading", text: line.slice(3) });
  else if (line.startsWith("# ")) found.push({ kind: "title", text: line.slice(2) });
  else found.push({ kind: "paragraph", text: line });
}
