// The cutter: records come out whole, once, in order and with their true numbers, whatever the size of the text.
import assert from "node:assert/strict";
import test from "node:test";
import { cut, lineIn, LIMITS, recordOf, shapeOf } from "../../functions/preview/dataset/cutter.mjs";
import { examine, toUtf8 } from "../../functions/preview/dataset/encoding.mjs";

const text = (bytes) => new TextDecoder().decode(bytes);

async function pieces(content, options = {}) {
    const blob = content instanceof Blob ? content : new Blob([content]);
    const shape = await shapeOf(blob, options);
    const found = { shape, pieces: [], problems: [] };
    for await (const each of cut(blob, shape, options)) {
        if (each.problem) found.problems.push(each.problem);
        else
            found.pieces.push({
                ...each,
                source: new Uint8Array(await blob.slice(each.piece.from, each.piece.to).arrayBuffer()),
            });
    }
    return found;
}

/** Every record of every piece, by asking for one after the other. */
function records({ pieces: all }) {
    return all.flatMap(({ piece, bytes, source }) => {
        const skip = piece.shape.headerLines ?? 0;
        const lines = text(bytes).split("\n").length;
        const found = [];
        for (let line = 1 + skip; line <= lines + skip; line++) {
            const record = recordOf(piece, source, line);
            if (record && text(record).trim()) found.push([lineIn(piece, line), text(record)]);
        }
        return found;
    });
}

test("NDJSON: at most 500 lines a piece, blank lines counted, the last one without a line break", async () => {
    const lines = Array.from({ length: 1234 }, (_, i) => (i % 100 === 7 ? "" : `{"id":${i}}`));
    const found = await pieces(lines.join("\r\n"));
    assert.equal(found.shape.kind, "ndjson");
    assert.ok(found.pieces.length >= 3);
    assert.ok(found.pieces.every(({ piece }) => piece.records <= LIMITS.records));
    const all = records(found);
    assert.equal(all.length, lines.filter(Boolean).length);
    for (const [line, record] of all) assert.equal(record.trim(), lines[line - 1]);
});

test("NDJSON: a broken first line does not change what the file is", async () => {
    const found = await pieces('{"id":1,"na\n{"id":2}\n{"id":3}\n');
    assert.equal(found.shape.kind, "ndjson");
    assert.deepEqual(
        records(found).map(([line]) => line),
        [1, 2, 3],
    );
});

test("CSV: header before every piece; quotes, embedded line breaks, CRLF; lines are those of the file", async () => {
    const rows = [
        "id,name,note",
        ...Array.from(
            { length: 1100 },
            (_, i) => `${i},"n ""${i}""",${i % 3 === 0 ? `"two\r\nlines, ${i}"` : '5" pipe'}`,
        ),
    ];
    const found = await pieces(rows.join("\r\n"));
    assert.equal(found.shape.kind, "csv");
    assert.equal(found.pieces.length, 3);
    for (const { bytes } of found.pieces) assert.ok(text(bytes).startsWith("id,name,note\r\n"));
    let line = 2;
    const starts = rows.slice(1).map((row) => [line, (line += row.split("\n").length)][0]);
    const ids = found.pieces.flatMap(({ piece, source }) => {
        const out = [];
        for (let at = 2; at < 2000; at++) {
            const record = recordOf(piece, source, at);
            if (!record) break;
            const row = text(record).slice("id,name,note\r\n".length);
            if (/^\d+,/.test(row)) out.push([Number(row.split(",")[0]), lineIn(piece, at)]);
        }
        return out;
    });
    const first = new Map();
    for (const [id, at] of ids) if (!first.has(id)) first.set(id, at);
    assert.equal(first.size, 1100);
    for (const [id, at] of first) assert.equal(at, starts[id], `row ${id}`);
});

test("CSV: semicolons and tabs; a quote that is never closed costs one record", async () => {
    assert.equal((await pieces('a;b\n1;"x;\n2"\n')).pieces[0].piece.records, 1);
    assert.equal((await pieces("a\tb\n1\t2\n")).shape.kind, "csv");
    const limits = { ...LIMITS, record: 2000, bytes: 1000 };
    const found = await pieces(`a,b\n1,2\n3,"open\n${Array.from({ length: 500 }, (_, i) => `${i},x`).join("\n")}`, {
        limits,
    });
    assert.deepEqual(found.problems, [{ line: 3, code: "quote_not_closed" }]);
    assert.equal(
        found.pieces.reduce((sum, { piece }) => sum + piece.records, 0),
        501,
    );
});

test("JSON: small documents whole; in big ones the main list is found whatever stands around it", async () => {
    const row = (i) => ({
        id: i,
        name: `}]{"\\ ${i}`,
        extend_list: [{ code: "sex", value: "男" }],
        note: "x".repeat(900),
    });
    const rows = Array.from({ length: 5000 }, (_, i) => row(i));
    const small = await pieces(JSON.stringify({ r: { result: rows.slice(0, 5) } }));
    assert.equal(small.shape.kind, "whole");
    for (const gap of [0, 2]) {
        const found = await pieces(
            JSON.stringify(
                { request_id: "a", skip: [{ a: 1 }], response: { result_data: { result: rows } }, ok: true },
                null,
                gap,
            ),
        );
        assert.equal(found.shape.kind, "elements");
        const all = found.pieces.flatMap(({ bytes }) =>
            text(bytes)
                .trim()
                .split("\n")
                .map((line) => JSON.parse(line)),
        );
        assert.deepEqual(all, rows);
        assert.ok(found.pieces.every(({ bytes }) => bytes.length <= LIMITS.bytes + 4096));
        const { piece, source } = found.pieces[1];
        assert.deepEqual(JSON.parse(text(recordOf(piece, source, 3))), rows[piece.line + 1]);
        assert.equal(lineIn(piece, 3), piece.line + 2);
    }
});

test("half a JSON: the complete records come out, the last one broken", async () => {
    const whole = JSON.stringify({ result_data: Array.from({ length: 30 }, (_, i) => ({ id: i })) });
    const found = await pieces(whole.slice(0, whole.indexOf('"id":20') + 4));
    assert.equal(found.shape.kind, "elements");
    assert.equal(found.shape.complete, false);
    const lines = text(found.pieces[0].bytes).trim().split("\n");
    assert.equal(lines.length, 21);
    assert.throws(() => JSON.parse(lines[20]));
});

test("JSON documents one after the other, XML, form and base64 bodies", async () => {
    assert.equal((await pieces('{\n"a":1\n}\n{\n"a":2\n}')).pieces[0].piece.records, 2);
    assert.equal((await pieces("<a><b/></a>")).shape.kind, "whole");
    assert.equal((await pieces("data=%7B%7D&type=1")).shape.kind, "whole");
    assert.equal((await pieces("QUJDREVGR0g=".repeat(20))).shape.kind, "whole");
    assert.equal((await pieces("  \n ")).shape.kind, "empty");
    const deep = await pieces(`{"a":[{"b":${"[".repeat(5000)}`);
    assert.equal(deep.shape.kind, "whole");
});

test("what cannot be cut and is too large is refused, not read", async () => {
    const found = await pieces(`<a>${"x".repeat(LIMITS.record)}</a>`);
    assert.deepEqual(found.problems, [{ line: 1, code: "whole_too_large" }]);
    const line = await pieces(`{"a":1}\n{"b":2}\n${"y".repeat(LIMITS.record + (3 << 20))}\n{"c":3}\n`);
    assert.deepEqual(line.problems, [{ line: 3, code: "record_too_large" }]);
    assert.deepEqual(
        records(line).map(([at]) => at),
        [1, 2, 4],
    );
});

test("encodings: UTF-8 with a mark, UTF-16, GBK by the failure of UTF-8; a character cut off at the end is none", async () => {
    const as = async (bytes) => {
        const found = await examine(new Blob([bytes]));
        return [found, found.binary ? null : await (await toUtf8(new Blob([bytes]), found)).text()];
    };
    const utf16 = (content, little) => {
        const out = new Uint8Array(content.length * 2);
        const view = new DataView(out.buffer);
        [...content].forEach((_, i) => view.setUint16(i * 2, content.charCodeAt(i), little));
        return out;
    };
    assert.equal((await as("\ufeff姓名"))[1], "姓名");
    assert.deepEqual((await as(utf16("\ufeff姓名", true)))[1], "姓名");
    assert.deepEqual((await as(utf16("\ufeff姓名", false)))[1], "姓名");
    assert.equal((await as(utf16("id,name\n1,2", true)))[0].encoding, "utf-16le");
    const [gbk, converted] = await as(Uint8Array.of(0xd0, 0xd5, 0xc3, 0xfb, 0x2c, 0x31));
    assert.deepEqual([gbk.encoding, gbk.assumed, converted], ["gb18030", true, "姓名,1"]);
    assert.equal((await as(new TextEncoder().encode('{"a":"姓').subarray(0, 7)))[0].encoding, "utf-8");
    assert.equal((await as(Uint8Array.of(0x61, 0xff, 0xff, 0x62)))[0].lossy, true);
});

test("what is no text is named", async () => {
    const kind = async (...bytes) => (await examine(new Blob([Uint8Array.from(bytes)]))).binary;
    assert.equal(await kind(0x50, 0x4b, 3, 4, ...new TextEncoder().encode("....xl/workbook.xml")), "xlsx");
    assert.equal(await kind(0x50, 0x4b, 3, 4, 1, 2, 3), "zip");
    assert.equal(await kind(0xd0, 0xcf, 0x11, 0xe0), "xls");
    assert.equal(await kind(0x89, 0x50, 0x4e, 0x47), "image");
    assert.equal(await kind(0x61, 0x62, 0, 0x63), "binary");
    assert.equal((await examine(new Blob(["x".repeat(3 << 20), "\0"]))).binary, "binary");
});

test("a cut stops at once when it is cancelled", async () => {
    const stop = new AbortController();
    const blob = new Blob([Array.from({ length: 5000 }, (_, i) => `{"id":${i}}`).join("\n")]);
    let count = 0;
    await assert.rejects(
        async () => {
            for await (const _ of cut(blob, await shapeOf(blob), { signal: stop.signal }))
                if (++count === 2) stop.abort();
        },
        { name: "AbortError" },
    );
    assert.equal(count, 2);
});
