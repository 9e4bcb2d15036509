// A rule in plain words, with its numbers to be changed in their places.
import { Fragment } from "preact";
import { t } from "../lib/i18n";
import type { NumberName, Rules, Typologies } from "./model";

const mark = "\u0001";

function NumberInput(props: {
  name: NumberName;
  value: number;
  limit: Typologies["limits"][NumberName];
  disabled: boolean;
  onValue: (value: number) => void;
}) {
  const { name, value, limit } = props;
  const wrong = !Number.isInteger(value) || value < limit.least || value > limit.most;
  return (
    <input
      class="input typology-number"
      type="number"
      inputMode="numeric"
      name={name}
      aria-label={t(`typologies.${name}`)}
      aria-invalid={wrong}
      title={t("typologies.between", limit)}
      min={limit.least}
      max={limit.most}
      disabled={props.disabled}
      value={Number.isNaN(value) ? "" : value}
      onInput={(event) => props.onValue(event.currentTarget.value === "" ? NaN : Number(event.currentTarget.value))}
    />
  );
}

export function Sentence(props: {
  /** typologies.rule_… */
  rule: string;
  names: readonly NumberName[];
  rules: Rules;
  limits: Typologies["limits"];
  disabled: boolean;
  onNumber: (name: NumberName, value: number) => void;
}) {
  const places = Object.fromEntries(props.names.map((name) => [name, mark + name + mark]));
  return (
    <p class="typology-sentence">
      {t(`typologies.rule_${props.rule}`, places)
        .split(mark)
        .map((part, i) => {
          const name = props.names.find((one) => one === part);
          if (!name || i % 2 === 0) return <Fragment key={i}>{part}</Fragment>;
          return (
            <NumberInput
              key={i}
              name={name}
              value={props.rules[name]}
              limit={props.limits[name]}
              disabled={props.disabled}
              onValue={(value) => props.onNumber(name, value)}
            />
          );
        })}
    </p>
  );
}
