// Fidelity cards to print, one or a sheet of A4: /cards/print?ids=1,2,3
import { api } from "../api/client";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { address } from "../lib/router";
import { session } from "../shell/session";
import { Button, EmptyState, ErrorState, PageHeader, QrPicture, SkeletonLines } from "../ui";
import { Bars } from "./bars";
import { sheetMost, spaced } from "./model";

export default function PrintPage() {
  const ids = (address.value.query.get("ids") ?? "").split(",").filter((id) => /^\d+$/.test(id)).slice(0, sheetMost);
  const key = ids.join(",");
  const loaded = useLoad(`sheet ${key}`, (signal) =>
    ids.length ? api.post("/cards/sheet", { body: { customers: ids }, signal }) : Promise.resolve({ items: [] }),
  );
  const cards = loaded.value?.items;
  const shop = session.value?.merchant.name ?? "";
  return (
    <div class="page">
      <div class="no-print">
        <PageHeader
          title={t("fidelity.print_title")}
          subtitle={cards && cards.length > 0 ? tn("fidelity.cards", cards.length) : undefined}
          back={{ href: ids.length === 1 ? `/customers/${ids[0]}` : "/customers", label: t("nav.customers") }}
          actions={
            <Button variant="primary" icon="printer" disabled={!cards?.length} onClick={() => print()}>
              {t("fidelity.print")}
            </Button>
          }
        />
      </div>
      {loaded.error ? <ErrorState error={loaded.error} retry={loaded.reload} /> : !cards && <SkeletonLines lines={6} />}
      {cards?.length === 0 && (
        <EmptyState icon="credit-card" title={t("fidelity.nobody")} text={t("fidelity.nobody_text")} />
      )}
      <ul class="fidelity-sheet">
        {cards?.map((card) => (
          <li key={card.number} class="fidelity-paper">
            <span class="fidelity-shop">{shop}</span>
            <span class="fidelity-name">{card.name || t("customers.numbered", { number: String(card.customer_number) })}</span>
            <QrPicture picture={card.qr} label={t("fidelity.qr", { number: card.number })} />
            <span class="fidelity-code">
              <Bars picture={card.bars} label={t("fidelity.bars", { number: card.number })} />
              <span class="fidelity-number">{spaced(card.number)}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
