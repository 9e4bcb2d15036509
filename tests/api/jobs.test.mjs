// Jobs: how far they are, their events, cancel; whose they are.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";

const sales = (rows) =>
  "invoice;date;customer;product;quantity;price\n" +
  Array.from({ length: rows }, (_, i) => `A${i >> 1};2026-0${(i % 9) + 1}-11;K${i % 500};Cup;1;4.50`).join("\n");

async function upload(world, rows) {
  await world.steps([
    { as: "manager", do: "POST /imports?kind=transactions&file_name=sales.csv", raw: sales(rows), type: "text/csv", expect: 201, save: { import: "id" } },
    { as: "manager", do: "POST /imports/${import}/start", body: undefined, expect: 202, save: { job: "job.id" } },
  ]);
}

/** The events of a stream until it ends. */
async function events(world, as, id) {
  const response = await fetch(`${world.url}/api/v1/jobs/${id}/events`, { headers: { Cookie: world.people[as].cookie } });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type"), /^text\/event-stream/);
  const text = await response.text();
  return text.split("\n\n").filter((one) => one.startsWith("data: ")).map((one) => JSON.parse(one.slice(6)));
}

onEveryEngine("a job tells how far it is", async (world) => {
  await upload(world, 20000);
  const told = await events(world, "manager", world.saved.job);
  assert.ok(told.length >= 1);
  assert.equal(told.at(-1).state, "done");
  for (let i = 1; i < told.length; i++) assert.ok(told[i].done >= told[i - 1].done, "never backwards");
  const job = await world.waitForJob("manager", world.saved.job);
  assert.equal(job.kind, "import");
  assert.ok(job.finished_at);
  await world.steps([
    { as: "manager", do: "DELETE /jobs/${job}", expect: 409, has: { code: "job_ended" } },
    { as: "associate", do: "GET /jobs/${job}", expect: 404 },
    { as: "associate", do: "DELETE /jobs/${job}", expect: 404 },
    { as: "other", do: "GET /jobs/${job}", expect: 404 },
    { as: "other", do: "GET /jobs/${job}/events", expect: 404 },
    { as: "owner", do: "GET /jobs/${job}", has: { state: "done" } },
    { as: "manager", do: "GET /jobs/1", expect: 404 },
  ]);
  // an ended job's stream says so and ends
  assert.equal((await events(world, "owner", world.saved.job)).length, 1);
});

onEveryEngine("a job stops when asked", async (world) => {
  await upload(world, 200000);
  const { status } = await world.ask("owner", `DELETE /jobs/${world.saved.job}`);
  assert.ok(status === 204 || status === 409, `${status}`);
  const job = await world.waitForJob("manager", world.saved.job);
  assert.equal(job.state, status === 204 ? "canceled" : "done");
});
