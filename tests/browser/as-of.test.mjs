// The Customers page as it stood on an earlier day, and the movements between typologies.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { askApi, axe, openPage, phone, sidewaysOverflow, startBrowser, startServer } from "./harness.mjs";

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([startServer({ customers: 4000 }), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const format = (n) => n.toLocaleString("en-GB");
const total = (page, n) => page.locator(".count strong", { hasText: new RegExp(`^${format(n)}$`) }).waitFor();
async function close(page) {
  assert.deepEqual(page.mistakes, []);
  await page.context().close();
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

test("on a phone the day stands in the sheet of filters", async () => {
  const page = await openPage(browser, server, { viewport: phone, path: "/customers?as_of=2025-06-01" });
  await page.getByText("As it stood on 1 June 2025.").waitFor();
  assert.equal(await sidewaysOverflow(page), 0);
  await page.getByRole("button", { name: /Filters/ }).click();
  await page.getByLabel("As it stood on").waitFor();
  await close(page);
});
