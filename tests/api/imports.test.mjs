// Imports over the API: upload, what is detected, corrections, dry run, job, report, rejected rows, bad files.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const sales = `N° facture;Date;N° client;Référence;Désignation;Quantité;Prix unitaire
100;05/01/2024;A;x;Robe;2;5,00
100;05/01/2024;A;x;Robe;2;5,00
C100;09/01/2024;A;x;Robe;-2;5,00
101;31/02/2024;A;x;Robe;1;5,00
102;10/01/2024;;y;Sac;1;3,005
`;

const upload = (kind, raw, more = {}) => ({
  as: "owner", do: `POST /imports?kind=${kind}&file_name=file.csv`, raw, type: "application/octet-stream", expect: 201, ...more,
});

onEveryEngine("an import from upload to the rejected rows", async (world) => {
  await world.steps([
    upload("transactions", sales, {
      save: { id: "id" },
      has: {
        kind: "transactions", state: "uploaded", file_name: "file.csv", file_bytes: Buffer.byteLength(sales), missing: [],
        reading: { format: "table", delimiter: ";", encoding: "utf-8", decimal: ",", date_order: "dmy", header: true },
      },
      then: ({ body, headers }) => {
        assert.deepEqual(body.columns.map((c) => c.field),
          ["invoice", "date", "external_id", "product_code", "product", "quantity", "price"]);
        assert.deepEqual(body.columns[4].samples, ["Robe", "Robe", "Robe", "Robe", "Sac"]);
        assert.match(headers.get("location"), /^\/api\/v1\/imports\/\d+$/);
      },
    }),
    {
      as: "owner", do: "POST /imports/${id}/preview", has: { whole: true, report: { rows: 5, added: 4, invalid: 1 } },
      then: ({ body }) => {
        assert.deepEqual(body.rows.map((r) => r.verdict), ["add", "add", "add", "invalid", "add"]);
        assert.deepEqual(body.rows.map((r) => r.line), [2, 3, 4, 5, 6]);
        assert.equal(body.rows[3].problems[0].field, "date");
        assert.equal(body.rows[3].problems[0].code, "import_impossible_date");
        assert.match(body.rows[3].problems[0].detail, /31\/02\/2024/);
      },
    },
    { as: "owner", do: "GET /customers", has: { total: 0 } }, // the dry run left nothing
    { as: "owner", do: "POST /imports/${id}/start", expect: 202, has: { state: /^(running|done)$/ }, save: { job: "job.id" } },
  ]);
  const job = await world.waitForJob("owner", world.saved.job);
  assert.equal(job.state, "done");
  await world.steps([
    {
      as: "owner", do: "GET /imports/${id}",
      has: {
        state: "done", rejected: 1,
        report: {
          rows: 5, added: 4, invalid: 1, customers_added: 1, invoices: 3, cancellations: 1, without_customer: 1,
          total_minor: 1301, value: "13.005", first_day: "2024-01-05", last_day: "2024-01-10",
        },
      },
    },
    {
      as: "owner", do: "GET /imports/${id}/rejected", check: false, headers: { "Accept-Language": "fr" },
      then: ({ text, headers }) => {
        assert.match(headers.get("content-type"), /^text\/csv/);
        assert.match(headers.get("content-disposition"), /attachment/);
        const lines = text.replace(/^\uFEFF/, "").trim().split("\r\n");
        assert.equal(lines.length, 2);
        assert.match(lines[0], /N° facture,Date,N° client/);
        assert.match(lines[1], /^5,.*,date,101,31\/02\/2024,A,x,Robe,1,"5,00"$/);
      },
    },
    { as: "owner", do: "GET /customers", has: { total: 1 } },
    { as: "owner", do: "POST /imports/${id}/start", expect: 409, has: { code: "import_not_open" } },
    { as: "owner", do: "POST /imports/${id}/preview", expect: 409, has: { code: "import_not_open" } },
    { as: "owner", do: "PUT /imports/${id}/reading", body: { decimal: "." }, expect: 409, has: { code: "import_not_open" } },
    // once more: everything is there already
    upload("transactions", sales, { save: { again: "id" } }),
    { as: "owner", do: "POST /imports/${again}/start", expect: 202, save: { job: "job.id" } },
  ]);
  await world.waitForJob("owner", world.saved.job);
  await world.steps([
    { as: "owner", do: "GET /imports/${again}", has: { state: "done", report: { added: 0, skipped: 4, invalid: 1 } } },
    {
      as: "owner", do: "GET /imports?limit=1", save: { next: "next" },
      then: ({ body }) => assert.equal(body.items[0].id, world.saved.again),
    },
    { as: "owner", do: "GET /imports?limit=1&cursor=${next}", has: { next: null }, then: ({ body }) => assert.equal(body.items[0].id, world.saved.id) },
    { as: "owner", do: "GET /imports?cursor=made-up", expect: 422, has: { code: "cursor_bad" } },
    { as: "owner", do: "DELETE /imports/${id}", expect: 204 },
    { as: "owner", do: "GET /imports/${id}", expect: 404 },
    { as: "owner", do: "GET /customers", has: { total: 1 } }, // what was imported stays
  ]);
});

onEveryEngine("a reading corrected by hand", async (world) => {
  const file = "kennung|tag|betrag\n1|03/04/2024|5,5\n2|05/06/2024|7,25\n";
  await world.steps([
    upload("transactions", file, { save: { id: "id" }, has: { reading: { delimiter: "|" } }, then: ({ body }) => assert.ok(body.missing.includes("price")) }),
    { as: "owner", do: "POST /imports/${id}/start", expect: 422, has: { code: "import_missing_field" } },
    { as: "owner", do: "POST /imports/${id}/preview", expect: 422, has: { code: "import_missing_field" } },
    { as: "owner", do: "PUT /imports/${id}/reading", body: { columns: { external_id: 0, date: 1, amount: 2 } }, has: { missing: [], reading: { decimal: "," } } },
    { as: "owner", do: "PUT /imports/${id}/reading", body: { date_order: "mdy" }, has: { missing: [], reading: { date_order: "mdy", decimal: "," } } },
    {
      as: "owner", do: "POST /imports/${id}/preview",
      has: { report: { added: 2, value: "12.75", first_day: "2024-03-04", last_day: "2024-05-06" } },
    },
    { as: "owner", do: "PUT /imports/${id}/reading", body: { header: false }, has: { reading: { header: false, date_order: "mdy" } } },
    { as: "owner", do: "POST /imports/${id}/preview", has: { report: { rows: 3, added: 2, invalid: 1 } } },
    { as: "owner", do: "PUT /imports/${id}/reading", body: { columns: { colour: 0 } }, expect: 422, has: { code: "field_unknown" } },
    { as: "owner", do: "PUT /imports/${id}/reading", body: { columns: { date: 9 } }, expect: 422, has: { code: "import_no_such_column" } },
    { as: "owner", do: "PUT /imports/${id}/reading", body: { columns: { date: 1, amount: 1 } }, expect: 422, has: { code: "import_column_twice" } },
    { as: "owner", do: "PUT /imports/${id}/reading", body: { delimiter: "x" }, expect: 422 },
  ]);
});

onEveryEngine("files that are no table are refused and leave nothing", async (world) => {
  const bad = [
    [Buffer.from("PK\x03\x04rest"), "import_workbook"], ["", "import_empty"], ["%PDF-1.7\n", "import_not_csv"],
    [Buffer.from("a,b\n1,\0\n"), "import_not_text"], ["\n\n", "import_no_rows"],
    [Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), "import_utf32"],
  ];
  for (const [raw, code] of bad)
    await world.steps([upload("customers", raw, { expect: 422, has: { code } })]);
  await world.steps([
    upload("transactions", "BEGIN:VCARD\nVERSION:3.0\nFN:A B\nEND:VCARD\n", { expect: 422, has: { code: "import_cards_are_customers" } }),
    { as: "owner", do: "POST /imports?kind=colours", raw: "a\n1\n", type: "text/csv", expect: 422 },
    { as: "owner", do: "POST /imports", raw: "a\n1\n", type: "text/csv", expect: 422 },
    { as: "owner", do: "GET /imports", then: ({ body }) => assert.deepEqual(body.items, []) },
    { as: "associate", do: "POST /imports?kind=customers", raw: "id\n1\n", type: "text/csv", expect: 403 },
    { do: "POST /imports?kind=customers", raw: "id\n1\n", type: "text/csv", expect: 401 },
  ]);
});

onEveryEngine("an import of another merchant does not exist", async (world) => {
  await world.steps([
    upload("customers", "id,phone\n1,0612345678\n", { save: { id: "id" } }),
    { as: "other", do: "GET /imports/${id}", expect: 404 },
    { as: "other", do: "PUT /imports/${id}/reading", body: { header: false }, expect: 404 },
    { as: "other", do: "POST /imports/${id}/preview", expect: 404 },
    { as: "other", do: "POST /imports/${id}/start", expect: 404 },
    { as: "other", do: "GET /imports/${id}/rejected", expect: 404 },
    { as: "other", do: "DELETE /imports/${id}", expect: 404 },
    { as: "other", do: "GET /imports", then: ({ body }) => assert.deepEqual(body.items, []) },
    { as: "owner", do: "GET /imports/${id}", has: { state: "uploaded" } },
  ]);
});

onEveryEngine("cards, a large file over several pieces, and the audit log", async (world) => {
  const rows = ["id,first_name,phone,tags"];
  for (let i = 0; i < 30000; i++) rows.push(`${i},Anna ${"x".repeat(30)},+336${String(10000000 + i)},tag${i % 7}`);
  await world.steps([
    upload("customers", "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Rossi;Anna\r\nTEL:06 12 34 56 78\r\nEND:VCARD\r\n", {
      has: { reading: { format: "vcard" }, missing: [] }, save: { card: "id" },
    }),
    { as: "owner", do: "POST /imports/${card}/preview", has: { report: { added: 1 } } },
    upload("customers", rows.join("\n"), { save: { id: "id" } }),
    { as: "owner", do: "POST /imports/${id}/start", expect: 202, save: { job: "job.id" } },
  ]);
  assert.equal((await world.waitForJob("owner", world.saved.job)).state, "done");
  await world.steps([
    { as: "owner", do: "GET /imports/${id}", has: { report: { rows: 30000, added: 30000 } } },
    { as: "owner", do: "GET /customers?q=tag:tag3", has: { matching: 4286 } },
    {
      as: "owner", do: "GET /audit?entity=import",
      then: ({ body }) => assert.deepEqual(body.items.slice(0, 3).map((e) => e.action), ["import.finish", "import.start", "import.create"]),
    },
  ]);
});
