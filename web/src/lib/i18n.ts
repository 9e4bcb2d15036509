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
const loaders: Record<Language, () => Promise<{ default: Texts }>> = {
  en: () => import("habitue:locale/en"),
  fr: () => import("habitue:locale/fr"),
  it: () => import("habitue:locale/it"),
  es: () => import("habitue:locale/es"),
  ru: () => import("habitue:locale/ru"),
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

let asked = 0;
/** Loads the texts, then switches; the latest call wins. */
export async function setLanguage(next: Language): Promise<void> {
  const mine = ++asked;
  const module = await loaders[next]();
  if (mine !== asked) return;
  texts.value = module.default;
  language.value = next;
  localStorage.setItem(stored, next);
  document.documentElement.lang = next;
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
