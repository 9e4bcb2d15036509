// Imports in the browser: real files from tests/data, corrected by hand, followed, reported; bad files
// refused.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  askApi,
  axe,
  becomes,
  browser,
  closePage,
  languages,
  openPage,
  phone,
  server,
  sidewaysOverflow,
  useDemo,
} from "./harness.mjs";

const data = join(dirname(fileURLToPath(import.meta.url)), "../data");
const cards = join(data, "vcards/gmail-list.vcf");
useDemo({ customers: 200 });

const text = (name, lines) => ({ name, mimeType: "text/csv", buffer: Buffer.from(lines.join("\n")) });
const choose = (page, file) => page.locator("input[type=file]").setInputFiles(file);
const count = async (page, label) =>
  Number(
    (
      await page
        .locator(".counts .fact", { has: page.getByText(label, { exact: true }) })
        .locator("dd")
        .innerText()
    ).replaceAll(/[€,]/g, ""),
  );
const meaning = (page, heading) => page.getByLabel(`Meaning of the column ${heading}`);

/** Uploads and waits for the page of the import. */
async function uploaded(page, file, kind = "transactions") {
  await page.goto(`${server.url}/import?kind=${kind}`);
  await choose(page, file);
  await page.waitForURL(/\/import\/\d+$/);
  await page.getByRole("heading", { name: "What each column means" }).waitFor();
}
async function run(page) {
  await page.getByRole("button", { name: "Start import" }).click();
  await page.getByRole("link", { name: "See the customers" }).waitFor({ timeout: 60000 });
}

const sales = [
  "Facture;Date;Magasin;Client;Article;Catégorie;Taille;Quantité;Prix unitaire",
  'F-1001;03/02/2026;Lyon Vaise;K-1;"Écharpe; laine";Accessoires;U;1;39,90',
  "F-1001;03/02/2026;Lyon Vaise;K-1;Chemise lin;Chemises;M;2;59,00",
  "F-1002;31/02/2026;Lyon Vaise;K-2;Chemise lin;Chemises;L;1;59,00",
  "F-1003;04/02/2026;Lyon Vaise;K-2;Ceinture;Accessoires;90;1;29,00",
  "F-1004;05/02/2026;Lyon Vaise;K-1;Chemise lin;Chemises;M;-1;59,00",
];

test("sales under French headings: read, checked, imported, reported, on the card", async () => {
  const page = await openPage(browser, server, { path: "/import" });
  await uploaded(page, text("ventes.csv", sales));
  assert.equal(await page.getByLabel("Columns separated by").inputValue(), ";");
  assert.equal(await page.getByLabel("Decimal sign").inputValue(), ",");
  assert.equal(await page.getByLabel("Order of dates").inputValue(), "dmy");
  assert.equal(await meaning(page, "Facture").inputValue(), "invoice");
  assert.equal(await meaning(page, "Quantité").inputValue(), "quantity");
  await page.getByText("The whole file was checked: 5 rows.").waitFor();
  const faulty = page.locator("tr.preview-faulty");
  await becomes(() => faulty.count(), 1);
  assert.match(await faulty.innerText(), /Reject/);
  assert.match(await page.locator("tr.preview-why").innerText(), /31\/02\/2026/);
  await page.getByText("Only rows with problems").click();
  await becomes(() => page.locator(".preview tbody tr:not(.preview-why)").count(), 1);

  await run(page);
  assert.deepEqual([await count(page, "Rows read"), await count(page, "Rejected")], [5, 1]);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download rejected rows" }).click(),
  ]);
  const rejected = await readFile(await download.path(), "utf8");
  assert.match(rejected, /F-1002/);
  assert.doesNotMatch(rejected, /F-1001/);

  const { items } = await askApi(page, server, "/customers?q=K-1&limit=2");
  assert.equal(items.length, 1);
  const card = await askApi(page, server, `/customers/${items[0].id}`);
  assert.equal(card.purchases.total_minor, 3990 + 2 * 5900 - 5900);
  await page.goto(`${server.url}/customers/${items[0].id}?tab=operations`);
  assert.equal(await page.locator("tr.op").first().locator(".badge").innerText(), "Return");
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("the same file again doubles nothing", async () => {
  const page = await openPage(browser, server, { path: "/import" });
  const before = await askApi(page, server, "/customers?limit=1");
  await uploaded(page, text("ventes encore.csv", sales));
  await run(page);
  assert.equal(await count(page, "Added"), 0);
  assert.equal(await count(page, "Skipped"), 4);
  assert.equal((await askApi(page, server, "/customers?limit=1")).total, before.total);
  await closePage(page);
});

test("what a column means is corrected by hand; what is missing is said", async () => {
  const page = await openPage(browser, server, { path: "/import" });
  await uploaded(
    page,
    text("sales.csv", ["when,who,thing,how many,each", "2026-01-05,Z-9,Hat,2,12.50", "2026-01-06,Z-9,Cap,1,8.00"]),
  );
  await meaning(page, "when").selectOption("");
  await page.getByText(/Still missing: .*Date/).waitFor();
  assert.ok(await page.getByRole("button", { name: "Start import" }).isDisabled());
  for (const [heading, field] of [
    ["when", "date"],
    ["who", "external_id"],
    ["thing", "product"],
    ["how many", "quantity"],
    ["each", "price"],
  ]) {
    await meaning(page, heading).selectOption(field);
    await page.waitForFunction(
      ([h, f]) =>
        document.querySelector(`select[aria-label$="${h}"]`)?.value === f &&
        !document.querySelector(".import-columns select:disabled"),
      [heading, field],
    );
  }
  await page.getByText("The whole file was checked: 2 rows.").waitFor();
  await run(page);
  assert.equal(await count(page, "Added"), 2);
  const { items } = await askApi(page, server, "/customers?q=Z-9");
  assert.equal(items[0].spent_minor, 3300);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("a sample of UCI Online Retail: every figure of its README", async () => {
  const page = await openPage(browser, server, { path: "/import" });
  await uploaded(page, join(data, "online-retail/sample.csv"));
  /* whole invoices: a few more than a thousand rows */
  await page.getByText(/^The first 1,0\d\d rows were checked/).waitFor();
  const fields = await page.locator(".import-columns select").evaluateAll((all) => all.map((one) => one.value));
  assert.deepEqual(fields.slice(0, 7), [
    "invoice",
    "product_code",
    "product",
    "quantity",
    "date",
    "price",
    "external_id",
  ]);
  await run(page);
  assert.equal(await count(page, "Rows read"), 9045);
  assert.equal(await count(page, "Invoices"), 494);
  assert.equal(await count(page, "Cancellations"), 75);
  assert.equal(await count(page, "Customers added"), 370);
  assert.equal(await count(page, "Lines without a customer"), 1614);
  assert.equal(await count(page, "Total value"), 219173.3);
  await closePage(page);
});

test("the CDNOW sample has no headings: columns are named by hand", async () => {
  const page = await openPage(browser, server, { path: "/import" });
  await uploaded(page, join(data, "cdnow/CDNOW_sample.txt"));
  assert.equal(await page.getByLabel("Columns separated by").inputValue(), " ");
  assert.equal(await page.getByLabel("First line").inputValue(), "no");
  const meanings = ["external_id", "", "date", "quantity", "amount"];
  for (const [index, field] of meanings.entries()) {
    const select = page.locator(".import-columns select").nth(index);
    await page.waitForFunction(() => !document.querySelector(".import-columns select:disabled"));
    if ((await select.inputValue()) === field) continue;
    await select.selectOption(field);
    await page.waitForFunction(
      ([i, f]) => document.querySelectorAll(".import-columns select")[i]?.value === f,
      [index, field],
    );
  }
  await run(page);
  assert.equal(await count(page, "Rows read"), 6919);
  /* 44 carry the number of a customer of the sample before */
  assert.equal(await count(page, "Customers added"), 2357 - 44);
  assert.equal(await count(page, "Total value"), 244091.94);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("a telephone's contacts", async () => {
  const page = await openPage(browser, server, { path: "/import" });
  const before = await askApi(page, server, "/customers?limit=1");
  await uploaded(page, cards, "customers");
  await page.getByText("A vCard file: one customer a card.", { exact: false }).waitFor();
  await run(page);
  const added = await count(page, "Added");
  assert.ok(added > 0);
  assert.equal((await askApi(page, server, "/customers?limit=1")).total, before.total + added);
  await closePage(page);
});

test("files that are no table are refused with their reason, and change nothing", async () => {
  const page = await openPage(browser, server, { path: "/import" });
  const before = await askApi(page, server, "/imports");
  const image = {
    name: "photo.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"),
  };
  const workbook = {
    name: "sales.xlsx",
    mimeType: "application/zip",
    buffer: Buffer.concat([Buffer.from("504b0304", "hex"), Buffer.alloc(200, 7)]),
  };
  for (const file of [image, workbook]) {
    await choose(page, file);
    await page.getByText(`${file.name} could not be imported`).waitFor();
    assert.ok((await page.locator(".notice p").last().innerText()).length > 10);
    assert.match(page.url(), /\/import$/);
  }
  await choose(page, { name: "nothing.csv", mimeType: "text/csv", buffer: Buffer.alloc(0) });
  await page.getByText("nothing.csv is empty").waitFor();
  assert.equal((await askApi(page, server, "/imports")).items.length, before.items.length);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("an import is canceled, taken up again and removed; the list tells of it", async () => {
  const page = await openPage(browser, server, { path: "/import" });
  const lines = ["invoice,date,customer,product,quantity,price"];
  for (let i = 0; i < 200000; i++)
    lines.push(`B${i},2026-01-${String((i % 28) + 1).padStart(2, "0")},B-${i % 50},Thing,1,1.00`);
  await uploaded(page, text("big.csv", lines));
  await page.getByRole("button", { name: "Start import" }).click();
  await page.getByRole("progressbar").waitFor();
  await page.getByRole("button", { name: "Cancel import" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel import" }).click();
  await page.getByText("Cancelled part-way").waitFor({ timeout: 60000 });
  await page.getByRole("button", { name: "Go on with it" }).click();
  await page.getByRole("button", { name: "Cancel import" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel import" }).click();
  await page.getByText("Cancelled part-way").waitFor({ timeout: 60000 });
  const url = page.url();
  await page.locator(".page-back").click();
  const row = page.locator("tbody tr", { hasText: "big.csv" });
  await row.getByText("Cancelled").waitFor();
  await row.click();
  await page.waitForURL(url);
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("Import removed").waitFor();
  await page.goto(url);
  await page.getByText("No such import").first().waitFor();
  await closePage(page);
});

for (const theme of ["light", "dark"])
  test(`import passes axe, ${theme}`, async () => {
    const page = await openPage(browser, server, { theme, path: "/import" });
    await page.getByRole("heading", { name: "Imports so far" }).waitFor();
    assert.deepEqual(await axe(page), []);
    await uploaded(page, text(`${theme}.csv`, sales));
    await page.locator(".preview tbody tr").first().waitFor();
    assert.deepEqual(await axe(page), []);
    await closePage(page);
  });

test("on a phone nothing is wider than the screen, in any language", async () => {
  for (const language of languages) {
    const page = await openPage(browser, server, { language, viewport: phone, path: "/import?kind=transactions" });
    const width = () => page.locator("#main").evaluate((main) => main.scrollWidth - main.clientWidth);
    await page.locator(".drop").waitFor();
    assert.equal((await sidewaysOverflow(page)) + (await width()), 0, language);
    await choose(page, text(`${language}.csv`, sales));
    await page.locator(".preview tbody tr").first().waitFor();
    assert.equal((await sidewaysOverflow(page)) + (await width()), 0, language);
    await closePage(page);
  }
});
