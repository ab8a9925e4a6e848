// Accepts the present modules: writes their sizes and exports to the golden files. Look at the difference before
// committing it.
import { readFileSync, writeFileSync } from "node:fs";
import { measure, modules } from "./measure.mjs";

for (const [file, golden] of Object.entries(modules)) {
    const { facts } = measure(file);
    let before = "none";
    try {
        const { raw_bytes, gzip_bytes } = JSON.parse(readFileSync(golden, "utf8"));
        before = `${raw_bytes} bytes, ${gzip_bytes} gzip`;
    } catch {
        // the first baseline
    }
    writeFileSync(golden, `${JSON.stringify(facts, null, 2)}\n`);
    console.log(`${file}\nbefore: ${before}\nnow:    ${facts.raw_bytes} bytes, ${facts.gzip_bytes} gzip`);
}
