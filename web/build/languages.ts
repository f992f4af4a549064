/**
 * The languages of the page. Each is one folder of `src/languages`, and one build: the first view loads one language.
 * The builds share `assets/`; what they have in common has the same name.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin, type ResolvedConfig } from "vite";

const FOLDER = fileURLToPath(new URL("../src/languages", import.meta.url));
const PAGE = "index.html";

export interface Language {
  folder: string;
  tag: string; // of HTML and of Accept-Language
  name: string; // by which its readers know it
  address: string; // that all addresses of the page in this language begin with
  page: Record<string, string>; // what index.html says
}

function read(folder: string): Language {
  const text = readFileSync(join(FOLDER, folder, "language.json"), "utf-8");
  return { folder, ...(JSON.parse(text) as Omit<Language, "folder">) };
}

/** All languages; first the one whose addresses have nothing before them. */
export const languages: readonly Language[] = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => read(entry.name))
  .sort((a, b) => a.address.length - b.address.length);

/** The language of this build or development server: the folder that `PAGE_LANGUAGE` names, or the first one. */
export const language: Language = chosen(process.env["PAGE_LANGUAGE"] ?? languages[0]!.folder);

function chosen(folder: string): Language {
  const found = languages.find((one) => one.folder === folder);
  if (!found) throw new Error(`there is no language ${folder} in ${FOLDER}`);
  return found;
}

/** What the page itself knows of a language. */
export function shownOf({ tag, name, address }: Language): object {
  return { tag, name, address };
}

/** Whether this build also writes the files that belong to no language. */
export const isFirst = language === languages[0];

/** Says in index.html what the language says, and puts it where the addresses of the language begin. */
export function languagePage(): Plugin {
  const addresses = languages.map(({ address }) => address).join(" ");
  const { tag, address, page } = language;
  const words: Record<string, string> = { tag, address, addresses, ...page };
  return {
    name: "language-page",
    enforce: "post",
    transformIndexHtml: {
      order: "pre",
      handler: (html) =>
        html.replace(/\{\{ (\w+) \}\}/g, (_, key: string) => {
          const word = words[key];
          if (word === undefined) throw new Error(`${language.folder} does not say ${key}`);
          return word;
        }),
    },
    generateBundle(_options, bundle) {
      const html = bundle[PAGE];
      if (isFirst || html?.type !== "asset") return;
      delete bundle[PAGE];
      const fileName = address.slice(1) + PAGE;
      this.emitFile({ type: "asset", fileName, source: html.source });
    },
  };
}

/** After the build of the first language, builds each other one into the same folder. */
export function otherLanguages(): Plugin {
  let config: ResolvedConfig;
  return {
    name: "other-languages",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    async closeBundle() {
      if (!isFirst) return;
      for (const { folder } of languages.slice(1)) {
        process.env["PAGE_LANGUAGE"] = folder; // the configuration is read anew
        await build({ root: config.root, logLevel: config.logLevel ?? "info" });
      }
    },
  };
}
