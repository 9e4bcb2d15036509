// A dry run: what the rules would have given for past sales, beside those of now.
import { useEffect, useState } from "preact/hooks";
import { api, isAborted } from "../api/client";
import { dayNumber, dayText, formatDay, formatMoney, formatNumber, region } from "../lib/format";
import { t, tn } from "../lib/i18n";
import { errorText, Notice, Segmented, SkeletonLines } from "../ui";
import { bodyOf, type Rule, type Trial } from "./model";

const typingDelayMs = 250;
const spans = ["month", "quarter", "year"] as const;
type Span = (typeof spans)[number];
const months: Readonly<Record<Span, number>> = { month: 1, quarter: 3, year: 12 };

/** Whole calendar months before this one. */
function daysOf(span: Span): { from: string; to: string } {
  const { today } = region.value;
  const first = new Date(Date.UTC(Number(today.slice(0, 4)), Number(today.slice(5, 7)) - 1 - months[span], 1));
  return { from: first.toISOString().slice(0, 10), to: dayText(dayNumber(`${today.slice(0, 7)}-01`) - 1) };
}

export interface Tried {
  trial: Trial | null;
  error: unknown;
}
/** What was told of the rules before stays until it is known. */
export function useTrial(rules: readonly Rule[], span: Span, version: number): Tried {
  const [tried, setTried] = useState<Tried>({ trial: null, error: null });
  const key = JSON.stringify(bodyOf(rules));
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      api.post("/earning/try", { body: { rules: bodyOf(rules), ...daysOf(span) }, signal: abort.signal }).then(
        (trial) => !abort.signal.aborted && setTried({ trial, error: null }),
        (error: unknown) => {
          if (!isAborted(error) && !abort.signal.aborted) setTried({ trial: null, error });
        },
      );
    }, typingDelayMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, span, version]);
  return tried;
}
export type { Span };

function signed(change: number, format: (n: number) => string): string {
  return change === 0 ? "" : `${change > 0 ? "+" : "−"}${format(Math.abs(change))}`;
}

function Figure(props: { label: string; now: number; then: number; format: (n: number) => string; changed: boolean }) {
  const change = signed(props.then - props.now, props.format);
  return (
    <div class="earning-figure">
      <dt>{props.label}</dt>
      <dd>
        <span class="number">{props.format(props.then)}</span>
        {props.changed && props.now > 0 && (
          <span class="small muted">{change ? t("earning.than_now", { change, now: props.format(props.now) }) : t("earning.as_now")}</span>
        )}
      </dd>
    </div>
  );
}

function Figures({ trial, changed }: { trial: Trial; changed: boolean }) {
  const { now, proposed } = trial;
  return (
    <>
      <div role="status">
        <dl class="earning-figures">
        <Figure label={t("earning.would_points")} now={now.points} then={proposed.points} format={formatNumber} changed={changed} />
        <Figure label={t("earning.would_customers")} now={now.customers} then={proposed.customers} format={formatNumber} changed={changed} />
        {proposed.cost_minor !== null && (
          <Figure
            label={t("earning.would_cost")}
            now={now.cost_minor ?? 0}
            then={proposed.cost_minor}
            format={(minor) => formatMoney(minor)}
            changed={changed}
          />
        )}
        </dl>
      </div>
      {proposed.cost_minor === null && <p class="small muted">{t("earning.no_worth")}</p>}
      {proposed.rules.length > 0 && (
        <div class="table-frame">
          <table class="table">
            <caption class="hidden-text">{t("earning.by_rule")}</caption>
            <thead>
              <tr>
                <th scope="col">{t("earning.rule")}</th>
                <th scope="col" class="number">{t("earning.would_points")}</th>
                <th scope="col" class="number">{t("earning.would_customers")}</th>
                <th scope="col" class="number wide-only">{t("earning.would_purchases")}</th>
              </tr>
            </thead>
            <tbody>
              {proposed.rules.map((rule, i) => (
                <tr key={rule.id ?? i}>
                  <td>{rule.name}</td>
                  <td class="number">{formatNumber(rule.points)}</td>
                  <td class="number">{formatNumber(rule.customers)}</td>
                  <td class="number wide-only">{formatNumber(rule.purchases)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

export function DryRun(props: { tried: Tried; span: Span; onSpan: (span: Span) => void; changed: boolean }) {
  const { trial, error } = props.tried;
  return (
    <section class="earning-trial" aria-labelledby="earning-trial">
      <header>
        <h3 id="earning-trial">{t("earning.trial")}</h3>
        <Segmented<Span>
          label={t("earning.span")}
          value={props.span}
          onValue={props.onSpan}
          options={spans.map((span) => ({ value: span, label: t(`earning.span_${span}`) }))}
        />
      </header>
      {error !== null ? (
        <Notice tone="red">{errorText(error)}</Notice>
      ) : trial === null ? (
        <SkeletonLines lines={4} />
      ) : (
        <>
          <p class="muted small">
            {t("earning.trial_of", {
              from: formatDay(trial.from),
              to: formatDay(trial.to),
              purchases: tn("earning.purchases", trial.purchases),
              customers: tn("earning.customers", trial.customers),
              money: formatMoney(trial.sales_minor),
            })}
          </p>
          {trial.purchases > 0 && <Figures trial={trial} changed={props.changed} />}
        </>
      )}
      <p class="muted small">{t("earning.trial_text")}</p>
    </section>
  );
}
