// Exported text: quoting, the guard against formulas, field maps.
import assert from "node:assert/strict";
import test from "node:test";
import {
    createWriter,
    csvCell,
    fieldMapText,
    fieldText,
    pathsOf,
    readFieldMap,
} from "../../functions/preview/exports/writer.mjs";

test("cells: what a spreadsheet would compute or round gets an apostrophe, quotes only where needed", () => {
    const cases = [
        ["=1+1", "'=1+1"],
        ["+8613800000000", "'+8613800000000"],
        ["-1", "'-1"],
        ["@x", "'@x"],
        ["\tx", '"\'\tx"'],
        ["\rx", '"\'\rx"'],
        ["123456789012", "'123456789012"],
        ["13800000000", "13800000000"],
        ['a"b', '"a""b"'],
        ["a,b", '"a,b"'],
        ["a\nb", '"a\nb"'],
        [" a", '" a"'],
        ["a\0b", "ab"],
        ['=cmd|"/c calc"!A1', '"\'=cmd|""/c calc""!A1"'],
    ];
    for (const [given, wanted] of cases) assert.equal(csvCell(given), wanted);
});

test("fields: paths, constants, what takes more than a path; nothing inherited", () => {
    const lead = {
        phones: [{ class: "mobile", masked: "138****0000" }],
        region: { province: "浙江省", city: "杭州市" },
        times: { submitted: { utc: "2026-03-02T01:30:00Z" } },
        extra: { a: { b: 5 } },
    };
    assert.equal(fieldText(lead, { from: "phone" }), "138****0000");
    assert.equal(fieldText(lead, { from: "region" }), "浙江省 杭州市");
    assert.equal(fieldText(lead, { from: "submitted_local" }), "2026-03-02 09:30:00");
    assert.equal(fieldText(lead, { from: "extra.a.b" }), "5");
    assert.equal(fieldText(lead, { from: "constructor.name" }), "");
    assert.equal(fieldText(lead, { value: "x" }), "x");
    assert.deepEqual(pathsOf(lead), [
        "phones.0.class",
        "phones.0.masked",
        "region.province",
        "region.city",
        "times.submitted.utc",
        "extra.a.b",
    ]);
    const writer = createWriter({
        format: "ndjson",
        fields: [
            { name: "b", from: "extra.a.b" },
            { name: "none", from: "x.y" },
        ],
    });
    assert.equal(writer.lead(lead), '{"b":5,"none":null}\n');
});

test("field maps: read back as written; mistakes are named", () => {
    const fields = [
        { name: "手机", from: "phones.0.e164" },
        { name: "来源", value: "天猫" },
    ];
    assert.deepEqual(readFieldMap(fieldMapText(fields)), { fields });
    assert.equal(readFieldMap("{").problem, "not_json");
    assert.equal(readFieldMap('{"fields":[]}').problem, "no_fields");
    assert.deepEqual(readFieldMap('[{"name":"a","from":"x"},{"name":"a","from":"y"}]'), {
        problem: "twice",
        at: 2,
    });
    assert.deepEqual(readFieldMap('[{"name":"","from":"x"}]'), { problem: "name", at: 1 });
    assert.deepEqual(readFieldMap('[{"name":"a","from":"x","value":"y"}]'), { problem: "from", at: 1 });
});
