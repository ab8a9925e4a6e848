// The one worker script, in two roles given by the first message: `core` runs events in the module, `data` owns the leads.
import { drive, randomBytes } from "../../host/drive.mjs";
import { createDesk } from "./desk.mjs";

const LONGEST_MS = 180_000; // one piece; a core that takes longer is given up

// ---- core ----------------------------------------------------------------------------------------------------------------------

function serveCore(given) {
    const module = given instanceof WebAssembly.Module ? given : new WebAssembly.Module(given);
    const host = { now: () => Date.now(), random: randomBytes };
    // A fresh instance for every event: nothing of one payload is left for the next, and a trap costs one event.
    return async ({ id, event, bytes }, answer) => {
        const now = Date.now();
        try {
            const { exit, summary } = await drive({ module, configText: "{}", event, body: bytes, host });
            answer({ id, summary: { exit, ...summary }, now });
        } catch (error) {
            answer({
                id,
                summary: {
                    exit: 2,
                    error: { code: "trap", reason: `the core stopped: ${error?.message ?? error}` },
                },
                now,
            });
        }
    };
}

// ---- data ----------------------------------------------------------------------------------------------------------------------

function serveData(width, post) {
    const cores = new Array(width).fill(null); // {port, busy, timer, settle}
    const queue = [];
    let last = 0;

    const dead = (reason, code = "trap") => ({
        summary: { exit: 2, error: { code, reason } },
        now: Date.now(),
    });
    function pump() {
        for (let index = 0; index < width && queue.length > 0; index++) {
            const core = cores[index];
            if (!core || core.settle) continue;
            const { event, bytes, settle } = queue.shift();
            core.id = ++last;
            core.settle = settle;
            core.timer = setTimeout(() => post({ stuck: index }), LONGEST_MS);
            core.port.postMessage({ id: core.id, event, bytes }, [bytes.buffer]);
        }
    }
    function free(index, answer) {
        const core = cores[index];
        if (!core?.settle) return;
        clearTimeout(core.timer);
        const { settle } = core;
        core.settle = null;
        settle(answer);
    }
    const call = (event, bytes) =>
        new Promise((settle) => {
            // What is posted is given away; a view of a larger buffer is copied first.
            queue.push({
                event,
                bytes: bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice(),
                settle,
            });
            pump();
        });
    const desk = createDesk({ call, width });

    return {
        connect(index, port) {
            free(index, dead("the core was ended: it took too long or ran out of memory", "timeout"));
            cores[index] = { port, settle: null, timer: 0, id: 0 };
            port.onmessage = ({ data }) => {
                if (data.id === cores[index].id) free(index, data);
                pump();
            };
            pump();
        },
        async ask({ id, method, args }) {
            try {
                const result = await desk[method](
                    ...args,
                    ...(REPORTING.has(method) ? [(progress) => post({ progress })] : []),
                );
                post({ id, result });
            } catch (error) {
                post({ id, error: String(error?.message ?? error) });
            }
        },
    };
}
const REPORTING = new Set(["load", "loadLeads", "retry", "export"]);

// ---- roles ---------------------------------------------------------------------------------------------------------------------

let core = null;
let data = null;
self.onmessage = ({ data: message }) => {
    if (message.role === "core") {
        core = serveCore(message.module);
        if (message.port)
            message.port.onmessage = ({ data: asked }) => core(asked, (answer) => message.port.postMessage(answer));
    } else if (message.role === "data") {
        data = serveData(message.width, (answer) => postMessage(answer));
    } else if (message.connect !== undefined) data.connect(message.connect, message.port);
    else if (data) data.ask(message);
    else core(message, (answer) => postMessage(answer));
};
