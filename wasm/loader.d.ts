// Types of loader.mjs; messages: docs/abi.md.
export declare const ABI_VERSION: 2;

/** A host or core message. 64-bit ids inside `head` are text. */
export interface Message {
    head: { v: number; type: string; id?: number; [field: string]: unknown };
    body?: Uint8Array | ArrayBuffer | string | null;
}

export interface EffectMessage extends Message {
    body: Uint8Array;
    /** The whole message as the module wrote it. */
    raw: Uint8Array;
}

/** The instance trapped and is unusable. `code` is always "trap". */
export declare class EngineTrap extends Error {
    readonly code: "trap";
}

export interface Engine {
    feed(input: Message): void;
    next(): EffectMessage | null;
    close(): void;
    readonly memoryBytes: number;
}

export declare function encodeMessage(message: Message): Uint8Array;
export declare function decodeMessage(bytes: Uint8Array): { head: Message["head"]; body: Uint8Array };
export declare function createEngine(module: WebAssembly.Module, configText: string): Engine;
