// Types of leadbridge; events and summaries: docs/events.md, the lead: docs/lead.md.
import type { Host, Outcome, Store } from "./functions/host/drive.mjs";

export type {
    DriveOptions,
    Host,
    HttpAnswer,
    HttpEffect,
    Outcome,
    Response as CoreResponse,
    Store,
    StoreResult,
} from "./functions/host/drive.mjs";
export { drive, httpByFetch, randomBytes } from "./functions/host/drive.mjs";
export { resolveSecrets } from "./functions/host/config.mjs";
export type { EffectMessage, Engine, Message } from "./wasm/loader.mjs";
export { ABI_VERSION, createEngine, decodeMessage, EngineTrap, encodeMessage } from "./wasm/loader.mjs";

export interface BridgeOptions {
    /** Compiled leadbridge.wasm. */
    module: WebAssembly.Module;
    /** The configuration: an object, or its JSON text (64-bit numbers in it stay whole only as text). */
    config: object | string;
    /** What {"env": "NAME"} of the configuration stands for. */
    secrets?: Record<string, string | undefined>;
    store: Store;
    http?: Host["http"];
    /** UTC milliseconds. */
    now?: () => number;
    log?: Host["log"];
}

export interface Bridge {
    /** One invocation, from its event to its summary. */
    run(event: { kind: string; [field: string]: unknown }, body?: Uint8Array | string): Promise<Outcome>;
}

export declare function createBridge(options: BridgeOptions): Bridge;
/** For trials and tests: everything is gone with the object. */
export declare function openMemoryStore(): Store;
