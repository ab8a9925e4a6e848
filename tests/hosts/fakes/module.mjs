// The real module, when it is built. LEADBRIDGE_BUILD names another build directory.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(fileURLToPath(import.meta.url), "../../../..");
export const BUILD = resolve(process.env.LEADBRIDGE_BUILD ?? join(ROOT, "build"));
export const WASM = join(BUILD, "leadbridge.wasm");

/** For `skip`: false when the module is there. */
export const NO_MODULE = existsSync(WASM) ? false : `${WASM} is not built`;

let module = null;
export const realModule = () => (module ??= new WebAssembly.Module(readFileSync(WASM)));

let preview = null;
/** The module of the preview page: `preview`, `sign` and `verify`, nothing else. */
export const previewModule = () =>
    (preview ??= new WebAssembly.Module(readFileSync(join(BUILD, "leadbridge-preview.wasm"))));

/** The module that plays a case: previews are none of the bridge's. */
export const moduleOf = ({ steps }) =>
    steps.some(({ event }) => event?.kind === "preview") ? previewModule() : realModule();
