// The arithmetic of the virtual list and the splitting of queries, without a browser.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const web = join(dirname(fileURLToPath(import.meta.url)), "../../web");
const { build } = createRequire(join(web, "package.json"))("esbuild");

/** A module of the client as the browser gets it. */
async function load(path) {
  const { outputFiles } = await build({
    entryPoints: [join(web, "src", path)],
    bundle: true,
    format: "esm",
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
const { VirtualRows } = await load("lib/virtual.ts");
const query = await load("customers/query.ts");

test("a short list scrolls as it is", () => {
  const rows = new VirtualRows(1000, 44, 800);
  assert.equal(rows.height, 44_000);
  assert.deepEqual(rows.scrolled(4400), { height: 44_000, offset: 0, top: 4400, scrollTop: 4400 });
});

test("ten million rows: small steps are exact, the thumb reaches every part, both ends are real", () => {
  const [count, each, window] = [10_000_000, 44, 800];
  const rows = new VirtualRows(count, each, window);
  assert.ok(rows.height <= 15_000_000);
  let place = rows.scrolled(0);
  for (let step = 0; step < 20_000; step++) {
    const before = place.top;
    place = rows.scrolled(place.scrollTop + 300);
    assert.equal(place.top - before, 300);
    assert.ok(place.scrollTop >= 0 && place.scrollTop <= rows.height - window);
  }
  for (const share of [0.1, 0.5, 0.9]) {
    const { top } = rows.scrolled(share * (rows.height - window));
    assert.ok(Math.abs(top / (count * each) - share) < 0.02);
  }
  assert.equal(rows.scrolled(rows.height - window).top, count * each - window);
  assert.equal(rows.scrolled(0).top, 0);
  assert.equal(rows.goTo(123_456_789).top, 123_456_789);
  assert.equal(rows.goTo(Number.MAX_SAFE_INTEGER).top, count * each - window);
});

test("walking down to the end and up to the beginning meets both", () => {
  const rows = new VirtualRows(400_000, 44, 800);
  let place = rows.goTo(400_000 * 44 - 100_000);
  const end = 400_000 * 44 - 800;
  for (let i = 0; i < 1000 && place.top < end; i++)
    place = rows.scrolled(Math.min(place.scrollTop + 500, rows.height - 800));
  assert.equal(place.top, end);
  place = rows.goTo(90_000);
  for (let i = 0; i < 1000 && place.top > 0; i++)
    place = rows.scrolled(Math.max(0, place.scrollTop - 500));
  assert.equal(place.top, 0);
});

test("the least movement brings a row into view", () => {
  const rows = new VirtualRows(1000, 40, 400);
  assert.equal(rows.reveal(5, 0), 0);
  assert.equal(rows.reveal(10, 0), 40);
  assert.equal(rows.reveal(2, 400), 80);
});

test("a query is split into its top-level terms, and joined again", () => {
  const text = 'type:vip,new -store:"lyon, bellecour" (tier:gold or spent:>=500) jean-luc o\'brien not age:none';
  const terms = query.parseTerms(text);
  assert.deepEqual(
    terms.map((one) => [one.field, one.negated, one.values]),
    [
      ["type", false, ["vip", "new"]],
      ["store", true, ["lyon, bellecour"]],
      ["group", false, []],
      ["text", false, ["jean-luc"]],
      ["text", false, ["o'brien"]],
      ["age", true, ["none"]],
    ],
  );
  assert.equal(query.joinTerms(terms), text);
});

test("an or at the top stays one term, in parentheses as soon as others join it", () => {
  const terms = query.parseTerms("type:vip or spent:>500");
  assert.equal(terms.length, 1);
  assert.equal(query.joinTerms(query.toggleValue(terms, "gender", "female")), "(type:vip or spent:>500) gender:female");
});

test("clicks add, take away, exclude and quote", () => {
  let terms = query.parseTerms("jean");
  const click = (...args) => {
    terms = query.toggleValue(terms, ...args);
    return query.joinTerms(terms);
  };
  assert.equal(click("store", "Paris Marais"), 'jean store:"Paris Marais"');
  assert.equal(click("store", "nice"), 'jean store:"Paris Marais",nice');
  assert.equal(click("store", "NICE"), 'jean store:"Paris Marais"');
  assert.equal(click("store", "Paris Marais", true), 'jean -store:"Paris Marais"');
  assert.equal(click("store", "Paris Marais", true), "jean");
  assert.equal(click("age", ">=65"), "jean age:>=65");
  assert.equal(click("tag", 'the "best"'), 'jean age:>=65 tag:"the \\"best\\""');
});

test("whatever is typed can be split: nothing is lost, nothing throws", () => {
  const odd = ['"', "(", ")", "-", ",", "a:", "a:,", ":", '"a" b:"', "((a)", "not", "or or", "\u3000x", "-(", "😀:😀,"];
  for (const text of odd) {
    const terms = query.parseTerms(text);
    assert.equal(query.joinTerms(terms).replace(/\s/g, ""), text.replace(/\s/g, ""), text);
  }
});

test("the place of a mistake is counted in bytes by the server, in letters here", () => {
  assert.equal(query.unitsOfBytes("élodie gendre:x", 8), 7);
  assert.equal(query.unitsOfBytes("Иван x", 9), 5);
  assert.equal(query.unitsOfBytes("😀 x", 5), 3);
});
