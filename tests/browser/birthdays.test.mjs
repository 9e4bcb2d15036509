// The birthday calendar: the month by mouse and keyboard, the list of a day, what is shown, on a phone.
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
  useDemo,
} from "./harness.mjs";

useDemo({ customers: 3000 });

const day = (page, text) => page.locator(`[data-day="${text}"]`);

test("a month with its markers, by mouse and by keyboard, with an address of its own", async () => {
  const page = await openPage(browser, server, { path: "/birthdays" });
  await page.getByRole("heading", { name: "March 2026", exact: true }).waitFor();
  const { days } = await askApi(page, server, "/birthdays?month=2026-03");
  const busy = days.find((one) => one.birthdays > 0 && one.dates > 0 && one.day < "2026-03-25");
  await day(page, busy.day).locator(".calendar-marker", { hasText: String(busy.birthdays) }).last().waitFor();
  assert.equal(await day(page, busy.day).locator(".calendar-marker").count(), 2);
  await day(page, busy.day).click();
  await page.locator(".birthday-people li").nth(busy.birthdays + busy.dates - 1).waitFor();
  assert.match(page.url(), new RegExp(`day=${busy.day}`));
  assert.deepEqual(await axe(page), []);
  // the next week by the arrow, the next month by Page Down, today by its button
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction(() => document.activeElement?.dataset.day?.startsWith("2026-03"));
  await page.keyboard.press("PageDown");
  await page.getByRole("heading", { name: "April 2026", exact: true }).waitFor();
  await page.waitForFunction(() => document.activeElement?.dataset.day?.startsWith("2026-04"));
  await page.getByRole("button", { name: "Today" }).click();
  await page.getByRole("heading", { name: "14 March 2026" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "April 2026", exact: true }).waitFor();
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("only birthdays, only other dates", async () => {
  const page = await openPage(browser, server, { path: "/birthdays?month=2026-03" });
  const { birthdays, dates } = await askApi(page, server, "/birthdays?month=2026-03");
  await page.getByText(`${birthdays} birthdays · ${dates} other dates`).waitFor();
  await page.getByText("Other dates", { exact: true }).click();
  await page.locator(".month-bar").getByText(`${dates} other dates`, { exact: true }).waitFor();
  assert.match(page.url(), /kind=date/);
  assert.equal(await page.locator(".calendar-marker:not(.calendar-marker-quiet)").count(), 0);
  await page.reload();
  await page.locator(".month-bar").getByText(`${dates} other dates`, { exact: true }).waitFor();
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("several are greeted with points and a message, and nobody twice", async () => {
  const page = await openPage(browser, server, { path: "/birthdays?day=2026-03-14&kind=birthday" });
  const people = page.locator(".birthday-people li");
  await people.first().waitFor();
  const before = await people.count();
  await people.nth(0).locator(".checkbox").click();
  await people.nth(1).locator(".checkbox").click();
  await page.getByRole("button", { name: "Greet 2" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("it is sent once messages are set up").waitFor();
  assert.equal(await dialog.getByRole("button", { name: "Greet", exact: true }).isDisabled(), true);
  await dialog.getByLabel("Points").fill("25");
  await dialog.getByLabel("Message").fill("Dear {name}");
  await dialog.getByRole("button", { name: "Greet", exact: true }).click();
  await dialog.getByText("There is no merge field").waitFor();
  await dialog.getByLabel("Message").fill("Dear {first_name}, {points} points for you");
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Greet", exact: true }).click();
  await page.locator(".toast", { hasText: "2 customers greeted · 50 points given" }).waitFor();
  // taken back where it is told, and given again
  await page.locator(".toast", { hasText: "2 customers greeted" }).getByRole("button", { name: "Undo" }).click();
  await page.locator(".toast", { hasText: "Taken back" }).waitFor();
  await people.locator(".badge", { hasText: "Greeted" }).first().waitFor({ state: "detached" });
  for (const place of [0, 1]) await people.nth(place).locator(".checkbox").click();
  await page.getByRole("button", { name: "Greet 2" }).click();
  await dialog.getByLabel("Points").fill("25");
  await dialog.getByRole("button", { name: "Greet", exact: true }).click();
  await people.locator(".badge", { hasText: "Greeted · 25 points" }).nth(1).waitFor();
  assert.equal(await people.nth(0).locator("input").isDisabled(), true);
  await page.locator(".birthday-bar .checkbox").click();
  await page.getByRole("button", { name: `Greet ${before - 2}` }).waitFor();
  await page.getByRole("tab", { name: "Past greetings" }).click();
  await page.locator("tbody tr").nth(1).waitFor();
  assert.equal(await page.locator("tbody tr").count(), 2);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("automatic greetings are set, seen for the week, switched on and taken back", async () => {
  const page = await openPage(browser, server, { path: "/birthdays?tab=automatic" });
  await page.getByText("Nothing is given by itself").waitFor();
  await page.getByLabel("Points").fill("30");
  await page.getByLabel("Days before").fill("2");
  await page.getByLabel("Message", { exact: true }).fill("Happy birthday, {first_name}!");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".toast", { hasText: "saved" }).waitFor();
  const days = page.locator(".birthday-coming > li");
  await days.first().locator("summary", { hasText: "16 March 2026" }).click();
  await days.first().getByText("Happy birthday,").first().waitFor();
  await days.first().getByText("+30 points").first().waitFor();
  assert.deepEqual(await axe(page), []);
  await page.locator(".switch").click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Who gets what").waitFor();
  await page.goto(`${server.url}/birthdays?tab=log`);
  await page.getByText("Automatic greeting", { exact: true }).first().waitFor();
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
});

test("the week begins as the language has it, and no width breaks the page", async () => {
  const firsts = { en: "Mon", fr: "lun.", it: "lun", es: "lun", ru: "пн" };
  for (const language of languages) {
    const page = await openPage(browser, server, { path: "/birthdays?day=2026-03-16", viewport: phone, language });
    await page.locator(".birthday-people li").first().waitFor();
    assert.equal(await page.locator('.calendar [role="columnheader"]').first().innerText(), firsts[language]);
    assert.equal(await sidewaysOverflow(page), 0, language);
    if (language === "ru") assert.deepEqual(await axe(page), []);
    assert.deepEqual(page.mistakes, []);
    await closePage(page);
  }
});
