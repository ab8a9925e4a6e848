// A handler as one would write it in Node for the same push, with a loop for the Runtime API around it: verify the MD5 signature, read
// the lead, write it with a condition, answer. No SDK, no validation, no normalising: Node at its quickest. lambda.mjs starts it.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import http from "node:http";

const {
    AWS_LAMBDA_RUNTIME_API: API,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: KEY_ID,
    AWS_SECRET_ACCESS_KEY: KEY,
    TABLE_ENDPOINT,
    TABLE_NAME,
    APP_SECRET,
} = process.env;
const agent = new http.Agent({ keepAlive: true });
const OK = '{ "result":{ "errCode":"0", "success":true, "errMsg":"成功" } }';
const REFUSED = '{"success":"false","errCode":"sign-check-failure","errMsg":"Illegal request"}';

function call(url, { method = "GET", headers = {}, body }) {
    return new Promise((resolve, reject) => {
        const request = http.request(
            url,
            {
                agent,
                method,
                headers: body === undefined ? headers : { ...headers, "content-length": Buffer.byteLength(body) },
            },
            (response) => {
                const chunks = [];
                response.on("data", (chunk) => chunks.push(chunk));
                response.on("end", () =>
                    resolve({
                        status: response.statusCode,
                        headers: response.headers,
                        body: Buffer.concat(chunks),
                    }),
                );
            },
        );
        request.on("error", reject);
        request.end(body);
    });
}

const sha = (text) => createHash("sha256").update(text).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
const endpoint = new URL(TABLE_ENDPOINT);

function dynamo(operation, input) {
    const body = JSON.stringify(input);
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const scope = `${time.slice(0, 8)}/${REGION}/dynamodb/aws4_request`;
    const headers = {
        "content-type": "application/x-amz-json-1.0",
        host: endpoint.host,
        "x-amz-date": time,
        "x-amz-target": `DynamoDB_20120810.${operation}`,
    };
    const names = Object.keys(headers);
    const canonical = [
        "POST",
        "/",
        "",
        ...names.map((name) => `${name}:${headers[name]}`),
        "",
        names.join(";"),
        sha(body),
    ].join("\n");
    const key = [REGION, "dynamodb", "aws4_request"].reduce(hmac, hmac(`AWS4${KEY}`, time.slice(0, 8)));
    const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, sha(canonical)].join("\n")).toString("hex");
    return call(TABLE_ENDPOINT, {
        method: "POST",
        body,
        headers: {
            ...headers,
            authorization: `AWS4-HMAC-SHA256 Credential=${KEY_ID}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
        },
    });
}

async function handle(event) {
    const body = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
    const query = [...new URLSearchParams(event.rawQueryString)];
    const given = Buffer.from(query.find(([name]) => name === "sign")?.[1] ?? "");
    const signed = query
        .filter(([name]) => name !== "sign")
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => name + value)
        .join("");
    const wanted = Buffer.from(
        createHash("md5")
            .update(APP_SECRET + signed)
            .update(body)
            .update(APP_SECRET)
            .digest("hex")
            .toUpperCase(),
    );
    const answer = (text) => ({
        statusCode: 200,
        headers: { "content-type": "application/json;charset=UTF-8" },
        body: text,
        isBase64Encoded: false,
    });
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return answer(REFUSED);
    const lead = JSON.parse(body);
    const { status, body: said } = await dynamo("PutItem", {
        TableName: TABLE_NAME,
        Item: {
            pk: { S: `l#node:${lead.seller_id}:${lead.record_id}` },
            sk: { S: "-" },
            docText: { S: JSON.stringify(lead) },
            updMs: { N: String(Date.now()) },
        },
        ConditionExpression: "attribute_not_exists(pk)",
    });
    if (status !== 200 && !said.includes("ConditionalCheckFailed")) throw new Error(said.toString());
    return answer(OK);
}

for (;;) {
    const { headers, body } = await call(`http://${API}/2018-06-01/runtime/invocation/next`, {});
    const path = `http://${API}/2018-06-01/runtime/invocation/${headers["lambda-runtime-aws-request-id"]}`;
    try {
        await call(`${path}/response`, {
            method: "POST",
            body: JSON.stringify(await handle(JSON.parse(body))),
        });
    } catch (error) {
        await call(`${path}/error`, {
            method: "POST",
            body: JSON.stringify({ errorType: error.name, errorMessage: error.message, stackTrace: [] }),
        });
    }
}
