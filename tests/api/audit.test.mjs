// The audit log by its filters, page by page, as a file; and that no question reads the whole of it.
import assert from "node:assert/strict";
import { onEveryEngine, password } from "./harness.mjs";

const actions = (wanted) => (items) => {
  assert.deepEqual([...new Set(items.map((one) => one.action))].sort(), wanted.slice().sort());
  return true;
};

onEveryEngine("filters, alone and together", async (world) => {
  const today = new Date().toISOString().slice(0, 10);
  const day = (n) => new Date(Date.now() + n * 86400000).toISOString().slice(0, 10);
  await world.steps([
    { as: "owner", do: "GET /staff/${manager_id}", save: { version: "version" } },
    { as: "owner", do: "PATCH /staff/${manager_id}", body: { name: "Žofie Novák" }, version: "${version}" },
    { as: "manager", do: "POST /session/confirm", body: { password: "not the password" }, expect: 422 },
    { as: "owner", do: "GET /audit?entity=store", has: { items: actions(["store.create"]) } },
    { as: "owner", do: "GET /audit?action=session.fail", has: { items: [{ staff_id: "${manager_id}" }] } },
    { as: "owner", do: "GET /audit?staff_id=${manager_id}", has: { items: (items) => items.length > 0 && items.every((one) => one.staff_id === world.saved.manager_id) } },
    { as: "owner", do: "GET /audit?entity_id=${manager_id}", has: { items: (items) => items.length >= 3 && items.every((one) => one.entity_id === world.saved.manager_id) } },
    { as: "owner", do: "GET /audit?entity_id=${manager_id}&action=staff.update&staff_id=${owner_id}", has: { items: [{ detail: { name: { from: "Manager Test", to: "Žofie Novák" } } }] } },
    // words: folded, in who, where and values
    { as: "owner", do: "GET /audit?q=zofie%20NOVAK", has: { items: (items) => items.some((one) => one.action === "staff.update") } },
    { as: "owner", do: "GET /audit?q=nice&entity=store", has: { items: [{ action: "store.create" }] } },
    { as: "owner", do: "GET /audit?q=nothing%20like%20it", has: { items: [], next: null } },
    // days of the merchant's zone
    { as: "owner", do: `GET /audit?from=${day(-1)}&to=${day(1)}&entity=store`, has: { items: (items) => items.length === 2 } },
    { as: "owner", do: `GET /audit?to=${day(-2)}`, has: { items: [], next: null } },
    { as: "owner", do: `GET /audit?from=${day(2)}`, has: { items: [], next: null } },
    { as: "owner", do: "GET /audit?from=yesterday", expect: 422, has: { field: "from" } },
    { as: "owner", do: `GET /audit?q=${"x".repeat(101)}`, expect: 422 },
    { as: "manager", do: `GET /audit?from=${today}`, expect: 403 },
    // somebody else's id finds nothing
    { as: "other", do: "GET /audit?entity_id=${manager_id}", has: { items: [], next: null } },
    { as: "other", do: "GET /audit?staff_id=${owner_id}", has: { items: [] } },
  ]);
});

onEveryEngine("pages, and a cursor for its own question alone", async (world) => {
  const all = (await world.ask("owner", "GET /audit?limit=500")).body.items.map((one) => one.id);
  const seen = [];
  let cursor = "";
  do {
    const { body } = await world.ask("owner", `GET /audit?limit=3${cursor && `&cursor=${cursor}`}`);
    assert.ok(body.items.length <= 3);
    seen.push(...body.items.map((one) => one.id));
    cursor = body.next;
    world.saved.cursor = cursor ?? world.saved.cursor;
  } while (cursor);
  assert.deepEqual(seen, all);
  await world.steps([
    { as: "owner", do: "GET /audit?limit=3&q=x&cursor=${cursor}", expect: 422, has: { code: "cursor_bad" } },
    { as: "owner", do: "GET /audit?cursor=made-up", expect: 422, has: { code: "cursor_bad" } },
  ]);
});

onEveryEngine("words are looked for piece by piece", async (world) => {
  // as if much had happened since: more than one request looks through
  const merchant = world.sql(`SELECT merchant_id FROM staff WHERE id = ${world.saved.owner_id}`);
  const now = `${Date.now()}000`;
  world.sql(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) INSERT INTO audit (merchant_id, id, at_us, actor, action, entity, detail) SELECT ${merchant}, 9000000000000000000 + i, ${now}, 'system', 'import.finish', 'import', '{}' FROM n`);
  let cursor = "";
  let requests = 0;
  const found = [];
  do {
    const { body } = await world.ask("owner", `GET /audit?q=nice${cursor && `&cursor=${cursor}`}`);
    found.push(...body.items);
    cursor = body.next;
    requests++;
  } while (cursor);
  assert.ok(requests >= 3 && requests <= 5, `${requests} requests`);
  assert.ok(found.some((one) => one.action === "store.create"));
  // by an index it is there at once
  await world.steps([{ as: "owner", do: "GET /audit?q=nice&entity=store", has: { items: [{ action: "store.create" }] } }]);
  const { text } = await world.ask("owner", "GET /audit/file");
  assert.ok(text.split("\r\n").length > 12000);
});

onEveryEngine("as a file, after the password", async (world) => {
  world.sql("UPDATE session SET confirmed_us = 0");
  await world.steps([
    { as: "owner", do: "POST /stores", body: { name: "=HYPERLINK(1)" }, expect: 201 },
    { as: "owner", do: "GET /audit/file?entity=store", expect: 403, has: { code: "confirm_password" } },
    { as: "owner", do: "POST /session/confirm", body: { password }, expect: 204 },
    { as: "owner", do: "GET /audit/file?entity=store", check: false, then: ({ text, headers }) => {
      assert.match(headers.get("content-type"), /^text\/csv/);
      assert.match(headers.get("content-disposition"), /audit-log\.csv/);
      const lines = text.split("\r\n");
      assert.equal(lines.length, 5);
      assert.match(lines[0], /^When,Who,What,Action,About,Its number,From where,Values$/);
      assert.match(lines[1], /^\d{4}-\d\d-\d\dT.*,Owner Test,Added the store,store\.create,store,\d+,127\.0\.0\.1,"{""name"":""=HYPER/);
    } },
    { as: "owner", do: "GET /audit?action=audit.export", has: { items: [{ entity: "audit" }] } },
    { as: "manager", do: "GET /audit/file", expect: 403 },
    { as: "other", do: "POST /session/confirm", body: { password }, expect: 204 },
    { as: "other", do: "GET /audit/file", check: false, then: ({ text }) => assert.ok(!text.includes("HYPERLINK")) },
  ]);
});
