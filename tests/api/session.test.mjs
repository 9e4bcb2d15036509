// Signing in and out, invitations, the guards of the door.
import assert from "node:assert/strict";
import { onEveryEngine, password } from "./harness.mjs";

onEveryEngine("the first start makes the owner by a one-time link", async (world) => {
  const link = world.out().match(/http\S+/)[0];
  assert.match(link, /\/welcome\?token=/);
  world.saved.token = new URL(link).searchParams.get("token");
  world.people.first = {};
  const takeUp = { token: "${token}", name: "First Owner", password, email: "first@shop.example" };
  await world.steps([
    { do: "GET /setup?token=${token}", has: { needed: true, demo: false, demo_logins: [] } },
    { do: "GET /setup?token=made.up", has: { needed: false } },
    { do: "GET /invitation?token=${token}", has: { role: "owner", email: "" } },
    { do: "GET /invitation?token=1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", expect: 404, has: { code: "invitation_gone" } },
    { do: "POST /invitation", body: { ...takeUp, password: "short" }, expect: 422, has: { code: "password_short", field: "password" } },
    { do: "POST /invitation", body: { ...takeUp, password: "Password123" }, expect: 422, has: { code: "password_common" } },
    { do: "POST /invitation", body: { ...takeUp, password: "first@shop.example" }, expect: 422, has: { code: "password_personal" } },
    { do: "POST /invitation", body: { token: "${token}", name: "First", password }, expect: 422, has: { field: "email" } },
    { do: "POST /invitation", body: { ...takeUp, email: "no e-mail" }, expect: 422, has: { code: "staff_bad_email" } },
    { as: "first", do: "POST /invitation", body: takeUp, expect: 201, has: { staff: { role: "owner", email: "first@shop.example" } } },
    { do: "POST /invitation", body: takeUp, expect: 404, has: { code: "invitation_gone" } },
    { as: "first", do: "GET /session", has: { staff: { name: "First Owner", sees_chain: true }, merchant: { currency_decimals: 2 } } },
  ]);
  // once there is an owner, no start prints a link any more
  await world.halt();
  await world.start();
  assert.equal(world.out(), "");
  await world.steps([{ as: "first", do: "GET /session" }]);
}, { empty: true });

onEveryEngine("an owner who has not come yet is invited again at the next start", async (world) => {
  const before = new URL(world.out().match(/http\S+/)[0]).searchParams.get("token");
  await world.halt();
  await world.start();
  const after = new URL(world.out().match(/http\S+/)[0]).searchParams.get("token");
  assert.notEqual(before, after);
  await world.steps([
    { do: `GET /setup?token=${before}`, has: { needed: false } },
    { do: `GET /setup?token=${after}`, has: { needed: true } },
  ]);
}, { empty: true });

onEveryEngine("signing in and out", async (world) => {
  const login = { email: "OWNER@shop.example", password };
  await world.steps([
    { do: "GET /session", expect: 401, has: { code: "unauthenticated", title: "Unauthorized" } },
    { do: "POST /session", body: login, expect: 201, has: { staff: { email: "owner@shop.example" } } },
    { do: "POST /session", body: { ...login, merchant: "shop" }, expect: 201 },
    { do: "POST /session", body: { ...login, merchant: "other" }, expect: 401, has: { code: "session_wrong" } },
    { do: "POST /session", body: { ...login, password: "not the password" }, expect: 401, has: { code: "session_wrong" } },
    { do: "POST /session", body: { email: "nobody@shop.example", password }, expect: 401, has: { code: "session_wrong" } },
    { do: "POST /session", body: { email: "owner@shop.example" }, expect: 422, has: { code: "field_required", field: "password" } },
    { as: "owner", do: "POST /session/confirm", body: { password: "not the password" }, expect: 422, has: { code: "session_password_wrong" } },
    { as: "owner", do: "POST /session/confirm", body: { password }, expect: 204 },
    { as: "owner", do: "PATCH /session/staff", body: { language: "ru", name: "Анна" }, has: { staff: { language: "ru", name: "Анна" } } },
    { as: "owner", do: "GET /staff/1", expect: 404, has: { detail: /[а-я]/ } },
    { as: "owner", do: "DELETE /session", expect: 204, then: ({ headers }) => assert.match(headers.get("set-cookie"), /habitue=;.*Max-Age=0/) },
  ]);
  // the cookie is worth nothing any more, whoever kept it
  const kept = world.people.associate.cookie;
  await world.steps([
    { as: "associate", do: "DELETE /session", expect: 204 },
    { do: "GET /session", headers: { Cookie: kept }, expect: 401 },
  ]);
  const { body } = await world.ask("other", "GET /audit");
  assert.deepEqual([...new Set(body.items.map((one) => one.actor))].sort(), ["Other Test", "command line"]);
});

onEveryEngine("cookies are guarded", async (world) => {
  await world.steps([
    { as: "owner", do: "POST /stores", body: { name: "Rome" }, csrf: false, expect: 403, has: { code: "csrf_missing" } },
    { as: "owner", do: "POST /stores", body: { name: "Rome" }, csrf: false, headers: { "X-CSRF": "guess" }, expect: 403 },
    { as: "owner", do: "POST /stores", body: { name: "Rome" }, headers: { Origin: "https://evil.example" }, expect: 403, has: { code: "csrf_origin" } },
    { do: "POST /session", body: { email: "owner@shop.example", password }, headers: { Origin: "https://evil.example" }, expect: 403 },
    { do: "GET /session", headers: { Cookie: "habitue=1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }, expect: 401 },
    { do: "GET /session", headers: { Cookie: "habitue=nonsense" }, expect: 401 },
    { do: "GET /session", headers: { Cookie: `habitue=9${world.people.owner.cookie.slice(8)}` }, expect: 401 },
  ]);
  const { headers } = await world.ask(null, "POST /session", { body: { email: "owner@shop.example", password } });
  assert.match(headers.get("set-cookie"), /^habitue=\d+\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
});

onEveryEngine("guessing is slowed down and noted", async (world) => {
  const guess = { do: "POST /session", body: { email: "manager@shop.example", password: "guess guess" } };
  await world.guess({ ...guess, expect: 401 });
  await world.steps([
    // even with the right password: a guesser must not learn that it was right
    { do: "POST /session", body: { email: "manager@shop.example", password }, expect: 429 },
    // and others sign in as before
    { do: "POST /session", body: { email: "associate@shop.example", password }, expect: 201 },
    { as: "owner", do: "GET /audit?action=session.fail", has: { items: (items) => items.length >= 5 && items.every((one) => one.address === "127.0.0.1") } },
  ]);
});

onEveryEngine("sessions end", async (world) => {
  const clients = Array.from({ length: 3 }, (_, i) => `client${i}`);
  for (const name of clients) {
    world.people[name] = {};
    await world.steps([{ as: name, do: "POST /session", body: { email: "associate@shop.example", password }, expect: 201 }]);
  }
  // a new password, taken by an invitation, ends them all
  await world.steps([{ as: "owner", do: "POST /staff/${associate_id}/invitation", save: { url: "url" } }]);
  const token = new URL(world.saved.url).searchParams.get("token");
  await world.steps([
    ...clients.map((as) => ({ as, do: "GET /session" })),
    { as: "client0", do: "POST /invitation", body: { token, name: "Again", password: "another long one" }, expect: 201 },
    ...clients.slice(1).map((as) => ({ as, do: "GET /session", expect: 401 })),
    { as: "client0", do: "GET /session" },
    { do: "POST /session", body: { email: "associate@shop.example", password }, expect: 401 },
    // somebody removed is out at once
    { as: "owner", do: "DELETE /staff/${associate_id}", expect: 204 },
    { as: "client0", do: "GET /session", expect: 401 },
    { do: "POST /session", body: { email: "associate@shop.example", password: "another long one" }, expect: 401 },
  ]);
});

onEveryEngine("a session ends by itself", async (world) => {
  const hours = (n) => `${(BigInt(Date.now()) - BigInt(n) * 3600000n) * 1000n}`;
  const set = (column, value) => world.sql(`UPDATE session SET ${column} = ${value} WHERE staff_id = ${world.saved.associate_id}`);
  set("seen_us", hours(11));
  await world.steps([{ as: "associate", do: "GET /session" }]);
  // each request moves it on, but twelve idle hours end it, and thirty days whatever happens
  assert.ok(BigInt(world.sql(`SELECT seen_us FROM session WHERE staff_id = ${world.saved.associate_id}`)) > BigInt(hours(1)));
  set("seen_us", hours(13));
  await world.steps([{ as: "associate", do: "GET /session", expect: 401, has: { code: "unauthenticated" } }]);
  set("seen_us", hours(0));
  set("expires_us", hours(1));
  await world.steps([{ as: "associate", do: "GET /session", expect: 401 }]);
  // so does an invitation
  await world.steps([{ as: "owner", do: "POST /staff/${manager_id}/invitation", save: { url: "url" } }]);
  const token = new URL(world.saved.url).searchParams.get("token");
  world.sql(`UPDATE staff SET invitation_expires_us = ${hours(1)} WHERE id = ${world.saved.manager_id}`);
  await world.steps([{ do: `GET /invitation?token=${token}`, expect: 404, has: { code: "invitation_gone" } }]);
});
