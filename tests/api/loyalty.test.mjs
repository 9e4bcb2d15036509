// What loyalty gives is asked for like anything else; a merge unites it, an unmerge parts it, an erasure leaves it right.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

let keys = 0;
const key = () => `loyalty-${process.pid}-${++keys}`;
const list = (q, more = "") => `GET /customers?q=${encodeURIComponent(q)}&sort=number${more}`;

/** Anna and Bea with points, a certificate each, stamps and somebody brought of Bea's; Cleo was brought. */
async function members(world) {
  for (const name of ["anna", "bea", "cleo"])
    await world.steps([{ as: "owner", do: "POST /customers", body: { first_name: name }, expect: 201, save: { [name]: "id" } }]);
  const points = (who, amount) => ({ as: "owner", do: `POST /customers/\${${who}}/points`, body: { amount, reason: "Test" }, key: key(), expect: 201 });
  const issue = (who) => ({ as: "owner", do: `POST /customers/\${${who}}/certificates`, body: { type_id: "${type}" }, key: key(), expect: 201 });
  await world.steps([
    points("anna", 120), points("bea", 30), points("bea", -10),
    { as: "owner", do: "POST /certificate-types", body: { name: "Thank you", kind: "gift", gift: "A coffee", valid_days: 30 }, expect: 201, save: { type: "id" } },
    issue("anna"), issue("bea"),
    { as: "owner", do: "POST /stamp-programs", body: { name: "Coffee", stamps: 10, reward: "gift", gift: "A coffee" }, expect: 201, save: { program: "id" } },
    { as: "owner", do: "POST /customers/${bea}/stamps", body: { program_id: "${program}", stamps: 2 }, key: key() },
    { as: "owner", do: "PUT /customers/${cleo}/brought-by", body: { customer_id: "${bea}" } },
  ]);
}

const names = ({ body }) => body.items.map((one) => one.name).join(" ");
/** Of each customer: points, stamps, customers brought. */
const sums = ({ body }) => body.items.map((one) => `${one.name} ${one.points} ${one.stamps} ${one.referrals}`);
const checked = (world) => {
  const done = world.cli(["check", "--merchant", "shop"]);
  assert.equal(done.status, 0, done.out + done.err);
};

onEveryEngine("filters, columns and facets of loyalty", async (world) => {
  await members(world);
  await world.steps([
    { as: "owner", do: list(""), then: (a) => assert.deepEqual(sums(a), ["anna 120 0 0", "bea 20 2 1", "cleo 0 0 0"]) },
    { as: "owner", do: list("points:>=20"), then: (a) => assert.equal(names(a), "anna bea") },
    { as: "owner", do: list("certificate:\"thank you\" -stamps:>0"), then: (a) => assert.equal(names(a), "anna") },
    { as: "owner", do: list("referrals:1 or certificate:none"), then: (a) => assert.equal(names(a), "bea cleo") },
    { as: "owner", do: list("certificate:\"thank yu\""), expect: 422, has: { code: "query_unknown_value", args: { near: "Thank you" } } },
    { as: "owner", do: "GET /customers?facets=certificate&limit=0", then: ({ body }) =>
      assert.deepEqual(body.facets[0].values.map((v) => [v.label, v.count]), [["Thank you", 2]]) },
    { as: "owner", do: "GET /customers?sort=-points&limit=1", then: (a) => assert.equal(names(a), "anna") },
    { as: "other", do: "GET /customers?limit=0&q=points:%3E0", has: { matching: 0 } },
  ]);
  checked(world);
});

onEveryEngine("merged, parted, erased", async (world) => {
  await members(world);
  const both = { survivor_id: "${anna}", loser_id: "${bea}" };
  await world.steps([
    { as: "owner", do: "POST /merges/preview", body: both, save: { v1: "survivor_version", v2: "loser_version" },
      then: ({ body }) => assert.deepEqual([body.after.points, body.after.stamps, body.after.referrals], [140, 2, 1]) },
  ]);
  const versions = { survivor_version: world.saved.v1, loser_version: world.saved.v2 };
  await world.steps([
    { as: "owner", do: "POST /merges", body: { ...both, ...versions }, expect: 201, save: { merge: "id" } },
    { as: "owner", do: list(""), then: (a) => assert.deepEqual(sums(a), ["bea 140 2 1", "cleo 0 0 0"]) },
    { as: "owner", do: "GET /customers/${anna}/certificates", then: ({ body }) => assert.equal(body.items.length, 2) },
    { as: "owner", do: "POST /customers/${anna}/points", body: { amount: -130, reason: "Spent together" }, key: key(), expect: 201 },
  ]);
  checked(world);
  await world.steps([{ as: "owner", do: "POST /merges/${merge}/undo", expect: 200 }]);
  checked(world);
  await world.steps([
    { as: "owner", do: list(""), then: ({ body }) => {
      assert.equal(body.items.reduce((sum, one) => sum + one.points, 0), 10);
      assert.ok(body.items.every((one) => one.points >= 0));
      assert.deepEqual(body.items.map((one) => [one.name, one.stamps, one.referrals]), [["anna", 0, 0], ["bea", 2, 1], ["cleo", 0, 0]]);
    } },
    { as: "owner", do: "GET /customers/${bea}/certificates", then: ({ body }) => assert.equal(body.items.length, 1) },
    { as: "owner", do: "GET /customers/${bea}/erasure" },
    { as: "owner", do: "POST /customers/${bea}/erasure", body: { number: 2 }, expect: 204 },
    { as: "owner", do: list(""), then: (a) => assert.equal(names(a), "anna cleo") },
    { as: "owner", do: "GET /customers/${cleo}/referrals", has: { came: { bringer: null } } },
  ]);
  checked(world);
});
