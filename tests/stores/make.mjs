// Writes the stores of this version: node tests/stores/make.mjs VERSION [sqlite|d1|dynamodb]..., after ./dev build (README.md).
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HOSTS } from "./hosts.mjs";
import { look, tell } from "./story.mjs";
import { configuration, END, openWorld, wrongKey } from "./world.mjs";

const [version, ...wanted] = process.argv.slice(2);
const folder = join(fileURLToPath(new URL(".", import.meta.url)), version ?? "");
const path = join(folder, "config", "all_platforms.json");
if (!version || !existsSync(path)) {
    console.error("make.mjs VERSION: a folder of tests/stores with config/all_platforms.json in it");
    process.exit(1);
}
/** JSON with a lead a line. */
function lines(seen) {
    const list = (values) => `[\n${values.map((each) => JSON.stringify(each)).join(",\n")}\n]`;
    const members = Object.entries(seen).map(
        ([key, value]) => `${JSON.stringify(key)}: ${Array.isArray(value) ? list(value) : JSON.stringify(value)}`,
    );
    return `{\n${members.join(",\n")}\n}\n`;
}

for (const [name, { open, file }] of Object.entries(HOSTS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const world = await openWorld();
    const secrets = { ...world.secrets, ANOTHER_KEY: wrongKey() };
    const host = await open(secrets);
    try {
        const config = configuration(path, { url: world.url });
        await tell(world, host, config);
        mkdirSync(folder, { recursive: true });
        const text = await host.dump();
        writeFileSync(join(folder, file), text);
        const seen = await look(host, config, END, secrets);
        writeFileSync(join(folder, `${name}.seen.json`), lines(seen));
        console.log(`${name}: ${text.length} bytes, ${seen.leads.length} leads`);
    } finally {
        await host.close();
        await world.close();
    }
}
