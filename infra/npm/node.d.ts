/** Compiles leadbridge.wasm of this package. */
export declare function loadModule(): Promise<WebAssembly.Module>;
