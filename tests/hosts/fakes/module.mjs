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
