// The five articles that the product was asked for by, walked from top to bottom by a person: each step
// stands beside what the article says.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { askApi, becomes, browser, closePage, openPage, server, until, useDemo } from "./harness.mjs";

useDemo({ customers: 2000 });

const number = (n) => new Intl.NumberFormat("en-GB").format(n);
const digits = (text) => Number(text.replace(/\D/g, ""));
const toast = (page, text) => page.locator(".toast", { hasText: text });
const rail = (page) => page.locator(".rail");
const value = (page, name) => rail(page).getByRole("checkbox", { name });
const list = (page, q) => askApi(page, server, `/customers?sort=number&limit=3&q=${encodeURIComponent(q)}`);
const tick = (page, i) => page.locator(`#customer-row-${i} .row-tick label`).click();
const bar = (page) => page.getByRole("toolbar", { name: "Chosen customers" });
const field = (page, name) => page.getByRole("textbox", { name, exact: true });
const counted = (page, n) => page.locator(".count strong", { hasText: new RegExp(`^${number(n)}$`) }).waitFor();
async function download(page, click) {
  const coming = page.waitForEvent("download");
  await click();
  return readFile(await (await coming).path(), "utf8");
}
async function section(page, name) {
  const button = rail(page).getByRole("button", { name }).first();
  if ((await button.getAttribute("aria-expanded")) === "false") await button.click();
}
async function card(page, row) {
  await page.goto(`${server.url}/customers/${row.id}`);
  await page.getByRole("heading", { level: 1, name: row.name }).waitFor();
}
async function closed(page) {
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
}

test("article 000: filters, matching of total, typologies, the card, the consent, deleting", async () => {
  const page = await openPage(browser, server);
  // 1–3: filter, see the filters applied, matching customers of all
  await value(page, /^VIP/).click();
  const vips = await list(page, "type:vip");
  await counted(page, vips.matching);
  assert.equal(digits((await page.locator(".count").innerText()).split(" of ")[1]), vips.total);
  await page.getByRole("group", { name: "Applied filters" }).getByText("VIP").waitFor();
  // A: the four types
  for (const name of [/^New\b/, /^Occasional/, /^At risk/]) await value(page, name).first().waitFor();
  // B: profile, engagement, period, source
  await value(page, /^Female/).click();
  await value(page, /^SMS: accepts/).click();
  await counted(page, (await list(page, "type:vip gender:female consent:sms")).matching);
  await page.getByRole("button", { name: "Clear all" }).click();
  await page.getByRole("searchbox").fill("age:25..40 registered:>=2024-01-01 last_visit:<90d tag:any");
  await page.getByRole("searchbox").press("Enter");
  await counted(page, (await list(page, "age:25..40 registered:>=2024-01-01 last_visit:<90d tag:any")).matching);
  // 4: export as CSV
  await tick(page, 0);
  await bar(page).getByRole("button", { name: "Export" }).click();
  await page.getByRole("dialog").getByText("All data").click();
  const csv = await download(page, () => page.getByRole("dialog").getByRole("button", { name: "Download" }).click());
  assert.match(csv, /First name,Last name/);
  // C: the dot, then the card by the phone number
  const [someone] = (await list(page, "consent:sms has:phone,name visits:>=2")).items;
  await page.goto(`${server.url}/customers?q=${encodeURIComponent(`number:${someone.number}`)}`);
  await page.locator("#customer-row-0 .avatar-consent, #customer-row-0 [class*=dot]").first().waitFor();
  await page.locator('#customer-row-0 a[href^="/customers/"]').first().click();
  await page.getByRole("heading", { level: 1, name: someone.name }).waitFor();
  for (const label of ["Registered on", "Last visit", "Total visits", "Visits per month"]) await page.getByText(label, { exact: true }).first().waitFor();
  // personal information, with what was collected: viewed and changed
  await page.getByRole("link", { name: "Edit", exact: true }).first().click();
  await page.getByRole("heading", { name: /^Edit / }).waitFor();
  await page.getByLabel("Gender").selectOption({ label: "Female" });
  await field(page, "Birthday").fill("9");
  await page.getByLabel("Month").first().selectOption({ label: "May" });
  await field(page, "Year").first().fill("1986");
  await page.getByRole("button", { name: "Add an e-mail" }).click();
  await field(page, "E-mail").last().fill("nicolas.article@example.org");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("nicolas.article@example.org").first().waitFor();
  await page.getByText("9 May 1986").first().waitFor();
  // points, one by one and many at once
  const points = page.locator(".card-points");
  const had = (await askApi(page, server, `/customers/${someone.id}/points?limit=1`)).balance.total;
  await points.getByRole("button", { name: "Credit 1 point" }).click();
  await page.getByText(`1 point credited. The balance is ${number(had + 1)}.`).waitFor();
  await points.getByRole("button", { name: "Any amount" }).click();
  await page.getByRole("dialog").getByLabel("How many points").fill("150");
  await page.getByRole("dialog").getByRole("button", { name: "Credit 150 points" }).click();
  await page.getByText(`150 points credited. The balance is ${number(had + 151)}.`).waitFor();
  // the SMS consent refused, with the reminder of the law
  await page.getByRole("button", { name: "Record for SMS", exact: true }).click();
  await page.getByRole("menuitem", { name: "Customer refuses" }).click();
  await page.getByRole("dialog").getByText("agreement that the customer gave beforehand").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Record", exact: true }).click();
  await page.locator(".card-consent-list li", { hasText: "SMS" }).getByText("Refused").waitFor();
  // all activity, filtered by what is of interest
  await page.getByRole("tab", { name: "Activity" }).click();
  await page.locator(".kind", { hasText: "Consent" }).first().click();
  await page.waitForURL(/kind=consent/);
  await page.locator(".event-consent").first().waitFor();
  // the customer deleted
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: /^Delete/ }).click();
  await toast(page, /deleted/i).waitFor();
  await becomes(async () => (await list(page, `number:${someone.number}`)).matching, 0);
  await closed(page);
});

test("article 001: anonymous customers, the card, nickname and notes, groups, the prompt, search", async () => {
  const page = await openPage(browser, server, { path: "/customers?q=anonymous:yes" });
  // who is not registered has a number instead of a name
  const anonymous = (await list(page, "anonymous:yes")).items[0];
  await page.locator(".row-name", { hasText: String(anonymous.number) }).first().waitFor();
  // their card says so, keeps notes, and has nothing bought; who tells a name is registered
  await page.goto(`${server.url}/customers/${anonymous.id}?tab=notes`);
  const header = page.locator(".card-header");
  await header.getByText("Anonymous", { exact: true }).waitFor();
  await field(page, "Add note").fill("Asks for the opening hours");
  await page.getByRole("button", { name: "Add note" }).click();
  await page.locator(".note", { hasText: "Asks for the opening hours" }).waitFor();
  await page.getByRole("tab", { name: "Overview" }).click();
  await page.getByText("Has not bought yet").waitFor();
  await page.getByRole("link", { name: "Edit", exact: true }).first().click();
  await field(page, "First name").fill("Ludovica");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "Ludovica" }).waitFor();
  await header.getByText("Anonymous", { exact: true }).waitFor({ state: "detached" });
  // the card: contacts, entry, purchases, mean, interval, last purchase
  const [buyer] = (await list(page, "has:name,email,phone operations:>=3 -blocked:yes")).items;
  await card(page, buyer);
  await page.getByText(buyer.email).first().waitFor();
  for (const label of ["Registered on", "Total spent", "Average transaction", "Between purchases", "Last purchase"]) await page.getByText(label, { exact: true }).first().waitFor();
  // a nickname by the owner
  await page.getByRole("link", { name: "Edit", exact: true }).first().click();
  await field(page, "Nickname").fill("Il conte");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("“Il conte”").waitFor();
  // notes about the customer
  await page.getByRole("tab", { name: /^Notes/ }).click();
  await field(page, "Add note").fill("Prefers the morning");
  await page.getByRole("button", { name: "Add note" }).click();
  await page.locator(".note", { hasText: "Prefers the morning" }).waitFor();
  await page.getByRole("tab", { name: "Overview" }).click();
  // the fidelity card: points added and taken, the balance
  const points = page.locator(".card-points");
  const had = (await askApi(page, server, `/customers/${buyer.id}/points?limit=1`)).balance.total;
  await points.getByRole("button", { name: "Credit 1 point" }).click();
  await points.getByRole("status").getByText(number(had + 1), { exact: true }).waitFor();
  await points.getByRole("button", { name: "Take 1 point" }).click();
  await points.getByRole("status").getByText(number(had), { exact: true }).waitFor();
  // put into a group on the card itself
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: /group/i }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("New group").fill("Amici del negozio");
  await dialog.getByRole("button", { name: "Make group" }).click();
  await dialog.getByRole("button", { name: /^Change/ }).click();
  await page.getByRole("link", { name: "Amici del negozio" }).waitFor();
  // bought already: a ready message asks for an opinion
  await page.getByText("Has bought from you").waitFor();
  await page.getByRole("button", { name: "Ask for an opinion" }).click();
  assert.ok((await field(page, "Message").inputValue()).length > 20);
  await page.keyboard.press("Escape");
  // not yet: it invites
  const [visitor] = (await list(page, "operations:0 has:name -blocked:yes")).items;
  await card(page, visitor);
  await page.getByText("Has not bought yet").waitFor();
  // search by name and by e-mail
  await page.goto(`${server.url}/customers`);
  await page.getByRole("searchbox").fill(buyer.email);
  await counted(page, 1);
  await page.getByText("Il conte").first().waitFor();
  await page.getByRole("searchbox").fill(buyer.name);
  await counted(page, (await list(page, `"${buyer.name}"`)).matching);
  await page.getByText("Il conte").first().waitFor();
  await closed(page);
});

test("article 002: an associate's two lists, the profile, habits, operations with returns", async () => {
  const associate = await openPage(browser, server, { role: "associate" });
  // contacts of the own store, and all of the chain
  await associate.locator(".count strong").waitFor();
  await associate.getByText("My store", { exact: true }).click();
  await associate.waitForURL(/scope=mine/);
  const own = await askApi(associate, server, "/customers?limit=0&scope=mine");
  await counted(associate, own.matching);
  await associate.getByText("All stores", { exact: true }).click();
  await counted(associate, (await askApi(associate, server, "/customers?limit=0")).matching);
  // an icon beside the name of those who have a profile
  await associate.goto(`${server.url}/customers?q=${encodeURIComponent("operations:>=3")}`);
  await associate.locator("#customer-row-0 .mark-profile").waitFor();
  await closed(associate);
  const page = await openPage(browser, server);
  const [shopper] = (await list(page, "has:name,email category:any size:any operations:>=4")).items;
  await card(page, shopper);
  // the first part is edited: names, addresses, social pages, important dates
  await page.getByRole("link", { name: "Edit", exact: true }).first().click();
  await page.getByRole("heading", { name: /^Edit / }).waitFor();
  await field(page, "Instagram").fill("@shopper");
  for (const [kind, street] of [["Home", "1 rue du Lac"], ["Work", "2 quai des Brumes"]]) {
    await page.getByRole("button", { name: "Add an address" }).click();
    await page.getByLabel("Kind of address").last().selectOption({ label: kind });
    await field(page, "Street").last().fill(street);
    await field(page, "City").last().fill("Annecy");
  }
  await page.getByRole("button", { name: "Add a date" }).click();
  await field(page, "What is on this day").last().fill("Wedding");
  await field(page, "Day").last().fill("20");
  await page.getByLabel("Month").last().selectOption({ label: "June" });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Wedding:").waitFor();
  await page.getByText("1 rue du Lac").first().waitFor();
  await page.getByText("2 quai des Brumes").first().waitFor();
  // habits: top categories, sizes, mean basket, last purchase
  const habits = (await askApi(page, server, `/customers/${shopper.id}`)).habits;
  assert.ok(habits.categories.length <= 3);
  for (const one of habits.categories) await page.getByText(one.name).first().waitFor();
  // a note and a task
  await page.getByRole("tab", { name: /^Notes/ }).click();
  await field(page, "Add note").fill("Likes silk");
  await page.getByRole("button", { name: "Add note" }).click();
  await page.locator(".note", { hasText: "Likes silk" }).waitFor();
  await page.getByText("Tasks", { exact: true }).first().waitFor();
  // operations: day, value, category, returns; the product online
  await page.getByRole("tab", { name: "Operations" }).click();
  await page.locator("tr.op").first().getByRole("button").click();
  await page.getByRole("link", { name: /View product/ }).first().waitFor();
  await page.locator(".segment", { hasText: "Returns" }).click();
  await page.waitForURL(/kind=return/);
  await closed(page);
});

test("article 003: filters, favourites, segments, quick info of one and several, the whole card, blocking", async () => {
  // a kind of certificate, made beforehand
  const page = await openPage(browser, server, { path: "/certificates?tab=types" });
  await page.getByRole("button", { name: "New type" }).first().click();
  await page.getByRole("dialog").getByLabel("Name").fill("For regulars");
  await page.getByRole("dialog").getByLabel(/^Value/).fill("15");
  await page.getByRole("dialog").getByRole("button", { name: "Make type" }).click();
  await toast(page, "For regulars").waitFor();
  const certificate = (await askApi(page, server, "/certificate-types")).items.find((one) => one.name === "For regulars").id;
  await page.goto(`${server.url}/customers`);
  // by gender, age, number of operations
  await page.getByRole("searchbox").fill("gender:female age:25..60 operations:>=2");
  await page.getByRole("searchbox").press("Enter");
  const found = await list(page, "gender:female age:25..60 operations:>=2");
  await counted(page, found.matching);
  // a favourite, to find it again
  await page.locator("#customer-row-0").getByRole("button", { name: "Add to favourites" }).click();
  await page.locator("#customer-row-0").getByRole("button", { name: "Remove from favourites" }).waitFor();
  // the filters kept as a segment
  await page.getByRole("button", { name: "Save as segment" }).click();
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("Women who come back");
  await page.getByRole("dialog").getByRole("button", { name: "Save segment" }).click();
  await page.getByRole("link", { name: /Women who come back/ }).first().waitFor();
  // quick info of one, then of several, with actions for them
  await tick(page, 0);
  const panel = page.getByRole("complementary", { name: "Quick info" });
  await panel.getByRole("link", { name: "Open card" }).waitFor();
  await tick(page, 1);
  await bar(page).getByText("2 chosen").waitFor();
  await bar(page).getByRole("button", { name: "Tag", exact: true }).click();
  await page.getByRole("dialog").getByLabel("Tag", { exact: true }).fill("Summer");
  await page.getByRole("dialog").getByRole("button", { name: "Change 2 customers" }).click();
  await toast(page, "2 customers changed").first().waitFor();
  // from the quick info: points for one, then points, a tier and a certificate for several
  const dialogs = page.getByRole("dialog");
  await tick(page, 0);
  const address = await panel.getByRole("link", { name: "Open card" }).getAttribute("href");
  const had = (await askApi(page, server, `${address.split("?")[0]}/points?limit=1`)).balance.total;
  await panel.getByRole("button", { name: "Credit 1 point" }).click();
  await panel.getByRole("status").getByText(number(had + 1), { exact: true }).waitFor();
  const many = async (name, fill) => {
    await panel.getByRole("button", { name }).click();
    await fill();
    await dialogs.getByText("2 customers will change").waitFor();
    await dialogs.locator("button[type=submit]").click();
    await toast(page, "2 customers changed").last().waitFor();
    await bar(page).waitFor({ state: "detached" });
    await tick(page, 0);
    await tick(page, 1);
  };
  await tick(page, 1);
  await many("Credit points", async () => {
    await dialogs.getByLabel("How many points for each").fill("20");
    await dialogs.getByLabel("Message to the customer").fill("Thank you");
  });
  await many("Give a tier", () => dialogs.getByLabel("Tier", { exact: true }).selectOption({ label: "Platine" }));
  await many("Issue a certificate", async () => {
    await dialogs.getByLabel("Type").selectOption(certificate);
  });
  // the row opens the page of details; its tabs
  await page.locator('#customer-row-2 a[href^="/customers/"]').first().click();
  await page.locator(".card-header").waitFor();
  for (const name of ["Operations", "Points", "Certificates", "Referrals", "Activity"]) {
    await page.getByRole("tab", { name }).click();
    await page.getByRole("tab", { name, selected: true }).waitFor();
  }
  // a tier and a certificate on that page
  await page.getByRole("tab", { name: "Overview" }).click();
  await page.locator(".tier-card").getByRole("button", { name: "Change the tier" }).click();
  await dialogs.getByLabel("Tier", { exact: true }).selectOption({ label: "Or" });
  await dialogs.getByRole("button", { name: "Give the tier" }).click();
  await page.locator(".tier-now").getByText("Or", { exact: true }).waitFor();
  await page.getByRole("tab", { name: "Certificates" }).click();
  await page.getByRole("button", { name: "Issue" }).first().click();
  await dialogs.getByLabel("Type").selectOption(certificate);
  await dialogs.getByRole("button", { name: "Issue" }).click();
  await toast(page, "issued").waitFor();
  // a note, and blocked
  await page.getByRole("tab", { name: /^Notes/ }).click();
  await field(page, "Add note").fill("Only after six");
  await page.getByRole("button", { name: "Add note" }).click();
  await page.locator(".note", { hasText: "Only after six" }).waitFor();
  await page.getByRole("tab", { name: "Overview" }).click();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: /^Block/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").first().fill("Asked for it");
  await dialog.getByRole("button", { name: /^Block/ }).click();
  await page.getByText("Blocked").first().waitFor();
  // the calendar of birthdays: markers, the list of a day, points with a message, the automatic ones
  await page.locator(".nav").getByRole("link", { name: "Birthdays" }).click();
  await page.locator(".calendar-marker").first().waitFor();
  await page.goto(`${server.url}/birthdays?day=2026-03-14&kind=birthday`);
  await page.locator(".birthday-people li .checkbox").first().click();
  await page.getByRole("button", { name: "Greet 1" }).click();
  await dialogs.getByLabel("Points").fill("25");
  await dialogs.getByLabel("Message").fill("Happy birthday, {first_name}");
  await dialogs.getByRole("button", { name: "Greet", exact: true }).click();
  await toast(page, "1 customer greeted").waitFor();
  await page.getByRole("tab", { name: "Automatic greetings" }).click();
  await page.getByText("Nothing is given by itself").waitFor();
  await closed(page);
});

test("article 004: the list, initials, spending, chosen ones, hearts, e-mails exported, the page of one", async () => {
  const page = await openPage(browser, server);
  // filtered by initial, by spending, by activity
  await section(page, /^Initial/);
  await rail(page).getByRole("button", { name: "M", exact: true }).click();
  await counted(page, (await list(page, "initial:m")).matching);
  await page.goto(`${server.url}/customers`);
  await page.getByRole("searchbox").fill("spent:>=200 active:yes has:email,name");
  await page.getByRole("searchbox").press("Enter");
  const rich = await list(page, "spent:>=200 active:yes has:email,name");
  await counted(page, rich.matching);
  // ticked: a bar below; a heart for all of them
  await tick(page, 0);
  await tick(page, 1);
  await bar(page).getByText("2 chosen").waitFor();
  const hearts = async () => (await askApi(page, server, "/customers?limit=0&q=favourite:yes")).matching;
  const before = await hearts();
  await bar(page).getByRole("button", { name: "Favourite", exact: true }).click();
  await page.getByRole("dialog").getByText("2 customers will change").waitFor();
  await page.getByRole("dialog").locator("button[type=submit]").click();
  await toast(page, "2 customers changed").waitFor();
  await until(async () => (await hearts()) === before + 2, "two hearts more");
  await tick(page, 0);
  await tick(page, 1);
  // e-mails alone
  await bar(page).getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/E-mails only/).click();
  const emails = await download(page, () => dialog.getByRole("button", { name: "Download" }).click());
  assert.match(emails.split("\r\n")[0], /E-mail/);
  // the page of one: status, device, birthday; social; engagement
  await card(page, rich.items[0]);
  for (const label of ["Device", "Birthday", "Shares", "Stamps", "Comments", "Income", "Push notifications received", "Last use", "Signed up"])
    await page.getByText(label, { exact: true }).first().waitFor();
  await page.getByRole("button", { name: "More actions" }).click();
  assert.ok((await page.getByRole("menuitem").count()) >= 3);
  await closed(page);
});
