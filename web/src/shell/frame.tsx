// Navigation around every page: at the left, folding to icons; on a phone a bar at the bottom.
import { type ComponentChildren, Fragment } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { language, type Language, languageNames, languages, setLanguage, t } from "../lib/i18n";
import { address } from "../lib/router";
import { isBoolean, stored } from "../lib/stored";
import { type Page, pages } from "../pages";
import { DuplicatesCount } from "../duplicates/nav";
import { SegmentLinks } from "../segments/nav";
import { TaskCount } from "../tasks/nav";
import { WatchCount } from "../watch/nav";
import { Avatar, Dialog, Icon, IconButton, Menu, type MenuItem, Segmented, Select, toastError } from "../ui";
import { may, session, signOut } from "./session";
import { helpOpen, useShortcuts } from "./shortcuts";
import { densities, type Density, density, type Theme, theme, themes } from "./theme";

const folded = stored("nav.folded", false, isBoolean);
const themeIcons = { system: "monitor", light: "sun", dark: "moon" } as const;

const groups = ["loyalty", "shop"] as const; /* under a heading each, after the main one */

function offered(group: "main" | (typeof groups)[number]): Page[] {
  return pages.filter((page) => page.nav?.group === group && (!page.permission || may(page.permission)));
}
function isCurrent(page: Page): boolean {
  const { path } = address.value;
  return path === page.pattern || path.startsWith(`${page.pattern}/`);
}

function NavLink({ page }: { page: Page }) {
  return (
    <a
      class="nav-link"
      href={page.pattern}
      aria-current={isCurrent(page) ? "page" : undefined}
      title={folded.value ? t(page.title) : undefined}
    >
      <Icon name={page.nav!.icon} size={18} />
      <span class="nav-text">{t(page.title)}</span>
      {page.pattern === "/tasks" && <TaskCount />}
      {page.pattern === "/duplicates" && <DuplicatesCount />}
      {page.pattern === "/watch" && <WatchCount />}
    </a>
  );
}

/** Changes what is on screen at once and remembers it for the person, on every device. */
function changeLanguage(next: Language): void {
  void setLanguage(next);
  api.patch("/session/staff", { body: { language: next } }).catch(toastError);
}

function accountItems(openSettings: () => void): MenuItem[] {
  return [
    { label: t("nav.preferences"), icon: "sliders-horizontal", onSelect: openSettings },
    { label: t("shortcuts.title"), icon: "keyboard", hint: "?", onSelect: () => (helpOpen.value = true) },
    "line",
    { label: t("nav.sign_out"), icon: "log-out", onSelect: () => void signOut().catch(toastError) },
  ];
}

/** What each person sets for himself: language, theme, density. */
function Preferences(props: { onClose: () => void }) {
  return (
    <Dialog title={t("nav.preferences")} onClose={props.onClose}>
      <div class="preferences">
        <label class="preference">
          <span>{t("preferences.language")}</span>
          <Select
            value={language.value}
            options={languages.map((code) => ({ value: code, label: languageNames[code] }))}
            onValue={(code) => changeLanguage(code as Language)}
          />
        </label>
        <div class="preference">
          <span>{t("preferences.theme")}</span>
          <Segmented<Theme>
            label={t("preferences.theme")}
            value={theme.value}
            onValue={(next) => (theme.value = next)}
            options={themes.map((one) => ({
              value: one,
              label: t(`preferences.theme_${one}`),
              icon: themeIcons[one],
            }))}
          />
        </div>
        <div class="preference">
          <span>{t("preferences.density")}</span>
          <Segmented<Density>
            label={t("preferences.density")}
            value={density.value}
            onValue={(next) => (density.value = next)}
            options={densities.map((one) => ({ value: one, label: t(`preferences.density_${one}`) }))}
          />
        </div>
      </div>
    </Dialog>
  );
}

function Account({ openSettings }: { openSettings: () => void }) {
  const { staff } = session.value!;
  return (
    <Menu
      label={t("nav.account")}
      align="start"
      items={accountItems(openSettings)}
      button={(attributes) => (
        <button
          type="button"
          class="nav-account"
          {...attributes}
          aria-label={t("nav.account_of", { name: staff.name, role: t(`role.${staff.role}`) })}
        >
          <Avatar id={staff.id} name={staff.name} />
          <span class="nav-text nav-person">
            <span class="cut">{staff.name}</span>{" "}
            <span class="cut muted small">{t(`role.${staff.role}`)}</span>
          </span>
        </button>
      )}
    />
  );
}

function SideNav({ openSettings }: { openSettings: () => void }) {
  const now = session.value!;
  return (
    <nav class="nav" aria-label={t("nav.label")}>
      <div class="nav-top">
        <a class="nav-brand" href="/customers" title={now.merchant.name}>
          <Mark />
          <span class="nav-text cut">{now.merchant.name}</span>
        </a>
        <IconButton
          class="nav-fold"
          icon={folded.value ? "chevrons-right" : "chevrons-left"}
          label={t(folded.value ? "nav.unfold" : "nav.fold")}
          aria-expanded={!folded.value}
          onClick={() => (folded.value = !folded.value)}
        />
      </div>
      <div class="nav-group">
        {offered("main").map((page) => (
          <Fragment key={page.pattern}>
            <NavLink page={page} />
            {page.pattern === "/segments" && <SegmentLinks />}
          </Fragment>
        ))}
      </div>
      {groups.map(
        (group) =>
          offered(group).length > 0 && (
            <div key={group} class="nav-group">
              <p class="nav-heading nav-text">{t(`nav.${group}`)}</p>
              {offered(group).map((page) => (
                <NavLink key={page.pattern} page={page} />
              ))}
            </div>
          ),
      )}
      <div class="nav-end">
        {now.merchant.demo && <p class="nav-demo nav-text">{t("nav.demo")}</p>}
        <Account openSettings={openSettings} />
      </div>
    </nav>
  );
}

/** A phone's thumb reaches the bottom: the first three pages, and the rest behind "More". */
function BottomBar({ openSettings }: { openSettings: () => void }) {
  const [more, setMore] = useState(false);
  const all = [...offered("main"), ...groups.flatMap(offered)];
  const first = all.slice(0, 3);
  return (
    <nav class="bottom-bar" aria-label={t("nav.label")}>
      {first.map((page) => (
        <a
          key={page.pattern}
          class="bottom-link"
          href={page.pattern}
          aria-current={isCurrent(page) ? "page" : undefined}
        >
          <Icon name={page.nav!.icon} size={20} />
          {page.pattern === "/tasks" && <TaskCount />}
          <span class="cut">{t(page.title)}</span>
        </a>
      ))}
      <button type="button" class="bottom-link" aria-haspopup="dialog" onClick={() => setMore(true)}>
        <Icon name="menu" size={20} />
        <span class="cut">{t("nav.more")}</span>
      </button>
      {more && (
        <Dialog title={session.value!.merchant.name} shape="sheet" onClose={() => setMore(false)}>
          <div class="more-links" onClick={() => setMore(false)}>
            {all.slice(3).map((page) => (
              <NavLink key={page.pattern} page={page} />
            ))}
            <button type="button" class="nav-link" onClick={openSettings}>
              <Icon name="sliders-horizontal" size={18} />
              {t("nav.preferences")}
            </button>
            <button type="button" class="nav-link" onClick={() => void signOut().catch(toastError)}>
              <Icon name="log-out" size={18} />
              {t("nav.sign_out")}
            </button>
          </div>
        </Dialog>
      )}
    </nav>
  );
}

/** The mark: an H whose crossbar is a smile of a bistro's awning. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="6" fill="currentColor" />
      <path class="mark-line" d="M8 6.5v11M16 6.5v11M8 11.2c2 2.6 6 2.6 8 0" />
    </svg>
  );
}

export function Frame({ children }: { children: ComponentChildren }) {
  const [settings, setSettings] = useState(false);
  useShortcuts("shortcuts.anywhere", [
    { keys: ["["], text: "shortcuts.fold", run: () => (folded.value = !folded.value) },
  ]);
  return (
    <div class={`frame ${folded.value ? "frame-folded" : ""}`}>
      <a class="skip" href="#main">
        {t("nav.skip")}
      </a>
      <SideNav openSettings={() => setSettings(true)} />
      <main id="main" class="main" tabIndex={-1}>
        {children}
      </main>
      <BottomBar openSettings={() => setSettings(true)} />
      {settings && <Preferences onClose={() => setSettings(false)} />}
    </div>
  );
}
