// The table and the platform for lambda.mjs, in a process of their own. Prints one line of JSON, ends with its standard input.
import { startTable } from "../../infra/dev/lambda/table.mjs";
import { evaluate, parseTemplate } from "../../infra/aws/template.mjs";
import { createSandbox } from "../sandbox/sandbox.mjs";
import { startServer } from "../sandbox/server.mjs";

const { resources } = evaluate(parseTemplate(), { CodeBucket: "local" });
const table = await startTable(resources.Table);
const accounts = [];
for (const leads of process.argv.slice(2).map(Number)) {
    const sandbox = createSandbox({ leads, newestAt: Date.now() });
    const { url } = await startServer(sandbox);
    const { app_key, app_secret, session } = sandbox.options;
    accounts.push({
        leads,
        url,
        app_key,
        app_secret,
        session,
        key: sandbox.keys.privatePem,
        cipher: sandbox.options.mobileCipher,
    });
}
console.log(JSON.stringify({ endpoint: table.endpoint, table: table.name, accounts }));
process.stdin.resume().on("end", () => process.exit());
