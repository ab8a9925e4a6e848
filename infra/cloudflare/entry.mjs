// Entry of the deployed Worker; assemble.mjs puts it into build/worker/ beside everything it imports.
import module from "./leadbridge.wasm";
import schema from "./infra/sql/schema.sql";
import statements from "./infra/sql/statements.sql";
import configText from "./config.mjs";
import preview from "./preview.mjs";
import { openD1Store } from "./functions/cloudflare/store_d1.mjs";
import { createWorker } from "./functions/cloudflare/worker.mjs";

export default createWorker({
    module,
    configText,
    preview,
    openStore: (db) => openD1Store(db, { schema, statements }),
});
