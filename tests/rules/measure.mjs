// The facts about build/leadbridge.wasm that the golden file beside this one fixes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, root } from "./tree.mjs";

export const golden = join(root, "tests/rules/wasm.golden.json");

export function measure() {
    const bytes = readFileSync(join(build, "leadbridge.wasm"));
    const module = new WebAssembly.Module(bytes);
    return {
        module,
        facts: {
            raw_bytes: bytes.length,
            gzip_bytes: gzipSync(bytes, { level: 9 }).length,
            imports: WebAssembly.Module.imports(module).map(({ module: from, name }) => `${from}.${name}`),
            exports: WebAssembly.Module.exports(module)
                .map(({ name }) => name)
                .sort(),
        },
    };
}
