// leadbridge for JavaScript programs: the module, the loop that drives it, a store for trials. package.mjs puts this file beside
// everything it imports.
import { resolveSecrets } from "./functions/host/config.mjs";
import { drive, httpByFetch, randomBytes } from "./functions/host/drive.mjs";

export { drive, httpByFetch, randomBytes, resolveSecrets };
export { ABI_VERSION, createEngine, decodeMessage, EngineTrap, encodeMessage } from "./wasm/loader.mjs";
export { openMemoryStore } from "./store/memory.mjs";

/**
 * A configuration, a store and a way to the network, ready for events (docs/events.md).
 * @param {import("./index.d.ts").BridgeOptions} options
 */
export function createBridge({ module, config, secrets = {}, store, http = httpByFetch(), now = Date.now, log }) {
    const text = typeof config === "string" ? config : JSON.stringify(config);
    const configText = resolveSecrets(text, (kind, name) => {
        if (kind !== "env") return { failed: `this host cannot read ${kind}`, fix: 'write {"env": "NAME"}' };
        const value = secrets[name];
        return value ? { value } : { missing: `the secret ${name} was not given` };
    });
    const host = { now, random: randomBytes, http, store, log };
    return {
        /** One invocation, from its event to its summary. */
        run: (event, body) => drive({ module, configText, event, body, host }),
    };
}
