/** What a candidate loads before anything can be seen: read from the build. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const MOST_BYTES = 60_000;

interface Chunk {
  file: string;
  imports?: string[];
  css?: string[];
}

/** The files of a chunk and of all that it needs at once. */
function filesOf(
  manifest: Record<string, Chunk>,
  name: string,
  seen = new Set<string>(),
): string[] {
  const chunk = manifest[name];
  if (!chunk || seen.has(name)) return [];
  seen.add(name);
  const needed = (chunk.imports ?? []).flatMap((next) => filesOf(manifest, next, seen));
  return [chunk.file, ...(chunk.css ?? []), ...needed];
}

it("the first view of the portal is at most 60 kB, compressed", () => {
  const listed = join(DIST, ".vite/manifest.json");
  expect(existsSync(listed), "build the page first: make web").toBe(true);
  const manifest = JSON.parse(readFileSync(listed, "utf-8")) as Record<string, Chunk>;
  const entries = ["index.html"];
  const files = new Set(entries.flatMap((entry) => filesOf(manifest, entry)));
  expect(files.size).toBeGreaterThanOrEqual(3); // script, style, base
  const page = ["index.html", "unsupported.js", ...files];
  const bytes = page.map((file) => gzipSync(readFileSync(join(DIST, file))).length);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MOST_BYTES);
});
