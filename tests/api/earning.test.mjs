// Earning rules: read and changed as a whole, refused when they cannot be, tried out on past sales.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const demo = { demo: 600, today: "2026-05-20" };
const base = { name: "Base", kind: "amount", points: 1, per_minor: 1000, rounding: "steps", from: "2026-05-01" };
const sunday = { name: "Sundays", kind: "multiplier", percent: 200, weekdays: [7], from: "2026-05-01", to: "2026-12-31" };
const visit = { name: "Visit", kind: "visit", points: 5, minimum_minor: 500 };

onEveryEngine("earning rules are read, changed as a whole, and refused when they cannot be", async (world) => {
  const { body: stores } = await world.ask("owner", "GET /stores");
  const put = (rule, has) => ({ as: "owner", do: "PUT /earning", body: { rules: [base, rule] }, version: 0, expect: 422, has });
  await world.steps([
    { as: "associate", do: "GET /earning", has: { version: 0, rules: [], rules_most: 30, today: "2026-05-20" } },
    { do: "GET /earning", expect: 401 },
    { as: "manager", do: "PUT /earning", body: { rules: [] }, version: 0, expect: 403 },
    { as: "manager", do: "POST /earning/try", body: { rules: [] }, expect: 403 },
    { as: "owner", do: "PUT /earning", body: { rules: [base] }, expect: 428 },
    { as: "owner", do: "PUT /earning", body: {}, version: 0, expect: 422, has: { code: "field_required", field: "rules" } },
    { as: "owner", do: "PUT /earning", body: { rules: "all" }, version: 0, expect: 422, has: { code: "earning_rules" } },
    { as: "owner", do: "PUT /earning", body: { rules: Array.from({ length: 31 }, () => base) }, version: 0, expect: 422, has: { code: "field_too_many", args: { limit: "30" } } },
    put(7, { code: "earning_rules" }),
    put({ ...base, point: 3 }, { code: "field_unknown", field: "rules.1" }),
    put({ ...base, name: "  " }, { code: "field_required", field: "rules.1.name" }),
    put({ ...base, name: "x".repeat(61) }, { code: "field_too_long", field: "rules.1.name", args: { limit: "60" } }),
    put({ ...base, kind: "gift" }, { code: "earning_kind", field: "rules.1.kind" }),
    put({ ...base, points: 0 }, { code: "field_too_small", field: "rules.1.points" }),
    put({ ...base, points: 1.5 }, { code: "field_not_integer", field: "rules.1.points" }),
    put({ ...base, points: undefined }, { code: "field_required", field: "rules.1.points" }),
    put({ ...base, per_minor: 0 }, { code: "field_too_small", field: "rules.1.per_minor" }),
    put({ ...base, per_minor: 2e12 }, { code: "field_too_large", field: "rules.1.per_minor" }),
    put({ ...base, rounding: "up" }, { code: "earning_rounding" }),
    put({ ...sunday, percent: 100 }, { code: "field_too_small", field: "rules.1.percent", args: { limit: "101" } }),
    put({ ...sunday, to: "2026-04-30" }, { code: "earning_period", field: "rules.1.to" }),
    put({ ...sunday, to: "2026-02-30" }, { code: "field_not_day", field: "rules.1.to" }),
    put({ ...sunday, weekdays: [] }, { code: "earning_weekdays" }),
    put({ ...sunday, weekdays: [8] }, { code: "earning_weekdays" }),
    put({ ...sunday, weekdays: "7" }, { code: "earning_weekdays" }),
    put({ ...visit, minimum_minor: -1 }, { code: "field_too_small", field: "rules.1.minimum_minor" }),
    put({ ...visit, active: 1 }, { code: "field_not_boolean", field: "rules.1.active" }),
    put({ ...visit, store_id: "4x" }, { code: "field_not_id", field: "rules.1.store_id" }),
    put({ ...visit, store_id: "4" }, { code: "earning_store", field: "rules.1.store_id", args: { rule: "Visit" } }),
    { as: "owner", do: "GET /earning", has: { version: 0, rules: [] } },
    { as: "owner", do: "PUT /earning", body: { rules: [base, sunday, { ...visit, store_id: stores.items[0].id }] }, version: 0, has: { version: 1 },
      then: ({ body }) => {
        assert.deepEqual(body.rules[0], { ...base, id: body.rules[0].id, percent: null, minimum_minor: 0, store_id: null, tier_id: null, to: null, weekdays: [1, 2, 3, 4, 5, 6, 7], active: true });
        assert.equal(body.rules[2].from, "2026-05-20"); // today, when none is given
        world.saved.rules = body.rules;
      } },
    { as: "owner", do: "PUT /earning", body: { rules: [] }, version: 0, expect: 412, has: { code: "stale" } },
    { as: "other", do: "GET /earning", has: { version: 0, rules: [] } },
  ]);
  const [first, ...others] = world.saved.rules;
  const bare = ({ points, per_minor, rounding, percent, ...rest }) =>
    ({ ...rest, ...(percent ? { percent } : { points }), ...(per_minor ? { per_minor, rounding } : {}) });
  await world.steps([
    { as: "owner", do: "PUT /earning", body: { rules: world.saved.rules.map(bare) }, version: 1, has: { version: 1 } }, // the same
    { as: "owner", do: "PUT /earning", body: { rules: [first, first].map(bare) }, version: 1, expect: 422, has: { code: "earning_twice" } },
    { as: "owner", do: "PUT /earning", body: { rules: [...others, { ...first, active: false }].map(bare) }, version: 1, has: { version: 2 },
      then: ({ body }) => assert.deepEqual([body.rules[2].id, body.rules[2].active], [first.id, false]) },
    { as: "owner", do: "GET /audit?entity=merchant", then: ({ body }) => {
      const told = body.items.filter((one) => one.action === "earning.update");
      assert.equal(told.length, 2);
      // only the rule that is another one, as it was and as it is
      const base = { name: "Base", kind: "amount", points: 1, per_minor: 1000, rounding: "steps", from_day: "2026-05-01" };
      assert.deepEqual(told[0].detail.rules, { from: [base], to: [{ ...base, active: false }] });
    } },
  ]);
}, { today: demo.today });

onEveryEngine("a dry run tells what rules would have given for last month's sales, and changes nothing", async (world) => {
  await world.steps([{ as: "owner", do: "PUT /earning", body: { rules: [] }, version: 1, has: { version: 2 } }]); // the demo's own
  const { body: tried } = await world.ask("owner", "POST /earning/try", { body: { rules: [base, sunday, visit] } });
  assert.deepEqual([tried.from, tried.to], ["2026-04-01", "2026-04-30"]);
  assert.ok(tried.purchases > 50 && tried.customers > 20 && tried.customers <= tried.purchases);
  assert.deepEqual(tried.now, { points: 0, customers: 0, purchases: 0, cost_minor: 0, rules: [] });
  const { proposed } = tried;
  assert.equal(proposed.cost_minor, proposed.points * 5); // 100 points are worth 5.00
  assert.equal(proposed.points, proposed.rules.reduce((sum, rule) => sum + rule.points, 0));
  assert.ok(proposed.rules.every((rule) => rule.points > 0 && rule.customers <= proposed.customers));
  assert.ok(proposed.rules[0].points <= tried.sales_minor / 1000);
  await world.steps([
    { as: "owner", do: "POST /earning/try", body: { rules: [base], from: "2026-04-01" }, expect: 422, has: { code: "earning_days", field: "to" } },
    { as: "owner", do: "POST /earning/try", body: { rules: [base], from: "2026-05-01", to: "2026-05-21" }, expect: 422, has: { code: "earning_days" } },
    { as: "owner", do: "POST /earning/try", body: { rules: [base], from: "2025-01-01", to: "2026-05-01" }, expect: 422, has: { code: "earning_days", args: { most: "366" } } },
    { as: "owner", do: "POST /earning/try", body: { rules: [{ ...base, points: 2 }], from: "2026-04-01", to: "2026-04-30" },
      has: { proposed: { points: 2 * proposed.rules[0].points } } },
    { as: "owner", do: "PUT /earning", body: { rules: [base, sunday, visit] }, version: 2, has: { version: 3 } },
    { as: "owner", do: "POST /earning/try", body: { rules: [] }, has: { now: { points: proposed.points, customers: proposed.customers }, proposed: { points: 0 } } },
    { as: "other", do: "POST /earning/try", body: { rules: [base] }, has: { purchases: 0, proposed: { points: 0 } } },
  ]);
}, demo);

const upload = (kind, raw, save) => ({
  as: "owner", do: `POST /imports?kind=${kind}&file_name=file.csv`, raw, type: "application/octet-stream", expect: 201, save: { [save]: "id" },
});
const imported = async (world, kind, raw) => {
  await world.steps([
    upload(kind, raw, "file"),
    { as: "owner", do: "POST /imports/${file}/start", expect: 202, save: { job: "job.id" } },
  ]);
  assert.equal((await world.waitForJob("owner", world.saved.job)).state, "done");
  return (await world.ask("owner", "GET /imports/${file}")).body.report;
};

onEveryEngine("opening balances are brought along once, and points go to many and back", async (world) => {
  const people = "id,first name,points\na,Anna,120\nb,Bruno,1 000\nc,Carla,\nd,Dario,12.5\ne,Eva,-3\n";
  await world.steps([
    upload("customers", people, "file"),
    { as: "owner", do: "POST /imports/${file}/preview", has: { report: { rows: 5, added: 3, invalid: 2, opened_customers: 2, opened_points: 1120 } },
      then: ({ body }) => assert.deepEqual(body.rows.flatMap((row) => row.problems.map((one) => one.code)), ["import_points_not_whole", "import_points_negative"]) },
  ]);
  const first = await imported(world, "customers", people);
  assert.deepEqual([first.opened_customers, first.opened_points], [2, 1120]);
  const again = await imported(world, "customers", people);
  assert.deepEqual([again.opened_customers, again.opened_points, again.updated], [0, 0, 0]);
  const other = await imported(world, "customers", "id,points\na,500\nc,30\n");
  assert.deepEqual([other.opened_points, other.updated, other.reasons.find((one) => one.code === "import_points_kept").count], [30, 1, 1]);
  // Anna 120, Bruno 1000, Carla 30
  const take = { action: "points_debit", points: 100, reason: "Party", message: "Thank you", q: "" };
  await world.steps([
    { as: "owner", do: "POST /bulk/preview", body: take, has: { selected: 3, changing: 2, left_out: [{ outcome: "short", customers: 1 }] } },
    { as: "owner", do: "POST /bulk", body: take, expect: 422, has: { code: "bulk_points_route" } },
    { as: "owner", do: "POST /bulk/points", body: take, expect: 400, has: { code: "idempotency_missing" } },
    { as: "owner", do: "POST /bulk/points", body: { ...take, points: 0 }, key: "p0", expect: 422, has: { code: "field_required", field: "points" } },
    { as: "owner", do: "POST /bulk/points", body: { ...take, reason: "x".repeat(201) }, key: "p0", expect: 422, has: { code: "field_too_long", field: "reason" } },
    { as: "owner", do: "POST /bulk/points", body: { ...take, action: "block" }, key: "p0", expect: 422 },
    { as: "owner", do: "POST /bulk/points", body: take, key: "p1", expect: 202, has: { points: 100, target: "Party" }, save: { bulk: "id", job: "job.id" } },
    { as: "owner", do: "POST /bulk/points", body: take, key: "p1", expect: 202, then: ({ body }) => assert.equal(body.id, world.saved.bulk) },
    { as: "owner", do: "POST /bulk/points", body: { ...take, points: 99 }, key: "p1", expect: 422, has: { code: "idempotency_reused" } },
  ]);
  assert.equal((await world.waitForJob("owner", world.saved.job)).state, "done");
  const counts = (list) => Object.fromEntries(list.map((one) => [one.outcome, one.customers]));
  await world.steps([
    { as: "owner", do: "GET /bulk/${bulk}", then: ({ body }) => assert.deepEqual(counts(body.counts), { changed: 2, short: 1 }) },
    { as: "owner", do: "POST /bulk/preview", body: { ...take, points: 21 }, has: { changing: 2 } }, // Anna has 20 left
    { as: "owner", do: "POST /bulk/${bulk}/undo", expect: 202, save: { undo: "undo.job.id" } },
  ]);
  assert.equal((await world.waitForJob("owner", world.saved.undo)).state, "done");
  await world.steps([
    { as: "owner", do: "GET /bulk/${bulk}", then: ({ body }) => assert.deepEqual(counts(body.undo.counts), { changed: 2, already: 1 }) },
    { as: "owner", do: "POST /bulk/preview", body: { ...take, points: 120 }, has: { changing: 2 } },
    { as: "owner", do: "POST /bulk/preview", body: { ...take, points: 121 }, has: { changing: 1 } },
  ]);
  assert.equal(world.cli(["check"]).status, 0);
});
