import type { Schemas } from "../api/client";

export type BirthdayMonth = Schemas["BirthdayMonth"];
export type BirthdayDay = Schemas["BirthdayDay"];
export type Greeted = Schemas["Greeted"];
export type Rules = Schemas["BirthdayRules"];
export type Coming = Schemas["GreetingsComing"];
export type Logged = Schemas["GreetingList"]["items"][number];
export type Item = BirthdayDay["items"][number];

/** What the calendar shows. */
export const kindsOf = ["all", "birthdays", "dates"] as const;
export type Kinds = (typeof kindsOf)[number];
/** As the server and the address have it. */
export function kindOf(kinds: Kinds): "birthday" | "date" | undefined {
  return kinds === "all" ? undefined : kinds === "birthdays" ? "birthday" : "date";
}
export function readKinds(text: string | null): Kinds {
  return text === "birthday" ? "birthdays" : text === "date" ? "dates" : "all";
}
/** A customer can be on the list more than once, for a birthday and for other days. */
export function keyOf(item: Item): string {
  return `${item.customer.id} ${item.kind} ${item.name ?? ""}`;
}
