// Every route of the OpenAPI document: without a session, with each role, with another merchant's ids.
// A new route is covered as soon as it stands in a table.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const roles = ["associate", "manager", "owner"];
/** What each role may do: the same matrix as tests/unit/rights_test.c. */
const allowed = {
  signed_in: ["associate", "manager", "owner"],
  customers_read: ["associate", "manager", "owner"],
  customers_write: ["associate", "manager", "owner"],
  import: ["manager", "owner"],
  export: ["manager", "owner"],
  staff_read: ["manager", "owner"],
  staff_manage: ["manager", "owner"],
  stores_manage: ["owner"],
  settings: ["owner"],
  audit_read: ["owner"],
  privacy: ["manager", "owner"],
  segments_share: ["manager", "owner"],
  loyalty: ["manager", "owner"],
  customers_merge: ["manager", "owner"],
  customers_delete: ["manager", "owner"],
  points: ["associate", "manager", "owner"],
  loyalty: ["manager", "owner"],
};

function* everyRoute(document) {
  for (const [path, operations] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(operations))
      yield { path, method: method.toUpperCase(), operation, permission: operation["x-permission"] };
}

/** A request that gets past the door; what the body lacks is told only behind it. */
function request(route, id) {
  const options = { headers: {}, check: false };
  if (route.operation.requestBody?.content["application/json"]) options.body = {};
  else if (route.operation.requestBody) options.raw = "not a file";
  if (route.operation.parameters.some((one) => one.name === "If-Match")) options.version = 999999;
  if (route.operation.parameters.some((one) => one.name === "Idempotency-Key")) options.key = "key";
  return [`${route.method} ${route.path.replace(/\{[^}]+\}/g, id)}`, options];
}

// signing out would end the session that the other routes need
const signsOut = (route) => route.path === "/api/v1/session" && route.method === "DELETE";

onEveryEngine("every route: nobody, each role", async (world) => {
  let routes = 0;
  for (const route of everyRoute(world.document)) {
    routes++;
    assert.ok(route.permission === "public" || allowed[route.permission], `${route.path}: ${route.permission}`);
    const [line, options] = request(route, "1");
    const name = `${line} (${route.permission})`;
    if (route.permission === "public") {
      const { status } = await world.ask(null, line, options);
      assert.notEqual(status, 403, name);
      assert.ok(status < 500, `${name}: ${status}`);
      continue;
    }
    const nobody = await world.ask(null, line, options);
    assert.equal(nobody.status, 401, name);
    assert.equal(nobody.body.code, "unauthenticated");
    if (signsOut(route)) continue;
    for (const role of roles) {
      if (route.path.endsWith("/session/confirm")) continue; // counts attempts
      const { status, body } = await world.ask(role, line, options);
      if (!allowed[route.permission].includes(role)) {
        assert.equal(status, 403, `${role}: ${name}`);
        assert.equal(body.code, "denied");
      } else {
        assert.ok(status !== 401 && status !== 403 && status < 500, `${role}: ${name}: ${status} ${body?.code}`);
      }
    }
    if (route.method !== "GET") {
      const { status, body } = await world.ask("owner", line, { ...options, csrf: false });
      assert.equal(status, 403, name);
      assert.equal(body.code, "csrf_missing");
    }
  }
  assert.ok(routes > 25, `only ${routes} routes`);
});

onEveryEngine("every route: another merchant's ids", async (world) => {
  const theirs = ["${other_id}", "${elsewhere}"].map((one) => world.saved[one.slice(2, -1)]);
  for (const route of everyRoute(world.document)) {
    if (!route.path.includes("{")) continue;
    for (const id of theirs) {
      const [line, options] = request(route, id);
      const { status, body } = await world.ask("owner", line, options);
      // a body's faults may be told first; the thing itself never
      if (status === 422) assert.ok(body.errors?.length || body.field, line);
      else assert.equal(status, 404, `${line}: ${status} ${body?.code}`);
    }
  }
  // nothing of theirs changed
  await world.steps([
    { as: "other", do: "GET /staff", has: { items: [{ email: "other@other.example" }] } },
    { as: "other", do: "GET /stores", has: { items: [{ name: "Elsewhere" }] } },
    { as: "other", do: "GET /audit?limit=500", has: { items: (items) => items.every((one) => !/owner/i.test(one.actor)) } },
  ]);
});

onEveryEngine("the document is well-formed", async (world) => {
  const { document } = world;
  const ids = [...everyRoute(document)].map((route) => route.operation.operationId);
  assert.equal(new Set(ids).size, ids.length, "operationIds are unique");
  const text = JSON.stringify(document);
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
    assert.ok(document.components.schemas[name], `${name} is no component`);
  for (const route of everyRoute(document)) assert.ok(route.operation.summary, `${route.path} says what it does`);
});
