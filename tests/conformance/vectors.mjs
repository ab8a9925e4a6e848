// Runs signature vectors (JSON files) against build/leadbridge.wasm: node tests/conformance/vectors.mjs FILE...
// Prints each failure and ends with `N passed, N failed`. Kinds this version does not know are counted as skipped.
import { readFileSync } from 'node:fs';
import { createEngine } from '../../wasm/loader.mjs';

const moduleFile = process.env.LEADBRIDGE_WASM ?? new URL('../../build/leadbridge.wasm', import.meta.url);
const module = new WebAssembly.Module(readFileSync(moduleFile));

// Java hashes a lone surrogate as '?'.
const asJavaHashes = (text) =>
  text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '?');

function ask(event) {
  const engine = createEngine(module, '{}');
  const head = { v: 1, type: 'start', now: 0, event, random: '00'.repeat(32) };
  engine.feed({ head, body: new Uint8Array() });
  const answer = engine.next();
  engine.close();
  return answer.head.summary;
}

/** Empty text = passed, otherwise what differs. */
function checkTop(vector) {
  const params = {};
  for (const [name, value] of Object.entries(vector.params ?? {})) {
    if (value !== null) params[asJavaHashes(name)] = asJavaHashes(String(value));
  }
  const secret = asJavaHashes(vector.secret);
  const event = { kind: 'sign', sign_method: vector.sign_method ?? '', secret, params };
  if (vector.body !== null && vector.body !== undefined && vector.body_in_sign !== false) event.body = asJavaHashes(vector.body);
  const { base_string: text, sign, error } = ask(event);
  if (error) return error.reason;
  const around = vector.sign_method === 'md5' ? secret : '';
  const behind = ['hmac', 'hmac-sha256'].includes(vector.sign_method) ? '' : secret;
  const expected = vector.base_string === undefined ? undefined : asJavaHashes(vector.base_string);
  if (expected !== undefined && expected !== around + text + behind && expected !== text) return 'base string differs';
  if (sign !== vector.expected_sign) return `sign is ${sign}`;
  if (typeof vector.expected_valid === 'boolean') {
    const judged = ask({ ...event, kind: 'verify', given_sign: vector.given_sign }).valid;
    if (judged !== vector.expected_valid) return 'the given sign is judged wrongly';
  }
  return '';
}

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: node tests/conformance/vectors.mjs FILE...');
  process.exit(1);
}
let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of files) {
  for (const vector of JSON.parse(readFileSync(file, 'utf8'))) {
    if (vector.kind !== 'top') {
      skipped++;
      continue;
    }
    const problem = checkTop(vector);
    if (problem) console.error(`${vector.name}: ${problem}`);
    problem ? failed++ : passed++;
  }
}
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
