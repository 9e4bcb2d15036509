// The certificates of a customer, on the card.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { t } from "../lib/i18n";
import { usePages } from "../lib/load";
import { More } from "../customer/operations";
import { may } from "../shell/session";
import { Button, EmptyState } from "../ui";
import { IssueDialog } from "./issue";
import { CertificateTable } from "./list";
import { changed } from "./model";

export function CustomerCertificates({ customer, name }: { customer: string; name: string }) {
  const [issuing, setIssuing] = useState(false);
  const pages = usePages(`certificates ${customer} ${changed.value}`, (cursor, signal) =>
    api.get("/customers/{id}/certificates", { path: { id: customer }, query: { cursor }, signal }),
  );
  const issue = may("customers_write") && (
    <Button size="s" icon="gift" onClick={() => setIssuing(true)}>
      {t("certificates.issue")}
    </Button>
  );
  const empty = !pages.loading && !pages.error && pages.items.length === 0;
  return (
    <section class="card-section">
      <header>
        <h2>{t("nav.certificates")}</h2>
        {!empty && issue}
      </header>
      {pages.items.length > 0 && <CertificateTable items={pages.items} label={t("nav.certificates")} />}
      {empty ? (
        <EmptyState
          icon="gift"
          title={t("certificates.none_here")}
          text={t("certificates.none_here_text")}
          action={issue || undefined}
        />
      ) : (
        <More pages={pages} label={t("bulk.load_more")} end="" />
      )}
      {issuing && <IssueDialog customer={customer} name={name} onClose={() => setIssuing(false)} />}
    </section>
  );
}
