// Certificates: types, issuing to one and to many, codes, redeeming once and in parts, voiding, taking back.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const value = { name: "Thank you", kind: "value", value_minor: 2500, valid_days: 30, per_customer: 1 };
let keys = 0;
const key = () => `key-${process.pid}-${++keys}`;

async function somebody(world, as, name) {
  const { body, status, text } = await world.ask(as, "POST /customers", { body: { first_name: name } });
  assert.equal(status, 201, text);
  return body.id;
}
async function typed(world, more) {
  const { body, status, text } = await world.ask("owner", "POST /certificate-types", { body: { ...value, ...more } });
  assert.equal(status, 201, text);
  return body.id;
}
async function issued(world, customer, type_id) {
  const { body, status, text } = await world.ask("owner", `POST /customers/${customer}/certificates`, { body: { type_id }, key: key() });
  assert.equal(status, 201, text);
  return body.certificate;
}

onEveryEngine("types of certificates", async (world) => {
  await world.steps([
    { as: "associate", do: "POST /certificate-types", body: value, expect: 403 },
    { as: "owner", do: "POST /certificate-types", body: { ...value, value_minor: 0 }, expect: 422, has: { code: "certificate_value_needed", field: "value_minor" } },
    { as: "owner", do: "POST /certificate-types", body: { ...value, kind: "gift" }, expect: 422, has: { code: "certificate_gift_needed", field: "gift" } },
    { as: "owner", do: "POST /certificate-types", body: { ...value, name: "…" }, expect: 422, has: { code: "certificate_type_letters" } },
    { as: "owner", do: "POST /certificate-types", body: { ...value, valid_until: "2001-02-30" }, expect: 422 },
    { as: "owner", do: "POST /certificate-types", body: { ...value, valid_until: "2001-02-03" }, expect: 422, has: { code: "certificate_type_past" } },
    { as: "manager", do: "POST /certificate-types", body: value, expect: 201, save: { type: "id" }, has: { version: 1, issued: 0, open: 0, valid_until: null } },
    { as: "owner", do: "POST /certificate-types", body: { ...value, name: "THANK  you" }, expect: 409, has: { code: "certificate_type_taken" } },
    { as: "owner", do: "PUT /certificate-types/${type}", body: { ...value, value_minor: 3000 }, expect: 428 },
    { as: "owner", do: "PUT /certificate-types/${type}", body: { ...value, value_minor: 3000 }, version: 1, has: { value_minor: 3000, version: 2 } },
    { as: "owner", do: "PUT /certificate-types/${type}", body: value, version: 1, expect: 412 },
    { as: "other", do: "GET /certificate-types/${type}", expect: 404 },
    { as: "owner", do: "DELETE /certificate-types/${type}", expect: 204 },
    { as: "associate", do: "GET /certificate-types", has: { items: [], deleted: [{ name: "Thank you" }] } },
    { as: "owner", do: "POST /certificate-types/${type}/restore", has: { name: "Thank you" } },
    { as: "owner", do: "POST /certificate-types/${type}/restore", expect: 404 },
  ]);
});

onEveryEngine("issued, looked at, redeemed once, voided, taken back", async (world) => {
  world.saved.anna = await somebody(world, "owner", "Anna");
  world.saved.type = await typed(world, {});
  world.saved.parts = await typed(world, { name: "Parts", partial: true, per_customer: 0, stock: 1 });
  const again = key();
  await world.steps([
    { as: "owner", do: "POST /customers/${anna}/certificates", body: { type_id: "${type}" }, expect: 400, has: { code: "idempotency_missing" } },
    { as: "owner", do: "POST /customers/${anna}/certificates", body: { type_id: "1" }, key: key(), expect: 422, has: { code: "certificate_type_unknown" } },
    { as: "owner", do: "POST /customers/1/certificates", body: { type_id: "${type}" }, key: key(), expect: 404 },
    { as: "owner", do: "POST /customers/${anna}/certificates", body: { type_id: "${type}", reason: "Kind" }, key: again, expect: 201,
      save: { id: "certificate.id", code: "certificate.code" },
      has: { certificate: { code: /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{5}$/, state: "open", left_minor: 2500, reason: "Kind", customer: { name: "Anna" } } } },
    { as: "owner", do: "POST /customers/${anna}/certificates", body: { type_id: "${type}", reason: "Kind" }, key: again, expect: 201, has: { certificate: { reason: "Kind" } } },
    { as: "owner", do: "POST /customers/${anna}/certificates", body: { type_id: "${type}" }, key: again, expect: 422, has: { code: "idempotency_reused" } },
    { as: "owner", do: "POST /customers/${anna}/certificates", body: { type_id: "${type}" }, key: key(), expect: 409, has: { code: "certificate_limit" } },
    { as: "owner", do: "GET /customers/${anna}/certificates", then: ({ body }) => assert.equal(body.items.length, 1) },
    { as: "owner", do: "GET /certificates?state=open&type=${type}", then: ({ body }) => assert.equal(body.items.length, 1) },
    { as: "owner", do: "GET /certificates?state=void", has: { items: [] } },
    { as: "owner", do: "GET /certificates?cursor=x", expect: 422, has: { code: "cursor_bad" } },
    { as: "other", do: "GET /certificates/${id}", expect: 404 },
    { as: "other", do: "GET /certificates/by-code?code=${code}", expect: 404, has: { code: "certificate_unknown" } },
    { as: "other", do: "POST /certificates/redeem", body: { code: "${code}" }, key: key(), expect: 404, has: { code: "certificate_unknown" } },
    { as: "owner", do: "GET /certificates/by-code?code=nonsense", expect: 422, has: { code: "certificate_mistyped" } },
  ]);
  const { code } = world.saved;
  const sloppy = code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l");
  const wrong = code.slice(0, -1) + (code.endsWith("7") ? "8" : "7");
  await world.steps([
    { as: "associate", do: `GET /certificates/by-code?code=${encodeURIComponent(sloppy)}`, has: { certificate: { id: world.saved.id } } },
    { as: "owner", do: `GET /certificates/by-code?code=${wrong}`, expect: 422, has: { code: "certificate_mistyped" } },
    { as: "owner", do: "POST /certificates/redeem", body: { code, amount_minor: 100 }, key: key(), expect: 409, has: { code: "certificate_whole" } },
    { as: "owner", do: "POST /certificates/redeem", body: { code, amount_minor: 2501 }, key: key(), expect: 409, has: { code: "certificate_too_little" } },
    { as: "owner", do: "POST /certificates/redeem", body: { code, amount_minor: 1.5 }, key: key(), expect: 422 },
    { as: "owner", do: "POST /certificates/redeem", body: { code, store_id: "12345" }, key: key(), expect: 422, has: { code: "certificate_store" } },
  ]);
  // several tills at once: one of them wins
  const tills = await Promise.all(
    Array.from({ length: 8 }, () => world.ask("owner", "POST /certificates/redeem", { body: { code, note: "R-1" }, key: key() })),
  );
  assert.deepEqual(tills.map((one) => one.status).sort(), [200, 409, 409, 409, 409, 409, 409, 409]);
  assert.ok(tills.every((one) => one.status === 200 || one.body.code === "certificate_redeemed"));
  await world.steps([
    { as: "owner", do: "GET /certificates/${id}", has: { certificate: { state: "redeemed", left_minor: 0 }, changes: [{ kind: "redeem", amount_minor: 2500, note: "R-1" }] } },
    { as: "owner", do: "POST /certificates/${id}/void", body: { reason: "x" }, key: key(), expect: 409, has: { code: "certificate_redeemed" } },
    { as: "associate", do: "POST /certificates/${id}/take-back", body: { reason: "x" }, key: key(), expect: 403 },
    { as: "owner", do: "POST /certificates/${id}/take-back", body: { reason: "Wrong one" }, key: key(), has: { certificate: { state: "open", left_minor: 2500 }, changes: [{ kind: "back" }, { kind: "redeem" }] } },
    { as: "owner", do: "POST /certificates/${id}/take-back", body: { reason: "x" }, key: key(), expect: 409, has: { code: "certificate_nothing_back" } },
    { as: "owner", do: "POST /certificates/${id}/void", body: { reason: "Lost" }, key: key(), has: { certificate: { state: "void" } } },
    { as: "owner", do: "POST /certificates/redeem", body: { code }, key: key(), expect: 409, has: { code: "certificate_void" } },
    { as: "owner", do: "GET /customers/${anna}/activity?kind=certificate", then: ({ body }) =>
      assert.deepEqual(body.items.map((one) => one.detail.what), ["voided", "back", "redeemed", "issued"]) },
  ]);
  const parts = await issued(world, world.saved.anna, world.saved.parts);
  const once = key();
  await world.steps([
    { as: "owner", do: "POST /customers/${anna}/certificates", body: { type_id: "${parts}" }, key: key(), expect: 409, has: { code: "certificate_stock" } },
    { as: "owner", do: "POST /certificates/redeem", body: { code: parts.code, amount_minor: 1000 }, key: once, has: { certificate: { state: "open", left_minor: 1500 } } },
    { as: "owner", do: "POST /certificates/redeem", body: { code: parts.code, amount_minor: 1000 }, key: once, has: { certificate: { state: "open", left_minor: 1500 } } },
    { as: "owner", do: "POST /certificates/redeem", body: { code: parts.code, amount_minor: 1600 }, key: key(), expect: 409, has: { code: "certificate_too_little" } },
    { as: "owner", do: "POST /certificates/redeem", body: { code: parts.code }, key: key(), has: { certificate: { state: "redeemed", left_minor: 0 } } },
  ]);
  world.sql("UPDATE certificate SET state = 0, left_minor = value_minor, valid_until = issued_day - 1");
  await world.steps([
    { as: "owner", do: "POST /certificates/redeem", body: { code }, key: key(), expect: 409, has: { code: "certificate_expired" } },
    { as: "owner", do: "GET /certificates?state=expired", then: ({ body }) => assert.equal(body.items.length, 2) },
  ]);
});

onEveryEngine("certificates for many: who is left out, and undo of what was not used", async (world) => {
  const people = [];
  for (const name of ["Ada", "Bea", "Cleo", "Dora"]) people.push(await somebody(world, "owner", name));
  world.saved.type = await typed(world, { stock: 3 });
  await issued(world, people[0], world.saved.type);
  const body = { action: "certificate", ids: people, certificate: world.saved.type };
  await world.steps([
    { as: "owner", do: "POST /bulk/preview", body: { ...body, certificate: "1" }, expect: 422, has: { code: "bulk_target_unknown" } },
    { as: "owner", do: "POST /bulk/preview", body, has: { changing: 2, left_out: [{ outcome: "full", customers: 1 }, { outcome: "out", customers: 1 }] } },
    { as: "owner", do: "POST /bulk", body, expect: 202, save: { bulk: "id", job: "job.id" } },
  ]);
  await world.waitForJob("owner", world.saved.job);
  const { body: list } = await world.ask("owner", "GET /certificates");
  const given = list.items.filter((one) => one.origin === "bulk");
  assert.equal(given.length, 2);
  await world.ask("owner", "POST /certificates/redeem", { body: { code: given[0].code }, key: key() });
  await world.steps([{ as: "owner", do: "POST /bulk/${bulk}/undo", expect: 202, save: { undo: "undo.job.id" } }]);
  await world.waitForJob("owner", world.saved.undo);
  await world.steps([
    { as: "owner", do: `GET /certificates/${given[0].id}`, has: { certificate: { state: "redeemed" } } },
    { as: "owner", do: `GET /certificates/${given[1].id}`, has: { certificate: { state: "void" } } },
    { as: "owner", do: "GET /certificate-types/${type}", has: { issued: 2, redeemed: 1, open: 1 } },
  ]);
});

onEveryEngine("associates see the certificates of their customers, and redeem every one", async (world) => {
  const { body: stores } = await world.ask("owner", "GET /stores");
  const nice = stores.items.find((one) => one.name === "Nice").id;
  const { body: made } = await world.ask("owner", "POST /customers", { body: { first_name: "Nina", store_id: nice } });
  const type = await typed(world, {});
  const one = await issued(world, made.id, type);
  await world.steps([
    { as: "associate", do: `GET /certificates/${one.id}`, expect: 404 },
    { as: "associate", do: "GET /certificates", has: { items: [] } },
    { as: "associate", do: `GET /customers/${made.id}/certificates`, expect: 404 },
    { as: "associate", do: `GET /certificates/by-code?code=${one.code}`, has: { certificate: { customer: null, state: "open" } } },
    { as: "associate", do: "POST /certificates/redeem", body: { code: one.code }, key: key(), has: { certificate: { customer: null, state: "redeemed" } } },
  ]);
});
