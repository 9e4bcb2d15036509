// Typologies by rule: numbers, order, the owner's own; tried out before they are saved; why, and when it turns.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const numbers = { vip_months: 3, vip_visits: 3, new_months: 3, new_visits_max: 1, occasional_months: 3, occasional_max: 2, at_risk_days: 90, active_months: 12 };
const four = ["vip", "new", "occasional", "at_risk"].map((type) => ({ type }));
const rules = { ...numbers, order: four };
const own = (name, query) => ({ type: "own", name, query });
const demo = { demo: 600, today: "2026-05-20" };

onEveryEngine("rules are read, changed as a whole, and refused when they cannot be", async (world) => {
  const put = (body, rest) => ({ as: "owner", do: "PUT /typologies", body, version: 0, expect: 422, ...rest });
  const good = { ...rules, at_risk_days: 60, order: [own("Friends", "city:any"), ...four] };
  await world.steps([
    { as: "associate", do: "GET /typologies", has: { version: 0, rules: numbers, own_most: 8, limits: { vip_months: { least: 1, most: 24 } } },
      then: ({ body }) => assert.deepEqual(body.rules.order, four) },
    { as: "manager", do: "PUT /typologies", body: rules, version: 0, expect: 403 },
    { as: "manager", do: "POST /typologies/preview", body: rules, expect: 403 },
    { as: "owner", do: "PUT /typologies", body: rules, expect: 428 },
    put({ ...rules, vip_months: 25 }, { has: { code: "field_too_large", field: "vip_months", args: { limit: "24" } } }),
    put({ ...rules, at_risk_days: 0 }, { has: { code: "field_too_small", field: "at_risk_days" } }),
    put({ ...rules, vip_visits: "three" }, { has: { code: "field_not_integer", field: "vip_visits" } }),
    put({ ...rules, order: undefined }, { has: { field: "order" } }),
    put({ ...rules, order: [] }, { has: { code: "typology_order" } }),
    put({ ...rules, order: four.slice(1) }, { has: { code: "typology_order" } }),
    put({ ...rules, order: [...four, { type: "vip" }] }, { has: { code: "typology_order" } }),
    put({ ...rules, order: [...four, { type: "regular" }] }, { has: { code: "typology_order" } }),
    put({ ...rules, order: [...four, { type: "own", name: "x" }] }, { has: { code: "typology_order" } }),
    put({ ...rules, order: [...four, 7] }, { has: { code: "typology_order" } }),
    put({ ...rules, order: "vip" }, { has: { code: "typology_order" } }),
    put({ ...rules, order: [...four, ...Array.from({ length: 9 }, (_, i) => own(`t${i}`, "visits:1"))] }, { has: { code: "typology_own_many", args: { most: "8" } } }),
    put({ ...rules, order: [...four, own("At risk", "visits:1")] }, { has: { code: "typology_name", field: "own.0.name" } }),
    put({ ...rules, order: [...four, own("A", "visits:1"), own("a", "visits:2")] }, { has: { code: "typology_name_twice", field: "own.1.name" } }),
    put({ ...rules, order: [...four, own("A", "")] }, { has: { code: "typology_query_empty", field: "own.0.query" } }),
    put({ ...rules, order: [...four, own("A", "visits:>3 type:vip")] }, { has: { code: "typology_query_field", from: 10, to: 18, args: { found: "type" } } }),
    put({ ...rules, order: [...four, own("A", "-favourite:yes")] }, { has: { code: "typology_query_field" } }),
    put({ ...rules, order: [...four, own("A", "visits:>")] }, { has: { code: "query_bad_number", field: "own.0.query", from: 7, to: 8 } }),
    put({ ...rules, order: [...four, own("A", "gander:female")] }, { has: { code: "query_unknown_field", args: { near: "gender" } } }),
    { as: "owner", do: "PUT /typologies", body: rules, version: 0, has: { version: 0 } },
    { as: "owner", do: "PUT /typologies", body: good, version: 0, has: { version: 1, rules: { at_risk_days: 60 } },
      then: ({ body }) => assert.deepEqual(body.rules.order[0], { type: "own", name: "Friends", query: "city:any", problem: null }) },
    { as: "owner", do: "PUT /typologies", body: rules, version: 0, expect: 412, has: { code: "stale" } },
    { as: "other", do: "GET /typologies", has: { version: 0 } },
    { as: "owner", do: "PUT /typologies", body: rules, version: 1, has: { version: 2 } },
    { as: "owner", do: "GET /audit?entity=merchant", then: ({ body }) => {
      const [, told, ...none] = body.items.filter((one) => one.action === "typology.update");
      assert.equal(none.length, 0);
      const types = four.map((one) => one.type);
      assert.deepEqual(told.detail, { at_risk_days: { from: 90, to: 60 }, order: { from: types, to: [{ name: "Friends", query: "city:any" }, ...types] } });
    } },
  ]);
});

onEveryEngine("own typologies are types everywhere; the segment that one uses stays", async (world) => {
  const count = async (q) => (await world.ask("owner", `GET /customers?q=${encodeURIComponent(q)}&limit=0`)).body.matching;
  const ladies = await count("gender:female");
  await world.steps([
    { as: "owner", do: "POST /segments", body: { name: "Typed", query: "type:vip", shared: true }, expect: 201 },
    { as: "owner", do: "POST /segments", body: { name: "Ladies", query: "gender:female", shared: true }, expect: 201, save: { ladies: "id" } },
    { as: "owner", do: "PUT /typologies", body: { ...rules, order: [...four, own("A", "segment:typed")] }, version: 0, expect: 422, has: { code: "typology_query_field" } },
    { as: "owner", do: "PUT /typologies", body: { ...rules, order: [own("Good ladies", "segment:ladies"), ...four] }, version: 0, has: { version: 1 } },
    { as: "owner", do: "GET /customers?q=type:%22good%20ladies%22&limit=3&facets=type", has: { matching: ladies },
      then: ({ body }) => {
        assert.ok(body.items.every((one) => one.type === "Good ladies"));
        const value = body.facets[0].values.at(-1);
        assert.deepEqual(value, { key: '"Good ladies"', label: "Good ladies", count: ladies, chosen: true });
      } },
    { as: "owner", do: "GET /customers?q=type:good_ladies&limit=0", has: { matching: ladies } },
    { as: "owner", do: "GET /customers?q=type:%22good%20lady%22", expect: 422, has: { code: "query_unknown_value", args: { near: "Good ladies" } } },
    { as: "owner", do: "GET /customers?sort=-type&limit=1", then: ({ body }) => assert.equal(body.items[0].type, "Good ladies") },
    { as: "owner", do: "DELETE /segments/${ladies}", expect: 409, has: { code: "segment_used", args: { users: "Good ladies" } } },
    { as: "owner", do: "GET /customers?q=type:good_ladies&limit=0", has: { matching: ladies } },
    { as: "owner", do: "PUT /typologies", body: rules, version: 1, has: { version: 2 } },
    { as: "owner", do: "DELETE /segments/${ladies}", expect: 204 },
    { as: "owner", do: "PUT /typologies", body: { ...rules, order: [own("Good ladies", "gender:female"), ...four] }, version: 2, has: { version: 3 } },
  ]);
  const printed = world.cli(["query", "type:good_ladies", "--fields", "type", "--limit", "1", "--merchant", "demo"]);
  assert.match(printed.out, /Good ladies/);
}, demo);

onEveryEngine("a preview tells what saving does", async (world) => {
  const proposed = { ...rules, at_risk_days: 30, vip_visits: 2, order: [own("Spenders", "spent:>=100"), ...four] };
  const { body: before } = await world.ask("owner", "GET /customers?limit=0&facets=type");
  const { body: preview } = await world.ask("owner", "POST /typologies/preview", { body: { ...proposed, from: "occasional", to: "Spenders", limit: 5 } });
  const counts = (list) => Object.fromEntries(list.map((one) => [one.type, one.customers]));
  for (const value of before.facets[0].values) assert.equal(counts(preview.before)[value.key], value.count);
  assert.equal(preview.after.at(-1).type, "regular");
  assert.equal(preview.moved, preview.moves.reduce((sum, one) => sum + one.customers, 0));
  assert.ok(preview.moved > 0 && preview.items.length > 0 && preview.items.length <= 5);
  assert.ok(preview.items.every((one) => one.type === "occasional"));
  const id = preview.items[0].id;
  await world.steps([
    { as: "owner", do: "POST /typologies/preview", body: { ...proposed, from: "nobody" }, expect: 422, has: { code: "typology_unknown", field: "from" } },
    { as: "owner", do: "PUT /typologies", body: proposed, version: 0 },
    { as: "owner", do: "GET /customers?limit=0&facets=type", then: ({ body }) => {
      for (const value of body.facets[0].values) assert.equal(counts(preview.after)[value.label || value.key], value.count);
    } },
    { as: "owner", do: `GET /customers/${id}`, then: ({ body }) => assert.equal(body.row.type, "Spenders") },
  ]);
}, demo);

onEveryEngine("why, and on which day it turns", async (world) => {
  const { body: list } = await world.ask("owner", "GET /customers?q=type:regular%20last_visit:any&limit=1");
  const one = list.items[0];
  const day = (text) => Date.parse(`${text}T00:00:00Z`) / 86_400_000;
  const iso = (days) => new Date(days * 86_400_000).toISOString().slice(0, 10);
  await world.steps([
    { as: "owner", do: `GET /customers/${one.id}/why?query=${encodeURIComponent("last_visit:<90d or (-gender:any visits:>9999)")}`, has: { matches: true, today: "2026-05-20" },
      then: ({ body }) => {
        assert.equal(body.turns, iso(day(one.last_visit) + 90));
        assert.equal(body.tree.kind, "or");
        assert.deepEqual(body.tree.parts[0].value, { day: one.last_visit });
        assert.equal(body.tree.parts[0].text, "last_visit:<90d");
        assert.equal(body.tree.parts[1].parts[1].verdict, "no");
      } },
    { as: "owner", do: `GET /customers/${one.id}/typology`, then: ({ body }) => {
      assert.deepEqual(body.types.map((type) => type.type), ["vip", "new", "occasional", "at_risk", "regular"]);
      assert.deepEqual(body.types.filter((type) => type.is).map((type) => type.type), ["regular"]);
      assert.equal(body.types[0].facts.months.length, 3);
      assert.equal(body.types[3].turns, iso(day(one.last_visit) + 90));
    } },
    { as: "owner", do: `GET /customers/${one.id}/why`, expect: 422, has: { code: "field_required", field: "query" } },
    { as: "owner", do: `GET /customers/${one.id}/why?query=visits:`, expect: 422, has: { code: "query_missing_value", field: "query" } },
    { as: "owner", do: `GET /customers/${one.id}/why?query=${"a%20".repeat(201)}`, expect: 422, has: { code: "why_too_many_terms" } },
    { as: "owner", do: "GET /customers/12345/why?query=a", expect: 404 },
    { as: "owner", do: "POST /segments", body: { name: "Lately", query: "last_visit:<90d", shared: true }, expect: 201 },
    { as: "owner", do: `GET /customers/${one.id}/typology`, then: ({ body }) => {
      assert.deepEqual(body.segments.map(({ name, leaves }) => ({ name, leaves })), [{ name: "Lately", leaves: iso(day(one.last_visit) + 90) }]);
    } },
  ]);
}, demo);

onEveryEngine("departures", async (world) => {
  await world.steps([
    { as: "owner", do: "GET /departures?from=2026-05-20&to=2026-05-31", expect: 422, has: { code: "departure_days", field: "from" } },
    { as: "owner", do: "GET /departures?from=2026-05-22&to=2026-05-21", expect: 422, has: { field: "to" } },
    { as: "owner", do: "GET /departures?from=2026-05-22&to=2029-05-21", expect: 422, has: { field: "to" } },
    { as: "owner", do: "GET /departures?from=2026-02-30&to=2026-05-31", expect: 422 },
    { do: "GET /departures?from=2026-05-21&to=2026-05-31", expect: 401 },
  ]);
  const { body } = await world.ask("owner", "GET /departures?from=2026-05-21&to=2026-07-31&limit=500");
  assert.equal(body.days.length, 72);
  assert.equal(body.total, body.days.reduce((sum, one) => sum + one.customers, 0));
  assert.equal(body.items.length, body.total);
  assert.ok(body.total > 5);
  for (const { day, customer } of body.items) {
    const why = (await world.ask("owner", `GET /customers/${customer.id}/typology`)).body;
    assert.equal(why.types.find((type) => type.type === "at_risk").becomes, day);
    if (customer.id === body.items[4].id) break;
  }
  const page = (await world.ask("owner", "GET /departures?from=2026-05-21&to=2026-07-31&limit=2&offset=3")).body;
  assert.deepEqual(page.items, body.items.slice(3, 5));
  const seen = (await world.ask("associate", "GET /departures?from=2026-05-21&to=2026-07-31&limit=500")).body;
  assert.ok(seen.total <= body.total);
}, demo);
