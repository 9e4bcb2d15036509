// Starts the program ($HABITUE_BIN, default build/habitue) on a fresh demo base and a headless Chromium,
// and signs in. One server and one browser for each test file; a page for each test that remembers no other.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before } from "node:test";
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
export async function startServer({ customers }) {
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
      /* pages are too short-lived for the last stage of compiling to pay: a tenth of what axe takes */
      "--js-flags=--no-opt",
      ...more,
    ],
  });
}

/** The server and the browser of the file that said useDemo(), while its tests run. */
export let server, browser;
export function useDemo(options) {
  before(async () => {
    server = await startServer(options);
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
}

/** What went wrong while a person used the page; emptied for the next one. */
function listen(page) {
  page.on("pageerror", (error) => page.mistakes.push(String(error.stack)));
  page.on("console", (message) => {
    /* the browser itself notes every 4xx answer, also those that a test asks for */
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      page.mistakes.push(message.text());
  });
}

/**
 * A page with cookies and a storage of its own, signed in as the demo's person of that role (null: nobody);
 * `ownSession` for who signs out; `path: null` for who asks the API first. closePage() ends it.
 * `page.mistakes` are script errors, forbidden content and missing texts so far.
 */
export async function openPage(browser, server, options = {}) {
  const { role = "owner", viewport = desktop, theme = "light", language = "en", path = "/customers" } = options;
  const page = await emptyPage(browser, server, {
    viewport,
    colorScheme: theme,
    locale: language,
    reducedMotion: options.reducedMotion ?? "reduce",
    hasTouch: viewport.width < 760,
    isMobile: viewport.width < 760,
  });
  if (role) await signIn(page.context(), server, role, language, options.ownSession);
  page.mistakes = [];
  if (path) await page.goto(server.url + path);
  return page;
}

/** The closed pages of each browser, by what they cannot change any more. */
const closedPages = new WeakMap();

/**
 * A page where nobody has been: a closed one forgets first what was done with it. A renderer that has run the
 * program before opens it for half of what a new process takes, and that was nearly a third of all processor time.
 */
async function emptyPage(browser, server, options) {
  const { viewport, colorScheme, reducedMotion, ...fixed } = options;
  const kind = JSON.stringify([server.url, fixed]);
  if (!closedPages.has(browser)) closedPages.set(browser, new Map());
  const kinds = closedPages.get(browser);
  if (!kinds.has(kind)) kinds.set(kind, []);
  const page = kinds.get(kind).pop() ?? (await newPage(browser, options));
  page.closed = () => kinds.get(kind).push(page);
  const context = page.context();
  for (const other of context.pages()) if (other !== page) await other.close();
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.mouse.move(-1, -1);
  await page.setViewportSize(viewport);
  await page.emulateMedia({ media: null, colorScheme, reducedMotion });
  await context.setOffline(false);
  await context.clearPermissions();
  await context.clearCookies();
  return page;
}

async function newPage(browser, options) {
  const context = await browser.newContext(options);
  await context.addInitScript(() => {
    if (location.origin === "null" || !sessionStorage.getItem("closed")) return;
    sessionStorage.clear();
    localStorage.clear();
  });
  const page = await context.newPage();
  page.mistakes = [];
  listen(page);
  return page;
}

/** The end of a page of openPage(). What it stored is cleared when the next document comes, before it runs. */
export async function closePage(page) {
  if (new URL(page.url()).origin === "null") return page.context().close(); /* blank: nothing to keep */
  await page.evaluate(() => sessionStorage.setItem("closed", "yes"));
  page.closed();
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

/** In the page: axe reads the same few colours thousands of times; reading each once saves a tenth of its time. */
function rememberColours() {
  const { prototype } = globalThis.axe.commons.color.Color;
  const read = prototype.parseString;
  const known = new Map();
  prototype.parseString = function (text) {
    if (!known.has(text)) {
      const { r, g, b, alpha } = read.call(this, text);
      known.set(text, { r, g, b, alpha });
    }
    return Object.assign(this, known.get(text));
  };
}

/**
 * In the page: what passes is let go before axe words, weighs and sorts it; only a rule that compares its nodes with
 * one another at the end needs them all.
 */
function keepOnlyFaults() {
  const { rules, checks } = globalThis.axe._audit;
  const compares = ({ any, all, none }) => [...any, ...all, ...none].some((check) => checks[check.id ?? check].after);
  const passes = ({ any, all, none }) =>
    (!any.length || any.some((check) => check.result === true)) &&
    all.every((check) => check.result === true) &&
    none.every((check) => check.result === false);
  for (const rule of rules) {
    if (compares(rule)) continue;
    const { run } = rule;
    rule.run = function (context, options, resolve, reject) {
      const keep = (result) => {
        result.nodes = result.nodes.filter((node) => !passes(node));
        resolve(result);
      };
      run.call(this, context, options, keep, reject);
    };
  }
}

/** WCAG 2.2 A and AA; the violations in words, none when all is well. */
export async function axe(page) {
  /* the content policy forbids foreign script tags; the protocol may evaluate. One document needs it once. */
  if (await page.evaluate(() => !globalThis.axe)) {
    await page.evaluate(await axeSource);
    await page.evaluate(rememberColours);
    await page.evaluate(keepOnlyFaults);
  }
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
