// What Node needs beside index.mjs: the module as a file of this package.
import { readFile } from "node:fs/promises";

/** @returns {Promise<WebAssembly.Module>} */
export const loadModule = async () =>
    WebAssembly.compile(await readFile(new URL("./leadbridge.wasm", import.meta.url)));
