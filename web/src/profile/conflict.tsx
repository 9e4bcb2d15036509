// Somebody else saved meanwhile: what they changed, field by field, and whose is to stand.
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { Icon, Segmented } from "../ui";
import { type Draft, fieldLabel, type FieldName, fieldText, type Meeting } from "./draft";

export interface Choices {
  meeting: Meeting;
  /** What stands in the base now. */
  now: Draft;
  version: number;
  chosen: Partial<Record<FieldName, "mine" | "theirs">>;
}

export function Conflict(props: {
  choices: Choices;
  mine: Draft;
  stores: ReadonlyMap<string, string>;
  onChoose: (name: FieldName, whose: "mine" | "theirs") => void;
}) {
  const { meeting, now, chosen } = props.choices;
  const taken = meeting.theirs.filter((name) => !meeting.both.includes(name));
  return (
    <section class="conflict" role="alertdialog" aria-labelledby="conflict-title" tabIndex={-1} ref={(at) => at?.focus()}>
      <h2 id="conflict-title">
        <Icon name="users" />
        {t("profile.conflict_title")}
      </h2>
      <p>{t(meeting.both.length ? "profile.conflict_text" : "profile.conflict_taken_text")}</p>
      {meeting.both.map((name) => (
        <div key={name} class="conflict-field">
          <h3>{fieldLabel(name)}</h3>
          <dl class="conflict-values">
            <div>
              <dt>{t("profile.conflict_mine")}</dt>
              <dd>{fieldText(meeting.draft, name, props.stores)}</dd>
            </div>
            <div>
              <dt>{t("profile.conflict_theirs")}</dt>
              <dd>{fieldText(now, name, props.stores)}</dd>
            </div>
          </dl>
          <Segmented<"mine" | "theirs">
            label={t("profile.conflict_whose", { field: fieldLabel(name) })}
            value={chosen[name] ?? "mine"}
            onValue={(whose) => props.onChoose(name, whose)}
            options={[
              { value: "mine", label: t("profile.conflict_keep") },
              { value: "theirs", label: t("profile.conflict_take") },
            ]}
          />
        </div>
      ))}
      {taken.length > 0 && (
        <div class="conflict-field">
          <h3>{t("profile.conflict_also", { count: formatNumber(taken.length) })}</h3>
          <ul class="conflict-taken">
            {taken.map((name) => (
              <li key={name}>
                <span class="muted">{fieldLabel(name)}:</span> {fieldText(now, name, props.stores)}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
