// The text of a filter as a list of top-level terms, so that clicks can change one and leave the rest
// as it was written. It splits as the program's own lexer does (src/audience/query_lex.re) and judges
// nothing: whether fields and values exist is for the server to say.

export interface Term {
  /** As it stands in the text. */
  text: string;
  /** "text" for search words, "group" for parentheses or an "or", "broken" for what cannot be read. */
  field: string;
  negated: boolean;
  /** Without quotes. */
  values: readonly string[];
}

interface Token {
  kind: "open" | "close" | "comma" | "not" | "or" | "and" | "field" | "value" | "broken";
  from: number;
  to: number;
  value: string;
}

const blank = /[\s\u00a0\u202f\u3000]+/uy;
const quoted = /"(?:[^"\\]|\\.)*"/suy;
const word = /[^\s(),":\u00a0\u202f\u3000]+/uy;
const valueWord = /[^\s(),"\u00a0\u202f\u3000]+/uy;

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gsu, "$1");
}

function at(pattern: RegExp, text: string, from: number): string | null {
  pattern.lastIndex = from;
  return pattern.exec(text)?.[0] ?? null;
}

const single: Readonly<Record<string, Token["kind"]>> = { "(": "open", ")": "close", ",": "comma" };
const keywords: Readonly<Record<string, Token["kind"]>> = { or: "or", and: "and", not: "not" };

function readToken(text: string, from: number, valueNext: boolean): Token {
  const make = (kind: Token["kind"], size: number, value = ""): Token => ({ kind, from, to: from + size, value });
  const mark = single[text[from]!];
  if (mark) return make(mark, 1);
  const q = at(quoted, text, from);
  if (q) return make("value", q.length, unquote(q));
  if (text[from] === '"') return make("broken", text.length - from);
  const loose = valueNext || /[0-9+]/.test(text[from]!);
  if (!loose && text[from] === "-") return make("not", 1);
  const w = at(loose ? valueWord : word, text, from);
  if (!w) return make("broken", 1);
  if (!loose && text[from + w.length] === ":") return make("field", w.length + 1, w.toLowerCase());
  const keyword = valueNext ? undefined : keywords[w.toLowerCase()];
  return keyword ? make(keyword, w.length) : make("value", w.length, w);
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let place = 0;
  let valueNext = false;
  while (place < text.length) {
    const space = at(blank, text, place);
    if (space) {
      place += space.length;
      continue;
    }
    const token = readToken(text, place, valueNext);
    tokens.push(token);
    valueNext = token.kind === "field" || token.kind === "comma";
    place = token.to;
  }
  return tokens;
}

/** The index after the parenthesis that closes the one at `i`. */
function afterGroup(tokens: readonly Token[], i: number): number {
  let depth = 0;
  for (let k = i; k < tokens.length; k++) {
    if (tokens[k]!.kind === "open") depth++;
    if (tokens[k]!.kind === "close" && --depth === 0) return k + 1;
  }
  return tokens.length;
}

function readValues(tokens: readonly Token[], i: number): { values: string[]; next: number } {
  const values: string[] = [];
  let next = i;
  while (tokens[next]?.kind === "value") {
    values.push(tokens[next]!.value);
    if (tokens[next + 1]?.kind !== "comma") return { values, next: next + 1 };
    next += 2;
  }
  return { values, next };
}

function hasTopLevelOr(tokens: readonly Token[]): boolean {
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === "open") depth++;
    if (token.kind === "close") depth--;
    if (token.kind === "or" && depth === 0) return true;
  }
  return false;
}

export function parseTerms(text: string): Term[] {
  const tokens = tokenize(text);
  if (tokens.length === 0) return [];
  if (hasTopLevelOr(tokens)) return [{ text: text.trim(), field: "group", negated: false, values: [] }];
  const terms: Term[] = [];
  let i = 0;
  while (i < tokens.length) {
    const start = tokens[i]!;
    if (start.kind === "and") {
      i++;
      continue;
    }
    let negated = false;
    while (tokens[i]?.kind === "not") {
      negated = !negated;
      i++;
    }
    const head = tokens[i];
    let field = "broken";
    let values: string[] = [];
    let next = tokens.length;
    if (head?.kind === "open") {
      field = "group";
      next = afterGroup(tokens, i);
    } else if (head?.kind === "field" || head?.kind === "value") {
      field = head.kind === "field" ? head.value : "text";
      ({ values, next } = readValues(tokens, head.kind === "field" ? i + 1 : i));
      if (values.length === 0) field = "broken";
      next = Math.max(next, i + 1);
    }
    const end = tokens[next - 1]!.to;
    terms.push({ text: text.slice(start.from, end), field, negated, values });
    i = next;
  }
  return terms;
}

/** One text again; an "or" among others gets its parentheses. */
export function joinTerms(terms: readonly Term[]): string {
  return terms
    .map((term) =>
      term.field === "group" && terms.length > 1 && hasTopLevelOr(tokenize(term.text)) ? `(${term.text})` : term.text,
    )
    .join(" ");
}

const plain = /^[^\s(),":\\\u00a0\u202f\u3000]+$/u;
/** A value as it must be written: in quotes when it is more than one plain word. */
export function quoteValue(value: string): string {
  const reserved = value === "any" || value === "none";
  if (plain.test(value) && !reserved) return value;
  return `"${value.replace(/[\\"]/g, "\\$&")}"`;
}
/** A facet's key is already as it is written. */
export function keyValue(key: string): string {
  return key.startsWith('"') ? unquote(key) : key;
}

const same = (a: string, b: string) => a.toLocaleLowerCase() === b.toLocaleLowerCase();

/** The term of the field that clicks change: the first one, of those that are (not) negated. */
export function findTerm(terms: readonly Term[], field: string, negated = false): Term | undefined {
  return terms.find((term) => term.field === field && term.negated === negated);
}
export function hasValue(terms: readonly Term[], field: string, value: string, negated = false): boolean {
  return findTerm(terms, field, negated)?.values.some((v) => same(v, value)) ?? false;
}

/** Replaces the field's term; `written` are values as they stand in the text. None takes it away. */
export function setWritten(
  terms: readonly Term[],
  field: string,
  written: readonly string[],
  negated = false,
): Term[] {
  const old = findTerm(terms, field, negated);
  const text = `${negated ? "-" : ""}${field}:${written.join(",")}`;
  const term = parseTerms(text)[0];
  if (written.length === 0 || !term) return terms.filter((t) => t !== old);
  if (!old) return [...terms, term];
  return terms.map((t) => (t === old ? term : t));
}

const operators = /^(any|none|[<>=].*|.*\.\..*)$/;
/** Adds or takes one value; a value cannot be both wanted and excluded. */
export function toggleValue(terms: readonly Term[], field: string, value: string, negated = false): Term[] {
  const write = (v: string) => (operators.test(v) ? v : quoteValue(v));
  const others = findTerm(terms, field, !negated)?.values.filter((v) => !same(v, value));
  const cleaned = others ? setWritten(terms, field, others.map(write), !negated) : terms;
  const values = findTerm(cleaned, field, negated)?.values ?? [];
  const next = values.some((v) => same(v, value)) ? values.filter((v) => !same(v, value)) : [...values, value];
  return setWritten(cleaned, field, next.map(write), negated);
}

/** The words for the search box, and everything else. */
export function splitSearch(terms: readonly Term[]): { search: string; filters: Term[] } {
  const isSearch = (term: Term) => term.field === "text" && !term.negated;
  return {
    search: terms.filter(isSearch).map((term) => term.text).join(" "),
    filters: terms.filter((term) => !isSearch(term)),
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** The server counts bytes of UTF-8; texts here are counted in UTF-16 units. */
export function unitsOfBytes(text: string, bytes: number): number {
  return decoder.decode(encoder.encode(text).subarray(0, bytes)).length;
}
