// Entry of the Worker under test in cases_worker.test.mjs: the real worker.mjs with configuration, secrets and database as the
// request says, so that one workerd plays every case. POST / {config, secrets, database, call}: one cron event, or the call
// {method, path, query, headers, body (base64)}. `sets`: rows to show.
import module from './leadbridge.wasm';
import schema from './infra/sql/schema.sql';
import statements from './infra/sql/statements.sql';
import { openD1Store } from './functions/cloudflare/store_d1.mjs';
import { createWorker } from './functions/cloudflare/worker.mjs';

const worker = createWorker({ module, openStore: (db) => openD1Store(db, { schema, statements }) });

export default {
  async fetch(request, env) {
    const { config, secrets, database, call, sets = [] } = await request.json();
    const lines = [];
    for (const level of ['log', 'warn', 'error']) console[level] = (text) => lines.push(String(text));
    const bindings = { ...secrets, LEADBRIDGE_CONFIG: config, DB: env[database] };
    let failure = null;
    let response = null;
    try {
      if (call) response = await answerTo(call, bindings);
      else await worker.scheduled({ cron: '* * * * *' }, bindings);
    } catch (error) {
      failure = String(error.message);
    }
    const health = await (await worker.fetch(new Request('http://worker/healthz'), bindings)).text();
    let leads = [];
    const rows = {};
    try {
      leads = (await env[database].prepare('SELECT doc FROM leads ORDER BY sort_at DESC, id DESC').all()).results.map(({ doc }) => doc);
      for (const set of sets) {
        rows[set] = (await env[database].prepare('SELECT doc FROM set_rows WHERE set_name = ? ORDER BY id').bind(set).all()).results.map(({ doc }) => doc);
      }
    } catch {
      // a broken configuration makes no tables
    }
    return Response.json({ failure, lines, health, leads, rows, response });
  },
};

async function answerTo({ method, path, query, headers, body }, bindings) {
  const bytes = Uint8Array.from(atob(body), (unit) => unit.charCodeAt(0));
  const request = new Request(`http://worker${path}${query ? `?${query}` : ''}`, { method, headers, body: method === 'GET' ? undefined : bytes });
  const later = [];
  const answer = await worker.fetch(request, bindings, { waitUntil: (work) => later.push(work) });
  const text = await answer.text();
  await Promise.all(later);
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: text };
}
