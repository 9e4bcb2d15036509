// Fidelity cards: shown, given again, printed; scanned by a camera (a film of a QR code), by a hand scanner
// and by typing.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
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
  startBrowser,
  useDemo,
} from "./harness.mjs";

useDemo({ customers: 100 });
let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "habitue-film-"));
});
after(() => rm(folder, { recursive: true, force: true }));

const someone = async (page) => {
  const { items } = await askApi(page, server, "/customers?q=visits:%3E3&limit=1");
  return { ...items[0], card: await askApi(page, server, `/customers/${items[0].id}/card`) };
};
/** A film (YUV4MPEG2) of the code, held in front of the camera. */
function filmOf({ size, path }) {
  const width = 640, height = 480, module = 16;
  const light = Buffer.alloc(width * height, 235);
  const left = (width - size * module) >> 1, top = (height - size * module) >> 1;
  for (const [, x, y, n] of path.matchAll(/M(\d+) (\d+)h(\d+)/g))
    for (let row = 0; row < module; row++) {
      const at = (top + y * module + row) * width + left + x * module;
      light.fill(16, at, at + n * module);
    }
  const frame = Buffer.concat([Buffer.from("FRAME\n"), light, Buffer.alloc((width * height) >> 1, 128)]);
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420mpeg2\n`), frame, frame]);
}

test("a card held in front of the camera opens the customer", async () => {
  const page = await openPage(browser, server, { path: null });
  const who = await someone(page);
  await closePage(page);
  const film = join(folder, "card.y4m");
  await writeFile(film, filmOf(who.card.qr));
  const withCamera = await startBrowser([
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    `--use-file-for-fake-video-capture=${film}`,
  ]);
  try {
    const scan = await openPage(withCamera, server, { path: "/scan", viewport: phone });
    await scan.waitForURL(`**/customers/${who.id}`);
    await scan.locator(".fidelity .fidelity-number").waitFor();
    assert.deepEqual(scan.mistakes, []);
  } finally {
    await withCamera.close();
  }
});

test("a hand scanner opens the card on any page; a number is typed where there is no camera", async () => {
  const page = await openPage(browser, server, { path: "/segments" });
  const who = await someone(page);
  await page.getByRole("heading", { name: "Segments" }).first().waitFor();
  await page.evaluate((digits) => {
    for (const key of [...digits, "Enter"]) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  }, who.card.number);
  await page.waitForURL(`**/customers/${who.id}`);
  await page.goto(`${server.url}/scan`);
  await page.getByText(/no camera here|not allowed/).waitFor();
  await page.getByLabel("Card number").fill("2912345678900");
  await page.getByText("These digits are not a card number").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByLabel("Card number").fill(`${who.card.number.slice(0, 2)} ${who.card.number.slice(2)}`);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await page.waitForURL(`**/customers/${who.id}`);
  await page.goto(`${server.url}/customers`);
  await page.getByRole("searchbox").fill(who.card.number);
  await page.waitForURL(`**/customers/${who.id}`);
  await closePage(page);
});

test("a lost card is refused with a clear word, the new one is shown and printed", async () => {
  const page = await openPage(browser, server, { path: null });
  const who = await someone(page);
  await page.goto(`${server.url}/customers/${who.id}`);
  await page.getByRole("button", { name: "Show the card" }).click();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Card lost…" }).click();
  await page.getByLabel("Reason").fill("Left in a taxi");
  await page.getByRole("button", { name: "Give a new card" }).click();
  await page.getByRole("dialog").getByText(/lost on .*: Left in a taxi/).waitFor();
  const { number } = await askApi(page, server, `/customers/${who.id}/card`);
  assert.notEqual(number, who.card.number);
  await page.getByRole("link", { name: "Print" }).click();
  await page.locator(".fidelity-paper").waitFor();
  assert.equal((await page.locator(".fidelity-paper .fidelity-number").innerText()).replaceAll(" ", ""), number);
  assert.deepEqual(await axe(page), []);
  await page.goto(`${server.url}/scan`);
  await page.getByLabel("Card number").fill(who.card.number);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await page.getByText(/reported lost on/).waitFor();
  await closePage(page);
});

test("the page fits a phone in each language", async () => {
  for (const language of languages) {
    const page = await openPage(browser, server, { path: "/scan", viewport: phone, language, theme: language === "fr" ? "dark" : "light" });
    await page.locator(".scan-typed").waitFor();
    assert.equal(await sidewaysOverflow(page), 0);
    await closePage(page);
  }
});
