// A function URL on this machine: HTTP in, an event of payload format 2.0, HTTP out.
import { isUtf8 } from "node:buffer";
import { once } from "node:events";
import { createServer } from "node:http";
import { httpAnswer, httpEvent } from "../../../tests/lambda/function.mjs";

const MOST_BYTES = 6 * 1024 * 1024;
// As Lambda: a body is text when its type says so; everything else, forms too, comes as base64.
const TEXT = /^(text\/|application\/(json|javascript|xml)\b|application\/[^;]*\+(json|xml)\b)/i;

/** @param {(event: object) => Promise<{kind: string, text: string}>} invoke @param {number} port 0 takes a free one */
export async function startFunctionUrl(invoke, port) {
    const server = createServer((request, response) => {
        serve(request, invoke).then(
            ({ status, headers, body }) => {
                response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body);
            },
            () => response.destroy(),
        );
    });
    server.on("clientError", (_, socket) => socket.destroy());
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return {
        url: `http://127.0.0.1:${server.address().port}`,
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}

async function serve(request, invoke) {
    const chunks = [];
    let size = 0;
    for await (const chunk of request) {
        size += chunk.length;
        if (size <= MOST_BYTES) chunks.push(chunk);
    }
    if (size > MOST_BYTES) return { status: 413, headers: {}, body: '{"Message":"Request Entity Too Large"}' };
    const body = Buffer.concat(chunks);
    const at = request.url.indexOf("?");
    const headers = [];
    for (let i = 0; i < request.rawHeaders.length; i += 2)
        headers.push([request.rawHeaders[i], request.rawHeaders[i + 1]]);
    const text = TEXT.test(request.headers["content-type"] ?? "") && isUtf8(body);
    return httpAnswer(
        await invoke(
            httpEvent({
                method: request.method,
                path: at < 0 ? request.url : request.url.slice(0, at),
                query: at < 0 ? "" : request.url.slice(at + 1),
                headers,
                body,
                base64: !text,
            }),
        ),
    );
}
