// The built page: the same bytes every time, a policy that fits exactly what is in it, a size somebody looked at.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import test from "node:test";
import { buildPage, headerPolicyOf, policyOf } from "../../functions/preview/build.mjs";

const folder = mkdtempSync(join(tmpdir(), "leadbridge-page-"));
const wasm = join(folder, "fake.wasm");
writeFileSync(wasm, Buffer.from([0, 97, 115, 109, 1, 0, 0, 0]));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test("two builds are the same file", async () => {
    const [one, two] = [await buildPage({ wasm }), await buildPage({ wasm })];
    assert.equal(one.html, two.html);
});

test("every inline part is allowed by its hash, and nothing else is", async () => {
    const { html } = await buildPage({ wasm });
    const policy = Object.fromEntries(
        policyOf(html)
            .split("; ")
            .map((directive) => [directive.split(" ")[0], directive.split(" ").slice(1)]),
    );
    const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => hash(text));
    const styles = [...html.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, text]) => hash(text));
    assert.deepEqual([scripts.length, styles.length], [2, 1]);
    assert.deepEqual(policy["script-src"], [...scripts, "'wasm-unsafe-eval'"]);
    assert.deepEqual(policy["style-src"], styles);
    assert.deepEqual(policy["default-src"], ["'none'"]);
    for (const name of ["base-uri", "form-action"]) assert.deepEqual(policy[name], ["'none'"]);
    assert.deepEqual(policy["img-src"], ["data:", "blob:"]);
    assert.deepEqual(policy["worker-src"], ["blob:"]);
    assert.doesNotMatch(policyOf(html), /'unsafe-inline'|'unsafe-eval'|'self'/);
    assert.match(headerPolicyOf(html), /frame-ancestors 'none'$/);
    // The guard stands before everything else that could act, right behind the policy.
    assert.match(html, /<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="[^"]*">\n<script>/);
    assert.doesNotMatch(html, /\son[a-z]+=["']|\sstyle=["']|\{\{/i);
});

test("without a module it says what to do", async () => {
    await assert.rejects(
        buildPage({ wasm: resolve(folder, "missing.wasm") }),
        /missing\.wasm is not there: build it first with \.\/dev build/,
    );
});

test("script and style stay small: the page without its module", async () => {
    const { sizes } = await buildPage({ wasm });
    console.log(`page without module ${Math.round(sizes.page / 1024)} KB`);
    assert.ok(sizes.page < 360 * 1024, `${sizes.page} bytes`);
});
