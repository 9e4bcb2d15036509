// Points on the card, in the quick info and for many; what they promise, how they are earned, what is owed.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  askApi,
  axe,
  becomes,
  browser,
  closePage,
  openPage,
  phone,
  post,
  server,
  sidewaysOverflow,
  useDemo,
} from "./harness.mjs";

useDemo({ customers: 600 });

const nobody = "registered:<2026-01-01 last_purchase:>60d";
const someone = async (page, at = 0) =>
  (await askApi(page, server, `/customers?limit=5&q=${encodeURIComponent(nobody)}`)).items[at].id;
const balance = async (page, id) => (await askApi(page, server, `/customers/${id}/points?limit=1`)).balance.total;

test("on the card: plus one, any amount, the entries, taking back, undo", async () => {
  const page = await openPage(browser, server, { path: null });
  const id = await someone(page);
  await page.goto(`${server.url}/customers/${id}`);
  const block = page.locator(".card-points");
  await block.getByRole("button", { name: "Credit 1 point" }).click();
  await page.getByText("1 point credited. The balance is 1.").waitFor();
  await block.getByRole("button", { name: "Any amount" }).click();
  const dialog = page.locator("dialog");
  await dialog.getByLabel("How many points").fill("1.5");
  await dialog.getByRole("button", { name: "Credit" }).last().click();
  await dialog.getByText("A whole number").waitFor();
  await dialog.getByLabel("How many points").fill("250");
  await dialog.getByLabel("Reason").fill("New shop");
  await dialog.getByLabel("Message to the customer").fill("Thank you");
  await dialog.getByRole("button", { name: "Credit 250 points" }).click();
  await page.getByText("250 points credited. The balance is 251.").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("tab", { name: "Points" }).click();
  const rows = page.locator(".points-table tbody tr");
  await rows.nth(1).waitFor();
  assert.match(await rows.first().innerText(), /New shop[\s\S]*\+250[\s\S]*251/);
  await page.getByRole("button", { name: "Take back +1", exact: true }).click();
  await page.getByText("Taken back. The balance is 250.").waitFor();
  await rows.nth(2).waitFor();
  await page.getByRole("button", { name: "Take back +250", exact: true }).click(); // a toast may be gone by now
  await page.getByText("Taken back. The balance is 0.").waitFor();
  await becomes(() => balance(page, id), 0);
  assert.deepEqual(await axe(page), []);
  const which = page.getByLabel("Which entries");
  await which.selectOption({ label: "All credits" });
  await page.waitForURL(/kind=credits/);
  const amounts = async () => (await rows.locator("td:nth-child(3)").allInnerTexts()).join(" ");
  await becomes(amounts, "+250 +1");
  await which.selectOption({ label: "All debits" });
  await becomes(amounts, "−250 −1");
  await which.selectOption({ label: "Reversal" });
  await rows.nth(1).waitFor();
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("more entries than a page has: older ones are reached by the button at the end", async () => {
  const page = await openPage(browser, server, { path: null });
  const id = await someone(page, 3);
  for (let i = 1; i <= 28; i++) await post(page, server, `/customers/${id}/points`, { amount: i }, `older-${i}`);
  await page.goto(`${server.url}/customers/${id}?tab=points`);
  const rows = page.locator(".points-table tbody tr");
  await rows.nth(24).waitFor();
  assert.equal(await rows.count(), 25);
  await page.getByRole("button", { name: "Show more" }).click();
  await rows.nth(27).waitFor();
  assert.match(await rows.nth(27).innerText(), /\+1\b/);
  await page.getByText("That is everything").waitFor();
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("more than there is cannot be taken; on a phone, in the dark", async () => {
  const page = await openPage(browser, server, { viewport: phone, theme: "dark", path: null });
  await page.goto(`${server.url}/customers/${await someone(page, 1)}?tab=points`);
  await page.getByText("No points yet").waitFor();
  assert.equal(await page.getByRole("button", { name: "Take 1 point" }).isDisabled(), true);
  await page.getByRole("button", { name: "Any amount" }).click();
  const dialog = page.locator("dialog");
  await dialog.getByText("Take", { exact: true }).click();
  await dialog.getByLabel("How many points").fill("5");
  await dialog.locator(".field-error", { hasText: "0 can be spent now" }).waitFor();
  assert.equal(await sidewaysOverflow(page), 0);
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("for many: who has too few is told before, and it is taken back", async () => {
  const page = await openPage(browser, server, { path: `/customers?q=${encodeURIComponent(nobody)}` });
  const id = await someone(page, 2);
  await page.locator(".list-row, [role=row]").first().waitFor();
  await page.keyboard.press("a");
  await page.locator(".bulk-bar").waitFor();
  const act = async (name) => {
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name }).click();
  };
  await act("Credit points");
  await page.locator("dialog").getByLabel("How many points for each").fill("40");
  await page.locator("dialog").getByText("will change").waitFor();
  await page.locator("dialog button[type=submit]").click();
  await page.locator(".toast", { hasText: "changed" }).getByRole("button", { name: "Undo" }).waitFor();
  await becomes(() => balance(page, id), 40);
  await page.locator(".toast").getByRole("button", { name: "Undo" }).last().click();
  await page.locator(".toast", { hasText: /undone|taken back/i }).first().waitFor();
  await becomes(() => balance(page, id), 0);
  await page.keyboard.press("a");
  await act("Take points");
  await page.locator("dialog").getByLabel("How many points for each").fill("1");
  await page.locator("dialog .bulk-left-out", { hasText: "too few points" }).waitFor();
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("earning rules are tried out, saved and taken back; what points promise; what is owed", async () => {
  const page = await openPage(browser, server, { path: "/settings/loyalty" });
  const earning = page.locator("#earning");
  await earning.locator(".earning-rule").nth(1).waitFor();
  await earning.getByRole("button", { name: "Add a rule" }).click();
  const dialog = page.locator("dialog");
  await dialog.getByRole("button", { name: "Add to the list" }).click();
  await dialog.locator(".field-error").first().waitFor();
  await dialog.getByText("For a visit").click();
  await dialog.getByLabel("Name").fill("Every visit");
  await dialog.getByLabel("Points", { exact: true }).fill("5");
  await dialog.getByRole("button", { name: "Sunday" }).click();
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Add to the list" }).click();
  await earning.locator(".earning-trial tr", { hasText: "Every visit" }).waitFor();
  await earning.getByText(/with the rules of now/).first().waitFor();
  assert.deepEqual(await axe(page), []);
  await earning.getByRole("button", { name: "Save" }).click();
  await page.getByText("Earning rules saved").waitFor();
  assert.equal((await askApi(page, server, "/earning")).rules.length, 3);
  await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
  await page.getByText("Changed back").waitFor();
  assert.equal((await askApi(page, server, "/earning")).rules.length, 2);
  await page.getByLabel("So many points").fill("200");
  await page.locator("section", { hasText: "What points promise" }).getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. Dates that were promised stay as they are.").waitFor();
  assert.equal((await askApi(page, server, "/points/policy")).worth_points, 200);
  await page.goto(`${server.url}/points`);
  await page.locator(".points-chart").waitFor();
  const owed = await askApi(page, server, "/points/liability");
  assert.ok(owed.points > 0);
  await page.getByText(owed.points.toLocaleString("en"), { exact: true }).first().waitFor();
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});
