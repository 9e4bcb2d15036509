// The password asked again, the second step of signing in, and sessions listed and ended.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { onEveryEngine, password } from "./harness.mjs";

function bytesOf(base32) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...base32].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}
/** RFC 6238, a second implementation; `steps` away from now. */
export function codeOf(secret, steps = 0) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
  const mac = createHmac("sha1", bytesOf(secret)).update(counter).digest();
  const at = mac[19] & 0xf;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}

const long_ago = "1000000";
/** As if the password had been given long ago. */
const forget = (world) => world.sql(`UPDATE session SET confirmed_us = ${long_ago}`);

async function setUp(world, as) {
  const { body } = await world.ask(as, "POST /session/totp");
  const done = await world.ask(as, "PUT /session/totp", { body: { code: codeOf(body.secret, -1) } });
  assert.equal(done.status, 200, done.text);
  return { secret: body.secret, codes: done.body.codes };
}

onEveryEngine("every sensitive route asks for the password again", async (world) => {
  forget(world);
  let sensitive = 0;
  for (const [path, operations] of Object.entries(world.document.paths))
    for (const [method, operation] of Object.entries(operations)) {
      if (!operation["x-confirm-password"]) continue;
      sensitive++;
      const options = { check: false };
      if (operation.requestBody?.content["application/json"]) options.body = {};
      if (operation.parameters.some((one) => one.name === "If-Match")) options.version = 1;
      const line = `${method.toUpperCase()} ${path.replace(/\{[^}]+\}/g, world.saved.associate_id)}`;
      const { status, body } = await world.ask("owner", line, options);
      assert.equal(status, 403, line);
      assert.equal(body.code, "confirm_password", line);
    }
  assert.ok(sensitive >= 3, `only ${sensitive} sensitive routes`);
  await world.steps([
    { as: "owner", do: "POST /session/totp", expect: 403, has: { code: "confirm_password" } },
    { as: "owner", do: "POST /session/confirm", body: { password: "not the password" }, expect: 422, has: { code: "session_password_wrong" } },
    { as: "owner", do: "POST /session/totp", expect: 403 },
    { as: "owner", do: "POST /session/confirm", body: { password }, expect: 204 },
    { as: "owner", do: "POST /session/totp", expect: 201 },
    // five minutes, in this session alone
    { as: "manager", do: "POST /session/totp", expect: 403 },
  ]);
  world.sql(`UPDATE session SET confirmed_us = confirmed_us - 301000000`);
  await world.steps([{ as: "owner", do: "POST /session/totp", expect: 403 }]);
  // guessing is slowed down
  await world.guess({ as: "manager", do: "POST /session/confirm", body: { password: "guess guess" }, expect: 422 });
});

onEveryEngine("the second step: set up, asked for, used once, turned off", async (world) => {
  await world.steps([
    { as: "manager", do: "PUT /session/totp", body: { code: "123456" }, expect: 409, has: { code: "totp_off" } },
    { as: "manager", do: "POST /session/totp/codes", expect: 409, has: { code: "totp_off" } },
    { as: "manager", do: "POST /session/totp", expect: 201, save: { secret: "secret" }, has: { uri: /^otpauth:\/\/totp\/Shop:manager%40shop\.example\?secret=[A-Z2-7]{32}&issuer=Shop$/, picture: { path: /^M/ } } },
    { as: "manager", do: "PUT /session/totp", body: { code: "000000" }, expect: 422, has: { code: "session_code_wrong", field: "code" } },
    // not on until a code was right
    { as: "manager", do: "POST /session", body: { email: "manager@shop.example", password }, expect: 201 },
  ]);
  const { secret, codes } = await setUp(world, "manager");
  assert.equal(new Set(codes).size, 10);
  assert.match(codes[0], /^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
  const login = { email: "manager@shop.example", password };
  const now = codeOf(secret);
  await world.steps([
    { as: "manager", do: "POST /session/totp", expect: 409, has: { code: "totp_on" } },
    { as: "manager", do: "GET /session", has: { second_step: { on: true, required: false, codes_left: 10 } } },
    { do: "POST /session", body: { ...login, password: "not this one", code: now }, expect: 401, has: { code: "session_wrong" } },
    { do: "POST /session", body: login, expect: 401, has: { code: "session_code_needed", field: "code" } },
    { do: "POST /session", body: { ...login, code: codeOf(secret, 40) }, expect: 401, has: { code: "session_code_wrong" } },
    { do: "POST /session", body: { ...login, code: codeOf(secret, -40) }, expect: 401 },
    { do: "POST /session", body: { ...login, code: `${now.slice(0, 3)} ${now.slice(3)}` }, expect: 201 },
    // the same code again, and one before it
    { do: "POST /session", body: { ...login, code: now }, expect: 401, has: { code: "session_code_wrong" } },
    { do: "POST /session", body: { ...login, code: codeOf(secret, -1) }, expect: 401 },
    // the clock of the phone is a step ahead
    { do: "POST /session", body: { ...login, code: codeOf(secret, 1) }, expect: 201 },
    { do: "POST /session", body: { ...login, code: codes[3].toUpperCase() }, expect: 201, has: { second_step: { codes_left: 9 } } },
    { do: "POST /session", body: { ...login, code: codes[3] }, expect: 401 },
  ]);
  forget(world);
  await world.steps([
    { as: "manager", do: "POST /session/totp/codes", expect: 403, has: { code: "confirm_password" } },
    { as: "manager", do: "POST /session/confirm", body: { password }, expect: 422, has: { code: "session_code_needed" } },
    { as: "manager", do: "POST /session/confirm", body: { password, code: codes[3] }, expect: 422, has: { code: "session_code_wrong" } },
    { as: "manager", do: "POST /session/confirm", body: { password, code: codes[4] }, expect: 204 },
    { as: "manager", do: "POST /session/totp/codes", expect: 201, save: { fresh: "codes.0" } },
    // the old ones are void
    { do: "POST /session", body: { ...login, code: codes[5] }, expect: 401 },
    { as: "manager", do: "POST /session/totp/off", body: { password: "not this one", code: "${fresh}" }, expect: 422, has: { code: "session_password_wrong" } },
    { as: "manager", do: "POST /session/totp/off", body: { password, code: codes[6] }, expect: 422 },
    { as: "manager", do: "POST /session/totp/off", body: { password, code: "${fresh}" }, expect: 204 },
    { as: "manager", do: "POST /session/totp/off", body: { password, code: "${fresh}" }, expect: 409, has: { code: "totp_off" } },
    { do: "POST /session", body: login, expect: 201 },
    { as: "owner", do: "GET /audit?limit=100", then: ({ body }) => {
      const actions = body.items.map((one) => one.action);
      for (const action of ["totp.on", "totp.codes", "totp.off", "session.fail_code"]) assert.ok(actions.includes(action), action);
      assert.ok(!JSON.stringify(body).includes(secret), "no secret in the log");
    } },
  ]);
});

onEveryEngine("codes cannot be guessed", async (world) => {
  await setUp(world, "associate");
  const guess = { do: "POST /session", body: { email: "associate@shop.example", password, code: "abc123" } };
  await world.guess({ ...guess, expect: 401, has: { code: "session_code_wrong" } });
  await world.steps([
    // the password alone does not wipe the count
    { do: "POST /session", body: { email: "associate@shop.example", password }, expect: 401 },
    { ...guess, expect: 429 },
  ]);
});

onEveryEngine("the owner requires a second step, and takes one away", async (world) => {
  await world.steps([
    { as: "owner", do: "GET /merchant", save: { version: "version" }, has: { second_step_from: "nobody" } },
    { as: "manager", do: "PATCH /merchant", body: { second_step_from: "manager" }, version: 1, expect: 403 },
    { as: "owner", do: "PATCH /merchant", body: { second_step_from: "cleaner" }, version: "${version}", expect: 422 },
    { as: "owner", do: "PATCH /merchant", body: { second_step_from: "manager" }, version: "${version}", save: { version: "version" } },
    { as: "associate", do: "GET /staff/${manager_id}", expect: 403, has: { code: "denied" } },
    { as: "associate", do: "GET /customers" },
    { as: "manager", do: "GET /customers", expect: 403, has: { code: "totp_needed" } },
    { as: "manager", do: "GET /session", has: { second_step: { on: false, required: true } } },
  ]);
  const { codes } = await setUp(world, "manager");
  await setUp(world, "owner");
  await world.steps([
    { as: "manager", do: "GET /customers" },
    { as: "manager", do: "POST /session/totp/off", body: { password, code: codes[0] }, expect: 409, has: { code: "totp_required" } },
    { as: "manager", do: "DELETE /staff/${owner_id}/totp", expect: 403, has: { code: "denied" } },
    { as: "owner", do: "GET /staff/${manager_id}", has: { second_step: true } },
    { as: "owner", do: "DELETE /staff/${owner_id}/totp", expect: 409, has: { code: "totp_own" } },
    { as: "owner", do: "DELETE /staff/${associate_id}/totp", expect: 409, has: { code: "totp_off" } },
    { as: "owner", do: "DELETE /staff/${other_id}/totp", expect: 404 },
    { as: "owner", do: "DELETE /staff/${manager_id}/totp", expect: 204 },
    { as: "manager", do: "GET /customers", expect: 403, has: { code: "totp_needed" } },
  ]);
  const args = ["staff", "reset-totp", "owner@shop.example", "--merchant", "shop"];
  assert.equal(world.cli(args).status, 0);
  const again = world.cli(args);
  assert.equal(again.status, 1);
  assert.match(again.err, /no second step/);
  await world.steps([
    { as: "other", do: "GET /audit", has: { items: (items) => items.every((one) => !one.action.startsWith("totp")) } },
    { do: "POST /session", body: { email: "owner@shop.example", password }, expect: 201, has: { second_step: { on: false, required: true } } },
  ]);
});

onEveryEngine("sessions are listed and ended", async (world) => {
  for (const name of ["phone", "desk"]) {
    world.people[name] = {};
    await world.steps([{ as: name, do: "POST /session", body: { email: "manager@shop.example", password }, headers: { "User-Agent": `Browser of the ${name}` }, expect: 201 }]);
  }
  const idOf = (agent) => async ({ body }) => {
    world.saved.session = body.items.find((one) => one.agent === agent).id;
  };
  await world.steps([
    { as: "desk", do: "GET /sessions", has: { items: (items) => items.length === 3 && items.filter((one) => one.current).length === 1 && items.find((one) => one.current).agent === "Browser of the desk" }, then: idOf("Browser of the phone") },
    // somebody else's are not found
    { as: "associate", do: "DELETE /sessions/${session}", expect: 404 },
    { as: "owner", do: "DELETE /sessions/${session}", expect: 404 },
    { as: "desk", do: "DELETE /sessions/${session}", expect: 204 },
    { as: "desk", do: "DELETE /sessions/${session}", expect: 404 },
    { as: "phone", do: "GET /session", expect: 401 },
    { as: "desk", do: "DELETE /sessions", expect: 204 },
    { as: "desk", do: "GET /sessions", has: { items: [{ current: true }] } },
    { as: "manager", do: "GET /session", expect: 401 },
    // of the staff
    { as: "desk", do: "GET /staff/${owner_id}/sessions", expect: 403, has: { code: "staff_not_yours" } },
    { as: "associate", do: "GET /staff/${manager_id}/sessions", expect: 403, has: { code: "denied" } },
    { as: "desk", do: "GET /staff/${associate_id}/sessions", has: { items: [{ current: false }] }, save: { session: "items.0.id" } },
    { as: "desk", do: "DELETE /staff/${owner_id}/sessions", expect: 403 },
    { as: "owner", do: "DELETE /staff/${manager_id}/sessions/${session}", expect: 404 },
    { as: "desk", do: "DELETE /staff/${associate_id}/sessions/${session}", expect: 204 },
    { as: "associate", do: "GET /session", expect: 401 },
    { as: "owner", do: "DELETE /staff/${manager_id}/sessions", expect: 204 },
    { as: "desk", do: "GET /session", expect: 401 },
    { as: "owner", do: "DELETE /staff/${other_id}/sessions", expect: 404 },
    { as: "other", do: "GET /session" },
  ]);
});

onEveryEngine("a new password ends the other sessions", async (world) => {
  world.people.till = {};
  const put = (body) => ({ as: "owner", do: "PUT /session/password", body });
  const next = "an even longer one";
  await world.steps([
    { as: "till", do: "POST /session", body: { email: "owner@shop.example", password }, expect: 201 },
    { ...put({ password, new_password: "short" }), expect: 422, has: { code: "password_short", field: "new_password" } },
    { ...put({ password: "not this one", new_password: next }), expect: 422, has: { code: "session_password_wrong", field: "password" } },
    { as: "till", do: "GET /session" },
    put({ password, new_password: next }),
    { as: "owner", do: "GET /session" },
    { as: "till", do: "GET /session", expect: 401 },
    { do: "POST /session", body: { email: "owner@shop.example", password }, expect: 401 },
    { do: "POST /session", body: { email: "owner@shop.example", password: next }, expect: 201 },
  ]);
});
