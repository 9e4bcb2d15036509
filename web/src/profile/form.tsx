// The fields of a profile, for a new customer and for one that is there.
import type { ComponentChildren } from "preact";
import { api } from "../api/client";
import { languages, localeTag, t } from "../lib/i18n";
import { formatLanguage } from "../lib/format";
import { session } from "../shell/session";
import { Combobox, Field, Input, Select } from "../ui";
import { type Draft, networks, type Refusal } from "./draft";
import { Addresses, Contacts, Dates, errorAt, monthOptions } from "./lists";
import { type Same, SameNotice } from "./same";

const genders = ["female", "male", "other"] as const;
/* those of our five, then what customers of a European shop speak besides */
const spoken = ["de", "pt", "nl", "pl", "uk", "ar", "zh", "ja", "ko", "tr", "sv", "da", "fi", "nb", "el", "cs", "ro", "hu", "he", "hi"];

function languageOptions(chosen: string) {
  const codes = [...new Set([...languages, ...spoken, ...(chosen ? [chosen] : [])])];
  const collator = new Intl.Collator(localeTag());
  const named = codes.map((value) => ({ value, label: formatLanguage(value) }));
  return [{ value: "", label: "–" }, ...named.sort((a, b) => collator.compare(a.label, b.label))];
}

function Section(props: { title: string; children: ComponentChildren }) {
  return (
    <section class="profile-section">
      <h2>{props.title}</h2>
      <div class="profile-fields">{props.children}</div>
    </section>
  );
}

interface Props {
  draft: Draft;
  set: (part: Partial<Draft>) => void;
  refusal: Refusal | null;
  stores: ReadonlyMap<string, string>;
  same: Same | null;
}

function Birthday({ draft, set, refusal }: Props) {
  const { birthday } = draft;
  const change = (part: Partial<Draft["birthday"]>) => set({ birthday: { ...birthday, ...part } });
  const digits = (value: string) => value.replace(/\D/g, "");
  const error = refusal?.list === "birthday" ? refusal.text : null;
  return (
    <div class="profile-birthday profile-wide" role="group" aria-label={t("profile.birthday")}>
      <Field label={t("profile.birthday_day")} error={error}>
        <Input inputMode="numeric" maxLength={2} value={birthday.day} onText={(day) => change({ day: digits(day) })} />
      </Field>
      <Field label={t("profile.month")}>
        <Select value={birthday.month} options={monthOptions()} onValue={(month) => change({ month })} />
      </Field>
      <Field label={t("profile.year")}>
        <Input
          inputMode="numeric"
          maxLength={4}
          placeholder={t("profile.year_optional")}
          value={birthday.year}
          onText={(year) => change({ year: digits(year) })}
        />
      </Field>
    </div>
  );
}

function Person(props: Props) {
  const { draft, set, refusal } = props;
  const error = (name: string) => (refusal?.list === name ? refusal.text : null);
  const all = session.value?.staff.sees_chain;
  return (
    <Section title={t("profile.person")}>
      <Field label={t("profile.first_name")} error={error("first_name")}>
        <Input maxLength={100} autocomplete="off" value={draft.first_name} onText={(text) => set({ first_name: text })} />
      </Field>
      <Field label={t("profile.last_name")} error={error("last_name")}>
        <Input maxLength={100} autocomplete="off" value={draft.last_name} onText={(text) => set({ last_name: text })} />
      </Field>
      <Field label={t("profile.nickname")} hint={t("profile.nickname_hint")} error={error("nickname")}>
        <Input maxLength={100} autocomplete="off" value={draft.nickname} onText={(text) => set({ nickname: text })} />
      </Field>
      <Field label={t("profile.gender")} error={error("gender")}>
        <Select
          value={draft.gender}
          options={[{ value: "", label: "–" }, ...genders.map((one) => ({ value: one, label: t(`card.gender_${one}`) }))]}
          onValue={(gender) => set({ gender })}
        />
      </Field>
      <Birthday {...props} />
      <Field label={t("profile.language")} error={error("language")}>
        <Select value={draft.language} options={languageOptions(draft.language)} onValue={(code) => set({ language: code })} />
      </Field>
      <Field label={t("profile.store_id")} error={error("store_id")}>
        <Select
          value={draft.store_id}
          options={[...(all || !draft.store_id ? [{ value: "", label: "–" }] : []), ...[...props.stores].map(([value, label]) => ({ value, label }))]}
          onValue={(store_id) => set({ store_id })}
        />
      </Field>
      <Field label={t("profile.source")} hint={t("profile.source_hint")} error={error("source")}>
        <Combobox
          maxLength={100}
          value={draft.source}
          onText={(source) => set({ source })}
          suggest={async (q, signal) => (await api.get("/words", { query: { kind: "source", q }, signal })).items}
        />
      </Field>
    </Section>
  );
}

export function ProfileForm(props: Props) {
  const { draft, set, refusal } = props;
  const { country } = session.value!.merchant;
  return (
    <div class="profile-form">
      <Person {...props} />
      <Section title={t("profile.contact")}>
        <Contacts kind="phones" items={draft.phones} onItems={(phones) => set({ phones })} error={errorAt(refusal, "phones")} />
        <Contacts kind="emails" items={draft.emails} onItems={(emails) => set({ emails })} error={errorAt(refusal, "emails")} />
        <div class="profile-wide">
          <SameNotice same={props.same} />
        </div>
      </Section>
      <Section title={t("profile.where")}>
        <Addresses
          items={draft.addresses}
          country={country}
          onItems={(addresses) => set({ addresses })}
          error={errorAt(refusal, "addresses")}
        />
      </Section>
      <Section title={t("profile.days")}>
        <Dates items={draft.dates} onItems={(dates) => set({ dates })} error={errorAt(refusal, "dates")} />
      </Section>
      <Section title={t("profile.pages")}>
        {networks.map((network) => (
          <Field key={network} label={t(`profile.${network}`)} error={refusal?.list === network ? refusal.text : null}>
            <Input
              maxLength={network === "website" ? 300 : 100}
              autocomplete="off"
              value={draft[network]}
              onText={(text) => set({ [network]: text })}
            />
          </Field>
        ))}
      </Section>
    </div>
  );
}
