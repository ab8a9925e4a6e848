// Types of drive.mjs; effects and inputs: docs/abi.md, the store: docs/store.md.
import type { Engine } from "../../wasm/loader.mjs";

export type StoreResult = {
    outcome: "ok" | "conflict" | "error";
    /** For people, when not ok. */
    reason?: string;
    records?: { key: string; version: number; value: string }[];
    inserted?: number;
    updated?: number;
    unchanged?: number;
    /** docs/store.md, "scans". */
    items?: Record<string, unknown>[];
    /** Token of the next page, empty = no more. */
    next?: string;
    entries?: { id: string; payload: string; attempts: number; lease: string }[];
};

export interface Store {
    /** Marks that expired at `now` or before do not exist. */
    load(keys: string[], now: number): Promise<StoreResult>;
    /** `lines`: the body of the message, one record a line (docs/abi.md). */
    commit(checkpoints: { key: string; expected: number; value: string }[], lines: string): Promise<StoreResult>;
    scan(kind: string, query: Record<string, unknown>, limit: number, page: string): Promise<StoreResult>;
    claim(queue: string, limit: number, leaseMs: number, lease: string, now: number): Promise<StoreResult>;
    settle(
        queue: string,
        entries: {
            id: string;
            lease: string;
            outcome: "done" | "retry" | "dead";
            retry_at: number;
            reason: string;
        }[],
        now: number,
    ): Promise<StoreResult>;
    /** Removes what has expired. */
    purge?(now: number): Promise<unknown>;
}

export interface HttpEffect {
    method: string;
    url: string;
    headers?: [string, string][];
    body?: Uint8Array;
    timeout_ms: number;
    max_bytes: number;
}

export type HttpAnswer =
    | { status: number; headers: [string, string][]; body: Uint8Array }
    | {
          error: {
              kind: "timeout" | "connect" | "dns" | "tls" | "reset" | "too_large" | "other";
              message: string;
          };
      };

export interface Host {
    /** UTC milliseconds. */
    now(): number;
    random(count: number): Uint8Array;
    store: Store;
    /** Left out: fetch. Must not reject. */
    http?(effect: HttpEffect, signal: AbortSignal): Promise<HttpAnswer>;
    /** Left out: setTimeout. */
    wait?(ms: number, signal: AbortSignal): Promise<void>;
    log?(entry: { level: "info" | "warn" | "error"; code: string; message: string }): void;
    /** Called as soon as the core responds, before it is done. */
    respond?(response: Response): void;
}

export interface Response {
    status: number;
    headers: [string, string][];
    body: Uint8Array;
}

export interface Outcome {
    /** 0 done, 1 usage or configuration, 2 something failed, 3 stopped by the budget. */
    exit: 0 | 1 | 2 | 3;
    // biome-ignore lint/suspicious/noExplicitAny: its members depend on the event (docs/events.md)
    summary: Record<string, any>;
    /** What a log may keep of the summary. */
    log?: { level: "info" | "warn" | "error"; code: string; message: string };
    responded: Response | null;
}

export interface DriveOptions {
    /** One of: an open engine, or a module with the configuration. */
    engine?: Engine;
    module?: WebAssembly.Module;
    configText?: string;
    event: { kind: string; [field: string]: unknown };
    body?: Uint8Array | string;
    host: Host;
    /** For crash tests: whatever they throw kills the invocation at that point and rejects. */
    hooks?: {
        before?(effect: object): void | Promise<void>;
        after?(effect: object, result: object): void | Promise<void>;
    };
    /** Raw bytes of every effect, in the order the core gave them. */
    trace?(raw: Uint8Array, head: object): void;
}

export declare function drive(options: DriveOptions): Promise<Outcome>;
export declare function httpByFetch(
    fetcher?: typeof fetch,
): (effect: HttpEffect, signal?: AbortSignal) => Promise<HttpAnswer>;
export declare function wait(ms: number, signal?: AbortSignal): Promise<void>;
export declare function randomBytes(count: number): Uint8Array;
