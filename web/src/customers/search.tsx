// The search box (words, or any term of the query language), the query's text itself, and the chips.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../lib/i18n";
import { useShortcuts } from "../shell/shortcuts";
import { SegmentActions } from "../segments/actions";
import { Button, Chip, Icon, IconButton } from "../ui";
import { MarkedText } from "./marked-text";
import { isCardNumber, openCard } from "../fidelity/model";
import { splitSearch, type Term, unitsOfBytes } from "./query";
import { queryProblem, serverTerms, slow } from "./rows";
import { clearAll, narrow, queryText, rawOpen, setQueryText, setRaw, setSearch, setTerms, terms } from "./state";
import { termWords } from "./words";

const typingDelayMs = 60;

export function SearchBox() {
  const input = useRef<HTMLInputElement>(null);
  const draft = useSignal(splitSearch(terms.peek()).search);
  const timer = useRef(0);
  /* while somebody types: the filters that stood before */
  const typing = useRef<readonly Term[] | null>(null);
  const fromAddress = splitSearch(terms.value).search;
  useEffect(() => {
    if (!typing.current) draft.value = fromAddress;
  }, [fromAddress]);
  useShortcuts("shortcuts.search_group", [
    {
      keys: ["/"],
      text: "shortcuts.search",
      run: () => {
        input.current?.focus();
        input.current?.select();
      },
    },
  ]);
  const type = (text: string) => {
    if (isCardNumber(text.trim())) {
      clearTimeout(timer.current);
      void openCard(text.trim());
      return;
    }
    const filters = (typing.current ??= splitSearch(terms.peek()).filters);
    draft.value = text;
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setSearch(text, filters), typingDelayMs);
  };
  /* what was typed as a term of the language becomes a chip once it is finished */
  const finish = () => {
    if (!typing.current) return;
    clearTimeout(timer.current);
    setSearch(draft.peek(), typing.current);
    typing.current = null;
    draft.value = splitSearch(terms.peek()).search;
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") finish();
    else if (event.key === "ArrowDown") {
      event.preventDefault();
      finish();
      document.querySelector<HTMLElement>(".list")?.focus();
    } else if (event.key === "Escape") {
      if (draft.peek()) type("");
      else input.current?.blur();
    }
  };
  return (
    <div class="search" role="search">
      <Icon name="search" />
      <input
        ref={input}
        class="input search-input"
        type="search"
        enterkeyhint="search"
        autocomplete="off"
        spellcheck={false}
        aria-label={t("search.label")}
        placeholder={t(narrow.value ? "search.short" : "search.placeholder")}
        value={draft.value}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={press}
        onBlur={finish}
      />
      {slow.value && <span class="search-slow" />}
      {draft.value ? (
        <IconButton icon="x" iconSize={14} label={t("search.clear")} onClick={() => type("")} />
      ) : (
        <kbd class="search-key" aria-hidden="true">
          /
        </kbd>
      )}
      <IconButton
        icon="code"
        label={t(rawOpen.value ? "search.raw_close" : "search.raw_open")}
        aria-pressed={rawOpen.value}
        onClick={() => setRaw(!rawOpen.value)}
      />
    </div>
  );
}

interface Mistake {
  from: number;
  to: number;
  detail: string;
  /** The whole text with the nearest known word in place. */
  better: string | null;
  near: string;
}

function mistakeIn(text: string): Mistake | null {
  const problem = queryProblem.value;
  if (!problem) return null;
  const from = unitsOfBytes(text, problem.from ?? 0);
  const to = Math.max(from + 1, unitsOfBytes(text, problem.to ?? 0));
  const near = problem.args?.near ?? "";
  const better = near ? text.slice(0, from) + near + text.slice(to) : null;
  return { from, to, detail: problem.detail, better, near };
}

/** What is wrong with the query, where, and what may have been meant. */
export function QueryMistake() {
  const text = queryText.value;
  const mistake = mistakeIn(text);
  if (!mistake) return null;
  const cut = (part: string, end: "head" | "tail") =>
    part.length <= 40 ? part : end === "head" ? `…${part.slice(-40)}` : `${part.slice(0, 40)}…`;
  return (
    <div class="mistake" role="alert">
      <Icon name="circle-alert" />
      <div class="mistake-words">
        <p>{mistake.detail}</p>
        <p class="mistake-text">
          {cut(text.slice(0, mistake.from), "head")}
          <mark>{text.slice(mistake.from, mistake.to) || " "}</mark>
          {cut(text.slice(mistake.to), "tail")}
        </p>
      </div>
      {mistake.better !== null && (
        <Button size="s" onClick={() => setQueryText(mistake.better!)}>
          {t("search.did_you_mean", { word: mistake.near })}
        </Button>
      )}
    </div>
  );
}

/** The query as it is written, for those who like to type; mistakes are underlined in place. */
export function RawQuery() {
  const draft = useSignal(queryText.peek());
  const box = useRef<HTMLTextAreaElement>(null);
  const timer = useRef(0);
  const text = queryText.value;
  useEffect(() => {
    if (document.activeElement !== box.current) draft.value = text;
  }, [text]);
  useEffect(() => box.current?.focus(), []);
  const type = (next: string) => {
    draft.value = next;
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setQueryText(next.trim(), { typing: true }), typingDelayMs);
  };
  const mistake = draft.value.trim() === text ? mistakeIn(text) : null;
  const lead = draft.value.length - draft.value.trimStart().length;
  return (
    <MarkedText
      box={box}
      value={draft.value}
      mark={mistake && { from: lead + mistake.from, to: lead + mistake.to }}
      label={t("search.raw_label")}
      placeholder={t("search.raw_placeholder")}
      onText={type}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.preventDefault();
        if (event.key === "Escape") setRaw(false);
      }}
    />
  );
}

function serverTermOf(term: Term) {
  return serverTerms.value.find((one) => one.text === term.text);
}

/** Every filter that is on; each can be taken off alone. */
export function Chips() {
  const { search, filters } = splitSearch(terms.value);
  if (filters.length === 0) return null;
  const remove = (term: Term) => setTerms(terms.peek().filter((one) => one.text !== term.text));
  return (
    <div class="chips" role="group" aria-label={t("filters.applied")}>
      {filters.map((term) => {
        const words = termWords(term, serverTermOf(term));
        const all = [words.name, term.negated ? t("filters.not") : "", words.values].filter(Boolean).join(" ");
        return (
          <Chip
            key={term.text}
            tone={term.negated ? "negated" : "neutral"}
            removeLabel={t("filters.remove", { filter: all })}
            onRemove={() => remove(term)}
          >
            {words.name && <span>{words.name}: </span>}
            {term.negated && <span>{t("filters.not")} </span>}
            <span class={words.name ? "strong" : "chip-raw"}>{words.values}</span>
          </Chip>
        );
      })}
      {(filters.length > 1 || search) && (
        <button type="button" class="chips-clear" onClick={clearAll}>
          {t("filters.clear")}
        </button>
      )}
      <SegmentActions />
    </div>
  );
}
