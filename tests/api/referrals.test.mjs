// Referrals: codes, who brought whom, both sides rewarded once, and what is refused.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { onEveryEngine } from "./harness.mjs";

const rules = { active: true, demand: "registered", new_days: 30, per_month: 2, bringer: "points", bringer_points: 100, brought: "points", brought_points: 50 };

async function people(world, ...names) {
  for (const name of names) {
    const { body } = await world.ask("owner", "POST /customers", { body: { first_name: name } });
    world.saved[name.toLowerCase()] = body.id;
  }
}
const balance = async (world, name) => (await world.ask("owner", `GET /customers/${world.saved[name]}/points/balance`)).body.total;

onEveryEngine("rules", async (world) => {
  await world.steps([
    { as: "owner", do: "GET /referral-rules", has: { active: false, version: 0, demand: "first_purchase" } },
    { as: "associate", do: "PUT /referral-rules", body: rules, version: 0, expect: 403 },
    { as: "owner", do: "PUT /referral-rules", body: { ...rules, bringer_points: 0 }, version: 0, expect: 422, has: { code: "reward_points_needed", field: "bringer" } },
    { as: "owner", do: "PUT /referral-rules", body: { ...rules, new_days: 0 }, version: 0, expect: 422, has: { field: "new_days" } },
    { as: "owner", do: "PUT /referral-rules", body: rules, expect: 428 },
    { as: "owner", do: "PUT /referral-rules", body: rules, version: 0, has: { active: true, version: 1, bringer: { kind: "points", points: 100 } } },
    { as: "owner", do: "PUT /referral-rules", body: rules, version: 0, expect: 412 },
    { as: "owner", do: "GET /audit?action=referral_rules.update", has: { items: [
      { detail: { active: { from: false, to: true }, bringer: { from: "none", to: { points: 100 } } } },
    ] } },
    { as: "other", do: "GET /referral-rules", has: { version: 0 } },
  ]);
});

onEveryEngine("codes lead to people, and both sides are rewarded once", async (world) => {
  await people(world, "Anna", "Bea", "Cleo", "Dora", "Eva");
  await world.steps([
    { as: "owner", do: "PUT /referral-rules", body: rules, version: 0 },
    { as: "owner", do: "GET /customers/${anna}/referrals", has: { code: null, came: null, brought: [] } },
    { as: "owner", do: "PUT /customers/${anna}/referral-code", save: { code: "code.text" }, has: { code: { text: /^[0-9A-Z]{4}-[0-9A-Z]{4}$/, link: /brought_by=/ } } },
    { as: "owner", do: "PUT /customers/${anna}/referral-code", then: ({ body }) => assert.equal(body.code.text, world.saved.code) },
    { as: "owner", do: "PUT /customers/${bea}/brought-by", body: {}, expect: 422, has: { code: "referral_who" } },
    { as: "owner", do: "PUT /customers/${bea}/brought-by", body: { code: "ABCD" }, expect: 422, has: { code: "referral_mistyped" } },
    { as: "owner", do: "PUT /customers/${anna}/brought-by", body: { code: "${code}" }, expect: 409, has: { code: "referral_self" } },
    { as: "other", do: "PUT /customers/${bea}/brought-by", body: { code: "${code}" }, expect: 404 },
    { as: "owner", do: "PUT /customers/${bea}/brought-by", body: { customer_id: "12345" }, expect: 422, has: { code: "referral_unknown" } },
    { as: "owner", do: "PUT /customers/${bea}/brought-by", body: { code: "${code}", how: "registration" },
      has: { came: { bringer: { name: "Anna" }, bringer_rewarded: true, brought_rewarded: true, how: "registration" } } },
    { as: "owner", do: "PUT /customers/${bea}/brought-by", body: { code: "${code}" }, expect: 409, has: { code: "referral_already" } },
    { as: "owner", do: "DELETE /customers/${bea}/brought-by", expect: 409, has: { code: "referral_rewarded" } },
    { as: "owner", do: "PUT /customers/${anna}/brought-by", body: { customer_id: "${bea}" }, expect: 409, has: { code: "referral_circle" } },
    { as: "owner", do: "PUT /customers/${cleo}/brought-by", body: { customer_id: "${bea}" } },
    { as: "owner", do: "PUT /customers/${anna}/brought-by", body: { customer_id: "${cleo}" }, expect: 409, has: { code: "referral_circle" } },
    { as: "owner", do: "PUT /customers/${dora}/brought-by", body: { customer_id: "${anna}" } },
    // the third of the month: who came is rewarded all the same
    { as: "owner", do: "PUT /customers/${eva}/brought-by", body: { customer_id: "${anna}" }, has: { came: { bringer_rewarded: false, brought_rewarded: true } } },
    { as: "owner", do: "GET /customers/${anna}/referrals", then: ({ body }) => assert.deepEqual(body.brought.map((one) => one.brought.name), ["Eva", "Dora", "Bea"]) },
    { as: "owner", do: "GET /referrals?limit=3", save: { next: "next" }, then: ({ body }) => {
      assert.equal(body.items.length, 3);
      assert.deepEqual(body.top.map((one) => [one.customer.name, one.brought, one.rewarded]), [["Anna", 3, 2], ["Bea", 1, 1]]);
    } },
    { as: "owner", do: "GET /referrals?cursor=${next}", then: ({ body }) => { assert.equal(body.items.length, 1); assert.equal(body.next, null); } },
    { as: "associate", do: "GET /referrals", has: { items: [], top: [] } },
  ]);
  assert.deepEqual([await balance(world, "anna"), await balance(world, "bea"), await balance(world, "eva")], [200, 150, 50]);
});

onEveryEngine("the same phone, and who is not new, are refused; a first purchase settles", async (world) => {
  await people(world, "Anna", "Bea");
  await world.steps([
    { as: "owner", do: "PUT /referral-rules", body: { ...rules, demand: "first_purchase" }, version: 0 },
    { as: "owner", do: "POST /customers", body: { first_name: "Two", phones: [{ value: "+33612345678" }] }, expect: 201, save: { two: "id" } },
  ]);
  world.sql(`INSERT INTO contact (merchant_id, customer_id, kind, position, value, match_key) SELECT merchant_id, ${world.saved.anna}, kind, 1, value, match_key FROM contact WHERE customer_id = ${world.saved.two}`);
  await world.steps([
    { as: "owner", do: "PUT /customers/${two}/brought-by", body: { customer_id: "${anna}" }, expect: 409, has: { code: "referral_same_contact" } },
    { as: "owner", do: "PUT /customers/${bea}/brought-by", body: { customer_id: "${anna}" }, has: { came: { settled_at: null } } },
    { as: "owner", do: "DELETE /customers/${bea}/brought-by", expect: 204 },
    { as: "owner", do: "DELETE /customers/${bea}/brought-by", expect: 404 },
  ]);
  world.sql(`UPDATE customer SET registered_day = 18000 WHERE id = ${world.saved.two}`);
  await world.steps([
    { as: "owner", do: "PUT /customers/${two}/brought-by", body: { customer_id: "${bea}" }, expect: 409, has: { code: "referral_not_new" } },
  ]);
  assert.equal(await balance(world, "anna"), 0);
});

onEveryEngine("the first purchase settles who was waiting, once", async (world) => {
  await people(world, "Anna", "Bea");
  await world.steps([
    { as: "owner", do: "PUT /referral-rules", body: { ...rules, demand: "first_purchase" }, version: 0 },
    { as: "owner", do: "PUT /customers/${bea}/brought-by", body: { customer_id: "${anna}" }, has: { came: { bringer_rewarded: false, brought_rewarded: false } } },
  ]);
  world.sql(`UPDATE customer SET external_id = 'B' WHERE id = ${world.saved.bea}`);
  assert.deepEqual([await balance(world, "anna"), await balance(world, "bea")], [0, 0]);
  const folder = mkdtempSync(join(tmpdir(), "habitue-referral-"));
  const buy = (invoice) => {
    writeFileSync(join(folder, "sales.csv"), `customer_id,date,invoice,amount,quantity\nB,2026-11-0${invoice},R${invoice},20.00,1\n`);
    const done = world.cli(["import", "transactions", join(folder, "sales.csv"), "--merchant", "shop"]);
    assert.equal(done.status, 0, done.err);
  };
  buy(1);
  for (let tries = 0; (await balance(world, "bea")) === 0 && tries < 300; tries++) await pause(100);
  buy(2);
  assert.deepEqual([await balance(world, "anna"), await balance(world, "bea")], [100, 50]);
  rmSync(folder, { recursive: true });
});
