#!/usr/bin/env node
// The whole Customers request over HTTP (filter, facets, first page as JSON), beside a hand-tuned SQL back end: the same
// customers flat in a SQLite table with an index for each filter, the statements alone, without HTTP or JSON.
// Usage: benchmarks/http.mjs BUILD-FOLDER CUSTOMERS
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';

const [build, customers] = [process.argv[2] ?? 'build', process.argv[3] ?? '1000000'];
const program = `${build}/habitue`;
const folder = `${build}/bench`;
const base = `${folder}/demo-${customers}.db`;
const port = 18990;
const today = '2026-06-30';

mkdirSync(folder, { recursive: true });
execFileSync(program, ['demo', '--db', base, '--customers', customers, '--today', today], { stdio: 'inherit' });

for (const name of readdirSync(folder))
    if (name.startsWith(`demo-${customers}.db-audience-`)) rmSync(`${folder}/${name}`); /* of an earlier run */

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
function call(method, path, { body, headers = {} } = {}) {
    return new Promise((resolve, reject) => {
        const request = http.request({ port, host: '127.0.0.1', agent, method, path, headers }, (answer) => {
            const parts = [];
            answer.on('data', (part) => parts.push(part));
            answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() }));
        });
        request.on('error', reject);
        request.end(body);
    });
}
async function ready() {
    for (let i = 0; i < 600; i++) {
        try {
            if ((await call('GET', '/readyz')).status === 200) return;
        } catch { /* not yet */ }
        await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error('the server did not start');
}
const ms = (from) => Number(process.hrtime.bigint() - from) / 1e6;
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

let server;
process.on('exit', () => server.kill());
async function begin() {
    const started = process.hrtime.bigint();
    server = spawn(program, ['serve', '--db', base, '--listen', `127.0.0.1:${port}`, '--today', today], {
        stdio: ['ignore', 'ignore', 'ignore'],
    });
    await ready();
    console.log(`serving after ${ms(started).toFixed(0)} ms`);
}
function end() {
    const asked = process.hrtime.bigint();
    return new Promise((ended) => {
        server.on('exit', () => {
            console.log(`ended after ${ms(asked).toFixed(0)} ms`);
            ended();
        });
        server.kill();
    });
}
async function firstAnswer(from) {
    const first = process.hrtime.bigint();
    const answer = await call('GET', '/api/v1/customers?limit=0', { headers: { cookie } });
    if (answer.status !== 200) throw new Error(answer.text);
    console.log(`first answer (loads the audience from ${from}): ${ms(first).toFixed(0)} ms`);
    const memory = readFileSync(`/proc/${server.pid}/status`, 'utf8').match(/RssAnon:\s+(\d+)/)[1];
    console.log(`memory of the server: ${(memory / 1024).toFixed(0)} MB`);
}

await begin();
const setup = JSON.parse((await call('GET', '/api/v1/setup')).text);
const owner = setup.demo_logins.find((login) => login.role === 'owner');
const login = await call('POST', '/api/v1/session', {
    body: JSON.stringify({ email: owner.email, password: owner.password }),
    headers: { 'Content-Type': 'application/json' },
});
if (login.status !== 201) throw new Error(`login: ${login.text}`);
const cookie = login.headers['set-cookie'][0].split(';')[0];

await firstAnswer('the base');
await end();
await begin();
await firstAnswer('its file');

const facets = 'gender,age,type,consent,source,store,tag,category,device,country';
const questions = [
    ['everybody', '', '1'],
    ['four terms', 'gender:female age:25..40 consent:sms last_visit:<90d', "gender = 'female' AND birth BETWEEN :b1 AND :b2 AND sms = 1 AND last_visit > :v"],
    ['wide', 'consent:sms', 'sms = 1'],
    ['search', 'mart', "search LIKE '%mart%'"],
];
async function habitue(q, sort) {
    const path = `/api/v1/customers?q=${encodeURIComponent(q)}&sort=${sort}&limit=50&facets=${facets}`;
    const times = [];
    let answer;
    for (let i = 0; i < 60; i++) {
        const from = process.hrtime.bigint();
        answer = await call('GET', path, { headers: { cookie } });
        times.push(ms(from));
        if (answer.status !== 200) throw new Error(`${q}: ${answer.text}`);
    }
    return { median: median(times.slice(10)), answer: JSON.parse(answer.text) };
}

// The flat table: what a careful back end without an engine of its own would keep and index.
const flat = `${folder}/flat-${customers}.db`;
const day = (text) => Math.floor(Date.parse(`${text}T00:00:00Z`) / 86400000);
if (!existsSync(flat) || statSync(flat).mtimeMs < statSync(base).mtimeMs) {
    execFileSync('rm', ['-f', flat]);
    execFileSync('sqlite3', ['-cmd', '.timeout 600000', flat], {
        input: `ATTACH '${base}' AS h;
CREATE TABLE flat AS SELECT c.id, c.first_name, c.last_name, c.gender, c.birth_year * 10000 + c.birth_month * 100 + c.birth_day AS birth,
  c.sms_consent AS sms, c.source_id AS source, c.store_id AS store, c.device, c.country, f.last_visit_day AS last_visit, f.visits,
  f.spent_minor AS spent, f.phone, f.email, lower(coalesce(c.first_name,'') || ' ' || coalesce(c.last_name,'') || ' ' || coalesce(f.email,'')) AS search
  FROM h.customer c JOIN h.customer_facts f ON f.merchant_id = c.merchant_id AND f.customer_id = c.id WHERE c.deleted_us IS NULL;
CREATE TABLE flat_tag AS SELECT customer_id AS id, tag_id AS tag FROM h.customer_tag;
CREATE TABLE flat_category AS SELECT DISTINCT t.customer_id AS id, l.category_id AS category FROM h.transactions t
  JOIN h.transaction_line l ON l.merchant_id = t.merchant_id AND l.transaction_id = t.id WHERE t.customer_id IS NOT NULL;
CREATE UNIQUE INDEX flat_id ON flat (id); CREATE INDEX flat_gender ON flat (gender); CREATE INDEX flat_birth ON flat (birth);
CREATE INDEX flat_visit ON flat (last_visit); CREATE INDEX flat_spent ON flat (spent); CREATE INDEX flat_sms ON flat (sms);
CREATE INDEX flat_tag_id ON flat_tag (id, tag); CREATE INDEX flat_category_id ON flat_category (id, category); ANALYZE;`,
    });
}
function sql(where) {
    const filled = where.replace(':b1', '19851231').replace(':b2', '20010630').replace(':v', String(day(today) - 90));
    const group = (column) => `SELECT count(*) FROM (SELECT ${column}, count(*) FROM flat WHERE ${filled} GROUP BY ${column});`;
    const side = (table, column) => `SELECT count(*) FROM (SELECT ${column}, count(*) FROM ${table} JOIN flat USING (id) WHERE ${filled} GROUP BY ${column});`;
    const script = ['.timer on', `SELECT count(*) FROM flat WHERE ${filled};`,
        `SELECT count(*) FROM (SELECT * FROM flat WHERE ${filled} ORDER BY last_visit DESC LIMIT 50);`,
        ...['gender', 'birth / 100000', 'sms', 'source', 'store', 'device', 'country'].map(group),
        side('flat_tag', 'tag'), side('flat_category', 'category')];
    const round = script.join('\n') + '\n';
    const text = execFileSync('sqlite3', ['-cmd', 'PRAGMA cache_size=-1000000', '-cmd', 'PRAGMA mmap_size=4000000000', flat], { input: round + round + round }).toString();
    const times = [...text.matchAll(/real ([0-9.]+)/g)].map((m) => Number(m[1]) * 1000);
    const rounds = [0, 1, 2].map((i) => times.slice(i * times.length / 3, (i + 1) * times.length / 3).reduce((a, b) => a + b, 0));
    return median(rounds);
}

console.log(`\n${'question'.padEnd(14)}${'matching'.padStart(10)}${'Habitué ms'.padStart(13)}${'SQL ms'.padStart(11)}${'ratio'.padStart(8)}`);
for (const [name, q, where] of questions) {
    const ours = await habitue(q, '-last_visit');
    const theirs = sql(where);
    console.log(`${name.padEnd(14)}${String(ours.answer.matching).padStart(10)}${ours.median.toFixed(2).padStart(13)}${theirs.toFixed(0).padStart(11)}${(theirs / ours.median).toFixed(0).padStart(7)}×`);
}
const deep = [];
for (let i = 0; i < 40; i++) {
    const from = process.hrtime.bigint();
    await call('GET', `/api/v1/customers?sort=-spent&limit=100&offset=${Math.floor(Number(customers) * (i + 1) / 42)}`, { headers: { cookie } });
    deep.push(ms(from));
}
console.log(`a page anywhere in the list, by spend: ${median(deep).toFixed(2)} ms`);
server.kill();
agent.destroy();
