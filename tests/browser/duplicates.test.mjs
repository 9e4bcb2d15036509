// Likely duplicates: looked through by keyboard, set apart, merged field by field, unmerged; from a card too.
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

const pairs = (page) => page.locator("[data-pair]");
const toast = (page, text) => page.locator(".toast", { hasText: text });
const count = async (page) => (await askApi(page, server, "/duplicates?limit=1")).count;
/** Everybody of the demo has been looked at. */
async function searched(page) {
  await until(async () => (await askApi(page, server, "/duplicates?limit=1")).searching === null, "the search", 60);
}

test("pairs are looked through by keyboard and set apart", async () => {
  const page = await openPage(browser, server, { path: "/duplicates" });
  await searched(page);
  await page.reload();
  await pairs(page).first().waitFor();
  const all = await count(page);
  assert.ok(all >= 4);
  await page.locator(".nav-count", { hasText: String(all) }).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const second = pairs(page).nth(1);
  const name = await second.getAttribute("aria-label");
  await until(() => second.evaluate((row) => row === document.activeElement), "the second pair's focus");
  await page.keyboard.press("n");
  await toast(page, "Kept as two people").waitFor();
  await until(async () => (await count(page)) === all - 1, "one pair less");
  await page.getByRole("tab", { name: "Different people" }).click();
  await page.getByRole("listitem", { name, exact: true }).getByText("Two people, says").waitFor();
  await page.getByRole("button", { name: "Maybe the same" }).click();
  await until(async () => (await count(page)) === all, "the pair back");
  await page.getByRole("tab", { name: "Likely pairs" }).click();
  await page.getByLabel("Filter by reason").selectOption("name_swapped");
  await page.getByText("First and last name swapped").last().waitFor();
  assert.equal(new URL(page.url()).searchParams.get("reason"), "name_swapped");
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(page.mistakes, []);
});

test("two cards become one field by field, and two again", async () => {
  const page = await openPage(browser, server, { path: "/duplicates?reason=name_swapped" });
  await searched(page);
  await page.reload();
  await pairs(page).first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("m");
  const table = page.getByRole("region", { name: "The two cards side by side" });
  await table.waitFor();
  const { searchParams } = new URL(page.url());
  const [survivor, loser] = [searchParams.get("survivor"), searchParams.get("loser")];
  const before = await askApi(page, server, `/customers/${survivor}`);
  const firstName = table.getByRole("row", { name: /^First name/ });
  for (const side of [1, 0]) {
    await firstName.getByRole("radio").nth(side).check();
    const chosen = await firstName.locator("td").nth(side).innerText();
    await until(async () => (await firstName.locator(".merge-result").innerText()).trim() === chosen.trim(), "the choice");
  }
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await toast(page, "was merged into this card").waitFor();
  await page.locator(".card-header").waitFor();
  assert.equal(new URL(page.url()).pathname, `/customers/${survivor}`);

  await page.goto(`${server.url}/customers/${loser}`); // an old address leads on
  await page.waitForURL(`**/customers/${survivor}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Merges" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Unmerge" }).click();
  await page.getByText("What happened since the merge").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("dialog").last().getByRole("button", { name: "Unmerge" }).last().click();
  await toast(page, "has a card of their own again").waitFor();
  const now = await askApi(page, server, `/customers/${survivor}`);
  assert.deepEqual([now.row.name, now.row.visits, now.row.spent_minor], [before.row.name, before.row.visits, before.row.spent_minor]);
  assert.equal((await askApi(page, server, `/customers/${loser}`)).row.id, loser);
  assert.deepEqual(page.mistakes, []);
});

test("a card is merged with one that is searched for; associates are not offered it", async () => {
  const page = await openPage(browser, server, { path: null });
  await searched(page);
  const { items } = await askApi(page, server, "/duplicates?limit=1");
  await page.goto(`${server.url}/customers/${items[0].a.id}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Merge with…" }).click();
  await page.getByRole("dialog").getByText(`No. ${items[0].b.number}`).waitFor(); // the likely one comes by itself
  await page.getByRole("dialog").getByRole("searchbox").fill("zzzzzz");
  await page.getByText("Nobody found.").waitFor();
  await page.getByRole("dialog").getByRole("searchbox").fill(String(items[0].b.number));
  await page.getByRole("dialog").getByRole("link", { name: new RegExp(`No\\. ${items[0].b.number}\\b`) }).first().click();
  await page.locator(".merge-table").waitFor();
  assert.equal(new URL(page.url()).searchParams.get("loser"), items[0].b.id);
  await page.goto(`${server.url}/merge?survivor=1&loser=2`);
  await page.getByText("These two cannot be merged").waitFor();
  const associate = await openPage(browser, server, { role: "associate", path: "/duplicates" });
  await associate.getByText("This page is not for you").waitFor();
  assert.equal(await associate.getByRole("link", { name: "Duplicates" }).count(), 0);
});

test("on a phone, in the dark and in every language", async () => {
  const page = await openPage(browser, server, { path: null });
  await searched(page);
  const { items } = await askApi(page, server, "/duplicates?limit=1");
  const merge = `/merge?survivor=${items[0].a.id}&loser=${items[0].b.id}`;
  for (const [i, language] of languages.entries()) {
    const small = await openPage(browser, server, { viewport: phone, theme: i % 2 ? "dark" : "light", language, path: "/duplicates" });
    await pairs(small).first().waitFor();
    assert.equal(await sidewaysOverflow(small), 0, language);
    if (i < 2) assert.deepEqual(await axe(small), []);
    await small.goto(server.url + merge);
    await small.locator(".merge-table").waitFor();
    assert.equal(await sidewaysOverflow(small), 0, language);
    if (i < 2) assert.deepEqual(await axe(small), []);
    assert.deepEqual(small.mistakes, []);
    await closePage(small);
  }
});

test("very likely pairs are merged at once, with their results, and taken back as a whole", async () => {
  const page = await openPage(browser, server, { path: "/duplicates" });
  await searched(page);
  const before = await count(page);
  await page.getByRole("button", { name: "Merge many…" }).click();
  const dialog = page.getByRole("dialog", { name: "Merge all very likely pairs" });
  await dialog.getByText("The least likely among them").waitFor();
  const [merging] = (await dialog.getByRole("button", { name: /^Merge \d+ pairs?$/ }).innerText()).match(/\d+/);
  await dialog.getByLabel("At least this likely").selectOption("80");
  await until(async () => Number((await dialog.locator("[type=submit]").innerText()).match(/\d+/)[0]) >= Number(merging), "the preview of 80 %");
  assert.deepEqual(await axe(page), []);
  await dialog.locator("[type=submit]").click();
  const run = page.getByRole("region", { name: "Merged at once" }).getByRole("listitem").first();
  await run.getByText("Done").waitFor();
  await page.waitForURL(/tab=merged/);
  await until(async () => (await count(page)) < before, "fewer customers");
  await run.getByRole("button", { name: "Results" }).click();
  const results = page.getByRole("dialog", { name: "Result of each pair" });
  await results.getByRole("row").nth(1).waitFor();
  await results.getByLabel("Result", { exact: true }).selectOption("merged");
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("Escape");
  await run.getByRole("button", { name: "Unmerge all" }).click();
  await run.getByText("Taken back", { exact: true }).waitFor();
  await page.setViewportSize(phone);
  assert.equal(await sidewaysOverflow(page), 0);
  assert.deepEqual(page.mistakes, []);
});
