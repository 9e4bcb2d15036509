// The server itself: health, files, headers, TLS, the end.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { get } from "node:https";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { onEveryEngine, program } from "./harness.mjs";

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
