// `./dev run`: the platform sandbox and a host of the core on this machine; pulls, lets the platforms call, prints, pulls again.
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { callEveryDoor } from "./run/doors.mjs";
import { mustBeFree } from "./run/ports.mjs";
import { ownConfiguration, sample } from "./run/setup.mjs";
import { showStatus } from "./run/show.mjs";
import { Stop } from "./run/stop.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const BUILD = resolve(process.env.LEADBRIDGE_BUILD ?? join(ROOT, "build"));
const HOSTS = ["worker", "lambda"];
const MOST_PULLS = 200; // until everything is read, with --once

const USAGE = `./dev run [options]: pull leads into a local host, print them, let the platforms call it.
  --host NAME       worker: the Worker in workerd with a local D1, serves the page (default)
                    lambda: the static bootstrap behind a Runtime API, a function URL and a queue; DynamoDB and SQS emulated
  --port N          where it is called (default 8787; 0 takes a free one)
  --sandbox-port N  where the platform sandbox listens (default 0: a free one)
  --config FILE     your own leadbridge.json instead of the sample account; its data stays in build/run-state/.
                    {"env": NAME} comes from this shell, {"file": PATH} is read beside FILE
  --once            end after everything is pulled: exit status 0, or 2 when a source failed
  --every SECONDS   time between two pulls (default 20)
  --help            this text
Ctrl-C ends everything.`;

const closers = []; // last opened, first closed
let stopping = null;
const stop = () =>
    (stopping ??= (async () => {
        while (closers.length > 0)
            await closers
                .pop()()
                .catch(() => {});
    })());

async function main() {
    const options = readOptions();
    if (options.help) return console.log(USAGE);
    let wanted; // resolves at Ctrl-C
    const ended = new Promise((resolve) => (wanted = resolve));
    // While the Worker runs, Miniflare ends it on the same signals, at once and with the same exit status.
    for (const [signal, status] of [
        ["SIGINT", 130],
        ["SIGTERM", 143],
        ["SIGHUP", 129],
    ]) {
        process.on(signal, () => {
            if (stopping) process.exit(status);
            wanted();
            stop().then(() => process.exit(status));
        });
    }

    await mustBeFree(options.port, "--port");
    const setup = await (options.config ? ownConfiguration : sample)({ ...options, build: BUILD }, closers);
    if (stopping) return undefined;
    const { openHost } = await import(`./run/host_${options.host}.mjs`);
    const host = await openHost(setup, { root: ROOT, build: BUILD, port: options.port });
    if (stopping) return host.close();
    closers.push(() => host.close());

    const seen = new Set();
    const round = async () => {
        await host.pull();
        return showStatus(await host.ask({ kind: "status", leads: 1000 }), seen);
    };
    const doors = setup.sandbox ? [...(await callEveryDoor(host.url, setup)), ...(await host.doors())] : [];
    let status = await round();
    doors.forEach(({ line }) => console.log(line));
    if (options.once) {
        for (let i = 0; i < MOST_PULLS && status === 3 && !stopping; ++i) status = await round();
        sayPreview(host, setup);
        console.log(`ready ${host.url}`);
        await stop();
        process.exitCode = status === 1 ? 1 : status === 0 && doors.every(({ ok }) => ok) ? 0 : 2;
        return undefined;
    }
    sayPreview(host, setup);
    console.log(`ready ${host.url}`);
    while (!stopping) {
        await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, options.every * 1000).unref())]);
        if (!stopping) await round().catch((error) => stopping || console.error(`run: ${error.message}`));
    }
    return stop();
}

/** The page for leads and signatures; its Live tab wants a token. */
function sayPreview({ url, preview }, { secrets }) {
    console.log(`preview ${preview}${secrets.READ_TOKEN ? `  (Live: ${url}, token ${secrets.READ_TOKEN})` : ""}`);
}

function readOptions() {
    let values;
    try {
        ({ values } = parseArgs({
            options: {
                host: { type: "string", default: HOSTS[0] },
                port: { type: "string", default: "8787" },
                "sandbox-port": { type: "string", default: "0" },
                config: { type: "string" },
                once: { type: "boolean", default: false },
                every: { type: "string", default: "20" },
                help: { type: "boolean", short: "h", default: false },
            },
        }));
    } catch (error) {
        throw new Stop(`${error.message}\n${USAGE}`);
    }
    const integer = (name, least, most) => {
        const value = Number(values[name]);
        if (!/^\d+$/.test(values[name]) || value < least || value > most)
            throw new Stop(`--${name} takes a number from ${least} to ${most}, not "${values[name]}"`);
        return value;
    };
    if (!HOSTS.includes(values.host)) throw new Stop(`--host is ${HOSTS.join(" or ")}, not "${values.host}"`);
    return {
        ...values,
        port: integer("port", 0, 65_535),
        sandboxPort: integer("sandbox-port", 0, 65_535),
        every: integer("every", 1, 86_400),
    };
}

main().catch(async (error) => {
    const asked = stopping !== null; // Ctrl-C breaks whatever was under way
    await stop();
    if (asked) return;
    console.error(
        `run: ${error instanceof Stop || /is not there: build/.test(error.message) ? error.message : error.stack}`,
    );
    process.exitCode = error.status ?? 1;
});
