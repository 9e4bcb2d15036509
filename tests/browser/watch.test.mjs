// The till watch: rules, alerts decided with a note, a request approved by somebody else, the badge.
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

useDemo({ customers: 300 });

let keys = 0;
async function send(page, method, path, data, headers = {}) {
  const { csrf } = await askApi(page, server, "/session");
  const answer = await page.context().request.fetch(`${server.url}/api/v1${path}`, { method, data, headers: { "X-CSRF": csrf, "Idempotency-Key": `k${++keys}`, ...headers } });
  return { status: answer.status(), body: await answer.json() };
}

test("rules are set; what they find is decided with a note, and leaves the badge", async () => {
  const page = await openPage(browser, server, { path: "/watch?tab=rules" });
  await page.getByLabel("Acts for one customer by one person").fill("2");
  await page.getByLabel("Points that need a second person").fill("500");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".toast", { hasText: "Rules saved" }).waitFor();
  assert.deepEqual(await axe(page), []);
  const manager = await openPage(browser, server, { role: "manager", path: "/watch" });
  const { items } = await askApi(manager, server, "/customers?limit=2");
  for (const amount of [40, 50]) assert.equal((await send(manager, "POST", `/customers/${items[0].id}/points`, { amount, reason: "Sorry" })).status, 201);
  await manager.reload();
  await manager.getByText("These are your own acts").waitFor();
  await page.goto(`${server.url}/watch`);
  await page.locator(".watch-item", { hasText: "Again and again" }).getByText("+50").waitFor();
  await page.locator('.nav-link[href="/watch"] .nav-due').waitFor();
  await page.getByRole("button", { name: "Take back" }).click();
  await page.getByLabel("Note").fill("Not agreed");
  assert.deepEqual(await axe(page), []);
  await page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
  await page.locator(".toast", { hasText: "2 entries taken back" }).waitFor();
  await page.getByText("Nothing looks odd").waitFor();
  await page.locator('.nav-link[href="/watch"] .nav-due').waitFor({ state: "detached" });
  await page.getByText("Decided", { exact: true }).click();
  await page.locator(".watch-item", { hasText: "Not agreed" }).waitFor();

  // what is above the limit waits by itself
  await manager.goto(`${server.url}/customers/${items[1].id}`);
  await manager.getByRole("button", { name: "Any amount…" }).first().click();
  await manager.getByLabel("How many points").fill("900");
  await manager.getByLabel("Reason").fill("Lost parcel");
  await manager.getByRole("dialog").locator('button[type="submit"]').click();
  await manager.locator(".toast", { hasText: "it waits for a second person" }).waitFor();
  await manager.goto(`${server.url}/watch?tab=requests`);
  await manager.getByRole("button", { name: "Withdraw" }).first().waitFor();
  await page.goto(`${server.url}/watch?tab=requests`);
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByRole("dialog").getByText("900 points are credited at once").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
  await page.locator(".toast", { hasText: "Approved" }).waitFor();
  await page.getByText("Nobody waits for a second person").waitFor();
  assert.deepEqual([...page.mistakes, ...manager.mistakes], []);
  await closePage(page);
  await closePage(manager);
});

test("no language and no width breaks it", async () => {
  for (const language of languages) {
    const page = await openPage(browser, server, { path: "/watch?state=decided", viewport: phone, language });
    await page.locator(".watch-item").first().waitFor();
    assert.equal(await sidewaysOverflow(page), 0, language);
    if (language === "ru") assert.deepEqual(await axe(page), []);
    assert.deepEqual(page.mistakes, []);
    await closePage(page);
  }
});
