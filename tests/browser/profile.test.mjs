// The card edited: personal data, two people at once, a new customer, tags, photo, notes, tasks, delete.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  askApi,
  axe,
  becomes,
  browser,
  closePage,
  openPage,
  phone,
  server,
  sidewaysOverflow,
  until,
  useDemo,
} from "./harness.mjs";

useDemo({ customers: 600 });

/** Somebody of the demo, another one for each test. */
async function somebody(page, query, offset = 0) {
  const list = await askApi(page, server, `/customers?limit=1&offset=${offset}&sort=number&q=${encodeURIComponent(query)}`);
  assert.equal(list.items.length, 1, `somebody fits ${query}`);
  return list.items[0];
}
async function open(path, options = {}) {
  const page = await openPage(browser, server, { ...options, path: null });
  const row = options.of && (await somebody(page, options.of, options.offset));
  await page.goto(server.url + (row ? path.replace("ID", row.id) : path));
  return { page, row };
}
const field = (page, name) => page.getByRole("textbox", { name, exact: true });
const profile = (page, row) => askApi(page, server, `/customers/${row.id}/profile`);
async function closed(page) {
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
}

test("personal data are changed; what is wrong is told at its field", async () => {
  const { page, row } = await open("/customers/ID", { of: "has:phone has:email" });
  await page.getByRole("link", { name: "Edit", exact: true }).first().click();
  await page.getByRole("heading", { name: /^Edit / }).waitFor();
  await field(page, "First name").fill("Annabelle");
  await field(page, "Nickname").fill("Belle");
  await field(page, "Birthday").fill("30");
  await page.getByLabel("Month").first().selectOption({ label: "February" });
  await field(page, "Year").first().fill("");
  await page.getByRole("button", { name: "Add a phone" }).click();
  await field(page, "Phone").nth(1).fill("12");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("There is no such day", { exact: false }).first().waitFor();
  await field(page, "Birthday").fill("29");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("too short: 12", { exact: false }).first().waitFor();
  assert.equal((await profile(page, row)).first_name === "Annabelle", false); // nothing half saved
  await field(page, "Phone").nth(1).fill("06 98 76 54 32");
  await page.getByRole("button", { name: "Make it the main one" }).first().click();
  await page.getByLabel("Kind of contact").first().selectOption({ label: "Work" });
  await page.getByRole("button", { name: "Add a date" }).click();
  await field(page, "What is on this day").fill("Wedding");
  await field(page, "Day").last().fill("20");
  await page.getByLabel("Month").last().selectOption({ label: "June" });
  await field(page, "Web site").fill("annabelle.example");
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: /^Annabelle/ }).waitFor();
  await page.getByText("29 February").first().waitFor();
  await page.getByText("06 98 76 54 32").first().waitFor();
  await page.getByText("Wedding:").waitFor();
  assert.equal(await page.getByRole("link", { name: /^annabelle\.example/ }).getAttribute("href"), "https://annabelle.example");
  const saved = await profile(page, row);
  assert.deepEqual(saved.phones[0], { value: "+33698765432", label: "work" });
  assert.equal(saved.birthday, "--02-29");
  await page.getByRole("tab", { name: "Activity" }).click();
  await page.getByText("First name, Nickname", { exact: false }).first().waitFor();
  await closed(page);
});

test("two people edit at once: nobody's change is lost silently", async () => {
  const one = await open("/customers/ID/edit", { of: "has:name has:email", offset: 3 });
  const other = await openPage(browser, server, { role: "manager", ownSession: true, path: `/customers/${one.row.id}/edit` });
  const mine = one.page;
  await field(mine, "Nickname").fill("Mine");
  await field(mine, "Instagram").fill("@mine");
  await field(other, "Nickname").fill("Theirs");
  await field(other, "Facebook").fill("their.page");
  await field(other, "Google").fill("theirs too");
  await other.getByRole("button", { name: "Save" }).click();
  await other.locator(".card-header").waitFor();
  await mine.getByRole("button", { name: "Save" }).click();
  const panel = mine.getByRole("alertdialog");
  await panel.getByText("Somebody else changed this customer meanwhile").waitFor();
  assert.deepEqual(await panel.locator(".conflict-values dd").allInnerTexts(), ["Mine", "Theirs"]);
  await panel.getByText("their.page").waitFor();
  assert.deepEqual(await axe(mine), []);
  const before = await profile(mine, one.row);
  assert.equal(before.nickname, "Theirs");
  assert.equal(before.instagram, null);
  // a third change while the choice is made: asked again
  const third = await openPage(browser, server, { role: "manager", path: `/customers/${one.row.id}/edit` });
  await field(third, "Nickname").fill("Third");
  await third.getByRole("button", { name: "Save" }).click();
  await third.locator(".card-header").waitFor();
  await mine.getByRole("button", { name: "Save with these choices" }).click();
  await panel.getByText("Third").waitFor();
  await panel.locator(".segment", { hasText: "Take theirs" }).click();
  await mine.getByRole("button", { name: "Save with these choices" }).click();
  await mine.locator(".card-header").waitFor();
  const after = await profile(mine, one.row);
  assert.deepEqual([after.nickname, after.instagram, after.facebook, after.google], ["Third", "@mine", "their.page", "theirs too"]);
  await closePage(third);
  await closed(other);
  await closed(mine);
});

test("another part of the card changed meanwhile: saved without a question", async () => {
  const { page, row } = await open("/customers/ID/edit", { of: "has:name has:email", offset: 5 });
  await field(page, "Nickname").fill("Quick");
  const other = await openPage(browser, server, { path: `/customers/${row.id}` });
  await other.getByRole("button", { name: "Tag", exact: true }).click();
  await other.getByRole("combobox", { name: "Add a tag" }).fill("Silk lover");
  await other.keyboard.press("Enter");
  await other.getByText("Tag added: Silk lover").waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("“Quick”").waitFor();
  await closePage(other);
  await closed(page);
});

test("a new customer: the same phone is told before anything is saved", async () => {
  const { page, row } = await open("/customers", { of: "has:phone has:name", offset: 7 });
  await page.getByRole("link", { name: "New customer" }).click();
  await field(page, "First name").fill("Twice");
  await field(page, "Phone").fill(row.phone);
  await page.getByText("Another customer has this already").waitFor();
  await page.getByRole("button", { name: "Create customer" }).click();
  const doubt = page.getByRole("dialog", { name: "Is it the same person?" });
  await doubt.getByRole("link", { name: row.name }).waitFor();
  assert.deepEqual(await axe(page), []);
  await doubt.getByRole("button", { name: "Look again" }).click();
  await field(page, "Phone").fill("+33 6 00 11 22 33");
  await page.getByText("Another customer has this already").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Create customer" }).click();
  await page.getByRole("heading", { level: 1, name: "Twice" }).waitFor();
  await page.getByText("Has not bought yet").waitFor();
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  assert.match(await field(page, "Message").inputValue(), /Twice.*Maison Lumière/s);
  await page.getByText("Has not agreed to SMS").waitFor();
  await closed(page);
});

test("tags: typed ahead, new ones made, taken off with undo", async () => {
  const { page, row } = await open("/customers/ID", { of: "tag:none has:name" });
  const tags = async () => (await askApi(page, server, `/customers/${row.id}`)).tags.map((tag) => tag.name);
  await page.getByRole("button", { name: "Tag", exact: true }).click();
  const box = page.getByRole("combobox", { name: "Add a tag" });
  await box.fill("news");
  await page.getByRole("option", { name: "Newsletter" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Newsletter" }).waitFor();
  await page.getByRole("button", { name: "Remove the tag Newsletter" }).click();
  await page.getByRole("link", { name: "Newsletter" }).waitFor({ state: "detached" });
  await becomes(tags, []);
  await page.getByRole("button", { name: "Undo" }).last().click();
  await page.getByRole("link", { name: "Newsletter" }).waitFor();
  await becomes(tags, ["Newsletter"]);
  await closed(page);
});

test("a photo is chosen, shown everywhere, and taken away", async () => {
  const { page, row } = await open("/customers/ID", { of: "has:name has:phone", offset: 9 });
  const picture = await page.screenshot({ clip: { x: 0, y: 0, width: 320, height: 240 } });
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: /Change the photo/ }).click();
  await page.getByRole("menuitem", { name: "Choose a picture" }).click();
  await (await choosing).setFiles({ name: "me.png", mimeType: "image/png", buffer: picture });
  await page.getByText("Photo saved").waitFor();
  const image = page.locator(".card-header img");
  await until(() => image.evaluate((img) => img.complete && img.naturalWidth === 240), "the photo on screen");
  assert.equal(await page.locator("input[capture]").count(), 1);
  assert.deepEqual(await axe(page), []);
  await page.goto(`${server.url}/customers?q=${row.number}`);
  await page.locator(`img[src*="/customers/${row.id}/photos/"]`).first().waitFor();
  await page.goto(`${server.url}/customers/${row.id}`);
  await page.getByRole("button", { name: /Change the photo/ }).click();
  await page.getByRole("menuitem", { name: "Remove the photo" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove the photo" }).click();
  await page.getByText("Photo removed").waitFor();
  await image.waitFor({ state: "detached" });
  const bad = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: /Change the photo/ }).click();
  await page.getByRole("menuitem", { name: "Choose a picture" }).click();
  await (await bad).setFiles({ name: "me.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await page.getByText("not a picture that can be read", { exact: false }).waitFor();
  await closed(page);
});

test("notes: written, changed, pinned, deleted with undo", async () => {
  const { page } = await open("/customers/ID?tab=notes", { of: "has:name", offset: 11 });
  await field(page, "Add note").fill("Likes silk");
  await page.getByRole("button", { name: "Add note" }).click();
  const note = page.locator(".note", { hasText: "Likes" });
  await note.getByRole("button", { name: "Edit note" }).click();
  await field(page, "Edit note").fill("Likes linen");
  await page.getByRole("button", { name: "Save" }).click();
  await note.getByText("Likes linen").waitFor();
  await note.getByRole("button", { name: "Pin note" }).click();
  await page.locator(".note-pinned").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("tab", { name: "Overview" }).click();
  await page.locator(".notes-pinned", { hasText: "Likes linen" }).waitFor();
  await page.getByRole("tab", { name: "Activity" }).click();
  await page.locator(".event-note", { hasText: "Likes linen" }).waitFor();
  await page.getByRole("tab", { name: /Notes and tasks/ }).click();
  await note.getByRole("button", { name: "Delete note" }).click();
  await page.getByText("No notes yet.").waitFor();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await note.getByText("Likes linen").waitFor();
  await closed(page);
});

test("tasks: given, counted in the navigation, done and undone", async () => {
  const { page, row } = await open("/customers/ID?tab=notes", { of: "has:name", offset: 13 });
  const { due: before } = await askApi(page, server, "/tasks/count"); // the demo gave some
  for (const [text, due] of [["Call back", "2026-03-10"], ["Send lookbook", "2026-03-14"], ["Order size 38", "2026-05-01"]]) {
    await page.getByRole("button", { name: "Add task" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("What is to be done").fill(text);
    await dialog.getByLabel("Due on").fill(due);
    await dialog.getByRole("button", { name: "Add task" }).click();
    await page.locator(".task", { hasText: text }).waitFor();
  }
  await page.getByText(`${before + 2} tasks due`).first().waitFor({ state: "attached" });
  await page.getByRole("link", { name: /My tasks/ }).click();
  await page.getByRole("heading", { level: 1, name: "My tasks" }).waitFor();
  for (const [group, text] of [["Overdue", "Call back"], ["Due today", "Send lookbook"], ["Later", "Order size 38"]])
    await page.locator(".tasks-group", { hasText: group }).locator(".task", { hasText: text }).waitFor();
  assert.deepEqual(await axe(page), []);
  const tick = (text) => page.locator(".task", { hasText: text }).locator(".checkbox-box").click();
  await tick("Call back");
  await page.locator(".task", { hasText: "Call back" }).waitFor({ state: "detached" });
  await page.getByText(before ? `${before + 1} tasks due` : "1 task due").first().waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Undo" }).last().click();
  await page.locator(".task-overdue", { hasText: "Call back" }).waitFor();
  await page.locator(".task", { hasText: "Call back" }).getByRole("button", { name: "Edit task" }).click();
  await page.getByRole("dialog").getByLabel("Who does it").selectOption({ label: "Giulia Conti" });
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.locator(".task", { hasText: "Call back" }).waitFor({ state: "detached" });
  await page.locator(".segment", { hasText: "Everybody’s" }).click();
  await page.locator(".task", { hasText: "Call back" }).getByText("Giulia Conti").waitFor();
  assert.match(page.url(), /who=all/);
  await tick("Send lookbook");
  await page.locator(".segment", { hasText: "Done" }).click();
  await page.locator(".task-done", { hasText: "Send lookbook" }).waitFor();
  await page.locator(".task-done", { hasText: "Send lookbook" }).getByRole("link", { name: row.name }).click();
  await page.getByText("1 done").waitFor();
  await closed(page);
});

test("a customer is deleted, and comes back by undo or at the old address", async () => {
  const { page, row } = await open("/customers/ID", { of: "has:name", offset: 15 });
  const name = row.name;
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete customer" }).click();
  await page.getByText(`${name} was deleted`).waitFor();
  assert.match(page.url(), /\/customers$/);
  await page.goto(`${server.url}/customers/${row.id}`);
  await page.getByText(`${name} was deleted`).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
  const associate = await openPage(browser, server, { role: "associate", path: `/customers/${row.id}` });
  await associate.getByRole("button", { name: "More actions" }).click();
  await associate.getByRole("menuitem", { name: "Edit personal data" }).waitFor();
  assert.equal(await associate.getByRole("menuitem", { name: "Delete customer" }).count(), 0);
  await closed(associate);
  await closed(page);
});

test("on a phone everything fits", async () => {
  for (const path of ["/customers/ID/edit", "/customers/ID?tab=notes", "/tasks", "/customers/new"]) {
    const { page } = await open(path, { of: "has:name", viewport: phone, theme: "dark" });
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    assert.equal(await sidewaysOverflow(page), 0, path);
    assert.deepEqual(await axe(page), [], path);
    await closed(page);
  }
});
