import { t } from "../lib/i18n";
import { Dialog } from "../ui";
import { groups, helpOpen } from "./shortcuts";

const keyNames: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  Enter: "↵",
};
function keyName(key: string): string {
  if (key === " ") return t("shortcuts.space");
  return keyNames[key] ?? (key.length === 1 ? key.toUpperCase() : t(`shortcuts.key_${key.toLowerCase()}`));
}

/** Every shortcut of what is on screen. */
export function HelpDialog() {
  if (!helpOpen.value) return null;
  const general = {
    title: "shortcuts.general",
    shortcuts: [
      { keys: ["?"], text: "shortcuts.help" },
      { keys: ["Escape"], text: "shortcuts.close" },
    ],
  };
  return (
    <Dialog title={t("shortcuts.title")} wide onClose={() => (helpOpen.value = false)}>
      <div class="help-groups">
        {[...groups.value, general].map((group) => (
          <section key={group.title}>
            <h3>{t(group.title)}</h3>
            <dl class="help-keys">
              {group.shortcuts.map((shortcut) => (
                <div key={shortcut.text}>
                  <dt>{t(shortcut.text)}</dt>
                  <dd>
                    {shortcut.keys.map((key) => (
                      <kbd key={key}>{keyName(key)}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
