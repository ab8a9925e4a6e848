// tests/cases in real workerd with D1, through Miniflare: the real worker.mjs, cron events, the platform on a loopback port.
// Other events than `pull` are the command line's: such steps are left out, and `normalise` ends the case here.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { assemble } from '../../infra/cloudflare/assemble.mjs';
import { startLocalWorker } from '../../infra/dev/local_worker.mjs';
import { allCases, playedOn, setting, stepDifference, withoutClock } from '../cases/play.mjs';
import { startPlatform } from '../cases/server.mjs';
import { NO_MODULE, ROOT, WASM } from './fakes/module.mjs';

const cases = allCases().filter((entry) => playedOn(entry, 'worker'));
const database = (at) => `DB_${at}`;

let started = null;
async function start() {
  const folder = mkdtempSync(join(tmpdir(), 'leadbridge-cases-'));
  const { entry, files } = assemble({ to: join(folder, 'worker'), wasm: WASM });
  copyFileSync(join(ROOT, 'tests/hosts/fakes/cases_entry.mjs'), join(dirname(entry), 'cases_entry.mjs'));
  const modules = { entry, files: ['cases_entry.mjs', ...files.filter((file) => !['worker.mjs', 'config.mjs'].includes(file))] };
  const { worker } = await startLocalWorker(modules, { d1Databases: Object.fromEntries(cases.map((_, at) => [database(at), `case-${at}`])) });
  const platform = await startPlatform();
  return { folder, worker, platform };
}
const host = () => (started ??= start());
test.after(async () => {
  if (!started) return;
  const { folder, worker, platform } = await started;
  await worker.dispose();
  await platform.close();
  rmSync(folder, { recursive: true, force: true });
});

// As the Worker's log hides them.
const withoutNumbers = (value) => JSON.parse(JSON.stringify(value).replace(/\d{7,}/g, (digits) => '#'.repeat(digits.length)));

async function play(entry, at) {
  const { worker, platform } = await host();
  const failures = [];
  for (const [index, step] of entry.steps.entries()) {
    const kind = step.event?.kind ?? 'pull';
    if (kind === 'normalise') break;
    if (kind !== 'pull' || step.event?.sources) continue;
    const { configText, secrets } = setting(entry, step, platform.endpoint);
    platform.play(step);
    const answer = await worker.dispatchFetch('http://worker/', {
      method: 'POST',
      body: JSON.stringify({ config: configText, secrets, database: database(at) }),
    });
    const { failure, lines, health, leads } = await answer.json();
    const logged = lines.map((line) => JSON.parse(line)).find(({ code }) => code === 'pull');
    const expect = withoutClock(step.expect ?? {});
    const failed = expect.exit === 1 || expect.exit === 2;
    if ('exit' in expect && failed !== (failure !== null)) failures.push(`step ${index + 1} exit: wanted ${expect.exit}, came ${failure}`);
    const wanted = { expect: { ...expect, exit: undefined, summary: withoutNumbers(expect.summary ?? {}) } };
    const came = {
      summary: JSON.parse(logged.message),
      leads: leads.map((doc) => withoutClock(JSON.parse(doc))),
      shown: lines.join('\n') + failure + health,
    };
    failures.push(...[...platform.failures(), ...stepDifference(entry, wanted, came, secrets)].map((text) => `step ${index + 1} ${text}`));
  }
  return failures;
}

for (const [at, entry] of cases.entries()) {
  test(`case ${entry.name} in the Worker`, { skip: NO_MODULE }, async () => {
    assert.deepEqual(await play(entry, at), []);
  });
}
