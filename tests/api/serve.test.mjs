// The server itself: health, files, headers, TLS, the end.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { get } from "node:https";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { onEveryEngine, password, program } from "./harness.mjs";

const here = dirname(fileURLToPath(import.meta.url));

onEveryEngine("health, metrics, pages, headers", async (world) => {
  const at = (path, headers = {}) => fetch(world.url + path, { headers });
  assert.equal(await (await at("/healthz")).text(), "ok\n");
  assert.equal(await (await at("/readyz")).text(), "ready\n");
  await world.steps([{ as: "owner", do: "GET /stores" }, { do: "GET /stores", expect: 401 }]);
  const metrics = await (await at("/metrics")).text();
  assert.match(metrics, /^habitue_http_requests_total\{method="GET",route="\/api\/v1\/stores",status="4xx"\} 1$/m);
  assert.match(metrics, /^habitue_http_request_seconds_bucket\{.*le="\+Inf"\} \d+$/m);
  for (const lane of ["read", "write"]) {
    assert.match(metrics, new RegExp(`^habitue_db_connections\\{lane="${lane}"\\} [1-9]\\d*$`, "m"));
    assert.match(metrics, new RegExp(`^habitue_db_connections_in_use\\{lane="${lane}"\\} \\d+$`, "m"));
    assert.match(metrics, new RegExp(`^habitue_db_waiting\\{lane="${lane}"\\} 0$`, "m"));
  }
  for (const path of ["/", "/customers?q=x", "/customers/12"]) {
    const page = await at(path);
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-type"), /^text\/html/);
    assert.doesNotMatch(page.headers.get("content-security-policy"), /unsafe/);
    assert.equal(page.headers.get("x-content-type-options"), "nosniff");
    assert.ok(page.headers.get("etag"));
  }
  const etag = (await at("/")).headers.get("etag");
  assert.equal((await at("/", { "If-None-Match": etag })).status, 304);
  assert.equal((await at("/assets/nothing.js")).status, 404);
  assert.equal((await at("/api/v1/openapi.json", { "Accept-Encoding": "gzip" })).headers.get("content-encoding"), "gzip");
});

onEveryEngine("what runs is finished before the end", async (world) => {
  const running = world.ask("owner", "POST /session/confirm", { body: { password: "not the password" } });
  await new Promise((next) => setTimeout(next, 30));
  const stopped = world.halt();
  assert.equal((await running).status, 422);
  await stopped;
  await assert.rejects(fetch(`${world.url}/healthz`));
}, { slowHashes: true });

const cache = mkdtempSync(join(tmpdir(), "habitue-cache-"));
const keeping = { HABITUE_CACHE: cache, HABITUE_CACHE_FROM: "0" };
after(() => rmSync(cache, { recursive: true, force: true }));

onEveryEngine("a server that begins again takes the customers from a file", async (world) => {
  const all = "GET /customers?sort=name&facets=gender,age";
  const file = join(cache, `audience-${world.sql("SELECT id FROM merchant WHERE slug = 'shop'")}`);
  await world.steps([
    { as: "owner", do: "POST /customers", body: { first_name: "Anna", last_name: "Tamm", gender: "female", emails: [{ value: "anna.tamm@example.com" }] }, expect: 201, save: { anna: "id" } },
    { as: "owner", do: "POST /customers", body: { first_name: "Bea" }, expect: 201 },
  ]);
  const before = (await world.ask("owner", all)).body;
  assert.equal(before.matching, 2);
  await world.halt();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(readFileSync(file, "latin1").includes("anna.tamm"));

  world.sql("UPDATE customer_facts SET visits = 7"); /* which no file and no change feed knows of */
  await world.start();
  assert.deepEqual((await world.ask("owner", all)).body, before);
  await world.steps([
    { as: "owner", do: "GET /customers?q=visits:7", has: { matching: 0 } },
    { as: "owner", do: "POST /customers", body: { first_name: "Carla" }, expect: 201 },
    { as: "owner", do: "GET /customers", has: { matching: 3 } },
  ]);
  const check = world.cli(["check", "--json"], { env: keeping });
  assert.equal(check.status, 1, check.out);
  assert.equal(JSON.parse(check.out.trim().split("\n").at(-1)).well, false);
  world.sql("UPDATE customer_facts SET visits = 0");
  assert.equal(world.cli(["check"], { env: keeping }).status, 0);
  assert.equal(world.cli(["check"], { env: { ...keeping, HABITUE_CACHE_FROM: "many" } }).status, 2);

  /* who was erased stands in no file, neither now nor when the server has ended */
  await world.steps([
    { as: "owner", do: "POST /session/confirm", body: { password }, expect: 204 },
    { as: "owner", do: "POST /customers/${anna}/erasure", body: { number: 1 }, expect: 204 },
  ]);
  assert.ok(!existsSync(file));
  await world.ask("owner", all);
  await world.halt();
  const left = /.{0,40}(?:anna|tamm).{0,40}/is.exec(readFileSync(file, "latin1"));
  assert.ok(!left, `at ${left?.index}: ${JSON.stringify(left?.[0])}`);
  await world.start();
  await world.steps([{ as: "owner", do: "GET /customers", has: { matching: 2 } }]);
}, { env: keeping });

test("TLS", async () => {
  const folder = mkdtempSync(join(tmpdir(), "habitue-tls-"));
  const server = spawn(program, ["serve", "--listen", "127.0.0.1:0", "--tls-cert", join(here, "tls/cert.pem"),
    "--tls-key", join(here, "tls/key.pem"), "--db", join(folder, "test.db")], { stdio: ["ignore", "pipe", "pipe"] });
  try {
    const url = await new Promise((found, failed) => {
      let log = "";
      server.on("exit", () => failed(new Error(log)));
      server.stderr.on("data", (part) => {
        log += part;
        const told = log.match(/"event":"serving","url":"(https:[^"]+)"/);
        if (told) found(told[1]);
      });
    });
    const answer = await new Promise((heard, failed) => get(`${url}/`, { rejectUnauthorized: false }, heard).on("error", failed));
    assert.equal(answer.statusCode, 200);
    assert.match(answer.headers["strict-transport-security"], /max-age=\d+/);
    answer.resume();
  } finally {
    await new Promise((ended) => {
      server.removeAllListeners("exit");
      server.on("exit", ended);
      server.kill("SIGTERM");
    });
    rmSync(folder, { recursive: true, force: true });
  }
});
