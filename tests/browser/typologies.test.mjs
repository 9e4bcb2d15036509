// Typologies in Settings, why on the card, and the departure calendar.
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
  useDemo,
} from "./harness.mjs";

useDemo({ customers: 1500 });

const counts = async (page) => {
  const { facets } = await askApi(page, server, "/customers?limit=0&facets=type");
  return Object.fromEntries(facets[0].values.map((value) => [value.label || value.key, value.count]));
};
const section = (page) => page.locator("#typologies");
const shown = async (page, name) =>
  Number((await section(page).locator(".typology", { has: page.getByText(name, { exact: true }) }).locator(".number").innerText()).replaceAll(",", ""));

test("numbers are changed, who would move is told before, saved, and taken back", async () => {
  const page = await openPage(browser, server, { path: "/settings" });
  const was = await counts(page);
  await section(page).getByLabel("At risk: days without a visit").fill("30");
  await section(page).getByText(/customers would move/).waitFor();
  const told = await shown(page, "At risk");
  assert.ok(told > was.at_risk);
  await section(page).locator(".typology-move").first().click();
  await section(page).locator(".typology-movers a").first().waitFor();
  await section(page).getByRole("button", { name: "Save" }).click();
  await page.getByText("Typologies saved").waitFor();
  await becomes(async () => (await counts(page)).at_risk, told);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Changed back").waitFor();
  await becomes(() => counts(page), was);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("dragged to another place, it is tested there", async () => {
  const page = await openPage(browser, server, { path: "/settings" });
  const lines = section(page).locator(".typology");
  const names = () => section(page).locator(".typology .badge").allInnerTexts();
  await lines.first().waitFor();
  await becomes(async () => (await names()).slice(0, 3), ["VIP", "New", "Occasional"]);
  await lines.nth(0).locator(".typology-grip").dragTo(lines.nth(2));
  await becomes(async () => (await names()).slice(0, 3), ["New", "Occasional", "VIP"]);
  await lines.nth(2).locator(".typology-grip").dragTo(lines.nth(0));
  await becomes(async () => (await names()).slice(0, 3), ["VIP", "New", "Occasional"]);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("a number that cannot be is refused, and defaults come back", async () => {
  const page = await openPage(browser, server, { path: "/settings" });
  const months = section(page).getByLabel("VIP: months looked back");
  await months.fill("25");
  await section(page).locator(".field-error").waitFor();
  assert.equal(await section(page).getByRole("button", { name: "Save" }).isDisabled(), true);
  assert.equal(await months.getAttribute("aria-invalid"), "true");
  await section(page).getByRole("button", { name: "Back to the defaults" }).click();
  await becomes(() => months.inputValue(), "3");
  await closePage(page);
});

test("an own typology is added, put in its place, used, and removed", async () => {
  const page = await openPage(browser, server, { path: "/settings" });
  await section(page).getByRole("button", { name: "Add a typology" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Big spenders");
  const query = dialog.locator("textarea");
  await query.fill("spent:>=100 type:vip");
  await dialog.getByRole("button", { name: "Add to the list" }).click();
  await dialog.getByText(/cannot depend on “type”/).waitFor();
  await query.fill("spent:>=100");
  await dialog.getByRole("button", { name: "Add to the list" }).click();
  await dialog.waitFor({ state: "detached" });
  const names = () => section(page).locator(".typology .badge").allInnerTexts();
  await becomes(names, ["Big spenders", "VIP", "New", "Occasional", "At risk", "Regular"]);
  await section(page).getByRole("button", { name: "Test Big spenders later" }).click();
  await becomes(async () => (await names()).slice(0, 2), ["VIP", "Big spenders"]);
  await section(page).getByText(/customers would move/).waitFor();
  const told = await shown(page, "Big spenders");
  await section(page).getByRole("button", { name: "Save" }).click();
  await page.getByText("Typologies saved").waitFor();
  await becomes(async () => (await counts(page))["Big spenders"], told);
  await page.goto(`${server.url}/customers?q=type:"Big spenders"`);
  await page.locator(".row .badge", { hasText: "Big spenders" }).first().waitFor();
  await page.locator(".chip", { hasText: "Big spenders" }).waitFor();
  await page.goto(`${server.url}/settings`);
  await section(page).getByRole("button", { name: "Remove Big spenders" }).click();
  await section(page).getByRole("button", { name: "Save" }).click();
  await page.getByText("Typologies saved").waitFor();
  await becomes(async () => (await counts(page))["Big spenders"], undefined);
  assert.deepEqual(page.mistakes.filter((one) => !one.includes("422")), []);
  await closePage(page);
});

test("what another changed meanwhile is not overwritten; a manager only reads", async () => {
  const page = await openPage(browser, server, { path: "/settings" });
  await section(page).getByLabel("At risk: days without a visit").fill("80");
  const { rules, version } = await askApi(page, server, "/typologies");
  const { csrf } = await askApi(page, server, "/session");
  const body = { ...rules, vip_visits: 2, order: rules.order.map(({ type }) => ({ type })) };
  const other = await page.context().request.put(`${server.url}/api/v1/typologies`, { data: body, headers: { "X-CSRF": csrf, "If-Match": `"${version}"` } });
  assert.ok(other.ok(), await other.text());
  await section(page).getByRole("button", { name: "Save" }).click();
  await page.getByText("Somebody else changed this meanwhile").waitFor();
  assert.equal((await askApi(page, server, "/typologies")).rules.vip_visits, 2);
  await closePage(page);
  const manager = await openPage(browser, server, { path: "/settings", role: "manager" });
  await section(manager).locator(".typology").first().waitFor();
  assert.equal(await section(manager).getByLabel("At risk: days without a visit").isDisabled(), true);
  assert.equal(await section(manager).getByRole("button", { name: "Save" }).count(), 0);
  await closePage(manager);
});

test("the card tells why, until when, and answers any other filter", async () => {
  const page = await openPage(browser, server, { path: null });
  const { items } = await askApi(page, server, "/customers?q=type:regular+last_visit:any&limit=1");
  await page.goto(`${server.url}/customers/${items[0].id}`);
  await page.getByRole("button", { name: "Why this type?" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.locator(".why-type-is", { hasText: "Regular" }).waitFor();
  assert.equal(await dialog.locator(".why-type").count(), 5);
  await dialog.locator(".why-type", { hasText: "At risk" }).getByText(/^from /).waitFor();
  await dialog.getByLabel("Filter", { exact: true }).fill("last_visit:<90d -gender:any");
  await dialog.getByRole("button", { name: "Explain" }).click();
  await dialog.locator(".why-answer code", { hasText: "last_visit:<90d" }).waitFor();
  await dialog.getByLabel("Filter", { exact: true }).fill("visits:");
  await dialog.getByRole("button", { name: "Explain" }).click();
  await dialog.locator(".field-error").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await closePage(page);
});

test("the departure calendar by mouse and by keyboard, with an address of its own", async () => {
  const page = await openPage(browser, server, { path: "/departures?month=2026-04" });
  await page.getByRole("heading", { name: "April 2026", exact: true }).waitFor();
  await page.locator('[data-day="2026-04-10"]').click();
  await page.getByRole("heading", { name: "10 April 2026" }).waitFor();
  assert.match(page.url(), /day=2026-04-10/);
  await page.keyboard.press("ArrowDown");
  await page.getByRole("heading", { name: "17 April 2026" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.dataset.day === "2026-04-17");
  const { days } = await askApi(page, server, "/departures?from=2026-04-01&to=2026-04-30");
  const busiest = [...days].sort((a, b) => b.customers - a.customers)[0];
  await page.locator(`[data-day="${busiest.day}"]`).click();
  await page.locator(".departure-people li").nth(busiest.customers - 1).waitFor();
  await page.getByRole("button", { name: "Month after" }).click();
  await page.getByRole("heading", { name: "May 2026", exact: true }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "April 2026", exact: true }).waitFor();
  // one kind alone, in the address; points and tiers have lists of their own
  await page.locator(".checkbox-label", { hasText: "Turn at risk" }).click();
  await page.waitForURL(/kinds=points,tiers/);
  await page.locator(".departure-list h3").nth(1).waitFor();
  assert.equal(await page.locator(".departure-list section").count(), 2);
  await page.locator(".checkbox-label", { hasText: "Turn at risk" }).click();
  await page.getByRole("link", { name: "See in Customers" }).click();
  await page.locator(".row-name").first().waitFor();
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("no language and no width breaks them", async () => {
  for (const language of languages)
    for (const path of ["/departures?month=2026-04&day=2026-04-10", "/settings"]) {
      const page = await openPage(browser, server, { path, viewport: phone, language });
      await page.locator(path === "/settings" ? ".typology" : ".departure-list").first().waitFor();
      await page.waitForLoadState("networkidle");
      assert.equal(await sidewaysOverflow(page), 0, `${language} ${path}`);
      if (language === "ru") assert.deepEqual(await axe(page), [], path);
      assert.deepEqual(page.mistakes, []);
      await closePage(page);
    }
});
