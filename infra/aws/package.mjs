// `./dev package lambda`: the static program as `bootstrap`, its licence and notices, and a configuration beside it, in a zip for AWS
// Lambda. The same input gives the same bytes, anywhere and at any time (docs/decisions/015-lambda-package.md).
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { zipSync } from "fflate";
import { checkConfig, Problem } from "../config_check.mjs";
import { NATIVE, notices, ownLicence } from "../notices.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const BUILD = resolve(process.env.LEADBRIDGE_BUILD ?? join(ROOT, "build"));
const MOST_BYTES = 50 * 1024 * 1024; // of a zip that Lambda takes
const UNIX = 3;
const FILE = 0o100000; // st_mode of a regular file

const USAGE = `./dev package lambda [options]: build/leadbridge-lambda.zip for the runtimes provided.al2023 and provided.al2.
  --config FILE    goes into the package as leadbridge.json (without it: LEADBRIDGE_CONFIG of the function)
  --program FILE   another static program than build/leadbridge, for example one for arm64
  --to FILE        another place for the zip
  --help           this text`;

const MACHINES = new Map([
    [62, "x86_64"],
    [183, "arm64"],
]);
const PT_INTERP = 3;

/** What Lambda must be told of the program: 'x86_64' or 'arm64'. Refuses what would not start there. */
export function architectureOf(program) {
    const isElf = program.length > 64 && program.readUInt32BE(0) === 0x7f454c46 && program[4] === 2 && program[5] === 1; // 64 bits, little end first
    const machine = isElf ? MACHINES.get(program.readUInt16LE(18)) : undefined;
    if (!machine) throw new Problem("the program is no 64-bit Linux program for x86_64 or arm64");
    const [offset, size, count] = [
        Number(program.readBigUInt64LE(32)),
        program.readUInt16LE(54),
        program.readUInt16LE(56),
    ];
    for (let at = offset; at < offset + size * count; at += size) {
        if (at + 4 > program.length || program.readUInt32LE(at) === PT_INTERP)
            throw new Problem("the program is not static: on Lambda its libraries would be missing");
    }
    return machine;
}

/** @param {{program: Buffer, config?: Buffer, texts?: Record<string, string>}} files @returns {Uint8Array} */
export function makePackage({ program, config, texts = {} }) {
    // The date as a zip has it: no time zone, nothing before 1980. Everybody may read: Lambda runs it as a user of its own.
    const entry = (bytes, mode) => [
        bytes,
        { level: 9, mtime: new Date(1980, 0, 1), os: UNIX, attrs: ((FILE | mode) << 16) >>> 0 },
    ];
    return zipSync({
        bootstrap: entry(program, 0o755),
        ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, entry(Buffer.from(text), 0o644)])),
        ...(config ? { "leadbridge.json": entry(config, 0o644) } : {}),
    });
}

/** Our licence, and what the authors of the linked libraries want to be passed on. */
function texts() {
    try {
        return { LICENSE: ownLicence(ROOT), NOTICES: notices(NATIVE, { root: ROOT, build: BUILD }) };
    } catch (error) {
        throw new Problem(error.message);
    }
}

function read(path, what) {
    try {
        return readFileSync(path);
    } catch (error) {
        throw new Problem(`${what} ${path} cannot be read: ${error.code ?? error.message}`);
    }
}

function main(args) {
    let options;
    try {
        options = parseArgs({
            args,
            options: {
                config: { type: "string" },
                program: { type: "string" },
                to: { type: "string" },
                help: { type: "boolean", short: "h", default: false },
            },
        }).values;
    } catch (error) {
        throw new Problem(`${error.message}\n${USAGE}`);
    }
    if (options.help) return console.log(USAGE);
    const program = read(resolve(options.program ?? join(BUILD, "leadbridge")), "the program");
    const architecture = architectureOf(program);
    const config = options.config === undefined ? undefined : read(resolve(options.config), "the configuration");
    if (config) checkConfig(config.toString());
    const zip = makePackage({ program, config, texts: texts() });
    if (zip.length > MOST_BYTES)
        throw new Problem(`the package has ${zip.length} bytes; Lambda takes no more than ${MOST_BYTES}`);
    const to = resolve(options.to ?? join(BUILD, "leadbridge-lambda.zip"));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, zip);
    console.log(
        `${relative(process.cwd(), to) || to}  ${zip.length} bytes  ${architecture}  bootstrap, LICENSE, NOTICES${config ? ", leadbridge.json" : ""}`,
    );
    console.log(`sha256 ${createHash("sha256").update(zip).digest("hex")}`);
    return undefined;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
    try {
        main(process.argv.slice(2));
    } catch (error) {
        if (!(error instanceof Problem)) throw error;
        console.error(`package: ${error.message}`);
        process.exitCode = 1;
    }
}
