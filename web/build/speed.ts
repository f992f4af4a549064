/** Makes `/speed/<bytes>.bin`, the downloads of the network check, in the build and in the dev server. */
import { createCipheriv } from "node:crypto";
import type { Plugin } from "vite";

const SIZES = [64, 128, 256, 512, 1024, 2048, 4096].map((kb) => kb * 1024);

/** Returns bytes that cannot be compressed, the same with each build. */
function noise(bytes: number): Buffer {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(
    Buffer.alloc(bytes),
  );
}

export function speedFiles(): Plugin {
  return {
    name: "speed-files",
    configureServer(server) {
      server.middlewares.use("/speed", (request, response, next) => {
        const bytes = Number(/^\/(\d+)\.bin/.exec(request.url ?? "")?.[1]);
        if (SIZES.includes(bytes)) response.end(noise(bytes));
        else next();
      });
    },
    generateBundle() {
      for (const bytes of SIZES) {
        this.emitFile({ type: "asset", fileName: `speed/${bytes}.bin`, source: noise(bytes) });
      }
    },
  };
}
