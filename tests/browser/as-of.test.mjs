// The Customers page as it stood on an earlier day, and the movements between typologies.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { askApi, axe, browser, closePage, openPage, phone, server, sidewaysOverflow, useDemo } from "./harness.mjs";

useDemo({ customers: 4000 });

const format = (n) => n.toLocaleString("en-GB");
const total = (page, n) => page.locator(".count strong", { hasText: new RegExp(`^${format(n)}$`) }).waitFor();
async function close(page) {
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
}

test("an earlier day is chosen, said aloud, kept in the address, and left again", async () => {
  const page = await openPage(browser, server);
  const now = await askApi(page, server, "/customers?limit=0&q=type:vip");
  const then = await askApi(page, server, "/customers?limit=0&q=type:vip&as_of=2025-06-01");
  assert.ok(then.matching < now.matching && then.total < now.total);
  await page.goto(`${server.url}/customers?q=type:vip`);
  await total(page, now.matching);
  await page.getByRole("button", { name: "As of" }).click();
  await page.getByLabel("As it stood on").fill("2025-06-01");
  await page.waitForURL(/as_of=2025-06-01/);
  await page.getByText("As it stood on 1 June 2025.").waitFor();
  await total(page, then.matching);
  await page.keyboard.press("Escape");
  assert.deepEqual(await axe(page), []);
  // filters go on working there
  await page.goBack();
  await total(page, now.matching);
  await page.goForward();
  await total(page, then.matching);
  await page.locator(".notice").getByRole("button", { name: "Back to today" }).click();
  await total(page, now.matching);
  assert.equal(new URL(page.url()).searchParams.get("as_of"), null);
  await close(page);
});

test("a day that has not come, one before all that is known, and none at all are refused in words", async () => {
  const page = await openPage(browser, server, { path: "/customers?as_of=2027-01-01" });
  await page.getByText("That day has not come yet: today is 2026-03-14.").waitFor();
  await page.getByRole("button", { name: "Back to today" }).click();
  await page.locator(".count strong").waitFor();
  await page.goto(`${server.url}/customers?as_of=1999-01-01`);
  await page.getByText(/Nothing is known of that day/).waitFor();
  await page.goto(`${server.url}/customers?as_of=2026-02-30`);
  await page.getByRole("alert").waitFor();
  await page.getByRole("button", { name: "Back to today" }).waitFor();
  await close(page);
});

test("the matrix of movements: read, opened cell by cell, shared by its address, downloaded", async () => {
  const page = await openPage(browser, server, { path: "/movements?from=2025-09-14" });
  const answer = await askApi(page, server, "/typologies/movements?from=2025-09-14&to=2026-03-14");
  assert.equal(answer.cells.reduce((sum, cell) => sum + cell.customers, 0), answer.customers);
  const cell = answer.cells.find((one) => one.from === "regular" && one.to === "at_risk");
  const words = `${format(cell.customers)} customers: Regular → At risk`;
  await page.getByRole("button", { name: words }).click();
  await page.waitForURL(/from_type=regular&to_type=at_risk/);
  await page.getByRole("heading", { name: words }).waitFor();
  const rows = page.locator(".who tbody tr");
  await rows.first().waitFor();
  assert.equal(await rows.count(), Math.min(50, cell.customers));
  assert.deepEqual(await axe(page), []);
  await page.reload();
  await page.getByRole("heading", { name: words }).waitFor();
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download as CSV" }).click();
  const file = await waiting;
  assert.equal(file.suggestedFilename(), "movements-2025-09-14-2026-03-14.csv");
  const lines = (await readFile(await file.path(), "utf8")).split("\r\n");
  assert.equal(lines.length, 1 + 6 + 1 + 1);
  assert.match(lines.at(-2), new RegExp(`,${answer.customers}$`));
  await page.getByText("1 year").click();
  await page.waitForURL(/from=2025-03-14/);
  await page.getByRole("button", { name: "Close" }).click();
  await page.waitForURL((url) => !url.searchParams.has("from_type"));
  await page.goto(`${server.url}/movements?from=2026-03-14`);
  await page.getByText("The first day must be before the second.").waitFor();
  await close(page);
});

test("the matrix on a phone scrolls in its own frame", async () => {
  const page = await openPage(browser, server, { viewport: phone, path: "/movements" });
  await page.locator(".matrix-cell").first().waitFor();
  assert.equal(await sidewaysOverflow(page), 0);
  await close(page);
});

test("on a phone the day stands in the sheet of filters", async () => {
  const page = await openPage(browser, server, { viewport: phone, path: "/customers?as_of=2025-06-01" });
  await page.getByText("As it stood on 1 June 2025.").waitFor();
  assert.equal(await sidewaysOverflow(page), 0);
  await page.getByRole("button", { name: /Filters/ }).click();
  await page.getByLabel("As it stood on").waitFor();
  await close(page);
});
