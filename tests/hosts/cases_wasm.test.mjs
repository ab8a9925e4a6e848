// tests/cases on leadbridge.wasm (previews: leadbridge-preview.wasm) in Node, with the memory store.
import assert from "node:assert/strict";
import test from "node:test";
import { allCases, playInMemory } from "../cases/play.mjs";
import { moduleOf, NO_MODULE } from "./fakes/module.mjs";

for (const entry of allCases()) {
    test(`case ${entry.name}`, { skip: NO_MODULE }, async () => {
        const { failures } = await playInMemory(entry, moduleOf(entry));
        assert.deepEqual(failures, []);
    });
}
