// The tags of a customer, in the card's header: each a link, off with a click, on by typing.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { listAddress, type Customer } from "../customer/model";
import { t } from "../lib/i18n";
import { may } from "../shell/session";
import { Button, Combobox, Icon, IconButton, Popover, toast, toastError } from "../ui";

type Change = { add?: string[]; remove?: string[] };

async function change(id: string, what: Change, said: string, onChange: () => void): Promise<void> {
  try {
    await api.post("/customers/{id}/tags", { path: { id }, body: what });
    onChange();
    const back: Change = { add: what.remove ?? [], remove: what.add ?? [] };
    toast(said, {
      undo: () => void api.post("/customers/{id}/tags", { path: { id }, body: back }).then(onChange, toastError),
    });
  } catch (error) {
    toastError(error);
  }
}

function AddTag({ customer, onChange }: { customer: Customer; onChange: () => void }) {
  const [text, setText] = useState("");
  const { id } = customer.row;
  const there = new Set(customer.tags.map((tag) => tag.name));
  return (
    <Popover
      label={t("tags.add")}
      class="tag-popover"
      button={(attributes) => (
        <Button size="s" variant="ghost" icon="plus" {...attributes}>
          {t("tags.add_short")}
        </Button>
      )}
    >
      {(close) => {
        const choose = (name: string) => {
          close();
          setText("");
          if (!there.has(name)) void change(id, { add: [name] }, t("tags.added", { tag: name }), onChange);
        };
        return (
          <>
            <Combobox
              autofocus
              label={t("tags.add")}
              placeholder={t("tags.placeholder")}
              maxLength={100}
              value={text}
              onText={setText}
              onChoose={choose}
              suggest={async (q, signal) =>
                (await api.get("/words", { query: { kind: "tag", q }, signal })).items.filter((name) => !there.has(name)).slice(0, 8)
              }
            />
            <p class="small muted">{t("tags.hint")}</p>
          </>
        );
      }}
    </Popover>
  );
}

export function Tags({ customer, onChange }: { customer: Customer; onChange: () => void }) {
  const writes = may("customers_write");
  if (!writes && customer.tags.length === 0) return null;
  return (
    <div class="card-tag-line">
      {customer.tags.length > 0 && (
        <ul class="card-tags" aria-label={t("card.tags")}>
          {customer.tags.map((tag) => (
            <li key={tag.id}>
              <a href={listAddress("tag", tag.name)} title={t("card.same_tag", { tag: tag.name })}>
                <Icon name="tag" size={12} />
                {tag.name}
              </a>
              {writes && (
                <IconButton
                  class="tag-off"
                  icon="x"
                  iconSize={12}
                  label={t("tags.remove", { tag: tag.name })}
                  onClick={() =>
                    void change(customer.row.id, { remove: [tag.name] }, t("tags.removed", { tag: tag.name }), onChange)
                  }
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {writes && <AddTag customer={customer} onChange={onChange} />}
    </div>
  );
}
