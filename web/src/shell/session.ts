// Who is signed in. One signal; everything that depends on rights reads it.
import { signal } from "@preact/signals";
import { api, ApiError, onBarred, onSignedOut, type Schemas, setCsrf } from "../api/client";
import { region } from "../lib/format";
import { isLanguage, setLanguage } from "../lib/i18n";
import { address, navigate, readable } from "../lib/router";

export type Session = Schemas["Session"];

/** null: nobody; undefined: not known yet. */
export const session = signal<Session | null | undefined>(undefined);

export async function enter(next: Session): Promise<void> {
  setCsrf(next.csrf);
  region.value = {
    currency: next.merchant.currency,
    decimals: next.merchant.currency_decimals,
    timeZone: next.merchant.time_zone,
    today: next.merchant.today,
  };
  if (isLanguage(next.staff.language)) await setLanguage(next.staff.language);
  session.value = next;
}

/** Asks the server who we are; throws when it cannot be reached. */
export async function loadSession(): Promise<void> {
  try {
    await enter(await api.get("/session"));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    session.value = null;
  }
}

export async function signOut(): Promise<void> {
  await api.delete("/session");
  leave();
  navigate("/login");
}

function leave(): void {
  setCsrf("");
  session.value = null;
}

/** May the signed-in person do this? The server decides; this only hides what it would refuse. */
export function may(permission: string): boolean {
  return session.value?.staff.permissions.includes(permission) ?? false;
}

/** The login page, and back to here afterwards. */
export function loginAddress(): string {
  const { path, query } = address.peek();
  const here = path + (query.size ? `?${readable(query)}` : "");
  return here === "/" || here === "/login" ? "/login" : `/login?next=${encodeURIComponent(here)}`;
}

/** Must something be set up before anything else? */
export function mustSetUp(): boolean {
  const step = session.value?.second_step;
  return !!step && step.required && !step.on;
}
onBarred(() => {
  if (!mustSetUp()) void loadSession();
});

onSignedOut(() => {
  if (!session.peek()) return;
  const login = loginAddress();
  leave();
  navigate(login, { replace: true });
});
