// Accepts the present module: writes its size and exports to the golden file. Look at the difference before committing it.
import { readFileSync, writeFileSync } from "node:fs";
import { golden, measure } from "./measure.mjs";

const { facts } = measure();
let before = "none";
try {
    const { raw_bytes, gzip_bytes } = JSON.parse(readFileSync(golden, "utf8"));
    before = `${raw_bytes} bytes, ${gzip_bytes} gzip`;
} catch {
    // the first baseline
}
writeFileSync(golden, `${JSON.stringify(facts, null, 2)}\n`);
console.log(`before: ${before}\nnow:    ${facts.raw_bytes} bytes, ${facts.gzip_bytes} gzip`);
