// AWS for tests: the SSM parameter store and Secrets Manager on a loopback port. Checks every signature by our own reading of SigV4, and
// misbehaves on request.
import { createServer } from "node:http";
import { signatureProblem } from "../store/dynamo.mjs";

export const AWS_KEYS = {
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "not-a-secret-key",
    AWS_SESSION_TOKEN: "not-a-session-token",
};
const MOST_NAMES = 10;

const refused = (type, message = "") => ({
    status: type.startsWith("Internal") ? 500 : 400,
    body: { __type: type, message },
});
/** What AWS answers when it says no, in its own words. */
export const refusal = {
    throttled: refused("ThrottlingException", "Rate exceeded"),
    failing: refused("InternalServerError", "internal"),
    denied: (action, resource) =>
        refused(
            "AccessDeniedException",
            `User: arn:aws:sts::123456789012:assumed-role/r/f is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
        ),
    expired: refused("ExpiredTokenException", "The security token included in the request is expired"),
    unknown: refused("UnrecognizedClientException", "The security token included in the request is invalid."),
    skewed: refused(
        "InvalidSignatureException",
        "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z (20260101T001500Z - 5 min.)",
    ),
    no_key: refused("InvalidKeyId", "KMS key is disabled"),
    silence: { silent: true },
    html: { status: 200, text: "<html>a portal</html>" },
};

/**
 * @param {{parameters?: object, secrets?: object, region?: string}} options parameters: name (also `name:version`) -> value;
 *   secrets: name -> text, Buffer, or {STAGE: text}
 * @returns `calls`: {target, body}; `problems`: wrong signatures; `fault(call)`: undefined or one of `refusal`
 */
export async function startAws(t, { parameters = {}, secrets = {}, region = "eu-central-1" } = {}) {
    const aws = { calls: [], problems: [], fault: () => undefined, parameters, secrets };

    const operations = {
        "AmazonSSM.GetParameters"({ Names, WithDecryption }) {
            if (Names.length > MOST_NAMES || new Set(Names.map((name) => name.split(":")[0])).size < Names.length)
                return refused("ValidationException", `${Names.length} names`);
            const there = Names.filter((name) => name in aws.parameters);
            return {
                status: 200,
                body: {
                    InvalidParameters: Names.filter((name) => !there.includes(name)),
                    // In an order of its own.
                    Parameters: there.reverse().map((name) => {
                        const [plain, selector] = name.startsWith("arn:")
                            ? [name.slice(name.indexOf(":parameter") + 10)]
                            : name.split(":");
                        return {
                            Name: plain,
                            ...(selector ? { Selector: `:${selector}` } : {}),
                            ARN: name.startsWith("arn:")
                                ? name
                                : `arn:aws:ssm:${region}:123456789012:parameter${plain}`,
                            Type: "SecureString",
                            Value: WithDecryption ? aws.parameters[name] : "not decrypted",
                            Version: 1,
                        };
                    }),
                },
            };
        },
        "secretsmanager.GetSecretValue"({ SecretId, VersionStage = "AWSCURRENT" }) {
            const secret = aws.secrets[SecretId];
            if (secret === undefined)
                return refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
            if (secret === null)
                return refused(
                    "InvalidRequestException",
                    "You can't perform this operation on the secret because it was marked for deletion.",
                );
            if (Buffer.isBuffer(secret))
                return { status: 200, body: { Name: SecretId, SecretBinary: secret.toString("base64") } };
            const text = typeof secret === "string" ? { AWSCURRENT: secret } : secret;
            if (text[VersionStage] === undefined)
                return refused(
                    "ResourceNotFoundException",
                    `Secrets Manager can't find the specified secret value for staging label: ${VersionStage}`,
                );
            return {
                status: 200,
                body: { Name: SecretId, SecretString: text[VersionStage], VersionStages: [VersionStage] },
            };
        },
    };

    const server = createServer(async (request, response) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const bytes = Buffer.concat(chunks);
        const target = request.headers["x-amz-target"] ?? "";
        const service = target.startsWith("AmazonSSM.") ? "ssm" : "secretsmanager";
        const scope = /Credential=[^/]+\/\d{8}\/([^/]+)\//.exec(request.headers.authorization ?? "")?.[1];
        const problem = signatureProblem(request, bytes, {
            region: scope,
            service,
            secret: AWS_KEYS.AWS_SECRET_ACCESS_KEY,
        });
        if (problem) aws.problems.push(`${target}: ${problem}`);
        if (request.headers["content-type"] !== "application/x-amz-json-1.1")
            aws.problems.push(`content type ${request.headers["content-type"]}`);
        const call = {
            target,
            region: scope,
            body: JSON.parse(bytes),
            headers: request.headers,
            number: aws.calls.length,
        };
        aws.calls.push(call);
        const answer = aws.fault(call) ?? operations[target]?.(call.body) ?? refused("UnknownOperationException");
        if (answer.silent) return; // the client's time runs out
        response
            .writeHead(answer.status, { "content-type": "application/x-amz-json-1.1" })
            .end(answer.text ?? JSON.stringify(answer.body));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const close = () => {
        server.closeAllConnections();
        server.close();
    };
    t.after(close);
    const url = `http://127.0.0.1:${server.address().port}`;
    return Object.assign(aws, {
        url,
        close,
        env: { ...AWS_KEYS, AWS_REGION: region, AWS_ENDPOINT_URL: url },
        /** Names asked for, each as often as it was. */
        asked: () => aws.calls.flatMap(({ body }) => body.Names ?? [body.SecretId]),
    });
}
