// clang-tidy (.clang-tidy) over src/ and functions/, with the commands they are compiled by. A file that passed is not looked at
// again until it, a header of ours that it includes, or a check changes.
//   node infra/dev/tidy.mjs [FILE...]
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, homedir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const cacheHome = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
const PASSED = join(process.env.LEADBRIDGE_CACHE ?? join(cacheHome, "leadbridge"), "tidy");

/** The file and every header of ours that it includes, directly or not. */
function included(file, folders, seen = new Set()) {
    seen.add(file);
    for (const [, name] of readFileSync(file, "utf8").matchAll(/^#include "([^"]+)"/gm)) {
        const header = [dirname(file), ...folders].map((folder) => resolve(folder, name)).find(existsSync);
        if (header && !seen.has(header)) included(header, folders, seen);
    }
    return seen;
}

/** @returns {Promise<{file: string, output: string}[]>} what clang-tidy complains of, by file */
export async function tidy({ build = join(ROOT, "build"), root = ROOT, passed = PASSED, only = [] } = {}) {
    const base = createHash("sha256")
        .update(execFileSync("clang-tidy", ["--version"]))
        .update(readFileSync(join(root, ".clang-tidy")))
        .digest("hex");
    const commands = JSON.parse(readFileSync(join(build, "compile_commands.json"), "utf8"))
        .map(({ file, command }) => ({ file, name: relative(root, file), command }))
        .filter(({ name }) => /^(src|functions)\//.test(name) && (only.length === 0 || only.includes(name)));
    mkdirSync(passed, { recursive: true });
    const waiting = commands.map(({ file, name, command }) => {
        const folders = [...command.matchAll(/ -(?:I|isystem )(\S+)/g)].map(([, folder]) => folder);
        const hash = createHash("sha256").update(base).update(command.replaceAll(root, ""));
        for (const path of included(file, folders)) hash.update(readFileSync(path));
        return { file, name, mark: join(passed, hash.digest("hex").slice(0, 32)) };
    });
    const complaints = [];
    const worker = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
            const { file, name, mark } = next;
            if (existsSync(mark)) continue;
            const [error, output] = await new Promise((done) =>
                execFile(
                    "clang-tidy",
                    ["-p", build, "--quiet", file],
                    { maxBuffer: 1 << 26 },
                    (failed, stdout, stderr) => done([failed, failed ? stdout || stderr : stdout]),
                ),
            );
            if (error) complaints.push({ file: name, output });
            else writeFileSync(mark, "");
        }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
    return complaints.sort((a, b) => (a.file < b.file ? -1 : 1));
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
    const complaints = await tidy({ only: process.argv.slice(2).map((path) => relative(ROOT, resolve(path))) });
    for (const { output } of complaints) console.log(output);
    process.exitCode = complaints.length === 0 ? 0 : 1;
}
