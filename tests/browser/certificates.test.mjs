// Certificates made, issued, checked and redeemed; stamps given and taken back; a referral entered.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  askApi,
  axe,
  browser,
  closePage,
  openPage,
  phone,
  server,
  sidewaysOverflow,
  until,
  useDemo,
} from "./harness.mjs";

useDemo({ customers: 1000 });

const toast = (page, text) => page.locator(".toast", { hasText: text });
const someone = async (page, q) => (await askApi(page, server, `/customers?limit=1&q=${encodeURIComponent(q)}`)).items[0];

test("a type is made, a certificate issued, looked up as it is typed, redeemed and taken back", async () => {
  const page = await openPage(browser, server, { path: "/certificates?tab=types" });
  await page.getByRole("button", { name: "New type" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Thank you");
  await dialog.getByRole("button", { name: "Make type" }).click();
  await dialog.getByText("An amount above nothing").waitFor();
  await dialog.getByLabel(/^Value/).fill("25,50");
  await dialog.getByText("Part of it may be redeemed").click();
  await dialog.getByLabel("Valid for, days").fill("30");
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Make type" }).click();
  await toast(page, "Thank you").waitFor();

  const { id } = await someone(page, "visits:>2");
  await page.goto(`${server.url}/customers/${id}?tab=certificates`);
  await page.getByRole("button", { name: "Issue" }).first().click();
  const types = await askApi(page, server, "/certificate-types");
  await dialog.getByLabel("Type").selectOption(types.items.find((one) => one.name === "Thank you").id);
  await dialog.getByRole("button", { name: "Issue" }).click();
  await toast(page, "issued").waitFor();
  await page.getByText("Open", { exact: true }).first().waitFor();
  assert.deepEqual(await axe(page), []);

  const given = (await askApi(page, server, `/customers/${id}/certificates`)).items[0];
  await page.goto(`${server.url}/certificates`);
  const code = page.getByLabel("Check a code", { exact: true }).and(page.locator("input"));
  await code.fill("nonsense");
  await code.press("Enter");
  await page.getByText("This is not a code").waitFor();
  await code.fill(given.code.toLowerCase().replaceAll("-", " "));
  await code.press("Enter");
  await page.getByLabel(/^Amount/).fill("10");
  await page.getByRole("button", { name: /^Redeem/ }).click();
  await toast(page, "Redeemed").waitFor();
  await page.getByText("15.50 left").first().waitFor();
  assert.deepEqual(await axe(page), []);
  await toast(page, "Redeemed").getByRole("button", { name: "Undo" }).click();
  await toast(page, "Taken back").waitFor();

  await page.goto(`${server.url}/certificates/${given.id}`);
  await page.getByRole("img", { name: /QR code/ }).waitFor();
  await page.getByText("Taken back").first().waitFor();
  assert.deepEqual(await axe(page), []);
  await page.setViewportSize(phone);
  assert.equal(await sidewaysOverflow(page), 0);
  await page.goto(`${server.url}/certificates`);
  await page.getByRole("link", { name: "Thank you" }).first().waitFor();
  assert.equal(await sidewaysOverflow(page), 0);
  await closePage(page);
});

test("issued from the quick info to one, and to several at once with who is left out", async () => {
  const page = await openPage(browser, server, { path: "/customers?q=visits:>2&sort=number" });
  const people = (await askApi(page, server, `/customers?sort=number&limit=2&q=${encodeURIComponent("visits:>2")}`)).items;
  const held = async (one) => (await askApi(page, server, `/customers/${one.id}/certificates`)).items.length;
  const before = [await held(people[0]), await held(people[1])];
  const type = (await askApi(page, server, "/certificate-types")).items.find((one) => one.name === "Thank you");
  const tick = (i) => page.locator(`#customer-row-${i} .row-tick label`).click();
  const panel = page.getByRole("complementary", { name: "Quick info" });
  const dialog = page.getByRole("dialog", { name: "Issue a certificate" });
  const issue = async (n) => {
    await panel.getByRole("button", { name: "Issue a certificate" }).click();
    await dialog.getByLabel("Type").selectOption(type.id);
    await dialog.getByText(`${n} customer${n > 1 ? "s" : ""} will change`).waitFor();
    assert.deepEqual(await axe(page), []);
    await dialog.locator("button[type=submit]").click();
    await toast(page, `${n} customer${n > 1 ? "s" : ""} changed`).waitFor();
  };
  await tick(0);
  await issue(1);
  await until(async () => (await held(people[0])) === before[0] + 1, "one issued");
  await tick(0);
  await tick(1);
  await issue(2);
  await until(async () => (await held(people[1])) === before[1] + 1, "two issued");
  await toast(page, "2 customers changed").getByRole("button", { name: "Undo" }).click();
  await toast(page, "Taken back for 2").waitFor();
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("a stamp card is made, filled, and a stamp taken back", async () => {
  const page = await openPage(browser, server, { path: "/stamps" });
  await page.getByRole("button", { name: "New stamp card" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Bakery");
  await dialog.getByLabel("Stamps to a card").fill("3");
  await dialog.getByLabel("A full card gives").selectOption("gift");
  await dialog.getByLabel("Gift").fill("A croissant");
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Make stamp card" }).click();
  await toast(page, "Bakery").waitFor();

  const { id } = await someone(page, "visits:>2");
  await page.goto(`${server.url}/customers/${id}?tab=stamps`);
  const card = page.locator(".stamp-card", { hasText: "Bakery" });
  await card.getByRole("textbox").fill("4");
  await card.getByRole("button", { name: "Stamp", exact: true }).click();
  await toast(page, "Card full: A croissant").waitFor();
  await card.getByRole("img", { name: "1 of 3 stamps" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await card.getByRole("button", { name: /^Actions of/ }).click();
  await page.getByRole("menuitem", { name: "Take a stamp back" }).click();
  await dialog.getByLabel("Why").fill("One too many");
  await dialog.getByRole("button", { name: "Take a stamp back" }).click();
  await card.getByRole("img", { name: "0 of 3 stamps" }).waitFor();
  await page.getByText("One too many").waitFor();
  await closePage(page);
});

test("a code is made and entered for a new customer", async () => {
  const page = await openPage(browser, server, { path: null });
  const { id } = await someone(page, "visits:>2");
  await page.goto(`${server.url}/customers/${id}?tab=referrals`);
  await page.getByRole("button", { name: "Make a code" }).click();
  await page.getByRole("img", { name: "QR code of the link" }).waitFor();
  assert.deepEqual(await axe(page), []);
  const { code } = await askApi(page, server, `/customers/${id}/referrals`);
  await page.goto(code.link.replace(/^https?:\/\/[^/]+/, server.url));
  await page.getByLabel("First name").fill("Nova");
  await page.getByRole("button", { name: "Make customer" }).or(page.locator("button[type=submit]")).first().click();
  await page.waitForURL(/\/customers\/\d+$/);
  await page.goto(`${page.url()}?tab=referrals`);
  await page.getByRole("heading", { name: "How they came" }).waitFor();
  await page.getByText(/Waiting|No reward|Rewarded/).first().waitFor();
  await page.goto(`${server.url}/referrals`);
  await page.getByText("Nova").first().waitFor();
  assert.deepEqual(await axe(page), []);
  await closePage(page);
});
