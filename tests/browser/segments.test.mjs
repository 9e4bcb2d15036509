// Segments: saved from the list, opened, changed, used in one another, deleted and brought back.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  askApi,
  axe,
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

useDemo({ customers: 2000 });

const row = (page, name) => page.locator("tbody tr", { hasText: name });
const count = async (page, q) => (await askApi(page, server, `/customers?limit=0&q=${encodeURIComponent(q)}`)).matching;
const number = (n) => new Intl.NumberFormat("en").format(n);
const toast = (page, text) => page.locator(".toast", { hasText: text });
async function menu(page, name, item) {
  await page.getByRole("button", { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

test("filters are saved as a segment, which opens from the navigation", async () => {
  const page = await openPage(browser, server, { path: "/customers?q=gender:female+type:vip,regular" });
  await page.getByRole("button", { name: "Save as segment" }).click();
  const dialog = page.getByRole("dialog");
  const matching = await count(page, "gender:female type:vip,regular");
  await dialog.getByText(number(matching)).waitFor();
  await dialog.getByRole("button", { name: "Save segment" }).click();
  await dialog.getByText("required").or(dialog.locator(".field-error")).first().waitFor();
  await dialog.getByLabel("Name", { exact: true }).fill("vip à CHOYER");
  await dialog.getByRole("button", { name: "Save segment" }).click();
  await dialog.getByText("There is already a segment of this name.").waitFor();
  await dialog.getByLabel("Name", { exact: true }).fill("Faithful ladies");
  await dialog.getByRole("button", { name: "Save segment" }).click();
  await page.locator(".chip", { hasText: "Segment: Faithful ladies" }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("q"), 'segment:"Faithful ladies"');
  await page.locator(".count", { hasText: number(matching) }).waitFor();

  await page.goto(server.url + "/import");
  const link = page.locator(".nav-segment", { hasText: "Faithful ladies" });
  await link.getByText(number(matching)).waitFor();
  await link.click();
  await page.locator(".chip", { hasText: "Faithful ladies" }).waitFor();
  assert.equal(await link.getAttribute("aria-current"), "true");
  // private: others neither see nor know it
  const manager = await openPage(browser, server, { role: "manager", path: '/customers?q=segment:"Faithful ladies"' });
  await manager.getByText("is not known for segment").waitFor();
  assert.deepEqual(page.mistakes, []);
});

test("a segment's filters are opened, changed, kept, and the change taken back", async () => {
  const page = await openPage(browser, server, { path: '/customers?q=segment:"À relancer"' });
  await page.getByRole("link", { name: "Open its filters" }).click();
  await page.getByText("Filters of “À relancer”").waitFor();
  const id = new URL(page.url()).searchParams.get("segment");
  const before = await askApi(page, server, `/segments/${id}`);
  await page.locator(".value-button", { hasText: "Female" }).click();
  await page.getByRole("button", { name: "Update the segment" }).click();
  await toast(page, "changed").waitFor();
  assert.equal((await askApi(page, server, `/segments/${id}`)).query, `${before.query} gender:female`);
  await page.getByRole("button", { name: "Update the segment" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await until(async () => (await askApi(page, server, `/segments/${id}`)).query === before.query, "the old filters");
  await page.getByRole("button", { name: "Undo the changes" }).click();
  await page.getByRole("button", { name: "Leave the segment" }).click();
  assert.equal(new URL(page.url()).searchParams.get("segment"), null);
  assert.deepEqual(page.mistakes, []);
});

test("the page lists counts that are true, and what cannot be done says why", async () => {
  const page = await openPage(browser, server, { path: "/segments" });
  const used = await count(page, 'segment:"À relancer"');
  await row(page, "De bons clients").getByText(number(used)).waitFor();
  await menu(page, "À relancer", "Delete");
  await toast(page, "It is used by: À relancer par SMS").waitFor();
  await menu(page, "Nouveaux du mois", "Delete");
  await toast(page, "deleted").waitFor();
  await row(page, "Nouveaux du mois").waitFor({ state: "detached" });
  await page.locator(".toast", { hasText: "deleted" }).getByRole("button", { name: "Undo" }).click();
  await row(page, "Nouveaux du mois").waitFor();
  await page.getByRole("button", { name: "VIP à choyer: customers in the last 90 days" }).click();
  const figures = page.getByRole("dialog", { name: "VIP à choyer" });
  await figures.getByRole("cell", { name: number(await count(page, 'segment:"VIP à choyer"')), exact: true }).first().waitFor();
  await page.keyboard.press("Escape");
  assert.deepEqual(page.mistakes, []);
});

test("a segment is written by hand: mistakes are shown in place, circles with their way", async () => {
  const page = await openPage(browser, server, { path: "/segments" });
  await page.getByRole("button", { name: "New segment" }).click();
  const dialog = page.getByRole("dialog");
  const filters = dialog.getByRole("textbox", { name: "Filters" });
  await dialog.getByLabel("Name", { exact: true }).fill("By hand");
  await filters.fill("gender:femal");
  assert.equal(await dialog.locator(".raw-behind mark").textContent(), "femal");
  await dialog.getByRole("button", { name: "Did you mean “female”?" }).click();
  await filters.fill('gender:female -segment:"VIP à choyer"');
  await dialog.getByText(number(await count(page, 'gender:female -segment:"VIP à choyer"'))).waitFor();
  await dialog.getByRole("switch").click({ force: true });
  await dialog.getByRole("button", { name: "Save segment" }).click();
  await row(page, "By hand").waitFor();
  await menu(page, "VIP à choyer", "Change");
  await filters.fill('type:vip segment:"By hand"');
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await dialog.getByText("VIP à choyer → By hand → VIP à choyer").waitFor();
  assert.equal(await dialog.locator(".raw-behind mark").textContent(), '"By hand"');
  await dialog.getByRole("button", { name: "Cancel" }).click();
  // renamed, it is renamed where it is used
  await menu(page, "VIP à choyer", "Change");
  await dialog.getByLabel("Name", { exact: true }).fill("VIPs");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await row(page, "VIPs").waitFor();
  const { items } = await askApi(page, server, "/segments");
  assert.equal(items.find((one) => one.name === "By hand").query, "gender:female -segment:VIPs");
  await page.locator(".toast", { hasText: "VIPs" }).getByRole("button", { name: "Undo" }).click();
  await row(page, "VIP à choyer").waitFor();
  await menu(page, "By hand", "Duplicate");
  assert.equal(await dialog.getByLabel("Name", { exact: true }).inputValue(), "By hand 2");
  await page.keyboard.press("Escape");
  await menu(page, "By hand", "Delete");
  await row(page, "By hand").waitFor({ state: "detached" });
  assert.deepEqual(page.mistakes, []);
});

test("segments stand in the rail, counted under the other filters", async () => {
  const page = await openPage(browser, server, { path: "/customers?q=gender:male" });
  await page.locator(".rail-heading", { hasText: "Segment" }).click();
  const value = page.locator(".value-button", { hasText: "Nouveaux du mois" });
  const both = await count(page, 'gender:male segment:"Nouveaux du mois"');
  await value.getByText(number(both), { exact: true }).waitFor();
  await value.click();
  await page.locator(".count", { hasText: number(both) }).waitFor();
  await page.locator(".chip", { hasText: "Segment: Nouveaux du mois" }).waitFor();
  await page.locator(".value", { has: value }).locator(".value-exclude").click({ force: true });
  await page.locator(".count", { hasText: number(await count(page, 'gender:male -segment:"Nouveaux du mois"')) }).waitFor();
  assert.deepEqual(page.mistakes, []);
});

test("an associate keeps segments of their own, and cannot touch shared ones", async () => {
  const page = await openPage(browser, server, { role: "associate", path: "/segments" });
  await row(page, "VIP à choyer").waitFor();
  await page.getByRole("button", { name: "Actions for VIP à choyer" }).click();
  assert.equal(await page.getByRole("menuitem", { name: "Delete" }).count(), 0);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "New segment" }).click();
  const dialog = page.getByRole("dialog");
  assert.ok(await dialog.getByRole("switch").isDisabled());
  await dialog.getByLabel("Name", { exact: true }).fill("My regulars");
  await dialog.getByRole("textbox", { name: "Filters" }).fill("type:regular");
  await dialog.getByRole("button", { name: "Save segment" }).click();
  await row(page, "My regulars").getByText("Private").waitFor();
});

test("on a phone nothing is wider than the screen, in any language; axe is content", async () => {
  for (const language of languages) {
    const page = await openPage(browser, server, { language, viewport: phone, path: "/segments" });
    await page.locator(".table").waitFor();
    assert.equal(await sidewaysOverflow(page), 0, language);
    if (language === "en") assert.deepEqual(await axe(page), []);
    await page.locator(".page-actions button").click();
    await page.getByRole("dialog").waitFor();
    assert.equal(await sidewaysOverflow(page), 0, language);
    if (language === "en") assert.deepEqual(await axe(page), []);
    assert.deepEqual(page.mistakes, [], language);
    await closePage(page);
  }
  for (const theme of ["light", "dark"]) {
    const page = await openPage(browser, server, { theme, path: "/segments" });
    await page.locator(".table").waitFor();
    assert.deepEqual(await axe(page), [], theme);
    await page.goto(`${server.url}/customers?q=type:vip`);
    await page.getByRole("button", { name: "Save as segment" }).waitFor();
    assert.deepEqual(await axe(page), [], theme);
  }
});
