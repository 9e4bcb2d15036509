// /ui: every component of the kit, for whoever builds the next screen. Switch the theme and the
// language here to see it in both and in all five.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { NetworkError } from "../api/client";
import { language, type Language, languageNames, languages, setLanguage, t, tn } from "../lib/i18n";
import { monthOf } from "../lib/month";
import { density, densities, type Density, type Theme, theme, themes } from "../shell/theme";
import {
  Avatar,
  Badge,
  Button,
  Calendar,
  Checkbox,
  Chip,
  Combobox,
  ConfirmDialog,
  DayText,
  Dialog,
  EmptyState,
  ErrorState,
  Facts,
  Field,
  Icon,
  IconButton,
  Input,
  LinkButton,
  Menu,
  Money,
  MonthBar,
  Notice,
  PageHeader,
  Popover,
  Progress,
  QrPicture,
  Segmented,
  Select,
  SkeletonLines,
  Switch,
  Table,
  TabPanel,
  Tabs,
  TextArea,
  toast,
} from ".";
import { iconNames } from "./icon-names";

const colours = [
  "canvas", "surface", "raised", "hover", "pressed", "line", "line-strong", "control", "text", "muted",
  "accent", "accent-soft", "bar", "green", "green-soft", "amber", "amber-soft", "red", "red-soft",
];
const sizes = ["s", "m", "l", "xl"] as const;
/* names in the examples are names, not texts */
const people = [
  { id: "11", name: "Élodie Lefèvre", spent: 128_450, day: "2026-03-01", consent: true },
  { id: "12", name: "Иван Петров", spent: 9_900, day: "2025-12-24", consent: false },
  { id: "13", name: "Lucía Fernández", spent: -1_250, day: "2024-06-30", consent: true },
];

function SampleCalendar() {
  const [day, setDay] = useState("2026-03-14");
  const [month, setMonth] = useState(monthOf(day));
  const countOn = (one: string) => (Number(one.slice(8)) * 7) % 5;
  return (
    <div class="part-wide">
      <MonthBar month={month} onMonth={setMonth} />
      <Calendar
        month={month}
        chosen={day}
        today="2026-03-11"
        day={(one) => ({
          label: tn("showcase.calendar_day", countOn(one)),
          content: countOn(one) > 0 && <span class="calendar-marker">{countOn(one)}</span>,
          warmth: countOn(one),
        })}
        onChoose={(next) => {
          setDay(next);
          setMonth(monthOf(next));
        }}
      />
    </div>
  );
}

function Part(props: { title: string; children: ComponentChildren }) {
  return (
    <section class="part">
      <h2>{t(props.title)}</h2>
      <div class="part-inside">{props.children}</div>
    </section>
  );
}

function Foundations() {
  return (
    <>
      <Part title="showcase.colours">
        <ul class="swatches">
          {colours.map((name) => (
            <li key={name}>
              <span class="swatch" style={{ background: `var(--${name})` }} />
              <code>{name}</code>
            </li>
          ))}
        </ul>
      </Part>
      <Part title="showcase.text">
        {sizes.map((size) => (
          <p key={size} style={{ fontSize: `var(--text-${size})`, lineHeight: 1.4 }}>
            {t("showcase.sample")}
          </p>
        ))}
      </Part>
      <Part title="showcase.icons">
        <ul class="icon-list">
          {iconNames.map((name) => (
            <li key={name} title={name}>
              <Icon name={name} size={20} />
            </li>
          ))}
        </ul>
      </Part>
    </>
  );
}

function Controls() {
  const [ticked, setTicked] = useState(true);
  const [typed, setTyped] = useState("");
  const [choice, setChoice] = useState("b");
  const options = ["a", "b", "c"].map((value) => ({ value, label: t(`showcase.choice_${value}`) }));
  return (
    <>
      <Part title="showcase.buttons">
        <Button variant="primary" icon="plus">{t("showcase.do")}</Button>
        <Button icon="download">{t("showcase.do")}</Button>
        <Button variant="ghost">{t("showcase.do")}</Button>
        <Button variant="danger" icon="trash-2">{t("showcase.delete")}</Button>
        <Button variant="primary" busy>{t("showcase.do")}</Button>
        <Button disabled>{t("showcase.do")}</Button>
        <Button size="s">{t("showcase.do")}</Button>
        <LinkButton href="/ui" iconEnd="arrow-right">{t("showcase.link")}</LinkButton>
        <IconButton icon="heart" label={t("showcase.do")} />
        <IconButton icon="heart" filled aria-pressed label={t("showcase.do")} />
      </Part>
      <Part title="showcase.fields">
        <div class="field-grid">
          <Field label={t("showcase.field")} hint={t("showcase.hint")}>
            <Input placeholder={t("showcase.choice_a")} />
          </Field>
          <Field label={t("showcase.field")} error={t("showcase.wrong")}>
            <Input value={t("showcase.choice_b")} />
          </Field>
          <Field label={t("showcase.field")}>
            <Input icon="search" type="search" />
          </Field>
          <Field label={t("showcase.field")}>
            <Select options={options} value={choice} onValue={setChoice} />
          </Field>
          <Field label={t("showcase.field")}>
            <Combobox value={typed} onText={setTyped} suggest={(text) => Promise.resolve(options.map((one) => one.label).filter((label) => label.toLowerCase().includes(text.toLowerCase())))} />
          </Field>
          <Field label={t("showcase.field")}>
            <TextArea />
          </Field>
        </div>
        <Checkbox label={t("showcase.choice_a")} checked={ticked} onChecked={setTicked} />
        <Checkbox label={t("showcase.choice_b")} checked={false} indeterminate onChecked={setTicked} />
        <Switch label={t("showcase.choice_c")} checked={ticked} onChecked={setTicked} />
        <Segmented label={t("showcase.field")} options={options} value={choice} onValue={setChoice} />
      </Part>
    </>
  );
}

function Shows() {
  const [tab, setTab] = useState<"a" | "b">("a");
  return (
    <>
      <Part title="showcase.badges">
        <Badge>{t("type.regular")}</Badge>
        <Badge tone="accent">{t("type.vip")}</Badge>
        <Badge tone="green" icon="check">{t("common.yes")}</Badge>
        <Badge tone="amber">{t("type.at_risk")}</Badge>
        <Badge tone="red">{t("common.no")}</Badge>
        <Chip removeLabel={t("ui.close")} onRemove={() => toast(t("showcase.removed"))}>
          {t("showcase.choice_a")}
        </Chip>
        <Chip tone="negated">{t("showcase.choice_b")}</Chip>
        {people.map((one) => (
          <Avatar key={one.id} id={one.id} name={one.name} consent={one.consent} />
        ))}
        <Avatar id="14" name="" consent={false} />
        <Avatar id="11" name="Élodie Lefèvre" consent size="l" />
      </Part>
      <Part title="showcase.table">
        <Table
          label={t("showcase.table")}
          rows={people}
          rowKey={(one) => one.id}
          columns={[
            { key: "name", head: t("showcase.name"), cell: (one) => one.name },
            { key: "day", head: t("showcase.day"), cell: (one) => <DayText day={one.day} />, wide: true },
            { key: "spent", head: t("showcase.amount"), align: "right", cell: (one) => <Money minor={one.spent} /> },
          ]}
        />
      </Part>
      <Part title="showcase.tabs">
        <div class="part-wide">
          <Tabs
            name="sample"
            label={t("showcase.tabs")}
            current={tab}
            onCurrent={setTab}
            tabs={[
              { id: "a", label: t("showcase.choice_a"), count: 12 },
              { id: "b", label: t("showcase.choice_b") },
            ]}
          />
          <TabPanel name="sample" current={tab} class="part-panel">
            <Facts
              items={people.map((one) => ({ label: one.name, value: <Money minor={one.spent} /> }))}
            />
          </TabPanel>
        </div>
      </Part>
      <Part title="showcase.calendar">
        <SampleCalendar />
      </Part>
      <Part title="showcase.progress">
        <div class="part-wide stack">
          <Progress label={t("showcase.progress")} value={38} max={100} />
          <Progress label={t("showcase.progress")} value={0} max={null} />
          <SkeletonLines lines={3} />
        </div>
      </Part>
      <Part title="security.scan_picture">
        {/* one of the three corners that every code has */}
        <QrPicture label={t("security.scan_picture")} picture={{ size: 7, path: "M0 0h7v7h-7zM1 1v5h5v-5zM2 2h3v3h-3z" }} />
      </Part>
      <Part title="showcase.notices">
        <div class="part-wide stack">
          <Notice>{t("showcase.hint")}</Notice>
          <Notice tone="accent">{t("showcase.hint")}</Notice>
          <Notice tone="green" icon="circle-check">{t("showcase.hint")}</Notice>
          <Notice tone="amber">{t("showcase.hint")}</Notice>
          <Notice tone="red">{t("showcase.wrong")}</Notice>
        </div>
      </Part>
      <Part title="showcase.states">
        <EmptyState icon="inbox" title={t("showcase.empty")} text={t("showcase.hint")} />
        <ErrorState error={new NetworkError()} retry={() => toast(t("showcase.removed"))} />
      </Part>
    </>
  );
}

function Floating() {
  const [open, setOpen] = useState<"dialog" | "confirm" | "sheet" | null>(null);
  const close = () => setOpen(null);
  return (
    <Part title="showcase.floating">
      <Menu
        label={t("showcase.menu")}
        align="start"
        button={(attributes) => (
          <Button iconEnd="chevron-down" {...attributes}>
            {t("showcase.menu")}
          </Button>
        )}
        items={[
          { label: t("showcase.do"), icon: "copy", onSelect: () => toast(t("showcase.removed")) },
          { label: t("showcase.choice_a"), checked: true },
          { label: t("showcase.choice_b"), checked: false },
          "line",
          { label: t("showcase.delete"), icon: "trash-2", danger: true },
        ]}
      />
      <Popover
        label={t("showcase.popover")}
        button={(attributes) => <Button {...attributes}>{t("showcase.popover")}</Button>}
      >
        {() => <p class="part-popover">{t("showcase.hint")}</p>}
      </Popover>
      <Button onClick={() => setOpen("dialog")}>{t("showcase.dialog")}</Button>
      <Button onClick={() => setOpen("confirm")}>{t("showcase.confirm")}</Button>
      <Button onClick={() => setOpen("sheet")}>{t("showcase.sheet")}</Button>
      <Button onClick={() => toast(t("showcase.removed"), { undo: () => toast(t("showcase.sample")) })}>
        {t("showcase.toast")}
      </Button>
      <Button onClick={() => toast(t("showcase.wrong"), { tone: "red" })}>{t("showcase.toast_error")}</Button>
      {(open === "dialog" || open === "sheet") && (
        <Dialog
          title={t("showcase.dialog")}
          shape={open}
          onClose={close}
          footer={
            <Button variant="primary" onClick={close}>
              {t("ui.close")}
            </Button>
          }
        >
          <p>{t("showcase.hint")}</p>
        </Dialog>
      )}
      {open === "confirm" && (
        <ConfirmDialog
          danger
          title={t("showcase.confirm")}
          text={t("showcase.hint")}
          confirm={t("showcase.delete")}
          onConfirm={close}
          onClose={close}
        />
      )}
    </Part>
  );
}

export default function Showcase() {
  return (
    <div class="page showcase">
      <PageHeader
        title={t("nav.ui")}
        subtitle={t("showcase.subtitle")}
        actions={
          <>
            <Select
              aria-label={t("preferences.language")}
              value={language.value}
              options={languages.map((code) => ({ value: code, label: languageNames[code] }))}
              onValue={(code) => void setLanguage(code as Language)}
            />
            <Segmented<Theme>
              label={t("preferences.theme")}
              value={theme.value}
              onValue={(next) => (theme.value = next)}
              options={themes.map((one) => ({ value: one, label: t(`preferences.theme_${one}`) }))}
            />
            <Segmented<Density>
              label={t("preferences.density")}
              value={density.value}
              onValue={(next) => (density.value = next)}
              options={densities.map((one) => ({ value: one, label: t(`preferences.density_${one}`) }))}
            />
          </>
        }
      />
      <Foundations />
      <Controls />
      <Shows />
      <Floating />
    </div>
  );
}
