// The page through the core as native code: build/bench/page (page_bench.cc), a child process that waits for orders.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export function createNative(program, folder) {
    const child = spawn(program, [folder], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stdin.on("error", () => {}); // its end is reported by the read below
    const read = async () => {
        const { value, done } = await lines.next();
        if (done) throw new Error("the native benchmark ended early");
        return value;
    };
    const ask = (order) => (child.stdin.write(`${order}\n`), read());
    const step = (name) => ({
        measure: async (times) => (await ask(`${name} ${times}`)).split(" ").map(Number),
    });
    const names = [
        "parse",
        "normalise",
        "phones",
        "encode",
        "decrypt",
        "openssl",
        "page",
        "page_known",
        "page_known_plaintext",
        "page_passthrough",
        "page_plaintext",
        "page_private",
        "invocation",
    ];
    return {
        name: "native",
        commit: async () => {
            const checkpoint = await ask("records");
            const records = [];
            for (let left = Number(await read()); left > 0; --left) records.push(await read());
            return { checkpoint, records: records.join("\n") };
        },
        facts: async () => JSON.parse(await ask("facts")),
        firstMs: async () => Number(await ask("first")),
        close: () => child.stdin.end(),
        steps: Object.fromEntries(names.map((name) => [name, step(name)])),
    };
}
