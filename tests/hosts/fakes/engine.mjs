// Engines in JavaScript, for tests of the hosts without the real core.

const bytes = (value) => (typeof value === "string" ? new TextEncoder().encode(value) : (value ?? new Uint8Array(0)));

/**
 * `script(input, emit)` is called for each input; `emit(head, body)` queues an effect.
 * @param {(input: object, emit: (head: object, body?: string|Uint8Array) => void, body: Uint8Array) => void} script
 */
export function scriptedEngine(script) {
    const queue = [];
    const engine = {
        inputs: [],
        closed: 0,
        feed({ head, body }) {
            engine.inputs.push(head);
            script(
                head,
                (effect, payload) => queue.push({ head: { v: 2, ...effect }, body: bytes(payload) }),
                bytes(body),
            );
        },
        next: () => queue.shift() ?? null,
        close: () => void ++engine.closed,
    };
    return engine;
}

export const done = (exit = 0, summary = {}) => ({ type: "done", exit, summary });

/** An engine that answers every event with this `done`, after one store.load: enough for the routes of the Worker. */
export const answering = (reply) =>
    scriptedEngine((input, emit) => {
        if (input.type === "start") {
            emit({ type: "store.load", id: 1, keys: ["source/ads"], now: input.now });
            scriptedEngine.event = input.event;
        } else {
            const { exit, summary } = typeof reply === "function" ? reply(scriptedEngine.event, input) : reply;
            emit(done(exit, summary));
        }
    });
