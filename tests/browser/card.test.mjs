// The customer card, as a person uses it.
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

useDemo({ customers: 2000 });

/** A page with the card of the first customer of a query, and what the API says of that customer. */
async function openCard(query, { tab = "", ...options } = {}) {
  const page = await openPage(browser, server, { ...options, path: null });
  const list = await askApi(page, server, `/customers?limit=1&sort=-spent&q=${encodeURIComponent(query)}`);
  assert.equal(list.items.length, 1, `somebody fits ${query}`);
  const customer = await askApi(page, server, `/customers/${list.items[0].id}`);
  await page.goto(`${server.url}/customers/${customer.row.id}${tab}`);
  await page.getByRole("heading", { level: 1, name: customer.row.name || `No. ${customer.row.number}` }).waitFor();
  return { page, customer };
}
const money = (minor) =>
  new Intl.NumberFormat("en-GB", { style: "currency", currency: "EUR", currencyDisplay: "narrowSymbol" }).format(
    minor / 100,
  );
const fact = (page, label) =>
  page
    .locator(".fact", { has: page.getByText(label, { exact: true }) })
    .first()
    .locator("dd")
    .innerText();

test("the card says what the API says", async () => {
  const { page, customer } = await openCard("operations:>=5 has:phone");
  assert.equal(await fact(page, "Total spent"), money(customer.purchases.total_minor));
  assert.equal(await fact(page, "Operations"), String(customer.purchases.operations));
  assert.equal(await fact(page, "Average transaction"), money(customer.purchases.average_minor));
  assert.equal(await fact(page, "Total visits"), String(customer.visits.total));
  const habits = await page.locator(".shares").first().locator("li").allInnerTexts();
  assert.equal(habits.length, customer.habits.categories.length);
  customer.habits.categories.forEach((category, i) => assert.ok(habits[i].includes(category.name)));
  assert.equal(
    await page.getByRole("link", { name: customer.phones[0].display, exact: true }).getAttribute("href"),
    `tel:${customer.phones[0].value}`,
  );
  assert.match(await page.title(), new RegExp(customer.row.name));
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("the visits' bars have a table beside them", async () => {
  const { page, customer } = await openCard("visits:>=5 last_visit:<30d");
  await page.getByText("Show as a table").click();
  const cells = await page.locator(".visits-table td").allInnerTexts();
  assert.deepEqual(
    cells.map(Number),
    customer.visits.by_month.map((month) => month.visits),
  );
  await closePage(page);
});

test("operations: filter, lines, product online, more", async () => {
  const { page, customer } = await openCard("operations:>=8");
  await page.getByRole("tab", { name: "Operations" }).click();
  assert.match(page.url(), /tab=operations/);
  const rows = page.locator("tr.op");
  await rows.first().waitFor();
  const first = await askApi(page, server, `/customers/${customer.row.id}/transactions?limit=1`);
  await rows.first().getByRole("button").click();
  const lines = page.locator("table.op-lines").first().locator("tbody tr");
  assert.equal(await lines.count(), first.items[0].lines.length);
  const online = first.items[0].lines.find((line) => line.url);
  if (online)
    assert.equal(
      await page
        .getByRole("link", { name: /View product/ })
        .first()
        .getAttribute("href"),
      online.url,
    );
  while (await page.getByRole("button", { name: "Show more" }).isVisible()) {
    const before = await rows.count();
    await page.getByRole("button", { name: "Show more" }).click();
    await page.waitForFunction((n) => document.querySelectorAll("tr.op").length > n, before);
  }
  await page.getByText("That is everything").waitFor();
  let all = 0;
  for (let cursor = ""; cursor !== null;) {
    const part = await askApi(
      page,
      server,
      `/customers/${customer.row.id}/transactions?limit=50${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    all += part.items.length;
    cursor = part.next;
  }
  assert.equal(await rows.count(), all);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("returns are recognisable, and can be seen alone", async () => {
  const page = await openPage(browser, server, { path: null });
  const list = await askApi(page, server, "/customers?limit=200&sort=-operations");
  let found;
  for (const row of list.items) {
    const returns = await askApi(page, server, `/customers/${row.id}/transactions?kind=return&limit=50`);
    if (returns.items.length) {
      found = { row, returns: returns.items };
      break;
    }
  }
  assert.ok(found, "the demo has a return");
  await page.goto(`${server.url}/customers/${found.row.id}?tab=operations`);
  await page.locator("tr.op").first().waitFor();
  await page.locator(".segment", { hasText: "Returns" }).click();
  await page.waitForURL(/kind=return/);
  await page.waitForFunction(
    (n) => document.querySelectorAll("tr.op").length === n && !document.querySelector("tr.op-purchase"),
    Math.min(25, found.returns.length),
  );
  assert.equal(await page.locator("tr.op").first().locator(".badge").first().innerText(), "Return");
  await page.goBack();
  await page.locator("tr.op-purchase").first().waitFor();
  await closePage(page);
});

test("the timeline is filtered by kind, and the filter is in the address", async () => {
  const { page, customer } = await openCard("operations:>=5 visits:>=8");
  await page.getByRole("tab", { name: "Activity" }).click();
  const api = await askApi(page, server, `/customers/${customer.row.id}/activity?limit=1`);
  const { kind, count } = api.kinds.find((one) => one.kind === "purchase");
  const button = page.locator(".kind", { hasText: "Purchase" }).first();
  assert.match(await button.innerText(), new RegExp(`${count}$`));
  await button.click();
  await page.waitForURL(new RegExp(`kind=${kind}`));
  await page.waitForFunction(() => !document.querySelector(".event:not(.event-purchase)"));
  await page.reload();
  await page.locator(".event-purchase").first().waitFor();
  assert.equal(
    await page
      .locator(".kind[aria-pressed=true]")
      .innerText()
      .then((text) => text.split(/\s/)[0]),
    "Purchase",
  );
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("a favourite is put and taken back", async () => {
  const { page, customer } = await openCard("favourite:no operations:>=2");
  const heart = page.getByRole("button", { name: "Add to favourites" });
  await heart.click();
  await page.getByText("Added to your favourites").waitFor();
  const isFavourite = async () => (await askApi(page, server, `/customers/${customer.row.id}`)).row.favourite;
  await becomes(isFavourite, true);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Removed from your favourites").waitFor();
  await becomes(isFavourite, false);
  await closePage(page);
});

test("a customer is put into a group and blocked from the card, and both are taken back", async () => {
  const { page, customer } = await openCard("group:none blocked:no operations:>=2");
  const menu = async (item) => {
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  const card = () => askApi(page, server, `/customers/${customer.row.id}`);
  await menu("Put into a group");
  const into = page.getByRole("dialog", { name: "Put into a group" });
  await into.getByLabel("New group").fill("Wedding guests");
  await into.getByRole("button", { name: "Make group" }).click();
  await into.locator("[type=submit]:enabled").click();
  const groups = page.getByRole("list", { name: "Groups" });
  await groups.getByRole("link", { name: "Wedding guests" }).waitFor();
  await becomes(async () => (await card()).groups.map((one) => one.name), ["Wedding guests"]);
  assert.deepEqual(await axe(page), []);
  await menu("Take out of a group");
  const out = page.getByRole("dialog", { name: "Take out of a group" });
  await out.getByRole("combobox").selectOption({ index: 1 });
  await out.locator("[type=submit]:enabled").click();
  await groups.waitFor({ state: "detached" });
  await menu("Block");
  const block = page.getByRole("dialog", { name: "Block" });
  await block.getByLabel("Reason").fill("Unpaid");
  await block.locator("[type=submit]:enabled").click();
  await page.getByText("Unpaid").waitFor();
  await becomes(async () => (await card()).row.blocked, true);
  await menu("Unblock");
  await page.getByRole("dialog", { name: "Unblock" }).locator("[type=submit]:enabled").click();
  await until(async () => !(await card()).row.blocked, "the block taken back");
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("the menu copies the link and finds customers of the same store, by keyboard", async () => {
  const { page, customer } = await openCard("operations:>=2 store:any has:phone");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const menu = page.getByRole("button", { name: "More actions" });
  await menu.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Copy link" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText(/^Copied/).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${server.url}/customers/${customer.row.id}`);
  await menu.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: `All customers of ${customer.row.store}` }).click();
  await page.waitForURL(/\/customers\?q=store/);
  const query = new URL(page.url()).searchParams.get("q");
  const list = await askApi(page, server, `/customers?limit=1&q=${encodeURIComponent(query)}`);
  assert.ok(list.matching > 0);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("from the list to a card, on to the next, and back to the list as it was", async () => {
  const page = await openPage(browser, server, { path: "/customers?q=operations:>=3&sort=-spent" });
  const api = await askApi(page, server, "/customers?q=operations:%3E=3&sort=-spent&limit=3");
  const [first, second] = api.items;
  await page.locator(`a[href^="/customers/${first.id}"]`).first().click();
  await page.getByRole("heading", { level: 1, name: first.name }).waitFor();
  await page.getByText(`1 of ${new Intl.NumberFormat("en-GB").format(api.matching)}`).waitFor();
  assert.ok(await page.getByRole("button", { name: "Previous customer" }).isDisabled());
  await page.getByRole("tab", { name: "Operations" }).click();
  await page.keyboard.press("j");
  await page.getByRole("heading", { level: 1, name: second.name }).waitFor();
  assert.match(page.url(), new RegExp(`/customers/${second.id}\\?tab=operations`));
  await page.locator(".page-back").click();
  await page.waitForURL(/\/customers\?/);
  const query = new URL(page.url()).searchParams;
  assert.equal(query.get("q"), "operations:>=3");
  assert.equal(query.get("sort"), "-spent");
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

/** Whether associates see the customers of all stores. */
async function allowChain(owner, allowed) {
  const { csrf } = await askApi(owner, server, "/session");
  const merchant = await askApi(owner, server, "/merchant");
  const changed = await owner.context().request.patch(`${server.url}/api/v1/merchant`, {
    data: { associates_see_chain: allowed },
    headers: { "X-CSRF": csrf, "If-Match": `"${merchant.version}"` },
  });
  assert.ok(changed.ok(), await changed.text());
}

test("no such customer, and one of another store: the same clear answer", async () => {
  const owner = await openPage(browser, server, { path: "/customers/999999" });
  await owner.getByText("No such customer").first().waitFor();
  await owner.goto(`${server.url}/customers/not-a-number`);
  await owner.getByText("No such customer").first().waitFor();
  await allowChain(owner, false);
  const associate = await openPage(browser, server, { role: "associate", path: "/import" });
  const session = await askApi(associate, server, "/session");
  const mine = session.staff.stores.map((store) => store.name);
  const all = await askApi(owner, server, "/customers?limit=500");
  let stranger;
  for (const row of all.items) {
    if (mine.includes(row.store)) continue;
    const card = await askApi(owner, server, `/customers/${row.id}`);
    if (!card.stores.some((store) => mine.includes(store.name))) {
      stranger = row;
      break;
    }
  }
  assert.ok(stranger, "somebody is a customer of other stores only");
  await associate.goto(`${server.url}/customers/${stranger.id}`);
  await associate.getByText("No such customer").first().waitFor();
  await allowChain(owner, true);
  await closePage(owner);
  await closePage(associate);
});

test("loading shows a skeleton, a broken line an error with a way on", async () => {
  const { page, customer } = await openCard("operations:>=2");
  const route = `**/api/v1/customers/${customer.row.id}`;
  await page.route(route, (r) => r.abort());
  await page.reload();
  await page.getByText("No connection").waitFor();
  await page.unroute(route);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { level: 1, name: customer.row.name }).waitFor();
  await closePage(page);
});

for (const theme of ["light", "dark"])
  test(`the card passes axe, ${theme}`, async () => {
    const { page } = await openCard("operations:>=5 has:phone", { theme });
    assert.deepEqual(await axe(page), []);
    await page.getByRole("tab", { name: "Operations" }).click();
    await page.locator("tr.op button").first().click();
    assert.deepEqual(await axe(page), []);
    await page.getByRole("tab", { name: "Activity" }).click();
    await page.locator(".event").first().waitFor();
    assert.deepEqual(await axe(page), []);
    await closePage(page);
  });

test("on a phone nothing is wider than the screen, in any language", async () => {
  for (const language of languages) {
    const { page } = await openCardIn(language);
    for (const tab of ["", "?tab=operations", "?tab=activity"]) {
      await page.goto(page.url().split("?")[0] + tab);
      await page
        .locator(tab === "?tab=activity" ? ".event" : "tr.op")
        .first()
        .waitFor();
      assert.equal(await sidewaysOverflow(page), 0, `${language} ${tab}`);
      assert.equal(
        await page.locator("#main").evaluate((main) => main.scrollWidth - main.clientWidth),
        0,
        `${language} ${tab}`,
      );
    }
    assert.deepEqual(page.mistakes, []);
    await closePage(page);
  }
});

async function openCardIn(language) {
  const page = await openPage(browser, server, { language, viewport: phone, path: null });
  const list = await askApi(page, server, "/customers?limit=1&sort=-operations");
  await page.goto(`${server.url}/customers/${list.items[0].id}`);
  await page.locator(".card-name").waitFor();
  return { page };
}
