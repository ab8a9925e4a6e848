import { createServer } from "node:http";

const MAX_REQUEST_BYTES = 1 << 20;

/**
 * A sandbox behind real HTTP, on the loopback interface only.
 * @param {ReturnType<import('./sandbox.mjs').createSandbox>} sandbox
 * @param {{port?: number, now?: () => number}} options port 0 takes a free one
 * @returns {Promise<{url: string, port: number, close: () => Promise<void>}>}
 */
export async function startServer(sandbox, { port = 0, now = Date.now } = {}) {
    const timers = new Set();
    const server = createServer(async (request, response) => {
        const body = await readBody(request).catch(() => null);
        if (body === null) {
            response.writeHead(413, { connection: "close" }).end();
            return;
        }
        const { method, url, headers } = request;
        const answer = sandbox.handle({ method, url, headers, body }, now());
        if (answer.hang) return; // the caller waits until it gives up, or until close()
        if (answer.reset) {
            request.socket.resetAndDestroy();
            return;
        }
        if (!answer.delayMs) {
            send(response, answer);
            return;
        }
        const timer = setTimeout(() => {
            timers.delete(timer);
            send(response, answer);
        }, answer.delayMs);
        timers.add(timer);
    });

    await new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", resolve);
    });
    return {
        port: server.address().port,
        url: `http://127.0.0.1:${server.address().port}`,
        close() {
            timers.forEach(clearTimeout);
            server.closeAllConnections();
            return new Promise((resolve) => server.close(resolve));
        },
    };
}

function send(response, { status, headers, body, cutAfter }) {
    response.writeHead(status, { ...headers, "content-length": body.length });
    if (cutAfter === undefined) response.end(body);
    else response.write(body.subarray(0, cutAfter), () => response.destroy());
}

async function readBody(request) {
    const chunks = [];
    let size = 0;
    for await (const chunk of request) {
        size += chunk.length;
        if (size > MAX_REQUEST_BYTES) throw new RangeError("request too large");
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}
