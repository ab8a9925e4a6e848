// What `./dev run` pulls: made-up accounts in the platform sandbox, or a configuration of one's own. The host adds its store.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { createSandbox } from "../../../tests/sandbox/sandbox.mjs";
import { startServer } from "../../../tests/sandbox/server.mjs";
import { portProblem } from "./ports.mjs";
import { Stop } from "./stop.mjs";

/**
 * @typedef {object} Setup
 * @property {string} text configuration with references to secrets and, for the sample, without a store
 * @property {boolean} own whether it is somebody's own
 * @property {string} folder paths in it count from here
 * @property {(kind: 'env'|'file', name: string) => {value: string}|{missing: string}} look where its secrets are
 * @property {Record<string, string>} secrets of the sample, by name
 * @property {object} [sandbox]
 * @property {string} [persist] where the host may keep what it stores
 *
 * @typedef {object} Host
 * @property {string} url where platforms call
 * @property {() => Promise<unknown>} pull what its schedule does
 * @property {(event: object) => Promise<{exit: number, summary: object}>} ask
 * @property {() => Promise<{ok: boolean, line: string}[]>} doors that only this host has
 * @property {() => Promise<unknown>} close
 *
 * @typedef {(setup: Setup, options: {root: string, build: string, port: number}) => Promise<Host>} OpenHost
 */

async function openSandbox(port, options, closers) {
    const sandbox = createSandbox(options);
    const server = await startServer(sandbox, { port }).catch((error) => {
        throw portProblem(error, port, "--sandbox-port");
    });
    closers.push(() => server.close());
    console.log(`sandbox ${server.url} (plays the platform: ${sandbox.size()} leads)`);
    return { sandbox, url: server.url };
}

export const PATHS = { tmall: "/spi/tmall", etc: "/spi/etc", tanma: "/push/tanma" };

/** Made-up accounts on all five platforms; 250 leads of the first, where new ones arrive between the calls. @returns {Promise<Setup>} */
export async function sample({ sandboxPort }, closers) {
    const newestAt = Date.now();
    const { sandbox, url } = await openSandbox(
        sandboxPort,
        {
            newestAt,
            leads: 250,
            growth: { perCall: 1 },
            tanma: { newestAt, customers: 60 },
            etc: { newestAt, rows: 30 },
            tmall: { newestAt },
        },
        closers,
    );
    const { app_key, app_secret, session, mobileCipher, tanma, etc } = sandbox.options;
    const config = {
        tenant: "sample",
        apps: { main: { app_key, app_secret: { env: "TOP_APP_SECRET" } } },
        sources: {
            ads: {
                platform: "alimama",
                endpoint: `${url}/router/rest`,
                session: { env: "TOP_SESSION" },
                mobile_cipher: mobileCipher,
                mobile_key: { env: "ALIMAMA_RSA_KEY" },
            },
            scrm: {
                platform: "tanma",
                endpoint: `${url}/tanma`,
                app_id: tanma.appId,
                app_key: { env: "TANMA_APP_KEY" },
            },
            etc_in: { platform: "etc", endpoint: `${url}/router/qm`, target_app_key: etc.target_app_key },
        },
        endpoints: {
            [PATHS.tmall]: { platform: "tmall" },
            [PATHS.etc]: { platform: "etc" },
            [PATHS.tanma]: { platform: "tanma", source: "scrm" },
        },
        backflow: {
            stats: { platform: "outinvest", endpoint: `${url}/router/rest`, session: { env: "TOP_SESSION" } },
        },
        api: {
            backflow_token: { env: "BACKFLOW_TOKEN" },
            read_token: { env: "READ_TOKEN" },
            allow_origins: ["null"],
        },
    };
    const secrets = {
        TOP_APP_SECRET: app_secret,
        TOP_SESSION: session,
        ALIMAMA_RSA_KEY: sandbox.keys.privatePem,
        TANMA_APP_KEY: tanma.appKey,
        BACKFLOW_TOKEN: "fake-token-of-the-sandbox",
        READ_TOKEN: "fake-read-token-of-the-sandbox",
    };
    return {
        own: false,
        sandbox,
        secrets,
        text: JSON.stringify(config),
        folder: process.cwd(),
        look: (_, name) => ({ value: secrets[name] }),
    };
}

/** @returns {Promise<Setup>} */
export async function ownConfiguration({ config: path, sandboxPort, build, host }, closers) {
    let text;
    try {
        text = readFileSync(path, "utf8");
    } catch (error) {
        throw new Stop(`${path} cannot be read: ${error.code ?? error.message}`);
    }
    const look = (kind, name) => {
        if (kind === "env") {
            const value = process.env[name];
            return value
                ? { value }
                : { missing: `the environment variable ${name} is not set; run: export ${name}=...` };
        }
        if (kind !== "file")
            return {
                failed: `a local run fetches nothing from AWS (${kind})`,
                fix: 'write {"env": "NAME"} for this run',
            };
        try {
            return { value: readFileSync(resolve(dirname(path), name), "utf8") };
        } catch (error) {
            return {
                missing: `the file cannot be read (${error.code}); its path counts from the configuration file's folder`,
            };
        }
    };
    // A configuration that points at the sandbox gets one there.
    if (sandboxPort !== 0 && new RegExp(`"http://(127\\.0\\.0\\.1|localhost):${sandboxPort}/`).test(text)) {
        await openSandbox(sandboxPort, { newestAt: Date.now(), growth: { perCall: 1 } }, closers);
    }
    const name = `${basename(path, ".json")}-${createHash("sha256").update(resolve(path)).digest("hex").slice(0, 8)}`;
    const persist = join(build, "run-state", host === "worker" ? name : `${name}-${host}`);
    mkdirSync(persist, { recursive: true });
    return { own: true, secrets: {}, text, folder: dirname(resolve(path)), look, persist };
}

/** The configuration text with this store instead of its own. Edited, never parsed and written again: a 64-bit id must not pass a JavaScript number. */
export function withStore(text, store) {
    const member = `"store":${JSON.stringify(store)}`;
    const place = memberOf(text, "store");
    if (place) return text.slice(0, place.from) + member + text.slice(place.to);
    const open = text.indexOf("{");
    if (open < 0) return text; // the program says what is wrong with it
    const empty = /^\s*\}/.test(text.slice(open + 1));
    return `${text.slice(0, open + 1)}${member}${empty ? "" : ","}${text.slice(open + 1)}`;
}

/** Where a member of the outermost object stands, its name included. */
function memberOf(text, name) {
    let depth = 0;
    let from = -1; // begins here, when it was found
    let key = null; // the last string at depth 1
    for (const token of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]/g)) {
        const [what] = token;
        if (from >= 0 && depth === 1 && (what === "," || what === "}")) return { from, to: token.index };
        if (what === "{" || what === "[") ++depth;
        else if (what === "}" || what === "]") --depth;
        else if (what === ":" && depth === 1 && key?.[0] === JSON.stringify(name)) from = key.index;
        key = depth === 1 && what.startsWith('"') ? token : null;
    }
    return null;
}
