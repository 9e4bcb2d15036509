// Back to the list as it was.
import { t } from "../lib/i18n";
import { cameFrom, goBack } from "../lib/router";
import { Icon } from "../ui";

const home = "/customers";

/** The list that led here, with its filters; from elsewhere the whole list. */
function listAddress(): string {
  const from = cameFrom();
  return from && (from === home || from.startsWith(`${home}?`)) ? from : home;
}

export function CardNavigation() {
  const list = listAddress();
  return (
    <nav class="card-navigation">
      <a
        class="page-back"
        href={list}
        onClick={(event) => {
          if (cameFrom() !== list || event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          goBack();
        }}
      >
        <Icon name="chevron-left" size={14} />
        {t("card.back")}
      </a>
    </nav>
  );
}
