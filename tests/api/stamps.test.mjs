// Stamp cards: programmes, stamps given and taken back, and the reward of a full card exactly once.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

let keys = 0;
const key = () => `stamp-${process.pid}-${++keys}`;
const coffee = { name: "Coffee", stamps: 3, reward: "points", points: 50 };

onEveryEngine("programmes", async (world) => {
  await world.steps([
    { as: "associate", do: "POST /stamp-programs", body: coffee, expect: 403 },
    { as: "owner", do: "POST /stamp-programs", body: { ...coffee, stamps: 1 }, expect: 422, has: { field: "stamps" } },
    { as: "owner", do: "POST /stamp-programs", body: { ...coffee, points: 0 }, expect: 422, has: { code: "reward_points_needed", field: "reward" } },
    { as: "owner", do: "POST /stamp-programs", body: { ...coffee, reward: "none" }, expect: 422, has: { code: "reward_needed" } },
    { as: "owner", do: "POST /stamp-programs", body: { ...coffee, reward: "gift" }, expect: 422, has: { code: "reward_gift_needed" } },
    { as: "owner", do: "POST /stamp-programs", body: { ...coffee, reward: "certificate", certificate_type: "5" }, expect: 422, has: { code: "certificate_type_unknown" } },
    { as: "owner", do: "POST /stamp-programs", body: coffee, expect: 201, save: { id: "id" }, has: { reward: { kind: "points", points: 50 } } },
    { as: "owner", do: "POST /stamp-programs", body: { ...coffee, name: "COFFEE" }, expect: 409, has: { code: "stamp_program_taken" } },
    { as: "owner", do: "PUT /stamp-programs/${id}", body: coffee, expect: 428 },
    { as: "manager", do: "PUT /stamp-programs/${id}", body: { ...coffee, stamps: 5 }, version: 1, has: { stamps: 5, version: 2 } },
    { as: "manager", do: "PUT /stamp-programs/${id}", body: { ...coffee, stamps: 5, points: 60 }, version: 2, has: { version: 3 } },
    { as: "owner", do: "GET /audit?action=stamp_program.update", has: { items: [
      { detail: { name: coffee.name, reward: { from: { points: 50 }, to: { points: 60 } } } },
      { detail: { stamps: { to: 5 } } },
    ] } },
    { as: "manager", do: "PUT /stamp-programs/${id}", body: coffee, version: 1, expect: 412 },
    { as: "other", do: "GET /stamp-programs/${id}", expect: 404 },
    { as: "owner", do: "DELETE /stamp-programs/${id}", expect: 204 },
    { as: "owner", do: "GET /stamp-programs", has: { items: [], deleted: [{ name: "Coffee" }] } },
    { as: "owner", do: "POST /stamp-programs/${id}/restore", has: { name: "Coffee" } },
  ]);
});

onEveryEngine("stamps fill cards, full cards give their reward once, and stamps come back", async (world) => {
  const balance = async () => (await world.ask("owner", `GET /customers/${world.saved.anna}/points/balance`)).body.total;
  await world.steps([
    { as: "owner", do: "POST /customers", body: { first_name: "Anna" }, expect: 201, save: { anna: "id" } },
    { as: "owner", do: "POST /stamp-programs", body: { ...coffee, per_day: 8 }, expect: 201, save: { id: "id" } },
    { as: "owner", do: "POST /customers/${anna}/stamps", body: { program_id: "${id}", stamps: 1 }, expect: 400, has: { code: "idempotency_missing" } },
    { as: "owner", do: "POST /customers/${anna}/stamps", body: { program_id: "${id}", stamps: 0 }, key: key(), expect: 422 },
    { as: "owner", do: "POST /customers/${anna}/stamps", body: { program_id: "7", stamps: 1 }, key: key(), expect: 422, has: { code: "stamp_program_unknown" } },
    { as: "other", do: "POST /customers/${anna}/stamps", body: { program_id: "${id}", stamps: 1 }, key: key(), expect: 404 },
    { as: "owner", do: "POST /customers/${anna}/stamps", body: { program_id: "${id}", stamps: 9 }, key: key(), expect: 409, has: { code: "stamp_per_day", args: { limit: "8", left: "8" } } },
    { as: "associate", do: "POST /customers/${anna}/stamps", body: { program_id: "${id}", stamps: 1 }, key: key(), expect: 404 },
    { as: "owner", do: "POST /customers/${anna}/stamps", body: { program_id: "${id}", stamps: 2 }, key: "same", has: { filled: 0, programs: [{ completed: 0, cards: [{ stamps: 2, size: 3 }] }] } },
    { as: "owner", do: "POST /customers/${anna}/stamps", body: { program_id: "${id}", stamps: 2 }, key: "same", has: { filled: 0, programs: [{ cards: [{ stamps: 2 }] }] } },
    { as: "owner", do: "POST /customers/${anna}/stamps", body: { program_id: "${id}", stamps: 5 }, key: key(), has: { filled: 2, programs: [{ completed: 2 }] } },
  ]);
  assert.equal(await balance(), 100);
  // seven stamps: two full cards and one; four taken back: one card is open again, and its points are gone
  await world.steps([
    { as: "owner", do: "POST /customers/${anna}/stamps/take-back", body: { program_id: "${id}", stamps: 3 }, key: key(), expect: 422, has: { field: "reason" } },
    { as: "owner", do: "POST /customers/${anna}/stamps/take-back", body: { program_id: "${id}", stamps: 8, reason: "x" }, key: key(), expect: 409, has: { code: "stamp_not_so_many" } },
    { as: "owner", do: "POST /customers/${anna}/stamps/take-back", body: { program_id: "${id}", stamps: 2, reason: "Mistake" }, key: key(), has: { programs: [{ completed: 1, cards: [{ stamps: 2 }, { stamps: 3 }] }], entries: [{ amount: -2, reason: "Mistake" }, { amount: 5 }, { amount: 2 }] } },
  ]);
  assert.equal(await balance(), 50);
  await world.steps([
    { as: "owner", do: "POST /customers/${anna}/stamps", body: { program_id: "${id}", stamps: 1 }, key: key(), has: { filled: 1 } },
    { as: "owner", do: "GET /customers/${anna}/activity?kind=stamp", then: ({ body }) => assert.equal(body.items.filter((one) => one.detail.what === "completed").length, 2) },
  ]);
  assert.equal(await balance(), 100);
  // spent points cannot be asked back
  await world.ask("owner", `POST /customers/${world.saved.anna}/points`, { body: { amount: -100, reason: "Spent" }, key: key() });
  if ((await balance()) === 0)
    await world.steps([
      { as: "owner", do: "POST /customers/${anna}/stamps/take-back", body: { program_id: "${id}", stamps: 1, reason: "x" }, key: key(), expect: 409, has: { code: "reward_used" } },
    ]);
});

onEveryEngine("a full card gives a certificate, beyond the stock that others see", async (world) => {
  await world.steps([
    { as: "owner", do: "POST /customers", body: { first_name: "Bea" }, expect: 201, save: { bea: "id" } },
    { as: "owner", do: "POST /certificate-types", body: { name: "Free coffee", kind: "gift", gift: "A coffee", per_customer: 1, stock: 1 }, expect: 201, save: { type: "id" } },
    { as: "owner", do: "POST /stamp-programs", body: { name: "Cups", stamps: 2, reward: "certificate", certificate_type: "${type}" }, expect: 201, save: { id: "id" } },
    { as: "owner", do: "DELETE /certificate-types/${type}", expect: 409, has: { code: "certificate_type_used", detail: /Cups/ } },
    { as: "owner", do: "POST /customers/${bea}/stamps", body: { program_id: "${id}", stamps: 4 }, key: key(), has: { filled: 2 } },
    { as: "owner", do: "GET /customers/${bea}/certificates", then: ({ body }) => assert.deepEqual(body.items.map((one) => one.origin), ["stamp", "stamp"]) },
    { as: "owner", do: "POST /customers/${bea}/stamps/take-back", body: { program_id: "${id}", stamps: 1, reason: "Twice" }, key: key() },
    { as: "owner", do: "GET /customers/${bea}/certificates?state=void", then: ({ body }) => assert.equal(body.items.length, 1) },
  ]);
});
