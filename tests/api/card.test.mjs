// The card as staff edit it: profile, tags, notes, tasks, photo, ready message, delete and restore.
import assert from "node:assert/strict";
import { onEveryEngine } from "./harness.mjs";
import { jpegSize, png } from "./pictures.mjs";

const today = "2026-03-14";
const anna = {
  first_name: "Anna", last_name: "Rossi", nickname: "la rossa", gender: "female", birthday: "--02-29", language: "it", source: "Web",
  phones: [{ value: "06 12 34 56 78", label: "mobile" }, { value: "+39 02 1234 5678", label: null }],
  emails: [{ value: "Anna@Example.com", label: "home" }],
  addresses: [{ kind: "home", street: "1 rue de la Paix", postcode: "69002", city: "Lyon", country: "FR" }, { kind: "work", street: null, postcode: null, city: "Nice", country: "FR" }],
  dates: [{ name: "Wedding", month: 6, day: 20, year: 2015 }, { name: "Name day", month: 7, day: 26, year: null }],
  instagram: "@annarossi", website: "annarossi.example",
};
const wrong = [
  [{ first_name: "x".repeat(101) }, "first_name", "field_too_long"],
  [{ gender: "f" }, "gender", "field_choice"],
  [{ birthday: "1990-02-29" }, "birthday", "profile_birthday_bad"],
  [{ birthday: "--02-30" }, "birthday", "profile_birthday_bad"],
  [{ birthday: "14/03/90" }, "birthday", "profile_birthday_bad"],
  [{ birthday: "2026-03-15" }, "birthday", "profile_birthday_future"],
  [{ birthday: "1800-01-01" }, "birthday", "profile_birthday_old"],
  [{ language: "xx" }, "language", "profile_language"],
  [{ website: "javascript://alert.1" }, "website", "profile_website"],
  [{ website: "not a site" }, "website", "profile_website"],
  [{ phones: "0612345678" }, "phones", "profile_not_list"],
  [{ phones: [{ value: "12" }] }, "phones.0.value", /^profile_phone_/],
  [{ phones: [{ value: "0612345678" }, { value: "+33 6 12 34 56 78" }] }, "phones.1.value", "profile_contact_twice"],
  [{ phones: [{ value: "0612345678", label: "car" }] }, "phones.0.label", "profile_choice"],
  [{ phones: [{ value: "0612345678", colour: "red" }] }, "phones.0", "field_unknown"],
  [{ phones: ["0612345678"] }, "phones.0", "profile_not_object"],
  [{ phones: Array.from({ length: 11 }, (_, i) => ({ value: `06123456${10 + i}` })) }, "phones", "field_too_many"],
  [{ emails: [{ value: "anna@" }] }, "emails.0.value", "profile_email_invalid"],
  [{ emails: [{ value: "a@b.example" }, { value: "A@B.example" }] }, "emails.1.value", "profile_contact_twice"],
  [{ emails: [{ value: 5 }] }, "emails.0.value", "field_not_text"],
  [{ emails: [{}] }, "emails.0.value", "field_required"],
  [{ addresses: [{ kind: "home" }] }, "addresses.0.street", "field_required"],
  [{ addresses: [{ city: "Lyon", country: "ZZ" }] }, "addresses.0.country", "profile_country"],
  [{ addresses: Array(6).fill({ city: "Lyon" }) }, "addresses", "field_too_many"],
  [{ dates: [{ name: "x", month: 2, day: 30 }] }, "dates.0.day", "profile_date_bad"],
  [{ dates: [{ name: "x", month: 2, day: 29, year: 2023 }] }, "dates.0.day", "profile_date_bad"],
  [{ dates: [{ name: "", month: 2, day: 2 }] }, "dates.0.name", "field_required"],
  [{ dates: [{ name: "x", month: "2", day: 2 }] }, "dates.0.month", "field_not_integer"],
  [{ first_name: "x", store_id: "1" }, "store_id", "profile_store_unknown"],
  [{ first_name: "x", store_id: "${elsewhere}" }, "store_id", "profile_store_unknown"],
  [{ colour: "red" }, "colour", "field_unknown"],
];

onEveryEngine("a customer is made and edited; what is wrong is told by field", async (world) => {
  const refused = (line, version) => wrong.map(([body, field, code]) => ({ as: "owner", do: line, body, version, expect: 422, has: { field, code: (c) => (code instanceof RegExp ? code.test(c) : c === code) } }));
  await world.steps([
    { as: "owner", do: "POST /customers", body: {}, expect: 422, has: { code: "profile_nobody" } },
    ...refused("POST /customers"),
    { as: "owner", do: "GET /customers?limit=0", has: { total: 0 } },
    { as: "owner", do: "POST /customers", body: { ...anna, store_id: "${lyon}" }, expect: 201, save: { anna: "id", version: "version" }, has: {
      number: 1, birthday: "--02-29", store: "Lyon", source: "Web", website: "https://annarossi.example", anonymous: false,
      phones: [{ value: "+33612345678", label: "mobile" }, { value: "+390212345678", label: null }], emails: [{ value: "Anna@Example.com", label: "home" }],
      addresses: [{ city: "Lyon" }, { kind: "work", city: "Nice" }], dates: [{ name: "Wedding", year: 2015 }, { name: "Name day", year: null }] } },
    { as: "owner", do: "GET /customers/${anna}", has: { row: { name: "Anna Rossi", city: "Lyon", country: "FR", phone: "+33612345678", email: "Anna@Example.com", registered: today, birthday: "--02-29", source: "Web" },
      phones: [{ label: "mobile" }, {}], social: { instagram: "@annarossi", website: "https://annarossi.example" }, addresses: [{ street: "1 rue de la Paix" }, {}], dates: [{}, {}] } },
    ...refused("PATCH /customers/${anna}/profile", 2),
    { as: "owner", do: "PATCH /customers/${anna}/profile", body: { nickname: "x" }, expect: 428 },
    { as: "owner", do: "PATCH /customers/${anna}/profile", body: { nickname: "x" }, version: 1, expect: 412, has: { code: "stale" } },
    { as: "owner", do: "GET /customers/${anna}/profile", has: { version: 2, nickname: "la rossa" }, then: ({ headers }) => assert.equal(headers.get("etag"), '"2"') },
    { as: "owner", do: "PATCH /customers/${anna}/profile", body: {}, version: 2, has: { version: 2 } },
    // the second becomes the main one, in the list too
    { as: "owner", do: "PATCH /customers/${anna}/profile", version: 2, has: { version: 3, nickname: null, birthday: "1990-03-14" },
      body: { nickname: null, birthday: "1990-03-14", phones: [{ value: "+390212345678", label: "home" }, { value: "0612345678" }], addresses: [{ kind: "work", city: "Nice", country: "FR" }], source: "WEB" } },
    { as: "manager", do: "PATCH /customers/${anna}/profile", body: { last_name: "Bianchi" }, version: 2, expect: 412 },
    { as: "owner", do: "GET /customers?q=0612345678", has: { items: [{ phone: "+390212345678", city: "Nice", source: "Web", age: 36 }] } },
    { as: "owner", do: "GET /customers?q=city:nice", has: { matching: 1 } },
    { as: "owner", do: "PATCH /customers/${anna}/profile", version: 3, body: { first_name: "", last_name: null, phones: [], emails: null, addresses: [], gender: null, birthday: null, store_id: null, dates: [] },
      has: { first_name: null, phones: [], emails: [], gender: null, birthday: null, store_id: null, dates: [] } },
    { as: "owner", do: "GET /customers/${anna}", has: { row: { name: "", phone: null, email: null, city: null } } },
    { as: "owner", do: "GET /audit?entity=customer&limit=2", has: { items: [{ action: "customer.update", detail: { first_name: { from: "Anna", to: "" }, phones: { from: "+390212345678 (home), +33612345678", to: "" } } }, { action: "customer.update", detail: { nickname: { from: "la rossa", to: "" } } }] } },
    { as: "owner", do: "GET /customers/${anna}/activity?kind=edit", has: { items: [{ actor: "Owner Test", detail: { fields: (f) => f.includes("phones") } }, {}] } },
    { as: "other", do: "GET /customers/${anna}/profile", expect: 404 },
  ]);
  assert.equal(world.cli(["check", "--merchant", "shop"], {}).status, 0, world.cli(["check", "--merchant", "shop"], {}).out);
}, { today });

onEveryEngine("associates edit the customers of their stores; the same line is told", async (world) => {
  await world.steps([
    { as: "owner", do: "POST /customers", body: { first_name: "Nina", store_id: "${nice}", phones: [{ value: "0612345678" }] }, expect: 201, save: { nina: "id" } },
    { as: "associate", do: "POST /customers", body: { first_name: "Luc", store_id: "${nice}" }, expect: 422, has: { code: "profile_store_not_yours" } },
    { as: "associate", do: "POST /customers", body: { first_name: "Luc", store_id: null }, expect: 422, has: { code: "field_required" } },
    { as: "associate", do: "POST /customers", body: { first_name: "Luc", emails: [{ value: "luc@x.example" }] }, expect: 201, has: { store: "Lyon" }, save: { luc: "id" } },
    { as: "associate", do: "GET /customers/${nina}/profile", expect: 404 },
    { as: "associate", do: "PATCH /customers/${nina}/profile", body: { first_name: "x" }, version: 2, expect: 404 },
    { as: "associate", do: "POST /customers/${nina}/tags", body: { add: ["x"] }, expect: 404 },
    { as: "associate", do: "POST /customers/${nina}/notes", body: { text: "x" }, expect: 404 },
    { as: "associate", do: "POST /customers/${nina}/tasks", body: { text: "x" }, expect: 404 },
    { as: "associate", do: "POST /customers/${nina}/photo", raw: "x", expect: 404 },
    { as: "associate", do: "PATCH /customers/${luc}/profile", body: { store_id: "${nice}" }, version: 2, expect: 422, has: { code: "profile_store_not_yours" } },
    { as: "associate", do: "DELETE /customers/${luc}", expect: 403 },
    { as: "associate", do: "POST /customers/same", body: { phones: ["+33 6 12 34 56 78", "nonsense"], emails: ["LUC@x.example"] }, has: { items: [{ by: "email", customer: { id: "${luc}" } }], hidden: 1 } },
    { as: "owner", do: "POST /customers/same", body: { phones: ["0612345678"] }, has: { items: [{ by: "phone", value: "+33612345678", customer: { id: "${nina}" } }], hidden: 0 } },
    { as: "owner", do: "POST /customers/same", body: { phones: ["0612345678"], except: "${nina}" }, has: { items: [] } },
    { as: "owner", do: "POST /customers/same", body: {}, has: { items: [], hidden: 0 } },
    { as: "owner", do: "POST /customers/same", body: { phones: [1] }, expect: 422, has: { field: "phones" } },
    { as: "other", do: "POST /customers/same", body: { phones: ["+33612345678"] }, has: { items: [], hidden: 0 } },
  ]);
}, { today });

onEveryEngine("tags, with those that are there to choose from", async (world) => {
  await world.steps([
    { as: "owner", do: "POST /customers", body: { first_name: "Anna", store_id: "${lyon}" }, expect: 201, save: { anna: "id" } },
    { as: "associate", do: "POST /customers/${anna}/tags", body: { add: ["Wi-Fi", "Été"] }, expect: 204 },
    { as: "associate", do: "POST /customers/${anna}/tags", body: { add: ["wi-fi"] }, expect: 204 },
    { as: "owner", do: "GET /customers/${anna}", has: { tags: (tags) => tags.length === 2, version: 3 } },
    { as: "owner", do: "GET /customers?q=tag:ete", has: { matching: 1 } },
    { as: "owner", do: "GET /words?kind=tag&q=WI", has: { items: ["Wi-Fi"] } },
    { as: "owner", do: "GET /words?kind=tag&q=%25", has: { items: (items) => items.length === 2 } },
    { as: "owner", do: "GET /words?kind=size", expect: 422 },
    { as: "owner", do: "POST /customers/${anna}/tags", body: { remove: ["wi fi", "unknown"] }, expect: 204 },
    { as: "owner", do: "GET /customers/${anna}", has: { tags: [{ name: "Été" }] } },
    { as: "owner", do: "POST /customers/${anna}/tags", body: { add: [""] }, expect: 422, has: { field: "add" } },
    { as: "owner", do: "POST /customers/${anna}/tags", body: { add: "x" }, expect: 422, has: { code: "profile_not_list" } },
    { as: "owner", do: "POST /customers/${anna}/tags", body: { add: ["x".repeat(101)] }, expect: 422, has: { code: "field_too_long" } },
    { as: "owner", do: "GET /audit?action=customer.tag&limit=1", has: { items: [{ detail: { tags: { from: "wi fi", to: "" } } }] } },
  ]);
}, { today });

onEveryEngine("notes and tasks", async (world) => {
  const notes = "/customers/${anna}/notes", tasks = "/customers/${anna}/tasks";
  await world.steps([
    { as: "owner", do: "POST /customers", body: { first_name: "Anna", store_id: "${lyon}" }, expect: 201, save: { anna: "id" } },
    { as: "owner", do: "POST /customers", body: { first_name: "Nina", store_id: "${nice}" }, expect: 201, save: { nina: "id" } },
    { as: "associate", do: `POST ${notes}`, body: { text: "  " }, expect: 422, has: { field: "text" } },
    { as: "associate", do: `POST ${notes}`, body: { text: "x".repeat(4001) }, expect: 422, has: { code: "field_too_long" } },
    { as: "associate", do: `POST ${notes}`, body: { text: "Likes silk\nand tea" }, expect: 201, has: { author: "Associate Test", pinned: false, may_change: true }, save: { note: "id" } },
    { as: "owner", do: `PATCH ${notes}/\${note}`, body: { text: "Likes wool" }, version: 1, expect: 403, has: { code: "note_not_yours" } },
    { as: "owner", do: `PATCH ${notes}/\${note}`, body: { pinned: true }, version: 1, has: { pinned: true, may_change: false, may_delete: true, version: 2 } },
    { as: "associate", do: `PATCH ${notes}/\${note}`, body: { text: "x" }, expect: 428 },
    { as: "associate", do: `PATCH ${notes}/\${note}`, body: { text: "Likes linen" }, version: 1, expect: 412 },
    { as: "associate", do: `PATCH ${notes}/\${note}`, body: { text: "Likes linen" }, version: 2, has: { text: "Likes linen", version: 3 } },
    { as: "owner", do: `POST ${notes}`, body: { text: "Owner's own" }, expect: 201, save: { own: "id" } },
    { as: "associate", do: `DELETE ${notes}/\${own}`, expect: 403 },
    { as: "owner", do: `GET ${notes}`, has: { items: [{ text: "Likes linen" }, { text: "Owner's own" }] } },
    { as: "owner", do: "GET /customers/${anna}/activity?kind=note", has: { items: [{ text: "Owner's own" }, { text: "Likes linen", actor: "Associate Test" }] } },
    { as: "owner", do: `DELETE ${notes}/\${note}`, expect: 204 },
    { as: "owner", do: `DELETE ${notes}/\${note}`, expect: 404 },
    { as: "owner", do: `PATCH ${notes}/\${note}`, body: { pinned: false }, version: 4, expect: 404 },
    { as: "owner", do: "GET /customers/${anna}/activity?kind=note", has: { items: [{ text: "Owner's own" }, { text: null }] } },
    { as: "owner", do: `POST ${notes}/\${note}/restore`, has: { text: "Likes linen", pinned: true } },
    { as: "owner", do: `POST ${notes}/\${note}/restore`, expect: 404 },
    { as: "owner", do: "DELETE /customers/${nina}/notes/${note}", expect: 404 },

    { as: "associate", do: "GET /tasks/assignees", has: { items: (items) => items.length === 3 } },
    { as: "owner", do: `POST ${tasks}`, body: { text: "" }, expect: 422 },
    { as: "owner", do: `POST ${tasks}`, body: { text: "x", due: "2026-02-30" }, expect: 422, has: { field: "due" } },
    { as: "owner", do: `POST ${tasks}`, body: { text: "x", assignee_id: "${other_id}" }, expect: 422, has: { code: "task_assignee_unknown" } },
    { as: "owner", do: "POST /customers/${nina}/tasks", body: { text: "x", assignee_id: "${associate_id}" }, expect: 422, has: { code: "task_assignee_blind", field: "assignee_id" } },
    { as: "owner", do: "POST /customers/${nina}/tasks", body: { text: "Call Nina", due: "2026-04-01" }, expect: 201 },
    { as: "owner", do: `POST ${tasks}`, body: { text: "Call Anna", due: "2026-03-13", assignee_id: "${associate_id}" }, expect: 201, has: { assignee: "Associate Test", author: "Owner Test", done_at: null }, save: { call: "id" } },
    { as: "associate", do: `POST ${tasks}`, body: { text: "Order silk", assignee_id: "${associate_id}" }, expect: 201, save: { order: "id" } },
    { as: "associate", do: "GET /tasks/count", has: { open: 2, due: 1 } },
    { as: "associate", do: "GET /tasks", has: { today, items: [{ text: "Call Anna", customer: { name: "Anna" } }, { text: "Order silk", due: null }] } },
    { as: "associate", do: "GET /tasks?who=all", has: { items: [{}, {}] } },
    { as: "owner", do: "GET /tasks?who=all", has: { items: [{ text: "Call Anna" }, { text: "Call Nina" }, { text: "Order silk" }] } },
    { as: "owner", do: "GET /tasks", has: { items: [] } },
    { as: "associate", do: `PATCH ${tasks}/\${call}`, body: { done: true }, version: 1, has: { done_by: "Associate Test", version: 2 } },
    { as: "associate", do: `PATCH ${tasks}/\${call}`, body: { done: true }, version: 2, has: { version: 2 } },
    { as: "owner", do: `PATCH ${tasks}/\${call}`, body: { text: "x" }, version: 1, expect: 412 },
    { as: "associate", do: "GET /tasks?state=done", has: { items: [{ text: "Call Anna", done_by: "Associate Test" }] } },
    { as: "associate", do: "GET /tasks/count", has: { open: 1, due: 0 } },
    { as: "associate", do: `PATCH ${tasks}/\${call}`, body: { done: false, due: null, assignee_id: null, text: "Write to Anna" }, version: 2, has: { done_at: null, done_by: null, due: null, assignee: null, text: "Write to Anna" } },
    { as: "owner", do: "GET /customers/${anna}/activity?kind=task", has: { items: [{ detail: { what: "open" } }, { detail: { what: "done" } }, { text: "Order silk" }, { text: "Write to Anna", detail: { what: "added" } }] } },
    { as: "owner", do: `DELETE ${tasks}/\${order}`, expect: 204 },
    { as: "owner", do: `GET ${tasks}`, has: { items: [{ text: "Write to Anna" }] } },
    { as: "owner", do: `POST ${tasks}/\${order}/restore`, has: { text: "Order silk" } },
    // desk work is no act of the customer's: it registers nobody
    { as: "owner", do: "GET /customers/${anna}", has: { visits: { registered: today, total: 0 } } },
    { as: "owner", do: "DELETE /customers/${anna}", expect: 204 },
    { as: "owner", do: "GET /tasks?who=all", has: { items: [{ text: "Call Nina" }] } },
    { as: "associate", do: "GET /tasks/count", has: { open: 0 } },
  ]);
}, { today });

onEveryEngine("deleted and brought back; an anonymous one registers", async (world) => {
  await world.steps([
    { as: "owner", do: "POST /customers", body: { first_name: "Anna", store_id: "${lyon}" }, expect: 201, save: { anna: "id" } },
    { as: "owner", do: "GET /customers/${anna}/deleted", expect: 404 },
    { as: "owner", do: "POST /customers/${anna}/restore", expect: 404 },
    { as: "manager", do: "DELETE /customers/${anna}", expect: 204 },
    { as: "manager", do: "DELETE /customers/${anna}", expect: 404 },
    { as: "owner", do: "GET /customers/${anna}", expect: 404 },
    { as: "owner", do: "GET /customers?limit=0", has: { total: 0 } },
    { as: "associate", do: "GET /customers/${anna}/deleted", expect: 403 },
    { as: "manager", do: "GET /customers/${anna}/deleted", has: { name: "Anna", number: 1 } },
    { as: "other", do: "POST /customers/${anna}/restore", expect: 404 },
    { as: "manager", do: "POST /customers/${anna}/restore", expect: 204 },
    { as: "owner", do: "GET /customers/${anna}", has: { row: { name: "Anna" } } },
    { as: "owner", do: "GET /audit?entity=customer&limit=2", has: { items: [{ action: "customer.restore" }, { action: "customer.delete", detail: { name: "Anna", number: "1" } }] } },
    // its external number went to somebody else meanwhile
    { as: "owner", do: "POST /customers", body: { first_name: "Nina", store_id: "${nice}" }, expect: 201, save: { nina: "id" } },
    { as: "manager", do: "DELETE /customers/${nina}", expect: 404 },
    { as: "owner", do: "DELETE /customers/${anna}", expect: 204, then: () => world.sql("UPDATE customer SET external_id = 'C-1'") },
    { as: "owner", do: "POST /customers/${anna}/restore", expect: 409, has: { code: "profile_external_taken", args: { number: "2" } } },
    { as: "owner", do: "POST /customers", body: { nickname: "Somebody" }, expect: 201, save: { somebody: "id" }, then: () => world.sql("UPDATE customer SET anonymous = 1 WHERE nickname = 'Somebody'") },
    { as: "owner", do: "PATCH /customers/${somebody}/profile", body: { nickname: "Someone" }, version: 2, has: { anonymous: true } },
    { as: "owner", do: "PATCH /customers/${somebody}/profile", body: { emails: [{ value: "a@b.example" }] }, version: 3, has: { anonymous: false, number: 3 } },
    { as: "owner", do: "GET /customers/${somebody}", has: { row: { anonymous: false, number: 3 } } },
  ]);
}, { today });

onEveryEngine("a photo: made square, served for ever under its own address, taken away", async (world) => {
  const bomb = png(4, 4);
  bomb.writeUInt32BE(60000, 16);
  const cut = png(300, 200).subarray(0, 400);
  await world.steps([
    { as: "owner", do: "POST /customers", body: { first_name: "Anna", store_id: "${lyon}" }, expect: 201, save: { anna: "id" } },
    { as: "owner", do: "POST /customers/${anna}/photo", raw: "not a picture", expect: 422, has: { code: "image_unknown" } },
    { as: "owner", do: "POST /customers/${anna}/photo", raw: "", expect: 422 },
    { as: "owner", do: "POST /customers/${anna}/photo", raw: bomb, expect: 422, has: { code: "image_too_many_pixels" } },
    { as: "owner", do: "POST /customers/${anna}/photo", raw: cut, expect: 422, has: { code: "image_broken" } },
    { as: "owner", do: "GET /customers/${anna}", has: { row: { photo: null } } },
    { as: "owner", do: "DELETE /customers/${anna}/photo", expect: 404 },
    { as: "associate", do: "POST /customers/${anna}/photo", raw: png(300, 200), type: "image/png", has: { photo: /photos/ }, save: { photo: "photo" } },
    { as: "owner", do: "GET /customers/${anna}", has: { row: { photo: "${photo}" } } },
    { as: "owner", do: "GET /customers", has: { items: [{ photo: "${photo}" }] } },
    { as: "owner", do: "GET /customers?q=has:photo&limit=0", has: { matching: 1 } },
  ]);
  const cookie = { Cookie: world.people.owner.cookie };
  for (const [query, side] of [["", 96], ["?size=large", 200]]) {
    const answer = await fetch(world.url + world.saved.photo + query, { headers: cookie });
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.equal(answer.headers.get("content-type"), "image/jpeg");
    assert.match(answer.headers.get("cache-control"), /private.*immutable/);
    assert.deepEqual(jpegSize(bytes), [side, side]);
    assert.ok(!bytes.includes("Exif"));
    const again = await fetch(world.url + world.saved.photo + query, { headers: { ...cookie, "If-None-Match": answer.headers.get("etag") } });
    assert.equal(again.status, 304);
  }
  assert.equal((await fetch(world.url + world.saved.photo)).status, 401);
  assert.equal((await fetch(world.url + world.saved.photo, { headers: { Cookie: world.people.other.cookie } })).status, 404);
  await world.steps([
    { as: "owner", do: "POST /customers/${anna}/photo", raw: png(40, 40), has: { photo: (url) => url !== world.saved.photo } },
    { as: "owner", do: "GET ${photo}", expect: 404, check: false },
    { as: "owner", do: "DELETE /customers/${anna}/photo", expect: 204 },
    { as: "owner", do: "GET /customers?q=has:photo&limit=0", has: { matching: 0 } },
    { as: "owner", do: "GET /audit?action=photo.remove", has: { items: [{ actor: "Owner Test" }] } },
  ]);
}, { today });

onEveryEngine("a ready message, in the customer's language", async (world) => {
  await world.steps([
    { as: "owner", do: "POST /customers", body: { first_name: "Anna", language: "it", store_id: "${lyon}" }, expect: 201, save: { anna: "id" } },
    { as: "owner", do: "GET /customers/${anna}/message", has: { kind: "invite", language: "it", text: /^Buongiorno Anna,\n\n.*Lyon.*Shop$/s } },
    { as: "owner", do: "POST /customers", body: { last_name: "Smith", language: "zh" }, expect: 201, save: { smith: "id" } },
    { as: "owner", do: "GET /customers/${smith}/message", has: { kind: "invite", language: "en", text: /^Hello,/ } },
    { as: "other", do: "GET /customers/${smith}/message", expect: 404 },
  ]);
}, { today });
