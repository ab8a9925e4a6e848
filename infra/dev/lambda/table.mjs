// DynamoDB on this machine (dynalite) with the table of infra/aws/template.yaml.
import { once } from "node:events";
import dynalite from "dynalite";
import { createTableRequest } from "../../aws/template.mjs";

/** What emulators want to see; nobody checks it. */
export const FAKE_KEYS = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "not-a-secret" };
export const REGION = "eu-central-1";

/** A call of AWS's JSON protocol, unsigned but for its form. @returns {Promise<object>} throws with AWS's code in front */
export async function awsCall(endpoint, service, target, body, { signal } = {}) {
    const response = await fetch(endpoint, {
        method: "POST",
        body: JSON.stringify(body),
        signal,
        headers: {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": target,
            "x-amz-date": new Date().toISOString().replace(/[-:]|\.\d+/g, ""),
            authorization: `AWS4-HMAC-SHA256 Credential=${FAKE_KEYS.AWS_ACCESS_KEY_ID}/20260101/${REGION}/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`,
        },
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    throw new Error(
        `${String(answer.__type ?? response.status)
            .split("#")
            .at(-1)}: ${answer.message ?? answer.Message ?? ""}`,
    );
}

/** @param {object} table resource of the template @param {{persist?: string}} options folder to keep it in; without one it is gone at the end */
export async function startTable(table, { persist } = {}) {
    const server = dynalite({ createTableMs: 0, deleteTableMs: 0, ...(persist ? { path: persist } : {}) });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const endpoint = `http://127.0.0.1:${server.address().port}/`;
    const call = (operation, body) => awsCall(endpoint, "dynamodb", `DynamoDB_20120810.${operation}`, body);
    const request = createTableRequest(table);
    await call("CreateTable", request).catch((error) => {
        if (!error.message.startsWith("ResourceInUse")) throw error; // kept from the run before
    });
    for (
        let i = 0;
        (await call("DescribeTable", { TableName: request.TableName })).Table.TableStatus !== "ACTIVE";
        ++i
    ) {
        if (i === 100) throw new Error(`the table ${request.TableName} was not ready in time`);
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return {
        endpoint,
        name: request.TableName,
        call,
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}
