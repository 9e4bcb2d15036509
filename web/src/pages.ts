// The pages: an address, the code that is loaded for it, and its place in the navigation.
import type { ComponentType } from "preact";
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
  nav?: { icon: IconName; group: "main" | "shop" };
}

export const pages: readonly Page[] = [
  {
    pattern: "/customers",
    load: () => import("./customers/page"),
    title: "nav.customers",
    permission: "customers_read",
    nav: { icon: "users", group: "main" },
  },
  { pattern: "/ui", load: () => import("./ui/showcase"), title: "nav.ui", open: true },
  { pattern: "/login", load: () => import("./login/page"), title: "login.title", open: true },
  { pattern: "/welcome", load: () => import("./login/welcome"), title: "welcome.title", open: true },
];
