// What each role may do, in words and side by side.
import { t } from "../lib/i18n";

const roles = ["associate", "manager", "owner"] as const;
type Scope = "none" | "yes" | "all" | "own_associates" | "chain";
const rights: readonly [string, Readonly<Record<(typeof roles)[number], Scope>>][] = [
  ["customers", { associate: "chain", manager: "chain", owner: "all" }],
  ["segments", { associate: "none", manager: "yes", owner: "yes" }],
  ["import", { associate: "none", manager: "yes", owner: "yes" }],
  ["staff", { associate: "none", manager: "own_associates", owner: "all" }],
  ["stores", { associate: "none", manager: "none", owner: "yes" }],
  ["settings", { associate: "none", manager: "none", owner: "yes" }],
  ["audit", { associate: "none", manager: "none", owner: "yes" }],
];

export function Roles() {
  return (
    <>
      <dl class="roles">
        {roles.map((role) => (
          <div key={role}>
            <dt>{t(`role.${role}`)}</dt>
            <dd class="muted">{t(`staff.role_${role}_text`)}</dd>
          </div>
        ))}
      </dl>
      <div class="table-frame" tabIndex={0} role="region" aria-label={t("staff.tab_roles")}>
        <table class="table rights">
          <caption class="hidden-text">{t("staff.tab_roles")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("staff.right")}</th>
              {roles.map((role) => (
                <th key={role} scope="col">
                  {t(`role.${role}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rights.map(([right, scopes]) => (
              <tr key={right}>
                <th scope="row">{t(`staff.right_${right}`)}</th>
                {roles.map((role) => (
                  <td key={role} class={scopes[role] === "none" ? "muted" : undefined}>
                    {t(`staff.scope_${scopes[role]}`)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
