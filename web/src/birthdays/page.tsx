// Birthdays: /birthdays?month=2026-05&day=2026-05-12&kind=birthday: a month with its markers, the list of a day;
// ?tab=automatic: the greetings that are given by themselves; ?tab=log: who was greeted.
import { api } from "../api/client";
import { formatNumber, region } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { monthOf, monthText, readDay, readMonth } from "../lib/month";
import { address, setQuery } from "../lib/router";
import { may } from "../shell/session";
import { Button, Calendar, EmptyState, ErrorState, MonthBar, PageHeader, Segmented, Skeleton, TabPanel, Tabs } from "../ui";
import { Automatic } from "./automatic";
import { DayList } from "./day";
import { Log } from "./log";
import { type BirthdayMonth, type Kinds, kindOf, kindsOf, readKinds } from "./model";

function markers(birthdays: number, dates: number) {
  if (birthdays + dates === 0) return undefined;
  return (
    <>
      {dates > 0 && <span class="calendar-marker calendar-marker-quiet">{formatNumber(dates)}</span>}
      {birthdays > 0 && <span class="calendar-marker">{formatNumber(birthdays)}</span>}
    </>
  );
}

function said(birthdays: number, dates: number, kinds: Kinds): string {
  const parts = [];
  if (kinds !== "dates") parts.push(tn("birthdays.births", birthdays));
  if (kinds !== "birthdays" && (dates > 0 || kinds === "dates")) parts.push(tn("birthdays.dates", dates));
  return parts.join(" · ");
}

function Month({ month, kinds, day, loaded }: { month: ReturnType<typeof monthOf>; kinds: Kinds; day: string | null; loaded: BirthdayMonth | undefined }) {
  const days = new Map((loaded?.days ?? []).map((one) => [one.day, one]));
  return (
    <Calendar
      month={month}
      chosen={day}
      today={region.value.today}
      onChoose={(next) => setQuery({ day: next, month: monthText(monthOf(next)) })}
      day={(one) => {
        const { birthdays, dates } = days.get(one) ?? { birthdays: 0, dates: 0 };
        return { label: said(birthdays, dates, kinds), content: markers(birthdays, dates) };
      }}
    />
  );
}

function CalendarTab() {
  const { query } = address.value;
  const { today } = region.value;
  const day = readDay(query.get("day"));
  const month = readMonth(query.get("month")) ?? monthOf(day ?? today);
  const kinds = readKinds(query.get("kind"));
  const loaded = useLoad(`birthdays ${monthText(month)} ${kinds} ${today}`, (signal) =>
    api.get("/birthdays", { query: { month: monthText(month), kind: kindOf(kinds) }, signal }),
  );
  const here = monthText(month) === monthText(monthOf(today));
  return (
    <>
      <MonthBar month={month} onMonth={(next) => setQuery({ month: monthText(next), day: null })}>
        <Button size="s" disabled={here && day === today} onClick={() => setQuery({ month: null, day: today })}>
          {t("birthdays.today")}
        </Button>
        {loaded.value ? (
          <span class="muted">{said(loaded.value.birthdays, loaded.value.dates, kinds)}</span>
        ) : (
          !loaded.error && <Skeleton width="140px" />
        )}
        <Segmented<Kinds>
          class="birthday-kinds"
          label={t("birthdays.show")}
          value={kinds}
          onValue={(next) => setQuery({ kind: kindOf(next) ?? null }, { replace: true })}
          options={kindsOf.map((one) => ({ value: one, label: t(`birthdays.show_${one}`) }))}
        />
      </MonthBar>
      {loaded.error ? (
        <ErrorState error={loaded.error} retry={loaded.reload} />
      ) : (
        <div class="calendar-body">
          <Month month={month} kinds={kinds} day={day} loaded={loaded.value} />
          {day ? (
            <DayList key={`${day} ${kinds}`} day={day} kinds={kinds} />
          ) : (
            <EmptyState icon="cake" title={t("birthdays.choose")} text={t("birthdays.choose_text")} />
          )}
        </div>
      )}
    </>
  );
}

const tabs = ["calendar", "automatic", "log"] as const;
type Tab = (typeof tabs)[number];

export default function BirthdaysPage() {
  const asked = address.value.query.get("tab");
  const tab = may("loyalty") ? (tabs.find((one) => one === asked) ?? "calendar") : "calendar";
  return (
    <div class="page birthdays">
      <PageHeader title={t("birthdays.title")} subtitle={t("birthdays.text")} />
      {may("loyalty") ? (
        <>
          <Tabs<Tab>
            name="birthdays"
            label={t("birthdays.title")}
            current={tab}
            onCurrent={(next) => setQuery({ tab: next === "calendar" ? null : next })}
            tabs={tabs.map((one) => ({ id: one, label: t(`birthdays.tab_${one}`) }))}
          />
          <TabPanel name="birthdays" current={tab} class="birthday-panel">
            {tab === "calendar" && <CalendarTab />}
            {tab === "automatic" && <Automatic />}
            {tab === "log" && <Log />}
          </TabPanel>
        </>
      ) : (
        <CalendarTab />
      )}
    </div>
  );
}
