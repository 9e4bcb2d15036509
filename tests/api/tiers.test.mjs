// Tiers: the ladder read, tried out, saved and refused; customers moved, given a tier by hand, handed back.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const demo = { demo: 300, today: "2026-05-20" };
const level = (name, threshold, more = {}) => ({ name, colour: "silver", threshold, benefits: "", ...more });
const ladder = { measure: "spend", period: "months", months: 12, grace_days: 0, tiers: [level("Silver", 20000), level("Gold", 90000, { colour: "gold", benefits: "Coffee" })] };

async function settled(world) {
  for (let i = 0; i < 600; i++) {
    const { body } = await world.ask("owner", "GET /tiers");
    if (!body.moving) return body;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error("customers do not stop moving");
}

onEveryEngine("the ladder is tried out, saved as a whole, and refused when it cannot be", async (world) => {
  const put = (body, rest) => ({ as: "owner", do: "PUT /tiers", body, version: 1, expect: 422, ...rest });
  const tiers = (...list) => ({ ...ladder, tiers: list });
  await world.steps([
    { as: "associate", do: "GET /tiers", has: { version: 1, measure: "spend", most: 12 }, then: ({ body }) => {
      assert.deepEqual(body.tiers.map((one) => one.name), ["Argent", "Or", "Platine", "Amis de la maison"]);
      world.saved.argent = body.tiers[0].id;
    } },
    { as: "other", do: "GET /tiers", has: { version: 0, measure: "none", tiers: [] } },
    { as: "manager", do: "PUT /tiers", body: ladder, version: 1, expect: 403 },
    { as: "manager", do: "POST /tiers/preview", body: ladder, expect: 403 },
    { as: "owner", do: "PUT /tiers", body: ladder, expect: 428 },
    put({ ...ladder, measure: "love" }, { has: { field: "measure" } }),
    put({ ...ladder, months: 0 }, { has: { field: "months", code: "field_too_small" } }),
    put({ ...ladder, grace_days: 400 }, { has: { field: "grace_days" } }),
    put({ ...ladder, tiers: "gold" }, { has: { code: "tier_levels_many", field: "tiers" } }),
    put(tiers(...Array.from({ length: 13 }, (_, i) => level(`t${i}`, i + 1))), { has: { code: "tier_levels_many", args: { most: "12" } } }),
    put(tiers(7), { has: { code: "tier_level_wrong", args: { place: "1" } } }),
    put(tiers(level("", 5)), { has: { code: "tier_level_wrong", args: { what: "name" } } }),
    put(tiers(level("x".repeat(41), 5)), { has: { code: "tier_level_wrong" } }),
    put(tiers(level("Gold", 5, { colour: "mauve" })), { has: { code: "tier_level_wrong", args: { what: "colour" } } }),
    put(tiers(level("Gold", 1.5)), { has: { code: "tier_level_wrong", args: { what: "threshold" } } }),
    put(tiers(level("Gold", -1)), { has: { code: "tier_level_wrong" } }),
    put(tiers(level("Gold", 5, { id: "x" })), { has: { code: "tier_level_wrong", args: { what: "id" } } }),
    put(tiers(level("Gold", 5, { id: "12" })), { has: { code: "tier_unknown" } }),
    put(tiers(level("!!", 5)), { has: { code: "tier_name_letters" } }),
    put(tiers(level("Gold", 5), level("GÓLD", 9)), { has: { code: "tier_name_twice" } }),
    put(tiers(level("Silver", 9), level("Gold", 9)), { has: { code: "tier_threshold_order", args: { name: "Gold" } } }),
    put(tiers(level("Silver", 0)), { has: { code: "tier_threshold_missing" } }),
    { as: "owner", do: "POST /tiers/preview", body: { ...ladder, from: "Nobody" }, expect: 422, has: { code: "tier_unknown", field: "from" } },
    { as: "owner", do: "POST /tiers/preview", body: { ...ladder, tiers: [], limit: 5 }, has: { customers: 300, estimated: false },
      then: ({ body }) => {
        assert.ok(body.moves.length >= 2 && body.moves.every((one) => one.to === null));
        assert.equal(body.moved, body.moves.reduce((sum, one) => sum + one.customers, 0));
        assert.equal(body.items.length, 5);
        assert.ok(body.items.every((one) => one.from !== null && one.to === null));
      } },
    { as: "owner", do: "POST /tiers/preview", body: ladder, then: ({ body }) => (world.ahead = body) },
    { as: "owner", do: "POST /tiers/preview", body: { ...ladder, from: "-", to: "Silver", limit: 50 },
      then: ({ body }) => assert.ok(body.items.length > 0 && body.items.every((one) => one.from === null && one.to === "Silver")) },
    { as: "owner", do: "POST /tiers/preview", body: { ...ladder, exact: true, limit: 0 }, has: { estimated: false, items: [], next: null, looked: 300 }, then: ({ body }) => assert.deepEqual(body.moves, world.ahead.moves) },
    { as: "owner", do: "POST /tiers/preview", body: { ...ladder, exact: true, behind: "x" }, expect: 422, has: { field: "behind" } },
  ]);
  // everybody who moves, a page at a time, once each
  const { moves } = world.ahead;
  const move = moves.find((one) => one.customers > 3);
  const met = [];
  for (let behind; behind !== null; ) {
    const { body } = await world.ask("owner", "POST /tiers/preview", { body: { ...ladder, from: move.from ?? "-", to: move.to ?? "-", limit: 3, exact: true, behind } });
    met.push(...body.items.map((one) => one.customer.id));
    behind = body.next;
  }
  assert.equal(met.length, move.customers);
  assert.equal(new Set(met).size, met.length);
  await world.steps([
    { as: "owner", do: "PUT /tiers", body: ladder, version: 1, has: { version: 2, moving: true } },
    { as: "owner", do: "PUT /tiers", body: ladder, version: 1, expect: 412, has: { code: "stale" } },
  ]);
  const after = await settled(world);
  for (const { tier, customers } of world.ahead.after.slice(1))
    assert.equal(after.tiers.find((one) => one.name === tier).customers, customers);
  await world.steps([
    { as: "owner", do: "POST /tiers/preview", body: { ...ladder, tiers: after.tiers.map(({ customers, ...one }) => one) }, has: { moved: 0, items: [] } },
    { as: "owner", do: "GET /audit?entity=merchant", then: ({ body }) => {
      const told = body.items.filter((one) => one.action === "tier.ladder");
      assert.equal(told.length, 2);
      const { measure, months, tiers } = told[1].detail; // the demo's own
      assert.deepEqual([measure, months, tiers.from.length], [{ from: "none", to: "spend" }, { from: 0, to: 12 }, 0]);
      assert.deepEqual(told[0].detail.grace, { from: 30, to: 0 });
      assert.deepEqual(told[0].detail.tiers.to[0], { name: "Silver", colour: "silver", threshold_minor: 20000 });
    } },
  ]);
}, demo);

onEveryEngine("a customer's tier is told, given by hand with a last day, and handed back", async (world) => {
  await world.steps([
    { as: "owner", do: "GET /tiers", then: ({ body }) => Object.assign(world.saved, { gold: body.tiers[1].id, friends: body.tiers[3].id }) },
    { as: "owner", do: "GET /customers?q=spent:0..300&limit=1", save: { id: "items.0.id" } },
    { as: "owner", do: "GET /customers/${id}/tier", has: { tier: null, by_hand: false, history: [], tiers: 4, version: 0, rule: { measure: "spend", months: 12, above: { name: "Argent" } } } },
    { as: "other", do: "GET /customers/${id}/tier", expect: 404 },
    { as: "owner", do: "PUT /customers/${id}/tier", body: { tier: "${gold}" }, expect: 428 },
    { as: "owner", do: "PUT /customers/${id}/tier", body: {}, version: 0, expect: 422, has: { field: "tier" } },
    { as: "owner", do: "PUT /customers/${id}/tier", body: { tier: "77" }, version: 0, expect: 422, has: { code: "tier_unknown" } },
    { as: "owner", do: "PUT /customers/${id}/tier", body: { tier: "${gold}", until: "2026-05-19" }, version: 0, expect: 422, has: { code: "tier_until_past", field: "until" } },
    { as: "owner", do: "PUT /customers/${id}/tier", body: { tier: "${gold}", until: "2040-01-01" }, version: 0, expect: 422, has: { code: "tier_until_far" } },
    { as: "owner", do: "PUT /customers/${id}/tier", body: { tier: "${gold}", until: "2026-02-30" }, version: 0, expect: 422, has: { field: "until" } },
    { as: "owner", do: "PUT /customers/${id}/tier", body: { tier: "${gold}", reason: "r".repeat(301) }, version: 0, expect: 422, has: { field: "reason" } },
    { as: "owner", do: "DELETE /customers/${id}/tier", version: 0, expect: 409, has: { code: "tier_not_by_hand" } },
    { as: "associate", do: "PUT /customers/${id}/tier", body: { tier: "${gold}", until: "2026-06-30", reason: "Opened our new shop" }, version: 0,
      has: { tier: { name: "Or" }, by_hand: true, until: "2026-06-30", reason: "Opened our new shop", staff: /./, next_day: "2026-07-01", next: null,
        history: [{ cause: "hand", from: null, to: { name: "Or", colour: "gold" }, day: "2026-05-20" }] } },
    { as: "owner", do: "PUT /customers/${id}/tier", body: { tier: "${friends}" }, version: 0, expect: 412 },
    { as: "owner", do: "GET /customers/${id}/activity?kind=tier", has: { items: [{ kind: "tier", actor: /./, detail: { from: null, to: "Or", cause: "hand", until: "2026-06-30", reason: "Opened our new shop" } }] } },
    { as: "owner", do: "GET /customers/${id}", has: { row: { last_visit: /./ } } },
    { as: "owner", do: "PUT /customers/${id}/tier", body: { tier: null }, version: 1, has: { tier: null, by_hand: true, until: null } },
    { as: "other", do: "DELETE /customers/${id}/tier", version: 2, expect: 404 },
    { as: "owner", do: "DELETE /customers/${id}/tier", version: 2, has: { tier: null, by_hand: false, history: [{ cause: "release" }, { cause: "hand", to: null }, {}] } },
    { as: "owner", do: "GET /audit?entity=customer&limit=5", then: ({ body }) => assert.deepEqual(body.items.slice(0, 3).map((one) => one.action),
      ["customer.tier_release", "customer.tier", "customer.tier"]) },
  ]);
  assert.equal(world.cli(["check"]).status, 0);
}, demo);

onEveryEngine("many customers get a tier, or are handed back, with a preview, results and undo", async (world) => {
  const done = async ({ body }) => assert.equal((await world.waitForJob("owner", (body.undo ?? body).job.id)).state, "done");
  const tierOf = async (id) => (await world.ask("owner", `GET /customers/${id}/tier`)).body;
  await world.steps([
    { as: "owner", do: "GET /tiers", then: ({ body }) => Object.assign(world.saved, { gold: body.tiers[1].id, friends: body.tiers[3].id }) },
    { as: "owner", do: "GET /customers?q=spent:0..300&limit=3", then: ({ body }) => (world.ids = body.items.map((one) => one.id)) },
  ]);
  const [a, b, c] = world.ids;
  const give = { action: "tier_set", ids: world.ids, tier: "${friends}", until: "2026-12-31", reason: "Opening night" };
  await world.steps([
    { as: "owner", do: `PUT /customers/${a}/tier`, body: { tier: "${gold}", reason: "Cousin" }, version: 0 },
    { as: "owner", do: "POST /bulk/preview", body: { ...give, tier: undefined }, expect: 422, has: { code: "field_required", field: "tier" } },
    { as: "owner", do: "POST /bulk/preview", body: { ...give, tier: "77" }, expect: 422, has: { code: "tier_unknown" } },
    { as: "owner", do: "POST /bulk/preview", body: { ...give, until: "2026-01-01" }, expect: 422, has: { code: "tier_until_past" } },
    { as: "owner", do: "POST /bulk/preview", body: give, has: { changing: 3, left_out: [] } },
    { as: "owner", do: "POST /bulk", body: give, expect: 202, has: { action: "tier_set", target: "Amis de la maison" }, save: { first: "id" }, then: done },
    { as: "owner", do: "POST /bulk/preview", body: give, has: { changing: 0, left_out: [{ outcome: "already", customers: 3 }] } },
  ]);
  assert.deepEqual([(await tierOf(b)).tier.name, (await tierOf(b)).until, (await tierOf(b)).reason], ["Amis de la maison", "2026-12-31", "Opening night"]);
  await world.steps([
    { as: "owner", do: `PUT /customers/${c}/tier`, body: { tier: null }, version: 1 },
    { as: "owner", do: "POST /bulk/${first}/undo", expect: 202, then: done },
    { as: "owner", do: "GET /bulk/${first}", has: { undo: { counts: [{ outcome: "changed", customers: 2 }, { outcome: "since", customers: 1 }] } } },
  ]);
  assert.deepEqual([(await tierOf(a)).tier.name, (await tierOf(a)).reason, (await tierOf(a)).by_hand], ["Or", "Cousin", true]);
  assert.deepEqual([(await tierOf(b)).tier, (await tierOf(b)).by_hand], [null, false]);
  assert.equal((await tierOf(c)).by_hand, true);
  await world.steps([
    { as: "owner", do: "POST /bulk", body: { action: "tier_release", ids: world.ids }, expect: 202, then: done, has: { action: "tier_release" } },
  ]);
  assert.deepEqual(await Promise.all(world.ids.map(async (id) => (await tierOf(id)).by_hand)), [false, false, false]);
  assert.equal(world.cli(["check"]).status, 0);
}, demo);

onEveryEngine("points that are earned count at once, and spending them takes no tier away", async (world) => {
  const points = { measure: "points", period: "ever", months: 12, grace_days: 0, tiers: [level("Silver", 100), level("Gold", 500)] };
  const post = (amount, key) => ({ as: "owner", do: "POST /customers/${id}/points", body: { amount }, key, expect: 201 });
  const tier = (name) => ({ as: "owner", do: "GET /customers/${id}/tier", has: { tier: name === null ? null : { name } } });
  await world.steps([{ as: "owner", do: "PUT /tiers", body: points, version: 1, has: { measure: "points" } }]);
  await settled(world);
  await world.steps([
    { as: "owner", do: "POST /customers", body: { first_name: "Zoe" }, expect: 201, save: { id: "id" } },
    { ...tier(null), has: { tier: null, rule: { measure: "points" } } },
    post(99, "1"),
    tier(null),
    post(1, "2"),
    tier("Silver"),
    post(-80, "3"),
    { ...tier("Silver"), has: { rule: { value: 100, above: { name: "Gold" }, lacking: 400 } } },
    post(400, "4"),
    tier("Gold"),
  ]);
  assert.equal(world.cli(["check"]).status, 0);
}, demo);
