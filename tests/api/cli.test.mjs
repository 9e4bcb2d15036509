// The command line beside a running server: exit status, output, languages.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { onEveryEngine, password, program } from "./harness.mjs";

onEveryEngine("usage", async (world) => {
  const wrong = [
    [["nonsense"], /nonsense/],
    [["query", "--nonsense"], /--nonsense/],
    [["query", "a", "b"], /b/],
    [["query", "--sort", "nonsense", "--merchant", "shop"], /nonsense/],
    [["query", "--fields", "name,nonsense", "--merchant", "shop"], /nonsense/],
    [["query", "--limit", "many"], /limit/],
    [["query", "--today", "yesterday"], /today/],
    [["query", "--as-of", "2026-02-30"], /as-of/],
    [["import", "customers"], /./],
    [["import", "fish", "x.csv"], /fish/],
    [["import", "customers", "x.csv", "--map", "nonsense=Name"], /nonsense/],
    [["staff", "dance"], /dance/],
    [["staff", "add"], /--email/],
    [["serve", "--listen", "nowhere"], /listen/],
    [["serve", "--tls-cert", "x.pem"], /--tls-key/],
  ];
  for (const [args, told] of wrong) {
    const { status, out, err } = world.cli(args);
    assert.equal(status, 2, `${args.join(" ")}: ${err}`);
    assert.equal(out, "");
    assert.match(err, told);
  }
  for (const command of ["serve", "demo", "import", "query", "group", "bulk", "duplicates", "staff", "merchant", "check", "migrate", "version"]) {
    const { status, out, err } = world.cli([command, "--help"]);
    assert.equal(status, 0);
    assert.equal(err, "");
    assert.match(out, new RegExp(`habitue ${command}`));
  }
  assert.match(world.cli(["version"]).out, /^habitue \d+\.\d+\.\d+\n$/);
  assert.match(world.cli(["help"], { env: { LC_ALL: "fr_FR.UTF-8" } }).out, /^Usage.*\n[\s\S]*chaîne de boutiques/);
  assert.match(world.cli(["nonsense"], { env: { LC_ALL: "ru_RU.UTF-8" } }).err, /Нет команды nonsense/);
});

onEveryEngine("merchants and staff", async (world) => {
  const which = ["--merchant", "shop"];
  assert.match(world.cli(["staff", "list"]).err, /--merchant/);
  assert.match(world.cli(["merchant", "list"]).out, /^other\tOther\tEUR\tEurope\/Rome|^shop\tShop\tEUR/m);
  assert.equal(JSON.parse(world.cli(["merchant", "list", "--json"]).out).length, 2);
  assert.equal(world.cli(["merchant", "add", "--name", "Shop", "--slug", "shop"]).status, 1);
  assert.equal(world.cli(["merchant", "add", "--name", "Third", "--currency", "ZZZ"]).status, 1);

  const added = world.cli(["staff", "add", ...which, "--email", "zoe@shop.example", "--name", "Zoé", "--store", "LYON", "--url", world.url]);
  assert.equal(added.status, 0, added.err);
  const token = new URL(added.out.trim()).searchParams.get("token");
  world.people.zoe = {};
  await world.steps([
    { as: "zoe", do: "POST /invitation", body: { token, name: "Zoé", password }, expect: 201, has: { staff: { role: "associate", stores: [{ name: "Lyon" }] } } },
    { as: "owner", do: "GET /audit?action=staff.create&limit=1", has: { items: [{ actor: "command line", staff_id: null, detail: { email: "zoe@shop.example" } }] } },
  ]);
  assert.match(world.cli(["staff", "list", ...which]).out, /^zoe@shop\.example\tZoé\tassociate\tactive$/m);
  assert.equal(world.cli(["staff", "add", ...which, "--email", "zoe@shop.example", "--store", "Lyon"]).status, 1);
  assert.equal(world.cli(["staff", "invite", "nobody@shop.example", ...which]).status, 1);
  // invite leaves the password, reset takes it away
  assert.equal(world.cli(["staff", "invite", "zoe@shop.example", ...which]).status, 0);
  await world.steps([{ as: "zoe", do: "GET /session" }]);
  assert.equal(world.cli(["staff", "reset", "zoe@shop.example", ...which]).status, 0);
  await world.steps([
    { as: "zoe", do: "GET /session", expect: 401 },
    { do: "POST /session", body: { email: "zoe@shop.example", password }, expect: 401 },
  ]);
  assert.equal(world.cli(["staff", "remove", "zoe@shop.example", ...which]).status, 0);
  assert.equal(world.cli(["staff", "remove", "owner@shop.example", ...which]).status, 1);
});

onEveryEngine("importing and asking beside the server", async (world) => {
  const folder = mkdtempSync(join(tmpdir(), "habitue-cli-"));
  const file = join(folder, "customers.csv");
  const report = join(folder, "rejected.csv");
  const which = ["--merchant", "shop"];
  try {
    writeFileSync(file, "Name;E-mail;Birthday\nAnna Rossi;anna@example.com;1990-05-01\nPaul Martin;paul@example.com;1985-12-24\nBad Day;bad@example.com;1990-02-31\n");
    const dry = world.cli(["import", "customers", file, "--dry-run", ...which]);
    assert.equal(dry.status, 0, dry.err);
    assert.match(dry.out, /^Added\s+2$/m);
    assert.equal(world.cli(["query", "--count", ...which]).out, "0\n");
    const done = world.cli(["import", "customers", file, "--report", report, ...which]);
    assert.equal(done.status, 0, done.err);
    assert.match(done.out, /^Added\s+2$/m);
    assert.match(done.out, /^Rejected\s+1$/m);
    assert.equal(world.cli(["query", "--count", ...which]).out, "2\n");
    assert.equal(world.cli(["query", "anna", "--fields", "name,email", ...which]).out, "name,email\r\nAnna Rossi,anna@example.com\r\n");
    const rows = JSON.parse(world.cli(["query", "--format", "json", "--sort", "-age", "--fields", "id,name,age,spent", "--today", "2026-03-01", ...which]).out);
    assert.deepEqual(rows.map((one) => [one.name, one.age, one.spent]), [["Paul Martin", 40, 0], ["Anna Rossi", 35, 0]]);
    assert.match(rows[0].id, /^\d+$/);
    assert.equal(JSON.parse(world.cli(["query", "nobody", "--json", ...which]).out).length, 0);
    assert.match(world.cli(["query", "--facets", "type,gender", ...which]).out, /^type\tregular\t2$/m);
    assert.equal(world.cli(["query", "--facets", "spent", ...which]).out, "spent\t<=0\t2\n");
    assert.equal(world.cli(["query", "--count", "--as-of", "2026-02-01", "--today", "2026-03-01", ...which]).status, 0);
    const future = world.cli(["query", "--count", "--as-of", "2026-03-02", "--today", "2026-03-01", ...which]);
    assert.equal(future.status, 1);
    assert.match(future.err, /2026-03-01/);
    const bad = world.cli(["query", "gendr:female", ...which]);
    assert.equal(bad.status, 2);
    assert.match(bad.err, /gendr:female\n {2}\^{5}\n {2}Did you mean “gender”\?\n$/);
    assert.match(world.cli(["query", "gender:femal", ...which], { env: { LC_ALL: "it_IT.UTF-8" } }).err, /Intendevi «female»\?/);
    assert.doesNotMatch(world.cli(["query", "visits:>", ...which]).err, /Did you mean/);
    // and the server sees what the command line wrote
    await world.steps([{ as: "owner", do: "GET /customers?q=anna", has: { matching: 1 } }]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const check = world.cli(["check", "--json"]);
  assert.equal(check.status, 0, check.err);
  assert.deepEqual(JSON.parse(check.out), { well: true, merchants: 2, customers: 2, differences: 0 });
  assert.equal(world.cli(["migrate"]).status, 0);
});

test("a dry run of a whole file waits for no writer, and keeps none waiting", async () => {
  const folder = mkdtempSync(join(tmpdir(), "habitue-dry-"));
  const db = join(folder, "shop.db");
  const file = join(folder, "customers.csv");
  const run = (...args) => spawnSync(program, args, { env: { ...process.env, HABITUE_DB: db, TMPDIR: folder }, encoding: "utf8" });
  const writer = spawn("sqlite3", [db]);
  try {
    assert.equal(run("merchant", "add", "--name", "Shop").status, 0);
    writeFileSync(file, "name,email\nAnna Rossi,anna@example.com\nAnna Rossi,anna@example.com\n");
    const begun = new Promise((heard) => writer.stdout.on("data", heard));
    writer.stdin.write("BEGIN IMMEDIATE; SELECT 'held';\n");
    await begun;
    const { status, stdout, stderr } = run("import", "customers", file, "--dry-run");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^Added\s+1$/m); // the second row is found to be the first one's
    assert.equal(run("query", "--count").stdout, "0\n");
    assert.deepEqual(readdirSync(folder).filter((name) => name.includes("dry-run")), []);
  } finally {
    writer.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});

onEveryEngine("a base of an older version is checked by nobody, and changed by no check", async (world) => {
  const folder = mkdtempSync(join(tmpdir(), "habitue-old-"));
  const old = join(folder, "old.db");
  try {
    writeFileSync(old, "");
    for (let i = 0; i < 2; i++) {
      const { status, err } = world.cli(["check", "--db", old]);
      assert.equal(status, 1);
      assert.match(err, /habitue migrate/);
    }
    assert.equal(world.cli(["migrate", "--db", old]).status, 0);
    assert.equal(world.cli(["check", "--db", old]).status, 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

onEveryEngine("a base that is not there is not made by a question", async (world) => {
  const { status, err } = world.cli(["query", "--db", "/nowhere/at/all.db"]);
  assert.equal(status, 1);
  assert.match(err, /all\.db/);
  assert.match(world.cli(["import", "customers", "/nowhere/at/all.csv", "--merchant", "shop"]).err, /all\.csv/);
});

onEveryEngine("groups, bulk actions and duplicates from the command line", async (world) => {
  const folder = mkdtempSync(join(tmpdir(), "habitue-many-"));
  const file = join(folder, "file.csv");
  const run = (...words) => world.cli([...words, "--merchant", "shop"]);
  const good = (...words) => {
    const done = run(...words);
    assert.equal(done.status, 0, `${words}: ${done.err}`);
    return done.out;
  };
  const count = (query) => Number(good("query", query, "--count"));
  try {
    writeFileSync(file, "external_id,first_name,last_name,email,city,birthday\nA1,Anna,Rossi,anna.rossi@gmail.com,Lyon,1980-02-03\nA2,Rossi,Anna,annarossi@gmail.com,Lyon,1980-02-03\nA3,Marco,Verdi,m@x.example,Nice,\n");
    good("import", "customers", file);
    good("group", "add", "Wedding guests", "--description", "June");
    assert.equal(run("group", "add", "WEDDING guests").status, 1);
    assert.equal(run("group", "remove", "Nobody").status, 1);
    assert.equal(good("bulk", "group_add", "wedding guests", "--query", "city:lyon", "--dry-run"), "changed\t2\n");
    assert.equal(count("group:any"), 0);
    const did = good("bulk", "group_add", "wedding guests", "--query", "city:lyon");
    assert.match(did, /^id\t\d+\nchanged\t2\n$/);
    assert.equal(good("group", "list"), "Wedding guests\t2\n");
    const ahead = JSON.parse(good("bulk", "group_add", "Wedding guests", "--query", "", "--dry-run", "--json"));
    assert.deepEqual([ahead.changed, ahead.already, ahead.gone], [1, 2, 0]);
    good("group", "rename", "Wedding guests", "Guests");
    assert.equal(count("group:guests"), 2);
    assert.match(good("bulk", "undo", did.match(/\d+/)[0]), /changed\t2/);
    assert.equal(count("group:guests"), 0);
    good("bulk", "tag_add", "Vip", "--query", "city:nice");
    assert.equal(count("tag:vip"), 1);
    good("bulk", "block", "Unpaid", "--query", "tag:vip");
    assert.equal(count("blocked:yes"), 1);
    assert.match(good("bulk", "list"), /block\tUnpaid\t1\t1\ttag:vip/);
    assert.equal(run("bulk", "tag_remove", "Unknown", "--query", "").status, 1);
    assert.equal(run("bulk", "tag_add", "Vip").status, 2);
    assert.equal(run("bulk", "favourite_add", "--query", "").status, 2);
    assert.equal(run("bulk", "tag_add", "Vip", "--query", "gendr:x").status, 2);
    assert.match(good("duplicates", "list"), /^\d\d\t1\tAnna Rossi\t2\tRossi Anna\n$/);
    assert.equal(JSON.parse(good("duplicates", "list", "--json"))[0].b.number, 2);
    const merge = good("duplicates", "merge", "1", "2").trim();
    assert.equal(count(""), 2);
    good("duplicates", "unmerge", merge);
    assert.equal(count(""), 3);
    assert.equal(run("duplicates", "unmerge", merge).status, 1);
    assert.match(good("duplicates", "merge-all", "--min", "80", "--dry-run"), /Anna Rossi/);
    const all = good("duplicates", "merge-all", "--min", "80");
    assert.match(all, /merged\t1/);
    assert.equal(count(""), 2);
    assert.match(good("duplicates", "undo", all.match(/\d+/)[0]), /merged\t1/);
    assert.equal(count(""), 3);
    assert.equal(run("duplicates", "merge-all").status, 2);
    assert.equal(run("duplicates", "merge-all", "--min", "60").status, 2);
    assert.equal(run("duplicates", "merge", "1", "99").status, 1);
    assert.equal(good("check"), good("check"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
