// Bad input gets its clear answer and changes nothing.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { onEveryEngine } from "./harness.mjs";

/** Bytes as they are, to the server's socket; the whole answer as text. */
function speak(world, bytes) {
  const { hostname, port } = new URL(world.url);
  return new Promise((heard, failed) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let answer = "";
    socket.setEncoding("latin1");
    socket.setTimeout(5000, () => socket.destroy(new Error("no answer")));
    socket.on("data", (part) => (answer += part));
    socket.on("end", () => heard(answer));
    socket.on("error", (failure) => (answer ? heard(answer) : failed(failure)));
  });
}

const status = (answer) => Number(answer.match(/^HTTP\/1\.1 (\d+)/)?.[1]);

onEveryEngine("bodies", async (world) => {
  const store = { as: "owner", do: "POST /stores" };
  const json = "application/json";
  await world.steps([
    { ...store, raw: '{"name":', type: json, expect: 400, has: { code: "body_not_json" } },
    { ...store, raw: "[".repeat(60000), type: json, expect: 400, has: { code: "body_too_deep" } },
    { ...store, raw: '{"name":"A","city":{"a":' + '{"a":'.repeat(40) + "1" + "}".repeat(42), type: json, expect: 400, has: { code: "body_too_deep" } },
    { ...store, raw: '{"name":"A","name":"B"}', type: json, expect: 400, has: { code: "body_field_twice" } },
    { ...store, raw: Buffer.from('{"name":"caf\xe9"}', "latin1"), type: json, expect: 400, has: { code: "body_not_utf8" } },
    { ...store, raw: '{"name":"a\\u0000b"}', type: json, expect: 400, has: { code: "body_not_json" } },
    { ...store, raw: '{"name":"\\ud800"}', type: json, expect: 400, has: { code: "body_not_json" } },
    { ...store, raw: '"name"', type: json, expect: 400 },
    { ...store, raw: "name=A", type: "application/x-www-form-urlencoded", expect: 415, has: { code: "body_content_type" } },
    { ...store, raw: "<a/>", type: "application/xml", expect: 415 },
    { ...store, raw: "x".repeat(70000), type: json, expect: 413, has: { code: "body_too_large" } },
    { ...store, body: {}, expect: 422, has: { code: "field_required", field: "name" } },
    { ...store, body: { name: "   " }, expect: 422, has: { code: "field_required" } },
    { ...store, body: { name: 5 }, expect: 422, has: { code: "field_not_text" } },
    { ...store, body: { name: "x".repeat(101) }, expect: 422, has: { code: "field_too_long", args: { limit: "100" } } },
    { ...store, body: { name: "A", colour: "red" }, expect: 422, has: { code: "field_unknown", field: "colour" } },
    { ...store, body: { name: 5, city: false, colour: 1 }, expect: 422, has: { code: "fields_wrong", errors: (all) => all.length === 3 } },
    { as: "owner", do: "GET /stores", has: { items: [{ name: "Lyon" }, { name: "Nice" }] } },
  ]);
});

onEveryEngine("addresses", async (world) => {
  await world.steps([
    { as: "owner", do: "GET /nothing", expect: 404, has: { code: "not_found" } },
    { as: "owner", do: "GET /staff/abc", expect: 404 },
    { as: "owner", do: "GET /staff/0", expect: 404 },
    { as: "owner", do: "GET /staff/99999999999999999999", expect: 404 },
    { as: "owner", do: "GET /sta%00ff", expect: 400, has: { code: "path_bad" } },
    { as: "owner", do: "GET /staff/%ff", expect: 400, has: { code: "path_bad" } },
    { as: "owner", do: "GET /audit?limit=0", expect: 422, has: { code: "field_too_small", field: "limit" } },
    { as: "owner", do: "GET /audit?limit=many", expect: 422, has: { code: "field_not_integer" } },
    { as: "owner", do: "GET /audit?limit=1&limit=2", expect: 422, has: { code: "field_twice" } },
    { as: "owner", do: "GET /audit?colour=red", expect: 422, has: { code: "field_unknown" } },
    { as: "owner", do: "GET /audit?entity=%ff", expect: 400, has: { code: "query_bad_encoding" } },
    { as: "owner", do: "GET /audit?cursor=made-up", expect: 422, has: { code: "cursor_bad" } },
    { as: "owner", do: "GET /audit?limit=1", save: { next: "next" } },
    { as: "owner", do: "GET /audit?limit=1&cursor=${next}", has: { items: (items) => items.length === 1 } },
    // a cursor belongs to its question, and to its merchant
    { as: "owner", do: "GET /audit?limit=1&entity=staff&cursor=${next}", expect: 422, has: { code: "cursor_bad" } },
    { as: "other", do: "GET /audit?limit=1&cursor=${next}", expect: 422, has: { code: "cursor_bad" } },
    { as: "owner", do: "PUT /stores", body: {}, expect: 405, has: { code: "method_not_allowed" }, then: ({ headers }) => assert.equal(headers.get("allow"), "GET, HEAD, POST") },
    { as: "owner", do: "GET /nothing", headers: { "Accept-Language": "fr" }, expect: 404, has: { detail: /[a-z]/ } },
    { do: "GET /session", headers: { "Accept-Language": "de, ru;q=0.8, fr;q=0.5" }, expect: 401, has: { detail: /[а-я]/ } },
  ]);
});

onEveryEngine("versions", async (world) => {
  await world.steps([
    { as: "owner", do: "GET /merchant", save: { version: "version" }, then: ({ headers, body }) => assert.equal(headers.get("etag"), `"${body.version}"`) },
    { as: "owner", do: "PATCH /merchant", body: { name: "New" }, expect: 428, has: { code: "version_missing" } },
    { as: "owner", do: "PATCH /merchant", body: { name: "New" }, headers: { "If-Match": "7" }, expect: 400, has: { code: "version_bad" } },
    { as: "owner", do: "PATCH /merchant", body: { name: "New" }, version: 4711, expect: 412, has: { code: "stale" } },
    { as: "owner", do: "PATCH /merchant", body: { name: "New" }, version: "${version}", has: { name: "New" } },
    { as: "owner", do: "PATCH /merchant", body: { name: "Lost" }, version: "${version}", expect: 412 },
    { as: "owner", do: "GET /merchant", has: { name: "New" } },
  ]);
});

onEveryEngine("bytes that are no request", async (world) => {
  const close = "Host: shop\r\nConnection: close\r\n";
  assert.equal(status(await speak(world, `GET /api/v1/session HTTP/1.1\r\n${close}\r\n`)), 401);
  assert.equal(status(await speak(world, `POST /api/v1/session HTTP/1.1\r\n${close}Content-Length: 99999999999\r\n\r\n`)), 413);
  assert.equal(status(await speak(world, `BREW /api/v1/session HTTP/1.1\r\n${close}\r\n`)), 405);
  for (const bytes of ["\0\0\0\0\r\n\r\n", `GET / HTTP/1.1\r\n${"X: y\r\n".repeat(20000)}\r\n`, `GET /${"a".repeat(100000)} HTTP/1.1\r\n${close}\r\n`]) {
    const answer = await speak(world, bytes).catch(() => "");
    assert.ok(answer === "" || status(answer) >= 400, answer.slice(0, 200));
  }
  await world.steps([{ as: "owner", do: "GET /session" }]);
});
