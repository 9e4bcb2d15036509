// The program and its backups: how old is the newest one, and did one fail?
import { api, type Schemas } from "../api/client";
import { formatBytes, formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Badge, ErrorState, InstantText, Notice, SkeletonLines } from "../ui";
import { Section } from "./section";

type Backup = Schemas["System"]["backups"][number];

const staleHours = 26;

function isFresh(one: Backup | undefined): boolean {
  return !!one && Date.now() - Date.parse(one.started_at) < staleHours * 3600_000;
}

function Row({ one }: { one: Backup }) {
  return (
    <li class="session-row">
      <div class="session-what">
        <span class="cut">{one.file}</span>
        <span class="muted small">
          <InstantText at={one.started_at} />
          {one.state === "done" &&
            ` · ${formatBytes(one.bytes)} · ${t("system.rows", { rows: formatNumber(one.rows) })}`}
        </span>
      </div>
      {one.state === "failed" && <Badge tone="red">{t("system.failed")}</Badge>}
      {one.state === "running" && <Badge>{t("system.running")}</Badge>}
      {one.state === "done" && <Badge tone="green">{t(one.nightly ? "system.nightly" : "system.by_hand")}</Badge>}
    </li>
  );
}

function Backups({ system }: { system: Schemas["System"] }) {
  const newest = system.backups.find((one) => one.state === "done");
  const failed = system.backups[0]?.state === "failed";
  return (
    <div class="field">
      <span class="field-label">{t("system.backups")}</span>
      {failed && <Notice tone="red">{t("system.failed_text")}</Notice>}
      {!failed && !isFresh(newest) && (
        <Notice tone="amber">{t(newest ? "system.stale_text" : "system.none_text")}</Notice>
      )}
      <p>{system.nightly ? t("system.nightly_text", { keep: system.keep }) : t("system.not_nightly_text")}</p>
      {system.backups.length > 0 && (
        <ul class="session-list">
          {system.backups.map((one) => (
            <Row key={one.id} one={one} />
          ))}
        </ul>
      )}
    </div>
  );
}

export function System() {
  const loaded = useLoad("system", (signal) => api.get("/system", { signal }));
  const system = loaded.value;
  return (
    <Section title={t("system.title")} text={t("system.text")}>
      {loaded.error ? (
        <ErrorState error={loaded.error} retry={loaded.reload} />
      ) : !system ? (
        <SkeletonLines lines={3} />
      ) : (
        <>
          <p class="muted">
            {t("system.program", {
              version: system.version,
              engine: system.engine === "sqlite" ? "SQLite" : "PostgreSQL",
            })}
          </p>
          <Backups system={system} />
        </>
      )}
    </Section>
  );
}
