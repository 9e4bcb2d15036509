// Tiers in Settings with who would move, and on the card: given by hand, handed back, the history.
import assert from "node:assert/strict";
import { test } from "node:test";
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
  until,
  useDemo,
} from "./harness.mjs";

useDemo({ customers: 600 });

test("a threshold is changed, who would move is told before, and everybody is there after", async () => {
  const page = await openPage(browser, server, { path: "/settings/tiers" });
  await page.getByLabel("From (€)").first().fill("200");
  const told = page.locator(".tier-moves .strong");
  await told.waitFor();
  const moving = Number((await told.innerText()).match(/\d+/)[0]);
  assert.ok(moving > 0);
  await page.locator(".tier-move").first().click();
  await page.locator(".tier-movers a").first().waitFor();
  const was = (await askApi(page, server, "/tiers")).tiers[0].customers;
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Tiers saved").waitFor();
  await page.getByText("Customers are moving to their new tiers").waitFor({ state: "detached" });
  await becomes(async () => (await askApi(page, server, "/tiers")).tiers[0].customers, was + moving);
  await page.getByRole("button", { name: "Add a tier" }).click();
  assert.ok(await page.getByRole("button", { name: "Save" }).isDisabled());
  await page.getByLabel("Name").last().fill("Argent");
  await page.getByText("Two tiers are called").waitFor();
  assert.deepEqual(page.mistakes.filter((one) => !/422/.test(one)), []);
  await closePage(page);
});

test("on the card a tier is given until a day, seen in the history, and handed back", async () => {
  const page = await openPage(browser, server, { path: null });
  const { items } = await askApi(page, server, "/customers?q=spent:0&limit=1");
  await page.goto(`${server.url}/customers/${items[0].id}`);
  const card = page.locator(".tier-card");
  await card.getByText("No tier").waitFor();
  await card.getByRole("button", { name: "Change the tier" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Tier").selectOption({ label: "Or" });
  await dialog.getByLabel("Until").fill("2026-06-30");
  await dialog.getByLabel("Reason").fill("Opened our shop");
  await dialog.getByRole("button", { name: "Give the tier" }).click();
  await card.getByText(/until 30 Jun 2026: Opened our shop/).waitFor();
  await page.locator(".card-line").getByText("Or", { exact: true }).waitFor();
  await card.getByRole("button", { name: "History" }).click();
  await page.getByRole("dialog").getByText(/By hand · until 30 Jun 2026/).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("Escape");
  await card.getByRole("button", { name: "Let the rule decide" }).click();
  await card.getByText("No tier").waitFor();
  await page.goto(`${server.url}/customers/${items[0].id}?tab=activity&kind=tier`);
  await page.getByText("No tier → Or · Opened our shop").waitFor();
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("a tier for several at once from the quick info, with a last day that has to come, and taken back", async () => {
  const page = await openPage(browser, server, { path: "/customers?q=spent:0&sort=number" });
  const people = (await askApi(page, server, "/customers?q=spent:0&sort=number&limit=2")).items;
  const tierOf = async (one) => (await askApi(page, server, `/customers/${one.id}/tier`)).tier?.name ?? null;
  for (const i of [0, 1]) await page.locator(`#customer-row-${i} .row-tick label`).click();
  await page.getByRole("complementary", { name: "Quick info" }).getByRole("button", { name: "Give a tier" }).click();
  const dialog = page.getByRole("dialog", { name: "Give a tier" });
  const go = dialog.locator("button[type=submit]");
  assert.ok(await go.isDisabled());
  await dialog.getByLabel("Tier", { exact: true }).selectOption({ label: "Or" });
  await dialog.getByText("2 customers will change").waitFor();
  await dialog.getByLabel("Until").fill("2026-03-01");
  await dialog.locator(".notice-red, .field-error").first().waitFor();
  await dialog.getByLabel("Until").fill("2026-12-31");
  await dialog.getByLabel("Reason").fill("Opening week");
  await dialog.getByText("2 customers will change").waitFor();
  assert.deepEqual(await axe(page), []);
  await go.click();
  const done = page.locator(".toast", { hasText: "2 customers changed" });
  await done.waitFor();
  for (const one of people) await until(async () => (await tierOf(one)) === "Or", "the tier given");
  await done.getByRole("button", { name: "Undo" }).click();
  await page.locator(".toast", { hasText: "Taken back for" }).waitFor();
  for (const one of people) await until(async () => (await tierOf(one)) === null, "the tier taken back");
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("the page fits a phone, in both themes, and each language", async () => {
  for (const language of languages) {
    const page = await openPage(browser, server, { path: "/settings/tiers", viewport: phone, language, theme: language === "fr" ? "dark" : "light" });
    await page.locator(".tier-level").first().waitFor();
    assert.equal(await sidewaysOverflow(page), 0);
    if (language === "fr" || language === "en") assert.deepEqual(await axe(page), []);
    await closePage(page);
  }
});
