// What the compiled programs may ask of the system.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import test from "node:test";
import { build } from "./tree.mjs";

const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28 });

const banned = new Set(
    `socket connect bind listen accept accept4 send sendto sendmsg recv recvfrom recvmsg poll select epoll_create1
     getaddrinfo gethostbyname open open64 openat openat64 creat fopen fopen64 freopen opendir stat stat64 unlink rename
     read write time clock clock_gettime gettimeofday timespec_get localtime localtime_r gmtime gmtime_r mktime strftime
     nanosleep usleep sleep getenv secure_getenv setenv setlocale getrandom getentropy rand rand_r srand random arc4random
     pthread_create fork execve system popen dlopen exit _exit abort printf puts putchar fprintf perror`.split(/\s+/),
);
// C++ spellings of the same (mangled names).
const bannedCpp = [
    /^_ZNSt6chrono.*3nowEv$/, // any clock's now()
    /^_ZNSt13random_device/,
    /^_ZSt[34](cin|cout|cerr|clog)$/,
    /^_ZNSt(7__cxx11)?.*basic_(filebuf|[io]?fstream)/,
    /^_ZNSt10filesystem/,
    /^_ZNSt6thread/,
];

test("the core archive asks the system for nothing", () => {
    const found = run("nm", "-uA", "--format=posix", join(build, "libleadbridge_core.a"))
        .split("\n")
        .map((line) => line.match(/^(?:.*\[(.*)\]: )?(\S+) [UwvW]\b/))
        .filter(Boolean)
        .map(([, object, symbol]) => ({ object, symbol: symbol.replace(/@.*/, "") }));
    assert.ok(found.length > 20, "nm found hardly any symbol: is this the right archive?");
    const wrong = found
        .filter(({ symbol }) => banned.has(symbol) || bannedCpp.some((pattern) => pattern.test(symbol)))
        .map(({ object, symbol }) => `${object} uses ${symbol}`);
    assert.deepEqual(wrong, []);
});

test("the command line is one static file", () => {
    const headers = run("readelf", "-lW", join(build, "leadbridge"));
    assert.doesNotMatch(headers, /INTERP|DYNAMIC/);
});
