import { createServer } from "node:net";
import { Stop } from "./stop.mjs";

export async function mustBeFree(port, option) {
    if (port === 0) return;
    const probe = createServer();
    await new Promise((resolve, reject) => {
        probe.once("error", (error) => reject(portProblem(error, port, option)));
        probe.listen(port, "127.0.0.1", () => probe.close(resolve));
    });
}

export const portProblem = (error, port, option) => {
    if (error.code === "EADDRINUSE")
        return new Stop(`port ${port} is in use; end what uses it or choose another with ${option} N`);
    if (error.code === "EACCES")
        return new Stop(`port ${port} needs more rights; choose one above 1023 with ${option} N`);
    return error;
};
