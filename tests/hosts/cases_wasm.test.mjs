// tests/cases on leadbridge.wasm in Node, with the memory store.
import assert from "node:assert/strict";
import test from "node:test";
import { allCases, playInMemory } from "../cases/play.mjs";
import { NO_MODULE, realModule } from "./fakes/module.mjs";

for (const entry of allCases()) {
    test(`case ${entry.name}`, { skip: NO_MODULE }, async () => {
        const { failures } = await playInMemory(entry, realModule());
        assert.deepEqual(failures, []);
    });
}
