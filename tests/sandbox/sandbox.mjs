import { CIPHERS } from './alimama/cipher.mjs';
import { createAccount } from './alimama/account.mjs';
import { createLeadList, LEAD_LIST } from './alimama/lead_list.mjs';
import { createFaults, FAULT_KINDS } from './faults.mjs';
import { checkCall } from './gateway/check.mjs';
import { collectParams } from './gateway/params.mjs';
import { answer, envelopeName, json, parseExact, renderAnswer } from './gateway/render.mjs';
import { createRandom } from './random.mjs';

/** Every option with its default. All credentials here are fake. */
export const DEFAULTS = {
  seed: 'leadbridge',
  app_key: '12345678',
  app_secret: 'fake0secret0for0the0sandbox00000',
  session: '6100000fake0session0for0the0sandbox',
  expired: [],
  clockSkewMs: 0,
  leads: 250,
  firstId: '221985',
  idStep: 5,
  newestAt: 1693900800000, // 2023-09-05 16:00:00 GMT+8
  leadIntervalMs: 90_000,
  dirtyShare: 0.08,
  seller: { nick: 'XX****旗舰店', userId: '999999999', storeName: '测试店铺名' },
  order: 'desc',
  pageOrder: undefined, // as `order`
  offsetBoundary: 'inclusive',
  maxPageSize: 100,
  duplicateEvery: 0,
  emptyList: 'array',
  dateStyle: 'ms',
  mobileCipher: 'rsa_pkcs1',
  key: undefined,
  keyBits: 1024,
  noiseEvery: 0,
  growth: {},
};

const CHOICES = {
  order: ['desc', 'asc'],
  pageOrder: ['desc', 'asc'],
  offsetBoundary: ['inclusive', 'exclusive'],
  emptyList: ['array', 'missing'],
  dateStyle: ['ms', 'all_ms', 'numeric_text', 'text'],
  mobileCipher: CIPHERS,
};

function withDefaults(given) {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(DEFAULTS, name));
  if (unknown) throw new TypeError(`unknown sandbox option ${unknown}`);
  const options = { ...DEFAULTS, ...given, seller: { ...DEFAULTS.seller, ...given.seller } };
  options.pageOrder ??= options.order;
  for (const [name, values] of Object.entries(CHOICES)) {
    if (!values.includes(options[name])) throw new TypeError(`${name} is ${options[name]}; one of ${values.join(', ')}`);
  }
  for (const [name, least] of Object.entries({ leads: 0, idStep: 1, maxPageSize: 1, duplicateEvery: 0, noiseEvery: 0, leadIntervalMs: 0 })) {
    if (!Number.isSafeInteger(options[name]) || options[name] < least) throw new TypeError(`${name} must be an integer >= ${least}`);
  }
  if (!Number.isInteger(options.keyBits / 16) || options.keyBits < 1024 || options.keyBits > 4096) throw new TypeError('keyBits must be 1024..4096, in steps of 16');
  if (!/^\d{1,19}$/.test(String(options.firstId))) throw new TypeError('firstId must be a decimal integer');
  return options;
}

/**
 * The platforms, without a clock or a socket: the same options and the same calls give the same bytes.
 * See README.md for the options and the faults.
 */
export function createSandbox(given = {}) {
  const options = withDefaults(given);
  const account = createAccount(options);
  const methods = new Map([[LEAD_LIST, createLeadList(account, options)]]);
  const faults = createFaults();
  const expired = new Set(options.expired);
  const random = createRandom(options.seed, 'gateway');
  const calls = [];
  let session = options.session;
  let bannedUntil = 0;

  /** @returns {{status: number, headers: object, body: Buffer, delayMs?: number, hang?: true, reset?: true, cutAfter?: number}} */
  function handle({ method = 'GET', url, headers = {}, body = '' }, nowMs) {
    const clock = nowMs + options.clockSkewMs;
    const target = url.replace(/^[a-z]+:\/\/[^/]*/i, '');
    const cut = target.indexOf('?');
    const path = cut < 0 ? target : target.slice(0, cut);
    const request = {
      httpMethod: method.toUpperCase(),
      query: cut < 0 ? '' : target.slice(cut + 1),
      contentType: Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1],
      body: Buffer.from(body),
    };
    let reply;
    if (path.startsWith('/_sandbox/')) reply = control(request, path, clock);
    else if (path === '/router/rest') reply = topCall(request, clock);
    else reply = answer(404, 'text/html', '<html><body>404 Not Found</body></html>');
    reply.headers = { ...reply.headers, date: new Date(clock).toUTCString() };
    return reply;
  }

  function topCall(request, clock) {
    const n = calls.length + 1;
    grow(n, clock);
    const record = { n, atMs: clock, method: null, offset: null, pageSize: null, outcome: 'ok', ids: [] };
    calls.push(record);

    const { params, body, problem } = collectParams(request);
    record.method = params.get('method') ?? null;
    const envelope = envelopeName(record.method ?? 'unknown');
    const style = {
      format: params.get('format') === 'json' ? 'json' : 'xml',
      simplify: ['true', '1'].includes(params.get('simplify')),
    };
    const request_id = random.token(12);
    const render = (model, change) =>
      renderAnswer({ ...model, request_id }, { ...style, envelope, comment: `top01100${request_id.slice(0, 6)}.center`, ...change });
    const error = (e) => render(e, { envelope: 'error_response' });
    const refuse = (e) => {
      record.outcome = `error:${e.code}`;
      return error(e);
    };

    const refusal = checkCall({ httpMethod: request.httpMethod, params, body, problem }, {
      app_key: options.app_key, app_secret: options.app_secret, session, expired, nowMs: clock,
      needsSession: (name) => methods.get(name)?.needsSession,
    });
    if (refusal) return refuse(refusal);
    if (clock < bannedUntil) return refuse(banError(clock));

    const api = methods.get(record.method);
    const query = api.parse(params);
    if (query.error) return refuse(query.error);
    record.offset = query.offset === null ? null : String(query.offset);
    record.pageSize = query.pageSize;

    const page = ({ offset = query.offset, ...change } = {}) => {
      const { ids, model } = api.run({ ...query, offset });
      record.ids = ids;
      return render(model, change);
    };
    const fault = faults.take(n);
    if (!fault) return page();
    record.outcome = `fault:${fault.kind}`;
    return FAULT_KINDS[fault.kind](fault, {
      page, error, envelope, random,
      failed: (code, text) => render(api.failed(code, text)),
      ban: (seconds) => {
        bannedUntil = clock + seconds * 1000;
        return error(banError(clock));
      },
    });
  }

  const banError = (clock) => ({
    code: 7,
    msg: 'App Call Limited',
    sub_code: 'accesscontrol.limited-by-app-access-count',
    sub_msg: `This ban will last for ${Math.ceil((bannedUntil - clock) / 1000)} more seconds`,
  });

  function grow(n, clock) {
    const { perCall = 0, bursts = [] } = options.growth;
    let count = n > 1 ? perCall : 0;
    for (const burst of bursts) if (burst.atCall === n) count += burst.count;
    if (count > 0) account.add(count, clock);
  }

  function state(clock) {
    return {
      calls: calls.length,
      lastCalls: calls.slice(-20),
      leads: account.size(),
      ...account.range(),
      faults: faults.pending(),
      banSeconds: Math.max(0, Math.ceil((bannedUntil - clock) / 1000)),
    };
  }

  /** The control door of a running sandbox. */
  function control({ httpMethod, body }, path, clock) {
    const send = (status, value) => answer(status, 'application/json', json(value));
    try {
      switch (`${httpMethod} ${path}`) {
        case 'GET /_sandbox/state':
          return send(200, state(clock));
        case 'GET /_sandbox/truth':
          return send(200, Object.fromEntries(account.truth()));
        case 'GET /_sandbox/config': {
          const { app_key, app_secret, mobileCipher, maxPageSize } = options;
          return send(200, { app_key, app_secret, session, mobileCipher, maxPageSize, keys: account.keys });
        }
        case 'POST /_sandbox/faults': {
          const entries = JSON.parse(body);
          for (const entry of [entries].flat()) faults.push(entry);
          return send(200, { faults: faults.pending() });
        }
        case 'DELETE /_sandbox/faults':
          faults.clear();
          return send(200, { faults: [] });
        case 'POST /_sandbox/leads': {
          const { add = 0n, late = 0n, modify = [], patch } = parseExact(body.toString());
          const ids = account.add(Number(add), clock);
          for (let i = 0; i < Number(late); i++) ids.push(account.addLate());
          for (const id of [modify].flat()) {
            account.modify(id, clock, patch);
            ids.push(String(id));
          }
          return send(200, { ids });
        }
        default:
          return send(404, { error: `no ${httpMethod} ${path}` });
      }
    } catch (error) {
      return send(400, { error: error.message });
    }
  }

  return {
    handle,
    options,
    faults,
    calls,
    keys: account.keys,
    state: (nowMs) => state(nowMs + options.clockSkewMs),
    addLeads: (count, nowMs) => account.add(count, nowMs + options.clockSkewMs),
    addLateLead: (nowMs, where) => account.addLate(where),
    modifyLead: (id, nowMs, patch) => account.modify(id, nowMs + options.clockSkewMs, patch),
    /** Refuses a session from now on (default: the present one). */
    expireSession: (value = session) => { expired.add(value); },
    /** What a new authorisation gives. */
    renewSession: (value) => { session = value; expired.delete(value); },
    truth: account.truth,
    size: account.size,
  };
}
