// From a card: which other card is the same person?
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { formatPhone } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { nameOf } from "../customers/ticked";
import { Avatar, Dialog, ErrorState, Input, SkeletonLines } from "../ui";
import { mergeAddress } from "./model";
import { Merges } from "./merges";

const shown = 8;

/** Without words: whom the search for duplicates finds likely. */
function useFound(id: string, text: string) {
  return useLoad(`merge with ${id} ${text}`, async (signal) => {
    if (text) {
      const quoted = `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
      const list = await api.get("/customers", { query: { q: quoted, limit: 100 }, signal });
      const isNumber = (row: { number: number }) => Number(String(row.number) === text);
      return list.items
        .filter((row) => row.id !== id)
        .toSorted((a, b) => isNumber(b) - isNumber(a))
        .slice(0, shown);
    }
    const pairs = await api.get("/duplicates", { query: { customer: id, limit: shown }, signal });
    return pairs.items.map((pair) => (pair.a.id === id ? pair.b : pair.a));
  });
}

export function MergeWith({ id, onClose }: { id: string; onClose: () => void }) {
  const [text, setText] = useState("");
  const found = useFound(id, text.trim());
  return (
    <Dialog title={t("duplicates.merge_with")} onClose={onClose}>
      <div class="form">
        <p>{t("duplicates.merge_with_text")}</p>
        <Input
          type="search"
          icon="search"
          value={text}
          aria-label={t("duplicates.search_label")}
          placeholder={t("duplicates.search_label")}
          onText={setText}
        />
      </div>
      {found.error ? (
        <ErrorState error={found.error} retry={found.reload} />
      ) : !found.value ? (
        <SkeletonLines lines={4} />
      ) : found.value.length === 0 ? (
        <p class="muted">{text.trim() ? t("duplicates.search_nobody") : t("duplicates.none")}</p>
      ) : (
        <ul class="merge-found">
          {found.value.map((row) => (
            <li key={row.id}>
              <a class="merge-found-link" href={mergeAddress(id, row.id)} onClick={onClose}>
                <Avatar id={row.id} name={row.name} photo={row.photo} />
                <span class="merge-head-words">
                  <span class="strong">{nameOf(row)}</span>
                  <span class="small muted">
                    {[t("card.number", { number: String(row.number) }), row.phone && formatPhone(row.phone), row.email]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

/** The merges of one card, each with its way back. */
export function MergesOf({ id, onClose }: { id: string; onClose: () => void }) {
  return (
    <Dialog title={t("duplicates.history")} wide onClose={onClose}>
      <Merges customer={id} />
    </Dialog>
  );
}
