// The hand-written loader of leadbridge.wasm (docs/abi.md): no glue, no imports, no globals.
// One engine = one fresh instance = one invocation. Views are derived anew after every call into the module,
// because any call may grow the memory and detach the old buffer.

export const ABI_VERSION = 2;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const EMPTY = new Uint8Array(0);

/** The instance is unusable; nothing committed is lost. Make a fresh engine for the next invocation. */
export class EngineTrap extends Error {
    constructor(message, cause) {
        super(message, { cause });
        this.name = "EngineTrap";
        this.code = "trap";
    }
}

const asBytes = (value) => {
    if (value === undefined || value === null) return EMPTY;
    if (typeof value === "string") return encoder.encode(value);
    if (value instanceof Uint8Array) return value;
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    throw new TypeError("a message body is text, Uint8Array or ArrayBuffer");
};

/** `u32 total | u32 head length | head | body`, little endian. */
export function encodeMessage({ head, body }) {
    const headBytes = encoder.encode(JSON.stringify(head));
    const bodyBytes = asBytes(body);
    const message = new Uint8Array(8 + headBytes.length + bodyBytes.length);
    const view = new DataView(message.buffer);
    view.setUint32(0, message.length - 4, true);
    view.setUint32(4, headBytes.length, true);
    message.set(headBytes, 8);
    message.set(bodyBytes, 8 + headBytes.length);
    return message;
}

/** The message that starts at `bytes[0]`; throws RangeError when the lengths do not fit. `body` is a view of `bytes`. */
export function decodeMessage(bytes) {
    if (bytes.length < 8) throw new RangeError("message shorter than its two lengths");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = 4 + view.getUint32(0, true);
    const bodyAt = 8 + view.getUint32(4, true);
    if (end > bytes.length || bodyAt > end) throw new RangeError("message longer than what holds it");
    return { head: JSON.parse(decoder.decode(bytes.subarray(8, bodyAt))), body: bytes.subarray(bodyAt, end) };
}

/**
 * @param {WebAssembly.Module} module compiled leadbridge.wasm
 * @param {string} configText configuration JSON with secrets resolved
 */
export function createEngine(module, configText) {
    let exports = null; // null = closed or dead
    let handle = 0;
    let busy = false;
    let dead = null;

    // Every way into the module passes here: one call at a time, and whatever `work` throws ends this instance.
    // `prepare` may fail (a caller's mistake) without harm.
    const enter = (name, work, prepare = () => undefined) => {
        if (dead) throw new EngineTrap(`${name}: this engine has trapped (${dead}); make a fresh one`);
        if (!exports) throw new Error(`${name}: this engine is closed`);
        if (busy) throw new Error(`${name}: called while another call is running`);
        busy = true;
        try {
            const input = prepare();
            try {
                return work(input);
            } catch (error) {
                dead = String(error?.message ?? error);
                exports = null;
                throw error instanceof EngineTrap ? error : new EngineTrap(`${name}: ${dead}`, error);
            }
        } finally {
            busy = false;
        }
    };

    // Copies bytes in, calls, frees. Addresses are unsigned: wasm hands out signed i32.
    const lend = (bytes, call) => {
        const at = exports.lb_alloc(bytes.length) >>> 0;
        if (at === 0) throw new EngineTrap(`out of memory: ${bytes.length} bytes do not fit`);
        new Uint8Array(exports.memory.buffer).set(bytes, at);
        const result = call(at, bytes.length);
        exports.lb_free(at);
        return result;
    };

    exports = {};
    enter("open", () => {
        exports = new WebAssembly.Instance(module, {}).exports;
        exports._initialize?.();
        const version = exports.lb_abi_version();
        if (version !== ABI_VERSION)
            throw new EngineTrap(`the module speaks ABI ${version}, this loader ${ABI_VERSION}`);
        handle = lend(encoder.encode(configText), (at, length) => exports.lb_open(at, length));
    });

    return {
        /** One input; afterwards call `next` until it gives null. */
        feed(input) {
            const call = (at, length) => exports.lb_feed(handle, at, length);
            const taken = enter(
                "feed",
                (message) => lend(message, call),
                () => encodeMessage(input),
            );
            if (taken === 0) throw new Error("feed: the module says this message is malformed");
        },

        /** The next effect, or null when idle. `raw` is the whole message, `body` a view of it; both are copies. */
        next() {
            return enter("next", () => {
                const at = exports.lb_next(handle) >>> 0;
                if (at === 0) return null;
                const memory = new Uint8Array(exports.memory.buffer);
                const total = at + 4 <= memory.length ? new DataView(memory.buffer).getUint32(at, true) : Infinity;
                if (total > memory.length - at - 4)
                    throw new EngineTrap("the module gave a message outside its memory");
                const raw = memory.slice(at, at + 4 + total);
                return { ...decodeMessage(raw), raw };
            });
        },

        /** Ends the invocation; safe to call twice and on a dead engine. */
        close() {
            if (!exports) return;
            enter("close", () => exports.lb_close(handle));
            exports = null;
        },

        /** Bytes of linear memory, 0 when closed. */
        get memoryBytes() {
            return exports ? exports.memory.buffer.byteLength : 0;
        },
    };
}
