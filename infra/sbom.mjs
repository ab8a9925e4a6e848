// What a program is made of, as CycloneDX 1.6: each linked library with version, licence and package URL. No time and no serial number
// of its own: the same build gives the same bytes.
import { libraries } from "./notices.mjs";

// SPDX expressions of what Debian's copyright files say in their own words. `says`: words that must stand there, so that a library
// that changes its licence is noticed.
const LICENCES = {
    "libc6-dev": { spdx: "LGPL-2.1-or-later", says: /version 2\.1 of the License, or/ },
    "libcli11-dev": { spdx: "BSD-3-Clause", says: /License: BSD-3-clause/ },
    "libcrypto++-dev": { spdx: "BSL-1.0", says: /License: Boost/ },
    "libsqlite3-dev": { spdx: "blessing", says: /License: public-domain/ },
    "libssl-dev": { spdx: "Apache-2.0", says: /License: Apache-2\.0/ },
    "libstdc++-12-dev": { spdx: "GPL-3.0-or-later WITH GCC-exception-3.1", says: /GCC RUNTIME LIBRARY EXCEPTION/i },
    "nlohmann-json3-dev": { spdx: "MIT", says: /License: Expat/ },
    emscripten: { spdx: "MIT AND Apache-2.0 WITH LLVM-exception", says: /the MIT license/ },
    curl: { spdx: "curl", says: /License: curl/ },
    pugixml: { spdx: "MIT", says: /License: (Expat|MIT)/ },
    cryptopp: { spdx: "BSL-1.0", says: /License: Boost/ },
};

function component({ from, name, version, text, licence }) {
    let spdx = licence;
    if (from !== "npm") {
        const known = LICENCES[name];
        if (!known) throw new Error(`infra/sbom.mjs does not know the licence of ${name}: look it up and add it`);
        if (!known.says.test(text))
            throw new Error(`the copyright file of ${name} does not say ${known.says} any more`);
        spdx = known.spdx;
    }
    const encoded = (part) => part.split("/").map(encodeURIComponent).join("/");
    const purl =
        from === "npm"
            ? `pkg:npm/${encoded(name)}@${version}`
            : `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}${from === "compiled" ? "?arch=source" : ""}`;
    return { type: "library", "bom-ref": purl, name, version, licenses: [{ expression: spdx }], purl };
}

/**
 * @param {{name: string, version: string, type: "application" | "library"}} what
 * @param {import("./notices.mjs").Parts} parts @param {{root: string, build: string}} where
 */
export function sbomOf({ name, version, type }, parts, where) {
    const components = libraries(parts, where).map(component);
    const own = `pkg:generic/${name}@${version}`;
    return {
        $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bomFormat: "CycloneDX",
        specVersion: "1.6",
        version: 1,
        metadata: {
            component: { type, "bom-ref": own, name, version, licenses: [{ expression: "Apache-2.0" }], purl: own },
        },
        components,
        dependencies: [{ ref: own, dependsOn: components.map((each) => each["bom-ref"]) }],
    };
}
