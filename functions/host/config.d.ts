// Types of config.mjs.
export declare function resolveSecrets(
    text: string,
    look: (
        kind: "env" | "file" | "ssm" | "secretsmanager",
        name: string,
    ) => { value: string } | { missing: string } | { failed: string; fix: string },
): string;
