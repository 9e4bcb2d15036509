// Loading for pages: one thing, or a list page by page. A new key drops what was there and loads
// anew; leaving the page aborts. What is on screen stays there while it is loaded again.
import { useEffect, useRef, useState } from "preact/hooks";
import { isAborted } from "../api/client";

interface State<T> {
  key: string;
  value?: T;
  error?: unknown;
}
export interface Loaded<T> {
  value: T | undefined;
  error: unknown;
  reload: () => void;
  /** Puts a known newer value in place: the answer to a change. */
  set: (value: T) => void;
}

export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<State<T>>({ key });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const abort = new AbortController();
    latest.current(abort.signal).then(
      (value) => !abort.signal.aborted && setState({ key, value }),
      (error: unknown) => {
        if (abort.signal.aborted || isAborted(error)) return;
        setState((before) => ({ key, error, value: before.key === key ? before.value : undefined }));
      },
    );
    return () => abort.abort();
  }, [key, round]);
  const mine = state.key === key ? state : { key };
  return {
    value: mine.value,
    error: mine.error,
    reload: () => setRound((n) => n + 1),
    set: (value) => setState({ key, value }),
  };
}

interface Page {
  items: readonly unknown[];
  next: string | null;
}
export interface Paged<P extends Page> {
  items: P["items"][number][];
  /** The first page's answer, for what it says beside its items. */
  first: P | undefined;
  error: unknown;
  /** A page is on its way. */
  loading: boolean;
  hasMore: boolean;
  more: () => void;
  retry: () => void;
}

interface Pages<P> {
  key: string;
  list: readonly P[];
  pending: boolean;
  error?: unknown;
}

export function usePages<P extends Page>(
  key: string,
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<P>,
): Paged<P> {
  const empty: Pages<P> = { key, list: [], pending: true };
  const [pages, setPages] = useState(empty);
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const mine = pages.key === key ? pages : empty;
  const cursor = mine.list.at(-1)?.next ?? undefined;

  useEffect(() => {
    const abort = new AbortController();
    latest.current(cursor, abort.signal).then(
      (page) => {
        if (!abort.signal.aborted) setPages({ key, list: [...mine.list, page], pending: false });
      },
      (error: unknown) => {
        if (abort.signal.aborted || isAborted(error)) return;
        setPages({ key, list: mine.list, pending: false, error });
      },
    );
    return () => abort.abort();
  }, [key, round]);

  const go = () => {
    if (mine.pending) return;
    setPages({ key, list: mine.list, pending: true });
    setRound((n) => n + 1);
  };
  return {
    items: mine.list.flatMap((page) => page.items),
    first: mine.list[0],
    error: mine.error,
    loading: mine.pending,
    hasMore: mine.list.at(-1)?.next != null,
    more: go,
    retry: go,
  };
}
