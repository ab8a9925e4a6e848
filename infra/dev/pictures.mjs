// `./dev pictures`: the pictures of README and docs, as the test of the page's looks takes them.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const BUILD = resolve(process.env.LEADBRIDGE_BUILD ?? join(ROOT, "build"));
const PICTURES = { "leads-zh-light-1280.png": "leads.png" };

execFileSync(process.execPath, ["--test", join(ROOT, "tests/preview/browser/looks.test.mjs")], { stdio: "inherit" });
mkdirSync(join(ROOT, "docs/pictures"), { recursive: true });
for (const [shot, picture] of Object.entries(PICTURES)) {
    copyFileSync(join(BUILD, "preview-shots", shot), join(ROOT, "docs/pictures", picture));
    console.log(`docs/pictures/${picture}`);
}
