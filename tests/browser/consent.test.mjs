// Consent on the card, its proof, the texts; a customer's file, erasure, retention.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
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
const consents = (page, id) => askApi(page, server, `/customers/${id}/consents`);
async function choose(page, channel, item) {
  await page.getByRole("button", { name: `Record for ${channel}`, exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

test("a consent is recorded with its text, taken back, and proven", async () => {
  const page = await openPage(browser, server, { path: null });
  const { id } = await someone(page, "consent:sms_never has:phone,email");
  await page.goto(`${server.url}/customers/${id}`);
  await choose(page, "SMS", "Customer accepts");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("agreement that the customer gave beforehand").waitFor();
  await dialog.getByLabel("Text shown").selectOption({ label: "French, version 2" });
  await dialog.locator("blockquote").waitFor();
  await dialog.getByLabel("Note").fill("Folder 7");
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Record", exact: true }).click();
  await toast(page, "Recorded for SMS").waitFor();
  await page.locator(".card-consent-list li", { hasText: "SMS" }).getByText("Accepted").waitFor();
  const history = await consents(page, id);
  assert.equal(history.acts.at(-1).text.version, 2);
  assert.equal(history.acts.at(-1).note, "Folder 7");

  await choose(page, "SMS", "Suppress");
  await dialog.getByLabel("Reason").selectOption("stop");
  await dialog.getByRole("button", { name: "Record", exact: true }).click();
  await page.locator(".card-consent-list li", { hasText: "SMS" }).getByText("Suppressed").waitFor();
  await toast(page, "Recorded for SMS").last().getByRole("button", { name: "Undo" }).click();
  await toast(page, "Taken back").waitFor();
  assert.equal((await consents(page, id)).channels[0].suppressed, null);
  await choose(page, "SMS", "Suppress");
  await dialog.getByRole("button", { name: "Record", exact: true }).click();
  await page.locator(".card-consent-list li", { hasText: "SMS" }).getByText("Suppressed").waitFor();
  await choose(page, "SMS", "Release");
  await dialog.getByRole("button", { name: "Record", exact: true }).click();
  await dialog.getByText("Please fill this in").waitFor();
  await page.keyboard.press("Escape");

  await page.getByRole("link", { name: "History and proof" }).click();
  await page.getByRole("heading", { name: /Consents of/ }).waitFor();
  await page.getByText((await consents(page, id)).sha256).waitFor();
  await page.getByText("Folder 7").waitFor();
  await page.locator(".segment", { hasText: "E-mail" }).click();
  assert.equal(new URL(page.url()).searchParams.get("channel"), "email");
  await page.getByText("Folder 7").waitFor({ state: "detached" });
  await page.locator(".segment", { hasText: "All" }).click();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Take back" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
  await page.getByText("Takes back act").last().waitFor();
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.getByRole("button", { name: "Print" }).isVisible(), false);
  assert.ok(await page.getByText("SHA-256").isVisible());
  assert.deepEqual(page.mistakes, []);
});

test("two people at once: the second sees what the first recorded", async () => {
  const page = await openPage(browser, server, { path: null });
  const { id } = await someone(page, "consent:sms_never consent:email_never has:phone,email");
  await page.goto(`${server.url}/customers/${id}`);
  await choose(page, "SMS", "Customer accepts");
  const dialog = page.getByRole("dialog");
  const other = await openPage(browser, server, { path: `/customers/${id}` });
  await choose(other, "SMS", "Customer refuses");
  await other.getByRole("dialog").getByLabel("How", { exact: true }).selectOption("phone");
  await other.getByRole("dialog").getByRole("button", { name: "Record", exact: true }).click();
  await toast(other, "Recorded for SMS").waitFor();

  await dialog.getByRole("button", { name: "Record", exact: true }).click();
  await dialog.getByText(/Meanwhile somebody else recorded on this channel: Refused, by phone/).waitFor();
  await dialog.getByText("Look whether yours still holds").waitFor();
  await page.locator(".card-consent-list li", { hasText: "SMS" }).getByText("Refused").waitFor();
  assert.equal((await consents(page, id)).channels[0].state, "refused");
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Record all the same" }).click();
  await toast(page, "Recorded for SMS").waitFor();
  assert.equal((await consents(page, id)).channels[0].state, "granted");
  /* the other one still believes what was there before, and wants just what is there now */
  await choose(other, "SMS", "Customer accepts");
  await other.getByRole("dialog").getByRole("button", { name: "Record", exact: true }).click();
  await other.getByRole("dialog").getByText("nothing is left to do").waitFor();
  assert.ok(await other.getByRole("dialog").getByRole("button", { name: "Record all the same" }).isDisabled());
  assert.deepEqual([...page.mistakes, ...other.mistakes], []);
});

test("the signed paper is sent along, printed with the proof, and removed", async () => {
  const page = await openPage(browser, server, { path: null });
  const { id } = await someone(page, "consent:sms_never -consent:email_never has:phone,email");
  await page.goto(`${server.url}/customers/${id}`);
  const picture = await page.screenshot({ clip: { x: 0, y: 0, width: 300, height: 420 } });
  const attach = async (button, buffer) => {
    const choosing = page.waitForEvent("filechooser");
    await button.click();
    await (await choosing).setFiles({ name: "paper.png", mimeType: "image/png", buffer });
  };
  await choose(page, "SMS", "Customer accepts");
  const dialog = page.getByRole("dialog");
  await attach(dialog.getByRole("button", { name: "Add a picture" }), Buffer.from("not a picture"));
  await dialog.getByRole("button", { name: "Record", exact: true }).click();
  await dialog.getByText("The act is recorded, but its picture could not be sent.").waitFor();
  await dialog.getByRole("button", { name: "Leave picture 1 out" }).click();
  await attach(dialog.getByRole("button", { name: "Add a picture" }), picture);
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Send the picture again" }).click();
  await toast(page, "Recorded for SMS").waitFor();
  assert.equal((await consents(page, id)).acts.at(-1).evidence.length, 1);

  await page.getByRole("link", { name: "History and proof" }).click();
  const image = page.getByRole("img", { name: "Signed paper, picture 1" });
  await until(() => image.evaluate((img) => img.complete && img.naturalHeight === 420), "the paper on the proof");
  await attach(page.getByRole("button", { name: "Add a picture" }).last(), await page.screenshot({ clip: { x: 0, y: 0, width: 200, height: 300 } }));
  await toast(page, "Picture added").waitFor();
  await page.getByRole("img", { name: "Signed paper, picture 2" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.emulateMedia({ media: "print" });
  assert.ok(await image.isVisible());
  assert.equal(await page.getByRole("button", { name: "Add a picture" }).count(), 0);
  await page.emulateMedia({ media: "screen" });
  await page.getByRole("button", { name: "Remove picture 2" }).click();
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await toast(page, "Picture removed").waitFor();
  assert.equal((await consents(page, id)).acts.at(-1).evidence.length, 1);
  assert.deepEqual(page.mistakes, []);
});

test("the owner's texts have versions that stay", async () => {
  const page = await openPage(browser, server, { path: "/settings" });
  const text = page.locator("textarea[lang=en]");
  await page.getByRole("button", { name: "Save as version 2" }).waitFor();
  const before = await text.inputValue();
  await text.fill("Yes, write to me.");
  await page.getByRole("button", { name: "Save as version 2" }).click();
  await toast(page, "Version 2 saved").waitFor();
  await page.getByText("Older versions").click();
  await page.locator(".consent-versions").getByText(before).waitFor();
  const manager = await openPage(browser, server, { role: "manager", path: "/settings" });
  await manager.locator("textarea[lang=en]").waitFor();
  assert.ok(await manager.locator("textarea[lang=en]").isDisabled());
  assert.deepEqual(page.mistakes, []);
});

test("a customer gets the file, and is erased", async () => {
  const page = await openPage(browser, server, { path: null });
  const { id, number, name } = await someone(page, "type:vip has:phone,email,name");
  await page.goto(`${server.url}/customers/${id}`);
  await page.getByRole("button", { name: "Data file" }).click();
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "To read" }).click();
  const file = await coming;
  assert.equal(file.suggestedFilename(), `customer-${number}.html`);
  assert.match(await readFile(await file.path(), "utf8"), new RegExp(name.split(" ")[0]));

  await page.getByRole("button", { name: "Data file" }).click();
  const zip = page.waitForEvent("download");
  await page.getByRole("button", { name: "Everything (ZIP)" }).click();
  assert.equal((await zip).suggestedFilename(), `customer-${number}.zip`);
  assert.equal((await readFile(await (await zip).path())).subarray(0, 2).toString(), "PK");

  await page.getByRole("button", { name: "Erase…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("This cannot be undone").waitFor();
  await dialog.getByText("Stays, without the person").waitFor();
  assert.deepEqual(await axe(page), []);
  const confirm = dialog.getByRole("button", { name: "Erase for good" });
  assert.ok(await confirm.isDisabled());
  await dialog.getByLabel(/Type the customer/).fill(String(number));
  await confirm.click();
  await toast(page, `no. ${number} is erased`).waitFor();
  await page.goto(`${server.url}/customers/${id}`);
  await page.getByText(`Customer no. ${number} was erased`).waitFor();
  const associate = await openPage(browser, server, { role: "associate", path: null });
  const other = await someone(associate, "has:email");
  await associate.goto(`${server.url}/customers/${other.id}`);
  await associate.getByRole("link", { name: "History and proof" }).waitFor();
  assert.equal(await associate.getByRole("button", { name: "Erase…" }).count(), 0);
});

test("retention: kept for a reason, erased with progress", async () => {
  const page = await openPage(browser, server, { path: "/retention" });
  const list = await askApi(page, server, "/retention");
  assert.ok(list.matching >= 3);
  const box = page.locator("tbody .checkbox");
  await box.nth(0).click();
  await page.getByRole("button", { name: "Keep…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Keep", exact: true }).click();
  await dialog.getByText("Please fill this in").waitFor();
  await dialog.getByLabel("Reason").fill("Guarantee runs");
  await dialog.getByRole("button", { name: "Keep", exact: true }).click();
  await toast(page, "They are kept").waitFor();
  await page.getByRole("tab", { name: "Kept all the same" }).click();
  await page.getByText("Guarantee runs").waitFor();
  await page.getByRole("button", { name: /Decide anew/ }).click();
  await toast(page, "Back on the list").waitFor();

  await page.getByRole("tab", { name: /to decide on/ }).click();
  await box.nth(0).click();
  await box.nth(1).click();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Erase…" }).click();
  await dialog.getByLabel(/Type how many/).fill("2");
  await dialog.getByRole("button", { name: "Erase for good" }).click();
  await toast(page, "The customers are erased").waitFor();
  await until(async () => (await askApi(page, server, "/retention")).matching === list.matching - 2, "two fewer");
  await page.getByRole("tab", { name: "Erased", exact: true }).click();
  const { items } = await askApi(page, server, "/erasures");
  await page.getByLabel("Was this number erased?").fill(String(items[0].number));
  await until(async () => (await page.locator(".retention-kept li").count()) === 1, "the one asked for");
  assert.deepEqual(page.mistakes, []);
});

test("on a phone, dark, where words are long, nothing overflows", async () => {
  for (const language of ["fr", "ru"]) {
    const page = await openPage(browser, server, { viewport: phone, theme: "dark", language, path: "/retention" });
    await page.locator("tbody .checkbox").first().waitFor();
    assert.equal(await sidewaysOverflow(page), 0, `retention ${language}`);
    const { id } = await someone(page, "consent:email_suppressed");
    await page.goto(`${server.url}/customers/${id}/consents`);
    await page.locator(".proof h1").waitFor();
    assert.equal(await sidewaysOverflow(page), 0, `proof ${language}`);
    if (language === "ru") assert.deepEqual(await axe(page), []);
    assert.deepEqual(page.mistakes, []);
    await closePage(page);
  }
});
