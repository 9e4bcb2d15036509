// The file of a customer, erasure, and retention.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onEveryEngine, password } from "./harness.mjs";
import { jpegSize, png } from "./pictures.mjs";

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

/** The files of a ZIP by name, as another program reads them. */
function unzip(bytes) {
  const read = "import sys,json,io,zipfile,base64; z=zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())); assert z.testzip() is None;" +
    " json.dump({n: base64.b64encode(z.read(n)).decode() for n in z.namelist()}, sys.stdout)";
  const done = spawnSync("python3", ["-c", read], { input: bytes, encoding: "utf8", maxBuffer: 64 << 20 });
  assert.equal(done.status, 0, done.stderr);
  return Object.fromEntries(Object.entries(JSON.parse(done.stdout)).map(([name, text]) => [name, Buffer.from(text, "base64")]));
}

onEveryEngine("who was merged in: told in the ZIP with all pictures, and erased with the survivor", async (world) => {
  importFile(world, "customers", anna + "A2,Annetta,Rossini,+33612345602,annetta@mail.example,Lyon,,2021-01-01\n");
  importFile(world, "transactions", "external_id,invoice,date,amount,store\nA1,F1,2026-01-02,12.50,Lyon\nA2,F2,2026-01-03,7.50,Lyon\n");
  const id = async (q) => (await world.ask("owner", `GET /customers?q=${q}`)).body.items[0].id;
  const [a1, a2] = [await id("number:1"), await id("number:2")];
  Object.assign(world.saved, { a1, a2 });
  await world.steps([
    { as: "owner", do: "POST /customers/${a1}/photo", raw: png(300, 200) },
    { as: "owner", do: "POST /customers/${a2}/photo", raw: png(100, 60) },
    { as: "owner", do: "POST /customers/${a2}/consents", body: { channel: "email", state: "granted", how: "paper" }, expect: 201, save: { act: "acts.0.id" } },
    { as: "owner", do: "POST /customers/${a2}/consents/${act}/evidence", raw: png(90, 140), expect: 201 },
    { as: "owner", do: "POST /merges/preview", body: { survivor_id: a1, loser_id: a2 }, save: { v1: "survivor_version", v2: "loser_version" } },
  ]);
  await world.steps([
    { as: "owner", do: "POST /merges", body: { survivor_id: a1, loser_id: a2, survivor_version: world.saved.v1, loser_version: world.saved.v2 }, expect: 201 },
    { as: "owner", do: "POST /customers/${a1}/file", then: ({ body }) => {
      assert.deepEqual(body.merged.map((one) => one.number), [2]);
      const rows = (table) => body.merged[0].tables.find((one) => one.table === table)?.rows;
      assert.equal(rows("customer")[0].last_name, "Rossini", "the profile as it was");
      assert.ok(body.merged[0].tables.every((one) => one.rows.length > 0));
    } },
  ]);
  const person = world.people.owner;
  const answer = await fetch(`${world.url}/api/v1/customers/${a1}/file?format=zip`, { method: "POST", headers: { Cookie: person.cookie, "X-CSRF": person.csrf} });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "application/zip");
  assert.match(answer.headers.get("content-disposition"), /customer-1\.zip/);
  const files = unzip(Buffer.from(await answer.arrayBuffer()));
  const page = files["page.html"].toString(), data = JSON.parse(files["data.json"]);
  const named = [...page.matchAll(/<img src="([^"]+)"/g)].map((one) => one[1]);
  assert.deepEqual([...named].sort(), Object.keys(files).filter((name) => name.startsWith("pictures/")).sort());
  assert.deepEqual(jpegSize(files[named.find((name) => name.includes("consent_evidence"))]), [90, 140]);
  for (const name of named) assert.ok(JSON.stringify(data).includes(name));
  assert.match(page, /Rossini/);
  assert.match(page, /Card no. 2, merged into this one/);
  assert.match(page, /<h1>Everything held/, "in words");
  await world.steps([
    { as: "owner", do: "GET /customers/${a1}/erasure", then: ({ body }) => assert.equal(body.tables.find((one) => one.table === "customer").rows, 2) },
    { as: "owner", do: "POST /customers/${a1}/erasure", body: { number: 1 }, expect: 204 },
    { as: "owner", do: "GET /customers/${a1}", expect: 404, has: { code: "customer_erased" } },
    { as: "owner", do: "GET /customers/${a2}", expect: 404, has: { code: "customer_erased" } },
    { as: "owner", do: "GET /audit?limit=500", then: ({ text }) => assert.doesNotMatch(text, /Ross|anna@|annetta@|Annetta/) },
    { as: "owner", do: "GET /merges", then: ({ text }) => assert.doesNotMatch(text, /Ross|anna@|Annetta/) },
  ]);
  assert.equal(world.sql("SELECT COUNT(*) FROM transactions WHERE customer_id IS NULL"), "2");
  assert.equal(world.sql("SELECT COUNT(*) FROM customer WHERE last_name IS NOT NULL"), "0");
  assert.equal(world.cli(["check"]).status, 0);
});

onEveryEngine("retention: who was deleted comes up after 30 days", async (world) => {
  importFile(world, "customers", "external_id,first_name,store,registered\nA1,Anna,Lyon,2026-01-01\nB2,Bea,Lyon,2026-01-01\n");
  for (const name of ["Anna", "Bea"]) world.saved[name] = (await world.ask("owner", `GET /customers?q=${name}`)).body.items[0].id;
  const day = (text) => Date.parse(`${text}T12:00:00Z`) * 1000;
  await world.steps([
    { as: "owner", do: "DELETE /customers/${Anna}", expect: 204 },
    { as: "owner", do: "DELETE /customers/${Bea}", expect: 204 },
  ]);
  world.sql(`UPDATE customer SET deleted_us = ${day("2026-04-19")} WHERE id = ${world.saved.Anna}`);
  world.sql(`UPDATE customer SET deleted_us = ${day("2026-04-20")} WHERE id = ${world.saved.Bea}`);
  await world.steps([
    { as: "owner", do: "GET /retention", has: { matching: 1, deleted_days: 30, items: [{ name: "Anna", deleted_at: "2026-04-19T12:00:00Z" }] } },
    { as: "owner", do: "POST /retention/keep", body: { ids: ["${Anna}"], reason: "Dispute", until: "2026-06-01" }, has: { matching: 0 } },
    { as: "owner", do: "DELETE /retention/keep/${Anna}", expect: 204 },
    { as: "owner", do: "POST /retention/erase", body: { ids: ["${Anna}", "${Bea}"], count: 2 }, expect: 202, save: { job: "job_id" } },
  ]);
  assert.equal((await world.waitForJob("owner", world.saved.job)).done, 1);
  await world.steps([
    { as: "owner", do: "GET /retention", has: { matching: 0 } },
    { as: "owner", do: "GET /erasures", has: { items: [{ number: 1, reason: "retention" }] } },
    { as: "owner", do: "POST /customers/${Anna}/restore", expect: 404 },
    { as: "owner", do: "POST /customers/${Bea}/restore", expect: 204 },
  ]);
  assert.equal(world.cli(["check"]).status, 0);
}, { today: "2026-05-20" });
