// The Customers list and the card, on the demo chain.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const today = "2026-03-14";
const sum = (values) => values.reduce((total, one) => total + one.count, 0);
const ranges = ["birthday", "registered", "last_visit", "last_purchase", "visits", "visits_per_month", "operations", "shares",
  "comments", "pushes", "points", "stamps", "referrals", "spent", "average", "interval"];
const ids = (body) => body.items.map((one) => one.id);
const list = (query) => `GET /customers?${new URLSearchParams(query)}`;

onEveryEngine("the list: filters, counts, facets, sorting", async (world) => {
  await world.steps([
    { do: "GET /customers", expect: 401 },
    {
      as: "owner", do: "GET /customers",
      has: { matching: 300, total: 300, unknown: 0, offset: 0, facets: [], terms: [] },
      then: ({ body }) => {
        assert.equal(body.items.length, 50);
        const names = body.items.filter((one) => one.name).map((one) => one.name);
        assert.ok(names.length > 40);
      },
    },
    { as: "owner", do: list({ limit: 0 }), has: { matching: 300, items: [], next: null } },
    {
      as: "owner", do: list({ q: "gender:female", facets: "gender,type", limit: 500 }),
      then: ({ body }) => {
        assert.ok(body.matching > 100 && body.matching < 260);
        assert.equal(body.items.length, body.matching);
        assert.ok(body.items.every((one) => one.gender === "female"));
        const [gender, type] = body.facets;
        assert.equal(gender.field, "gender");
        // a facet counts under all other filters: men too are counted here
        assert.ok(gender.values.find((one) => one.key === "male").count > 50);
        assert.ok(gender.values.find((one) => one.key === "female").chosen);
        assert.equal(sum(gender.values) + gender.unknown, 300);
        assert.equal(sum(type.values) + type.unknown, body.matching);
        assert.deepEqual(body.terms, [{ text: "gender:female", from: 0, to: 13, field: "gender", negated: false,
          match: "values", values: [{ text: "female", label: "" }] }]);
      },
    },
    {
      as: "owner", do: list({ q: 'lumi -store:"paris marais" (type:vip or visits:>=5)', limit: 0 }),
      has: { terms: [{ field: "text", negated: false }, { field: "store", negated: true,
        values: [{ text: "paris marais", label: "Paris Marais" }] }, { field: "group" }] },
    },
    {
      as: "owner", do: list({ facets: "all", limit: 0 }),
      then: ({ body }) => {
        const fields = body.facets.map((one) => one.field);
        for (const wanted of ["gender", "age", "type", "consent", "tag", "source", "store", "category", "size", "city"])
          assert.ok(fields.includes(wanted), `${wanted} has no facet`);
        for (const one of body.facets) assert.ok(one.values.every((value) => value.count >= 0));
        const store = body.facets.find((one) => one.field === "store");
        assert.ok(store.values.some((value) => value.label === "Lyon Bellecour"));
        assert.ok(!fields.some((field) => ranges.includes(field)));
      },
    },
    {
      as: "owner", do: list({ q: "consent:sms", facets: `all,${ranges}`, limit: 0 }),
      then: async ({ body }) => {
        for (const field of ranges) {
          const facet = body.facets.find((one) => one.field === field);
          assert.ok(facet.values.length > 0, field);
          const asked = [...facet.values, { key: "none", count: facet.unknown }];
          for (const { key, count } of asked)
            await world.steps([{ as: "owner", do: list({ q: `consent:sms ${field}:${key}`, limit: 0 }), has: { matching: count } }]);
        }
        const spent = body.facets.find((one) => one.field === "spent");
        assert.equal(sum(spent.values), body.matching);
        assert.ok(spent.values.some((one) => one.key === "100..199.99"));
      },
    },
    ...["visits", "spent", "last_visit", "age", "number", "interval"].map((field) => ({
      as: "owner", do: list({ sort: `-${field}`, limit: 500 }),
      then: ({ body }) => {
        const name = { spent: "spent_minor", interval: "interval_days" }[field] ?? field;
        const values = body.items.map((one) => one[name]);
        const known = values.filter((one) => one !== null);
        assert.deepEqual(values.slice(0, known.length), [...known].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)),
          `-${field} is not in order, unknowns last`);
      },
    })),
    // small fields: in the order of their choices, codes in that of the alphabet, unknowns last
    ...Object.entries({
      gender: ["female", "male", "other", null], device: ["ios", "android", "web", "other", null],
      type: ["new", "occasional", "regular", "vip", "at_risk"], language: null, country: null,
    }).flatMap(([field, places]) => ["", "-"].map((sign) => ({
      as: "owner", do: list({ sort: sign + field, limit: 500 }),
      then: ({ body }) => {
        const values = body.items.map((one) => one[field]);
        const known = values.filter((one) => one !== null);
        const at = (value) => (places ? places.indexOf(value) : value);
        const wanted = [...known].sort((a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0));
        assert.ok(new Set(known).size > 1, field);
        assert.deepEqual(values.slice(0, known.length), sign ? wanted.reverse() : wanted, `${sign}${field}`);
      },
    }))),
    {
      as: "owner", do: list({ sort: "consent", limit: 500 }),
      then: ({ body }) => {
        const place = (state) => ["granted", "refused", "never_asked", "suppressed"].indexOf(state);
        const places = body.items.map(({ consent: c }) => [c.sms, c.email, c.push].map(place).join(""));
        assert.deepEqual(places, [...places].sort());
      },
    },
  ]);
}, { demo: 300, today });

onEveryEngine("pages by cursor meet everybody once", async (world) => {
  const seen = [];
  let cursor = "";
  do {
    const { body, status } = await world.ask("owner", list({ q: "visits:>=1", sort: "-spent", limit: 40, cursor }));
    assert.equal(status, 200);
    assert.equal(body.offset, seen.length);
    seen.push(...ids(body));
    cursor = body.next;
    if (!cursor) assert.equal(seen.length, body.matching);
  } while (cursor);
  assert.equal(new Set(seen).size, seen.length);
  await world.steps([
    { as: "owner", do: list({ q: "visits:>=1", sort: "-spent", limit: 3 }), save: { cursor: "next" } },
    { as: "owner", do: list({ q: "visits:>=1", sort: "-spent", limit: 3, offset: 2 }),
      then: ({ body }) => assert.deepEqual(ids(body), seen.slice(2, 5)) },
    // a cursor answers the question that it was made for, and no other
    { as: "owner", do: list({ q: "visits:>=2", sort: "-spent", cursor: world.saved.cursor ?? "x" }), expect: 422,
      has: { code: "cursor_bad", field: "cursor" } },
    { as: "manager", do: "GET /customers?q=visits:>=1&sort=-spent&cursor=${cursor}", expect: 422, has: { code: "cursor_bad" } },
    { as: "owner", do: list({ cursor: "made-up" }), expect: 422, has: { code: "cursor_bad" } },
    { as: "owner", do: list({ cursor: "A".repeat(199) }), expect: 422, has: { code: "cursor_bad" } },
  ]);
}, { demo: 200, today });

onEveryEngine("as of an earlier day", async (world) => {
  const past = "2025-09-01";
  await world.steps([
    { as: "owner", do: list({ as_of: past, limit: 500, sort: "registered", facets: "type" }),
      then: ({ body }) => {
        assert.ok(body.total > 20 && body.total < 300);
        assert.equal(body.as_of, past);
        assert.ok(body.items.every((one) => one.registered <= past && (one.last_visit ?? past) <= past));
        assert.equal(sum(body.facets[0].values), body.total);
        world.saved.then = body.total;
      } },
    { as: "owner", do: list({ as_of: past, q: `registered:>${past}` }), has: { matching: 0 } },
    { as: "owner", do: list({ as_of: past, q: "last_visit:<30d", limit: 500 }),
      then: ({ body }) => assert.ok(body.items.length > 0 && body.items.every((one) => one.last_visit > "2025-08-02")) },
    { as: "owner", do: list({ as_of: today }), has: { total: 300, as_of: today } },
    { as: "owner", do: "GET /customers", has: { total: 300, as_of: null } },
    { as: "associate", do: list({ as_of: past, scope: "mine" }),
      then: ({ body }) => assert.ok(body.total > 0 && body.total < world.saved.then) },
    { as: "other", do: list({ as_of: past }), has: { total: 0 } },
    // a cursor is of its day
    { as: "owner", do: list({ as_of: past, limit: 5 }), save: { cursor: "next" } },
    { as: "owner", do: "GET /customers?as_of=2025-09-01&limit=5&cursor=${cursor}", has: { offset: 5 } },
    { as: "owner", do: "GET /customers?as_of=2025-09-02&limit=5&cursor=${cursor}", expect: 422, has: { code: "cursor_bad" } },
    { as: "owner", do: list({ as_of: "2026-03-15" }), expect: 422, has: { code: "as_of_future", field: "as_of", args: { today } } },
    { as: "owner", do: list({ as_of: "1999-12-31" }), expect: 422, has: { code: "as_of_too_early", args: { first: /^\d{4}-\d\d-\d\d$/ } } },
    { as: "owner", do: list({ as_of: "2026-02-30" }), expect: 422, has: { code: "field_not_day", field: "as_of" } },
    { as: "owner", do: list({ as_of: "soon" }), expect: 422, has: { code: "field_not_day" } },
  ]);
}, { demo: 300, today });

onEveryEngine("what cannot be asked is told with its place", async (world) => {
  await world.steps([
    { as: "owner", do: list({ q: "gendr:female" }), expect: 422,
      has: { code: "query_unknown_field", field: "q", from: 0, to: 5, args: { found: "gendr", near: "gender" } } },
    { as: "owner", do: list({ q: "age:20..30 gender:femal" }), expect: 422,
      has: { code: "query_unknown_value", from: (at) => at >= 11, args: { near: "female" } } },
    { as: "owner", do: list({ q: "(visits:>3" }), expect: 422, has: { code: /^query_/ } },
    { as: "owner", do: list({ q: "a ".repeat(9000) }), expect: 422 },
    { as: "owner", do: list({ q: `${"(".repeat(300)}a${")".repeat(300)}` }), expect: 422, has: { code: "query_too_deep" } },
    { as: "owner", do: list({ sort: "shoe" }), expect: 422, has: { code: "sort_unknown", field: "sort", args: { found: "shoe" } } },
    { as: "owner", do: list({ sort: "tag" }), expect: 422, has: { code: "sort_unknown" } },
    { as: "owner", do: list({ facets: "all,number" }), expect: 422, has: { code: "facet_unknown", field: "facets" } },
    { as: "owner", do: list({ facets: "gender,nothing" }), expect: 422, has: { code: "facet_unknown", field: "facets" } },
    { as: "owner", do: list({ limit: 501 }), expect: 422, has: { field: "limit" } },
    { as: "owner", do: list({ limit: -1 }), expect: 422 },
    { as: "owner", do: list({ offset: "x" }), expect: 422, has: { field: "offset" } },
    { as: "owner", do: list({ scope: "theirs" }), expect: 422, has: { field: "scope" } },
    { as: "owner", do: list({ unknown: 1 }), expect: 422 },
    { as: "owner", do: list({ offset: 100000 }), has: { items: [], next: null, matching: 30 } },
  ]);
}, { demo: 30, today });

onEveryEngine("the card, and its tabs", async (world) => {
  await world.steps([
    { as: "owner", do: list({ q: "operations:>=12", sort: "-visits", limit: 1 }), save: { id: "items.0.id" } },
    { as: "owner", do: list({ q: "operations:>=12", sort: "-visits", limit: 1 }), then: ({ body }) => (world.row = body.items[0]) },
  ]);
  await world.steps([
    {
      as: "owner", do: "GET /customers/${id}",
      then: ({ body }) => {
        assert.deepEqual(body.row, world.row);
        assert.equal(body.visits.total, world.row.visits);
        assert.equal(body.visits.by_month.length, 12);
        assert.equal(body.visits.by_month[11].month, "2026-03");
        assert.equal(body.purchases.total_minor, world.row.spent_minor);
        assert.equal(body.purchases.shop_minor + body.purchases.bookings_minor, body.purchases.total_minor);
        assert.ok(body.habits.categories.length >= 1 && body.habits.categories.length <= 3);
        assert.ok(body.habits.categories.every((one) => one.name && one.count > 0));
        assert.ok(body.habits.average_basket_minor > 0);
        assert.ok(body.stores.some((one) => one.name === world.row.store));
        assert.deepEqual(body.consents.map((one) => one.channel), ["sms", "email", "push"]);
        for (const one of body.consents) assert.equal(one.state, world.row.consent[one.channel]);
        assert.equal(body.version, 1);
      },
    },
    {
      as: "owner", do: "GET /customers/${id}/transactions?limit=5", save: { next: "next" },
      then: ({ body }) => {
        assert.equal(body.items.length, 5);
        const days = body.items.map((one) => one.at);
        assert.deepEqual(days, [...days].sort().reverse());
        for (const one of body.items) {
          assert.equal(one.lines.length, one.line_count);
          assert.equal(one.lines.reduce((total, line) => total + line.amount_minor, 0), one.total_minor);
          assert.ok(one.lines.every((line) => line.product && line.category && line.url.startsWith("https://example.com/")));
        }
        world.first = ids(body);
      },
    },
    { as: "owner", do: "GET /customers/${id}/transactions?limit=5&cursor=${next}",
      then: ({ body }) => assert.ok(ids(body).every((id) => !world.first.includes(id))) },
    { as: "owner", do: "GET /customers/${id}/transactions?cursor=x", expect: 422, has: { code: "cursor_bad" } },
    { as: "owner", do: "GET /customers/${id}/transactions?kind=gift", expect: 422, has: { field: "kind" } },
    { as: "owner", do: "GET /customers/${id}/transactions?kind=return",
      then: ({ body }) => assert.ok(body.items.every((one) => one.kind === "return" && one.total_minor < 0)) },
  ]);
  // the whole timeline, page by page: everything once, newest first, as many as the counts say
  const items = [];
  let cursor = "", kinds;
  do {
    const { body } = await world.ask("owner", `GET /customers/\${id}/activity?limit=7${cursor ? `&cursor=${cursor}` : ""}`);
    items.push(...body.items);
    kinds = body.kinds;
    cursor = body.next;
  } while (cursor);
  assert.equal(new Set(items.map((one) => one.id)).size, items.length);
  assert.equal(sum(kinds), items.length);
  const order = items.map((one) => `${one.day} ${one.at}`);
  assert.deepEqual(order, [...order].sort().reverse());
  const purchases = kinds.find((one) => one.kind === "purchase").count;
  await world.steps([
    { as: "owner", do: "GET /customers/${id}/activity?kind=purchase&limit=100",
      then: ({ body }) => assert.ok(body.items.every((one) => one.kind === "purchase") && body.items.length === Math.min(100, purchases)) },
    { as: "owner", do: "GET /customers/${id}/activity?kind=visit", then: ({ body }) => assert.ok(body.items.every((one) => one.kind === "visit")) },
    { as: "owner", do: "GET /customers/1", expect: 404, has: { code: "not_found" } },
    { as: "owner", do: "GET /customers/nobody", expect: 404 },
  ]);
}, { demo: 200, today });

onEveryEngine("favourites are each person's own", async (world) => {
  await world.steps([
    { as: "owner", do: list({ limit: 1 }), save: { id: "items.0.id" } },
    { as: "owner", do: "PUT /customers/${id}/favourite", expect: 204 },
    { as: "owner", do: "PUT /customers/${id}/favourite", expect: 204 },
    { as: "owner", do: "GET /customers/${id}", has: { row: { favourite: true } } },
    { as: "owner", do: list({ q: "favourite:yes" }), has: { matching: 1 } },
    { as: "manager", do: list({ q: "favourite:yes" }), has: { matching: 0 } },
    { as: "owner", do: "PUT /customers/${id}/favourite", csrf: false, expect: 403 },
    { as: "owner", do: "GET /audit?action=favourite.add", then: ({ body }) => assert.equal(body.items.length, 1) },
    { as: "owner", do: "DELETE /customers/${id}/favourite", expect: 204 },
    { as: "owner", do: list({ q: "favourite:yes" }), has: { matching: 0 } },
    { as: "owner", do: "PUT /customers/1/favourite", expect: 404 },
  ]);
}, { demo: 30, today });

onEveryEngine("nobody sees another merchant's customers, associates see their stores'", async (world) => {
  await world.steps([
    { as: "owner", do: list({ q: 'store:"madrid salamanca" -store:"lyon bellecour"', limit: 1 }), save: { far: "items.0.id" } },
    { as: "owner", do: list({ q: 'store:"lyon bellecour"', limit: 1 }), save: { near: "items.0.id", lyon: "matching" } },
    { as: "other", do: "GET /customers", has: { matching: 0, total: 0, items: [] } },
    ...["", "/transactions", "/activity"].map((tab) =>
      ({ as: "other", do: `GET /customers/\${near}${tab}`, expect: 404, has: { code: "not_found" } })),
    { as: "other", do: "PUT /customers/${near}/favourite", expect: 404 },
    // the demo's associate works in Lyon, and sees the chain as long as the merchant allows it
    { as: "associate", do: "GET /customers", has: { total: 300 } },
    { as: "owner", do: "GET /merchant", save: { version: "version" } },
    { as: "owner", do: "PATCH /merchant", version: "${version}", body: { associates_see_chain: false } },
    { as: "associate", do: "GET /customers", then: ({ body }) => {
      assert.equal(body.total, world.saved.lyon);
      assert.ok(body.total > 0 && body.total < 300);
    } },
    { as: "associate", do: list({ scope: "mine" }), then: ({ body }) => assert.equal(body.total, world.saved.lyon) },
    { as: "associate", do: "GET /customers/${near}" },
    ...["", "/transactions", "/activity"].map((tab) =>
      ({ as: "associate", do: `GET /customers/\${far}${tab}`, expect: 404, has: { code: "not_found" } })),
    { as: "associate", do: "DELETE /customers/${far}/favourite", expect: 404 },
    // my stores are fewer than the chain
    { as: "manager", do: list({ scope: "mine" }), then: ({ body }) => assert.ok(body.total < 300) },
    { as: "owner", do: list({ scope: "mine" }), has: { total: 300 } },
    // once the merchant allows it again, associates see all of the chain
    { as: "owner", do: "GET /merchant", save: { version: "version" } },
    { as: "owner", do: "PATCH /merchant", version: "${version}", body: { associates_see_chain: true } },
    { as: "associate", do: "GET /customers", has: { total: 300 } },
    { as: "associate", do: list({ scope: "mine" }), then: ({ body }) => assert.equal(body.total, world.saved.lyon) },
  ]);
}, { demo: 300, today });

onEveryEngine("the command line and the server read one another", async (world) => {
  const counted = world.cli(["query", "visits:>=1", "--count", "--merchant", "demo"]);
  assert.equal(counted.status, 0, counted.err);
  await world.steps([
    { as: "owner", do: list({ q: "visits:>=1", limit: 0 }), then: ({ body }) => assert.equal(String(body.matching), counted.out.trim()) },
  ]);
}, { demo: 60, today });
