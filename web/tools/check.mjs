// What the compiler of the bundle does not see: types, texts left in the code, and texts missing in a
// language. Run by "npm run check [OPENAPI_JSON]"; prints what is wrong and exits 1. Without the file the
// newest build of the program is asked for its document.
import { spawnSync } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { firstSources, forms, languages, namedIn } from "../texts.mjs";
import { generateTypes } from "./types.mjs";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const wrong = [];

async function filesBelow(folder, ending) {
  const found = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(path, ending)));
    else if (ending.test(entry.name)) found.push(path);
  }
  return found.sort();
}

/** Texts by language; a key that stands in two files is wrong. */
async function readTexts(language) {
  const texts = new Map();
  for (const file of await filesBelow(join(web, "locales", language), /\.json$/)) {
    const part = JSON.parse(await readFile(file, "utf8"));
    for (const [key, text] of Object.entries(part)) {
      if (texts.has(key)) wrong.push(`${relative(web, file)}: ${key} stands in another file too`);
      if (typeof text !== "string" || !text.trim()) wrong.push(`${relative(web, file)}: ${key} has no text`);
      texts.set(key, text);
    }
  }
  return texts;
}

const namesIn = (text) => [...String(text).matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join(",");

/** Every language has every key, each plural every form of its language, each text the same {names}. */
function compareTexts(all) {
  const [firstLanguage, ...others] = languages;
  const first = all.get(firstLanguage);
  const keys = [...first.keys()].filter((key) => key.endsWith(".one")).map((key) => key.replace(forms, ""));
  const stems = new Set(keys.filter((key) => first.has(`${key}.other`)));
  for (const language of languages) {
    const texts = all.get(language);
    /* "un million de clients" has a form of its own, which may be left to "other" */
    const rules = new Intl.PluralRules(language);
    const needed = new Set(Array.from({ length: 200 }, (_, n) => rules.select(n)));
    for (const stem of stems)
      for (const form of needed)
        if (!texts.has(`${stem}.${form}`)) wrong.push(`${language}: ${stem}.${form} is missing`);
  }
  for (const language of others) {
    const texts = all.get(language);
    for (const [key, text] of first) {
      if (stems.has(key.replace(forms, ""))) continue;
      if (!texts.has(key)) wrong.push(`${language}: ${key} is missing`);
      else if (namesIn(texts.get(key)) !== namesIn(text))
        wrong.push(`${language}: ${key} names {${namesIn(texts.get(key))}}, not {${namesIn(text)}}`);
    }
    for (const key of texts.keys())
      if (!first.has(key) && !stems.has(key.replace(forms, "")))
        wrong.push(`${language}: ${key} is not in ${firstLanguage}`);
  }
}

const spoken = new Set(["title", "label", "placeholder", "alt", "aria-label", "hint", "text"]);
const hasWords = (text) => /\p{L}{2}/u.test(text);

/** Words in JSX, and keys that no text has. Keys put together at run time are looked at by their start. */
function checkSource(file, keys) {
  const path = file.fileName;
  const say = (node, what) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    wrong.push(`${relative(web, path)}:${line + 1}: ${what}`);
  };
  const showcase = path.endsWith("showcase.tsx");
  const knows = (key) => keys.has(key) || keys.has(`${key}.other`);
  const checkKey = (node) => {
    if (ts.isStringLiteralLike(node) && !knows(node.text)) say(node, `no text for ${node.text}`);
    if (ts.isConditionalExpression(node)) {
      checkKey(node.whenTrue);
      checkKey(node.whenFalse);
    }
    if (ts.isTemplateExpression(node) && ![...keys].some((key) => key.startsWith(node.head.text)))
      say(node, `no text begins with ${node.head.text}`);
    /* by this beginning texts.mjs finds the page that needs them */
    if (ts.isTemplateExpression(node) && !/[._]$/.test(node.head.text))
      say(node, `the fixed part of a key ends with . or _, not ${node.head.text}`);
  };
  const visit = (node) => {
    if (ts.isJsxText(node) && hasWords(node.text)) say(node, `words in the code: ${node.text.trim()}`);
    if (
      ts.isJsxAttribute(node) &&
      !showcase &&
      spoken.has(node.name.getText()) &&
      node.initializer &&
      ts.isStringLiteral(node.initializer) &&
      hasWords(node.initializer.text)
    )
      say(node, `words in the code: ${node.initializer.text}`);
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && /^tn?$/.test(node.expression.text))
      if (node.arguments[0]) checkKey(node.arguments[0]);
    ts.forEachChild(node, visit);
  };
  visit(file);
}

const formatHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => web,
  getNewLine: () => "\n",
};

/** All of the client, read once for the type checker and for checkSource(). */
function programOf(path) {
  const told = (diagnostic) => {
    throw new Error(ts.formatDiagnostics([diagnostic], formatHost));
  };
  const config = ts.getParsedCommandLineOfConfigFile(path, {}, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: told,
  });
  config.errors.forEach(told);
  return ts.createProgram({
    rootNames: config.fileNames,
    options: config.options,
    host: ts.createCompilerHost(config.options, true),
  });
}

/** The OpenAPI document as text. */
async function apiDocument() {
  if (process.argv[2]) return readFile(resolve(process.argv[2]), "utf8");
  const top = join(web, "..");
  const folders = (await readdir(top)).filter((name) => /^build(-|$)/.test(name));
  const programs = await Promise.all(
    folders.map(async (name) => {
      const path = join(top, name, "openapi");
      return stat(path).then(({ mtimeMs }) => ({ path, mtimeMs }), () => null);
    }),
  );
  const newest = programs.filter(Boolean).sort((a, b) => b.mtimeMs - a.mtimeMs)[0];
  if (!newest) throw new Error("build the program first: the types of the API come from it");
  const made = spawnSync(newest.path, { encoding: "utf8", maxBuffer: 1 << 26 });
  if (made.status !== 0) throw new Error(`${newest.path}: ${made.stderr || made.error}`);
  return made.stdout;
}

await generateTypes(await apiDocument());
const all = new Map();
for (const language of languages) all.set(language, await readTexts(language));
compareTexts(all);
const keys = new Set(all.get("en").keys());
const program = programOf(join(web, "tsconfig.json"));
const sources = join(web, "src") + sep;
for (const file of program.getSourceFiles())
  if (resolve(file.fileName).startsWith(sources)) checkSource(file, keys);
const told = ts.getPreEmitDiagnostics(program);
if (told.length) wrong.push(ts.formatDiagnostics(told, formatHost).trim());
if (wrong.length) {
  process.stderr.write(`${wrong.join("\n")}\n`);
  process.exit(1);
}
