// Consent with proof: acts, texts, suppression, slips taken back; imports never loosen.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onEveryEngine, password } from "./harness.mjs";
import { jpegSize, png } from "./pictures.mjs";

/** Imports a CSV text of customers. */
function importCustomers(world, csv) {
  const folder = mkdtempSync(join(tmpdir(), "habitue-consent-"));
  const file = join(folder, "people.csv");
  writeFileSync(file, csv);
  const done = world.cli(["import", "customers", file, "--merchant", "shop"]);
  rmSync(folder, { recursive: true });
  assert.equal(done.status, 0, done.err);
}
const people = "external_id,first_name,last_name,phone,email,store\n";
async function withAnna(world) {
  importCustomers(world, `${people}A1,Anna,Rossi,+33612345601,anna@mail.example,Lyon\nB2,Bea,Bianchi,+33612345602,bea@mail.example,Nice\n`);
  await world.steps([
    { as: "owner", do: "GET /customers?q=anna", save: { anna: "items.0.id" } },
    { as: "owner", do: "GET /customers?q=bea", save: { bea: "items.0.id" } },
  ]);
}
const consents = "POST /customers/${anna}/consents";
const granted = { channel: "sms", state: "granted", how: "paper" };
const count = async (world, q) => (await world.ask("owner", `GET /customers?limit=0&q=${encodeURIComponent(q)}`)).body.matching;

onEveryEngine("acts are recorded with their proof, and only ever added", async (world) => {
  await withAnna(world);
  await world.steps([
    { as: "owner", do: "GET /customers/${anna}/consents", has: { customer: { name: "Anna Rossi" }, acts: [], channels: [{ channel: "sms", state: "never_asked", latest_id: null, undo_id: null }, {}, {}] } },
    { as: "owner", do: consents, body: { channel: "sms", state: "granted" }, expect: 422, has: { code: "field_required", field: "how" } },
    { as: "owner", do: consents, body: { ...granted, channel: "fax" }, expect: 422, has: { field: "channel" } },
    { as: "owner", do: consents, body: { ...granted, how: "import" }, expect: 422, has: { field: "how" } },
    { as: "owner", do: consents, body: { ...granted, state: "never_asked" }, expect: 422, has: { field: "state" } },
    { as: "owner", do: consents, body: { ...granted, note: "x".repeat(501) }, expect: 422, has: { code: "field_too_long", field: "note" } },
    { as: "owner", do: consents, body: { ...granted, given_on: "2126-01-01" }, expect: 422, has: { code: "consent_future", field: "given_on" } },
    { as: "owner", do: consents, body: { ...granted, text_id: "77" }, expect: 422, has: { code: "consent_text_unknown", field: "text_id" } },
    { as: "other", do: consents, body: granted, expect: 404 },
    { as: "associate", do: "POST /customers/${bea}/consents", body: granted, expect: 404 },
    { as: "associate", do: "POST /consent-texts", body: { channel: "sms", language: "fr", body: "Oui ?", after_version: 0 }, expect: 403 },
    { as: "owner", do: "POST /consent-texts", body: { channel: "sms", language: "fr", body: "J’accepte les SMS de la maison.", after_version: 0 }, expect: 201, save: { text: "items.0.id" } },
    { as: "owner", do: "POST /consent-texts", body: { channel: "sms", language: "fr", body: "Autre", after_version: 0 }, expect: 412, has: { code: "stale" } },
    { as: "owner", do: "POST /consent-texts", body: { channel: "sms", language: "fr", body: "J’accepte les SMS de la maison.", after_version: 1 }, expect: 409, has: { code: "consent_text_same" } },
    { as: "associate", do: consents, body: { ...granted, channel: "email", text_id: "${text}" }, expect: 422, has: { code: "consent_text_unknown" } },
    { as: "associate", do: consents, body: { ...granted, given_on: "2026-01-10", text_id: "${text}", note: "Folder 3", after_id: "none" }, expect: 201,
      has: { channels: [{ state: "granted", how: "paper", at: "2026-01-10T11:00:00Z" }, {}, {}],
        acts: [{ state: "granted", staff: "Associate Test", note: "Folder 3", address: "127.0.0.1", text: { language: "fr", version: 1, body: "J’accepte les SMS de la maison." } }] },
      save: { first: "acts.0.id" } },
    { as: "owner", do: "POST /consent-texts", body: { channel: "sms", language: "fr", body: "Nouveau texte.", after_version: 1 }, expect: 201, has: { items: [{ version: 2 }, { version: 1, body: "J’accepte les SMS de la maison.", staff: "Owner Test" }] } },
    { as: "owner", do: consents, body: { ...granted, how: "phone" }, expect: 409, has: { code: "consent_same" } },
    { as: "owner", do: consents, body: { ...granted, state: "refused", after_id: "none" }, expect: 412, has: { code: "stale" } },
    { as: "owner", do: consents, body: { ...granted, state: "refused", given_on: "2026-01-09" }, expect: 422, has: { code: "consent_before_last" } },
    { as: "owner", do: consents, body: { ...granted, state: "refused", how: "phone", after_id: "${first}" }, expect: 201, has: { channels: [{ state: "refused" }, {}, {}] } },
    { as: "owner", do: "GET /customers/${anna}/consents", save: { second: "acts.1.id" }, then: ({ body }) => {
      assert.equal(body.acts[0].text.version, 1, "the text stays the one that was shown");
      assert.equal(body.sha256, createHash("sha256").update(JSON.stringify(body.acts)).digest("hex"));
      assert.equal(body.channels[0].undo_id, body.acts[1].id);
    } },
    { as: "owner", do: "GET /customers/${anna}", has: { consents: [{ channel: "sms", state: "refused", how: "phone", suppressed: null }, {}, {}] } },
    { as: "owner", do: "GET /customers/${anna}/activity?kind=consent", has: { items: [{ detail: { state: "refused" } }, { detail: { channel: "sms", state: "granted" }, day: "2026-01-10" }] } },
    { as: "owner", do: "GET /audit?action=consent.record", has: { items: [{ actor: "Owner Test" }, { actor: "Associate Test" }] } },
  ]);
  assert.equal(await count(world, "consent:sms_refused"), 1);
  assert.equal(await count(world, "consent:sms"), 0);
  assert.equal(world.cli(["check"]).status, 0);
});

onEveryEngine("a slip is taken back by an act", async (world) => {
  await withAnna(world);
  const undo = (name) => `POST /customers/\${anna}/consents/\${${name}}/undo`;
  await world.steps([
    { as: "owner", do: consents, body: granted, expect: 201, save: { a: "acts.0.id" } },
    { as: "other", do: undo("a"), expect: 404 },
    { as: "owner", do: "POST /customers/${bea}/consents/${a}/undo", expect: 404 },
    { as: "owner", do: undo("a"), has: { channels: [{ state: "never_asked", undo_id: (id) => id !== null }, {}, {}] }, save: { b: "acts.1.id" } },
    { as: "owner", do: undo("a"), expect: 409, has: { code: "consent_undo_not_last" } },
    { as: "owner", do: undo("b"), has: { channels: [{ state: "granted" }, {}, {}], acts: [{}, { state: "never_asked", how: "undo" }, { state: "granted", undoes_id: "${b}" }] }, save: { c: "acts.2.id" } },
  ]);
  world.sql(`UPDATE consent SET recorded_us = recorded_us - 86400000001 WHERE id = ${world.saved.c}`);
  await world.steps([{ as: "owner", do: undo("c"), expect: 409, has: { code: "consent_undo_late" } }]);
  importCustomers(world, "external_id,consent_email\nA1,yes\n");
  await world.steps([
    { as: "owner", do: "GET /customers/${anna}/consents", has: { channels: [{}, { state: "granted", how: "import", undo_id: null }, {}] }, save: { d: "acts.3.id" } },
    { as: "owner", do: undo("d"), expect: 409, has: { code: "consent_undo_others" } },
  ]);
  assert.equal(world.cli(["check"]).status, 0);
  world.sql(`UPDATE customer SET sms_consent = 2 WHERE id = ${world.saved.anna}`);
  const check = world.cli(["check"]);
  assert.equal(check.status, 1);
  assert.match(check.err, /consents of 1 customers/);
});

onEveryEngine("suppression stands apart from consent", async (world) => {
  await withAnna(world);
  const bounce = { channel: "email", state: "suppressed", how: "email", reason: "bounce" };
  await world.steps([
    { as: "owner", do: consents, body: { ...granted, channel: "email" }, expect: 201 },
    { as: "owner", do: consents, body: { ...bounce, reason: undefined }, expect: 422, has: { code: "field_required", field: "reason" } },
    { as: "owner", do: consents, body: { ...bounce, state: "released" }, expect: 422, has: { field: "note" } },
    { as: "owner", do: consents, body: { ...bounce, state: "released", note: "?" }, expect: 409, has: { code: "consent_same" } },
    { as: "owner", do: consents, body: bounce, expect: 201, has: { channels: [{}, { state: "granted", suppressed: "bounce" }, {}] } },
    { as: "owner", do: "GET /customers/${anna}", has: { row: { consent: { email: "suppressed" } }, consents: [{}, { state: "granted", suppressed: "bounce" }, {}] } },
  ]);
  assert.equal(await count(world, "consent:email"), 0);
  assert.equal(await count(world, "consent:email_suppressed"), 1);
  assert.equal(await count(world, "consent:any"), 0);
  await world.steps([
    { as: "owner", do: "GET /customers?facets=consent&limit=0", then: ({ body }) => {
      const values = body.facets.find((one) => one.field === "consent").values;
      assert.equal(values.find((one) => one.key === "email_suppressed").count, 1);
    } },
    { as: "owner", do: consents, body: { ...bounce, state: "released", note: "New address" }, expect: 201, has: { channels: [{}, { state: "granted", suppressed: null }, {}] } },
  ]);
  assert.equal(await count(world, "consent:email"), 1);
  assert.equal(world.cli(["check"]).status, 0);
});

onEveryEngine("an import never loosens a refusal or a suppression", async (world) => {
  await withAnna(world);
  const yes = "external_id,phone,email,consent_sms,consent_email,consent_push\n";
  await world.steps([
    { as: "owner", do: consents, body: { ...granted, state: "refused" }, expect: 201 },
    { as: "owner", do: consents, body: { ...granted, channel: "email" }, expect: 201 },
    { as: "owner", do: consents, body: { channel: "email", state: "suppressed", reason: "stop", how: "email" }, expect: 201 },
  ]);
  for (const key of ["A1,,", ",+33612345601,", ",,ANNA@mail.example"]) importCustomers(world, `${yes}${key},yes,yes,yes\n`);
  await world.steps([
    { as: "owner", do: "GET /customers/${anna}", has: { row: { consent: { sms: "refused", email: "suppressed", push: "granted" } } } },
  ]);
  assert.equal(await count(world, "consent:sms"), 0);
});

onEveryEngine("the signed paper is kept with its act: re-encoded, capped, merged, erased", async (world) => {
  await withAnna(world);
  const paper = "POST /customers/${anna}/consents/${act}/evidence";
  const bomb = png(4, 4);
  bomb.writeUInt32BE(60000, 16);
  await world.steps([
    { as: "owner", do: consents, body: granted, expect: 201, save: { act: "acts.0.id" } },
    { as: "owner", do: "GET /customers/${anna}", has: { consents: [{ latest_id: "${act}" }, { latest_id: null }, {}] } },
    { as: "owner", do: "GET /customers/${anna}/consents", save: { plain: "sha256" }, then: ({ body }) => assert.ok(!("evidence" in body.acts[0])) },
    { as: "owner", do: paper, raw: "no picture", expect: 422, has: { code: "image_unknown" } },
    { as: "owner", do: paper, raw: bomb, expect: 422, has: { code: "image_too_many_pixels" } },
    { as: "owner", do: "POST /customers/${bea}/consents/${act}/evidence", raw: png(30, 20), expect: 404 },
    { as: "other", do: paper, raw: png(30, 20), expect: 404 },
    { as: "associate", do: paper, raw: png(300, 2000), expect: 201, then: ({ body }) => {
      assert.match(body.acts[0].evidence[0].sha256, /^[0-9a-f]{64}$/);
      assert.equal(body.acts[0].evidence[0].staff, "Associate Test");
      assert.notEqual(body.sha256, world.saved.plain, "the fingerprint holds the picture's");
      assert.equal(body.sha256, createHash("sha256").update(JSON.stringify(body.acts)).digest("hex"));
    }, save: { paper: "acts.0.evidence.0.id", sum: "acts.0.evidence.0.sha256" } },
    { as: "owner", do: paper, raw: png(300, 2000), expect: 409, has: { code: "consent_evidence_same" } },
    ...[31, 32, 33].map((n) => ({ as: "owner", do: paper, raw: png(n, n), expect: 201 })),
    { as: "owner", do: paper, raw: png(34, 34), expect: 409, has: { code: "consent_evidence_many", detail: /4 pictures/ } },
    { as: "other", do: "GET /customers/${anna}/evidence/${paper}", expect: 404, check: false },
    { as: "owner", do: "GET /customers/${bea}/evidence/${paper}", expect: 404, check: false },
    { as: "owner", do: "GET /audit?action=consent.evidence", then: ({ body }) => assert.equal(body.items.length, 4) },
  ]);
  const get = await fetch(`${world.url}/api/v1/customers/${world.saved.anna}/evidence/${world.saved.paper}`, { headers: { Cookie: world.people.owner.cookie } });
  const bytes = Buffer.from(await get.arrayBuffer());
  assert.equal(get.headers.get("content-type"), "image/jpeg");
  assert.deepEqual(jpegSize(bytes), [270, 1800], "nothing is cut off");
  assert.equal(createHash("sha256").update(bytes).digest("hex"), world.saved.sum);

  importCustomers(world, "external_id,consent_email\nA1,yes\n");
  await world.steps([
    { as: "owner", do: "GET /customers/${anna}/consents", save: { imported: "acts.1.id" } },
    { as: "owner", do: "POST /customers/${anna}/consents/${imported}/evidence", raw: png(30, 30), expect: 409, has: { code: "consent_evidence_nobody" } },
    /* a merge takes the paper along with its act, and gives it back */
    { as: "owner", do: "POST /merges/preview", body: { survivor_id: "${bea}", loser_id: "${anna}" }, save: { v1: "survivor_version", v2: "loser_version" } },
  ]);
  const { bea, anna, v1, v2 } = world.saved;
  await world.steps([
    { as: "owner", do: "POST /merges", body: { survivor_id: bea, loser_id: anna, survivor_version: v1, loser_version: v2 }, expect: 201, save: { merge: "id" } },
    { as: "owner", do: "GET /customers/${bea}/consents", then: ({ body }) => assert.equal(body.acts.find((act) => act.id === world.saved.act).evidence.length, 4) },
    { as: "owner", do: "POST /merges/${merge}/undo" },
    { as: "owner", do: "GET /customers/${bea}/consents", then: ({ body }) => assert.ok(body.acts.every((act) => !act.evidence)) },
    { as: "owner", do: "GET /customers/${anna}/consents", then: ({ body }) => assert.equal(body.acts[0].evidence.length, 4) },
  ]);
  world.sql("UPDATE session SET confirmed_us = 0");
  await world.steps([
    { as: "associate", do: "DELETE /customers/${anna}/evidence/${paper}", expect: 403, has: { code: "confirm_password" } },
    { as: "associate", do: "POST /session/confirm", body: { password }, expect: 204 },
    { as: "associate", do: "DELETE /customers/${anna}/evidence/${paper}", then: ({ body }) => assert.equal(body.acts[0].evidence.length, 3) },
    { as: "associate", do: "DELETE /customers/${anna}/evidence/${paper}", expect: 404 },
    { as: "owner", do: "GET /audit?action=consent.evidence_remove", has: { items: [{ actor: "Associate Test", detail: { sha256: "${sum}" } }] } },
    { as: "owner", do: "POST /session/confirm", body: { password }, expect: 204 },
    { as: "owner", do: "GET /customers/${anna}/erasure", then: ({ body }) => assert.equal(body.tables.find((one) => one.table === "consent_evidence").rows, 3) },
    { as: "owner", do: "GET /customers/${anna}", save: { number: "row.number" } },
    { as: "owner", do: "POST /customers/${anna}/erasure", body: { number: 1 }, expect: 204 },
  ]);
  assert.equal(world.sql("SELECT COUNT(*) FROM consent_evidence"), "0");
  assert.equal(world.cli(["check"]).status, 0);
});
