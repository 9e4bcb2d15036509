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
