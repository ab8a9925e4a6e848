// `./dev run --host worker`: the assembled Worker in real workerd with a local D1.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createEngine } from "../../../wasm/loader.mjs";
import { openD1Store } from "../../../functions/cloudflare/store_d1.mjs";
import { resolveSecrets } from "../../../functions/host/config.mjs";
import { drive, randomBytes } from "../../../functions/host/drive.mjs";
import { assemble } from "../../cloudflare/assemble.mjs";
import { withStore } from "./setup.mjs";
import { showLog } from "./show.mjs";

/** @type {import('./setup.mjs').OpenHost} */
export async function openHost(setup, { root, build, port }) {
    const { startLocalWorker } = await import("../local_worker.mjs"); // takes a second to load: not for --help
    const text = setup.own ? setup.text : withStore(setup.text, { kind: "d1" });
    const resolved = resolveSecrets(text, setup.look);
    const folder = mkdtempSync(join(build, "run-worker-")); // of its own: two runs may be going on
    process.once("exit", () => rmSync(folder, { recursive: true, force: true })); // also when Miniflare ends the process on a signal
    const assembled = assemble({ to: folder, wasm: join(build, "leadbridge.wasm") });
    const { worker, url } = await startLocalWorker(assembled, {
        port,
        persist: setup.persist,
        bindings: {
            LEADBRIDGE_CONFIG: setup.own ? resolved : text,
            ...setup.secrets,
            LEADBRIDGE_PAGE: "loopback",
        },
        onOutput: showLog,
    });
    let asker;
    return {
        url,
        preview: `${url}/preview`,
        doors: async () => [],
        pull: async () => (await worker.getWorker()).scheduled({ cron: "* * * * *" }),
        ask: async (event) => (asker ??= await reader(worker, resolved, { root, build }))(event),
        close: () => worker.dispose(),
    };
}

/** Asks the same core, here in Node, about the Worker's database. */
async function reader(worker, resolved, { root, build }) {
    const module = new WebAssembly.Module(readFileSync(join(build, "leadbridge.wasm")));
    const sql = {
        schema: readFileSync(join(root, "infra/sql/schema.sql"), "utf8"),
        statements: readFileSync(join(root, "infra/sql/statements.sql"), "utf8"),
    };
    const store = openD1Store(await worker.getD1Database("DB"), sql);
    const host = { now: Date.now, random: randomBytes, store };
    return (event) => drive({ engine: createEngine(module, resolved), event, host });
}
