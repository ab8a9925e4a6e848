// Asks the core: natively (build/tests/oracle), or the preview's module, which reads whole payloads.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ABI_VERSION, createEngine } from "../../wasm/loader.mjs";
import { BUILD, realModule } from "../hosts/fakes/module.mjs";

/** What a program answers to each line; a child for everything that is asked. */
function lines(command, args, inputs) {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
        const answers = [];
        createInterface({ input: child.stdout }).on("line", (line) => answers.push(JSON.parse(line)));
        child.on("error", reject);
        child.on("close", (code, signal) => {
            if (code === 0 && answers.length === inputs.length) return resolve(answers);
            const end = signal ?? `exit status ${code}`;
            reject(new Error(`${command} ${args.join(" ")}: ${answers.length} of ${inputs.length} answers, ${end}`));
        });
        child.stdin.on("error", () => {}); // said by `close`
        child.stdin.end(inputs.map((input) => `${Buffer.from(input).toString("base64")}\n`).join(""));
    });
}

/** `what` is a reading of oracle_main.cc. Inputs are text or bytes; one answer each, in order. */
export const askNative = (what, inputs) => lines(join(BUILD, "tests", "oracle"), [what], inputs);

/** The same over a program of a judge's that speaks it too: base64 in, one JSON value out, a line each. */
export const askPython = (script, inputs) => lines("/usr/bin/python3", [join(import.meta.dirname, script)], inputs);

/** The summary of a preview in WebAssembly (docs/preview.md). */
export function askPreview(event, body) {
    const engine = createEngine(realModule(), "{}");
    const head = {
        v: ABI_VERSION,
        type: "start",
        now: 0,
        event: { kind: "preview", ...event },
        random: "00".repeat(32),
    };
    engine.feed({ head, body: Buffer.from(body) });
    const answer = engine.next();
    engine.close();
    return answer.head.summary;
}
