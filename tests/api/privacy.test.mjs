// The file of a customer, erasure, and retention.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onEveryEngine, password } from "./harness.mjs";

function importFile(world, kind, csv) {
  const folder = mkdtempSync(join(tmpdir(), "habitue-privacy-"));
  const file = join(folder, "file.csv");
  writeFileSync(file, csv);
  const done = world.cli(["import", kind, file, "--merchant", "shop"]);
  rmSync(folder, { recursive: true });
  assert.equal(done.status, 0, done.err);
}
const anna = "external_id,first_name,last_name,phone,email,store,consent_sms,registered\nA1,Anna,Rossi,+33612345601,anna@mail.example,Lyon,yes,2020-01-01\n";
const find = { as: "owner", do: "GET /customers?q=anna", save: { anna: "items.0.id", number: "items.0.number" } };
const longAgo = (world) => world.sql("UPDATE session SET confirmed_us = 0");
const confirm = (as) => ({ as, do: "POST /session/confirm", body: { password }, expect: 204 });

onEveryEngine("the file has everything, after the password", async (world) => {
  importFile(world, "customers", anna);
  importFile(world, "transactions", "external_id,invoice,date,amount,store,product\nA1,F1,2026-01-02,12.50,Lyon,<Hat>\n");
  longAgo(world);
  await world.steps([
    find,
    { as: "associate", do: "POST /customers/${anna}/file", expect: 403, has: { code: "denied" } },
    { as: "owner", do: "POST /customers/${anna}/file", expect: 403, has: { code: "confirm_password" } },
    confirm("owner"),
    { as: "owner", do: "POST /customers/${anna}/file", then: ({ body, headers }) => {
      assert.match(headers.get("content-disposition"), /attachment.*customer-1\.json/);
      const rows = (table) => body.tables.find((one) => one.table === table).rows;
      assert.equal(rows("customer")[0].last_name, "Rossi");
      assert.deepEqual(rows("contact").map((one) => one.value), ["anna@mail.example", "+33612345601"]);
      assert.equal(rows("transactions")[0].amount_minor, 1250);
      assert.equal(rows("consent")[0].state, "granted");
    } },
    { as: "owner", do: "POST /customers/${anna}/file?format=html", headers: { "Accept-Language": "it" }, then: ({ text, headers }) => {
      assert.match(headers.get("content-type"), /text\/html/);
      assert.match(headers.get("content-disposition"), /attachment/);
      assert.match(text, /Rossi/);
      assert.match(text, /&lt;Hat&gt;/);
      assert.doesNotMatch(text, /<Hat>/);
    } },
    { as: "owner", do: "POST /customers/${anna}/file?format=pdf", expect: 422 },
    { as: "other", do: "POST /customers/${anna}/file", expect: 403 },
    { as: "owner", do: "GET /audit?action=customer.file", has: { items: [{}, { actor: "Owner Test" }] } },
  ]);
});

onEveryEngine("an erasure takes the person away and leaves the accounts", async (world) => {
  importFile(world, "customers", anna);
  importFile(world, "transactions", "external_id,invoice,date,amount,store\nA1,F1,2026-01-02,12.50,Lyon\n");
  await world.steps([
    find,
    { as: "associate", do: "GET /customers/${anna}/erasure", expect: 403 },
    { as: "owner", do: "PUT /customers/${anna}/favourite", expect: 204 },
    { as: "owner", do: "POST /customers/${anna}/consents", body: { channel: "email", state: "granted", how: "paper", note: "Anna Rossi said yes" }, expect: 201 },
    { as: "owner", do: "GET /customers/${anna}/erasure", then: ({ body }) => {
      const fate = Object.fromEntries(body.tables.map((one) => [one.table, `${one.fate} ${one.rows}`]));
      assert.equal(fate.transactions, "detached 1");
      assert.equal(fate.contact, "gone 2");
      assert.equal(fate.consent, "gone 2");
    } },
    { as: "owner", do: "POST /customers/${anna}/erasure", body: {}, expect: 422, has: { field: "number" } },
    { as: "owner", do: "POST /customers/${anna}/erasure", body: { number: 999 }, expect: 422, has: { code: "privacy_other_number" } },
  ]);
  longAgo(world);
  const erase = { as: "owner", do: "POST /customers/${anna}/erasure", body: { number: 1 } };
  await world.steps([
    { ...erase, expect: 403, has: { code: "confirm_password" } },
    confirm("owner"),
    { ...erase, expect: 204 },
    { ...erase, expect: 404, has: { code: "customer_erased" } },
    { as: "owner", do: "GET /customers/${anna}", expect: 404, has: { code: "customer_erased", detail: /no\. 1 was erased/ } },
    { as: "other", do: "GET /customers/${anna}", expect: 404, has: { code: "not_found" } },
    { as: "owner", do: "POST /customers/${anna}/restore", expect: 404 },
    { as: "owner", do: "GET /customers?q=anna", has: { matching: 0 } },
    { as: "owner", do: "GET /erasures?number=1", has: { items: [{ customer_id: "${anna}", number: 1, reason: "request", actor: "Owner Test" }] } },
    { as: "owner", do: "GET /erasures?number=2", has: { items: [] } },
    { as: "other", do: "GET /erasures", has: { items: [] } },
    { as: "owner", do: "GET /audit?limit=500", then: ({ text }) => assert.doesNotMatch(text, /Rossi|anna@mail/) },
  ]);
  assert.equal(world.sql("SELECT COUNT(*) FROM transactions WHERE total_minor = 1250 AND customer_id IS NULL"), "1");
  assert.equal(world.cli(["check"]).status, 0);
  importFile(world, "customers", anna); // nobody may write to whom an import brings back
  await world.steps([
    { as: "owner", do: "GET /customers?q=anna", has: { items: [{ number: 2, consent: { sms: "refused", email: "refused", push: "refused" } }] } },
  ]);
  assert.equal(world.cli(["check"]).status, 0);
});

const people = "external_id,first_name,store,registered\n" +
  "A1,Anna,Lyon,2019-01-01\nB2,Bea,Lyon,2019-01-01\nC3,Carla,Nice,2019-01-01\nD4,Dina,Lyon,2026-01-01\nE5,Elsa,Lyon,2019-01-01\n";
onEveryEngine("retention: who is silent comes up, is kept or erased", async (world) => {
  importFile(world, "customers", people);
  importFile(world, "transactions", "external_id,invoice,date,amount,store\nB2,F1,2026-01-02,12.50,Lyon\nC3,F2,2020-02-01,7.00,Nice\n");
  const ids = {};
  for (const name of ["Anna", "Bea", "Carla", "Dina", "Elsa"]) {
    const { body } = await world.ask("owner", `GET /customers?q=${name}`);
    world.saved[name] = ids[name] = body.items[0].id;
  }
  const names = (wanted) => ({ body }) => assert.deepEqual(body.items.map((one) => one.name).sort(), wanted);
  await world.steps([
    { as: "manager", do: "GET /retention", expect: 403 },
    { as: "owner", do: "GET /retention", has: { months: 36, version: 0, matching: 3, before: "2023-05-20", kept: [] }, then: names(["Anna", "Carla", "Elsa"]) },
    { as: "owner", do: "GET /retention", then: ({ body }) => {
      assert.deepEqual(body.items.find((one) => one.name === "Carla"), { ...body.items.find((one) => one.name === "Carla"), last_contact: "2020-02-01", never: false, spent_minor: 700 });
      assert.equal(body.items.find((one) => one.name === "Anna").never, true);
    } },
    { as: "owner", do: "PATCH /retention", body: { months: 80 }, expect: 428 },
    { as: "owner", do: "PATCH /retention", body: { months: 0 }, version: 0, expect: 422 },
    { as: "owner", do: "PATCH /retention", body: { months: 80 }, version: 0, has: { months: 80, version: 1, matching: 2 } },
    { as: "owner", do: "PATCH /retention", body: { months: 36 }, version: 0, expect: 412 },
    { as: "owner", do: "PATCH /retention", body: { months: 36 }, version: 1, has: { version: 2, matching: 3 } },
    { as: "owner", do: "POST /customers/${Elsa}/consents", body: { channel: "sms", state: "refused", how: "phone" }, expect: 201 },
    { as: "owner", do: "GET /retention", then: names(["Anna", "Carla"]) },
    { as: "owner", do: "POST /retention/keep", body: { ids: ["${Carla}"], reason: "Guarantee", until: "2026-05-20" }, expect: 422, has: { code: "retention_bad_until" } },
    { as: "owner", do: "POST /retention/keep", body: { ids: ["${Bea}"], reason: "Guarantee", until: "2027-01-01" }, expect: 404 },
    { as: "owner", do: "POST /retention/keep", body: { ids: ["${Carla}"], reason: "Guarantee", until: "2027-01-01" },
      has: { matching: 1, kept: [{ name: "Carla", reason: "Guarantee", until: "2027-01-01", staff: "Owner Test" }] } },
    { as: "other", do: "DELETE /retention/keep/${Carla}", expect: 404 },
    { as: "owner", do: "DELETE /retention/keep/${Carla}", expect: 204 },
    { as: "owner", do: "DELETE /retention/keep/${Carla}", expect: 404 },
    { as: "other", do: "POST /retention/preview", body: { ids: ["${Carla}"] }, has: { customers: 0, left_out: 1, tables: [] } },
    { as: "owner", do: "POST /retention/preview", body: { ids: Object.values(ids) }, has: { customers: 2, left_out: 3 } },
    { as: "other", do: "POST /retention/erase", body: { ids: ["${Carla}"], count: 1 }, expect: 404 },
    { as: "owner", do: "POST /retention/erase", body: { ids: ["${Carla}"], count: 2 }, expect: 422, has: { code: "retention_other_count" } },
    { as: "owner", do: "POST /retention/erase", body: { ids: Object.values(ids), count: 5 }, expect: 202, save: { job: "job_id" } },
  ]);
  const job = await world.waitForJob("owner", world.saved.job);
  assert.equal(job.state, "done");
  assert.equal(job.done, 2);
  await world.steps([
    { as: "owner", do: "GET /retention", has: { matching: 0, items: [] } },
    { as: "owner", do: "GET /customers?limit=0", has: { total: 3 } },
    { as: "owner", do: "GET /customers/${Carla}", expect: 404, has: { code: "customer_erased" } },
    { as: "owner", do: "GET /erasures", has: { items: [{ reason: "retention" }, { reason: "retention" }] } },
  ]);
  assert.equal(world.sql("SELECT SUM(total_minor) FROM transactions"), "1950");
  assert.equal(world.cli(["check"]).status, 0);
}, { today: "2026-05-20" });
