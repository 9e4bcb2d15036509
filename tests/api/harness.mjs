// Scenarios against a real server, on SQLite and, when HABITUE_TEST_PG names a PostgreSQL server, on that.
//
//   import { onEveryEngine } from "./harness.mjs";
//   onEveryEngine("favourites", async (world) => {
//     await world.steps([
//       { as: "owner", do: "GET /customers?q=visits:>0", expect: 200, save: { id: "items.0.id" } },
//       { as: "owner", do: "PUT /customers/${id}/favourite", expect: 204 },
//       { as: "owner", do: "GET /customers/${id}", expect: 200, has: { favourite: true } },
//       { as: "other", do: "GET /customers/${id}", expect: 404, has: { code: "not_found" } },
//     ]);
//   }, { demo: 200 });
//
// A world is a fresh base with a server of its own ($HABITUE_BIN, default build/habitue) and two merchants:
//   "shop" with the stores Lyon and Nice and the people owner, manager (Lyon), associate (Lyon);
//   "other" with the person other, its owner, and the store Elsewhere.
// With { demo: N } the base holds the demo chain of N customers instead of "shop": owner, manager and
// associate are its logins. { today: "2026-03-14" } fixes the day, { serve: ["--option"] } adds options,
// { env: { NAME: "value" } } sets the server's environment,
// { slowHashes: true } is for who needs that a password takes its time.
//
// world.steps(list)      runs the steps in order; a step says
//   as       who: a name above, or absent: nobody
//   do       "METHOD /path" below /api/v1; ${name} is replaced by a saved value, here and in body
//   body     sent as JSON; raw: a string or Buffer sent as it is (type: its Content-Type)
//   headers  more of them; { version: 3 } is short for If-Match: "3"; csrf: false leaves X-CSRF out
//   key      sent as Idempotency-Key
//   expect   the status (default 200)
//   has      what the answer must hold, deeply; a RegExp matches text, a function judges the value
//   save     { name: "path.in.the.answer" }
//   then     a function (answer) => … for whatever else
// world.ask(as, "GET /path", { body, headers, … }) → { status, headers, body, text }; the same by hand.
// world.saved            what was saved; world.url, world.db, world.engine
// world.cli([args], { input }) → { status, out, err }: runs the program on the same base
// world.sql("UPDATE …")  runs SQL beside the server, for what only time would bring
// world.guess(step)      makes a wrong guess until the wait for the next one is long; the first five pass
// world.waitForJob(as, id) → the Job when it ended
// Every JSON answer is checked against the schema that the OpenAPI document gives for it.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";

const here = dirname(fileURLToPath(import.meta.url));
export const program = resolve(process.env.HABITUE_BIN ?? join(here, "../../build/habitue"));
/** A sanitized program can take the side of SQLite; PostgreSQL's side of the code is sanitized by the unit tests. */
const sanitized = process.env.HABITUE_BIN_SANITIZED;
const programFor = (db) => (sanitized && !db.startsWith("postgresql:") ? resolve(sanitized) : program);
export const password = "a good long password";
const postgres = process.env.HABITUE_TEST_PG;
const patience = sanitized ? 60 : 20;

/** One test for each engine there is. */
export function onEveryEngine(name, body, options = {}) {
  for (const engine of postgres ? ["sqlite", "postgresql"] : ["sqlite"]) {
    const key = keyOf(engine, options);
    wanted.set(key, (wanted.get(key) ?? 0) + 1);
    test(`${name} (${engine})`, async (t) => {
      const world = await makeWorld(engine, options);
      try {
        await body(world, t);
      } catch (failure) {
        failure.message += `\n${world.log().split("\n").slice(-8).join("\n")}`;
        throw failure;
      } finally {
        await world.stop();
      }
    });
  }
}

// ---- bases ----

let bases = 0;

/** `like`: one that nobody uses, of which it is a copy. */
function freshBase(engine, like, parent = tmpdir()) {
  if (engine === "sqlite") {
    const folder = mkdtempSync(join(parent, "habitue-api-"));
    if (like) copyFileSync(like.db, join(folder, "test.db"));
    return { db: join(folder, "test.db"), drop: () => rmSync(folder, { recursive: true, force: true }) };
  }
  const name = `api_${process.pid}_${++bases}`;
  const sql = (text) => {
    const done = spawnSync("psql", [postgres, "-qc", text], { encoding: "utf8" });
    if (done.status !== 0) throw new Error(`psql: ${done.stderr || done.error}`);
  };
  /* files copied: a log of all their pages is written to no end */
  sql(`CREATE DATABASE ${name} STRATEGY FILE_COPY${like ? ` TEMPLATE ${like.name}` : ""}`);
  // the server is there for the tests alone (tools/with-postgres): dropping bases would cost it checkpoints for nothing
  // URL() does not take an empty host, which means the socket's folder of the parameters
  return { name, db: postgres.replace(/^(postgresql:\/\/[^/]*\/)[^?]*/, `$1${name}`), drop: () => {} };
}

function runCli(db, args, { input, env, today, binary } = {}) {
  const done = spawnSync(programFor(db), args, {
    env: { ...process.env, LC_ALL: "C", HABITUE_DB: db, HABITUE_TODAY: today ?? "", ...env },
    encoding: binary ? "latin1" : "utf8",
    input,
    maxBuffer: 256 * 1024 * 1024,
  });
  if (done.error) throw done.error;
  return { status: done.status, out: done.stdout, err: done.stderr };
}

function mustRun(db, args, options) {
  const done = runCli(db, args, options);
  assert.equal(done.status, 0, `habitue ${args.join(" ")}: ${done.err}`);
  return done.out;
}

async function startServer(db, { serve = [], today, env } = {}) {
  const server = spawn(programFor(db), ["serve", "--listen", "127.0.0.1:0", ...serve], {
    env: { ...process.env, LC_ALL: "C", HABITUE_DB: db, HABITUE_TODAY: today ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  let out = "";
  server.stdout.on("data", (part) => (out += part));
  const url = await new Promise((found, failed) => {
    const timer = setTimeout(() => failed(new Error(`habitue serve is silent: ${log}`)), patience * 1000);
    server.stderr.on("data", (part) => {
      log = (log + part).slice(-200000);
      const told = log.match(/"event":"serving","url":"([^"]+)"/);
      if (told) {
        clearTimeout(timer);
        found(told[1]);
      }
    });
    server.on("error", failed);
    server.on("exit", (code) => failed(new Error(`habitue serve ended with ${code}: ${log}`)));
  });
  const stop = () =>
    new Promise((ended, failed) => {
      if (server.exitCode !== null || server.signalCode) return ended();
      const timer = setTimeout(() => server.kill("SIGKILL"), patience * 1000);
      server.on("exit", (code, signal) => {
        clearTimeout(timer);
        if (code === 0) ended();
        else failed(new Error(`habitue serve ended with ${code ?? signal}: ${log.slice(-3000)}`));
      });
      server.kill("SIGTERM");
    });
  return { url, stop, server, log: () => log, out: () => out };
}

// ---- answers against the OpenAPI document ----

let description = null;

async function readDocument(url) {
  const document = await (await fetch(`${url}/api/v1/openapi.json`)).json();
  /* code that is compiled anew in each process and runs a few times: small is quick */
  const ajv = new Ajv({ strict: false, allErrors: true, inlineRefs: false, code: { optimize: 0 } });
  formats(ajv);
  ajv.addSchema({ $id: "api", components: document.components });
  const compiled = new Map();
  const routes = Object.entries(document.paths).map(([path, operations]) => ({
    path,
    operations,
    pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, "[0-9]+")}$`),
  }));
  const check = (method, path, status, contentType, body) => {
    const route = routes.find((r) => r.pattern.test(path));
    const operation = route?.operations[method.toLowerCase()];
    const problem = contentType.startsWith("application/problem+json");
    let schema = problem ? { $ref: "#/components/schemas/Problem" } : null;
    if (!problem) {
      const told = operation?.responses[String(status)];
      assert.ok(told, `${method} ${path} answered ${status}, which the OpenAPI document does not know`);
      schema = told.content?.["application/json"]?.schema;
      assert.ok(schema, `${method} ${path} answered JSON, which the OpenAPI document does not know`);
    }
    const ref = schema.$ref ?? "";
    if (!ref) return;
    if (!compiled.has(ref)) compiled.set(ref, ajv.compile({ $ref: `api${ref}` }));
    const validate = compiled.get(ref);
    assert.ok(validate(body), `${method} ${path}: ${ref}: ${ajv.errorsText(validate.errors)}`);
  };
  return { document, check };
}

// ---- people ----

function remember(person, response, body) {
  const cookie = response.headers.get("set-cookie");
  if (cookie) person.cookie = cookie.split(";")[0];
  if (body?.csrf) person.csrf = body.csrf;
}

async function takeUp(world, name, link, profile) {
  const token = new URL(link).searchParams.get("token");
  const person = (world.people[name] = {});
  const answer = await world.ask(name, "POST /invitation", {
    body: { token, name: `${name[0].toUpperCase()}${name.slice(1)} Test`, password, language: "en", ...profile },
  });
  assert.equal(answer.status, 201, answer.text);
  person.email = answer.body.staff.email;
  world.saved[`${name}_id`] = answer.body.staff.id;
}

async function signIn(world, name, login) {
  world.people[name] = { email: login.email };
  const answer = await world.ask(name, "POST /session", { body: login });
  assert.equal(answer.status, 201, answer.text);
  world.saved[`${name}_id`] = answer.body.staff.id;
}

/** Before the server starts, which else would make a first merchant of its own. The owner's link. */
function addMerchant(db, slug, email, zone, country, language) {
  const made = mustRun(db, ["merchant", "add", "--name", slug[0].toUpperCase() + slug.slice(1), "--slug", slug,
    "--currency", "EUR", "--time-zone", zone, "--country", country, "--language", language,
    "--owner-email", email, "--json"]);
  return JSON.parse(made).invitation;
}

async function makeShop(world, link) {
  await takeUp(world, "owner", link);
  for (const store of ["Lyon", "Nice"])
    await world.steps([
      { as: "owner", do: "POST /stores", body: { name: store }, expect: 201, save: { [store.toLowerCase()]: "id" } },
    ]);
  for (const role of ["manager", "associate"]) {
    const answer = await world.ask("owner", "POST /staff", {
      body: { email: `${role}@shop.example`, name: role, role, store_ids: [world.saved.lyon] },
    });
    assert.equal(answer.status, 201, answer.text);
    await takeUp(world, role, answer.body.invitation.url);
  }
}

async function makeOther(world, link) {
  await takeUp(world, "other", link);
  await world.steps([
    { as: "other", do: "POST /stores", body: { name: "Elsewhere" }, expect: 201, save: { elsewhere: "id" } },
  ]);
}

async function useDemo(world) {
  const { body } = await world.ask(null, "GET /setup");
  for (const role of ["owner", "manager", "associate"]) {
    const login = body.demo_logins.find((one) => one.role === role);
    assert.ok(login, `the demo has no ${role}`);
    await signIn(world, role, { email: login.email, password: login.password });
  }
}

// ---- steps ----

function fill(value, saved) {
  if (typeof value === "string")
    return value.replace(/\$\{(\w+)\}/g, (whole, name) => {
      assert.ok(name in saved, `nothing was saved as ${name}`);
      return saved[name];
    });
  if (Array.isArray(value)) return value.map((one) => fill(one, saved));
  if (value && typeof value === "object" && !Buffer.isBuffer(value) && !(value instanceof RegExp))
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fill(v, saved)]));
  return value;
}

export function at(body, path) {
  return path.split(".").reduce((value, key) => value?.[key], body);
}

/** `actual` holds everything that `wanted` says. */
export function holds(actual, wanted, where = "") {
  if (wanted instanceof RegExp) assert.match(String(actual), wanted, where);
  else if (typeof wanted === "function") assert.ok(wanted(actual), `${where}: ${JSON.stringify(actual)}`);
  else if (Array.isArray(wanted)) {
    assert.equal(actual?.length, wanted.length, `${where}: length of ${JSON.stringify(actual)}`);
    wanted.forEach((one, i) => holds(actual[i], one, `${where}[${i}]`));
  } else if (wanted && typeof wanted === "object")
    for (const [key, one] of Object.entries(wanted)) holds(actual?.[key], one, `${where}.${key}`);
  else assert.deepEqual(actual, wanted, where);
}

/**
 * The two passwords of beginnings, hashed by libsodium's least instead of the program's tenth of a second: what the
 * program hashes itself, and compares in makeBeginning(), stays as dear as it is.
 */
const quickHashes = {
  [password]: "$argon2id$v=19$m=8,t=1,p=1$ANk99xIPmHdDcNfb2ZC+Dg$dKGqPG+Xuz8d1vh3ua3iIpfr9qDTvxLxbOZZeelYxjc",
  "demo-habitue": "$argon2id$v=19$m=8,t=1,p=1$N0pN/ZXXgurm1r1YEUsMPQ$rK/pnQF9db5kXT8krTmtNE8bZiLRF5uSFN+E7rutJLk",
};

function hashQuickly(world) {
  const { [password]: given, "demo-habitue": demo } = quickHashes;
  world.sql(`UPDATE staff SET password_hash = CASE WHEN email LIKE '%@demo.example' THEN '${demo}' ELSE '${given}' END` +
    " WHERE password_hash IS NOT NULL");
}

/** How many tests of this file begin alike: those copy one beginning instead of making each their own. */
const wanted = new Map();
const beginnings = new Map();
const keyOf = (engine, options) => JSON.stringify([engine, options]);
/** Where the files of one run, each a process of its own, find the beginnings that another has made. */
const shelf = process.env.HABITUE_TEST_BEGINNINGS;

after(async () => {
  if (!shelf) for (const beginning of beginnings.values()) (await beginning.catch(() => null))?.base.drop();
});

async function makeWorld(engine, options) {
  const key = keyOf(engine, options);
  if (!shelf && wanted.get(key) === 1) return begin(newWorld(engine, options, freshBase(engine)), options);
  if (!beginnings.has(key)) beginnings.set(key, fromShelf(key, () => makeBeginning(engine, options)));
  const { base, people, saved } = await beginnings.get(key);
  const world = newWorld(engine, options, freshBase(engine, base));
  Object.assign(world, structuredClone({ people, saved }));
  /* passwords given just now, as in a beginning of its own */
  if (shelf && !options.empty) world.sql(`UPDATE session SET confirmed_us = ${Date.now()}000`);
  return startOr(world, world.start);
}

/** A base that has its tables and nothing else. */
async function makeMigrated(engine) {
  const base = freshBase(engine, null, shelf);
  mustRun(base.db, ["migrate"]);
  return { base };
}

async function makeBeginning(engine, options) {
  const migrated = shelf && !options.empty && (await fromShelf(keyOf(engine, "migrated"), () => makeMigrated(engine)));
  const base = freshBase(engine, migrated?.base, shelf);
  /* not with its environment: no file beside a beginning is taken for one beside its copies */
  const world = await begin(newWorld(engine, { ...options, env: {} }, base), options);
  if (options.empty) await world.halt();
  else await endOfDay(world);
  if (!options.empty && !options.slowHashes) hashQuickly(world);
  return { base, people: world.people, saved: world.saved };
}

/** Stops when the jobs of the day are done, which each copy would do again. */
async function endOfDay(world) {
  const left = () =>
    Number(world.sql("SELECT (SELECT COUNT(*) FROM job WHERE state IN ('waiting', 'running')) +" +
      " (SELECT COUNT(*) FROM merchant WHERE id NOT IN (SELECT merchant_id FROM daily WHERE kind = 'referrals'))"));
  for (;;) {
    for (const end = Date.now() + patience * 1000; left() > 0; ) {
      assert.ok(Date.now() < end, "the jobs of the day do not end");
      await new Promise((next) => setTimeout(next, 50));
    }
    await world.halt();
    if (left() === 0) return; /* else the last look at the clock has brought some more */
    await world.start();
  }
}

/** Whoever makes the folder makes what stands there; the others wait for what it writes, a failure too. */
async function fromShelf(key, make) {
  if (!shelf) return make();
  const folder = join(shelf, createHash("sha256").update(key).digest("hex").slice(0, 16));
  const told = join(folder, "told.json");
  try {
    mkdirSync(folder);
  } catch (failure) {
    if (failure.code !== "EEXIST") throw failure;
    while (!existsSync(told)) await new Promise((next) => setTimeout(next, 50));
    const made = JSON.parse(readFileSync(told, "utf8"));
    if (made.failed) throw new Error(made.failed);
    return made;
  }
  const tell = (what) => {
    writeFileSync(`${told}.part`, JSON.stringify(what));
    renameSync(`${told}.part`, told);
  };
  try {
    const made = await make();
    tell(made);
    return made;
  } catch (failure) {
    tell({ failed: String(failure.stack) });
    throw failure;
  }
}

async function startOr(world, start) {
  try {
    await start();
  } catch (failure) {
    await world.stop();
    throw failure;
  }
  return world;
}

/** Its merchants and people. */
function begin(world, options) {
  return startOr(world, async () => {
    const links = {};
    if (options.demo) mustRun(world.db, ["demo", "--customers", String(options.demo), "--seed", "1"], { today: options.today });
    if (!options.empty && !options.demo)
      links.shop = addMerchant(world.db, "shop", "owner@shop.example", "Europe/Paris", "FR", "en");
    if (!options.empty) links.other = addMerchant(world.db, "other", "other@other.example", "Europe/Rome", "IT", "it");
    await world.start();
    if (options.demo) await useDemo(world);
    if (links.shop) await makeShop(world, links.shop);
    if (links.other) await makeOther(world, links.other);
  });
}

function newWorld(engine, options, base) {
  const { today } = options;
  const world = { engine, db: base.db, people: {}, saved: {}, log: () => "" };
  world.cli = (args, more) => runCli(base.db, args, { today, ...more });
  world.sql = (text) => {
    const [command, args] = engine === "sqlite"
      ? ["sqlite3", ["-cmd", ".timeout 5000", base.db, text]]
      : ["psql", [base.db, "-qAtc", text]];
    const done = spawnSync(command, args, { encoding: "utf8" });
    if (done.status !== 0) throw new Error(`${command}: ${done.stderr || done.error}`);
    return done.stdout.trim();
  };
  let running = null;
  world.start = async () => {
    running = await startServer(base.db, options);
    world.url = running.url;
    world.log = running.log;
    world.out = running.out;
    world.process = running.server;
    /* of one program, so the same for all: compiling its schemas is half a test's work */
    description ??= readDocument(running.url);
    const { document, check } = await description;
    world.document = document;
    world.check = check;
  };
  world.halt = () => running?.stop();
  world.stop = async () => {
    try {
      await world.halt();
    } finally {
      base.drop();
    }
  };

  world.ask = async (as, line, { body, raw, type, headers = {}, version, key, csrf = true, check = true } = {}) => {
    const [method, path] = fill(line, world.saved).split(/ (.*)/s);
    const person = as ? world.people[as] : {};
    assert.ok(person, `nobody is called ${as}`);
    const sent = { ...fill(headers, world.saved) };
    if (person.cookie) sent.Cookie = person.cookie;
    if (person.csrf && csrf && !["GET", "HEAD"].includes(method)) sent["X-CSRF"] = person.csrf;
    if (key !== undefined) sent["Idempotency-Key"] = fill(key, world.saved);
    if (version !== undefined) sent["If-Match"] = `"${fill(version, world.saved)}"`;
    if (body !== undefined) sent["Content-Type"] = "application/json";
    if (type) sent["Content-Type"] = type;
    const response = await fetch(`${world.url}${path.startsWith("/api/") ? path : `/api/v1${path}`}`, {
      method,
      headers: sent,
      body: raw ?? (body === undefined ? undefined : JSON.stringify(fill(body, world.saved))),
    });
    const text = await response.text();
    const contentType = response.headers.get("content-type") ?? "";
    const json = /^application\/(problem\+)?json/.test(contentType);
    const parsed = json ? JSON.parse(text) : null;
    if (json && check && !path.includes("/openapi.json"))
      world.check(method, `/api/v1${path}`.split("?")[0], response.status, contentType, parsed);
    if (as && response.ok) remember(person, response, parsed);
    return { status: response.status, headers: response.headers, body: parsed, text };
  };

  world.steps = async (list) => {
    for (const step of list) {
      const answer = await world.ask(step.as ?? null, step.do, step);
      const where = `${step.as ?? "nobody"}: ${step.do}`;
      assert.equal(answer.status, step.expect ?? 200, `${where}\n${answer.text.slice(0, 2000)}`);
      if (step.has) holds(answer.body, fill(step.has, world.saved), where);
      for (const [name, path] of Object.entries(step.save ?? {})) {
        world.saved[name] = at(answer.body, path);
        assert.notEqual(world.saved[name], undefined, `${where}: no ${path} to save`);
      }
      await step.then?.(answer, world);
    }
  };

  world.guess = async (step) => {
    await world.steps(Array.from({ length: 5 }, () => step));
    /* a slow machine sits out the first short waits: go on until one is longer than what a test does next */
    for (let seconds = 0, tries = 0; seconds < 4; tries++) {
      assert.ok(tries < 40, "guessing is never slowed down");
      const { status, body, headers } = await world.ask(step.as ?? null, step.do, step);
      if (status !== 429) {
        assert.equal(status, step.expect);
        continue;
      }
      assert.equal(body.code, "session_throttled");
      seconds = Number(body.args.seconds);
      assert.equal(headers.get("retry-after"), String(seconds));
      if (seconds < 4) await new Promise((next) => setTimeout(next, seconds * 1000));
    }
  };

  world.waitForJob = async (as, id) => {
    const end = Date.now() + patience * 3000;
    while (Date.now() < end) {
      const { body } = await world.ask(as, `GET /jobs/${id}`);
      if (["done", "failed", "canceled"].includes(body.state)) return body;
      await new Promise((next) => setTimeout(next, 50));
    }
    throw new Error(`job ${id} does not end`);
  };

  return world;
}
