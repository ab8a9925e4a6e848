// `./dev release`: the same bytes twice, checksums that a stranger's tool accepts, and bills of materials that name every linked library.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { MODULE, NATIVE } from "../../infra/notices.mjs";
import { BUILD, NO_MODULE, ROOT } from "../hosts/fakes/module.mjs";

const skip = NO_MODULE || !existsSync(join(BUILD, "leadbridge"));
const TO = join(BUILD, "release");
const release = (TZ) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "infra/release.mjs")], {
        encoding: "utf8",
        env: { ...process.env, LEADBRIDGE_BUILD: BUILD, TZ },
    });
    assert.equal(status, 0, stderr);
    return stdout;
};

test("the same bytes twice; sha256sum agrees", { skip }, () => {
    const first = release("Asia/Shanghai");
    assert.equal(release("America/New_York"), first);
    const { status, stdout } = spawnSync("sha256sum", ["--check", "SHA256SUMS"], { cwd: TO, encoding: "utf8" });
    assert.equal(status, 0, stdout);
    assert.equal(stdout.trim().split("\n").length, 10);
});

test("bills of materials: valid CycloneDX, every library with version, licence and package URL", { skip }, async () => {
    for (const [name, parts] of [
        ["leadbridge", NATIVE],
        ["leadbridge.wasm", MODULE],
    ]) {
        const text = readFileSync(join(TO, `${name}.cdx.json`), "utf8");
        const problem = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
        assert.equal(problem, null, JSON.stringify(problem));
        const { components } = JSON.parse(text);
        const wanted = [...parts.debian, ...parts.compiled, ...parts.npm];
        assert.equal(components.length, wanted.length);
        for (const { name: library, version, licenses, purl } of components) {
            assert.match(version, /^\d/, library);
            assert.ok(licenses[0].expression, library);
            assert.match(purl, /^pkg:(deb|npm)\//);
            assert.ok(
                wanted.some((each) => library.startsWith(each.replace(/\*$|-(native|wasm)$/, ""))),
                library,
            );
        }
    }
});
