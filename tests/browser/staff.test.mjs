// Staff, stores and roles, as the owner and those invited use them.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  askApi,
  axe,
  becomes,
  browser,
  closePage,
  desktop,
  languages,
  openPage,
  phone,
  server,
  sidewaysOverflow,
  useDemo,
} from "./harness.mjs";

useDemo({ customers: 500 });

async function invite(page, { email, name, role = "Associate", store }) {
  await page.getByRole("button", { name: "Invite" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("E-mail").fill(email);
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Role").selectOption({ label: role });
  if (store) await dialog.locator(".checkbox", { hasText: store }).click();
  await dialog.getByRole("button", { name: "Make invitation" }).click();
}
const row = (page, name) => page.locator("tbody tr", { hasText: name });

test("an invitation is made, taken up in another browser, and opens what the role allows", async () => {
  const owner = await openPage(browser, server, { path: "/staff" });
  const { items: stores } = await askApi(owner, server, "/stores");
  const store = stores[0].name;
  await invite(owner, { email: "nadia@shop.example", name: "Nadia Petit", store });
  const link = await owner.getByLabel("One-time link").inputValue();
  assert.match(link, /\/welcome\?token=/);
  await owner.getByRole("button", { name: "Done" }).click();
  await row(owner, "Nadia Petit").getByText("Invited").waitFor();

  const context = await browser.newContext({ viewport: desktop, locale: "en" });
  const nadia = await context.newPage();
  const { pathname, search } = new URL(link);
  await nadia.goto(server.url + pathname + search);
  await nadia.getByLabel("Choose a password").fill("the quick brown horse");
  await nadia.getByRole("button", { name: "Open Habitué" }).click();
  await nadia.waitForURL(/\/customers/);
  const session = await askApi(nadia, server, "/session");
  assert.equal(session.staff.role, "associate");
  assert.deepEqual(
    session.staff.stores.map((one) => one.name),
    [store],
  );

  const nav = nadia.getByRole("navigation", { name: "Main navigation" });
  assert.equal(await nav.getByRole("link", { name: "Staff" }).count(), 0);
  assert.equal(await nav.getByRole("link", { name: "Import" }).count(), 0);
  for (const path of ["/staff", "/import", "/audit"]) {
    await nadia.goto(server.url + path);
    await nadia.getByText("This page is not for you").waitFor();
  }
  await nadia.goto(`${server.url}/settings`);
  await nadia.getByText("Only the owner can change these.").first().waitFor();
  assert.ok(await nadia.getByLabel("Name of the shop or chain").isDisabled());

  await nadia.goto(server.url + pathname + search);
  await nadia.getByText("This link no longer works").waitFor();
  await owner.reload();
  await row(owner, "Nadia Petit").first().waitFor();
  await becomes(() => row(owner, "Nadia Petit").getByText("Invited").count(), 0);
  assert.deepEqual(owner.mistakes, []);
  await context.close();
  await closePage(owner);
});

test("a wrong invitation is refused where it is wrong", async () => {
  const page = await openPage(browser, server, { path: "/staff" });
  const { items } = await askApi(page, server, "/staff");
  await invite(page, { email: items[0].email, name: "Twice", role: "Owner" });
  const dialog = page.getByRole("dialog");
  await dialog.locator(".field-error").first().waitFor();
  assert.equal(await dialog.getByLabel("E-mail").getAttribute("aria-invalid"), "true");
  await dialog.getByLabel("E-mail").fill("not an address");
  await dialog.getByRole("button", { name: "Make invitation" }).click();
  await page.waitForFunction(() => document.querySelector("dialog .field-error"));
  await dialog.getByLabel("Role").selectOption({ label: "Associate" });
  await dialog.getByRole("button", { name: "Make invitation" }).click();
  await dialog.getByText("Choose at least one store").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  assert.equal((await askApi(page, server, "/staff")).items.length, items.length);
  await closePage(page);
});

test("a role is changed and changed back", async () => {
  const page = await openPage(browser, server, { path: "/staff" });
  const { items } = await askApi(page, server, "/staff");
  const one = items.find((staff) => staff.role === "associate" && staff.state === "active");
  const act = async (name) => {
    await row(page, one.email).getByRole("button").click();
    await page.getByRole("menuitem", { name }).click();
  };
  const roleNow = async () => (await askApi(page, server, `/staff/${one.id}`)).role;
  await act("Edit");
  await page.getByRole("dialog").getByLabel("Role").selectOption({ label: "Manager" });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(`${one.name} saved`).waitFor();
  assert.equal(await roleNow(), "manager");
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Changed back").waitFor();
  assert.equal(await roleNow(), "associate");
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("a link for a new password, and removal", async () => {
  const page = await openPage(browser, server, { path: "/staff" });
  const { items: stores } = await askApi(page, server, "/stores");
  await invite(page, { email: "leaver@shop.example", name: "Leo Leaver", store: stores[0].name });
  const first = await page.getByLabel("One-time link").inputValue();
  await page.getByRole("button", { name: "Done" }).click();
  await row(page, "Leo Leaver").getByRole("button").click();
  await page.getByRole("menuitem", { name: "New invitation link" }).click();
  await page.getByRole("button", { name: "Make link" }).click();
  const second = await page.getByLabel("One-time link").inputValue();
  assert.notEqual(first, second);
  await page.getByRole("button", { name: "Done" }).click();
  const other = await openPage(browser, server, { role: null, path: "/welcome" + new URL(first).search });
  await other.getByText("This link no longer works").waitFor();
  await closePage(other);

  await row(page, "Leo Leaver").getByRole("button").click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("Leo Leaver removed").waitFor();
  await row(page, "Leo Leaver").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Leo Leaver is back").waitFor();
  await row(page, "Leo Leaver").waitFor();
  await closePage(page);
});

test("a manager handles the associates of the own stores, nobody else", async () => {
  const page = await openPage(browser, server, { role: "manager", path: "/staff" });
  await page.locator("tbody tr").first().waitFor();
  const { items } = await askApi(page, server, "/staff");
  const me = (await askApi(page, server, "/session")).staff;
  for (const one of items) {
    const mine = one.role === "associate" && one.stores.every((store) => me.stores.some((own) => own.id === store.id));
    const buttons = await row(page, one.email).getByRole("button").count();
    assert.equal(buttons, mine ? 1 : 0, one.email);
  }
  await page.getByRole("button", { name: "Invite" }).click();
  await becomes(() => page.getByRole("dialog").getByLabel("Role").locator("option").allInnerTexts(), ["Associate"]);
  await becomes(() => page.getByRole("dialog").locator(".store-list .checkbox").count(), me.stores.length);
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: /Stores/ }).click();
  await page.locator("tbody tr").first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Add store" }).count(), 0);
  await closePage(page);
});

test("a store is added and renamed; the same name twice is refused", async () => {
  const page = await openPage(browser, server, { path: "/staff?tab=stores" });
  const { items } = await askApi(page, server, "/stores");
  const add = async (name, city) => {
    await page.getByRole("button", { name: "Add store" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill(name);
    await dialog.getByLabel("City").fill(city);
    await dialog.getByRole("button", { name: "Add store" }).click();
  };
  await add("Quai de Seine", "Rouen");
  await page.getByText("Quai de Seine added").waitFor();
  await add(items[0].name, "");
  await page.getByRole("dialog").locator(".field-error").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Rename Quai de Seine" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Quai du Havre");
  await page.getByRole("button", { name: "Save" }).click();
  await row(page, "Quai du Havre").getByText("Rouen").waitFor();
  assert.equal((await askApi(page, server, "/stores")).items.length, items.length + 1);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

for (const theme of ["light", "dark"])
  test(`staff passes axe, ${theme}`, async () => {
    const page = await openPage(browser, server, { theme, path: "/staff" });
    await page.locator("tbody tr").first().waitFor();
    assert.deepEqual(await axe(page), []);
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByRole("dialog").waitFor();
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press("Escape");
    for (const tab of [/Stores/, /roles/]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.locator("tbody tr").first().waitFor();
      assert.deepEqual(await axe(page), []);
    }
    await closePage(page);
  });

test("on a phone nothing is wider than the screen, in any language", async () => {
  for (const language of languages) {
    const page = await openPage(browser, server, { language, viewport: phone, path: null });
    for (const tab of ["", "?tab=stores", "?tab=roles"]) {
      await page.goto(`${server.url}/staff${tab}`);
      await page.locator("tbody tr").first().waitFor();
      assert.equal(await sidewaysOverflow(page), 0, `${language} ${tab}`);
      assert.equal(
        await page.locator("#main").evaluate((main) => main.scrollWidth - main.clientWidth),
        0,
        `${language} ${tab}`,
      );
    }
    await closePage(page);
  }
});
