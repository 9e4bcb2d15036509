// The house around the pages: who may see what, loading, and what is said when something is missing.
import { signal, useSignalEffect } from "@preact/signals";
import { Component, type ComponentChildren, type ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../lib/i18n";
import { address, match, navigate } from "../lib/router";
import { type Page, type PageProps, pages } from "../pages";
import { EmptyState, ErrorState, LinkButton, Toasts } from "../ui";
import { HelpDialog } from "./help";
import { Frame } from "./frame";
import { ConfirmIdentity } from "./confirm";
import { loadSession, loginAddress, may, mustSetUp, session } from "./session";
import { MustSetUp } from "./must-set-up";

interface Found {
  page: Page;
  params: Record<string, string>;
}
interface Shown extends Found {
  view: ComponentType<PageProps>;
}

const shown = signal<Shown | null>(null);
const failure = signal<unknown>(null);
const missing = signal(false);
const startFailure = signal<unknown>(null);
const home = "/customers";

function find(path: string): Found | null {
  for (const page of pages) {
    const params = match(page.pattern, path);
    if (params) return { page, params };
  }
  return null;
}

let wanted = 0;
/** Loads the page of the address; what is on screen stays until the next is here. */
async function show(path: string): Promise<void> {
  const mine = ++wanted;
  const found = find(path);
  if (!found) {
    missing.value = true;
    return;
  }
  try {
    const module = await found.page.load();
    if (mine !== wanted) return;
    missing.value = false;
    failure.value = null;
    const now = shown.peek();
    const same = now?.page === found.page && JSON.stringify(now.params) === JSON.stringify(found.params);
    if (same) return;
    document.querySelector(".main")?.scrollTo(0, 0);
    shown.value = { ...found, view: module.default };
  } catch (error) {
    if (mine === wanted) failure.value = error;
  }
}

function start(): void {
  startFailure.value = null;
  loadSession().catch((error: unknown) => {
    startFailure.value = error;
  });
}

/** A page that breaks must not take the house with it. */
class Boundary extends Component<{ children: ComponentChildren; path: string }> {
  override state = { error: null as unknown };
  override componentDidCatch(error: unknown) {
    this.setState({ error });
  }
  override componentDidUpdate(before: { path: string }) {
    if (before.path !== this.props.path && this.state.error) this.setState({ error: null });
  }
  override render() {
    if (this.state.error)
      return <ErrorState error={this.state.error} retry={() => this.setState({ error: null })} />;
    return this.props.children;
  }
}

function Content() {
  if (missing.value)
    return (
      <EmptyState
        icon="search-x"
        title={t("ui.missing_title")}
        text={t("ui.missing_text")}
        action={<LinkButton href={home}>{t("ui.missing_action")}</LinkButton>}
      />
    );
  if (failure.value)
    return <ErrorState error={failure.value} retry={() => void show(address.peek().path)} />;
  const now = shown.value;
  /* signed out: the door's page is on its way, and the one before cannot be shown any more */
  if (!now || (!now.page.open && !session.value)) return null;
  if (now.page.permission && !may(now.page.permission))
    return <EmptyState icon="ban" title={t("ui.forbidden_title")} text={t("ui.forbidden_text")} />;
  const View = now.view;
  return (
    <Boundary path={address.value.path}>
      <View key={now.page.pattern + JSON.stringify(now.params)} params={now.params} />
    </Boundary>
  );
}

export function App() {
  useEffect(start, []);
  useSignalEffect(() => {
    const { path } = address.value;
    if (path === "/") {
      navigate(home, { replace: true });
      return;
    }
    void show(path);
  });
  useSignalEffect(() => {
    const page = find(address.value.path)?.page;
    if (session.value === null && page && !page.open) navigate(loginAddress(), { replace: true });
  });
  useSignalEffect(() => {
    const now = shown.value;
    if (!now) return;
    const merchant = session.value?.merchant.name;
    document.title = [t(now.page.title), merchant ?? "Habitué"].join(" · ");
  });
  const open = find(address.value.path)?.page.open ?? false;
  if (startFailure.value) return <ErrorState error={startFailure.value} retry={start} />;
  if (session.value === undefined && !open) return <div class="boot" role="status" aria-label={t("ui.loading")} />;
  const bare = open && !(session.value && address.value.path === "/ui");
  return (
    <>
      {bare ? <Content /> : mustSetUp() ? <MustSetUp /> : session.value ? <Frame><Content /></Frame> : null}
      <ConfirmIdentity />
      <Toasts />
      <HelpDialog />
    </>
  );
}
