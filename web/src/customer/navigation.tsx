// Back to the list as it was, and on to its previous or next customer.
import { t } from "../lib/i18n";
import { address, goBack, navigate } from "../lib/router";
import { useShortcuts } from "../shell/shortcuts";
import { Icon, IconButton } from "../ui";
import { listBehind, listPath, type Neighbours, useNeighbours } from "./neighbours";

/** The same tab of another customer, in the place of this one: back still leads to the list. */
function leaf(id: string | undefined): void {
  if (!id) return;
  const tab = address.peek().query.get("tab");
  navigate(`${listPath}/${id}${tab ? `?tab=${encodeURIComponent(tab)}` : ""}`, { replace: true });
}

function Leaf({ id }: { id: string }) {
  const near = useNeighbours(id);
  if (!near || near.total < 2) return null;
  return <Leaves {...near} />;
}

function Leaves({ previous, next, position, total }: Neighbours) {
  useShortcuts("card.shortcuts", [
    { keys: ["k"], text: "card.previous", run: () => leaf(previous) },
    { keys: ["j"], text: "card.next", run: () => leaf(next) },
  ]);
  return (
    <div class="card-leaves">
      <span class="small muted">{t("card.position", { position, total })}</span>
      <IconButton icon="chevron-left" label={t("card.previous")} disabled={!previous} onClick={() => leaf(previous)} />
      <IconButton icon="chevron-right" label={t("card.next")} disabled={!next} onClick={() => leaf(next)} />
    </div>
  );
}

export function CardNavigation({ id }: { id: string }) {
  const list = listBehind();
  return (
    <nav class="card-navigation" aria-label={t("card.back")}>
      <a
        class="page-back"
        href={list ?? listPath}
        onClick={(event) => {
          if (!list || event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          goBack();
        }}
      >
        <Icon name="chevron-left" size={14} />
        {t("card.back")}
      </a>
      <Leaf id={id} />
    </nav>
  );
}
