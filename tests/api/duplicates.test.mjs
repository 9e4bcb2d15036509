// Likely pairs, merging field by field, taking back; who may, and what an import finds afterwards.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onEveryEngine } from "./harness.mjs";

/** Imports a CSV text. */
function importFile(world, kind, csv) {
  const folder = mkdtempSync(join(tmpdir(), "habitue-duplicates-"));
  const file = join(folder, "file.csv");
  writeFileSync(file, csv);
  const done = world.cli(["import", kind, file, "--merchant", "shop"]);
  rmSync(folder, { recursive: true });
  assert.equal(done.status, 0, done.err);
}
const people = "external_id,first_name,last_name,phone,email,store,birthday,city,postcode\n";

/** Anna twice (the second written otherwise), her husband with the same phone, and two of one name. */
async function withPairs(world) {
  importFile(world, "customers", `${people}A1,Anna,Rossi,+33612345601,anna.rossi@gmail.com,Lyon,1980-02-03,Lyon,69001\n`);
  importFile(world, "customers", `${people}A2,Rossi,Anna,+33612345601,annarossi@gmail.com,Lyon,1980-02-03,Paris,\nA3,Marco,Rossi,+33612345601,,Nice,1951-05-06,Lyon,69001\n`);
  importFile(world, "customers", `${people}A4,Lucia,Bianchi,+33612345604,,Lyon,,Lyon,\nA5,Lucia,Bianchi,+33612345605,,Lyon,,Lyon,\nB6,Ivan,Petrov,,ivan@mail.example,Nice,1970-01-02,,\nB7,Иван,Петров,,ivan@mail.example,Nice,1970-01-02,,\n`);
  importFile(world, "transactions", `customer_id,date,invoice,amount,quantity,store\nA1,2026-05-01,I1,20.00,1,Lyon\nA2,2026-05-02,I2,30.00,1,Lyon\nA2,2026-05-03,I3,40.00,1,Lyon\n`);
  for (const id of ["A1", "A2", "A3", "A4"]) {
    const number = { A1: 1, A2: 2, A3: 3, A4: 4 }[id];
    const { body } = await world.ask("owner", `GET /customers?q=${number}&sort=number`);
    world.saved[id] = body.items.find((one) => one.number === number).id;
  }
}

onEveryEngine("pairs are found with reasons, decided, and seen by who sees both", async (world) => {
  await withPairs(world);
  await world.steps([
    { as: "owner", do: "GET /duplicates", has: { count: 2, count_more: false, next: null, searching: null }, then: ({ body }) => {
      const [first, second] = body.items;
      assert.deepEqual([first.a.id, first.b.id].sort(), [world.saved.A1, world.saved.A2].sort());
      assert.ok(first.percent >= 95 && second.percent >= 95);
      assert.ok(first.reasons.some((one) => one.code === "phone" && one.bits > 10));
      assert.ok(first.reasons.some((one) => one.code === "email_writing"));
      assert.ok(first.reasons.some((one) => one.code === "name_swapped"));
      assert.ok(second.reasons.some((one) => one.code === "name_script"));
    } },
    { as: "owner", do: "GET /duplicates?limit=1", save: { next: "next" }, then: ({ body }) => assert.equal(body.items.length, 1) },
    { as: "owner", do: "GET /duplicates?limit=1&cursor=${next}", has: { next: null }, then: ({ body }) => assert.equal(body.items[0].reasons[0].code, "email") },
    { as: "owner", do: "GET /duplicates?reason=name_script", has: { count: 1 } },
    { as: "owner", do: "GET /duplicates?since=2126-01-01T00:00:00Z", has: { count: 0 } },
    { as: "owner", do: "GET /duplicates?customer=${A1}", has: { count: 1 } },
    { as: "owner", do: "GET /duplicates?customer=${A3}", has: { count: 0 } },
    { as: "manager", do: "GET /duplicates", has: { count: 1 } },
    { as: "associate", do: "GET /duplicates", expect: 403 },
    { as: "other", do: "GET /duplicates", has: { count: 0 } },
    { as: "owner", do: "GET /duplicates?reason=nonsense", expect: 422, has: { field: "reason" } },
    { as: "owner", do: "GET /duplicates?min=20", expect: 422, has: { field: "min" } },
    { as: "owner", do: "GET /duplicates?since=yesterday", expect: 422, has: { code: "duplicate_bad_since", field: "since" } },
    { as: "owner", do: "GET /duplicates?cursor=x", expect: 422, has: { code: "cursor_bad" } },
    { as: "owner", do: "POST /duplicates/decision", body: { a_id: "${A1}", b_id: "${A3}", different: true }, expect: 404 },
    { as: "other", do: "POST /duplicates/decision", body: { a_id: "${A1}", b_id: "${A2}", different: true }, expect: 404 },
    { as: "associate", do: "POST /duplicates/decision", body: { a_id: "${A1}", b_id: "${A2}", different: true }, expect: 403 },
    { as: "manager", do: "POST /duplicates/decision", body: { a_id: "${A2}", b_id: "${A1}", different: true }, expect: 204 },
    { as: "owner", do: "GET /duplicates", has: { count: 1 } },
    { as: "owner", do: "GET /duplicates?different=true", has: { count: 1, items: [{ decided_by: "Manager Test" }] } },
    { as: "owner", do: "POST /duplicates/decision", body: { a_id: "${A1}", b_id: "${A2}", different: false }, expect: 204 },
    { as: "owner", do: "GET /duplicates", has: { count: 2 } },
    { as: "owner", do: "GET /audit?action=duplicate.different", has: { items: [{ actor: "Manager Test" }] } },
  ]);
});

onEveryEngine("two cards become one, leave an address behind, and become two again", async (world) => {
  await withPairs(world);
  const both = { survivor_id: "${A1}", loser_id: "${A2}" };
  const field = (body, name) => body.fields.find((one) => one.field === name);
  await world.steps([
    { as: "owner", do: "POST /merges/preview", body: both, save: { v1: "survivor_version", v2: "loser_version" }, then: ({ body }) => {
      assert.deepEqual([body.survivor.visits, body.loser.visits, body.after.visits], [1, 2, 3]);
      assert.equal(body.after.spent_minor, 9000);
      assert.equal(field(body, "city"), undefined);
      assert.match(field(body, "email").after, /anna\.rossi@gmail\.com/);
      assert.match(field(body, "email").after, /annarossi@gmail\.com/);
      assert.equal(field(body, "external_id").after, "A1");
      assert.ok(body.rows.some((one) => one.relation === "transactions" && one.count === 2));
    } },
    { as: "owner", do: "GET /customers/${A2}", has: { row: { visits: 2 } } },
    { as: "owner", do: "POST /merges/preview", body: { ...both, choices: { first_name: "loser" } }, then: ({ body }) => {
      assert.equal(field(body, "first_name").after, "Rossi");
      assert.equal(field(body, "first_name").taken, "loser");
    } },
    { as: "owner", do: "POST /merges/preview", body: { ...both, choices: { shoes: "loser" } }, expect: 422, has: { code: "merge_bad_choice", field: "choices" } },
    { as: "owner", do: "POST /merges/preview", body: { ...both, choices: ["first_name"] }, expect: 422, has: { code: "merge_bad_choice" } },
    { as: "owner", do: "POST /merges/preview", body: { survivor_id: "${A1}", loser_id: "${A1}" }, expect: 422, has: { code: "merge_same" } },
    { as: "owner", do: "POST /merges/preview", body: { survivor_id: "${A1}", loser_id: "77" }, expect: 404 },
    { as: "other", do: "POST /merges/preview", body: both, expect: 404 },
    { as: "associate", do: "POST /merges/preview", body: both, expect: 403 },
    { as: "manager", do: "POST /merges/preview", body: { survivor_id: "${A1}", loser_id: "${A3}" }, expect: 404 },
    { as: "owner", do: "POST /merges", body: both, expect: 422, has: { code: "fields_wrong" } },
    { as: "owner", do: "POST /merges", body: { ...both, survivor_version: 1, loser_version: 99 }, expect: 412, has: { code: "stale" } },
  ]);
  const versions = { survivor_version: world.saved.v1, loser_version: world.saved.v2 };
  await world.steps([
    { as: "manager", do: "POST /merges", body: { ...both, ...versions, choices: { last_name: "survivor", first_name: "survivor" } }, expect: 201,
      has: { survivor: { number: 1 }, loser: { number: 2 }, made_by: "Manager Test", undone_at: null, moved: 2 }, save: { merge: "id" } },
    { as: "owner", do: "GET /customers/${A1}", has: { row: { name: "Anna Rossi", visits: 3, spent_minor: 9000 } } },
    { as: "owner", do: "GET /customers/${A2}", headers: {}, then: ({ body }) => assert.equal((body.row ?? { id: body.args?.id }).id, world.saved.A1) },
    { as: "owner", do: "GET /customers/number/2", has: { row: { id: "${A1}", number: 1 } } },
    { as: "owner", do: "GET /customers/number/1", has: { row: { id: "${A1}" } } },
    { as: "owner", do: "GET /customers/number/99", expect: 404 },
    { as: "other", do: "GET /customers/number/2", expect: 404 },
    { as: "owner", do: "GET /customers?q=2&limit=5", has: { merged: { number: 2, into: { id: "${A1}", number: 1, name: "Anna Rossi" } } } },
    { as: "owner", do: "GET /customers?q=1&limit=5", has: { merged: null } },
    { as: "other", do: "GET /customers?q=2&limit=5", has: { merged: null } },
    { as: "owner", do: "GET /duplicates", has: { count: 1 } },
    { as: "owner", do: "GET /merges", has: { items: [{ id: "${merge}" }], next: null } },
    { as: "owner", do: "GET /merges?customer=${A2}", has: { items: [{ survivor: { id: "${A1}" } }] } },
    { as: "other", do: "GET /merges", has: { items: [] } },
    { as: "associate", do: "GET /merges", expect: 403 },
    { as: "other", do: "GET /merges/${merge}/undo", expect: 404 },
    { as: "other", do: "POST /merges/${merge}/undo", expect: 404 },
    { as: "associate", do: "POST /merges/${merge}/undo", expect: 403 },
    { as: "owner", do: "GET /customers/${A1}/activity", then: ({ body }) => assert.ok(body.items.some((one) => one.kind === "merge" && one.detail.number === 2)) },
  ]);
  // whoever imports under the old id still means the same person, and doubles nothing
  importFile(world, "customers", `${people}A2,,,,,,,,\n`);
  importFile(world, "transactions", `customer_id,date,invoice,amount,quantity,store\nA2,2026-05-02,I2,30.00,1,Lyon\nA2,2026-05-09,I9,5.00,1,Lyon\n`);
  await world.steps([
    { as: "owner", do: "GET /customers/${A1}", has: { row: { visits: 4, spent_minor: 9500 } } },
    { as: "owner", do: "GET /merges/${merge}/undo", has: { survivor: { visits: 2, spent_minor: 2500 }, loser: { visits: 2, spent_minor: 7000, name: "Rossi Anna" } } },
    { as: "owner", do: "POST /merges/${merge}/undo", has: { undone_by: "Owner Test" } },
    { as: "owner", do: "POST /merges/${merge}/undo", expect: 409, has: { code: "merge_undone" } },
    { as: "owner", do: "GET /customers/${A2}", has: { row: { id: "${A2}", visits: 2, spent_minor: 7000 } } },
    { as: "owner", do: "GET /duplicates", has: { count: 2 } },
    { as: "owner", do: "GET /audit?action=customer.unmerge", has: { items: [{ actor: "Owner Test" }] } },
  ]);
  const check = world.cli(["check"]);
  assert.equal(check.status, 0, check.err);
});

onEveryEngine("merges of merges are taken back from the outside in", async (world) => {
  await withPairs(world);
  const merge = async (survivor, loser) => {
    const ids = { survivor_id: world.saved[survivor], loser_id: world.saved[loser] };
    const { body } = await world.ask("owner", "POST /merges/preview", { body: ids });
    const done = await world.ask("owner", "POST /merges", { body: { ...ids, survivor_version: body.survivor_version, loser_version: body.loser_version } });
    assert.equal(done.status, 201, done.text);
    return done.body.id;
  };
  world.saved.inner = await merge("A1", "A2");
  world.saved.outer = await merge("A3", "A1");
  await world.steps([
    { as: "owner", do: "POST /merges/${inner}/undo", expect: 409, has: { code: "merge_nested", args: { number: "1", into: "3", merge_id: "${outer}" } } },
    { as: "owner", do: "POST /merges/${outer}/undo" },
    { as: "owner", do: "POST /merges/${inner}/undo" },
    { as: "owner", do: "GET /customers?limit=0", has: { total: 7 } },
  ]);
});

onEveryEngine("sales without invoices that come again after a merge are known", async (world) => {
  await withPairs(world);
  const sales = "customer_id,date,product,price,quantity,store\n";
  const old = "A1,2026-05-04 10:00,Scarf,10.00,1,Lyon\nA2,2026-05-05 11:00,Hat,12.00,1,Lyon\nA2,2026-05-05 11:00,Hat,12.00,1,Lyon\n";
  const stand = () => world.sql("SELECT COUNT(*), SUM(total_minor) FROM transactions");
  importFile(world, "transactions", sales + old);
  const before = stand();
  const both = { survivor_id: "${A1}", loser_id: "${A2}" };
  await world.steps([{ as: "owner", do: "POST /merges/preview", body: both, save: { v1: "survivor_version", v2: "loser_version" } }]);
  const versions = { survivor_version: world.saved.v1, loser_version: world.saved.v2 };
  await world.steps([{ as: "owner", do: "POST /merges", body: { ...both, ...versions }, expect: 201 }]);
  importFile(world, "transactions", sales + old);
  assert.equal(stand(), before);
  importFile(world, "transactions", `${sales}${old}A2,2026-05-06 12:00,Gloves,7.00,1,Lyon\n`);
  const [n, total] = before.split("|").map(Number);
  assert.equal(stand(), `${n + 1}|${total + 700}`);
});

onEveryEngine("all pairs above a score are merged at once, each with its result, and taken back as a whole", async (world) => {
  await withPairs(world);
  // a third card of Anna's: it waits until what became of the other two has been compared anew
  importFile(world, "customers", `${people}A9,Anna,Rossi,+33612345601,,Lyon,1980-02-03,Lyon,69001\n`);
  const stand = () => world.sql("SELECT COUNT(*), SUM(CASE WHEN deleted_us IS NULL THEN 1 ELSE 0 END) FROM customer");
  const before = stand();
  const ended = async () => {
    for (;;) {
      const { body } = await world.ask("owner", `GET /merge-runs/${world.saved.run}`);
      const job = body.undo_job ?? body.job;
      if (["done", "failed", "canceled"].includes(job.state)) return body;
      await new Promise((done) => setTimeout(done, 20));
    }
  };
  await world.steps([
    { as: "owner", do: "POST /merge-runs/preview", body: { min: 50 }, expect: 422, has: { field: "min" } },
    { as: "owner", do: "POST /merge-runs/preview", body: {}, expect: 422, has: { field: "min" } },
    { as: "associate", do: "POST /merge-runs/preview", body: { min: 95 }, expect: 403 },
    { as: "other", do: "POST /merge-runs/preview", body: { min: 95 }, has: { pairs: 0, merging: 0 } },
    { as: "manager", do: "POST /merge-runs/preview", body: { min: 95 }, has: { pairs: 3, merging: 2, later: 1 } },
    { as: "owner", do: "POST /merge-runs/preview", body: { min: 95 }, has: { pairs: 4, merging: 3, later: 1, more: false }, then: ({ body }) => assert.equal(body.least_likely.length, 4) },
    { as: "owner", do: "POST /merge-runs", body: { min: 95 }, expect: 422, has: { field: "expect" } },
    { as: "owner", do: "POST /merge-runs", body: { min: 95, expect: 9 }, expect: 409, has: { code: "merge_run_others", args: { now: "4" } } },
    { as: "associate", do: "POST /merge-runs", body: { min: 95, expect: 4 }, expect: 403 },
    { as: "owner", do: "POST /merge-runs", body: { min: 95, expect: 4 }, expect: 202, has: { min: 95, pairs: 4, staff: "Owner Test", may_undo: false, undo_job: null }, save: { run: "id" } },
  ]);
  const run = await ended();
  assert.deepEqual(run.counts, [{ outcome: "merged", pairs: 3 }, { outcome: "since", pairs: 1 }]);
  assert.equal(run.may_undo, true);
  await world.steps([
    { as: "owner", do: "GET /merge-runs/${run}/pairs?outcome=merged", then: ({ body }) => {
      assert.equal(body.items.length, 3);
      assert.ok(body.items.every((one) => one.merge_id && one.survivor.number < one.loser.number && one.back === null));
    } },
    { as: "owner", do: "GET /merge-runs/${run}/pairs?limit=1", save: { next: "next" } },
    { as: "owner", do: "GET /merge-runs/${run}/pairs?limit=100&cursor=${next}", has: { next: null }, then: ({ body }) => assert.equal(body.items.length, 3) },
    { as: "owner", do: "GET /merge-runs/${run}/pairs?outcome=nonsense", expect: 422, has: { field: "outcome" } },
    { as: "owner", do: "GET /merge-runs", has: { items: [{ id: "${run}" }], next: null } },
    { as: "manager", do: "GET /merge-runs", has: { items: [] } },
    { as: "manager", do: "GET /merge-runs/${run}", expect: 404 },
    { as: "other", do: "GET /merge-runs/${run}/pairs", expect: 404 },
    { as: "other", do: "POST /merge-runs/${run}/undo", expect: 404 },
    { as: "owner", do: "GET /customers?limit=0", has: { total: 5 } },
    { as: "owner", do: "GET /customers/${A1}", has: { row: { visits: 3 } } },
    { as: "owner", do: "GET /merges", then: ({ body }) => { world.saved.one = body.items.at(-1).id; assert.equal(body.items.length, 3); } },
    // one of them is taken back by hand first
    { as: "owner", do: "POST /merges/${one}/undo" },
    { as: "owner", do: "POST /merge-runs/${run}/undo", expect: 202, then: ({ body }) => assert.ok(body.undo_job) },
  ]);
  const back = await ended();
  assert.deepEqual(back.back, [{ outcome: "merged", pairs: 2 }, { outcome: "gone", pairs: 1 }]);
  assert.equal(back.may_undo, false);
  assert.equal(stand(), before);
  await world.steps([
    { as: "owner", do: "POST /merge-runs/${run}/undo", expect: 409, has: { code: "merge_run_undone" } },
    { as: "owner", do: "GET /audit?action=merge_run.undo", has: { items: [{ actor: "Owner Test" }] } },
  ]);
  const check = world.cli(["check"]);
  assert.equal(check.status, 0, check.err);
});

onEveryEngine("an earlier day before a merge: one person with both histories; two again when it is taken back", async (world) => {
  importFile(world, "customers", "external_id,first_name,last_name,store,registered\nA1,Anna,Rossi,Lyon,2026-01-10\nA2,Anna,Rossi,Lyon,2026-02-10\n");
  importFile(world, "transactions", "customer_id,date,invoice,amount,quantity,store\nA1,2026-01-20,I1,20.00,1,Lyon\nA1,2026-04-20,I2,5.00,1,Lyon\nA2,2026-02-20,I3,30.00,1,Lyon\nA2,2026-05-01,I4,40.00,1,Lyon\n");
  const past = async (day) => (await world.ask("owner", `GET /customers?as_of=${day}&sort=number&q=rossi`)).body.items.map((one) => [one.number, one.visits, one.spent_minor]);
  const days = ["2026-01-31", "2026-03-31", "2026-05-05"];
  const apart = [[[1, 1, 2000]], [[1, 1, 2000], [2, 1, 3000]], [[1, 2, 2500], [2, 2, 7000]]];
  const ask = async () => { const all = []; for (const day of days) all.push(await past(day)); return all; };
  assert.deepEqual(await ask(), apart);
  const id = async (number) => (await world.ask("owner", `GET /customers?q=number:${number}`)).body.items[0].id;
  const both = { survivor_id: await id(2), loser_id: await id(1) };
  Object.assign(world.saved, both);
  const act = (who, state) => ({ as: "owner", do: `POST /customers/\${${who}}/consents`, body: { channel: "sms", state, how: "paper", given_on: "2026-03-01" }, expect: 201 });
  await world.steps([act("survivor_id", "granted"), act("loser_id", "refused"), { as: "owner", do: "POST /merges/preview", body: both, save: { v1: "survivor_version", v2: "loser_version" } }]);
  await world.steps([{ as: "owner", do: "POST /merges", body: { ...both, survivor_version: world.saved.v1, loser_version: world.saved.v2 }, expect: 201, save: { merge: "id" } }]);
  assert.deepEqual(await ask(), [[[2, 1, 2000]], [[2, 2, 5000]], [[2, 4, 9500]]], "the person came as early as either card, with all that either did by then");
  const sms = async () => (await world.ask("owner", "GET /customers?as_of=2026-03-31&sort=number&q=rossi")).body.items.map((one) => one.consent.sms);
  assert.deepEqual(await sms(), ["refused"], "in doubt a refusal");
  await world.steps([{ as: "owner", do: "POST /merges/${merge}/undo" }]);
  assert.deepEqual(await ask(), apart);
  assert.deepEqual(await sms(), ["refused", "granted"]);
  assert.equal(world.cli(["check"]).status, 0);
}, { today: "2026-05-20" });
