// What is lost on coming days: points that expire, tiers that fall.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const losses = (rest, more = {}) => ({ as: "owner", do: `GET /departures/losses?${rest}`, ...more });
const days = "from=2026-05-10&to=2026-05-31";
const credit = (who, amount) => ({ as: "owner", do: `POST /customers/\${${who}}/points`, body: { amount }, key: `${who}-${amount}`, expect: 201 });

onEveryEngine("points that expire, by day, of whom the caller sees", async (world) => {
  await world.steps([
    losses(days, { expect: 422, has: { code: "field_required", field: "kind" } }),
    losses(`kind=points&from=2026-05-09&to=2026-05-31`, { expect: 422, has: { code: "departure_days", field: "from" } }),
    losses(`kind=points&from=2026-05-11&to=2026-05-10`, { expect: 422, has: { code: "departure_days", field: "to" } }),
    losses(`kind=points&from=2026-05-11&to=2029-05-10`, { expect: 422, has: { field: "to" } }),
    losses(`kind=points&${days}`, { as: undefined, expect: 401 }),
    ...[["anna", "lyon"], ["bruno", "nice"], ["clara", "lyon"]].map(([name, store]) => (
      { as: "owner", do: "POST /customers", body: { first_name: name, store_id: `\${${store}}` }, expect: 201, save: { [name]: "id" } })),
    { as: "owner", do: "GET /points/policy", save: { version: "version" } },
    { as: "owner", do: "PATCH /points/policy", body: { expiry: "days", count: 10, locked_days: 0 }, version: "${version}" },
    credit("anna", 100),
    credit("anna", 7),
    credit("bruno", 30),
    credit("clara", 5),
    losses(`kind=points&${days}&limit=10`, { then: ({ body }) => {
      assert.equal(body.days.length, 22);
      assert.deepEqual(body.days.filter((one) => one.customers > 0), [{ day: "2026-05-20", customers: 3, points: 142 }]);
      assert.deepEqual([body.customers, body.points], [3, 142]);
      assert.deepEqual(body.items.map((one) => [one.customer.name, one.points]), [["anna", 107], ["bruno", 30], ["clara", 5]]);
    } }),
    losses(`kind=points&${days}&limit=1&offset=1`, { then: ({ body }) => assert.deepEqual(body.items.map((one) => one.customer.name), ["bruno"]) }),
    losses(`kind=points&${days}&limit=10`, { as: "associate", has: { customers: 2, points: 112 } }),
    losses(`kind=points&${days}`, { as: "other", has: { customers: 0, points: 0 } }),
    // what is spent does not expire, and who is gone has nothing to lose
    { as: "owner", do: "POST /customers/${anna}/points", body: { amount: -100 }, key: "spend", expect: 201 },
    { as: "owner", do: "DELETE /customers/${clara}", expect: 204 },
    losses(`kind=points&${days}`, { has: { customers: 2, points: 37 } }),
    losses(`kind=tiers&${days}`, { has: { customers: 0, items: [] } }),
    // given by hand until a day, lost on the next one
    { as: "owner", do: "PUT /tiers", body: { measure: "spend", period: "months", months: 12, grace_days: 0, tiers: [{ name: "Gold", colour: "gold", threshold: 90000, benefits: "" }] }, version: 0, then: ({ body }) => { world.saved.gold = body.tiers[0].id; } },
    { as: "owner", do: "PUT /customers/${anna}/tier", body: { tier: "${gold}", until: "2026-05-20" }, version: 0 },
    losses(`kind=tiers&${days}&limit=5`, { then: ({ body }) => {
      assert.deepEqual(body.days.filter((one) => one.customers > 0), [{ day: "2026-05-21", customers: 1, points: 0 }]);
      assert.deepEqual(body.items.map((one) => [one.customer.name, one.tier, one.next_tier]), [["anna", "Gold", null]]);
    } }),
  ]);
}, { today: "2026-05-10" });
