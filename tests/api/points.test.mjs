// Points: credited, taken off, taken back, once each; what they promise, what the merchant owes, and a ledger that tells when it was touched.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const today = "2026-03-14";
const person = (name, store) => ({ as: "owner", do: "POST /customers", body: { first_name: name, store_id: `\${${store}}` }, expect: 201, save: { [name]: "id", [`version_${name}`]: "version" } });
const post = (amount, key, more = {}, to = "Anna") => ({ as: "owner", do: `POST /customers/\${${to}}/points`, body: { amount, ...more }, key, expect: 201 });

onEveryEngine("credits and debits, with their refusals", async (world) => {
  const line = "POST /customers/${Anna}/points";
  const refused = (body, code, field, status = 422) => ({ as: "owner", do: line, body, key: "bad", expect: status, has: { code, ...(field && { field }) } });
  await world.steps([
    person("Anna", "lyon"), person("Bruno", "nice"),
    { as: "owner", do: line, body: { amount: 1 }, expect: 400, has: { code: "idempotency_missing" } },
    { as: "owner", do: line, body: { amount: 1 }, key: "two words", expect: 400, has: { code: "idempotency_bad" } },
    { as: "owner", do: line, body: { amount: 1 }, key: "k".repeat(201), expect: 400, has: { code: "idempotency_bad" } },
    refused({}, "field_required", "amount"),
    refused({ amount: 1.5 }, "field_not_integer", "amount"),
    refused({ amount: "1" }, "field_not_integer", "amount"),
    refused({ amount: 0 }, "points_amount", "amount"),
    refused({ amount: 1e9 + 1 }, (c) => /^field_/.test(c), "amount"),
    refused({ amount: 1, reason: "x".repeat(201) }, "field_too_long", "reason"),
    refused({ amount: 1, colour: "red" }, "field_unknown"),
    refused({ amount: 1, store_id: "${elsewhere}" }, "profile_store_unknown", "store_id"),
    refused({ amount: -1 }, "points_not_enough", "amount", 409),
    { as: "owner", do: "GET /customers/${Anna}/points", has: { balance: { total: 0, usable: 0, expiring_on: null }, items: (items) => items.length === 0, next: null } },
    { ...post(5, "first", { reason: "Sorry for the wait", message: "Merci !", store_id: "${lyon}" }), save: { entry: "entry.id" },
      has: { entry: { amount: 5, balance: 5, kind: "credit", reason: "Sorry for the wait", message: "Merci !", store: "Lyon", staff: "Owner Test", day: today, expires: null, usable_from: today, reversed: false }, balance: { total: 5, usable: 5 } } },
    { ...post(-2, "second"), has: { entry: { amount: -2, balance: 3, kind: "debit" }, balance: { total: 3 } } },
    refused({ amount: -4 }, "points_not_enough", "amount", 409),
    { as: "owner", do: "GET /customers/${Anna}/points", has: { balance: { total: 3 }, items: [{ amount: -2 }, { amount: 5, id: "${entry}" }] } },
    { as: "owner", do: "GET /customers/${Anna}/points?limit=1", has: { items: [{ amount: -2 }], next: /./ }, save: { next: "next" } },
    { as: "owner", do: "GET /customers/${Anna}/points?limit=1&cursor=${next}", has: { items: [{ amount: 5 }], next: null } },
    { as: "owner", do: "GET /customers/${Bruno}/points?cursor=${next}", expect: 422, has: { code: "cursor_bad" } },
    { as: "owner", do: "GET /customers/${Anna}/points?kind=credit", has: { items: [{ amount: 5 }] } },
    { as: "owner", do: "GET /customers/${Anna}/points?kind=credits", has: { items: (items) => items.length === 1 && items[0].amount === 5 } },
    { as: "owner", do: "GET /customers/${Anna}/points?kind=debits&limit=1", has: { items: [{ amount: -2 }], next: null } },
    { as: "owner", do: "GET /customers/${Anna}/points?kind=debits&cursor=${next}", expect: 422, has: { code: "cursor_bad" } },
    { as: "owner", do: "GET /customers/${Anna}/points?kind=colours", expect: 422, has: { field: "kind" } },
    { as: "owner", do: "GET /customers/${Anna}/points/balance?day=2026-03-13", has: { day: "2026-03-13", total: 0 } },
    { as: "owner", do: "GET /customers/${Anna}/points/balance", has: { day: today, total: 3 } },
    // an associate posts in Lyon, where they work, for whom they see
    { as: "associate", do: line, body: { amount: 1 }, key: "mine", expect: 201, has: { entry: { store: "Lyon", staff: "Associate Test" } } },
    { as: "associate", do: line, body: { amount: 1, store_id: "${nice}" }, key: "theirs", expect: 422, has: { code: "profile_store_not_yours" } },
    { as: "associate", do: "POST /customers/${Bruno}/points", body: { amount: 1 }, key: "unseen", expect: 404 },
    { as: "other", do: line, body: { amount: 1 }, key: "foreign", expect: 404 },
    { as: "owner", do: "GET /customers/${Anna}/activity?kind=points", has: { items: [{ kind: "points" }, {}, { detail: { amount: 5, kind: "credit", reason: "Sorry for the wait", balance: 5, entry_id: "${entry}" } }] } },
    { as: "owner", do: "GET /audit?entity=customer", has: { items: (items) => ["points.add", "points.take"].every((action) => items.some((one) => one.action === action)) } },
  ]);
  world.sql("UPDATE session SET confirmed_us = 0");
  await world.steps([{ ...post(1, "late"), expect: 403, has: { code: "confirm_password" } }]);
}, { today });

onEveryEngine("the same key is done once, and another content is refused", async (world) => {
  await world.steps([person("Anna", "lyon")]);
  const first = await world.ask("owner", "POST /customers/${Anna}/points", { body: { amount: 7 }, key: "a" });
  const again = await Promise.all(Array.from({ length: 8 }, () => world.ask("owner", "POST /customers/${Anna}/points", { body: { amount: 7 }, key: "a" })));
  for (const one of again) {
    assert.equal(one.status, 201);
    assert.equal(one.text, first.text);
  }
  const fresh = await Promise.all(Array.from({ length: 8 }, () => world.ask("owner", "POST /customers/${Anna}/points", { body: { amount: 1 }, key: "b" })));
  assert.deepEqual([...new Set(fresh.map((one) => `${one.status} ${one.text}`))].length, 1);
  await world.steps([
    { ...post(8, "a"), expect: 422, has: { code: "idempotency_reused" } },
    { as: "manager", do: "POST /customers/${Anna}/points", body: { amount: 7 }, key: "a", expect: 422, has: { code: "idempotency_reused" } },
    // a refusal is not kept: the same key may try again
    { ...post(-20, "c"), expect: 409 },
    post(20, "d"), { ...post(-20, "c"), has: { balance: { total: 8 } } },
    { as: "other", do: "GET /customers?limit=0", has: { total: 0 } },
  ]);
  // the answer is forgotten, the entry is not
  world.sql("DELETE FROM idempotency");
  await world.steps([
    { ...post(7, "a"), has: { entry: { amount: 7, balance: 7 }, balance: { total: 8 } } },
  ]);
  world.sql("DELETE FROM idempotency");
  await world.steps([{ ...post(9, "a"), expect: 409, has: { code: "points_repeated" } }]);
}, { today });

onEveryEngine("an entry is taken back once", async (world) => {
  const back = (entry, key, more = {}) => ({ as: "owner", do: `POST /customers/\${Anna}/points/\${${entry}}/reverse`, body: { reason: "Mistyped" }, key, expect: 201, ...more });
  await world.steps([
    person("Anna", "lyon"), person("Bruno", "lyon"),
    { ...post(10, "1"), save: { ten: "entry.id" } },
    { ...post(-4, "2"), save: { four: "entry.id" } },
    back("ten", "3", { expect: 409, has: { code: "points_not_enough", args: { balance: "6" } } }),
    back("four", "4", { has: { entry: { kind: "reversal", amount: 4, cites_id: "${four}", reason: "Mistyped" }, balance: { total: 10 } }, save: { reversal: "entry.id" } }),
    back("four", "4", { has: { entry: { id: "${reversal}" } } }),
    back("four", "5", { expect: 409, has: { code: "points_reversed" } }),
    back("reversal", "6", { expect: 409, has: { code: "points_not_reversible" } }),
    back("ten", "7", { has: { entry: { amount: -10 }, balance: { total: 0 } } }),
    { as: "owner", do: "GET /customers/${Anna}/points", has: { items: [{ amount: -10 }, { amount: 4 }, { amount: -4, reversed: true }, { amount: 10, reversed: true }] } },
    { as: "owner", do: "POST /customers/${Bruno}/points/${ten}/reverse", body: {}, key: "8", expect: 404 },
  ]);
}, { today });

onEveryEngine("what points promise, what the merchant owes, and who is merged or erased", async (world) => {
  await world.steps([
    person("Anna", "lyon"), person("Bruno", "lyon"),
    { as: "owner", do: "GET /points/policy", has: { expiry: "never", count: 0, locked_days: 0, version: 0 } },
    { as: "manager", do: "PATCH /points/policy", body: {}, version: 0, expect: 403 },
    { as: "owner", do: "PATCH /points/policy", body: { expiry: "days", count: 0 }, version: 0, expect: 422, has: { code: "points_policy_count", field: "count" } },
    { as: "owner", do: "PATCH /points/policy", body: { worth_points: 100 }, version: 0, expect: 422, has: { code: "points_policy_worth" } },
    { as: "owner", do: "PATCH /points/policy", body: { expiry: "month_end", count: 1, worth_points: 100, worth_minor: 500 }, version: 0, has: { expiry: "month_end", version: 1 } },
    { as: "owner", do: "PATCH /points/policy", body: { count: 2 }, version: 0, expect: 412 },
    { ...post(30, "1"), has: { entry: { expires: "2026-04-30" }, balance: { expiring: 30, expiring_on: "2026-04-30" } } },
    { as: "owner", do: "PATCH /points/policy", body: { expiry: "never" }, version: 1, has: { count: 0, version: 2 } },
    { as: "owner", do: "GET /customers/${Anna}/points", has: { balance: { expiring_on: "2026-04-30" } } },
    post(12, "2", {}, "Bruno"),
    { as: "associate", do: "GET /points/liability", expect: 403 },
    { as: "manager", do: "GET /points/liability", has: { day: today, from: "2025-12-15", before: 0, points: 42, worth_minor: 210, customers: 2, kinds: [{ kind: "credit", points: 42 }], expiring: [{ day: "2026-04-30", points: 30 }],
      days: (days) => days.length === 90 && days[88].points === 0 && days[89].points === 42 } },
    { as: "owner", do: "GET /points/liability?day=2026-03-13", has: { points: 0 } },
    { as: "owner", do: "GET /points/liability?from=2024-01-01", expect: 422, has: { code: "points_period" } },
    { as: "owner", do: "GET /points/liability?from=2027-01-01", expect: 422, has: { code: "points_period" } },
    { as: "other", do: "GET /points/liability", has: { points: 0, customers: 0 } },
  ]);
  const versions = { survivor_version: world.saved.version_Anna, loser_version: world.saved.version_Bruno };
  await world.steps([
    // merged: one balance, spent together; parted: each has its own again, as far as it was not spent
    { as: "owner", do: "POST /merges", body: { survivor_id: "${Anna}", loser_id: "${Bruno}", ...versions }, expect: 201, save: { merge: "id" } },
    { ...post(-35, "3"), has: { entry: { amount: -35, balance: 7 }, balance: { total: 7 } }, save: { spent: "entry.id" } },
    { as: "owner", do: "POST /merges/${merge}/undo" },
    { as: "owner", do: "GET /customers/${Anna}/points", has: { balance: { total: 0 } } },
    { as: "owner", do: "GET /customers/${Bruno}/points", has: { balance: { total: 7 } } },
  ]);
  assert.equal(world.cli(["check"]).status, 0);
  // touched by hand, it tells
  world.sql("UPDATE points_entry SET amount = amount + 1, balance = balance + 1 WHERE kind = 'credit' AND amount = 12");
  const check = world.cli(["check"]);
  assert.equal(check.status, 1);
  assert.match(check.err, /ledger of points/);
  assert.match(check.err, /points, chain/);
  const sealed = world.cli(["check", "--seal-points"]);
  assert.match(sealed.out, /sealed as it stands: [0-9a-f]{64}/);
  world.sql("UPDATE points_seal SET points = points + 1");
  assert.match(world.cli(["check"]).err, /customer 0: points, seal/);
  await world.steps([{ as: "owner", do: "GET /audit?entity=merchant", has: { items: (items) => items.some((one) => one.action === "points.seal") } }]);
}, { today });
