// Staff as the page sees them: who may act on whom mirrors the server's rules, which decide.
import type { Schemas } from "../api/client";
import { session } from "../shell/session";

export type Staff = Schemas["Staff"];
export type Store = Schemas["Store"];
export type InvitationLink = Schemas["InvitationLink"];
export type Role = Staff["role"];

/** The roles that the signed-in person may give. */
export function rolesToGive(): Role[] {
  return session.value?.staff.role === "owner" ? ["associate", "manager", "owner"] : ["associate"];
}

/** The stores that the signed-in person may put others into. */
export function storesToGive(stores: readonly Store[]): Store[] {
  const me = session.value?.staff;
  if (!me || me.role === "owner") return [...stores];
  return stores.filter((store) => me.stores.some((mine) => mine.id === store.id));
}

export function mayChange(one: Staff): boolean {
  const me = session.value?.staff;
  if (!me?.permissions.includes("staff_manage")) return false;
  if (me.role === "owner") return true;
  return one.role === "associate" && one.stores.every((store) => me.stores.some((mine) => mine.id === store.id));
}

export function isMe(one: Staff): boolean {
  return one.id === session.value?.staff.id;
}
