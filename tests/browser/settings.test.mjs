// Settings and the audit log.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
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

useDemo({ customers: 300 });

test("the owner changes the shop, sees it everywhere, and takes it back", async () => {
  const page = await openPage(browser, server, { path: "/settings" });
  const before = await askApi(page, server, "/merchant");
  const name = page.getByLabel("Name of the shop or chain");
  await name.fill("Chez Margot");
  await page.getByLabel("Currency").selectOption("GBP");
  await page.getByLabel("Time zone").selectOption("Europe/London");
  await page.getByText("Unsaved changes").waitFor();
  await page.locator(".settings-merchant .settings-save button[type=submit]").click();
  await page.getByText("Settings saved").waitFor();
  const changed = await askApi(page, server, "/merchant");
  assert.deepEqual([changed.name, changed.currency, changed.time_zone], ["Chez Margot", "GBP", "Europe/London"]);
  await page.locator(".nav-brand", { hasText: "Chez Margot" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Changed back").waitFor();
  const back = await askApi(page, server, "/merchant");
  assert.deepEqual([back.name, back.currency, back.time_zone], [before.name, before.currency, before.time_zone]);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("an empty name is refused at its field; what another changed meanwhile is not overwritten", async () => {
  const page = await openPage(browser, server, { path: "/settings" });
  const name = page.getByLabel("Name of the shop or chain");
  const save = page.locator(".settings-merchant .settings-save button[type=submit]");
  await name.fill("");
  await save.click();
  await page.locator(".field-error").waitFor();
  const merchant = await askApi(page, server, "/merchant");
  const session = await askApi(page, server, "/session");
  const other = await page.context().request.patch(`${server.url}/api/v1/merchant`, {
    data: { associates_see_chain: !merchant.associates_see_chain },
    headers: { "X-CSRF": session.csrf, "If-Match": `"${merchant.version}"` },
  });
  assert.ok(other.ok());
  await name.fill("Too late");
  await save.click();
  await page.getByText("Somebody else changed this meanwhile").waitFor();
  assert.equal((await askApi(page, server, "/merchant")).name, merchant.name);
  await save.click();
  await page.getByText("Settings saved").waitFor();
  assert.equal((await askApi(page, server, "/merchant")).name, "Too late");
  await closePage(page);
});

test("who saves second is told so, and sees what holds, on every form with rules", async () => {
  const forms = [
    { path: "/settings/loyalty", api: "/points/policy", change: { locked_days: 3 }, label: "Earned points can be spent after (days)", shown: "3", section: ".settings-section:has-text('can be spent after')" },
    { path: "/watch?tab=rules", api: "/watch/rules", change: { limit_points: 4321 }, label: "Points that need a second person", shown: "4321", section: ".watch-rules" },
    { path: "/birthdays?tab=automatic", api: "/birthdays/rules", change: { points: 77 }, label: "Points", shown: "77", section: ".birthday-rules" },
    { path: "/retention", api: "/retention", change: { months: 48 }, label: "Months without contact", shown: "48", section: ".retention-rule" },
  ];
  for (const form of forms) {
    const page = await openPage(browser, server, { path: form.path });
    const field = page.getByLabel(form.label, { exact: true });
    await field.fill("9");
    const { version } = await askApi(page, server, form.api);
    const { csrf } = await askApi(page, server, "/session");
    const other = await page.context().request.patch(`${server.url}/api/v1${form.api}`, {
      data: form.change,
      headers: { "X-CSRF": csrf, "If-Match": `"${version}"` },
    });
    assert.ok(other.ok(), `${form.api}: ${await other.text()}`);
    await page.locator(form.section).locator(".button-primary:enabled, button[type=submit]:enabled").click();
    await page.getByText("Somebody else changed this meanwhile").waitFor();
    await becomes(() => field.inputValue(), form.shown);
    assert.equal(await page.getByText("Somebody else changed this meanwhile").count(), 1, form.path);
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(page.mistakes, []);
    await closePage(page);
  }
});

test("one's own language, theme and rows", async () => {
  const page = await openPage(browser, server, { role: "manager", path: "/settings" });
  await page.locator("#main .select").first().selectOption("fr");
  await page.getByRole("heading", { level: 1, name: "Réglages" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "fr");
  await page.locator("#main .segment", { hasText: "Sombre" }).click();
  await page.locator("#main .segment", { hasText: "Compactes" }).click();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  assert.equal(await page.locator("html").getAttribute("data-density"), "compact");
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Réglages" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  assert.equal((await askApi(page, server, "/session")).staff.language, "fr");
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("one's own name, and back", async () => {
  const page = await openPage(browser, server, { role: "associate", path: "/settings" });
  const before = (await askApi(page, server, "/session")).staff.name;
  await page.getByLabel("Your name").fill("Somebody Else");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Profile saved").waitFor();
  assert.equal((await askApi(page, server, "/session")).staff.name, "Somebody Else");
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Changed back").waitFor();
  assert.equal((await askApi(page, server, "/session")).staff.name, before);
  await closePage(page);
});

test("the audit log says who changed what, filtered and page by page", async () => {
  const page = await openPage(browser, server, { path: "/settings" });
  await page.getByLabel("Name of the shop or chain").fill("Maison Nouvelle");
  await page.locator(".settings-merchant .settings-save button[type=submit]").click();
  await page.getByText("Settings saved").waitFor();
  await page.goto(`${server.url}/audit`);
  const first = page.locator("table.audit tbody tr").first();
  await first.getByText("Changed the settings").waitFor();
  assert.match(await first.locator(".changes").innerText(), /Maison Nouvelle/);
  assert.match(await first.locator(".audit-where").innerText(), /127\.0\.0\.1/);
  const action = page.getByRole("combobox", { name: "Filter by what was done" });
  await action.fill("changed the sett");
  await page.getByRole("option", { name: "Changed the settings" }).click();
  await page.waitForURL(/action=merchant\.update/);
  await page.waitForFunction(() => [...document.querySelectorAll(".audit-what")].every((cell) => cell.textContent.includes("Changed the settings")));
  await page.reload();
  await becomes(() => action.inputValue(), "Changed the settings");
  await action.fill("");
  await page.waitForURL((url) => !url.search.includes("action="));
  await page.getByLabel("Filter by what it is about").selectOption({ label: "Sign-ins" });
  await page.waitForURL(/entity=session/);
  await page.locator("table.audit tbody tr", { hasText: "Signed in" }).first().waitFor();
  await page.waitForFunction(() => !document.body.innerText.includes("Changed the settings"));
  const me = (await askApi(page, server, "/session")).staff;
  await page.getByLabel("Filter by who").selectOption(me.id);
  await page.waitForURL(new RegExp(`staff_id=${me.id}`));
  await page.waitForFunction(
    (name) => [...document.querySelectorAll(".audit-who")].every((cell) => cell.textContent === name),
    me.name,
  );
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.locator("table.audit tbody tr", { hasText: "Changed the settings" }).first().waitFor();
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("the audit log tells of one tier among others what became of it, in the reader's words", async () => {
  const page = await openPage(browser, server, { language: "fr", path: null });
  const { csrf } = await askApi(page, server, "/session");
  const { version, measure, period, months, tiers } = await askApi(page, server, "/tiers");
  const [silver, gold, ...others] = tiers.map(({ customers, ...one }) => one);
  const answer = await page.context().request.put(`${server.url}/api/v1/tiers`, {
    data: { measure, period, months, grace_days: 10, tiers: [silver, { ...gold, threshold: 100_000, colour: "bronze" }, ...others] },
    headers: { "X-CSRF": csrf, "If-Match": `"${version}"` },
  });
  assert.ok(answer.ok(), await answer.text());
  await page.goto(`${server.url}/audit?action=tier.ladder`);
  const lines = page.locator("table.audit tbody tr").first().locator(".changes li");
  await becomes(async () => (await lines.allInnerTexts()).map((line) => line.replaceAll(/\s+/g, " ")), [
    "Jours de grâce Avant: 30 → Après: 10",
    `${gold.name} · Couleur Avant: Or → Après: Bronze`,
    `${gold.name} · À partir de Avant: 1 200,00 € → Après: 1 000,00 €`,
  ]);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

for (const theme of ["light", "dark"])
  test(`settings and audit log pass axe, ${theme}`, async () => {
    const page = await openPage(browser, server, { theme, path: "/settings" });
    await page.getByLabel("Name of the shop or chain").waitFor();
    assert.deepEqual(await axe(page), []);
    await page.goto(`${server.url}/audit`);
    await page.locator("table.audit tbody tr").first().waitFor();
    assert.deepEqual(await axe(page), []);
    await closePage(page);
  });

test("on a phone nothing is wider than the screen, in any language", async () => {
  for (const language of languages) {
    const page = await openPage(browser, server, { language, viewport: phone, path: null });
    for (const [path, sign] of [
      ["/settings", ".settings-save"],
      ["/audit", "table.audit tbody tr"],
    ]) {
      await page.goto(server.url + path);
      await page.locator(sign).first().waitFor();
      assert.equal(await sidewaysOverflow(page), 0, `${language} ${path}`);
      assert.equal(
        await page.locator("#main").evaluate((main) => main.scrollWidth - main.clientWidth),
        0,
        `${language} ${path}`,
      );
    }
    await closePage(page);
  }
});

test("the audit log by words and days, of one alone, and as a file after the password", async () => {
  const page = await openPage(browser, server, { path: "/audit", ownSession: true });
  const rows = page.locator("table.audit tbody tr");
  await rows.first().waitFor();
  await page.getByLabel("Search in names and values").fill("nothing like this");
  await page.getByText("No change matches these filters.").waitFor();
  assert.match(page.url(), /q=nothing/);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await rows.first().waitFor();
  await page.getByLabel("To", { exact: true }).fill("2001-01-01");
  await page.getByText("No change matches these filters.").waitFor();
  await page.goBack();
  await rows.first().waitFor();
  // of one alone, from the staff
  await page.goto(`${server.url}/staff`);
  const { name, id } = (await askApi(page, server, "/session")).staff;
  await page.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "History" }).click();
  await page.getByText(`History of one: ${name}`).waitFor();
  assert.match(page.url(), new RegExp(`entity_id=${id}`));
  assert.deepEqual(await axe(page), []);
  const done = spawnSync("sqlite3", ["-cmd", ".timeout 5000", server.db, "UPDATE session SET confirmed_us = 0"], { encoding: "utf8" });
  assert.equal(done.status, 0, done.stderr);
  await page.getByRole("button", { name: "Download" }).click();
  const setup = await askApi(page, server, "/setup");
  await page.getByRole("dialog").getByLabel("Password").fill(setup.demo_logins.find((one) => one.role === "owner").password);
  const file = page.waitForEvent("download");
  await page.getByRole("button", { name: "Continue" }).click();
  assert.equal((await file).suggestedFilename(), "audit-log.csv");
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});
