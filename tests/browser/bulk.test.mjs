// Many customers at once: choosing all that match, a tag with preview and undo, groups, export, the page of actions.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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

useDemo({ customers: 1500 });

const count = async (page, q) => (await askApi(page, server, `/customers?limit=0&q=${encodeURIComponent(q)}`)).matching;
const number = (n) => new Intl.NumberFormat("en").format(n);
const tick = (page, i) => page.locator(`#customer-row-${i} .row-tick label`).click();
const bar = (page) => page.getByRole("toolbar", { name: "Chosen customers" });
const toast = (page, text) => page.locator(".toast", { hasText: text });
const shot = (page, name) => process.env.HABITUE_SHOTS && page.screenshot({ path: `${process.env.HABITUE_SHOTS}/${name}.png` });

test("all who match but one get a tag, and give it back", async () => {
  const page = await openPage(browser, server, { path: "/customers?q=type:vip" });
  const matching = await count(page, "type:vip");
  await tick(page, 0);
  await bar(page).getByText("1 chosen").waitFor();
  await bar(page).getByRole("button", { name: `Choose all ${number(matching)} that match` }).click();
  await bar(page).getByText(`${number(matching)} chosen`).waitFor();
  const panel = page.getByRole("complementary", { name: "Quick info" });
  await panel.getByText("Total spent").waitFor();
  await tick(page, 1); // but this one
  await bar(page).getByText(`${number(matching - 1)} chosen`).waitFor();
  await shot(page, "bar");
  await bar(page).getByRole("button", { name: "Tag", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Add a tag" });
  await dialog.getByLabel("Tag", { exact: true }).fill("Gala evening");
  await dialog.getByText(`${number(matching - 1)} customers will change`).waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "dialog");
  await dialog.getByRole("button", { name: `Change ${number(matching - 1)} customers` }).click();
  await toast(page, `${number(matching - 1)} customers changed`).waitFor();
  await becomes(() => count(page, 'tag:"gala evening"'), matching - 1);
  await bar(page).waitFor({ state: "detached" });
  await toast(page, "customers changed").getByRole("button", { name: "Undo" }).click();
  await toast(page, "Taken back for").waitFor();
  await becomes(() => count(page, 'tag:"gala evening"'), 0);
  // another filter: nobody is chosen any more
  await page.keyboard.press("a");
  await bar(page).getByText(`${number(matching)} chosen`).waitFor();
  await page.locator(".chip-remove, .chip button").first().click();
  await bar(page).waitFor({ state: "detached" });
});

test("a group made on the way, shown among the groups, deleted and brought back; the page of actions", async () => {
  const page = await openPage(browser, server, { path: "/customers?q=visits:>=3" });
  for (const i of [0, 1, 2]) await tick(page, i);
  await page.keyboard.press("b");
  await until(async () => (await page.evaluate(() => document.activeElement?.textContent)) === "Tag", "the bar has the focus");
  await bar(page).getByRole("button", { name: "Group", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Put into a group" });
  await dialog.getByLabel("New group").fill("Wedding guests");
  await dialog.getByRole("button", { name: "Make group" }).click();
  await dialog.getByText("3 customers will change").waitFor();
  await dialog.getByRole("button", { name: "Change 3 customers" }).click();
  await toast(page, "3 customers changed").waitFor();
  await page.goto(server.url + "/groups");
  const row = page.locator("tbody tr", { hasText: "Wedding guests" });
  await row.getByText("3", { exact: true }).waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "groups");
  await row.getByRole("button", { name: "Actions of the group Wedding guests" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await row.waitFor({ state: "detached" });
  await toast(page, "deleted").getByRole("button", { name: "Undo" }).click();
  await row.getByText("3", { exact: true }).waitFor();
  await row.getByRole("link", { name: "Wedding guests" }).click();
  await page.locator(".count", { hasText: /^3 / }).waitFor();

  await page.goto(server.url + "/actions");
  const action = page.locator("tbody tr", { hasText: "Into the group “Wedding guests”" });
  await action.getByText("3 changed").waitFor();
  await action.getByText("Ticked one by one").waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "actions");
  await action.getByRole("button", { name: "Results" }).click();
  const results = page.getByRole("dialog");
  await until(async () => (await results.locator("tbody tr").count()) === 3, "three results");
  await shot(page, "results");
  assert.deepEqual(await results.getByRole("combobox").locator("option").allInnerTexts(), ["All results", "Changed"]);
  await results.getByRole("combobox").selectOption("changed");
  await until(async () => (await results.locator("tbody tr").count()) === 3, "the same three");
  await results.getByRole("button", { name: "Close" }).click();
  await action.getByRole("button", { name: "Undo" }).click();
  await action.getByText("Undone").waitFor();
  await becomes(() => count(page, "group:any"), 0);
});

test("an export of the ticked, columns chosen", async () => {
  const page = await openPage(browser, server, { path: "/customers?q=has:email&sort=number" });
  await tick(page, 0);
  await tick(page, 1);
  await bar(page).getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog", { name: "Export 2 customers" });
  await dialog.getByText("Columns", { exact: true }).click();
  await dialog.getByLabel("City").check();
  assert.deepEqual(await axe(page), []);
  await shot(page, "export");
  const coming = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download" }).click();
  const file = readFileSync(await (await coming).path(), "utf8");
  assert.ok(file.startsWith("\uFEFF"));
  const lines = file.trim().split("\r\n"); // takes the mark away
  assert.equal(lines[0], "First name,Last name,Phone,E-mail,City");
  assert.equal(lines.length, 3);
  await dialog.waitFor({ state: "detached" });
});

test("on a phone, in every language, an associate", async () => {
  for (const language of languages) {
    const page = await openPage(browser, server, { path: "/customers", viewport: phone, language, role: language === "en" ? "associate" : "owner" });
    await tick(page, 0);
    await page.locator(".bulk-bar").waitFor();
    assert.equal(await sidewaysOverflow(page), 0, language);
    await page.locator(".bulk-bar [data-first]").click();
    await page.getByRole("menuitem").first().waitFor();
    if (language === "en") assert.equal(await page.getByRole("menuitem", { name: "Export" }).count(), 0);
    await shot(page, `phone-${language}`);
    await page.getByRole("menuitem").nth(2).click();
    await page.getByRole("dialog").waitFor();
    await shot(page, `phone-dialog-${language}`);
    for (const path of ["/groups", "/actions"]) {
      await page.goto(server.url + path);
      await page.locator("h1").waitFor();
      assert.equal(await sidewaysOverflow(page), 0, `${language} ${path}`);
    }
    await closePage(page);
  }
});
