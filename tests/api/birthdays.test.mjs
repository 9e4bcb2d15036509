// The birthday calendar: months, days, what is kept on 28 February, who sees whom.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const may = { today: "2026-05-10" };
const person = (first_name, birthday, more = {}) => ({ as: "owner", do: "POST /customers", body: { first_name, birthday, store_id: "${lyon}", ...more }, expect: 201, save: { [first_name.toLowerCase()]: "id" } });
const on = (body, day) => body.days.find((one) => one.day === day);

onEveryEngine("a month and its days", async (world) => {
  await world.steps([
    { do: "GET /birthdays", expect: 401 },
    ...["2026-5", "2026-13", "1899-12", "2201-01", "may"].map((month) => (
      { as: "owner", do: `GET /birthdays?month=${month}`, expect: 422, has: { code: "birthday_month_bad", field: "month" } })),
    { as: "owner", do: "GET /birthdays?kind=other", expect: 422, has: { field: "kind" } },
    { as: "owner", do: "GET /birthdays/day", expect: 422, has: { code: "field_required", field: "day" } },
    { as: "owner", do: "GET /birthdays/day?day=2026-02-30", expect: 422, has: { field: "day" } },
    { as: "owner", do: "GET /birthdays/day?day=1666-01-01", expect: 422, has: { code: "birthday_month_bad", field: "day" } },
    { as: "owner", do: "GET /birthdays/day?day=2026-05-12&limit=501", expect: 422, has: { field: "limit" } },
    person("Anna", "1990-05-12"),
    person("Bruno", "--05-12", { dates: [{ name: "Wedding", month: 5, day: 12, year: 2016 }, { name: "Name day", month: 5, day: 31 }] }),
    person("Clara", "2004-02-29", { store_id: "${nice}" }),
    person("Dino", "1980-02-28"),
    { as: "owner", do: "GET /birthdays", then: ({ body }) => {
      assert.equal(body.month, "2026-05");
      assert.equal(body.today, "2026-05-10");
      assert.equal(body.days.length, 31);
      assert.deepEqual(on(body, "2026-05-12"), { day: "2026-05-12", birthdays: 2, dates: 1 });
      assert.deepEqual(on(body, "2026-05-31"), { day: "2026-05-31", birthdays: 0, dates: 1 });
      assert.deepEqual([body.birthdays, body.dates], [2, 2]);
    } },
    { as: "owner", do: "GET /birthdays?kind=date", has: { birthdays: 0, dates: 2 } },
    { as: "owner", do: "GET /birthdays?kind=birthday", has: { birthdays: 2, dates: 0 } },
    { as: "owner", do: "GET /birthdays/day?day=2026-05-12", then: ({ body }) => {
      assert.deepEqual(body.items.map((one) => [one.customer.name, one.kind, one.name, one.years]),
        [["Anna", "birthday", null, 36], ["Bruno", "birthday", null, null], ["Bruno", "date", "Wedding", 10]]);
      assert.deepEqual([body.birthdays, body.dates], [2, 1]);
    } },
    { as: "owner", do: "GET /birthdays/day?day=2026-05-12&limit=1&offset=1", then: ({ body }) => {
      assert.deepEqual(body.items.map((one) => one.customer.name), ["Bruno"]);
    } },
    { as: "owner", do: "GET /birthdays/day?day=2026-05-12&kind=date", then: ({ body }) => assert.equal(body.items.length, 1) },
    { as: "owner", do: "GET /birthdays/day?day=2026-05-13", has: { items: [], birthdays: 0, dates: 0 } },
    // kept on the 28th in a year without a 29th
    { as: "owner", do: "GET /birthdays?month=2027-02", has: { leap: "february" }, then: ({ body }) => assert.equal(on(body, "2027-02-28").birthdays, 2) },
    { as: "owner", do: "GET /birthdays?month=2028-02", then: ({ body }) => assert.deepEqual([on(body, "2028-02-28").birthdays, on(body, "2028-02-29").birthdays], [1, 1]) },
    { as: "owner", do: "GET /birthdays/day?day=2027-02-28", then: ({ body }) => assert.deepEqual(body.items.map((one) => one.years), [23, 47]) },
    // who is gone has no birthday
    { as: "owner", do: "DELETE /customers/${bruno}", expect: 204 },
    { as: "owner", do: "GET /birthdays", has: { birthdays: 1, dates: 0 } },
    { as: "other", do: "GET /birthdays", has: { birthdays: 0, dates: 0 } },
    // associates see their stores' customers
    { as: "associate", do: "GET /birthdays?month=2028-02", has: { birthdays: 1 } },
  ]);
}, may);

let keys = 0;
const greet = (body, more = {}) => ({ as: "owner", do: "POST /birthdays/greetings", body: { day: "2026-05-12", ...body }, key: `a${++keys}`, ...more });
const none = { greeted: 0, points: 0, with_message: 0, without_consent: 0, already: 0, blocked: 0, absent: 0, next: null };

onEveryEngine("greeting by hand: once a year, a message for those who agreed", async (world) => {
  await world.steps([
    person("Anna", "1990-05-12"),
    person("Bruno", "--05-12", { dates: [{ name: "Wedding", month: 5, day: 12 }] }),
    person("Clara", "2004-05-12"),
    person("Dino", "1980-05-13", { store_id: "${nice}" }),
    { as: "owner", do: "POST /customers/${anna}/consents", body: { channel: "sms", state: "granted", how: "spoken" }, expect: 201 },
    { as: "owner", do: "PUT /customers/${clara}/block", body: { reason: "Rude" }, expect: 204 },
    { ...greet({ points: 10, all: true }), as: undefined, expect: 401 },
    { ...greet({ points: 10, all: true }), key: undefined, expect: 400 },
    greet({ all: true }, { expect: 422, has: { code: "birthday_nothing" } }),
    greet({ points: 10 }, { expect: 422, has: { code: "birthday_whom" } }),
    greet({ points: 10, all: true, customer_ids: ["${anna}"] }, { expect: 422, has: { code: "birthday_whom" } }),
    greet({ points: 1.5, all: true }, { expect: 422, has: { field: "points" } }),
    greet({ points: -1, all: true }, { expect: 422, has: { field: "points" } }),
    greet({ points: 1000001, all: true }, { expect: 422, has: { field: "points" } }),
    greet({ points: 10, all: true, day: "2026-06-11" }, { expect: 422, has: { code: "birthday_day_far", field: "day" } }),
    greet({ message: "Dear {name}", all: true }, { expect: 422, has: { code: "birthday_field_unknown", field: "message", args: { name: "name" } } }),
    greet({ points: 10, customer_ids: ["${dino}", "1"] }, { has: { ...none, absent: 2 } }),
    greet({ points: 10, message: "Dear {first_name}: {points}", all: true }, { key: "k1", has: { ...none, greeted: 2, points: 20, with_message: 1, without_consent: 1, blocked: 1 } }),
    // the same request again gets the same answer, another one gives nothing more
    greet({ points: 10, message: "Dear {first_name}: {points}", all: true }, { key: "k1", has: { greeted: 2, points: 20 } }),
    greet({ points: 11, message: "Dear {first_name}: {points}", all: true }, { key: "k1", expect: 422, has: { code: "idempotency_reused" } }),
    greet({ points: 10, all: true }, { key: "k2", has: { ...none, already: 2, blocked: 1 } }),
    // another day of Bruno's is another occasion
    greet({ points: 5, kind: "date", customer_ids: ["${bruno}"] }, { key: "k3", has: { greeted: 1, points: 5 } }),
    { as: "owner", do: "GET /birthdays/day?day=2026-05-12", then: ({ body }) => {
      assert.deepEqual(body.items.map((one) => one.greeting && [one.greeting.points, one.greeting.message, one.greeting.staff]),
        [[10, "Dear Anna: 10", "Owner Test"], [10, null, "Owner Test"], null, [5, null, "Owner Test"]]);
    } },
    { as: "owner", do: "GET /birthdays/greetings", then: ({ body }) => assert.deepEqual(body.items.map((one) => [one.customer.name, one.kind, one.points]), [["Bruno", "date", 5], ["Bruno", "birthday", 10], ["Anna", "birthday", 10]]) },
    { as: "owner", do: "GET /birthdays/greetings?cursor=x", expect: 422, has: { code: "cursor_bad" } },
    { as: "associate", do: "GET /birthdays/greetings", expect: 403 },
    // an associate greets those whom they see
    greet({ points: 10, day: "2026-05-13", customer_ids: ["${dino}"] }, { as: "associate", has: { absent: 1 } }),
    // only a message: on the timeline, without points
    greet({ message: "Hello", day: "2026-05-13", all: true }, { key: "k4", has: { without_consent: 1, greeted: 0 } }),
    { as: "owner", do: "GET /customers/${anna}/activity", then: ({ body }) => assert.ok(body.items.some((one) => one.kind === "points" && one.detail.message === "Dear Anna: 10")) },
  ]);
}, may);

onEveryEngine("greetings by hand are taken back, once, and can be given again", async (world) => {
  const undo = (id, key, more = {}) => ({ as: "owner", do: `POST /birthdays/greetings/\${${id}}/undo`, key, ...more });
  const balance = (who, total) => ({ as: "owner", do: `GET /customers/\${${who}}/points`, has: { balance: { total } } });
  await world.steps([
    person("Anna", "1990-05-12"), person("Bruno", "--05-12"), person("Clara", "2004-05-12"),
    greet({ points: 10, all: true }, { as: "associate", key: "g1", has: { greeted: 3, id: /^\d+$/ }, save: { act: "id" } }),
    greet({ points: 10, all: true }, { key: "g2", has: { greeted: 0, already: 3, id: null } }),
    { as: "owner", do: "POST /customers/${clara}/points", body: { amount: -4 }, key: "spent", expect: 201 },
    { ...undo("act", "u0"), key: undefined, expect: 400 },
    undo("act", "u0", { as: "other", expect: 404 }),
    undo("act", "u1", { has: { undone: 2, left: 1 } }),
    undo("act", "u1", { has: { undone: 2, left: 1 } }), // the same request
    undo("act", "u2", { has: { undone: 0, left: 1 } }),
    balance("anna", 0), balance("bruno", 0), balance("clara", 6),
    { as: "owner", do: "GET /customers/${anna}/points", has: { items: [{ kind: "reversal", amount: -10 }, { kind: "birthday", amount: 10, reversed: true }] } },
    greet({ points: 7, all: true }, { key: "g3", has: { greeted: 2, already: 1, points: 14 }, save: { again: "id" } }),
    balance("anna", 7),
    // an associate takes back what was theirs
    undo("again", "u3", { as: "associate", expect: 404 }),
    undo("again", "u4", { as: "manager", has: { undone: 2, left: 0 } }),
    undo("again", "u5", { expect: 404 }),
    balance("anna", 0),
    { as: "owner", do: "GET /audit?entity=customer", then: ({ body }) => assert.equal(body.items.filter((one) => one.action === "birthday.undo").length, 4) },
    // what waits for a second person waits no longer
    { as: "owner", do: "PATCH /watch/rules", body: { limit_points: 50 }, version: 0 },
    greet({ points: 60, customer_ids: ["${anna}"] }, { as: "manager", key: "g4", has: { greeted: 1, waiting: 1, points: 0 }, save: { held: "id" } }),
    undo("held", "u6", { as: "manager", has: { undone: 1, left: 0 } }),
    { as: "owner", do: "GET /watch/requests", has: { items: [] } },
    { as: "owner", do: "GET /watch/requests?state=decided", has: { items: [{ state: "withdrawn" }] } },
  ]);
  assert.equal(world.cli(["check"]).status, 0);
}, may);

onEveryEngine("automatic greetings: rules, the coming week, and each once", async (world) => {
  const rules = (body, more = {}) => ({ as: "owner", do: "PATCH /birthdays/rules", body, version: 0, ...more });
  await world.steps([
    person("Anna", "1990-05-10"),
    person("Bruno", "--05-11"),
    person("Clara", "2004-05-19"),
    { as: "owner", do: "POST /customers/${bruno}/consents", body: { channel: "email", state: "granted", how: "spoken" }, expect: 201 },
    { as: "manager", do: "GET /birthdays/rules", has: { automatic: false, points: 0, leap: "february", version: 0 } },
    { as: "associate", do: "GET /birthdays/rules", expect: 403 },
    { ...rules({ points: 5 }), as: "manager", expect: 403 },
    { ...rules({ points: 5 }), version: undefined, expect: 428 },
    rules({ automatic: true }, { expect: 422, has: { code: "birthday_nothing" } }),
    rules({ hour: 24 }, { expect: 422, has: { field: "hour" } }),
    rules({ days_ahead: 31 }, { expect: 422, has: { field: "days_ahead" } }),
    rules({ message_it: "{nome}" }, { expect: 422, has: { code: "birthday_field_unknown", field: "message_it" } }),
    rules({ points: 30, leap: "march", days_ahead: 1, message_en: "Happy birthday, {first_name}!" }, { has: { version: 1, leap: "march", automatic: false } }),
    rules({ points: 31 }, { expect: 412, has: { code: "stale" } }),
    { as: "owner", do: "GET /birthdays/coming", has: { automatic: false }, then: ({ body }) => {
      assert.deepEqual(body.days.map((one) => one.day.slice(8)), ["11", "12", "13", "14", "15", "16", "17"]);
      assert.deepEqual([body.days[0].customers, body.days[0].consenting, body.days[0].on], [1, 1, "2026-05-10"]);
      assert.equal(body.days[0].items[0].message, "Happy birthday, Bruno!");
    } },
    rules({ automatic: true }, { version: 1, has: { version: 2, automatic: true } }),
  ]);
  // made and run by the server, within its next look
  let log = [];
  for (let tries = 0; tries < 600 && log.length < 2; tries++) {
    await new Promise((next) => setTimeout(next, 100));
    log = (await world.ask("owner", "GET /birthdays/greetings")).body.items;
  }
  assert.deepEqual(log.map((one) => [one.customer.name, one.points, one.staff, one.message]).sort(),
    [["Anna", 30, null, null], ["Bruno", 30, null, "Happy birthday, Bruno!"]]);
  await world.steps([
    { as: "owner", do: "GET /birthdays/coming", then: ({ body }) => assert.equal(body.days[0].greeted, 1) },
    { as: "owner", do: "GET /audit?entity=merchant", then: ({ body }) => assert.equal(body.items.filter((one) => one.action === "birthday.rules").length, 2) },
  ]);
}, may);
