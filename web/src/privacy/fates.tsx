import { formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { Notice } from "../ui";
import { goes, stays, tableName, type Tables } from "./model";

function List(props: { title: string; tables: Tables; class: string }) {
  if (props.tables.length === 0) return null;
  return (
    <div class={`fates ${props.class}`}>
      <h3>{props.title}</h3>
      <ul>
        {props.tables.map((one) => (
          <li key={one.table}>
            <span>{tableName(one.table)}</span>
            <span class="muted">{tn("privacy.rows", one.rows, { count: formatNumber(one.rows) })}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What goes and what stays, before it is too late. */
export function Fates({ tables }: { tables: Tables }) {
  return (
    <>
      <Notice tone="red">{t("privacy.erase_final")}</Notice>
      <div class="fates-two">
        <List title={t("privacy.erase_goes")} tables={goes(tables)} class="fates-go" />
        <List title={t("privacy.erase_stays")} tables={stays(tables)} class="fates-stay" />
      </div>
      <p class="small muted">{t("privacy.erase_more")}</p>
    </>
  );
}
