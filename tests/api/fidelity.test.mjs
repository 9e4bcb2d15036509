// Fidelity cards: everybody has one; found by number; lost and given again; printed together.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

onEveryEngine("a card has its number, leads to the customer, is lost and given again", async (world) => {
  await world.steps([
    { as: "owner", do: "GET /customers?q=visits:%3E3&limit=2", save: { id: "items.0.id", second: "items.1.id" } },
    { as: "owner", do: "GET /cards/2912345678903", expect: 404, has: { code: "card_unknown" } },
    { as: "associate", do: "GET /customers/${id}/card", has: { number: /^29\d{11}$/, issued_at: null, former: [], bars: { size: 95, path: /^M0 0h1/ }, qr: { size: 21 } }, save: { number: "number" } },
    { as: "owner", do: "GET /customers/${id}/card", then: ({ body }) => assert.equal(body.number, world.saved.number) },
    { as: "other", do: "GET /customers/${id}/card", expect: 404 },
    { as: "owner", do: "GET /cards/${number}", then: ({ body }) => assert.equal(body.customer.id, world.saved.id) },
    { as: "other", do: "GET /cards/${number}", expect: 404 },
    { do: "GET /cards/${number}", expect: 401 },
    { as: "owner", do: "GET /cards/12", expect: 404, has: { code: "card_mistyped" } },
    { as: "owner", do: "GET /cards/abc", expect: 404 },
    { as: "owner", do: "POST /customers/${id}/card", body: { reason: "x".repeat(301) }, expect: 422, has: { field: "reason" } },
    { as: "other", do: "POST /customers/${id}/card", body: {}, expect: 404 },
    { as: "associate", do: "POST /customers/${id}/card", body: { reason: "Left in a taxi" }, expect: 201, save: { next: "number" },
      has: { former: [{ reason: "Left in a taxi", lost_at: /^20/ }] } },
    { as: "owner", do: "GET /cards/${number}", expect: 409, has: { code: "card_lost", args: { day: /^20/ } } },
    { as: "owner", do: "GET /cards/${next}", then: ({ body }) => assert.equal(body.customer.id, world.saved.id) },
    { as: "owner", do: "GET /customers/${id}/activity?kind=card", has: { items: [{ detail: { reason: "Left in a taxi" } }] } },
    { as: "owner", do: "POST /cards/sheet", body: { customers: [] }, expect: 422, has: { field: "customers" } },
    { as: "owner", do: "POST /cards/sheet", body: { customers: Array.from({ length: 201 }, (_, i) => String(i + 1)) }, expect: 422, has: { field: "customers" } },
    { as: "owner", do: "POST /cards/sheet", body: { customers: ["12"] }, expect: 404 },
    { as: "owner", do: "POST /cards/sheet", body: { customers: ["${id}", "${second}"] }, then: ({ body }) => {
      assert.deepEqual(body.items.map((one) => one.customer_id), [world.saved.id, world.saved.second]);
      assert.equal(body.items[0].number, world.saved.next);
    } },
    { as: "owner", do: "GET /audit?entity=customer&limit=1", has: { items: [{ action: "customer.card" }] } },
  ]);
  assert.equal(world.cli(["check"]).status, 0);
}, { demo: 100, today: "2026-05-20" });
