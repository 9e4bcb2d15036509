// Why a customer is of a type and of no other, until when, and which segments they are in.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { formatBirthday, formatDay, formatMoney, formatNumber } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { readable } from "../lib/router";
import { Button, Dialog, ErrorState, Field, Icon, Input, SkeletonLines } from "../ui";
import { TypeBadge } from "./badge";
import { typeText } from "./model";

type WhyType = Schemas["WhyTypology"]["types"][number];
type WhyNode = Schemas["WhyNode"];

function valueText(value: NonNullable<WhyNode["value"]>): string {
  if (value.day !== undefined) return formatDay(value.day);
  if (value.minor !== undefined) return formatMoney(value.minor);
  if (value.number !== undefined) return formatNumber(value.number, Number.isInteger(value.number) ? 0 : 1);
  if (value.birthday !== undefined) return formatBirthday(`--${value.birthday}`);
  return value.words?.map((word) => word.replaceAll("_", " ")).join(", ") || "–";
}

const verdictIcons = { yes: "check", no: "x", unknown: "circle-help" } as const;

function Part({ node }: { node: WhyNode }) {
  const joined = node.kind === "and" || node.kind === "or" || node.kind === "not";
  const words = joined ? t(`why.${node.kind}`) : node.kind === "all" ? t("why.everybody") : node.text;
  return (
    <li>
      <span class={`why-part why-${node.verdict}`}>
        <Icon name={verdictIcons[node.verdict]} size={14} label={t(`why.verdict_${node.verdict}`)} />
        {joined || node.kind === "all" ? <span>{words}</span> : <code>{words}</code>}
        {node.kind === "term" && node.field !== "text" && (
          <span class="muted">{node.value ? t("why.has", { value: valueText(node.value) }) : t("why.unknown")}</span>
        )}
        {node.turns && (
          <span class="why-turns">{t(node.verdict === "yes" ? "why.until" : "why.from", { day: formatDay(node.turns) })}</span>
        )}
      </span>
      {node.parts.length > 0 && (
        <ul class="why-tree">
          {node.parts.map((part, i) => (
            <Part key={i} node={part} />
          ))}
        </ul>
      )}
    </li>
  );
}

export function WhyTree({ tree }: { tree: WhyNode }) {
  return (
    <ul class="why-tree">
      <Part node={tree} />
    </ul>
  );
}

/** What a rule of the four rests on, for this customer. */
function factsText({ type, facts }: WhyType, today: string): string {
  const { months = [], visits = 0, most = 0, within_months = 0, needed = 0, days = 0 } = facts;
  if (type === "vip") return t("why.vip", { counts: months.map((n) => formatNumber(n)).join(" · "), needed });
  if (type === "new") {
    const day = facts.registered ? formatDay(facts.registered) : "–";
    return t("why.new", { day, months: within_months, visits: tn("customers.visits", visits), most });
  }
  if (type === "occasional") return t("why.occasional", { visits: tn("customers.visits", visits), months: within_months, most });
  if (type === "at_risk") {
    const last = facts.last_visit ?? facts.registered;
    if (!last) return t("why.at_risk_never");
    const ago = Math.round((Date.parse(today) - Date.parse(last)) / 86_400_000);
    const key = facts.last_visit ? "why.at_risk" : "why.at_risk_registered";
    return t(key, { day: formatDay(last), ago: tn("age.days", ago), days: tn("age.days", days) });
  }
  return t("why.regular");
}

function TypeWhy({ one, today, mine }: { one: WhyType; today: string; mine: WhyType | undefined }) {
  const shadowed = one.fits && !one.is && one.type !== "regular" && mine;
  return (
    <li class={`why-type ${one.is ? "why-type-is" : ""}`}>
      <div class="why-type-head">
        <Icon name={one.is ? "check" : "x"} size={16} label={t(one.is ? "why.is" : "why.is_not")} />
        <TypeBadge type={one.type} />
        {one.becomes && (
          <span class="why-turns">{t(one.is ? "why.until" : "why.from", { day: formatDay(one.becomes) })}</span>
        )}
      </div>
      {one.tree ? <WhyTree tree={one.tree} /> : <p class="muted">{factsText(one, today)}</p>}
      {shadowed && <p class="muted small">{t("why.shadowed", { type: typeText(mine.type) })}</p>}
    </li>
  );
}

function Segments({ items }: { items: Schemas["WhyTypology"]["segments"] }) {
  if (!items.length) return <p class="muted">{t("why.no_segments")}</p>;
  return (
    <ul class="why-segments">
      {items.map((one) => (
        <li key={one.id}>
          <a href={`/customers?${readable(new URLSearchParams({ q: `segment:"${one.name.replaceAll('"', '\\"')}"` }))}`}>{one.name}</a>
          {one.leaves && <span class="why-turns">{t("why.until", { day: formatDay(one.leaves) })}</span>}
        </li>
      ))}
    </ul>
  );
}

/** Any other filter, asked for this one customer. */
function Asked({ id }: { id: string }) {
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const answer = useLoad(`why ${id} ${asked}`, async (signal) =>
    asked ? await api.get("/customers/{id}/why", { path: { id }, query: { query: asked }, signal }) : null,
  );
  const submit = (event: Event) => {
    event.preventDefault();
    setAsked(text.trim());
  };
  return (
    <form class="why-ask" onSubmit={submit} noValidate>
      <Field label={t("why.ask")} error={answer.error instanceof Error ? answer.error.message : null}>
        <Input value={text} placeholder={t("search.raw_placeholder")} onText={setText} />
      </Field>
      <Button type="submit">{t("why.ask_button")}</Button>
      {answer.value && (
        <div class="why-answer" role="status">
          <WhyTree tree={answer.value.tree} />
        </div>
      )}
    </form>
  );
}

function Block(props: { title: string; children: ComponentChildren }) {
  return (
    <section class="why-block">
      <h3>{props.title}</h3>
      {props.children}
    </section>
  );
}

export function WhyPanel(props: { id: string; name: string; onClose: () => void }) {
  const { id } = props;
  const loaded = useLoad(`typology ${id}`, (signal) => api.get("/customers/{id}/typology", { path: { id }, signal }));
  const why = loaded.value;
  const mine = why?.types.find((one) => one.is);
  return (
    <Dialog wide title={t("why.title", { name: props.name })} onClose={props.onClose}>
      {loaded.error ? (
        <ErrorState error={loaded.error} retry={loaded.reload} />
      ) : !why ? (
        <SkeletonLines lines={10} />
      ) : (
        <div class="why">
          <Block title={t("why.types")}>
            <p class="muted small">{t("why.types_text")}</p>
            <ol class="why-types">
              {why.types.map((one) => (
                <TypeWhy key={one.type} one={one} today={why.today} mine={mine} />
              ))}
            </ol>
          </Block>
          <Block title={t("why.segments")}>
            <Segments items={why.segments} />
          </Block>
          <Block title={t("why.any")}>
            <Asked id={id} />
          </Block>
        </div>
      )}
    </Dialog>
  );
}
