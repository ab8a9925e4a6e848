// `./dev run`: the platform sandbox and the Worker in real workerd with a local database; pulls, lets the platforms call, prints,
// pulls again.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createEngine } from '../../wasm/loader.mjs';
import { openD1Store } from '../../functions/cloudflare/store_d1.mjs';
import { resolveSecrets } from '../../functions/host/config.mjs';
import { drive, randomBytes } from '../../functions/host/drive.mjs';
import * as callers from '../../tests/sandbox/pushers.mjs';
import { createSandbox } from '../../tests/sandbox/sandbox.mjs';
import { startServer } from '../../tests/sandbox/server.mjs';
import { assemble } from '../cloudflare/assemble.mjs';
import { clean, table } from './table.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const BUILD = resolve(process.env.LEADBRIDGE_BUILD ?? join(ROOT, 'build'));
const ROWS = 20;
const MOST_PULLS = 200; // until everything is read, with --once

const USAGE = `./dev run [options]: pull leads into a local Worker, print them, serve the page.
  --port N          where the page is (default 8787; 0 takes a free one)
  --sandbox-port N  where the platform sandbox listens (default 0: a free one)
  --config FILE     your own leadbridge.json instead of the sample account; its data stays in build/run-state/.
                    {"env": NAME} comes from this shell, {"file": PATH} is read beside FILE
  --once            end after everything is pulled: exit status 0, or 2 when a source failed
  --every SECONDS   time between two pulls (default 20)
  --help            this text
Ctrl-C ends everything.`;

/** For people: no stack. */
class Stop extends Error {
  constructor(message, status = 1) {
    super(message);
    this.status = status;
  }
}

const closers = []; // last opened, first closed
let stopping = null;
const stop = () => (stopping ??= (async () => {
  while (closers.length > 0) await closers.pop()().catch(() => {});
})());

async function main() {
  const options = readOptions();
  if (options.help) return console.log(USAGE);
  let wanted; // resolves at Ctrl-C
  const ended = new Promise((resolve) => (wanted = resolve));
  // While the Worker runs, Miniflare ends it on the same signals, at once and with the same exit status.
  for (const [signal, status] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
    process.on(signal, () => {
      if (stopping) process.exit(status);
      wanted();
      stop().then(() => process.exit(status));
    });
  }

  await mustBeFree(options.port, '--port');
  const setup = options.config ? await ownConfiguration(options) : await sample(options);
  if (stopping) return undefined;
  const { startLocalWorker } = await import('./local_worker.mjs'); // takes a second to load: not for --help
  const assembled = assemble({ to: join(BUILD, 'worker'), wasm: join(BUILD, 'leadbridge.wasm') });
  const bridge = await startLocalWorker(assembled, {
    port: options.port,
    persist: setup.persist,
    bindings: { ...setup.bindings, LEADBRIDGE_PAGE: 'loopback' },
    onOutput: showRuntime,
  });
  if (stopping) return bridge.worker.dispose();
  closers.push(() => bridge.worker.dispose());

  const ask = await reader(bridge.worker, setup);
  const seen = new Set();
  const doors = setup.sandbox ? await callEveryDoor(bridge.url, setup) : [];
  let status = await round(bridge.worker, ask, seen);
  doors.forEach(({ line }) => console.log(line));
  if (options.once) {
    for (let i = 0; i < MOST_PULLS && status.exit === 3 && !stopping; ++i) status = await round(bridge.worker, ask, seen);
    sayPreview(bridge, setup);
    console.log(`ready ${bridge.url}`);
    await stop();
    process.exitCode = status.exit === 1 ? 1 : status.exit === 0 && doors.every(({ ok }) => ok) ? 0 : 2;
    return undefined;
  }
  sayPreview(bridge, setup);
  console.log(`ready ${bridge.url}`);
  while (!stopping) {
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, options.every * 1000).unref())]);
    if (!stopping) await round(bridge.worker, ask, seen).catch((error) => stopping || console.error(`run: ${error.message}`));
  }
  return stop();
}

/** The page for leads and signatures; its Live tab wants a token. */
function sayPreview({ url }, { secrets }) {
  console.log(`preview ${url}/preview${secrets ? `  (Live: ${url}, token ${secrets.READ_TOKEN})` : ''}`);
}

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        port: { type: 'string', default: '8787' },
        'sandbox-port': { type: 'string', default: '0' },
        config: { type: 'string' },
        once: { type: 'boolean', default: false },
        every: { type: 'string', default: '20' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    throw new Stop(`${error.message}\n${USAGE}`);
  }
  const integer = (name, least, most) => {
    const value = Number(values[name]);
    if (!/^\d+$/.test(values[name]) || value < least || value > most) throw new Stop(`--${name} takes a number from ${least} to ${most}, not "${values[name]}"`);
    return value;
  };
  return { ...values, port: integer('port', 0, 65_535), sandboxPort: integer('sandbox-port', 0, 65_535), every: integer('every', 1, 86_400) };
}

async function mustBeFree(port, option) {
  if (port === 0) return;
  const probe = createServer();
  await new Promise((resolve, reject) => {
    probe.once('error', (error) => reject(portProblem(error, port, option)));
    probe.listen(port, '127.0.0.1', () => probe.close(resolve));
  });
}

const portProblem = (error, port, option) => {
  if (error.code === 'EADDRINUSE') return new Stop(`port ${port} is in use; end what uses it or choose another with ${option} N`);
  if (error.code === 'EACCES') return new Stop(`port ${port} needs more rights; choose one above 1023 with ${option} N`);
  return error;
};

// ---- what is pulled -----------------------------------------------------------------------------------------------------

async function openSandbox(port, options) {
  const sandbox = createSandbox(options);
  const server = await startServer(sandbox, { port }).catch((error) => {
    throw portProblem(error, port, '--sandbox-port');
  });
  closers.push(() => server.close());
  console.log(`sandbox ${server.url} (plays the platform: ${sandbox.size()} leads)`);
  return { sandbox, url: server.url };
}

const PATHS = { tmall: '/spi/tmall', etc: '/spi/etc', tanma: '/push/tanma' };

/** Made-up accounts on all five platforms; 250 leads of the first, where new ones arrive between the calls. */
async function sample({ sandboxPort }) {
  const newestAt = Date.now();
  const { sandbox, url } = await openSandbox(sandboxPort, {
    newestAt, leads: 250, growth: { perCall: 1 }, tanma: { newestAt, customers: 60 }, etc: { newestAt, rows: 30 }, tmall: { newestAt },
  });
  const { app_key, app_secret, session, mobileCipher, tanma, etc } = sandbox.options;
  const config = {
    tenant: 'sample',
    store: { kind: 'd1' },
    apps: { main: { app_key, app_secret: { env: 'TOP_APP_SECRET' } } },
    sources: {
      ads: { platform: 'alimama', endpoint: `${url}/router/rest`, session: { env: 'TOP_SESSION' }, mobile_cipher: mobileCipher, mobile_key: { env: 'ALIMAMA_RSA_KEY' } },
      scrm: { platform: 'tanma', endpoint: `${url}/tanma`, app_id: tanma.appId, app_key: { env: 'TANMA_APP_KEY' } },
      etc_in: { platform: 'etc', endpoint: `${url}/router/qm`, target_app_key: etc.target_app_key },
    },
    endpoints: {
      [PATHS.tmall]: { platform: 'tmall' },
      [PATHS.etc]: { platform: 'etc' },
      [PATHS.tanma]: { platform: 'tanma', source: 'scrm' },
    },
    backflow: { stats: { platform: 'outinvest', endpoint: `${url}/router/rest`, session: { env: 'TOP_SESSION' } } },
    api: { backflow_token: { env: 'BACKFLOW_TOKEN' }, read_token: { env: 'READ_TOKEN' }, allow_origins: ['null'] },
  };
  const secrets = {
    TOP_APP_SECRET: app_secret, TOP_SESSION: session, ALIMAMA_RSA_KEY: sandbox.keys.privatePem, TANMA_APP_KEY: tanma.appKey,
    BACKFLOW_TOKEN: 'fake-token-of-the-sandbox', READ_TOKEN: 'fake-read-token-of-the-sandbox',
  };
  const configText = JSON.stringify(config);
  return {
    sandbox, secrets,
    bindings: { LEADBRIDGE_CONFIG: configText, ...secrets },
    resolved: resolveSecrets(configText, (_, name) => ({ value: secrets[name] })),
  };
}

/** The platforms call, the merchant brings rows: one line each, with whether every answer was as the platform's page shows. */
async function callEveryDoor(url, { sandbox, secrets }) {
  const { app_key, app_secret, tanma } = sandbox.options;
  const results = [];
  const say = (ok, text) => results.push({ ok, line: clean(`${ok ? 'ok  ' : 'FAIL'} ${text}`) });
  const own = (method, path, body) => fetch(`${url}${path}`, { method, body, headers: { authorization: `Bearer ${secrets.BACKFLOW_TOKEN}` } });

  const tmall = await callers.pushTmallLeads({ url: url + PATHS.tmall, app_key, app_secret, count: 12 });
  const refused = await callers.probeTmall({ url: url + PATHS.tmall, app_key, app_secret });
  say(tmall.wrong.length + refused.wrong.length === 0,
    `tmall pushed ${tmall.answers.length} leads: ${tmall.answers.length - tmall.wrong.length} acknowledged; ${refused.answers.length} badly signed calls refused as the page shows`);

  const pushed = await callers.pushTanmaCustomers({ url: url + PATHS.tanma, appId: tanma.appId, appKey: tanma.appKey, count: 5 });
  say(pushed.wrong.length === 0, `tanma pushed ${pushed.answers.length} encrypted messages: ${pushed.answers.length - pushed.wrong.length} acknowledged with their noise`);

  const rows = etcRows(sandbox);
  const loaded = await own('PUT', '/v1/backflow/etc', rows.map((row) => `${row}\n`).join(''));
  const served = await callers.askEtcPages({ url: url + PATHS.etc, app_key, app_secret });
  say(loaded.status === 200 && served.ended && served.rows.length === rows.length,
    `etc: ${rows.length} rows loaded, ${served.rows.length} served to the platform in ${served.pages} signed queries`);

  const sent = await own('POST', '/v1/backflow/stats?type=2', JSON.stringify(statisticsRow()));
  const arrived = async () => [...sandbox.platforms.outinvest.truth().values()].length;
  for (let i = 0; i < 100 && await arrived() === 0; ++i) await new Promise((resolve) => setTimeout(resolve, 50));
  say(sent.status === 202 && await arrived() === 1, `statistics: ${await arrived()} row pushed to the platform and acknowledged`);
  return results;
}

/** Rows as a merchant's own system would report them: here the sandbox's. */
const etcRows = (sandbox) => [...sandbox.platforms.etc.truth().values()].map(({ fields }) =>
  JSON.stringify(fields, (_, value) => (typeof value === 'bigint' ? Number(value) : value)));

const statisticsRow = () => ({ id: 64, store_id: 3, storeName: 'sample store', aliUv: 1, totalUv: 2, businessType: 1, statisticsDate: china(Date.now()).slice(0, 10) });

async function ownConfiguration({ config: path, sandboxPort }) {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Stop(`${path} cannot be read: ${error.code ?? error.message}`);
  }
  const resolved = resolveSecrets(text, (kind, name) => {
    if (kind === 'env') {
      const value = process.env[name];
      return value ? { value } : { missing: `the environment variable ${name} is not set; run: export ${name}=...` };
    }
    try {
      return { value: readFileSync(resolve(dirname(path), name), 'utf8') };
    } catch (error) {
      return { missing: `the file cannot be read (${error.code}); its path counts from the configuration file's folder` };
    }
  });
  // A configuration that points at the sandbox gets one there.
  if (sandboxPort !== 0 && new RegExp(`"http://(127\\.0\\.0\\.1|localhost):${sandboxPort}/`).test(text)) {
    await openSandbox(sandboxPort, { newestAt: Date.now(), growth: { perCall: 1 } });
  }
  const persist = join(BUILD, 'run-state', `${basename(path, '.json')}-${createHash('sha256').update(resolve(path)).digest('hex').slice(0, 8)}`);
  mkdirSync(persist, { recursive: true });
  return { bindings: { LEADBRIDGE_CONFIG: resolved }, resolved, persist };
}

// ---- one pull, and what it brought --------------------------------------------------------------------------------------

/** Asks the same core, here in Node, about the Worker's database. */
async function reader(worker, { resolved }) {
  const module = new WebAssembly.Module(readFileSync(join(BUILD, 'leadbridge.wasm')));
  const sql = { schema: readFileSync(join(ROOT, 'infra/sql/schema.sql'), 'utf8'), statements: readFileSync(join(ROOT, 'infra/sql/statements.sql'), 'utf8') };
  const store = openD1Store(await worker.getD1Database('DB'), sql);
  const host = { now: Date.now, random: randomBytes, store };
  return (event) => drive({ engine: createEngine(module, resolved), event, host });
}

async function round(worker, ask, seen) {
  await (await worker.getWorker()).scheduled({ cron: '* * * * *' });
  const { exit, summary } = await ask({ kind: 'status', leads: 1000 });
  if (exit !== 0) {
    for (const { path, problem, fix } of summary.errors ?? []) console.log(clean(`configuration: ${path}: ${problem}. ${fix}`));
    if (summary.error) console.log(clean(`${summary.error.code}: ${summary.error.reason}`));
    return { exit };
  }
  const fresh = summary.leads.filter(({ id }) => !seen.has(id));
  const first = seen.size === 0;
  fresh.forEach(({ id }) => seen.add(id));
  if (fresh.length > 0) {
    const total = summary.sources.reduce((sum, { leads }) => sum + leads, 0);
    const shown = someOfEach(fresh, ROWS);
    console.log(`\n${first ? `newest ${shown.length} of ${total} leads, some of every source` : `${shown.length} new`}`);
    table(['submitted', 'source', 'name', 'phone', 'region', 'form', 'id'], shown.map(rowOf)).forEach((line) => console.log(line));
    console.log('');
  }
  for (const source of summary.sources) console.log(statusLine(source));
  const states = summary.sources.map(({ state }) => state);
  return { exit: states.includes('failed') ? 2 : states.includes('budget') || states.includes('conflict') ? 3 : states.includes('parked') ? 2 : 0 };
}

/** At most `limit` leads, newest first, taken in turn from every source. */
function someOfEach(leads, limit) {
  const sources = bySource(leads);
  const taken = new Set();
  for (let turn = 0; taken.size < Math.min(limit, leads.length); ++turn) {
    for (const list of sources.values()) if (list[turn] && taken.size < limit) taken.add(list[turn]);
  }
  return leads.filter((lead) => taken.has(lead));
}

function bySource(leads) {
  const sources = new Map();
  for (const lead of leads) sources.set(lead.source.name, [...(sources.get(lead.source.name) ?? []), lead]);
  return sources;
}

const china = (time) => {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? '' : new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
};

function rowOf(lead) {
  const { province, city, district, source_text: whole } = lead.region ?? {};
  const places = [province, city, district].filter(Boolean).filter((name, i, all) => name !== all[i - 1]);
  const time = lead.times?.submitted ?? lead.times?.created ?? {};
  return [
    china(time.utc ?? lead.source?.received_at), // a push may say no time of its own
    lead.source?.name,
    lead.person?.name ?? lead.person?.nick,
    (lead.phones ?? []).map(({ class: kind, masked }) => masked || kind).join(' '),
    places.join(' ') || whole,
    lead.form?.name ?? lead.page?.name ?? lead.campaign?.name ?? lead.channel?.label,
    lead.source?.lead_id,
  ];
}

function statusLine(source) {
  const run = source.last_run;
  const parts = [`${source.name}: ${source.state}`, `${source.leads} leads`];
  if (run) parts.push(`last run ${run.pages} page${run.pages === 1 ? '' : 's'}, ${run.inserted} new, ${run.updated} updated`);
  else if (source.newest_at) parts.push(`newest ${china(source.newest_at).slice(5)}`);
  if (source.unread > 0) parts.push(`${source.unread} phones not readable${source.unread * 4 < source.leads ? '' : ' (check mobile_key)'}`);
  const covered = (source.covered ?? []).slice(0, 3).map(({ from, to }) => (from === '0' ? `everything up to ${to}` : `${from}..${to}`));
  if (covered.length > 0) parts.push(`complete: ${covered.join(', ')}`);
  if (source.gaps?.length > 0) parts.push(`${source.gaps.length} gap${source.gaps.length === 1 ? '' : 's'} left`);
  if (source.state === 'parked') parts.push(`until ${china(source.parked_until)}`);
  if (source.state !== 'ok' && source.last_error) parts.push(`${source.last_error.code}: ${source.last_error.reason}`);
  if (source.warning) parts.push(source.warning);
  return clean(`${china(Date.now()).slice(11)} ${parts.join(' | ')}`);
}

/** The Worker logs one JSON line per event; what the status lines say anyway is not repeated. */
function showRuntime(line) {
  try {
    const { level, code, message } = JSON.parse(line);
    if (level !== 'info' && code !== 'pull') console.log(clean(`${level} ${code}: ${message}`));
  } catch {
    if (process.env.LEADBRIDGE_DEBUG) console.error(line);
  }
}

main().catch(async (error) => {
  const asked = stopping !== null; // Ctrl-C breaks whatever was under way
  await stop();
  if (asked) return;
  console.error(`run: ${error instanceof Stop || /is not there: build/.test(error.message) ? error.message : error.stack}`);
  process.exitCode = error.status ?? 1;
});
