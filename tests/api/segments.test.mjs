// Segments: saved, used in one another, shared or private, renamed, deleted and brought back.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const regulars = { name: "Regulars", query: "visits:>=3" };

onEveryEngine("segments are saved, changed, deleted and restored", async (world) => {
  await world.steps([
    { as: "owner", do: "POST /segments", body: { name: "x" }, expect: 422, has: { code: "field_required", field: "query" } },
    { as: "owner", do: "POST /segments", body: { name: "x", query: "   " }, expect: 422 },
    { as: "owner", do: "POST /segments", body: { name: "y".repeat(81), query: "a" }, expect: 422, has: { code: "field_too_long", field: "name" } },
    { as: "owner", do: "POST /segments", body: { name: "x", query: "visits:many" }, expect: 422, has: { code: "query_bad_number", field: "query", from: 7, to: 11 } },
    { as: "owner", do: "POST /segments", body: { name: "x", query: "segment:any" }, expect: 422, has: { code: "query_segment_any" } },
    { as: "owner", do: "POST /segments", body: { name: "x", query: "segment:x" }, expect: 422, has: { code: "query_unknown_value" } },
    { as: "owner", do: "POST /segments", body: { ...regulars, description: "Come often", shared: true }, expect: 201,
      has: { name: "Regulars", term: "segment:Regulars", description: "Come often", shared: true, owner: "Owner Test", may_change: true, customers: 0, problem: null, version: 1, sizes: [] },
      save: { regulars: "id" } },
    { as: "owner", do: "POST /segments", body: { name: "REGULARS", query: "a" }, expect: 409, has: { code: "segment_name_taken", field: "name" } },
    { as: "associate", do: "GET /segments/${regulars}", has: { may_change: false } },
    { as: "owner", do: "PATCH /segments/${regulars}", body: { name: "Good regulars" }, expect: 428 },
    { as: "owner", do: "PATCH /segments/${regulars}", body: { name: "Good regulars" }, version: 1, has: { name: "Good regulars", term: 'segment:"Good regulars"', version: 2, query: "visits:>=3" } },
    { as: "manager", do: "PATCH /segments/${regulars}", body: { query: "visits:>4" }, version: 1, expect: 412, has: { code: "stale" } },
    { as: "manager", do: "PATCH /segments/${regulars}", body: { query: "visits:>4" }, version: 2, has: { query: "visits:>4", version: 3 } },
    { as: "manager", do: "PATCH /segments/${regulars}", body: { query: "visits:>4" }, version: 3, has: { version: 3 } },
    { as: "manager", do: "PATCH /segments/${regulars}", body: { shared: false }, version: 3, expect: 403, has: { code: "segment_owner_only" } },
    { as: "associate", do: "PATCH /segments/${regulars}", body: { query: "a" }, version: 3, expect: 403, has: { code: "segment_shared_rights" } },
    { as: "associate", do: "DELETE /segments/${regulars}", expect: 403 },
    { as: "owner", do: "DELETE /segments/${regulars}", expect: 204 },
    { as: "owner", do: "GET /segments/${regulars}", expect: 404 },
    { as: "owner", do: "GET /customers?q=segment:%22good%20regulars%22", expect: 422, has: { code: "query_unknown_value" } },
    { as: "associate", do: "POST /segments/${regulars}/restore", expect: 403 },
    { as: "owner", do: "POST /segments/${regulars}/restore", has: { name: "Good regulars", version: 5 } },
    { as: "owner", do: "POST /segments/${regulars}/restore", expect: 404 },
    { as: "owner", do: "GET /audit?entity=segment", then: ({ body }) => assert.deepEqual(body.items.map((one) => one.action),
      ["segment.restore", "segment.delete", "segment.update", "segment.update", "segment.create"]) },
  ]);
});

onEveryEngine("segments in segments: no circles, renamed everywhere, not deleted while used", async (world) => {
  const shared = { shared: true };
  await world.steps([
    { as: "owner", do: "POST /segments", body: { ...regulars, ...shared }, expect: 201, save: { a: "id" } },
    { as: "owner", do: "POST /segments", body: { name: "Good ones", query: "segment:regulars spent:>=100", ...shared }, expect: 201, save: { b: "id" } },
    { as: "owner", do: "POST /segments", body: { name: "Best", query: 'segment:"good ones" type:vip', ...shared }, expect: 201, save: { c: "id" } },
    { as: "owner", do: "POST /segments", body: { name: "Very best", query: "segment:best age:>60", ...shared }, expect: 201 },
    { as: "owner", do: "PATCH /segments/${a}", body: { query: 'gender:female or segment:"very best"' }, version: 1, expect: 422,
      has: { code: "query_segment_cycle", from: 25, to: 36, detail: /Regulars → Very best → Best → Good ones → Regulars/ } },
    { as: "owner", do: "GET /customers?q=age:30%20-segment:best", then: ({ body }) => {
      assert.deepEqual(body.terms[1], { text: "-segment:best", from: 7, to: 20, field: "segment", negated: true, match: "values", values: [{ text: "best", label: "Best" }] });
    } },
    { as: "owner", do: "DELETE /segments/${a}", expect: 409, has: { code: "segment_used", detail: /Good ones/ } },
    { as: "owner", do: "PATCH /segments/${a}", body: { name: "Those who come" }, version: 1 },
    { as: "owner", do: "GET /segments/${b}", has: { query: 'segment:"Those who come" spent:>=100', version: 2, problem: null } },
    { as: "owner", do: "GET /customers?q=segment:best&limit=0" },
    { as: "owner", do: "GET /customers?q=segment:bets", expect: 422, has: { code: "query_unknown_value", args: { near: "Best" } } },
    { as: "owner", do: "GET /segments?q=(", expect: 422, has: { field: "q" } },
    { as: "owner", do: "GET /segments?limit=0", expect: 422 },
    { as: "owner", do: "GET /segments?limit=2", then: ({ body }) => { assert.equal(body.items.length, 2); assert.equal(body.count, 4); } },
  ]);
});

onEveryEngine("private segments are their owner's alone", async (world) => {
  await world.steps([
    { as: "associate", do: "POST /segments", body: { ...regulars, shared: true }, expect: 403, has: { code: "segment_shared_rights" } },
    { as: "associate", do: "POST /segments", body: regulars, expect: 201, has: { shared: false, may_change: true }, save: { mine: "id" } },
    { as: "associate", do: "GET /customers?q=segment:regulars" },
    { as: "owner", do: "GET /segments", has: { items: [] } },
    { as: "owner", do: "GET /segments/${mine}", expect: 404 },
    { as: "owner", do: "PATCH /segments/${mine}", body: { name: "z" }, version: 1, expect: 404 },
    { as: "owner", do: "DELETE /segments/${mine}", expect: 404 },
    { as: "owner", do: "GET /customers?q=segment:regulars", expect: 422, has: { code: "query_unknown_value" } },
    { as: "other", do: "GET /segments/${mine}", expect: 404 },
    { as: "associate", do: "PATCH /segments/${mine}", body: { shared: true }, version: 1, expect: 403 },
    { as: "owner", do: "POST /segments", body: { name: "All", query: "visits:1", shared: true }, expect: 201, save: { all: "id" } },
    { as: "associate", do: "PATCH /segments/${mine}", body: { query: "segment:all" }, version: 1 },
    { as: "owner", do: "DELETE /segments/${all}", expect: 409, has: { code: "segment_used_privately" } },
    { as: "owner", do: "PATCH /segments/${all}", body: { shared: false }, version: 1, expect: 409 },
    { as: "associate", do: "DELETE /segments/${mine}", expect: 204 },
    { as: "owner", do: "PATCH /segments/${all}", body: { shared: false }, version: 1, has: { shared: false } },
    { as: "associate", do: "POST /segments/${mine}/restore", expect: 409, has: { code: "segment_needs" } },
  ]);
});

onEveryEngine("segments from the command line", async (world) => {
  const segment = (...args) => world.cli(["segment", ...args, "--merchant", "shop"]);
  assert.equal(segment("add", "Good ones", "visits:>=3", "--description", "They come").status, 0);
  assert.equal(segment("add", "good ONES", "visits:1").status, 1);
  assert.match(segment("add", "Best", "segment:god_ones").err, /god_ones/);
  assert.equal(segment("add", "Best", "segment:good_ones spent:>=10").status, 0);
  assert.equal(segment("add", "Best of others", "a", "--owner", "nobody@shop.example").status, 1);
  assert.equal(segment("add", "Best").status, 2);
  assert.equal(segment("nonsense").status, 2);
  await world.steps([
    { as: "owner", do: "POST /segments", body: { name: "Mine alone", query: "anna" }, expect: 201 },
    { as: "associate", do: "GET /segments", has: { items: [{ name: "Best", owner: "Owner Test" }, { name: "Good ones", description: "They come" }] } },
    { as: "owner", do: "GET /audit?action=segment.create&limit=2", has: { items: [{ actor: "Owner Test" }, { actor: "command line" }] } },
  ]);
  assert.equal(segment("list").out, "Best\t0\tsegment:good_ones spent:>=10\nGood ones\t0\tvisits:>=3\n");
  assert.equal(JSON.parse(segment("show", "BEST", "--json").out).customers, 0);
  assert.equal(segment("show", "Mine alone").status, 1); // private: not the program's either
  assert.match(segment("remove", "Good ones").err, /Best/);
  assert.equal(segment("remove", "Best").status, 0);
  assert.equal(segment("remove", "Good ones").status, 0);
  assert.equal(segment("list").out, "");
});

onEveryEngine("counts are the viewer's, and sizes are kept a day each", async (world) => {
  const count = async (as, q) => (await world.ask(as, `GET /customers?q=${encodeURIComponent(q)}&limit=0`)).body.matching;
  await world.steps([
    { as: "owner", do: "POST /segments", body: { name: "Ladies of a certain age", query: "gender:female age:>=50", shared: true }, expect: 201, save: { id: "id" } },
  ]);
  for (const as of ["owner", "associate"]) {
    const { body } = await world.ask(as, "GET /segments?history=true&q=type:regular");
    const one = body.items.find((item) => item.id === world.saved.id);
    assert.equal(one.customers, await count(as, 'segment:"ladies of a certain age"'));
    assert.equal(one.customers, await count(as, "gender:female age:>=50"));
    assert.equal(one.matching, await count(as, "gender:female age:>=50 type:regular"));
    assert.ok(one.customers > 0 && one.matching < one.customers);
    if (as === "owner") assert.deepEqual(one.sizes.at(-1), { day: "2026-05-20", customers: one.customers });
  }
  // its past is counted on the base as it stood on each Monday
  let sizes = [];
  for (const end = Date.now() + 60_000; sizes.length < 14 && Date.now() < end; ) {
    await new Promise((next) => setTimeout(next, 200));
    const { body } = await world.ask("owner", "GET /segments?history=true");
    ({ sizes } = body.items.find((item) => item.id === world.saved.id));
  }
  assert.equal(sizes.length, 14);
  assert.equal(sizes[0].day, "2026-02-23");
  for (const { day, customers } of [sizes[0], sizes[7], sizes[12]]) {
    const then = await world.ask("owner", `GET /customers?limit=0&as_of=${day}&q=gender:female%20age:>=50`);
    assert.equal(customers, then.body.matching, day);
  }
  assert.ok(sizes[0].customers < sizes[13].customers);

  const facets = async (q) => (await world.ask("owner", `GET /customers?q=${encodeURIComponent(q)}&limit=0&facets=type,gender`)).body.facets;
  assert.deepEqual((await facets('segment:"ladies of a certain age"')).map((f) => f.values.map((v) => v.count)),
    (await facets("gender:female age:>=50 or gender:female age:>=50")).map((f) => f.values.map((v) => v.count)));
  const printed = world.cli(["query", 'segment:"Ladies of a certain age"', "--count", "--merchant", "demo"]);
  assert.equal(Number(printed.out), await count("owner", 'segment:"ladies of a certain age"'));
}, { demo: 400, today: "2026-05-20" });

onEveryEngine("counts of an earlier day are those of the list of that day", async (world) => {
  const ask = (line) => world.ask("owner", line).then(({ status, body, text }) => (assert.equal(status, 200, text), body));
  for (const day of ["2025-09-01", "2026-01-31"]) {
    const { items, total } = await ask(`GET /segments?as_of=${day}&q=visits:>=2`);
    assert.equal(total, (await ask(`GET /customers?limit=0&as_of=${day}`)).total);
    assert.ok(items.length > 2);
    for (const one of items) {
      const term = encodeURIComponent(one.term);
      assert.equal(one.customers, (await ask(`GET /customers?limit=0&as_of=${day}&q=${term}`)).matching, `${one.name} on ${day}`);
      assert.equal(one.matching, (await ask(`GET /customers?limit=0&as_of=${day}&q=${term} visits:>=2`)).matching, `${one.name} on ${day}, within`);
    }
  }
  await world.steps([{ as: "owner", do: "GET /segments?as_of=2030-01-01", expect: 422, has: { code: "as_of_future" } }]);
}, { demo: 300, today: "2026-03-14" });
