// Starts the program ($HABITUE_BIN, default build/habitue) on a fresh demo base and a headless Chromium,
// and signs in. One server and one browser for each test file; one page (context) for each test.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
export const program = resolve(process.env.HABITUE_BIN ?? join(here, "../../build/habitue"));
const browserPath = process.env.HABITUE_CHROMIUM ?? "/usr/bin/chromium-headless-shell";
const axeSource = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The day every test lives in: relative dates and facets are the same on any day. */
export const today = "2026-03-14";
export const languages = ["en", "fr", "it", "es", "ru"];
export const desktop = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

function freePort() {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.on("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}

/** For what happens behind the screen; on it, locators wait by themselves. */
export async function until(isTrue, what = "a condition", seconds = 20) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    if (await isTrue()) return;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error(`waited ${seconds} s for ${what}`);
}

/** Waits until what is read is what it has to be; the difference is told if it never is. */
export async function becomes(read, expected, seconds = 20) {
  let now;
  const is = async () => isDeepStrictEqual((now = await read()), expected);
  await until(is, "an equal", seconds).catch(() => undefined);
  assert.deepEqual(now, expected);
}

/** A demo base of its own, served. */
export async function startServer({ customers = 20000 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "habitue-browser-"));
  const db = join(folder, "test.db");
  const shared = { env: { ...process.env, HABITUE_DB: db, HABITUE_TODAY: today }, encoding: "utf8" };
  const filled = spawnSync(program, ["demo", "--customers", String(customers), "--seed", "1"], shared);
  if (filled.status !== 0) throw new Error(`habitue demo: ${filled.stderr || filled.error}`);
  const port = await freePort();
  const server = spawn(program, ["serve", "--listen", `127.0.0.1:${port}`], {
    ...shared,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  server.stderr.on("data", (part) => (errors += part));
  const url = `http://127.0.0.1:${port}`;
  const answers = () => fetch(`${url}/readyz`).then((r) => r.ok, () => false);
  await until(async () => {
    if (server.exitCode !== null) throw new Error(`habitue serve: ${errors}`);
    return answers();
  }, "the server");
  const stop = async () => {
    server.kill("SIGTERM");
    await until(() => server.exitCode !== null || server.signalCode !== null, "the server's end");
    await rm(folder, { recursive: true, force: true });
  };
  return { url, db, stop, sessions: new Map() };
}

/** `more`: further arguments, for what only some tests need (a camera). */
export function startBrowser(more = []) {
  return chromium.launch({
    executablePath: browserPath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}

/** What the person sees and what went wrong while he did. */
function listen(page) {
  const mistakes = [];
  page.on("pageerror", (error) => mistakes.push(String(error.stack)));
  page.on("console", (message) => {
    /* the browser itself notes every 4xx answer, also those that a test asks for */
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      mistakes.push(message.text());
  });
  return mistakes;
}

/**
 * A page with cookies of its own, signed in as the demo's person of that role (null: nobody);
 * `ownSession` for who signs out.
 * `page.mistakes` are script errors, forbidden content and missing texts so far.
 */
export async function openPage(browser, server, options = {}) {
  const { role = "owner", viewport = desktop, theme = "light", language = "en", path = "/customers" } = options;
  const context = await browser.newContext({
    viewport,
    colorScheme: theme,
    locale: language,
    reducedMotion: options.reducedMotion ?? "reduce",
    hasTouch: viewport.width < 760,
    isMobile: viewport.width < 760,
  });
  if (role) await signIn(context, server, role, language, options.ownSession);
  const page = await context.newPage();
  page.mistakes = listen(page);
  await page.goto(server.url + path);
  return page;
}

async function newSession(context, server, role) {
  const setup = await (await context.request.get(`${server.url}/api/v1/setup`)).json();
  const login = setup.demo_logins.find((one) => one.role === role);
  const answer = await context.request.post(`${server.url}/api/v1/session`, {
    data: { email: login.email, password: login.password },
  });
  if (!answer.ok()) throw new Error(`signing in as ${role}: ${answer.status()} ${await answer.text()}`);
  const { csrf, staff } = await answer.json();
  return { csrf, language: staff.language, cookies: await context.cookies() };
}

/** One session for each role is shared by a file's tests: hashing a password is slow on purpose. */
async function signIn(context, server, role, language, ownSession) {
  const session = (!ownSession && server.sessions.get(role)) || (await newSession(context, server, role));
  if (!ownSession) server.sessions.set(role, session);
  await context.addCookies(session.cookies);
  if (session.language === language) return;
  const answer = await context.request.patch(`${server.url}/api/v1/session/staff`, {
    data: { language },
    headers: { "X-CSRF": session.csrf },
  });
  if (!answer.ok()) throw new Error(`language ${language}: ${answer.status()} ${await answer.text()}`);
  session.language = language;
}

/** The server's own answer, for comparing with what is on screen. */
export async function askApi(page, server, path) {
  const answer = await page.context().request.get(`${server.url}/api/v1${path}`);
  if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
  return answer.json();
}

/** What somebody does elsewhere meanwhile, or did before. */
export async function post(page, server, path, data, key) {
  const { csrf } = await askApi(page, server, "/session");
  const headers = { "X-CSRF": csrf, ...(key && { "Idempotency-Key": key }) };
  const answer = await page.context().request.post(`${server.url}/api/v1${path}`, { data, headers });
  if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
  return answer.json();
}

/** WCAG 2.2 A and AA; the violations in words, none when all is well. */
export async function axe(page) {
  /* the content policy forbids foreign script tags; the protocol may evaluate. One document needs it once. */
  if (await page.evaluate(() => !globalThis.axe)) await page.evaluate(await axeSource);
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, {
      runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] },
      /* not on by itself yet: who speaks the visible words must reach the control */
      rules: { "label-content-name-mismatch": { enabled: true } },
      /* every rule is run all the same; what passes is not described node by node, and stays in the page:
         describing it and carrying it over took longer than the rules themselves */
      resultTypes: ["violations"],
    });
    return violations.map(({ id, help, nodes }) => {
      const [{ html, failureSummary = "" }] = nodes;
      return `${id}: ${help} (${nodes.length}×, ${html.slice(0, 160)} ${failureSummary.slice(0, 300)})`;
    });
  });
}

/** How far the page can be scrolled sideways: a page must not. */
export function sidewaysOverflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
