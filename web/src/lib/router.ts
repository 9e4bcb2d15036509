// Addresses: one signal with the current one; links work as in any site (a click on <a href> inside
// the origin is taken over), so back, forward, share and "open in new tab" all hold.
import { signal } from "@preact/signals";

export interface Address {
  path: string;
  query: URLSearchParams;
}

function read(): Address {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

export const address = signal<Address>(read());

/** Only http(s) addresses of our own origin are the client's. */
function own(url: URL): boolean {
  return url.origin === location.origin && !url.pathname.startsWith("/api/");
}

/** Kept with each entry of the history: the page before this one, and how many entries back it is. */
interface Trail {
  from: string;
  steps: number;
}
function trail(): Trail | null {
  return history.state as Trail | null;
}
/** The address of the page that led here, within this client; null when there was none. */
export function cameFrom(): string | null {
  return trail()?.from ?? null;
}
/** Back to the page that led here, past what was clicked on this one. */
export function goBack(): void {
  history.go(-(trail()?.steps ?? 1));
}
function nextTrail(samePath: boolean, replace: boolean | undefined): Trail | null {
  const here = trail();
  if (replace) return here;
  if (samePath) return here && { from: here.from, steps: here.steps + 1 };
  return { from: location.pathname + location.search, steps: 1 };
}

export function navigate(to: string, how: { replace?: boolean } = {}): void {
  const url = new URL(to, location.href);
  if (url.href === location.href) return;
  const samePath = url.pathname === location.pathname;
  history[how.replace ? "replaceState" : "pushState"](nextTrail(samePath, how.replace), "", url);
  address.value = read();
}

/** Sets or (null, "") removes parameters of the current address, keeping the others. */
export function setQuery(
  changes: Readonly<Record<string, string | null>>,
  how: { replace?: boolean } = {},
): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes))
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  const text = readable(query);
  navigate(location.pathname + (text ? `?${text}` : ""), how);
}

/** Query strings people can read: what the query language uses stays as it is. */
export function readable(query: URLSearchParams): string {
  return query
    .toString()
    .replaceAll("%3A", ":")
    .replaceAll("%2C", ",")
    .replaceAll("%3E", ">")
    .replaceAll("%3C", "<")
    .replaceAll("%3D", "=")
    .replaceAll("%28", "(")
    .replaceAll("%29", ")");
}

/** {id: "12"} for match("/customers/{id}", "/customers/12"); null when it is another path. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.replace(/\/+$/, "").split("/");
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i]!;
    if (part.startsWith("{")) {
      if (!value) return null;
      found[part.slice(1, -1)] = decodeURIComponent(value);
    } else if (part !== value) return null;
  }
  return found;
}

function clicked(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.("a[href]");
  if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (!own(url) || (url.hash && url.pathname === location.pathname)) return;
  event.preventDefault();
  navigate(url.href);
}

export function startRouter(): void {
  addEventListener("popstate", () => {
    address.value = read();
  });
  document.addEventListener("click", clicked);
}
