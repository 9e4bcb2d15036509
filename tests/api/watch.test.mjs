// The till watch: alerts that gather and are decided by somebody else, credits that need a second person.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const may = { today: "2026-05-10" };
let keys = 0;
const made = (first_name, more = {}) => ({ as: "owner", do: "POST /customers", body: { first_name, store_id: "${lyon}", ...more }, expect: 201, save: { [first_name.toLowerCase()]: "id" } });
const credit = (as, who, amount, more = {}) => ({ as, do: `POST /customers/\${${who}}/points`, body: { amount, reason: "Sorry" }, key: `c${++keys}`, expect: 201, ...more });
const post = (as, path, body, more = {}) => ({ as, do: `POST /watch/${path}`, body, key: `p${++keys}`, ...more });
const rules = (body, version, more = {}) => ({ as: "owner", do: "PATCH /watch/rules", body, version, ...more });

onEveryEngine("alerts: again and again, and of oneself; decided once, never by oneself", async (world) => {
  await world.steps([
    { as: "associate", do: "GET /watch/rules", expect: 403 },
    { as: "associate", do: "GET /watch/alerts", expect: 403 },
    { as: "manager", do: "GET /watch/rules", has: { again_count: 4, again_hours: 3, own: true, limit_points: 0, request_days: 7, version: 0 } },
    { ...rules({ again_count: 3 }, 0), as: "manager", expect: 403 },
    rules({ again_hours: 0 }, 0, { expect: 422, has: { field: "again_hours" } }),
    rules({ again_count: 1001 }, 0, { expect: 422, has: { field: "again_count" } }),
    rules({ again_count: 3, again_hours: 2 }, 0, { has: { version: 1, again_count: 3 } }),
    rules({ again_count: 5 }, 0, { expect: 412 }),
    made("Anna"), made("Manager", { last_name: "Test" }),
    credit("associate", "anna", 5), credit("associate", "anna", 6),
    credit("manager", "anna", 7),
    { as: "manager", do: "GET /watch/alerts", has: { items: [] } },
    credit("associate", "anna", 8),
    credit("manager", "manager", 9),
    { as: "owner", do: "GET /watch/alerts", then: ({ body }) => {
      assert.deepEqual(body.items.map((one) => [one.kind, one.staff, one.entries.map((entry) => entry.amount)]),
        [["own", "Manager Test", [9]], ["again", "Associate Test", [8, 6, 5]]]);
      [world.saved.own, world.saved.again] = body.items.map((one) => one.id);
    } },
    { as: "manager", do: "GET /watch/count", has: { alerts: 2, requests: 0 } },
    { as: "other", do: "GET /watch/alerts", has: { items: [] } },
    post("other", "alerts/${again}/decide", { decision: "fine" }, { expect: 404 }),
    post("associate", "alerts/${again}/decide", { decision: "fine" }, { expect: 403 }),
    post("manager", "alerts/${own}/decide", { decision: "fine" }, { expect: 403, has: { code: "watch_yourself" } }),
    post("owner", "alerts/${own}/decide", { decision: "maybe" }, { expect: 422, has: { field: "decision" } }),
    post("owner", "alerts/${own}/decide", { decision: "take_back", note: "Not for yourself" }, { has: { state: "taken_back", taken_back: 1, left: 0 } }),
    { as: "owner", do: "GET /customers/${manager}/points", has: { balance: { total: 0 } } },
    post("manager", "alerts/${again}/decide", { decision: "fine", note: "A wedding" }, { has: { state: "fine", taken_back: 0 } }),
    post("owner", "alerts/${again}/decide", { decision: "take_back" }, { expect: 409, has: { code: "watch_decided" } }),
    { as: "owner", do: "GET /customers/${anna}/points", has: { balance: { total: 26 } } },
    // what was decided does not count again; three new ones do
    credit("associate", "anna", 1), credit("associate", "anna", 1),
    { as: "owner", do: "GET /watch/alerts", has: { items: [] } },
    credit("associate", "anna", 1),
    { as: "owner", do: "GET /watch/alerts", then: ({ body }) => { assert.equal(body.items.length, 1); world.saved.more = body.items[0].id; } },
    // one of them was taken back already
    { as: "owner", do: "GET /customers/${anna}/points", then: ({ body }) => { world.saved.entry = body.items[0].id; } },
    { as: "owner", do: "POST /customers/${anna}/points/${entry}/reverse", body: {}, key: "back", expect: 201 },
    post("owner", "alerts/${more}/decide", { decision: "take_back" }, { has: { taken_back: 2, left: 1 } }),
    { as: "owner", do: "GET /watch/alerts?state=decided", then: ({ body }) => assert.deepEqual(body.items.map((one) => [one.state, one.note, one.decided_by]),
      [["taken_back", "", "Owner Test"], ["taken_back", "Not for yourself", "Owner Test"], ["fine", "A wedding", "Manager Test"]]) },
    { as: "owner", do: "GET /audit?entity=customer", then: ({ body }) => assert.equal(body.items.filter((one) => one.action === "watch.decide").length, 3) },
  ]);
}, may);

onEveryEngine("credits above the limit wait for a second person, once, wherever they come from", async (world) => {
  const balance = (total, who = "anna") => ({ as: "owner", do: `GET /customers/\${${who}}/points`, has: { balance: { total } } });
  const held = (as, amount, id, more = {}) => credit(as, "anna", amount, { has: { entry: null, request_id: /^\d+$/ }, save: { [id]: "request_id" }, ...more });
  const answer = (as, id, what, more = {}) => post(as, `requests/\${${id}}/answer`, { answer: what }, more);
  const waiting = (amounts) => ({ as: "owner", do: "GET /watch/requests", then: ({ body }) => assert.deepEqual(body.items.map((one) => one.amount), amounts) });
  await world.steps([
    made("Anna"), made("Nino", { store_id: "${nice}" }),
    held("associate", 600, "none", { has: { request_id: null, entry: { amount: 600 } }, save: {} }),
    { as: "owner", do: "GET /customers/${anna}/points", then: ({ body }) => { world.saved.free = body.items[0].id; } },
    { as: "owner", do: "POST /customers/${anna}/points/${free}/reverse", body: {}, key: "free", expect: 201 },
    rules({ limit_points: 500 }, 0),
    credit("associate", "anna", 500, { has: { request_id: null } }),
    credit("owner", "anna", 501, { has: { request_id: null, entry: { amount: 501 } } }),
    balance(1001),
    credit("associate", "nino", 600, { expect: 404 }),
    held("associate", 600, "a", { key: "same", has: { entry: null, balance: { total: 1001 } } }),
    // told again it is the same; another amount under its key is not
    held("associate", 600, "again", { key: "same", has: { request_id: "${a}" } }),
    held("manager", 700, "b"),
    balance(1001), waiting([700, 600]),
  ]);
  world.sql("DELETE FROM idempotency");
  await world.steps([
    held("associate", 600, "again", { key: "same", has: { request_id: "${a}" } }),
    credit("associate", "anna", 650, { key: "same", expect: 422, has: { code: "idempotency_reused" } }),
    { as: "manager", do: "GET /watch/count", has: { requests: 2 } },
    { as: "associate", do: "GET /watch/requests", then: ({ body }) => assert.deepEqual(body.items.map((one) => [one.amount, one.state, one.until, one.yourself]), [[600, "waiting", "2026-05-17", true]]) },
    { as: "manager", do: "GET /watch/requests", then: ({ body }) => assert.deepEqual(body.items.map((one) => [one.amount, one.yourself]), [[700, true], [600, false]]) },
    answer("associate", "a", "approve", { expect: 403, has: { code: "watch_managers_only" } }),
    answer("manager", "b", "approve", { expect: 403, has: { code: "watch_yourself" } }),
    answer("manager", "a", "withdraw", { expect: 403, has: { code: "watch_not_yours" } }),
    answer("other", "a", "approve", { expect: 404 }),
    answer("manager", "a", "approve", { has: { state: "approved", decided_by: "Manager Test" } }),
    balance(1601),
    answer("owner", "a", "approve", { expect: 409, has: { code: "watch_decided" } }),
  ]);
  world.sql("DELETE FROM idempotency");
  await world.steps([
    // told once more, it is the credit that was approved
    credit("associate", "anna", 600, { key: "same", has: { request_id: null, entry: { amount: 600, kind: "credit" } } }),
    balance(1601),
    answer("owner", "b", "refuse", { has: { state: "refused" } }),
    held("manager", 800, "c"),
    answer("manager", "c", "withdraw", { has: { state: "withdrawn" } }),
    held("manager", 900, "d"),
  ]);
  world.sql(`UPDATE watch_request SET until_day = until_day - 8 WHERE amount = 900`);
  await world.steps([
    answer("owner", "d", "approve", { expect: 409, has: { code: "watch_expired" } }),
    { as: "manager", do: "GET /watch/requests", has: { items: [] } },
    { as: "manager", do: "GET /watch/requests?state=decided", then: ({ body }) => assert.deepEqual(body.items.map((one) => one.state), ["expired", "withdrawn", "refused", "approved"]) },
    balance(1601),
  ]);
  // many at once, and a greeting
  const bulk = { action: "points_credit", points: 501, reason: "Sorry", ids: ["${anna}"] };
  await world.steps([
    { as: "manager", do: "POST /bulk/preview", body: bulk, has: { selected: 1, changing: 0, left_out: [{ outcome: "waits", customers: 1 }] } },
    { as: "manager", do: "POST /bulk/points", body: bulk, key: "many", expect: 202, save: { job: "job.id" } },
  ]);
  await world.waitForJob("manager", world.saved.job);
  await world.steps([
    waiting([501]), balance(1601),
    { as: "owner", do: "GET /watch/requests", then: ({ body }) => { world.saved.many = body.items[0].id; } },
    answer("owner", "many", "approve", { has: { state: "approved" } }),
    balance(2102),
    made("Bea", { birthday: "1990-05-10" }),
    { as: "manager", do: "POST /birthdays/greetings", body: { day: "2026-05-10", points: 777, customer_ids: ["${bea}"] }, key: "bea", has: { greeted: 1, waiting: 1, points: 0 } },
    { as: "manager", do: "POST /birthdays/greetings", body: { day: "2026-05-10", points: 777, customer_ids: ["${bea}"] }, key: "bea2", has: { greeted: 0, already: 1 } },
    balance(0, "bea"),
    { as: "owner", do: "GET /watch/requests", then: ({ body }) => { world.saved.cake = body.items[0].id; } },
    answer("owner", "cake", "approve", { has: { state: "approved" } }),
    { as: "owner", do: "GET /customers/${bea}/points", then: ({ body }) => assert.deepEqual(body.items.map((one) => [one.kind, one.amount]), [["birthday", 777]]) },
    { as: "owner", do: "GET /birthdays/greetings", then: ({ body }) => assert.deepEqual(body.items.map((one) => one.points), [777]) },
  ]);
  // five hundred wait: nobody is asked for one more, and many are told so one by one
  world.sql(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
    INSERT INTO watch_request (merchant_id, id, customer_id, amount, reason, message, staff_id, made_us, until_day, state, note, kind)
    SELECT r.merchant_id, 7000000000000000000 + n.i, r.customer_id, 900, 'x', '', r.staff_id, r.made_us, r.until_day + 100, 'waiting', '', 'credit'
    FROM n, (SELECT * FROM watch_request WHERE state = 'approved' ORDER BY id LIMIT 1) r`);
  await world.steps([
    credit("manager", "anna", 900, { expect: 409, has: { code: "watch_too_many" } }),
    { as: "manager", do: "POST /bulk/preview", body: bulk, has: { changing: 0, left_out: [{ outcome: "unasked", customers: 1 }] } },
    { as: "manager", do: "POST /bulk/points", body: bulk, key: "more", expect: 202, save: { job: "job.id", more: "id" } },
  ]);
  await world.waitForJob("manager", world.saved.job);
  await world.steps([
    { as: "manager", do: "GET /bulk/${more}/results?outcome=unasked", has: { items: [{ outcome: "unasked" }] } },
    balance(2102),
  ]);
  const file = await world.ask("manager", `GET /bulk/${world.saved.more}/results/file`, { check: false });
  assert.match(file.text, /Too many wait for a second person/);
  // one decided: the first of two waits, in the preview and then
  world.sql("UPDATE watch_request SET state = 'refused' WHERE id = 7000000000000000001");
  const both = { ...bulk, ids: ["${anna}", "${bea}"] };
  const left_out = [{ outcome: "waits", customers: 1 }, { outcome: "unasked", customers: 1 }];
  await world.steps([
    { as: "manager", do: "POST /bulk/preview", body: both, has: { selected: 2, changing: 0, left_out } },
    { as: "manager", do: "POST /bulk/points", body: both, key: "both", expect: 202, save: { job: "job.id", both: "id" } },
  ]);
  await world.waitForJob("manager", world.saved.job);
  await world.steps([
    { as: "manager", do: "GET /bulk/${both}/results?outcome=waits", has: { items: [{ outcome: "waits" }] } },
    { as: "manager", do: "GET /bulk/${both}/results?outcome=unasked", has: { items: [{ outcome: "unasked" }] } },
    balance(2102),
  ]);
}, may);
