// The Worker's parts: its handler, and the store over D1. The texts of sql/ and the module are the Worker's to import, as its
// tools do that (wrangler: rules for .sql and .wasm).
export { openD1Store } from "./functions/cloudflare/store_d1.mjs";
export { createWorker } from "./functions/cloudflare/worker.mjs";
