// Plays the answers of a case on a loopback port, for hosts with a network of their own.
import { createServer } from "node:http";
import { bodyOf, decoded, requestDifference } from "./play.mjs";

export async function startPlatform() {
    let answers = [];
    let answered = 0;
    let failures = [];
    const server = createServer(async (request, response) => {
        let body = "";
        for await (const chunk of request) body += chunk;
        const actual = decoded(request.url, body, Object.entries(request.headers));
        const planned = answers[answered++];
        response.sendDate = false; // only the case says what time it is
        response.on("error", () => {}); // a host may stop reading a long answer
        if (!planned) {
            failures.push(`http: a request more than the case answers: ${JSON.stringify(actual)}`);
            response.writeHead(500).end();
            return;
        }
        failures.push(
            ...requestDifference(planned, actual, { clock: false }).map((text) => `http ${answered}: ${text}`),
        );
        const { error, status = 200, headers = [] } = planned.answer;
        if (error?.kind === "timeout") return;
        if (error) {
            request.socket.destroy();
            return;
        }
        response.writeHead(status, headers.flat()).end(bodyOf(planned.answer));
    });
    server.on("clientError", (_, socket) => socket.destroy());
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        origin: `http://127.0.0.1:${server.address().port}`,
        /** The answers of the next step. */
        play(step) {
            [answers, answered, failures] = [step.http ?? [], 0, []];
        },
        /** What went wrong since. */
        failures() {
            return answered < answers.length
                ? [...failures, `http: only ${answered} of ${answers.length} requests came`]
                : failures;
        },
        close() {
            server.closeAllConnections();
            return new Promise((resolve) => server.close(resolve));
        },
    };
}
