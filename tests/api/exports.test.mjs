// Exports: what is in the file, who may, what it says in the audit log; out and in again.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { onEveryEngine } from "./harness.mjs";

const today = "2026-03-14";
const get = (world, as, body) => world.ask(as, "POST /exports", { body, check: false });
const lines = (text) => text.replace(/^\uFEFF/, "").trimEnd().split("\r\n");

/** A file of a ZIP archive. */
function unzip(bytes, name) {
  for (let at = bytes.indexOf("PK\u0001\u0002"); at >= 0; at = bytes.indexOf("PK\u0001\u0002", at + 4)) {
    const length = bytes.readUInt16LE(at + 28);
    if (bytes.toString("utf8", at + 46, at + 46 + length) !== name) continue;
    const from = bytes.readUInt32LE(at + 42);
    const data = from + 30 + bytes.readUInt16LE(from + 26) + bytes.readUInt16LE(from + 28);
    return inflateRawSync(bytes.subarray(data, data + bytes.readUInt32LE(at + 20))).toString("utf8");
  }
  throw new Error(`${name} is not in the archive`);
}

onEveryEngine("e-mails alone, chosen columns, who may, and the audit", async (world) => {
  const { body: list } = await world.ask("owner", "GET /customers?limit=500");
  const agreed = list.items.filter((one) => one.email && !one.blocked && one.consent.email === "granted");
  const emails = await get(world, "owner", { what: "emails", q: "", language: "en" });
  assert.equal(emails.status, 200);
  assert.match(emails.headers.get("content-disposition"), /emails\.csv/);
  assert.deepEqual(lines(emails.text).slice(1).sort(), agreed.map((one) => one.email).sort());
  const all = await get(world, "owner", { what: "emails", q: "", consent_only: false, bom: false });
  assert.ok(!all.text.startsWith("\uFEFF"));
  assert.equal(lines(all.text).length - 1, list.items.filter((one) => one.email && !one.blocked).length);
  const some = list.items.slice(0, 3).map((one) => one.id);
  const chosen = await get(world, "manager", { what: "customers", ids: some, columns: "number,last_name,spent,type", language: "fr" });
  assert.equal(lines(chosen.text).length, 4);
  assert.match(lines(chosen.text)[0], /^Numéro Habitué;Nom de famille;Total dépensé;Typologie$/);
  for (const [i, one] of [...list.items.slice(0, 3)].sort((a, b) => a.number - b.number).entries())
    assert.equal(lines(chosen.text)[i + 1].split(";")[2], (one.spent_minor / 100).toFixed(2).replace(".", ","));
  const columns = await world.ask("owner", "GET /exports/columns");
  assert.ok(columns.body.items.some((one) => one.name === "phone2" && one.heading));
  await world.steps([
    { as: "associate", do: "POST /exports", body: { what: "emails", q: "" }, expect: 403 },
    { as: "associate", do: "GET /exports/columns", expect: 403 },
    { as: "owner", do: "POST /exports", body: { q: "" }, expect: 422, has: { field: "what" } },
    { as: "owner", do: "POST /exports", body: { what: "customers" }, expect: 422, has: { code: "selection_needed" } },
    { as: "owner", do: "POST /exports", body: { what: "customers", q: "", columns: "name,shoe" }, expect: 422, has: { code: "export_column_unknown" } },
    { as: "owner", do: "POST /exports", body: { what: "customers", q: "visits:" }, expect: 422, has: { field: "q" } },
    { as: "owner", do: "GET /audit?entity=export", then: ({ body }) => {
      assert.deepEqual(body.items.map((one) => one.action), ["export.customers", "export.emails", "export.emails"]);
      assert.deepEqual(body.items[0].detail, { columns: "number, last_name, spent, type", format: "csv", customers: "3" });
      assert.equal(body.items[2].detail.customers, String(agreed.length));
    } },
  ]);
  world.sql("UPDATE session SET confirmed_us = 1");
  assert.equal((await world.ask("owner", "POST /exports", { body: { what: "emails", q: "" } })).body.code, "confirm_password");
}, { demo: 120, today });

onEveryEngine("what was exported imports again, in every language, and is the same", async (world) => {
  const folder = mkdtempSync(join(tmpdir(), "habitue-export-"));
  const file = join(folder, "customers.csv");
  const nasty = ["=1+1", "+44 \"x\"", "-2;3", "@SUM(A1)", "'quoted", "a,b;c|d", "=HYPERLINK(\"http://x\")", "Ünïcødé Łódź", "Имя", "''=x", "O'Neil", "\"\"", "1e5", "007"];
  const quote = (text) => `"${text.replaceAll('"', '""')}"`;
  const rows = nasty.map((text, i) => [`k${i}`, quote(text.startsWith("'") || text.startsWith("=") ? `'${text}` : text), quote(`Last ${text}`), quote(text === "'quoted" ? "''quoted" : text),
    `p${i}@example.com`, i % 3 ? `+3361234${String(5000 + i)}` : "", i % 2 ? "female" : "", i % 4 ? `19${70 + i}-0${1 + (i % 9)}-11` : "--02-29", i % 3 ? "Lyon" : "Nice", i % 2 ? "yes" : "no", quote(i % 2 ? "vip, loyal" : ""), `2024-0${1 + (i % 9)}-10`,
    `q${i}@example.com`, `+3361299${String(5000 + i)}`, quote(`${i}, rue de "Paris"`), "75001", "Paris", "FR", "fr", "Fair", "ios", `face${i}`, `tw${i}`, `goo${i}`, i % 2 ? "yes" : "no"].join(","));
  try {
    writeFileSync(file, `customer id,first name,last name,nickname,email,phone,gender,birthday,store,email consent,tags,registered,second email,second phone,address,postcode,city,country,language,source,device,facebook,twitter,google,sms consent\n${rows.join("\n")}\n`);
    const read = world.cli(["import", "customers", file, "--merchant", "shop"]);
    assert.equal(read.status, 0, read.err);
    let merchant = 0;
    for (const language of ["en", "fr", "it", "es", "ru"]) {
      const first = world.cli(["export", "customers", "--merchant", "shop", "--language", language]);
      assert.equal(first.status, 0, first.err);
      assert.equal(lines(first.out).length, nasty.length + 1);
      assert.ok(!/(^|[;,"])[=@]/m.test(first.out), "a formula stands at the front of a cell");
      writeFileSync(file, first.out);
      const slug = `copy${++merchant}`;
      assert.equal(world.cli(["merchant", "add", "--name", slug, "--slug", slug, "--currency", "EUR", "--country", "FR", "--time-zone", "Europe/Paris", "--language", "en", "--owner-email", `${slug}@x.example`]).status, 0);
      const again = world.cli(["import", "customers", file, "--merchant", slug]);
      assert.equal(again.status, 0, again.err);
      const second = world.cli(["export", "customers", "--merchant", slug, "--language", language]);
      assert.deepEqual(lines(second.out), lines(first.out), language);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const printed = world.cli(["export", "customers", "--merchant", "shop", "--format", "xlsx", "--columns", "first_name,visits", "--query", "store:nice"], { binary: true });
  const sheet = unzip(Buffer.from(printed.out, "latin1"), "xl/worksheets/sheet1.xml");
  assert.match(sheet, /t="inlineStr"><is><t>@SUM\(A1\)/);
  assert.ok(!/<f>/.test(sheet), "a formula");
  assert.equal(world.cli(["export", "shoes", "--merchant", "shop"]).status, 2);
  assert.equal(world.cli(["export", "customers", "--merchant", "shop", "--query", "gendr:x"]).status, 2);
  assert.equal(world.cli(["export", "customers", "--merchant", "shop", "--columns", "shoe"]).status, 2);
});

onEveryEngine("everything exported comes into its own base without changing it, and into an empty one as it was", async (world) => {
  const folder = mkdtempSync(join(tmpdir(), "habitue-round-"));
  const file = join(folder, "customers.csv");
  const columns = "number,external_id,first_name,last_name,nickname,gender,birthday,phone,phone2,phone3,phone4,email,email2,email3,address,postcode,city,country,language,store,source,tags,registered,consent_sms,consent_email,consent_push,device,facebook,twitter,google,instagram,website,addresses,dates";
  const people = "external_id,first_name,last_name,phone,email,instagram,website,other addresses,important dates\n";
  const give = (merchant, text) => {
    writeFileSync(file, text);
    const done = world.cli(["import", "customers", file, "--merchant", merchant]);
    assert.equal(done.status, 0, done.err);
  };
  const out = (merchant) => world.cli(["export", "customers", "--merchant", merchant, "--columns", columns, "--language", "en"]).out;
  const stand = () => ["customer", "contact", "customer_address", "customer_date", "customer_tag", "consent"].map((table) =>
    world.sql(`SELECT COUNT(*) FROM ${table}`)).join() + world.sql("SELECT SUM(version) FROM customer");
  try {
    // a couple with one phone; lists with their own signs in them; somebody with no key at all, twice the same name
    give("shop", `${people}A1,Anna,Rossi,+33612345601,anna@x.example,@anna,https://anna.example,"home; 1, rue \\; du \\| Pont; 69001; Lyon; FR | work; Rue 2; ; Paris; ","Wedding; 2019-06-12 | Child \\; one; --03-14"\n,Marco,Rossi,+33612345601,,,,,\n,Lea,Bon,,lea@x.example,,,,\n`);
    const { body } = await world.ask("owner", "POST /customers", { body: { first_name: "Nobody", last_name: "Known", dates: [{ name: "Name day", month: 5, day: 3 }] } });
    await world.ask("owner", "POST /customers", { body: { first_name: "Nobody", last_name: "Known" } });
    const file1 = out("shop");
    const before = stand();
    assert.match(file1, /Wedding; 2019-06-12 \| Child \\; one; --03-14/);
    give("shop", file1);
    assert.equal(stand(), before);
    assert.equal(out("shop"), file1);
    // an edit in the file of somebody without phone or e-mail reaches the same card
    give("shop", file1.replace(/Name day; --05-03/, "Name day; --05-03 | Jubilee; 2020-01-02"));
    const { body: card } = await world.ask("owner", `GET /customers/${body.id ?? body.row?.id}`);
    assert.deepEqual(card.dates.map((one) => one.name), ["Name day", "Jubilee"]);
    const whole = out("shop");
    assert.equal(world.cli(["merchant", "add", "--name", "copy", "--slug", "copy", "--currency", "EUR", "--country", "FR", "--time-zone", "Europe/Paris", "--language", "en", "--owner-email", "copy@x.example"]).status, 0);
    give("copy", whole);
    assert.equal(out("copy"), whole);
    give("copy", whole);
    assert.equal(out("copy"), whole);
    // the numbers of another base mean other people there
    assert.equal(world.cli(["merchant", "add", "--name", "third", "--slug", "third", "--currency", "EUR", "--country", "FR", "--time-zone", "Europe/Paris", "--language", "en", "--owner-email", "third@x.example"]).status, 0);
    give("third", "first_name,last_name,email\nPaul,Other,paul@x.example\n");
    give("third", whole);
    assert.equal(lines(out("third")).length, lines(whole).length + 1);
    writeFileSync(file, `${people}B1,Eva,Verdi,,,,,castle; Street; ; Lyon; FR,\nB2,Ugo,Verdi,,,,,,Wedding 2019\n`);
    const bad = world.cli(["import", "customers", file, "--merchant", "third"]);
    assert.match(bad.out + bad.err, /import_bad_addresses|home; street; postcode/);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, { today });

onEveryEngine("as of an earlier day the figures are those of that day, and their headings say so", async (world) => {
  const columns = "number,visits,spent,type,last_visit";
  const rows = (text) => new Map(lines(text).slice(1).map((line) => [line.split(",")[0], line.split(",").slice(1)]));
  const then = await get(world, "owner", { what: "customers", q: "", as_of: "2025-10-01", columns, language: "en" });
  assert.equal(then.status, 200);
  assert.equal(lines(then.text)[0], "Habitué number,Visits (2025-10-01),Total spent (2025-10-01),Typology (2025-10-01),Last visit (2025-10-01)");
  const { body } = await world.ask("owner", "GET /customers?as_of=2025-10-01&limit=500");
  assert.equal(rows(then.text).size, body.matching);
  for (const one of body.items) {
    const [visits, spent] = rows(then.text).get(String(one.number));
    assert.deepEqual([visits, spent], [String(one.visits), (one.spent_minor / 100).toFixed(2)]);
  }
  const printed = world.cli(["export", "customers", "--merchant", "demo", "--as-of", "2025-10-01", "--columns", columns, "--language", "en"]);
  assert.deepEqual(lines(printed.out), lines(then.text));
  await world.steps([
    { as: "owner", do: "POST /exports", body: { what: "customers", q: "", as_of: "2999-01-01" }, expect: 422, has: { code: "as_of_future" } },
    { as: "owner", do: "GET /audit?entity=export", then: ({ body: audit }) => assert.equal(audit.items[1].detail.as_of, "2025-10-01") },
  ]);
  assert.equal(world.cli(["export", "customers", "--merchant", "demo", "--as-of", "yesterday"]).status, 2);
}, { demo: 120, today });
