// What the rules look at: the files of the repository, and where the build is.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
/** The build folder under test (cmake/tests.cmake says it). */
export const build = resolve(root, process.env.LEADBRIDGE_BUILD ?? "build");

const skipped = new Set([".git", "node_modules", ".wrangler", ".cache"]);

function walk(folder) {
    return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
        const path = folder ? `${folder}/${entry.name}` : entry.name;
        if (skipped.has(entry.name) || /^build(-.*)?$/.test(path)) return [];
        return entry.isDirectory() ? walk(path) : entry.isFile() ? [path] : [];
    });
}

/** Every file that is or would be committed, as paths from the root. Outside a clone: every file. */
export function files() {
    if (!existsSync(join(root, ".git"))) return walk("").sort();
    const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
        cwd: root,
    });
    return [...new Set(listed.toString().split("\0"))].filter((path) => path && existsSync(join(root, path))).sort();
}

export const read = (path) => readFileSync(join(root, path));
export const isCpp = (path) => /\.(cc|h)$/.test(path) && /^(src|wasm|functions|tests|cmake)\//.test(path);
