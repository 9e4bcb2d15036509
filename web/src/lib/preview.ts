// What a draft would do, asked while it is typed: a pause, then one question; an older one is given up.
import { useEffect, useState } from "preact/hooks";
import { isAborted } from "../api/client";

const typingDelayMs = 250;

export interface Verdict<D, P> {
  of: D;
  preview?: P;
  error?: unknown;
}

/** What was told of the draft before stays until it is known. `version`: of what it is compared with. */
export function usePreview<D, P>(
  draft: D,
  asked: boolean,
  version: number,
  ask: (signal: AbortSignal) => Promise<P>,
): Verdict<D, P> | null {
  const [verdict, setVerdict] = useState<Verdict<D, P> | null>(null);
  const key = JSON.stringify(draft);
  useEffect(() => {
    if (!asked) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      ask(abort.signal).then(
        (preview) => setVerdict({ of: draft, preview }),
        (error: unknown) => {
          if (!isAborted(error) && !abort.signal.aborted) setVerdict({ of: draft, error });
        },
      );
    }, typingDelayMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, asked, version]);
  return verdict;
}
