// Movements between typologies from one day to another.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const today = "2026-03-14";
const from = "2025-11-01";
const moved = (query) => `GET /typologies/movements/customers?${new URLSearchParams({ from, ...query })}`;
const countOf = (body, type) => body.facets[0].values.find((one) => one.key === type).count;

onEveryEngine("the matrix agrees with both days, and with the list behind each cell", async (world) => {
  let cells;
  const sum = (take) => cells.filter(take).reduce((total, one) => total + one.customers, 0);
  await world.steps([
    { do: `GET /typologies/movements?from=${from}`, expect: 401 },
    { as: "owner", do: `GET /typologies/movements?from=${from}`, has: { from, to: today, customers: 300 },
      then: ({ body }) => {
        assert.deepEqual(body.types, ["new", "occasional", "regular", "vip", "at_risk"].map((key) => ({ key, name: null })));
        cells = body.cells;
        assert.equal(sum(() => true), 300);
        world.saved.new_risk = sum((one) => one.from === null && one.to === "at_risk");
      } },
    { as: "owner", do: `GET /customers?as_of=${from}&facets=type&limit=0`, then: ({ body }) => {
      for (const type of ["new", "occasional", "regular", "vip", "at_risk"])
        assert.equal(sum((one) => one.from === type), countOf(body, type), type);
      assert.equal(sum((one) => one.from === null), 300 - body.total);
    } },
    { as: "owner", do: "GET /customers?facets=type&limit=0", then: ({ body }) => {
      for (const type of ["new", "occasional", "regular", "vip", "at_risk"])
        assert.equal(sum((one) => one.to === type), countOf(body, type), type);
    } },
    // who: page by page, everybody once
    { as: "owner", do: moved({ from_type: "regular", to_type: "regular", limit: 7 }),
      then: ({ body }) => {
        assert.equal(body.matching, sum((one) => one.from === "regular" && one.to === "regular"));
        assert.ok(body.matching > 7 && body.items.length === 7);
        assert.ok(body.items.every((one) => one.type === "regular"));
        world.saved.seen = body.items.map((one) => one.id);
      }, save: { cursor: "next" } },
    { as: "owner", do: `${moved({ from_type: "regular", to_type: "regular", limit: 500 })}&cursor=\${cursor}`,
      then: ({ body }) => {
        assert.equal(new Set([...world.saved.seen, ...body.items.map((one) => one.id)]).size, body.matching);
        assert.equal(body.next, null);
      } },
    { as: "owner", do: moved({ from_type: "none", to_type: "at_risk" }),
      then: ({ body }) => assert.equal(body.matching, world.saved.new_risk) },
    { as: "owner", do: `${moved({ from_type: "regular", to_type: "vip" })}&cursor=\${cursor}`, expect: 422, has: { code: "cursor_bad" } },
    { as: "owner", do: moved({ from_type: "gold", to_type: "vip" }), expect: 422, has: { code: "movement_type_unknown", field: "from_type", args: { found: "gold" } } },
    { as: "owner", do: moved({ from_type: "vip" }), expect: 422, has: { field: "to_type" } },
    // an associate counts the customers of his stores
    { as: "owner", do: "GET /merchant", save: { version: "version" } },
    { as: "owner", do: "PATCH /merchant", version: "${version}", body: { associates_see_chain: false } },
    { as: "associate", do: `GET /typologies/movements?from=${from}`, then: ({ body }) => assert.ok(body.customers > 0 && body.customers < 300) },
    { as: "other", do: `GET /typologies/movements?from=${from}`, has: { customers: 0, cells: [] } },
    // days that cannot be
    { as: "owner", do: "GET /typologies/movements", expect: 422, has: { field: "from" } },
    { as: "owner", do: `GET /typologies/movements?from=${today}`, expect: 422, has: { code: "movement_days_order", field: "from" } },
    { as: "owner", do: "GET /typologies/movements?from=2026-01-01&to=2025-01-01", expect: 422, has: { code: "movement_days_order" } },
    { as: "owner", do: "GET /typologies/movements?from=2026-01-01&to=2027-01-01", expect: 422, has: { code: "as_of_future", field: "to" } },
    { as: "owner", do: "GET /typologies/movements?from=1999-01-01", expect: 422, has: { code: "as_of_too_early", field: "from" } },
    { as: "owner", do: "GET /typologies/movements?from=2026-02-30", expect: 422, has: { code: "field_not_day" } },
  ]);
}, { demo: 300, today });
