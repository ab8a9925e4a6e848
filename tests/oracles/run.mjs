// Second opinions: what the core makes of generated inputs, beside what a foreign library makes of them.
//   node tests/oracles/run.mjs [--sample] [--seed TEXT] [NAME...]    (./dev oracles builds first, then calls this)
// Prints each oracle's agreement by class, and ends with `N oracles at their goal, N under it`. Exit status 1 on any.
//
// tests/oracles/NAME.oracle.mjs exports by default {judge, sizes: {full, sample}, ask(tally, {count, random})}: makes about
// `count` inputs from `random`, asks the core (ask.mjs) and the judge, and tells the tally (tally.mjs).
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createRandom } from "../sandbox/random.mjs";
import { createTally } from "./tally.mjs";

/** Names of the oracles there are. */
export const oracles = () =>
    readdirSync(fileURLToPath(new URL(".", import.meta.url)))
        .filter((name) => name.endsWith(".oracle.mjs"))
        .map((name) => name.slice(0, -".oracle.mjs".length))
        .sort();

/** Asks one oracle. @returns {Promise<{text: string, good: boolean}>} */
export async function consult(name, { sample = false, seed = "oracles" } = {}) {
    const { default: oracle } = await import(`./${name}.oracle.mjs`);
    const tally = createTally();
    const count = sample ? oracle.sizes.sample : oracle.sizes.full;
    await oracle.ask(tally, { count, random: createRandom(seed, name) });
    return tally.report(`${name}, beside ${oracle.judge}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const { values, positionals } = parseArgs({
        options: { sample: { type: "boolean" }, seed: { type: "string" } },
        allowPositionals: true,
    });
    const unknown = positionals.filter((name) => !oracles().includes(name));
    if (unknown.length > 0) {
        console.error(`no oracle ${unknown.join(", ")}; there are: ${oracles().join(" ")}`);
        process.exit(1);
    }
    let under = 0;
    const names = positionals.length > 0 ? positionals : oracles();
    for (const name of names) {
        const started = Date.now();
        const { text, good } = await consult(name, values);
        console.log(`${text}  ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
        if (!good) under += 1;
    }
    console.log(`${names.length - under} oracles at their goal, ${under} under it`);
    process.exitCode = under === 0 ? 0 : 1;
}
