// Coming in: signing in and out, the demo's people, addresses kept across the door.
import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, browser, closePage, openPage, phone, server, sidewaysOverflow, useDemo } from "./harness.mjs";

useDemo({ customers: 500 });

test("whoever is not signed in comes to the login page, and afterwards where he wanted to go", async () => {
  const page = await openPage(browser, server, { role: null, path: "/customers?q=type:vip" });
  await page.waitForURL("**/login?next=**");
  await page.locator(".demo-login").first().click();
  await page.waitForURL("**/customers?q=type:vip");
  await page.getByRole("grid").waitFor();
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("a wrong password is said in words, and nothing else happens", async () => {
  const page = await openPage(browser, server, { role: null, path: "/login" });
  await page.getByLabel("E-mail").fill("nobody@example.com");
  await page.getByLabel("Password").fill("not the password");
  await page.getByLabel("Password").press("Enter");
  const alert = page.getByRole("alert");
  await alert.waitFor();
  assert.match(await alert.innerText(), /\w/);
  assert.match(page.url(), /\/login/);
  await closePage(page);
});

test("signing out closes the door for this browser", async () => {
  const page = await openPage(browser, server, { ownSession: true });
  await page.getByRole("grid").waitFor();
  await page.getByRole("button", { name: /your account$/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/login");
  await page.goto(`${server.url}/customers`);
  await page.waitForURL("**/login?next=**");
  await closePage(page);
});

test("an address to another site after the login is not followed", async () => {
  const page = await openPage(browser, server, { role: null, path: "/login?next=//example.com/" });
  await page.locator(".demo-login").first().click();
  await page.waitForURL("**/customers");
  assert.equal(new URL(page.url()).origin, server.url);
  await closePage(page);
});

test("an invitation that is used up says so", async () => {
  const page = await openPage(browser, server, { role: null, path: "/welcome?token=gone" });
  await page.getByText("This link no longer works").waitFor();
  await closePage(page);
});

test("an invited person chooses a name and a password, and is in", async () => {
  const owner = await openPage(browser, server, { path: null });
  const session = await (await owner.context().request.get(`${server.url}/api/v1/session`)).json();
  const stores = await (await owner.context().request.get(`${server.url}/api/v1/stores`)).json();
  const created = await owner.context().request.post(`${server.url}/api/v1/staff`, {
    data: {
      email: "new.manager@example.com",
      name: "Nadia",
      role: "manager",
      store_ids: [stores.items[0].id],
      language: "en",
    },
    headers: { "X-CSRF": session.csrf },
  });
  assert.ok(created.ok(), await created.text());
  const { invitation } = await created.json();
  const link = new URL(invitation.url, server.url);
  const page = await openPage(browser, server, { role: null, path: link.pathname + link.search });
  await page.getByLabel("Choose a password").fill("short");
  await page.getByRole("button", { name: "Open Habitué" }).click();
  await page.getByText("At least 10 characters.").waitFor();
  await page.getByLabel("Choose a password").fill("a few long words");
  await page.getByRole("button", { name: "Open Habitué" }).click();
  await page.waitForURL("**/customers");
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
  await closePage(owner);
});

test("a language chosen at the door is used at once and remembered", async () => {
  const page = await openPage(browser, server, { role: null, path: "/login", language: "fr" });
  await page.getByRole("heading", { name: "Connexion" }).waitFor();
  await page.getByRole("combobox").selectOption("ru");
  await page.getByRole("heading", { name: "Вход" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Вход" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "ru");
  await closePage(page);
});

for (const theme of ["light", "dark"])
  test(`the login page is accessible and fits a phone, ${theme}`, async () => {
    const page = await openPage(browser, server, { role: null, path: "/login", theme, viewport: phone });
    await page.locator(".demo-login").first().waitFor();
    assert.deepEqual(await axe(page), []);
    assert.equal(await sidewaysOverflow(page), 0);
    await closePage(page);
  });
