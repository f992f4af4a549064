/**
 * Copies the engine of the face detector from its package into the built page, under a path with its version.
 * CloudFront compresses no file above 10 MB, so the build writes the compressed forms beside the files.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin, ResolvedConfig } from "vite";

const WEB = fileURLToPath(new URL("..", import.meta.url));
const PACKAGE = join(WEB, "node_modules/@mediapipe/tasks-vision");
const CACHE = join(WEB, "node_modules/.cache/detector"); // compressing takes longer than the whole build
const FILES = ["vision_wasm_internal", "vision_wasm_nosimd_internal"].flatMap((name) => [
  `${name}.js`,
  `${name}.wasm`,
]);

const FORMS: Record<string, (plain: Buffer) => Promise<Buffer>> = {
  ".br": (plain) =>
    promisify(brotliCompress)(plain, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 9,
        [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
      },
    }),
  ".gz": (plain) => promisify(gzip)(plain, { level: 9 }),
};

/** The version is part of the address, so that a browser may cache the files for ever. */
export const detectorVersion = (
  JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf-8")) as { version: string }
).version;

async function compressed(plain: Buffer, form: string): Promise<Buffer> {
  const cached = join(CACHE, createHash("sha256").update(plain).digest("hex") + form);
  if (existsSync(cached)) return readFileSync(cached);
  const bytes = await FORMS[form]!(plain);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(`${cached}.${process.pid}`, bytes);
  renameSync(`${cached}.${process.pid}`, cached); // atomic, so that no half file is left
  return bytes;
}

export function detectorFiles(): Plugin {
  const folder = `detector/${detectorVersion}`;
  let config: ResolvedConfig;
  return {
    name: "detector-files",
    configResolved(resolved) {
      config = resolved;
    },
    configureServer(server) {
      server.middlewares.use(`/${folder}`, (request, response, next) => {
        const file = request.url?.slice(1).split("?")[0] ?? "";
        if (!FILES.includes(file)) return next();
        response.setHeader(
          "Content-Type",
          file.endsWith(".js") ? "text/javascript" : "application/wasm",
        );
        response.end(readFileSync(join(PACKAGE, "wasm", file)));
      });
    },
    async generateBundle() {
      for (const file of FILES) {
        const plain = readFileSync(join(PACKAGE, "wasm", file));
        this.emitFile({ type: "asset", fileName: `${folder}/${file}`, source: plain });
        for (const form of Object.keys(FORMS)) {
          const source = await compressed(plain, form);
          this.emitFile({ type: "asset", fileName: `${folder}/${file}${form}`, source });
        }
      }
    },
    closeBundle() {
      rmSync(join(config.root, config.build.outDir, "detector/ready"), { force: true }); // make's own stamp
    },
  };
}
