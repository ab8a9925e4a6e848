// Types of config.mjs.
export declare function resolveSecrets(
  text: string,
  look: (kind: 'env' | 'file', name: string) => { value: string } | { missing: string },
): string;
