// The built page in a real headless Chromium: opened from disk or from a server on loopback, with the browser's own network log.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const BUILD = resolve(process.env.LEADBRIDGE_BUILD ?? join(ROOT, 'build'));
export const PAGE_FILE = join(BUILD, 'leadbridge-preview.html');
export const SHOTS = join(BUILD, 'preview-shots');
mkdirSync(SHOTS, { recursive: true });

const onPath = (name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)).find((path) => existsSync(path));
const QUIET = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** @returns a browser with `log()`: every address its network stack was asked for, after close() */
export async function launch() {
  const executablePath = onPath('chromium');
  assert.ok(executablePath, 'chromium is not there: run infra/dev/setup.sh --browser');
  const folder = mkdtempSync(join(tmpdir(), 'preview-net-'));
  const file = join(folder, 'net.json');
  const browser = await chromium.launch({ executablePath, args: [...QUIET, `--log-net-log=${file}`] });
  const close = async () => {
    await browser.close();
    const addresses = existsSync(file) ? addressesOf(readFileSync(file, 'utf8')) : null;
    rmSync(folder, { recursive: true, force: true });
    return addresses;
  };
  return { browser, close };
}

/** From Chromium's net log: what was requested, and the names that were looked up. Works on a log that was cut off. */
function addressesOf(text) {
  const found = new Set();
  for (const [, url] of text.matchAll(/"url":"((?:[^"\\]|\\.)*)"/g)) found.add(JSON.parse(`"${url}"`));
  return { read: text.includes('"constants"'), urls: [...found] };
}

/** A page with what it complained about and asked for. Errors fail the test in `done`, unless they were expected. */
export async function open(browser, { from = 'file', base, hash = '', lang = 'zh-CN', theme = 'light', width = 1280, height = 900, touch = false, ...more } = {}) {
  const context = await browser.newContext({ locale: lang, colorScheme: theme, viewport: { width, height }, hasTouch: touch, acceptDownloads: true, ...more });
  const page = await context.newPage();
  const errors = [];
  const requests = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => errors.push(`uncaught: ${error.stack ?? error}`));
  context.on('request', (request) => requests.push(request.url()));
  const address = from === 'file' ? pathToFileURL(PAGE_FILE).href : base;
  await page.goto(address + hash);
  await page.locator('[role=tab][aria-selected=true]').waitFor();
  return {
    page, context, errors, requests, address,
    async done({ expected = [] } = {}) {
      const left = errors.filter((error) => !expected.some((pattern) => pattern.test(error)));
      await context.close();
      assert.deepEqual(left, []);
    },
  };
}

/** The page on loopback, with the policy a static host would send, and a list of all that was asked. */
export async function serve({ headers = {}, answer } = {}) {
  const asked = [];
  const html = readFileSync(PAGE_FILE);
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (answer && answer(request, response)) return;
    if (request.url.split('?')[0] !== '/') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(html);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin, base: `${origin}/`, asked,
    close: () => new Promise((done) => {
      server.closeAllConnections();
      server.close(done);
    }),
  };
}

export const goTab = async (page, name) => {
  await page.locator(`#tab-${name}`).click();
  await page.locator(`#panel-${name}:not([hidden])`).waitFor({ state: 'attached' });
};
export const shot = (page, name, options = {}) => page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true, ...options });
