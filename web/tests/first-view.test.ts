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

it.each([
  ["manifest.json", "index.html"],
  ["manifest.en.json", "en/index.html"],
])("the first view of the portal is at most 60 kB, compressed: %s", (listed, address) => {
  const file = join(DIST, ".vite", listed);
  expect(existsSync(file), "build the page first: make web").toBe(true);
  const manifest = JSON.parse(readFileSync(file, "utf-8")) as Record<string, Chunk>;
  const files = new Set(filesOf(manifest, "index.html"));
  expect(files.size).toBeGreaterThanOrEqual(3); // script, style, base
  const page = [address, "start.js", ...files];
  const bytes = page.map((name) => gzipSync(readFileSync(join(DIST, name))).length);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MOST_BYTES);
});
