// One certificate, to look at and to print: /certificates/{id}
import { api, ApiError } from "../api/client";
import { formatInstant, formatMoney } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import type { PageProps } from "../pages";
import { session } from "../shell/session";
import { Button, EmptyState, ErrorState, IconButton, Menu, PageHeader, QrPicture, SkeletonLines } from "../ui";
import { StateBadge, useActs } from "./list";
import { type Change, changed, type Detail, leftOf, nameOf, validity, worth } from "./model";

function Paper({ detail }: { detail: Detail }) {
  const one = detail.certificate;
  return (
    <article class="certificate-paper">
      <div>
        <p class="certificate-shop">{session.value!.merchant.name}</p>
        <p class="certificate-worth">{worth(one)}</p>
        <p class="strong">{one.type}</p>
        {one.description && <p class="certificate-words">{one.description}</p>}
        {one.message && <p class="certificate-words">{one.message}</p>}
        <p class="muted">
          {[one.customer && nameOf(one.customer), leftOf(one), validity(one)].filter(Boolean).join(" · ")}
        </p>
        <p class="certificate-big">
          <code>{one.code}</code>
        </p>
      </div>
      <QrPicture picture={detail.picture} label={t("certificates.picture", { code: one.code })} />
    </article>
  );
}

function Happened({ change }: { change: Change }) {
  const where = [change.store, change.staff, change.note].filter(Boolean);
  return (
    <li>
      <span class="strong">{t(`certificates.did_${change.kind}`)}</span>
      {change.amount_minor > 0 && <span> {formatMoney(change.amount_minor)}</span>}
      <span class="muted small">
        {" "}
        <time dateTime={change.at}>{formatInstant(change.at)}</time>
        {where.length > 0 && ` · ${where.join(" · ")}`}
      </span>
    </li>
  );
}

function History({ detail }: { detail: Detail }) {
  const one = detail.certificate;
  const issued = [formatInstant(one.issued_at), one.staff, one.reason].filter(Boolean).join(" · ");
  return (
    <section class="card-section no-print">
      <h2>{t("certificates.history")}</h2>
      <ul class="certificate-history">
        {detail.changes.map((change, i) => (
          <Happened key={i} change={change} />
        ))}
        <li>
          <span class="strong">{t("certificates.issued")}</span> <span class="muted small">{issued}</span>
        </li>
      </ul>
    </section>
  );
}

export default function CertificatePage({ params }: PageProps) {
  const id = params["id"] ?? "";
  const acts = useActs();
  const load = useLoad(`certificate ${id} ${changed.value}`, (signal) =>
    api.get("/certificates/{id}", { path: { id }, signal }),
  );
  const detail = load.value;
  const missing = load.error instanceof ApiError && load.error.status === 404;
  return (
    <div class="page certificates">
      <PageHeader
        title={detail?.certificate.type ?? t("nav.certificates")}
        back={{ href: "/certificates", label: t("nav.certificates") }}
        actions={
          detail && (
            <span class="no-print certificate-acts">
              <StateBadge one={detail.certificate} />
              <Button icon="printer" onClick={() => print()}>
                {t("certificates.print")}
              </Button>
              {acts.items(detail.certificate).length > 1 && (
                <Menu
                  label={t("card.actions")}
                  align="end"
                  items={acts.items(detail.certificate).slice(1)}
                  button={(attributes) => <IconButton icon="ellipsis" variant="secondary" label={t("card.actions")} {...attributes} />}
                />
              )}
            </span>
          )
        }
      />
      {detail ? (
        <>
          <Paper detail={detail} />
          {detail.certificate.customer && (
            <p class="no-print certificate-whose">
              <a href={`/customers/${detail.certificate.customer.id}?tab=certificates`}>{nameOf(detail.certificate.customer)}</a>
            </p>
          )}
          <History detail={detail} />
        </>
      ) : missing ? (
        <EmptyState icon="search-x" title={t("certificates.missing")} />
      ) : load.error ? (
        <ErrorState error={load.error} retry={load.reload} />
      ) : (
        <SkeletonLines lines={6} />
      )}
      {acts.dialog}
    </div>
  );
}
