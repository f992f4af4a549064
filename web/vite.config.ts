import vue from "@vitejs/plugin-vue";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { detectorFiles, detectorVersion } from "./build/detector.ts";
import {
  isFirst,
  language,
  languagePage,
  languages,
  otherLanguages,
  shownOf,
} from "./build/languages.ts";
import { recordCheck } from "./build/record-check.ts";
import { speedFiles } from "./build/speed.ts";

const launcher = process.env["LAUNCHER"] ?? "http://127.0.0.1:8000";
// The launcher refuses calls of foreign pages; the development server speaks for its own.
const proxied = { target: launcher, changeOrigin: true, headers: { origin: launcher } };

// What every screen needs is one file. Else the first view loads several of a few hundred bytes each.
const BASE = {
  name: "base",
  test: /[\\/](node_modules[\\/](vue|@vue|vue-router|openapi-fetch)|src[\\/](api|languages[\\/]\w+[\\/]common))|export-helper/,
};

// The first view lists the files of all screens, so their hashes are no longer than they need to be.
const NAMES = {
  entryFileNames: "assets/[name]-[hash:7].js",
  chunkFileNames: "assets/[name]-[hash:7].js",
  assetFileNames: "assets/[name]-[hash:7][extname]",
};

export default defineConfig({
  plugins: [
    vue(),
    languagePage(),
    ...(isFirst ? [detectorFiles(), speedFiles(), recordCheck(), otherLanguages()] : []),
  ],
  resolve: {
    alias: {
      "@": fileURLToPath(new URL("./src", import.meta.url)),
      "#texts": fileURLToPath(new URL(`./src/languages/${language.folder}`, import.meta.url)),
    },
  },
  define: {
    __VUE_OPTIONS_API__: false,
    __DETECTOR_VERSION__: JSON.stringify(detectorVersion),
    __LANGUAGE__: JSON.stringify(shownOf(language)),
    __LANGUAGES__: JSON.stringify(languages.map(shownOf)),
  },
  build: {
    target: "chrome87", // the kernels of older 360 and QQ browsers
    emptyOutDir: isFirst,
    copyPublicDir: isFirst,
    manifest: isFirst || `.vite/manifest.${language.folder}.json`, // the test of the first view's size reads them
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: [BASE] }, ...NAMES } },
    assetsInlineLimit: 0, // no data: URIs, so that the content security policy can stay narrow
  },
  // beside this folder lie the tokens that the preview of a bank shares
  server: {
    host: "127.0.0.1",
    fs: { allow: [".."] },
    proxy: { "/api": proxied, "/_local": proxied },
  },
  test: { include: ["tests/**/*.test.ts"], testTimeout: 30_000 },
});
