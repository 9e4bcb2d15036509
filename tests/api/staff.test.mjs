// Staff, stores, settings, the audit log.
import assert from "node:assert/strict";
import { onEveryEngine, password } from "./harness.mjs";

const person = { email: "zoe@shop.example", name: "Zoé", role: "associate" };

onEveryEngine("staff are invited, changed and removed", async (world) => {
  await world.steps([
    { as: "owner", do: "POST /staff", body: { ...person, email: "zoe" }, expect: 422, has: { code: "staff_bad_email", field: "email" } },
    { as: "owner", do: "POST /staff", body: person, expect: 422, has: { code: "staff_needs_store", field: "store_ids" } },
    { as: "owner", do: "POST /staff", body: { ...person, store_ids: ["${elsewhere}"] }, expect: 422, has: { code: "staff_store_unknown" } },
    { as: "owner", do: "POST /staff", body: { ...person, role: "king", store_ids: ["${lyon}"] }, expect: 422, has: { code: "field_choice" } },
    { as: "owner", do: "POST /staff", body: { ...person, store_ids: ["${lyon}", "${nice}"], language: "fr" }, expect: 201,
      has: { staff: { state: "invited", language: "fr", stores: [{ name: "Lyon" }, { name: "Nice" }] }, invitation: { url: /\/welcome\?token=\d+\.[\w-]{43}$/ } },
      save: { zoe: "staff.id", version: "staff.version" } },
    { as: "owner", do: "POST /staff", body: { ...person, email: "ZOE@shop.example", store_ids: ["${lyon}"] }, expect: 409, has: { code: "staff_email_taken" } },
    { as: "owner", do: "GET /staff/${zoe}", has: { name: "Zoé" } },
    { as: "owner", do: "PATCH /staff/${zoe}", body: { role: "manager", store_ids: ["${nice}"] }, version: "${version}", has: { role: "manager", stores: [{ name: "Nice" }] } },
    { as: "owner", do: "PATCH /staff/${zoe}", body: { name: "Zoë" }, version: "${version}", expect: 412 },
    { as: "owner", do: "DELETE /staff/${zoe}", expect: 204 },
    { as: "owner", do: "GET /staff/${zoe}", expect: 404 },
    // taken back, they are as they were
    { as: "associate", do: "POST /staff/${zoe}/restore", expect: 403 },
    { as: "manager", do: "POST /staff/${zoe}/restore", expect: 403, has: { code: "staff_not_yours" } },
    { as: "owner", do: "POST /staff/${zoe}/restore", has: { name: "Zoé", role: "manager", state: "invited", stores: [{ name: "Nice" }] } },
    { as: "owner", do: "POST /staff/${zoe}/restore", expect: 404 },
    { as: "owner", do: "GET /audit?action=staff.restore", then: ({ body }) => assert.equal(body.items.length, 1) },
    { as: "owner", do: "DELETE /staff/${zoe}", expect: 204 },
    // the address is free again
    { as: "owner", do: "POST /staff", body: { ...person, store_ids: ["${lyon}"] }, expect: 201 },
    { as: "owner", do: "POST /staff/${zoe}/restore", expect: 409, has: { code: "staff_email_taken" } },
  ]);
});

onEveryEngine("managers act on the associates of their stores", async (world) => {
  await world.steps([
    { as: "manager", do: "POST /staff", body: { ...person, role: "manager", store_ids: ["${lyon}"] }, expect: 403, has: { code: "staff_not_yours" } },
    { as: "manager", do: "POST /staff", body: { ...person, store_ids: ["${lyon}", "${nice}"] }, expect: 403, has: { code: "staff_not_yours" } },
    { as: "manager", do: "POST /staff", body: { ...person, store_ids: ["${lyon}"] }, expect: 201, save: { zoe: "staff.id", version: "staff.version" } },
    { as: "manager", do: "PATCH /staff/${zoe}", body: { role: "owner" }, version: "${version}", expect: 403 },
    { as: "manager", do: "PATCH /staff/${zoe}", body: { store_ids: ["${nice}"] }, version: "${version}", expect: 403 },
    { as: "manager", do: "PATCH /staff/${zoe}", body: { name: "Zoë" }, version: "${version}", has: { name: "Zoë" } },
    { as: "manager", do: "DELETE /staff/${owner_id}", expect: 403 },
    { as: "manager", do: "POST /staff/${owner_id}/invitation", expect: 403, has: { code: "staff_not_yours" } },
    { as: "manager", do: "POST /staff/${zoe}/invitation", has: { url: /token=/ } },
    { as: "manager", do: "DELETE /staff/${zoe}", expect: 204 },
    { as: "associate", do: "GET /staff", expect: 403 },
  ]);
});

onEveryEngine("the last owner stays", async (world) => {
  await world.steps([
    { as: "owner", do: "DELETE /staff/${owner_id}", expect: 409, has: { code: "staff_last_owner" } },
    { as: "owner", do: "GET /staff/${owner_id}", save: { version: "version" } },
    { as: "owner", do: "PATCH /staff/${owner_id}", body: { role: "manager", store_ids: ["${lyon}"] }, version: "${version}", expect: 409, has: { code: "staff_last_owner" } },
    // one who has not come yet does not count
    { as: "owner", do: "POST /staff", body: { ...person, role: "owner" }, expect: 201, save: { zoe: "staff.id", url: "invitation.url" } },
    { as: "owner", do: "DELETE /staff/${owner_id}", expect: 409 },
  ]);
  world.people.zoe = {};
  const token = new URL(world.saved.url).searchParams.get("token");
  await world.steps([
    { as: "zoe", do: "POST /invitation", body: { token, name: "Zoé", password }, expect: 201 },
    { as: "zoe", do: "DELETE /staff/${owner_id}", expect: 204 },
    { as: "owner", do: "GET /session", expect: 401 },
    { as: "zoe", do: "DELETE /staff/${zoe}", expect: 409 },
    // back again, the old password works, the old session does not
    { as: "zoe", do: "POST /staff/${owner_id}/restore", has: { state: "active", role: "owner" } },
    { as: "owner", do: "GET /session", expect: 401 },
  ]);
});

onEveryEngine("stores and settings", async (world) => {
  await world.steps([
    { as: "associate", do: "GET /stores", has: { items: [{ name: "Lyon", city: null, customers: 0 }, { name: "Nice" }] }, save: { version: "items.0.version" } },
    { as: "owner", do: "POST /stores", body: { name: "LYON " }, expect: 409, has: { code: "store_name_taken" } },
    { as: "owner", do: "PATCH /stores/${lyon}", body: { name: "Nice" }, version: "${version}", expect: 409 },
    { as: "owner", do: "PATCH /stores/${lyon}", body: { name: "Lyon Part-Dieu", city: "Lyon" }, version: "${version}", has: { name: "Lyon Part-Dieu", city: "Lyon" }, save: { version: "version" } },
    { as: "owner", do: "PATCH /stores/${lyon}", body: { city: null }, version: "${version}", has: { city: null } },
    { as: "manager", do: "PATCH /stores/${lyon}", body: { city: "x" }, version: 1, expect: 403 },
    { as: "associate", do: "GET /merchant", has: { currency: "EUR", associates_see_chain: false }, save: { version: "version" } },
    ...[["currency", "ZZZ", "merchant_bad_currency"], ["time_zone", "Mars/Olympus", "merchant_bad_time_zone"], ["country", "ZZ", "merchant_bad_country"], ["language", "xx", "merchant_bad_language"]].map(
      ([field, value, code]) => ({ as: "owner", do: "PATCH /merchant", body: { [field]: value }, version: "${version}", expect: 422, has: { code, field } }),
    ),
    { as: "owner", do: "PATCH /merchant", body: { currency: "JPY", time_zone: "Asia/Tokyo", associates_see_chain: true }, version: "${version}", has: { currency: "JPY", currency_decimals: 0, associates_see_chain: true } },
    { as: "associate", do: "GET /session", has: { staff: { sees_chain: true }, merchant: { currency: "JPY" } } },
  ]);
});

onEveryEngine("every change is in the audit log", async (world) => {
  await world.steps([
    { as: "owner", do: "GET /merchant", save: { version: "version" } },
    { as: "owner", do: "PATCH /merchant", body: { name: "Renamed" }, version: "${version}" },
    { as: "owner", do: "GET /audit?entity=merchant&action=merchant.update",
      has: { items: [{ actor: "Owner Test", staff_id: "${owner_id}", address: "127.0.0.1", detail: { name: { from: "Shop", to: "Renamed" } } }] } },
    { as: "owner", do: "GET /audit?staff_id=${manager_id}", has: { items: (items) => items.some((one) => one.action === "session.open") } },
  ]);
  const { body } = await world.ask("owner", "GET /audit?limit=500");
  const actions = new Set(body.items.map((one) => one.action));
  for (const action of ["merchant.create", "staff.create", "staff.invite", "staff.accept", "session.open", "store.create", "merchant.update"])
    assert.ok(actions.has(action), action);
  const ids = body.items.map((one) => BigInt(one.id));
  assert.ok(ids.every((id, i) => i === 0 || id < ids[i - 1]), "newest first");
  // page by page it is the same log
  const paged = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = (await world.ask("owner", `GET /audit?limit=3${cursor && `&cursor=${cursor}`}`)).body;
    paged.push(...page.items.map((one) => one.id));
    cursor = page.next;
  }
  assert.deepEqual(paged, body.items.map((one) => one.id));
});
