// "Somebody has this number already": asked while a phone or an e-mail is typed.
import { useEffect, useState } from "preact/hooks";
import { api, isAborted, type Schemas } from "../api/client";
import { formatPhone } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { Notice } from "../ui";
import type { Draft } from "./draft";

export type Same = Schemas["SameContacts"];
const typingDelayMs = 300;

const values = (contacts: Draft["phones"]) => contacts.map((one) => one.value.trim()).filter(Boolean);

export function askSame(draft: Draft, except: string | undefined, signal?: AbortSignal): Promise<Same> {
  const phones = values(draft.phones);
  const emails = values(draft.emails);
  if (phones.length + emails.length === 0) return Promise.resolve({ items: [], hidden: 0 });
  return api.post("/customers/same", { body: { phones, emails, except: except ?? null }, signal });
}

export function useSame(draft: Draft, except?: string): Same | null {
  const [same, setSame] = useState<Same | null>(null);
  const key = JSON.stringify([values(draft.phones), values(draft.emails)]);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      askSame(draft, except, abort.signal).then(
        (answer) => !abort.signal.aborted && setSame(answer),
        (error: unknown) => {
          /* saving tells what is wrong */
          if (!isAborted(error) && !abort.signal.aborted) setSame(null);
        },
      );
    }, typingDelayMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, except]);
  return same;
}

export function isSomebody(same: Same | null): same is Same {
  return same !== null && same.items.length + same.hidden > 0;
}

export function SameList({ same }: { same: Same }) {
  return (
    <ul class="profile-same">
      {same.items.map((one) => (
        <li key={one.customer.id + one.value}>
          <a href={`/customers/${one.customer.id}`} target="_blank" rel="noopener">
            {one.customer.name || one.customer.nickname || t("card.number", { number: String(one.customer.number) })}
          </a>{" "}
          <span class="muted">
            {t("card.number", { number: String(one.customer.number) })} ·{" "}
            {one.by === "phone" ? formatPhone(one.value) : one.value}
          </span>
        </li>
      ))}
      {same.hidden > 0 && <li>{tn("profile.same_hidden", same.hidden)}</li>}
    </ul>
  );
}

export function SameNotice({ same }: { same: Same | null }) {
  return (
    <div aria-live="polite">
      {isSomebody(same) && (
        <Notice tone="amber">
          <p class="strong">{t("profile.same_title")}</p>
          <SameList same={same} />
        </Notice>
      )}
    </div>
  );
}
