// Backups while writing goes on: each holds a prefix of what was acknowledged, on either engine.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onEveryEngine, password, program } from "./harness.mjs";

const env = { ...process.env, LC_ALL: "C" };
const run = (args) => spawnSync(program, args, { env, encoding: "utf8" });
/** The same without standing still: the writer of this process goes on. */
function runBeside(args) {
  return new Promise((ended) => {
    const child = spawn(program, args, { env });
    let err = "";
    child.stderr.on("data", (part) => (err += part));
    child.on("close", (status) => ended({ status, err }));
  });
}
async function until(isTrue) {
  for (const end = Date.now() + 30000; Date.now() < end; await new Promise((next) => setTimeout(next, 50))) if (await isTrue()) return;
  throw new Error("waited 30 s");
}
const asked = (db, text) => spawnSync("sqlite3", [db, text], { encoding: "utf8" }).stdout.trim();

/** The number of stores named in turn that the backup holds; no other and no gap. */
function restored(file, folder, name) {
  const db = join(folder, `${name}.db`);
  const done = run(["restore", file, "--db", db, "--json"]);
  assert.equal(done.status, 0, done.err);
  const check = run(["check", "--db", db, "--json"]);
  assert.equal(check.status, 0, check.err + check.out);
  const names = asked(db, "SELECT name FROM store WHERE name LIKE 'Store %'").split("\n").filter(Boolean);
  const numbers = names.map((one) => Number(one.slice(6))).sort((x, y) => x - y);
  assert.deepEqual(numbers, numbers.map((_, i) => i), "a prefix of what was written");
  const [sales, lines, next] = asked(db, "SELECT COUNT(*), (SELECT COUNT(*) FROM transaction_line), COALESCE(MAX(CAST(invoice AS INTEGER)) + 1, 0) FROM transactions").split("|").map(Number);
  assert.ok(sales === lines && sales === next, `the first ${sales} rows of the file (${lines} lines, up to ${next})`);
  return { stores: numbers.length, db };
}

onEveryEngine("backups while others write", async (world) => {
  const folder = mkdtempSync(join(tmpdir(), "habitue-backup-"));
  try {
    const rows = Array.from({ length: 3000 }, (_, i) => `${i},2025-0${1 + (i % 9)}-1${i % 10},Person ${i % 700},+3361${String(1000000 + (i % 700))},${i % 90}.50`);
    const upload = await world.ask("owner", "POST /imports?kind=transactions&file_name=sales.csv", { raw: ["invoice,date,name,phone,amount", ...rows].join("\n"), type: "text/csv" });
    assert.equal(upload.status, 201, upload.text);
    let acknowledged = 0;
    let going = true;
    const writer = (async () => {
      for (; going; acknowledged++) {
        const { status, text } = await world.ask("owner", "POST /stores", { body: { name: `Store ${acknowledged}` } });
        assert.equal(status, 201, text);
      }
    })();
    const started = await world.ask("owner", `POST /imports/${upload.body.id}/start`);
    assert.equal(started.status, 202, started.text);
    const marks = [];
    for (let i = 0; i < 3; i++) {
      const file = join(folder, `${i}.backup`);
      const before = acknowledged;
      const { status, err } = await runBeside(["backup", file, "--db", world.db]);
      assert.equal(status, 0, err);
      marks.push({ file, before, after: acknowledged + 1 });
    }
    await world.waitForJob("owner", started.body.job.id);
    going = false;
    await writer;
    for (const [i, { file, before, after }] of marks.entries()) {
      const { stores } = restored(file, folder, `${i}`);
      assert.ok(stores >= before && stores <= after, `${before} ≤ ${stores} ≤ ${after}`);
    }
    assert.deepEqual(readdirSync(folder).filter((one) => /backup\./.test(one)), [], "nothing is left lying about");
    // the restored base serves; nobody is signed in, everybody can sign in
    const { db } = restored(marks.at(-1).file, folder, "last");
    assert.equal(asked(db, `SELECT COUNT(*) FROM session WHERE expires_us > ${Date.now() * 1000}`), "0");
    assert.match(asked(db, "SELECT action FROM audit ORDER BY id DESC LIMIT 1"), /base\.restore/);
    assert.equal(run(["restore", marks[0].file, "--db", db]).status, 1);
    // and goes back into the engine that it came from
    assert.equal(run(["backup", join(folder, "again.backup"), "--db", db]).status, 0);
    await world.halt();
    const back = world.cli(["restore", join(folder, "again.backup"), "--force", "--json"]);
    assert.equal(back.status, 0, back.err);
    assert.equal(world.cli(["check"]).status, 0);
    await world.start();
    await world.steps([
      { as: "owner", do: "GET /session", expect: 401 },
      { as: "owner", do: "POST /session", body: { email: "owner@shop.example", password }, expect: 201 },
      { as: "owner", do: "GET /system", has: { engine: world.engine, nightly: false, backups: (list) => list.length > 0 && list.every((one) => one.state === "done") } },
      { as: "manager", do: "POST /session", body: { email: "manager@shop.example", password }, expect: 201 },
      { as: "manager", do: "GET /system", expect: 403 },
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

onEveryEngine("what is no backup, and where none can go", async (world) => {
  const folder = mkdtempSync(join(tmpdir(), "habitue-backup-"));
  try {
    const file = join(folder, "x.backup");
    const told = world.cli(["backup", file, "--json"]);
    assert.equal(told.status, 0, told.err);
    assert.ok(JSON.parse(told.out).rows > 5);
    assert.equal(told.err, "");
    const nowhere = world.cli(["backup", join(folder, "no", "x.backup")]);
    assert.equal(nowhere.status, 1);
    assert.match(nowhere.err, /cannot be written/);
    writeFileSync(join(folder, "y.backup"), "something else altogether, but long enough to be read as a file of some kind");
    const bad = world.cli(["restore", "--force", join(folder, "y.backup")]);
    assert.equal(bad.status, 1);
    assert.match(bad.err, /no backup.*Nothing was changed/);
    const full = world.cli(["restore", file]);
    assert.equal(full.status, 1);
    assert.match(full.err, /not empty/);
    assert.equal(world.cli(["restore"]).status, 2);
    await world.steps([{ as: "owner", do: "GET /session" }]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

{
  const folder = mkdtempSync(join(tmpdir(), "habitue-nightly-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  onEveryEngine("every night by itself", async (world) => {
    for (const day of ["2001-01-01", "2001-01-02", "2001-01-03"]) writeFileSync(join(folder, `habitue-${day}.backup`), "old");
    writeFileSync(join(folder, "habitue-mine.backup"), "not the program's");
    // the first look may have come before those files: they are removed by the next day's
    const look = async () => (await world.ask("owner", "GET /system")).body;
    await until(async () => (await look()).backups.some((one) => one.nightly && one.state === "done"));
    const { backups, keep, nightly } = await look();
    assert.deepEqual([nightly, keep], [true, 2]);
    assert.equal(backups.filter((one) => one.nightly).length, 1);
    assert.match(backups[0].file, /^habitue-\d{4}-\d\d-\d\d\.backup$/);
    const { db } = restored(join(folder, backups[0].file), folder, world.engine);
    rmSync(db);
    // a second process finds the day taken
    await world.halt();
    world.sql("UPDATE backup SET day = '2000-01-01'");
    await world.start();
    await world.steps([{ as: "owner", do: "GET /system" }]);
    await until(async () => readdirSync(folder).filter((one) => /^habitue-\d.*backup$/.test(one)).length === 2);
    assert.ok(readdirSync(folder).includes("habitue-mine.backup"));
  }, { serve: ["--backup-dir", folder, "--backup-keep", "2"] });
}
