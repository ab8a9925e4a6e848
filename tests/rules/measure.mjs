// The facts about build/leadbridge.wasm and build/leadbridge-preview.wasm that the golden files beside this one fix.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, root } from "./tree.mjs";

export const modules = {
    "leadbridge.wasm": join(root, "tests/rules/wasm.golden.json"),
    "leadbridge-preview.wasm": join(root, "tests/rules/wasm-preview.golden.json"),
};

export function measure(file) {
    const bytes = readFileSync(join(build, file));
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
