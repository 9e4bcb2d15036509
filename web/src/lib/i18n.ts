// Texts in the reader's language. t() looks a key up and fills {name}; plurals have keys
// "<key>.one", ".few", ".many", ".other" as Intl.PluralRules asks for in that language.
import { signal } from "@preact/signals";

export const languages = ["en", "fr", "it", "es", "ru"] as const;
export type Language = (typeof languages)[number];
export type TextArgs = Readonly<Record<string, string | number>>;

/** Each language in its own name: the one text that is the same in every language. */
export const languageNames: Readonly<Record<Language, string>> = {
  en: "English",
  fr: "Français",
  it: "Italiano",
  es: "Español",
  ru: "Русский",
};

type Texts = Readonly<Record<string, string>>;
type Loader = () => Promise<{ default: Texts }>;
/** What the first page says, and the rest (web/texts.mjs). */
const loaders: Record<Language, readonly [first: Loader, rest: Loader]> = {
  en: [() => import("habitue:locale/en/first"), () => import("habitue:locale/en/rest")],
  fr: [() => import("habitue:locale/fr/first"), () => import("habitue:locale/fr/rest")],
  it: [() => import("habitue:locale/it/first"), () => import("habitue:locale/it/rest")],
  es: [() => import("habitue:locale/es/first"), () => import("habitue:locale/es/rest")],
  ru: [() => import("habitue:locale/ru/first"), () => import("habitue:locale/ru/rest")],
};

const stored = "habitue.language";
const texts = signal<Texts>({});
/** The language of what is on screen; changes only once its texts are here. */
export const language = signal<Language>("en");

export function isLanguage(value: string): value is Language {
  return (languages as readonly string[]).includes(value);
}

/** The language chosen in this browser before, else the best the browser asks for. */
export function preferredLanguage(): Language {
  const chosen = localStorage.getItem(stored);
  if (chosen && isLanguage(chosen)) return chosen;
  for (const tag of navigator.languages) {
    const primary = tag.split("-")[0]!.toLowerCase();
    if (isLanguage(primary)) return primary;
  }
  return "en";
}

let wanted: Language = "en";
let wantAll = false;
let hasAll = false;
let newest: Promise<void> = Promise.resolve();

async function switchTo(next: Language): Promise<void> {
  const all = wantAll;
  const parts = await Promise.all(loaders[next].slice(0, all ? 2 : 1).map((load) => load()));
  texts.value = Object.assign({}, ...parts.map((part) => part.default));
  language.value = next;
  hasAll = all;
  localStorage.setItem(stored, next);
  document.documentElement.lang = next;
}

/** Loads the texts, then switches; calls follow one another, so that the latest has the last word. */
export function setLanguage(next: Language): Promise<void> {
  wanted = next;
  const before = newest.catch(() => undefined);
  newest = before.then(() => switchTo(next));
  return newest;
}

/** For code that is not on the first page: `code` once the texts that it needs are here too. */
export async function withAllTexts<T>(code: Promise<T>): Promise<T> {
  if (!hasAll) {
    wantAll = true;
    await setLanguage(wanted);
  }
  return code;
}

/** The regional form for Intl: British dates and weeks for English, the rest as their own. */
export function localeTag(): string {
  return language.value === "en" ? "en-GB" : language.value;
}

function fill(text: string, args: TextArgs | undefined): string {
  if (!args) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = args[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? number(value) : value;
  });
}

const formats = new Map<string, Intl.NumberFormat>();
function number(value: number): string {
  const tag = localeTag();
  let format = formats.get(tag);
  if (!format) formats.set(tag, (format = new Intl.NumberFormat(tag)));
  return format.format(value);
}

/** Is there a text for this key? For values that come from data (a country, a kind). */
export function hasText(key: string): boolean {
  return key in texts.value;
}

/** What follows the prefix in every key that has it. */
export function keysUnder(prefix: string): string[] {
  return Object.keys(texts.value)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
}

const complained = new Set<string>();
/** A text that is missing shows as its key, and the tests see it. */
function missing(key: string): string {
  if (!complained.has(key)) console.error(`no text for ${key} in ${language.peek()}`);
  complained.add(key);
  return key;
}

export function t(key: string, args?: TextArgs): string {
  return fill(texts.value[key] ?? missing(key), args);
}

const rules = new Map<string, Intl.PluralRules>();
/** The plural form for `count`, which also fills {count}. */
export function tn(key: string, count: number, args?: TextArgs): string {
  const tag = localeTag();
  let rule = rules.get(tag);
  if (!rule) rules.set(tag, (rule = new Intl.PluralRules(tag)));
  const form = texts.value[`${key}.${rule.select(count)}`] ?? texts.value[`${key}.other`];
  return fill(form ?? missing(key), { count, ...args });
}
