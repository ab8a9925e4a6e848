import type { Engine } from "./wasm/loader.mjs";
import type { Store } from "./functions/host/drive.mjs";

/** The part of Cloudflare's D1Database that is used. */
export interface Database {
    prepare(sql: string): unknown;
    batch(statements: never[]): Promise<unknown[]>;
}
/** Makes and moves the tables by itself. `sql`: the texts of leadbridge/sql/schema.sql and leadbridge/sql/statements.sql. */
export declare function openD1Store(database: Database, sql: { schema: string; statements: string }): Store;

/** A Worker's handlers: cron and calls. Bindings: DB (D1), LEADBRIDGE_CONFIG or `configText`, and the secrets that the configuration names. */
export declare function createWorker(parts: {
    module: WebAssembly.Module;
    openStore: (database: Database) => Store;
    configText?: string;
    preview?: { html: string; policy: string; etag: string } | null;
    openEngine?: (configText: string) => Engine;
}): {
    scheduled(event: unknown, env: Record<string, unknown>, context?: unknown): Promise<void>;
    fetch(request: Request, env: Record<string, unknown>, context?: unknown): Promise<Response>;
};
