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
