// clang-tidy has nothing to say of our C++ (./dev lint).
import assert from "node:assert/strict";
import test from "node:test";
import { tidy } from "../../infra/dev/tidy.mjs";
import { BUILD } from "../hosts/fakes/module.mjs";

test("src/ and functions/ (./dev lint)", async () => {
    const complaints = await tidy({ build: BUILD });
    assert.deepEqual(
        complaints.map(({ file }) => file),
        [],
        complaints.map(({ output }) => output).join("\n"),
    );
});
