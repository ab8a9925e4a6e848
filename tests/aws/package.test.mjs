// `./dev package lambda` as its user sees it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
    chmodSync,
    cpSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    realpathSync,
    rmSync,
    symlinkSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { unzipSync } from "fflate";
import { architectureOf, makePackage } from "../../infra/aws/package.mjs";
import { NATIVE, notices, ownLicence } from "../../infra/notices.mjs";
import { BUILD, ROOT } from "../hosts/fakes/module.mjs";
import { NO_PROGRAM, PROGRAM, startFunction } from "../lambda/function.mjs";

const CONFIG = JSON.stringify({
    store: { kind: "memory" },
    apps: { main: { app_key: "12345678", app_secret: { env: "SECRET" } } },
    endpoints: { "/spi/tmall": { platform: "tmall" } },
});

function folder(t) {
    const path = mkdtempSync(join(tmpdir(), "lb-package-"));
    t.after(() => rmSync(path, { recursive: true, force: true }));
    return path;
}

function pack(args, { cwd, env = {}, root = ROOT } = {}) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "infra/aws/package.mjs"), ...args], {
        cwd: cwd ?? root,
        encoding: "utf8",
        env: { ...process.env, ...env },
    });
    return { status, stdout, stderr };
}

/** A program that is a few hundred bytes, but looks like one. */
function fakeProgram({ machine = 62, interpreter = false } = {}) {
    const bytes = Buffer.alloc(64 + 56 + 200, 7);
    bytes.fill(0, 0, 120);
    bytes.writeUInt32BE(0x7f454c46, 0);
    bytes[4] = 2;
    bytes[5] = 1;
    bytes.writeUInt16LE(machine, 18);
    bytes.writeBigUInt64LE(64n, 32);
    bytes.writeUInt16LE(56, 54);
    bytes.writeUInt16LE(1, 56);
    bytes.writeUInt32LE(interpreter ? 3 : 1, 64);
    return bytes;
}

/** The entries by the central directory: what unzip and Lambda go by. */
function directory(zip) {
    const bytes = Buffer.from(zip);
    const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
    const entries = [];
    for (let at = bytes.readUInt32LE(end + 16), i = 0; i < bytes.readUInt16LE(end + 10); ++i) {
        const length = bytes.readUInt16LE(at + 28);
        entries.push({
            name: bytes.toString("utf8", at + 46, at + 46 + length),
            madeBy: bytes[at + 5],
            method: bytes.readUInt16LE(at + 10),
            time: bytes.readUInt16LE(at + 12),
            date: bytes.readUInt16LE(at + 14),
            mode: (bytes.readUInt32LE(at + 38) >>> 16).toString(8),
        });
        at += 46 + length + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    }
    return entries;
}

test("the same bytes twice: other folders, other times, other time zones, other dates and modes of the files", {
    skip: NO_PROGRAM,
}, (t) => {
    const cwd = folder(t);
    const other = join(cwd, "a folder of another name");
    mkdirSync(other);
    cpSync(PROGRAM, join(other, "leadbridge"));
    chmodSync(join(other, "leadbridge"), 0o700);
    utimesSync(join(other, "leadbridge"), 86_400, 86_400);
    for (const path of [join(cwd, "one.json"), join(other, "two.json")]) writeFileSync(path, CONFIG);
    // The repository itself under another path.
    const clone = join(other, "clone");
    mkdirSync(clone);
    for (const name of ["infra", "package.json", "LICENSE"])
        cpSync(join(ROOT, name), join(clone, name), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"));

    const first = pack(["--program", PROGRAM, "--config", join(cwd, "one.json"), "--to", join(cwd, "first.zip")], {
        env: { TZ: "UTC" },
    });
    const second = pack(["--program", "leadbridge", "--config", "two.json", "--to", "second.zip"], {
        cwd: other,
        root: clone,
        env: { TZ: "Asia/Shanghai" },
    });
    assert.deepEqual([first.status, first.stderr, second.status, second.stderr], [0, "", 0, ""]);
    const [one, two] = [join(cwd, "first.zip"), join(other, "second.zip")].map((path) => readFileSync(path));
    assert.ok(one.equals(two));
    assert.deepEqual(directory(one), [
        { name: "bootstrap", madeBy: 3, method: 8, time: 0, date: 33, mode: "100755" }, // 1980-01-01
        { name: "LICENSE", madeBy: 3, method: 8, time: 0, date: 33, mode: "100644" },
        { name: "NOTICES", madeBy: 3, method: 8, time: 0, date: 33, mode: "100644" },
        { name: "leadbridge.json", madeBy: 3, method: 8, time: 0, date: 33, mode: "100644" },
    ]);
    const sum = createHash("sha256").update(one).digest("hex");
    for (const { stdout } of [first, second])
        assert.match(
            stdout,
            new RegExp(
                `${one.length} bytes  x86_64  bootstrap, LICENSE, NOTICES, leadbridge\\.json\\nsha256 ${sum}\\n$`,
            ),
        );
    const files = unzipSync(new Uint8Array(one));
    assert.ok(readFileSync(PROGRAM).equals(files.bootstrap));
    assert.equal(Buffer.from(files["leadbridge.json"]).toString(), CONFIG);
    // Other bytes in, other bytes out.
    assert.notDeepEqual(makePackage({ program: Buffer.from("a") }), makePackage({ program: Buffer.from("b") }));
});

test("every library of the linker's command has its notice in the package, and whole licences are there", {
    skip: NO_PROGRAM,
}, () => {
    const ninja = readFileSync(join(BUILD, "build.ninja"), "utf8");
    const link = /^build leadbridge: .*\n(?: .*\n)*? {2}LINK_LIBRARIES = (.*)$/m.exec(ninja)[1];
    const compiler = /^CMAKE_CXX_COMPILER:[A-Z]+=(.*)$/m.exec(readFileSync(join(BUILD, "CMakeCache.txt"), "utf8"))[1];
    const ask = (program, ...args) => spawnSync(program, args, { encoding: "utf8" }).stdout.trim();
    // What the compiler adds by itself to a static program.
    const implied = ["libstdc++.a", "libgcc.a", "libgcc_eh.a", "libm.a", "libc.a"].map((name) =>
        ask(compiler, `-print-file-name=${name}`),
    );
    const archives = [...link.split(/\s+/).filter((word) => /^\/.*\.a$/.test(word)), ...implied];
    assert.ok(archives.length >= 10, link);
    const text = notices(NATIVE, { root: ROOT, build: BUILD });
    for (const archive of archives) {
        const ours = /\/(curl|pugixml)-native-/.exec(archive)?.[1];
        const owner =
            ours ??
            ask("dpkg", "-S", realpathSync(archive))
                .split(":")[0]
                .replace(/^libgcc-/, "libstdc++-");
        assert.match(text, new RegExp(`^${owner.replaceAll("+", "\\+")} \\d`, "m"), archive);
    }
    // Headers alone leave no archive.
    for (const name of ["nlohmann-json3-dev", "libcli11-dev"]) assert.match(text, new RegExp(`^${name} \\d`, "m"));
    assert.match(text, /^\/usr\/share\/common-licenses\/Apache-2\.0$[\s\S]*TERMS AND CONDITIONS FOR USE/m);
    assert.match(ownLicence(ROOT), /^SPDX-License-Identifier: Apache-2\.0\n[\s\S]*TERMS AND CONDITIONS FOR USE/);
    for (const parts of [
        { debian: ["lib-that-is-not-there-dev"] },
        { compiled: ["none-native"] },
        { npm: ["no-such"] },
    ])
        assert.throws(() => notices(parts, { root: ROOT, build: BUILD }), /the notice of .* is missing/);
    assert.match(notices({ npm: ["fflate"] }, { root: ROOT, build: BUILD }), /^fflate 0\.[\s\S]*MIT License/m);
});

test("the program names no folder it was compiled in", { skip: NO_PROGRAM }, () => {
    const bytes = readFileSync(PROGRAM);
    for (const text of [ROOT, `${homedir()}/`, "/.build-"].filter((each) => each.length > 2))
        assert.equal(bytes.includes(text), false, text);
});

test("unpacked it is a function: bootstrap runs, and finds its configuration", {
    skip: NO_PROGRAM,
}, async (t) => {
    const cwd = folder(t);
    const config = join(cwd, "own.json");
    writeFileSync(config, CONFIG);
    const { status, stderr } = pack(["--program", PROGRAM, "--config", config, "--to", join(cwd, "package.zip")]);
    assert.equal(status, 0, stderr);
    const task = join(cwd, "task");
    mkdirSync(task);
    const zip = readFileSync(join(cwd, "package.zip"));
    const files = unzipSync(new Uint8Array(zip));
    for (const { name, mode } of directory(zip)) {
        writeFileSync(join(task, name), files[name]);
        chmodSync(join(task, name), Number.parseInt(mode, 8) & 0o777);
    }
    const version = spawnSync(join(task, "bootstrap"), ["--version"], { encoding: "utf8" });
    assert.match(version.stdout, /^leadbridge \d/);
    const lambda = await startFunction(t, { cwd: task, env: { SECRET: "fake-secret" } });
    const reply = await lambda.invoke({ kind: "status" });
    assert.equal(reply.kind, "response", reply.text);
});

test("the command line may be named another program, and says what is in the way", (t) => {
    const cwd = folder(t);
    const write = (name, bytes) => {
        writeFileSync(join(cwd, name), bytes);
        return join(cwd, name);
    };
    const to = join(cwd, "out", "package.zip");
    const arm = pack(["--program", write("arm", fakeProgram({ machine: 183 })), "--to", to]);
    assert.match(arm.stdout, /arm64 {2}bootstrap, LICENSE, NOTICES\nsha256 [0-9a-f]{64}\n$/, arm.stderr);
    assert.deepEqual(
        directory(readFileSync(to)).map(({ name }) => name),
        ["bootstrap", "LICENSE", "NOTICES"],
    );
    assert.equal(architectureOf(fakeProgram()), "x86_64");

    const good = write("good", fakeProgram());
    for (const [args, says] of [
        [["--program", write("dynamic", fakeProgram({ interpreter: true }))], /not static/],
        [["--program", write("script", "#!/bin/sh\n")], /no 64-bit Linux program/],
        [["--program", write("riscv", fakeProgram({ machine: 243 }))], /x86_64 or arm64/],
        [["--program", write("cut", fakeProgram().subarray(0, 66))], /not static/],
        [["--program", join(cwd, "absent")], /absent cannot be read: ENOENT/],
        [
            ["--program", good, "--config", join(cwd, "absent.json")],
            /configuration .*absent\.json cannot be read: ENOENT/,
        ],
        [["--program", good, "--config", write("broken.json", '{"apps": ')], /not JSON/],
        [
            [
                "--program",
                good,
                "--config",
                write("wrong.json", '{"sources": {"ads": {"platform": "alimama", "page_size": 0}}, "colour": 1}'),
            ],
            /\/sources\/ads[\s\S]*must/,
        ],
        [
            [
                "--program",
                good,
                "--config",
                write("secret.json", '{"apps": {"main": {"app_key": "1", "app_secret": "in the clear"}}}'),
            ],
            /\/apps\/main\/app_secret must be object/,
        ],
        [["--colour"], /--colour[\s\S]*--program FILE/],
    ]) {
        const { status, stderr, stdout } = pack([...args, "--to", join(cwd, "never.zip")]);
        assert.deepEqual([status, stdout], [1, ""], args.join(" "));
        assert.match(stderr, says);
        assert.doesNotMatch(stderr, /in the clear|at .*\.mjs:\d+/);
    }
    assert.match(pack(["--help"]).stdout, /provided\.al2023/);
});
