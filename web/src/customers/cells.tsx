// What stands in each column of a row.
import type { ComponentChildren } from "preact";
import {
  formatBirthday,
  formatCountry,
  formatLanguage,
  formatNumber,
  formatPhone,
} from "../lib/format";
import { t } from "../lib/i18n";
import { TypeBadge } from "../typologies/badge";
import { DayText, Icon, Money } from "../ui";
import type { ColumnId, Row } from "./columns";
import { asOf } from "./state";

const channels = [
  { channel: "sms", icon: "message-square" },
  { channel: "email", icon: "mail" },
  { channel: "push", icon: "phone" },
] as const;

/** Three channels: green is consent, grey is none. */
export function ConsentIcons({ row }: { row: Row }) {
  return (
    <span class="consent-icons">
      {channels.map(({ channel, icon }) => {
        const state = row.consent[channel];
        const text = t(`consents.${channel}_${state}`);
        return (
          <span key={channel} class={`consent-icon consent-${state}`} title={text}>
            <Icon name={icon} size={14} label={text} />
          </span>
        );
      })}
    </span>
  );
}

const none = <span class="muted">–</span>;
const textOr = (text: string | null): ComponentChildren => text ?? none;
const numberOr = (value: number | null, decimals = 0): ComponentChildren =>
  value === null ? none : formatNumber(value, decimals);

export const cells: Readonly<Record<Exclude<ColumnId, "name">, (row: Row) => ComponentChildren>> = {
  number: (row) => row.number,
  phone: (row) => (row.phone ? formatPhone(row.phone) : none),
  email: (row) => (row.email ? <span title={row.email}>{row.email}</span> : none),
  type: (row) => <TypeBadge type={row.type} />,
  gender: (row) => (row.gender ? t(`gender.${row.gender}`) : none),
  age: (row) => numberOr(row.age),
  birthday: (row) => (row.birthday ? formatBirthday(row.birthday) : none),
  consent: (row) => <ConsentIcons row={row} />,
  registered: (row) => <DayText day={row.registered} exact={asOf.value !== null} />,
  last_visit: (row) => <DayText day={row.last_visit} exact={asOf.value !== null} />,
  last_purchase: (row) => <DayText day={row.last_purchase} exact={asOf.value !== null} />,
  visits: (row) => formatNumber(row.visits),
  visits_per_month: (row) => numberOr(row.visits_per_month, 1),
  operations: (row) => formatNumber(row.operations),
  spent: (row) => <Money minor={row.spent_minor} />,
  average: (row) => <Money minor={row.average_minor} />,
  interval: (row) =>
    row.interval_days === null ? none : t("customers.days", { days: formatNumber(row.interval_days, 1) }),
  tier: (row) => textOr(row.tier),
  points: (row) => formatNumber(row.points),
  stamps: (row) => formatNumber(row.stamps),
  referrals: (row) => formatNumber(row.referrals),
  shares: (row) => formatNumber(row.shares),
  comments: (row) => formatNumber(row.comments),
  pushes: (row) => formatNumber(row.pushes),
  store: (row) => textOr(row.store),
  source: (row) => textOr(row.source),
  city: (row) => textOr(row.city),
  country: (row) => (row.country ? formatCountry(row.country) : none),
  language: (row) => (row.language ? formatLanguage(row.language) : none),
  device: (row) => (row.device ? t(`device.${row.device}`) : none),
  groups: (row) => (row.groups.length ? <span title={row.groups.join(", ")}>{row.groups.join(", ")}</span> : none),
};
