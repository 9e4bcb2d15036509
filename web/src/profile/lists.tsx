// Several of a kind: phones, e-mails, addresses, important dates. The first is the main one.
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { formatMonth } from "../lib/format";
import { t } from "../lib/i18n";
import { countries } from "../settings/choices";
import { Button, Field, IconButton, Input, Select } from "../ui";
import { type Address, addressKinds, type Contact, type DateDraft, labels, type Refusal } from "./draft";

const none = { value: "", label: "–" };
export const monthOptions = () => [
  { value: "", label: t("profile.month") },
  ...Array.from({ length: 12 }, (_, i) => ({ value: String(i + 1), label: formatMonth(i + 1) })),
];

/** The error of one part of one row. */
export type ErrorAt = (row: number, part: string) => string | null;
export function errorAt(refusal: Refusal | null, list: string): ErrorAt {
  return (row, part) =>
    refusal?.list === list && refusal.row === row && (refusal.part === part || refusal.part === "") ? refusal.text : null;
}

/** Rows with what stands beside each: to be the main one, to go. */
function Rows<T>(props: {
  title: string;
  items: readonly T[];
  onItems: (items: T[]) => void;
  empty: T;
  most: number;
  add: string;
  remove: string;
  hasMain: boolean;
  /** The section around says the title already. */
  quiet?: boolean;
  row: (item: T, set: (part: Partial<T>) => void, index: number) => ComponentChildren;
}) {
  const { items, onItems } = props;
  const frame = useRef<HTMLFieldSetElement>(null);
  const first = (i: number) => onItems([items[i]!, ...items.filter((_, k) => k !== i)]);
  const add = () => {
    onItems([...items, props.empty]);
    setTimeout(() => {
      const rows = frame.current?.querySelectorAll<HTMLElement>(".profile-row");
      rows?.[rows.length - 1]?.querySelector<HTMLElement>("input, select")?.focus();
    });
  };
  return (
    <fieldset class="profile-list" ref={frame}>
      <legend class={props.quiet ? "hidden-text" : undefined}>{props.title}</legend>
      {items.map((item, i) => (
        <div key={i} class="profile-row">
          <div class="profile-row-fields">
            {props.row(item, (part) => onItems(items.map((one, k) => (k === i ? { ...one, ...part } : one))), i)}
          </div>
          <div class="profile-row-end">
            {props.hasMain &&
              items.length > 1 &&
              (i === 0 ? (
                <span class="profile-main small">{t("profile.main")}</span>
              ) : (
                <IconButton icon="star" label={t("profile.make_main")} onClick={() => first(i)} />
              ))}
            <IconButton icon="trash-2" label={props.remove} onClick={() => onItems(items.filter((_, k) => k !== i))} />
          </div>
        </div>
      ))}
      {items.length < props.most && (
        <Button size="s" icon="plus" onClick={add}>
          {props.add}
        </Button>
      )}
    </fieldset>
  );
}

export function Contacts(props: {
  kind: "phones" | "emails";
  items: readonly Contact[];
  onItems: (items: Contact[]) => void;
  error: ErrorAt;
}) {
  const { kind } = props;
  const what = t(kind === "phones" ? "profile.phone" : "profile.email");
  return (
    <Rows<Contact>
      title={t(`profile.${kind}`)}
      items={props.items}
      onItems={props.onItems}
      empty={{ value: "", label: null }}
      most={10}
      hasMain
      add={t(kind === "phones" ? "profile.add_phone" : "profile.add_email")}
      remove={t(kind === "phones" ? "profile.remove_phone" : "profile.remove_email")}
      row={(item, set, i) => (
        <>
          <Field label={what} quiet class="profile-wide" error={props.error(i, "value")}>
            <Input
              type={kind === "phones" ? "tel" : "email"}
              autocomplete="off"
              maxLength={254}
              value={item.value}
              onText={(value) => set({ value })}
            />
          </Field>
          <Field label={t("profile.label")} quiet error={props.error(i, "label")}>
            <Select
              value={item.label ?? ""}
              options={[none, ...labels.map((one) => ({ value: one, label: t(`profile.label_${one}`) }))]}
              onValue={(label) => set({ label: labels.find((one) => one === label) ?? null })}
            />
          </Field>
        </>
      )}
    />
  );
}

export function Addresses(props: {
  items: readonly Address[];
  onItems: (items: Address[]) => void;
  error: ErrorAt;
  country: string;
}) {
  const text = (value: string) => value || null;
  return (
    <Rows<Address>
      quiet
      title={t("profile.addresses")}
      items={props.items}
      onItems={props.onItems}
      empty={{ kind: null, street: null, postcode: null, city: null, country: null }}
      most={5}
      hasMain
      add={t("profile.add_address")}
      remove={t("profile.remove_address")}
      row={(item, set, i) => (
        <>
          <Field label={t("profile.kind")} quiet error={props.error(i, "kind")}>
            <Select
              value={item.kind ?? ""}
              options={[none, ...addressKinds.map((one) => ({ value: one, label: t(`profile.label_${one}`) }))]}
              onValue={(kind) => set({ kind: addressKinds.find((one) => one === kind) ?? null })}
            />
          </Field>
          <Field label={t("profile.street")} class="profile-wide" error={props.error(i, "street")}>
            <Input maxLength={300} value={item.street ?? ""} onText={(value) => set({ street: text(value) })} />
          </Field>
          <Field label={t("profile.postcode")} error={props.error(i, "postcode")}>
            <Input maxLength={20} value={item.postcode ?? ""} onText={(value) => set({ postcode: text(value) })} />
          </Field>
          <Field label={t("profile.city")} error={props.error(i, "city")}>
            <Input maxLength={100} value={item.city ?? ""} onText={(value) => set({ city: text(value) })} />
          </Field>
          <Field label={t("profile.country")} class="profile-wide" error={props.error(i, "country")}>
            <Select
              value={item.country ?? ""}
              options={[none, ...countries(item.country || props.country)]}
              onValue={(country) => set({ country: text(country) })}
            />
          </Field>
        </>
      )}
    />
  );
}

export function Dates(props: { items: readonly DateDraft[]; onItems: (items: DateDraft[]) => void; error: ErrorAt }) {
  const digits = (value: string) => value.replace(/\D/g, "");
  return (
    <Rows<DateDraft>
      quiet
      title={t("profile.dates")}
      items={props.items}
      onItems={props.onItems}
      empty={{ name: "", month: "", day: "", year: "" }}
      most={20}
      hasMain={false}
      add={t("profile.add_date")}
      remove={t("profile.remove_date")}
      row={(item, set, i) => (
        <>
          <Field label={t("profile.date_name")} class="profile-wide" error={props.error(i, "name")}>
            <Input maxLength={60} value={item.name} onText={(name) => set({ name })} />
          </Field>
          <Field label={t("profile.day")} error={props.error(i, "day")}>
            <Input inputMode="numeric" maxLength={2} value={item.day} onText={(day) => set({ day: digits(day) })} />
          </Field>
          <Field label={t("profile.month")} error={props.error(i, "month")}>
            <Select value={item.month} options={monthOptions()} onValue={(month) => set({ month })} />
          </Field>
          <Field label={t("profile.year")} error={props.error(i, "year")}>
            <Input
              inputMode="numeric"
              maxLength={4}
              placeholder={t("profile.year_optional")}
              value={item.year}
              onText={(year) => set({ year: digits(year) })}
            />
          </Field>
        </>
      )}
    />
  );
}
