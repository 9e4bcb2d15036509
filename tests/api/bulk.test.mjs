// Bulk actions: preview, confirm, results, undo, who may; sums of a selection.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const today = "2026-03-14";
const count = async (world, q, as = "owner") => (await world.ask(as, `GET /customers?limit=0&q=${encodeURIComponent(q)}`)).body.matching;
const finished = async (world, as, answer) => {
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  const { undo, job } = answer.body;
  assert.equal((await world.waitForJob(as, (undo ?? { job }).job.id)).state, "done");
  return (await world.ask(as, `GET /bulk/${answer.body.id}`)).body;
};
const counts = (list) => Object.fromEntries(list.map((one) => [one.outcome, one.customers]));

onEveryEngine("a tag for all who match but two, and back", async (world) => {
  const q = "visits:>=3";
  const matching = await count(world, q);
  const { body } = await world.ask("owner", `GET /customers?limit=4&q=${encodeURIComponent(q)}`);
  const ids = body.items.map((one) => one.id);
  const one = await finished(world, "owner", await world.ask("owner", "POST /bulk", { body: { action: "tag_add", tag: "Regular guest", ids: ids.slice(0, 3) } }));
  assert.deepEqual(counts(one.counts), { changed: 3 });
  const ask = { action: "tag_add", tag: "regular GUEST", q, except: ids.slice(2, 4) };
  await world.steps([
    { as: "owner", do: "POST /bulk/preview", body: ask, has: { selected: matching - 2, changing: matching - 4, unseen: 0,
      left_out: [{ outcome: "already", customers: 2, some: [{ id: /./ }, { id: /./ }] }] } },
    { as: "owner", do: "POST /bulk", body: { ...ask, expect: matching }, expect: 409, has: { code: "bulk_others", args: { now: String(matching - 2) } } },
  ]);
  assert.equal(await count(world, 'tag:"regular guest"'), 3);
  const all = await finished(world, "owner", await world.ask("owner", "POST /bulk", { body: { ...ask, expect: matching - 2 } }));
  assert.deepEqual(counts(all.counts), { changed: matching - 4, already: 2 });
  assert.equal(all.target, "Regular guest");
  assert.equal(all.may_undo, true);
  assert.equal(await count(world, 'tag:"regular guest"'), matching - 1);
  await world.steps([
    { as: "owner", do: `GET /bulk/${all.id}/results?outcome=already`, then: ({ body: page }) => {
      assert.deepEqual(page.items.map((item) => item.customer.id).sort(), ids.slice(0, 2).sort());
      assert.ok(page.items.every((item) => item.customer.number > 0));
    } },
    { as: "owner", do: `GET /bulk/${all.id}/results?limit=1`, save: { next: "next" }, has: { items: [{ outcome: /changed|already/ }] } },
    { as: "owner", do: `GET /bulk/${all.id}/results?limit=200&cursor=\${next}`, then: ({ body: page }) => assert.equal(page.items.length, Math.min(200, matching - 3)) },
    { as: "owner", do: `GET /bulk/${all.id}/results?limit=1&outcome=already&cursor=\${next}`, expect: 422, has: { code: "cursor_bad" } },
    { as: "owner", do: "GET /bulk", has: { items: [{ id: all.id, action: "tag_add" }, { id: one.id }], next: null } },
    { as: "other", do: `GET /bulk/${all.id}`, expect: 404 },
    { as: "associate", do: `GET /bulk/${all.id}`, expect: 404 },
    { as: "associate", do: `POST /bulk/${all.id}/undo`, expect: 404 },
    { as: "associate", do: "GET /bulk", has: { items: [] } },
  ]);
  const file = await world.ask("owner", `GET /bulk/${all.id}/results/file`, { check: false });
  assert.equal(file.text.trim().split("\r\n").length, matching - 1);
  // taken off by hand meanwhile: told, and left alone
  const off = await finished(world, "owner", await world.ask("owner", "POST /bulk", { body: { action: "tag_remove", tag: "regular guest", ids: [ids[0]] } }));
  assert.deepEqual(counts(off.counts), { changed: 1 });
  const back = await finished(world, "owner", await world.ask("owner", `POST /bulk/${all.id}/undo`));
  assert.deepEqual(counts(back.undo.counts), { changed: matching - 4, already: 2 });
  assert.equal(await count(world, 'tag:"regular guest"'), 2);
  await world.steps([
    { as: "owner", do: `POST /bulk/${all.id}/undo`, expect: 409, has: { code: "bulk_undone" } },
    { as: "owner", do: `POST /bulk/${back.undo.id}/undo`, expect: 409, has: { code: "bulk_is_undo" } },
    { as: "owner", do: "GET /audit?entity=bulk", then: ({ body: log }) => assert.deepEqual(log.items.map((item) => item.action), ["bulk.undo", "bulk.start", "bulk.start", "bulk.start"]) },
  ]);
  const undone = await finished(world, "owner", await world.ask("owner", `POST /bulk/${one.id}/undo`));
  assert.deepEqual(counts(undone.undo.counts), { changed: 2, since: 1 });
  assert.equal(world.cli(["check"]).status, 0);
}, { demo: 300, today });

onEveryEngine("groups, hearts, blocks, source and store in bulk", async (world) => {
  const { body: store } = await world.ask("owner", "GET /stores");
  const { body: group } = await world.ask("owner", "POST /groups", { body: { name: "Guests" } });
  const total = await count(world, "");
  const blocked = await count(world, "blocked:yes");
  for (const [body, q, changed] of [
    [{ action: "group_add", group: group.id }, "group:guests", total],
    [{ action: "favourite_add" }, "favourite:yes", total - (await count(world, "favourite:yes"))],
    [{ action: "block", reason: "A test" }, "blocked:yes", total - blocked],
    [{ action: "source_set", source: "Fair in Lyon" }, 'source:"fair in lyon"', total],
  ]) {
    const before = await count(world, q).catch(() => 0);
    const made = await finished(world, "owner", await world.ask("owner", "POST /bulk", { body: { ...body, q: "" } }));
    assert.equal(counts(made.counts).changed, changed, body.action);
    assert.equal(await count(world, q), total, q);
    const undone = await finished(world, "owner", await world.ask("owner", `POST /bulk/${made.id}/undo`));
    assert.equal(counts(undone.undo.counts).changed, changed);
    assert.equal(await count(world, q), before ?? 0, q);
  }
  const moved = await finished(world, "owner", await world.ask("owner", "POST /bulk", { body: { action: "store_set", store: store.items[0].id, q: "visits:>=2" } }));
  assert.equal(moved.target, store.items[0].name);
  await world.steps([
    { as: "owner", do: "POST /bulk", body: { action: "group_add", q: "" }, expect: 422, has: { code: "field_required", field: "group" } },
    { as: "owner", do: "POST /bulk", body: { action: "group_add", group: "12", q: "" }, expect: 422, has: { code: "bulk_target_unknown" } },
    { as: "owner", do: "POST /bulk", body: { action: "tag_add", tag: "?!", q: "" }, expect: 422, has: { code: "bulk_word_letters", field: "tag" } },
    { as: "owner", do: "POST /bulk", body: { action: "tag_remove", tag: "never heard of", q: "" }, expect: 422, has: { code: "bulk_target_unknown" } },
    { as: "owner", do: "POST /bulk", body: { action: "explode", q: "" }, expect: 422, has: { field: "action" } },
    { as: "owner", do: "POST /bulk", body: { action: "block" }, expect: 422, has: { code: "selection_needed" } },
    { as: "owner", do: "POST /bulk", body: { action: "block", q: "a", ids: ["1"] }, expect: 422, has: { code: "selection_needed" } },
    { as: "owner", do: "POST /bulk", body: { action: "block", q: "visits:>99999" }, expect: 422, has: { code: "bulk_nobody" } },
    { as: "owner", do: "POST /bulk", body: { action: "block", q: "visits:>" }, expect: 422, has: { field: "q" } },
    { as: "owner", do: "POST /bulk", body: { action: "block", ids: ["1", "2"] }, expect: 422, has: { code: "bulk_nobody" } },
    { as: "owner", do: "POST /bulk/1/undo", expect: 404 },
  ]);
}, { demo: 200, today });

onEveryEngine("an associate acts on customers of their stores alone; sums", async (world) => {
  const { body: merchant } = await world.ask("owner", "GET /merchant");
  await world.ask("owner", "PATCH /merchant", { body: { associates_see_chain: false }, version: merchant.version });
  const mine = await count(world, "", "associate"), all = await count(world, "");
  assert.ok(mine > 0 && mine < all);
  const made = await finished(world, "associate", await world.ask("associate", "POST /bulk", { body: { action: "tag_add", tag: "Ours", q: "" } }));
  assert.equal(made.selected, mine);
  assert.equal(await count(world, "tag:ours"), mine);
  const { body: everybody } = await world.ask("owner", "GET /customers?limit=500");
  const { body: theirs } = await world.ask("associate", "GET /customers?limit=500");
  const seen = new Set(theirs.items.map((one) => one.id));
  const foreign = everybody.items.find((one) => !seen.has(one.id)).id;
  const { body: staff } = await world.ask("associate", "GET /session");
  const { body: stores } = await world.ask("owner", "GET /stores");
  const other = stores.items.find((one) => !JSON.stringify(staff).includes(one.id));
  await world.steps([
    { as: "associate", do: "POST /bulk/preview", body: { action: "block", ids: [foreign, theirs.items[0].id] }, has: { selected: 1, unseen: 1 } },
    { as: "associate", do: "POST /bulk", body: { action: "store_set", store: other.id, ids: [theirs.items[0].id] }, expect: 403, has: { code: "bulk_store_denied" } },
    { as: "associate", do: `GET /bulk/${made.id}`, has: { may_undo: true } },
    { as: "manager", do: "GET /bulk", has: { items: [{ id: made.id }] } },
    { as: "associate", do: "POST /customers/sums", body: { q: "" }, then: ({ body }) => assert.deepEqual(
      [body.customers, body.visits, body.spent_minor, body.emails],
      [mine, ...["visits", "spent_minor"].map((key) => theirs.items.reduce((sum, one) => sum + one[key], 0)), theirs.items.filter((one) => one.email).length]) },
    { as: "associate", do: "POST /customers/sums", body: { ids: [foreign] }, has: { customers: 0, last_visit: null } },
    { as: "owner", do: "POST /customers/sums", body: {}, expect: 422 },
  ]);
}, { demo: 300, today });
