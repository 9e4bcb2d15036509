// The pages: an address, the code that is loaded for it, and its place in the navigation.
import type { ComponentType } from "preact";
import { withAllTexts } from "./lib/i18n";
import type { IconName } from "./ui";

/** What a page gets: the {names} of its pattern. */
export interface PageProps {
  params: Readonly<Record<string, string>>;
}
export interface Page {
  pattern: string;
  load: () => Promise<{ default: ComponentType<PageProps> }>;
  /** Key of the text in the window's title. */
  title: string;
  /** Also for people who are not signed in, without the navigation around it. */
  open?: boolean;
  /** The permission without which the page is not offered. */
  permission?: string;
  /** In the navigation, in this order. */
  nav?: { icon: IconName; group: "main" | "loyalty" | "shop" };
}

export const pages: readonly Page[] = [
  {
    pattern: "/customers",
    load: () => import("./customers/page"),
    title: "nav.customers",
    permission: "customers_read",
    nav: { icon: "users", group: "main" },
  },
  { pattern: "/customers/new", load: () => withAllTexts(import("./profile/new")), title: "profile.new_title", permission: "customers_write" },
  {
    pattern: "/customers/{id}/edit",
    load: () => withAllTexts(import("./profile/edit")),
    title: "profile.edit",
    permission: "customers_write",
  },
  {
    pattern: "/tasks",
    load: () => withAllTexts(import("./tasks/page")),
    title: "nav.tasks",
    permission: "customers_read",
    nav: { icon: "list-checks", group: "main" },
  },
  {
    pattern: "/customers/{id}",
    load: () => withAllTexts(import("./customer/page")),
    title: "nav.customers",
    permission: "customers_read",
  },
  {
    pattern: "/customers/{id}/consents",
    load: () => withAllTexts(import("./consent/proof")),
    title: "consent.proof_title",
    permission: "customers_read",
  },
  {
    pattern: "/segments",
    load: () => withAllTexts(import("./segments/page")),
    title: "nav.segments",
    permission: "customers_read",
    nav: { icon: "filter", group: "main" },
  },
  {
    pattern: "/groups",
    load: () => withAllTexts(import("./groups/page")),
    title: "nav.groups",
    permission: "customers_read",
    nav: { icon: "list", group: "main" },
  },
  {
    pattern: "/actions",
    load: () => withAllTexts(import("./bulk/page")),
    title: "nav.actions",
    permission: "customers_write",
    nav: { icon: "activity", group: "main" },
  },
  {
    pattern: "/movements",
    load: () => withAllTexts(import("./movements/page")),
    title: "nav.movements",
    permission: "customers_read",
    nav: { icon: "arrow-right", group: "main" },
  },
  {
    pattern: "/departures",
    load: () => withAllTexts(import("./departures/page")),
    title: "nav.departures",
    permission: "customers_read",
    nav: { icon: "calendar", group: "main" },
  },
  {
    pattern: "/duplicates",
    load: () => withAllTexts(import("./duplicates/page")),
    title: "nav.duplicates",
    permission: "customers_merge",
    nav: { icon: "copy", group: "main" },
  },
  { pattern: "/merge", load: () => withAllTexts(import("./duplicates/merge")), title: "merge.title", permission: "customers_merge" },
  {
    pattern: "/import",
    load: () => withAllTexts(import("./import/page")),
    title: "nav.import",
    permission: "import",
    nav: { icon: "upload", group: "main" },
  },
  { pattern: "/import/{id}", load: () => withAllTexts(import("./import/one")), title: "nav.import", permission: "import" },
  {
    pattern: "/birthdays",
    load: () => withAllTexts(import("./birthdays/page")),
    title: "nav.birthdays",
    permission: "customers_read",
    nav: { icon: "cake", group: "loyalty" },
  },
  {
    pattern: "/points",
    load: () => withAllTexts(import("./points/page")),
    title: "nav.points",
    permission: "loyalty",
    nav: { icon: "star", group: "loyalty" },
  },
  {
    pattern: "/watch",
    load: () => withAllTexts(import("./watch/page")),
    title: "nav.watch",
    permission: "points",
    nav: { icon: "eye", group: "loyalty" },
  },
  {
    pattern: "/certificates",
    load: () => withAllTexts(import("./certificates/page")),
    title: "nav.certificates",
    permission: "customers_read",
    nav: { icon: "gift", group: "loyalty" },
  },
  { pattern: "/certificates/{id}", load: () => withAllTexts(import("./certificates/one")), title: "nav.certificates", permission: "customers_read" },
  {
    pattern: "/stamps",
    load: () => withAllTexts(import("./stamps/page")),
    title: "nav.stamps",
    permission: "customers_read",
    nav: { icon: "circle-check", group: "loyalty" },
  },
  {
    pattern: "/referrals",
    load: () => withAllTexts(import("./referrals/page")),
    title: "nav.referrals",
    permission: "customers_read",
    nav: { icon: "user-plus", group: "loyalty" },
  },
  {
    pattern: "/staff",
    load: () => withAllTexts(import("./staff/page")),
    title: "nav.staff",
    permission: "staff_read",
    nav: { icon: "store", group: "shop" },
  },
  {
    pattern: "/audit",
    load: () => withAllTexts(import("./audit/page")),
    title: "nav.audit",
    permission: "audit_read",
    nav: { icon: "history", group: "shop" },
  },
  {
    pattern: "/retention",
    load: () => withAllTexts(import("./privacy/retention")),
    title: "nav.retention",
    permission: "settings",
    nav: { icon: "clock", group: "shop" },
  },
  {
    pattern: "/settings",
    load: () => withAllTexts(import("./settings/page")),
    title: "nav.settings",
    nav: { icon: "settings", group: "shop" },
  },
  { pattern: "/settings/tiers", load: () => withAllTexts(import("./tiers/page")), title: "tiers.title" },
  { pattern: "/settings/loyalty", load: () => withAllTexts(import("./settings/loyalty")), title: "loyalty.settings" },
  { pattern: "/cards/print", load: () => withAllTexts(import("./fidelity/print")), title: "fidelity.print_title", permission: "customers_read" },
  {
    pattern: "/scan",
    load: () => withAllTexts(import("./fidelity/scan")),
    title: "scan.title",
    permission: "customers_read",
    nav: { icon: "scan-line", group: "loyalty" },
  },
  { pattern: "/ui", load: () => withAllTexts(import("./ui/showcase")), title: "nav.ui", open: true },
  { pattern: "/login", load: () => import("./login/page"), title: "login.title", open: true },
  { pattern: "/welcome", load: () => withAllTexts(import("./login/welcome")), title: "welcome.title", open: true },
];
