// The list as it stood on an earlier day: where the day is chosen, and what says so while it is.
import { dayNumber, dayText, formatDay, region } from "../lib/format";
import { t } from "../lib/i18n";
import { ApiError } from "../api/client";
import { Button, errorText, Input, Notice, Popover } from "../ui";
import { failure } from "./rows";
import { asOf, setAsOf } from "./state";

export function isAsOfProblem(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.code.startsWith("as_of_") || error.problem.field === "as_of");
}

/** A day; `close` when it is chosen. */
export function AsOfField({ close }: { close?: () => void }) {
  const yesterday = dayText(dayNumber(region.value.today) - 1);
  return (
    <div class="as-of-field">
      <label>
        <span class="small strong">{t("as_of.title")}</span>
        <Input
          type="date"
          value={asOf.value ?? ""}
          max={yesterday}
          onChange={(event) => setAsOf((event.currentTarget as HTMLInputElement).value || null)}
        />
      </label>
      <p class="small muted">{t("as_of.hint")}</p>
      {asOf.value !== null && (
        <Button
          size="s"
          icon="rotate-ccw"
          onClick={() => {
            setAsOf(null);
            close?.();
          }}
        >
          {t("as_of.back")}
        </Button>
      )}
    </div>
  );
}

export function AsOfButton() {
  return (
    <Popover
      label={t("as_of.button")}
      align="end"
      class="as-of"
      button={(attributes) => (
        <Button icon="history" class="wide-button" title={t("as_of.button")} {...attributes}>
          {t("as_of.button")}
        </Button>
      )}
    >
      {(close) => <AsOfField close={close} />}
    </Popover>
  );
}

/** Nobody shall take the past for the present. */
export function AsOfBanner() {
  const day = asOf.value;
  if (day === null) return null;
  const error = failure.value;
  const wrong = isAsOfProblem(error);
  return (
    <Notice
      tone={wrong ? "red" : "accent"}
      icon={wrong ? "circle-alert" : "history"}
      action={
        <Button size="s" onClick={() => setAsOf(null)}>
          {t("as_of.back")}
        </Button>
      }
    >
      {wrong ? (
        errorText(error)
      ) : (
        <>
          <span class="strong">{t("as_of.banner", { day: formatDay(day, "long") })}</span>{" "}
          <span class="muted">{t("as_of.now")}</span>
        </>
      )}
    </Notice>
  );
}
