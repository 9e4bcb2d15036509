// Groups: made, filled, renamed, deleted and brought back; blocking with its reason.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const today = "2026-03-14";
const list = (q, more = "") => `GET /customers?q=${encodeURIComponent(q)}&limit=5${more}`;

onEveryEngine("groups are made, filled, renamed, deleted and brought back", async (world) => {
  await world.steps([
    { as: "owner", do: "POST /groups", body: {}, expect: 422, has: { code: "field_required", field: "name" } },
    { as: "owner", do: "POST /groups", body: { name: "!!!" }, expect: 422, has: { code: "group_name_letters", field: "name" } },
    { as: "owner", do: "POST /groups", body: { name: "x".repeat(81) }, expect: 422, has: { code: "field_too_long" } },
    { as: "owner", do: "POST /groups", body: { name: "Wedding guests", description: "June" }, expect: 201, save: { g: "id" },
      has: { name: "Wedding guests", term: 'group:"Wedding guests"', customers: 0, staff: /./, may_change: true, version: 1 } },
    { as: "owner", do: "POST /groups", body: { name: "WEDDING Guésts" }, expect: 409, has: { code: "group_name_taken", field: "name" } },
    { as: "owner", do: list("visits:>3"), save: { a: "items.0.id", b: "items.1.id" } },
    { as: "owner", do: "PUT /customers/${a}/groups/${g}", expect: 204 },
    { as: "owner", do: "PUT /customers/${a}/groups/${g}", expect: 204 },
    { as: "owner", do: "PUT /customers/${b}/groups/${g}", expect: 204 },
    { as: "owner", do: "PUT /customers/${a}/groups/12", expect: 404 },
    { as: "other", do: "PUT /customers/${a}/groups/${g}", expect: 404 },
    { as: "owner", do: list('group:"wedding guests"', "&facets=group"), has: { matching: 2, facets: [{ field: "group", values: [{ label: "Wedding guests", count: 2, chosen: true }], unknown: 298 }] } },
    { as: "owner", do: list("group:wedding_guests -group:any"), has: { matching: 0 } },
    { as: "owner", do: list("group:wedding"), expect: 422, has: { code: "query_unknown_value", args: { near: "Wedding guests" } } },
    { as: "owner", do: "GET /customers/${a}", has: { groups: [{ name: "Wedding guests" }], blocked: null } },
    { as: "owner", do: "GET /groups", has: { items: [{ name: "Wedding guests", customers: 2 }], deleted: [] } },
    { as: "owner", do: "PATCH /groups/${g}", body: { name: "Guests" }, expect: 428 },
    { as: "associate", do: "PATCH /groups/${g}", body: { name: "Guests" }, version: 1, expect: 403, has: { code: "group_rights" } },
    { as: "manager", do: "PATCH /groups/${g}", body: { name: "Guests" }, version: 1, has: { name: "Guests", version: 2, customers: 2 } },
    { as: "owner", do: "PATCH /groups/${g}", body: { name: "Others" }, version: 1, expect: 412 },
    { as: "owner", do: list("group:guests"), has: { matching: 2 } },
    { as: "owner", do: list("group:wedding_guests"), expect: 422 },
    { as: "owner", do: "DELETE /customers/${b}/groups/${g}", expect: 204 },
    { as: "owner", do: list("group:guests"), has: { matching: 1 } },
    { as: "associate", do: "DELETE /groups/${g}", expect: 403 },
    { as: "other", do: "DELETE /groups/${g}", expect: 404 },
    { as: "owner", do: "DELETE /groups/${g}", expect: 204 },
    { as: "owner", do: "DELETE /groups/${g}", expect: 404 },
    { as: "owner", do: "PUT /customers/${b}/groups/${g}", expect: 404 },
    { as: "owner", do: list("group:any", "&facets=group"), has: { matching: 0, facets: [{ values: [] }] } },
    { as: "owner", do: list("group:guests"), expect: 422 },
    { as: "owner", do: "GET /customers/${a}", has: { groups: [] } },
    { as: "owner", do: "GET /groups", has: { items: [], deleted: [{ name: "Guests" }] } },
    { as: "owner", do: "POST /groups", body: { name: "guests" }, expect: 201, save: { h: "id" } },
    { as: "owner", do: list("group:guests"), has: { matching: 0 } },
    { as: "owner", do: "POST /groups/${g}/restore", expect: 409, has: { code: "group_name_taken" } },
    { as: "owner", do: "DELETE /groups/${h}", expect: 204 },
    { as: "owner", do: "POST /groups/${g}/restore", has: { name: "Guests", customers: 1 } },
    { as: "owner", do: "POST /groups/${g}/restore", expect: 404 },
    { as: "owner", do: list("group:guests", "&as_of=2026-03-01"), has: { matching: 1 } },
    { as: "owner", do: "GET /audit?entity=group&limit=20", then: ({ body }) => assert.deepEqual(body.items.map((one) => one.action),
      ["group.restore", "group.delete", "group.create", "group.delete", "group.update", "group.create"]) },
    { as: "associate", do: "POST /groups", body: { name: "My own" }, expect: 201, save: { mine: "id" }, has: { may_change: true } },
    { as: "associate", do: "PATCH /groups/${mine}", body: { description: "Of my shop" }, version: 1, has: { description: "Of my shop" } },
  ]);
  assert.equal(world.cli(["check"]).status, 0);
}, { demo: 300, today });

onEveryEngine("an associate groups and blocks customers of their stores alone; a block has its reason", async (world) => {
  await world.steps([
    { as: "owner", do: "GET /merchant", save: { version: "version" } },
  ]);
  await world.steps([
    { as: "owner", do: "PATCH /merchant", body: { associates_see_chain: false }, version: world.saved.version },
    { as: "associate", do: "GET /customers?limit=500", then: ({ body }) => (world.mine = new Set(body.items.map((one) => one.id))) },
    { as: "owner", do: "GET /customers?limit=500", then: ({ body }) => {
      world.saved.theirs = body.items.find((one) => !world.mine.has(one.id)).id;
      world.saved.mine = body.items.find((one) => world.mine.has(one.id) && !one.blocked).id;
      world.blocked = body.items.filter((one) => one.blocked).length;
    } },
    { as: "owner", do: "POST /groups", body: { name: "Mixed" }, expect: 201, save: { g: "id" } },
    { as: "associate", do: "PUT /customers/${theirs}/groups/${g}", expect: 404 },
    { as: "associate", do: "PUT /customers/${mine}/groups/${g}", expect: 204 },
    { as: "owner", do: "PUT /customers/${theirs}/groups/${g}", expect: 204 },
    { as: "owner", do: "GET /groups/${g}", has: { customers: 2 } },
    { as: "associate", do: "GET /groups/${g}", has: { customers: 1 } },
    { as: "associate", do: "PUT /customers/${theirs}/block", body: { reason: "x" }, expect: 404 },
    { as: "associate", do: "PUT /customers/${mine}/block", body: { reason: "y".repeat(301) }, expect: 422, has: { field: "reason" } },
    { as: "associate", do: "PUT /customers/${mine}/block", body: { reason: "Returned worn shoes" }, expect: 204 },
    { as: "owner", do: "GET /customers/${mine}", has: { row: { blocked: true }, blocked: { reason: "Returned worn shoes", by: /./ } } },
    { as: "owner", do: "GET /customers?limit=0&q=blocked:yes", then: ({ body }) => assert.equal(body.matching, world.blocked + 1) },
    { as: "owner", do: "PUT /customers/${mine}/block", body: {}, expect: 204 },
    { as: "owner", do: "GET /customers/${mine}", has: { blocked: { reason: null } } },
    { as: "owner", do: "DELETE /customers/${mine}/block", expect: 204 },
    { as: "owner", do: "DELETE /customers/${mine}/block", expect: 204 },
    { as: "owner", do: "GET /customers/${mine}", has: { row: { blocked: false }, blocked: null } },
    { as: "owner", do: "GET /audit?entity=customer&limit=3", then: ({ body }) =>
      assert.deepEqual(body.items.map((one) => one.action), ["customer.unblock", "customer.block", "customer.block"]) },
  ]);
}, { demo: 200, today });

onEveryEngine("renaming a group renames it in the segments and typologies that name it", async (world) => {
  const four = ["vip", "new", "occasional", "at_risk"].map((type) => ({ type }));
  const numbers = { vip_months: 3, vip_visits: 3, new_months: 3, new_visits_max: 1, occasional_months: 3, occasional_max: 2, at_risk_days: 90, active_months: 12 };
  await world.steps([
    { as: "owner", do: "POST /groups", body: { name: "Wedding guests" }, expect: 201, save: { g: "id" } },
    { as: "owner", do: list("visits:>3"), save: { a: "items.0.id" } },
    { as: "owner", do: "PUT /customers/${a}/groups/${g}", expect: 204 },
    { as: "manager", do: "POST /segments", body: { name: "June", query: '-blocked:yes group:wedding_guests,"WEDDING Guests"' }, expect: 201, save: { s: "id" } },
    { as: "owner", do: "PUT /typologies", version: 0, body: { ...numbers, order: [{ type: "own", name: "Feasting", query: "group:wedding_guests" }, ...four] }, has: { version: 1 } },
  ]);
  await world.steps([
    { as: "owner", do: "PATCH /groups/${g}", body: { name: "Guests of June" }, version: 1, has: { name: "Guests of June" } },
    { as: "manager", do: "GET /segments/${s}", has: { query: '-blocked:yes group:"Guests of June","Guests of June"', customers: 1, version: 2 } },
    { as: "manager", do: list("segment:june"), has: { matching: 1 } },
    { as: "owner", do: "GET /typologies", has: { version: 2 }, then: ({ body }) => assert.equal(body.rules.order[0].query, 'group:"Guests of June"') },
    { as: "owner", do: list("type:feasting"), has: { matching: 1 } },
  ]);
}, { demo: 300, today });
