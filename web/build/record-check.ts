/** Puts `/verify-record.html` beside the page: the checking page that lies in each zip of own data. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const FILE = fileURLToPath(new URL("../../chalicelib/own_records/verify.html", import.meta.url));

export function recordCheck(): Plugin {
  return {
    name: "record-check",
    configureServer(server) {
      server.middlewares.use("/verify-record.html", (_request, response) => {
        response.end(readFileSync(FILE));
      });
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "verify-record.html", source: readFileSync(FILE) });
    },
  };
}
