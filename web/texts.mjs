// The texts of a language, in two parts: the first page's come with it, all others with whatever page is
// opened next (withAllTexts() in src/lib/i18n.ts). Which is which is read from the code: a text belongs to
// the first part if a module that the first page loads names its key, or how its key begins.
import { access, readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const web = dirname(fileURLToPath(import.meta.url));
const start = join(web, "src/main.tsx");

export const languages = ["en", "fr", "it", "es", "ru"];

/** What the program itself says stays out (PROGRAM_TEXTS in tools/embed.py). */
const programTexts = /^(problem|cli|report|prompt)\./;
/** The plural forms that end a key. */
export const forms = /\.(zero|one|two|few|many|other)$/;

async function sourceOf(path) {
  for (const name of [path, `${path}.ts`, `${path}.tsx`, join(path, "index.ts")])
    if (/\.tsx?$/.test(name) && (await access(name).then(() => true, () => false))) return name;
  return null;
}

/** The modules that stand in `source`: those that come with it; types and what withAllTexts() loads do not. */
function importsOf(source) {
  const code = source.replaceAll(/^\s*(import|export) type [^;]*;/gm, "").replaceAll(/(withAllTexts\(\s*|typeof )import\(/g, "");
  return [...code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)"(\.[^"]+)"/g)].map(([, path]) => path);
}

/** The sources of all that the first page needs. */
export async function firstSources() {
  const sources = new Map();
  const waiting = [start];
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    if (sources.has(path)) continue;
    const source = await readFile(path, "utf8");
    sources.set(path, source);
    for (const one of importsOf(source)) {
      const next = await sourceOf(join(dirname(path), one));
      if (next) waiting.push(next);
    }
  }
  return sources;
}

/** Says of a key whether one of the sources names it: whole, without its plural form, or by its beginning. */
export function namedIn(sources) {
  const names = new Set();
  for (const source of sources) for (const [name] of source.matchAll(/(?<=["`])[a-z][\w.]*/g)) names.add(name);
  const beginnings = [...names].filter((name) => /[._]$/.test(name));
  return (key) => names.has(key) || names.has(key.replace(forms, "")) || beginnings.some((one) => key.startsWith(one));
}

/** A language's texts, key → text. */
async function localeTexts(language) {
  const folder = join(web, "locales", language);
  const texts = {};
  for (const file of (await readdir(folder)).sort())
    if (file.endsWith(".json")) Object.assign(texts, JSON.parse(await readFile(join(folder, file), "utf8")));
  return texts;
}

/** One part of a language's texts: "first" or "rest". */
export async function textsOf(language, part) {
  const named = namedIn((await firstSources()).values());
  const texts = Object.entries(await localeTexts(language));
  return Object.fromEntries(texts.filter(([key]) => !programTexts.test(key) && named(key) === (part === "first")));
}
