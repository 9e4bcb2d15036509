// The password asked again, the second step of signing in, sessions.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  askApi,
  axe,
  browser,
  closePage,
  openPage,
  phone,
  program,
  server,
  sidewaysOverflow,
  useDemo,
} from "./harness.mjs";

useDemo({ customers: 300 });

function codeOf(secret, steps = 0) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
  const mac = createHmac("sha1", Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 0xf) & 0x7fffffff) % 1000000).padStart(6, "0");
}
async function loginOf(role) {
  const setup = await (await fetch(`${server.url}/api/v1/setup`)).json();
  return setup.demo_logins.find((one) => one.role === role);
}
function sql(text) {
  const done = spawnSync("sqlite3", ["-cmd", ".timeout 5000", server.db, text], { encoding: "utf8" });
  assert.equal(done.status, 0, done.stderr);
}

test("the second step: asked for the password first, scanned, confirmed, used to sign in, turned off", async () => {
  const { email, password } = await loginOf("manager");
  const page = await openPage(browser, server, { role: "manager", path: "/settings", ownSession: true });
  sql("UPDATE session SET confirmed_us = 0");
  await page.getByRole("button", { name: "Set up" }).click();
  const again = page.getByRole("dialog", { name: "Is it still you?" });
  await again.getByLabel("Password").fill("not the password");
  await again.getByRole("button", { name: "Continue" }).click();
  await again.getByText("The password is not right.").waitFor();
  assert.deepEqual(await axe(page), []);
  await again.getByLabel("Password").fill(password);
  await again.getByRole("button", { name: "Continue" }).click();
  // the request is repeated by itself
  await page.getByRole("img", { name: "QR code for the authenticator app" }).waitFor();
  const secret = (await page.locator(".secret").textContent()).replaceAll(" ", "");
  assert.match(secret, /^[A-Z2-7]{32}$/);
  assert.deepEqual(await axe(page), []);
  await page.getByLabel("Code that the app shows").fill("000000");
  await page.getByRole("button", { name: "Turn on" }).click();
  await page.getByText("This code is not right").waitFor();
  await page.getByLabel("Code that the app shows").fill(codeOf(secret, -1));
  await page.getByRole("button", { name: "Turn on" }).click();
  const list = page.getByRole("list", { name: "Your recovery codes" });
  await list.waitFor();
  const codes = await list.locator("code").allTextContents();
  assert.equal(codes.length, 10);
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByText("Recovery codes left: 10").waitFor();
  // signing in
  const door = await openPage(browser, server, { role: null, path: "/login" });
  await door.getByLabel("E-mail").fill(email);
  await door.getByLabel("Password").fill(password);
  await door.getByRole("button", { name: "Sign in", exact: true }).click();
  await door.getByRole("heading", { name: "Second step" }).waitFor();
  assert.deepEqual(await axe(door), []);
  await door.getByLabel("Code").fill("123 456");
  await door.getByRole("button", { name: "Sign in", exact: true }).click();
  await door.getByText("This code is not right").waitFor();
  await door.getByLabel("Code").fill(codeOf(secret));
  await door.getByRole("button", { name: "Sign in", exact: true }).click();
  await door.getByRole("heading", { level: 1, name: "Customers" }).waitFor();
  assert.deepEqual([...page.mistakes, ...door.mistakes], []);
  await closePage(door);
  // and off again
  await page.getByRole("button", { name: "Turn off" }).click();
  const off = page.getByRole("dialog", { name: "Turn the second step off?" });
  await off.getByLabel("Password").fill(password);
  await off.getByLabel("Code").fill(codes[0]);
  await off.getByRole("button", { name: "Turn off" }).click();
  await page.getByRole("button", { name: "Set up" }).waitFor();
  await closePage(page);
});

test("saying no to the question leaves everything as it was", async () => {
  const page = await openPage(browser, server, { role: "associate", path: "/settings", ownSession: true });
  sql("UPDATE session SET confirmed_us = 0");
  await page.getByRole("button", { name: "Set up" }).click();
  await page.getByRole("dialog", { name: "Is it still you?" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Set up the second step" }).getByText(/password/i).first().waitFor();
  assert.equal((await askApi(page, server, "/session")).second_step.on, false);
  await closePage(page);
});

test("sessions: one's own, and those of the staff", async () => {
  const page = await openPage(browser, server, { role: "associate", path: "/settings", ownSession: true });
  const other = await openPage(browser, server, { role: "associate", path: "/customers", ownSession: true, viewport: phone });
  const third = await openPage(browser, server, { role: "associate", path: "/customers", ownSession: true });
  await page.reload();
  const rows = page.locator(".session-row");
  await page.getByText("This one").waitFor();
  const before = await rows.count();
  assert.ok(before >= 3);
  await rows.getByRole("button").first().click();
  await page.getByText("Signed out there").first().waitFor();
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await rows.nth(0).getByText("This one").waitFor();
  await other.reload();
  await other.getByRole("heading", { name: "Sign in" }).waitFor();
  // the owner looks after the staff
  const owner = await openPage(browser, server, { path: "/staff" });
  const { name } = (await askApi(page, server, "/session")).staff;
  await owner.getByRole("button", { name: `Actions for ${name}` }).click();
  await owner.getByRole("menuitem", { name: "Sessions" }).click();
  const dialog = owner.getByRole("dialog", { name: `Where ${name} is signed in` });
  await dialog.locator(".session-row").first().waitFor();
  assert.deepEqual(await axe(owner), []);
  await dialog.getByRole("button", { name: "Sign out everywhere" }).click();
  await dialog.getByText("Not signed in anywhere").waitFor();
  await page.goto(`${server.url}/settings`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.deepEqual(owner.mistakes, []);
  for (const one of [page, other, third, owner]) await closePage(one);
});

test("a new password", async () => {
  const { password } = await loginOf("associate");
  const page = await openPage(browser, server, { role: "associate", path: "/settings", ownSession: true, viewport: phone });
  await page.getByRole("button", { name: "Change password" }).click();
  const dialog = page.getByRole("dialog", { name: "Change password" });
  await dialog.getByLabel("Password until now").fill(password);
  await dialog.getByLabel("New password").fill("short");
  await dialog.getByRole("button", { name: "Change password" }).click();
  await dialog.getByText(/at least 10 characters/).waitFor();
  assert.equal(await sidewaysOverflow(page), 0);
  await dialog.getByLabel("New password").fill("plenty of words here");
  await dialog.getByRole("button", { name: "Change password" }).click();
  await page.getByText("Password changed").waitFor();
  await closePage(page);
});

test("the owner sees how old the newest backup is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "habitue-backup-"));
  const page = await openPage(browser, server, { path: "/settings", role: "owner" });
  await page.getByText("There is no backup yet.").waitFor();
  const made = spawnSync(program, ["backup", join(folder, "friday.backup"), "--db", server.db], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  await page.reload();
  await page.getByText("friday.backup").waitFor();
  assert.equal(await page.getByText("There is no backup yet.").count(), 0);
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(page.mistakes, []);
  await closePage(page);
  await rm(folder, { recursive: true });
});

test("who must have a second step sets it up before anything else", async () => {
  const owner = await openPage(browser, server, { path: "/settings", ownSession: true });
  await owner.getByLabel("Second step required for").selectOption("manager");
  await owner.locator(".settings-merchant .settings-save button[type=submit]").click();
  await owner.getByRole("heading", { name: "Set up the second step" }).waitFor();
  const manager = await openPage(browser, server, { role: "manager", viewport: phone, ownSession: true });
  await manager.getByRole("heading", { name: "Set up the second step" }).waitFor();
  await manager.getByRole("img", { name: "QR code for the authenticator app" }).waitFor();
  assert.equal(await sidewaysOverflow(manager), 0);
  assert.deepEqual(await axe(manager), []);
  const secret = (await manager.locator(".secret").textContent()).replaceAll(" ", "");
  await manager.getByLabel("Code that the app shows").fill(codeOf(secret));
  await manager.getByRole("button", { name: "Turn on" }).click();
  await manager.getByRole("button", { name: "I have kept them" }).click();
  await manager.getByRole("heading", { level: 1, name: "Customers" }).waitFor();
  assert.deepEqual(manager.mistakes, []);
  for (const one of [owner, manager]) await closePage(one);
});
