// What the data worker does: opens sources, has them read piece by piece by the core, keeps the dataset, answers the page.
// A source stays where it is (a File is read again when a record is needed); the page gets windows and counts, never all.
import { countPictures } from "./counts.mjs";
import { cut, lineIn, recordsOf, shapeOf } from "./cutter.mjs";
import { createDataset, hideIn } from "./dataset.mjs";
import { examine, toUtf8 } from "./encoding.mjs";
import { createWriter } from "../exports/writer.mjs";

const MOST_PROBLEMS = 5000; // kept in full; all are counted
const MOST_ROWS = 2000;
const REPORT_MS = 120;
const STALE_MS = 400; // while loading, a view may be this old
const DEAD = new Set(["trap", "protocol", "runaway", "stalled", "timeout"]); // the core itself stopped
const TOO_MUCH = new Set([...DEAD, "too_many_records", "too_many_values", "too_large"]); // fewer records at once may do

/**
 * @param {{call: (event: object, bytes: Uint8Array) => Promise<{summary: object, now: number}>, width: number, clock?: () => number}} host
 *   call: one event in one of `width` cores
 */
export function createDesk({ call, width, clock = () => Date.now() }) {
    let data = createDataset();
    let sources = []; // {name, blob, label, ...what was found}
    let pieces = []; // {source, piece, unread, needs}
    let problems = [];
    let rows = [];
    let counts = freshCounts();
    let settings = {};
    let query = {};
    let open = new Set(); // persons whose rows are shown
    let cached = null; // {view, revision, key, at, cost}
    let job = null;

    function freshCounts() {
        return { problems: new Map(), problem: 0, rows: 0, needs: new Set(), key: null };
    }

    // ---- problems --------------------------------------------------------------------------------------------------------------

    function trouble(source, line, code, problem, piece = -1) {
        counts.problem++;
        counts.problems.set(code, (counts.problems.get(code) ?? 0) + 1);
        source.problems++;
        if (problems.length < MOST_PROBLEMS) problems.push({ file: source.name, line, code, problem, piece });
    }

    function forgetTrouble(piece) {
        problems = problems.filter((each) => {
            if (each.piece !== piece) return true;
            counts.problem--;
            counts.problems.set(each.code, counts.problems.get(each.code) - 1);
            if (counts.problems.get(each.code) === 0) counts.problems.delete(each.code);
            sources[pieces[piece].source].problems--;
            return false;
        });
    }

    // ---- loading ---------------------------------------------------------------------------------------------------------------

    const eventFor = (piece, more) => ({
        kind: "preview",
        platform: "auto",
        format: piece.format,
        reveal: true,
        ...keysOf(settings),
        ...more,
    });
    const keysOf = ({ mobile_key, mobile_cipher, tanma_app_id, tanma_app_key, corpid, labels }) =>
        Object.fromEntries(
            Object.entries({ mobile_key, mobile_cipher, tanma_app_id, tanma_app_key, corpid, labels }).filter(
                ([, value]) => value,
            ),
        );

    /** Runs a piece; a piece whose core stops is halved until the record that stops it is found. */
    async function read(piece, bytes, source, event) {
        const { summary, now } = await call(event, bytes);
        if (!TOO_MUCH.has(summary.error?.code) || piece.shape.kind === "whole" || piece.records < 2)
            return [{ summary, now, lines: null }];
        const blob = new Uint8Array(await source.blob.slice(piece.from, piece.to).arrayBuffer());
        const first = 1 + (piece.shape.headerLines ?? 0);
        const lines = new TextDecoder("latin1").decode(blob).split("\n").length;
        const found = [];
        const halve = async (from, to) => {
            const wanted = new Set(Array.from({ length: to - from }, (_, i) => from + i));
            const some = recordsOf(piece, blob, wanted);
            if (some.lines.size === 0) return;
            const answer = await call(event, some.bytes);
            if (TOO_MUCH.has(answer.summary.error?.code) && to - from > 1) {
                const middle = (from + to) >>> 1;
                await halve(from, middle);
                await halve(middle, to);
            } else found.push({ ...answer, lines: some.lines });
        };
        const middle = first + (lines >>> 1);
        await halve(first, middle);
        await halve(middle, first + lines);
        return found;
    }

    /** Takes what the core said about a piece into the dataset. */
    function take(at, answers) {
        const entry = pieces[at];
        const { piece } = entry;
        const source = sources[entry.source];
        entry.unread = 0;
        entry.needs = false;
        for (const { summary, now, lines } of answers) {
            const lineOf = (line) => lines?.get(line) ?? line ?? 1;
            if (summary.platform && summary.platform !== "mixed") source.platforms.add(summary.platform);
            if (summary.format && piece.shape.kind === "whole") source.format = summary.format;
            const seen = new Map();
            for (const { line: named, platform, lead, unknown } of summary.leads ?? []) {
                const line = lineOf(named);
                const nth = seen.get(line) ?? 0;
                seen.set(line, nth + 1);
                source.platforms.add(platform ?? lead.source?.platform);
                const outcome = data.put({
                    lead,
                    unknown,
                    piece: at,
                    line,
                    nth,
                    file: source.name,
                    source: source.label,
                    now,
                });
                source[outcome === "repeat" ? "repeats" : "leads"]++;
            }
            for (const { line, type, row, problems: wrong } of summary.rows ?? []) {
                counts.rows++;
                source.rows++;
                if (rows.length < MOST_ROWS)
                    rows.push({
                        file: source.name,
                        line: lineIn(piece, lineOf(line)),
                        type,
                        row,
                        problems: wrong ?? [],
                    });
            }
            for (const { line, code, problem } of summary.problems ?? [])
                trouble(source, lineIn(piece, lineOf(line)), code ?? "record", problem, at);
            if (summary.error) {
                const line = lines ? Math.min(...lines.values()) : 1 + (piece.shape.headerLines ?? 0);
                trouble(source, lineIn(piece, line), summary.error.code ?? "error", summary.error.reason, at);
            }
            entry.unread += summary.unread ?? 0;
            if (summary.key_problem) counts.key = summary.key_problem;
            for (const need of summary.needs ?? []) {
                counts.needs.add(need);
                entry.needs = true;
            }
        }
    }

    /** Pieces are read `width` wide and taken in order. */
    async function runPieces(list, { signal, done, retry = false }) {
        const waiting = [];
        const settle = async () => {
            const { at, answers } = waiting.shift();
            const got = await answers;
            signal.throwIfAborted();
            if (retry) forgetTrouble(at);
            take(at, got);
            done(pieces[at].piece);
        };
        for await (const { at, bytes } of list) {
            const entry = pieces[at];
            const source = sources[entry.source];
            const answers = read(
                entry.piece,
                bytes,
                source,
                eventFor(entry.piece, source.platform && { platform: source.platform }),
            );
            answers.catch(() => {});
            waiting.push({ at, answers });
            if (waiting.length >= width * 2) await settle();
        }
        while (waiting.length > 0) await settle();
    }

    async function* piecesOf(index, signal) {
        const source = sources[index];
        const whole = source.given;
        const found = await examine(whole, { signal });
        if (found.binary) {
            source.binary = found.binary;
            trouble(source, 0, `binary_${found.binary}`);
            return;
        }
        Object.assign(source, {
            encoding: found.encoding,
            assumed: Boolean(found.assumed),
            lossy: Boolean(found.lossy),
        });
        source.blob = await toUtf8(whole, found, { signal });
        if (found.lossy) trouble(source, 0, "bad_characters");
        const shape = await shapeOf(source.blob, { format: source.asked ?? "auto", signal });
        source.format = { ndjson: "ndjson", csv: "csv", elements: "json", values: "json", empty: "empty" }[shape.kind];
        if (shape.kind === "empty") trouble(source, 0, "empty");
        for await (const { piece, bytes, problem } of cut(source.blob, shape, { signal })) {
            if (problem) trouble(source, problem.line, problem.code);
            else {
                pieces.push({ source: index, piece, unread: 0, needs: false });
                yield { at: pieces.length - 1, bytes };
            }
        }
        if (shape.complete === false) trouble(source, 0, "cut_off");
    }

    /** One job at a time: a new one waits for the one before. */
    async function work(kind, total, report, body) {
        while (job) await job.over.catch(() => {});
        const stop = new AbortController();
        const began = clock();
        let bytes = 0;
        let reported = 0;
        const tell = (phase, force = false) => {
            const at = clock();
            if (!force && at - reported < REPORT_MS) return;
            reported = at;
            const share = total > 0 ? Math.min(1, bytes / total) : 0;
            const seconds = (at - began) / 1000;
            report({
                kind,
                phase,
                share,
                bytes,
                total,
                leads: data.size,
                seconds,
                remaining: share > 0.01 && seconds > 1 ? (seconds * (1 - share)) / share : null,
            });
        };
        let finish;
        job = { stop: () => stop.abort(), over: new Promise((resolve) => (finish = resolve)) };
        try {
            await body({ signal: stop.signal, tell, add: (count) => (bytes += count) });
            tell("done", true);
            return { cancelled: false };
        } catch (error) {
            if (!stop.signal.aborted) throw error;
            tell("cancelled", true);
            return { cancelled: true };
        } finally {
            job = null;
            finish();
        }
    }

    /** @param {{name: string, blob: Blob, platform?: string, format?: string, label?: string}[]} inputs */
    async function load(inputs, report = () => {}) {
        const before = { size: data.size, ...data.summary() };
        const total = inputs.reduce((sum, { blob }) => sum + blob.size, 0);
        const first = sources.length;
        const outcome = await work("load", total, report, async ({ signal, tell, add }) => {
            for (const { name, blob, platform, format, label } of inputs) {
                signal.throwIfAborted();
                const source = {
                    name,
                    given: blob,
                    blob,
                    size: blob.size,
                    platform: platform ?? settings.platform,
                    asked: format,
                    label,
                    platforms: new Set(),
                    leads: 0,
                    repeats: 0,
                    rows: 0,
                    problems: 0,
                };
                const index = sources.push(source) - 1;
                tell(name, true);
                const scale = () => blob.size / Math.max(1, source.blob.size);
                let counted = 0;
                try {
                    await runPieces(piecesOf(index, signal), {
                        signal,
                        done: (piece) => {
                            const share = (piece.to - piece.from) * scale();
                            counted += share;
                            add(share);
                            tell(name);
                        },
                    });
                } catch (error) {
                    if (signal.aborted) throw error;
                    // A file that was moved, changed or locked while it was read.
                    trouble(
                        source,
                        0,
                        error?.name === "NotReadableError" || error?.name === "NotFoundError"
                            ? "file_gone"
                            : "unexpected",
                        String(error?.message ?? error),
                    );
                }
                add(blob.size - counted);
                source.given = null;
            }
        });
        const after = data.summary();
        return {
            ...outcome,
            added: after.size - before.size,
            replaced: after.replaced - before.replaced,
            repeats: after.repeats - before.repeats,
            files: sources.slice(first).map(describe),
        };
    }

    const describe = ({
        name,
        size,
        encoding,
        assumed,
        lossy,
        format,
        binary,
        platforms,
        leads,
        repeats,
        rows: count,
        problems: wrong,
    }) => ({
        name,
        size,
        encoding,
        assumed,
        lossy,
        format,
        binary,
        platforms: [...platforms].filter(Boolean),
        leads,
        repeats,
        rows: count,
        problems: wrong,
    });

    /** Reads again what could not be read without a key. */
    async function retry(report = () => {}) {
        const wanted = pieces.map((entry, at) => ({ ...entry, at })).filter(({ unread, needs }) => unread > 0 || needs);
        counts.needs.clear();
        counts.key = null;
        const total = wanted.reduce((sum, { piece }) => sum + piece.to - piece.from, 0);
        return work("retry", total, report, async ({ signal, tell, add }) => {
            async function* list() {
                for (const { at } of wanted) {
                    signal.throwIfAborted();
                    yield { at, bytes: await wholePiece(at) };
                }
            }
            await runPieces(list(), {
                signal,
                retry: true,
                done: (piece) => {
                    add(piece.to - piece.from);
                    tell("");
                },
            });
        });
    }

    async function pieceBytes(at) {
        const { source, piece } = pieces[at];
        return new Uint8Array(await sources[source].blob.slice(piece.from, piece.to).arrayBuffer());
    }
    const everyLine = { has: () => true, size: Infinity };
    const wholePiece = async (at) => recordsOf(pieces[at].piece, await pieceBytes(at), everyLine).bytes;

    // ---- what is in sight ------------------------------------------------------------------------------------------------------

    function viewNow() {
        const key = JSON.stringify(query);
        const at = clock();
        const old = cached && cached.revision !== data.revision;
        // While leads arrive a sorted view is not made anew for every piece of them.
        if (cached && cached.key === key && (!old || (job && at - cached.at < Math.max(STALE_MS, cached.cost * 5))))
            return cached;
        const view = data.view(query);
        const cost = clock() - at;
        cached = { view, key, revision: data.revision, at: clock(), cost, shown: null };
        return cached;
    }

    /** Positions in the view that are shown: all, or one per person and the rows of the persons that are open. */
    function shownNow() {
        const state = viewNow();
        const { rows: all, heads } = state.view;
        if (!heads) return { all, positions: null, total: all.length };
        const { of } = data.groups();
        if (!state.shown) {
            const positions = new Uint32Array(all.length);
            let k = 0;
            let showing = false;
            for (let i = 0; i < all.length; i++) {
                if (heads[i]) showing = open.has(of[all[i]]);
                if (heads[i] || showing) positions[k++] = i;
            }
            state.shown = positions.subarray(0, k);
        }
        return { all, positions: state.shown, heads, total: state.shown.length, of };
    }

    function window_({ from = 0, count = 50, reveal = false }) {
        const { all, positions, heads, total, of } = shownNow();
        const end = Math.min(total, from + count);
        const list = [];
        for (let i = Math.max(0, from); i < end; i++) {
            const at = positions ? positions[i] : i;
            const row = all[at];
            const shown = data.show(row, { reveal });
            if (positions) Object.assign(shown, { head: heads[at] === 1, person: of[row], open: open.has(of[row]) });
            list.push(shown);
        }
        const { view } = cached;
        return {
            from: Math.max(0, from),
            rows: list,
            total,
            matched: view.matched,
            persons: view.persons,
            size: data.size,
            loading: job !== null,
        };
    }

    // ---- one lead again --------------------------------------------------------------------------------------------------------

    async function detail({ row, reveal = false }) {
        if (!(row >= 0 && row < data.size)) return null;
        const { piece: at, line, nth } = data.origin(row);
        const { piece, source } = pieces[at];
        const file = sources[source];
        const { bytes, lines } = recordsOf(piece, await pieceBytes(at), new Set([line]));
        const { summary } = await call(
            eventFor(piece, { ...(file.platform && { platform: file.platform }), reveal, raw: true }),
            bytes,
        );
        const found = (summary.leads ?? []).filter((each) => (lines?.get(each.line) ?? each.line ?? 1) === line)[nth];
        if (!found)
            return {
                row,
                file: file.name,
                line: lineIn(piece, line),
                error: summary.error ?? summary.problems?.[0] ?? null,
            };
        const about = (summary.problems ?? []).filter((each) => (lines?.get(each.line) ?? each.line) === line);
        return {
            row,
            file: file.name,
            line: lineIn(piece, line),
            lead: found.lead,
            raw: reveal ? (found.raw ?? null) : hideIn(found.raw ?? null),
            unknown: found.unknown ?? [],
            problems: about,
            person: persons(row),
        };
    }

    /** The other rows of the same person. */
    function persons(row) {
        const { of, sizes } = data.groups();
        if (of[row] < 0 || sizes[of[row]] < 2) return [];
        const found = [];
        for (let each = 0; each < data.size && found.length < 20; each++)
            if (each !== row && of[each] === of[row]) found.push(data.show(each));
        return found;
    }

    // ---- export ----------------------------------------------------------------------------------------------------------------

    /**
     * @param {{what: 'all' | 'view', format: 'csv' | 'ndjson' | 'json', reveal: boolean, fields: object[]|null}} options
     * @returns {Promise<{cancelled: boolean, blob?: Blob, rows: number, missing: number}>}
     */
    async function exportLeads({ what, format, reveal, fields }, report = () => {}) {
        const chosen = Uint32Array.from(
            what === "view" ? data.view({ ...query, group: query.group }).rows : data.view({}).rows,
        );
        const place = new Map(); // row -> position in the output
        const byPiece = new Map();
        let inOrder = true;
        let before = -1;
        chosen.forEach((row, i) => {
            place.set(row, i);
            const { piece: at } = data.origin(row);
            if (!byPiece.has(at)) {
                byPiece.set(at, []);
                if (at < before) inOrder = false;
                before = at;
            } else if (at !== before) inOrder = false;
            byPiece.get(at).push(row);
        });
        const writer = createWriter({ format, fields });
        const encoder = new TextEncoder();
        const kept = inOrder ? null : new Array(chosen.length);
        let parts = [];
        let size = 0;
        const blobs = [];
        let written = 0;
        const push = (text) => {
            const bytes = typeof text === "string" ? encoder.encode(text) : text;
            parts.push(bytes);
            size += bytes.length;
            if (size > 4 << 20) {
                blobs.push(new Blob(parts));
                parts = [];
                size = 0;
            }
        };
        const outcome = await work("export", chosen.length, report, async ({ signal, tell, add }) => {
            push(writer.begin());
            const order = [...byPiece.keys()].sort((a, b) => a - b);
            const waiting = [];
            const settle = async () => {
                const { at, lines, answer } = waiting.shift();
                const { summary } = await answer;
                signal.throwIfAborted();
                const wanted = new Map(
                    byPiece.get(at).map((row) => {
                        const { line, nth } = data.origin(row);
                        return [`${line} ${nth}`, row];
                    }),
                );
                const seen = new Map();
                const texts = [];
                for (const { line: named, lead } of summary.leads ?? []) {
                    const line = lines?.get(named) ?? named ?? 1;
                    const nth = seen.get(line) ?? 0;
                    seen.set(line, nth + 1);
                    const row = wanted.get(`${line} ${nth}`);
                    if (row !== undefined) texts.push([place.get(row), writer.lead(lead)]);
                }
                texts.sort((a, b) => a[0] - b[0]);
                for (const [position, text] of texts) {
                    if (kept) kept[position] = encoder.encode(text);
                    else push(writer.join(written) + text);
                    written++;
                }
                add(byPiece.get(at).length);
                tell("");
            };
            for (const at of order) {
                signal.throwIfAborted();
                const entry = pieces[at];
                const source = sources[entry.source];
                const wanted = new Set(byPiece.get(at).map((row) => data.origin(row).line));
                const { bytes, lines } = recordsOf(entry.piece, await pieceBytes(at), wanted);
                const answer = call(
                    eventFor(entry.piece, { ...(source.platform && { platform: source.platform }), reveal }),
                    bytes,
                );
                answer.catch(() => {});
                waiting.push({ at, lines, answer });
                if (waiting.length >= width * 2) await settle();
            }
            while (waiting.length > 0) await settle();
            if (kept) {
                let count = 0;
                for (const bytes of kept) {
                    if (!bytes) continue;
                    push(writer.join(count++));
                    push(bytes);
                }
            }
            push(writer.end());
        });
        if (outcome.cancelled) return { ...outcome, rows: written, missing: 0 };
        const blob = new Blob([...blobs, ...parts], { type: writer.type });
        return { ...outcome, blob, rows: written, missing: chosen.length - written };
    }

    /** A few leads as they would be exported, for the field map's example. */
    async function examples({ count = 3, reveal = false } = {}) {
        const rowsNow = viewNow().view.rows.subarray(0, count);
        const found = [];
        for (const row of rowsNow) {
            const one = await detail({ row, reveal });
            if (one?.lead) found.push(one.lead);
        }
        return found;
    }

    return {
        load,
        retry,
        detail,
        examples,
        export: exportLeads,
        window: window_,
        show: ({ row, reveal }) => (row >= 0 && row < data.size ? data.show(row, { reveal }) : null),
        cancel: () => job?.stop(),
        loadLeads: (docs, { source } = {}, report) =>
            load(
                [
                    {
                        name: source ?? "leads",
                        blob: new Blob(docs.map((doc) => `${JSON.stringify(doc)}\n`)),
                        format: "ndjson",
                        label: source,
                    },
                ],
                report,
            ),
        set: (next) => {
            settings = { ...settings, ...next };
        },
        query: (next) => {
            query = next;
            if (!next.group) open.clear();
            cached = null;
        },
        toggle: (person) => {
            if (!open.delete(person)) open.add(person);
            if (cached) cached.shown = null;
        },
        pictures: () => countPictures(data, data.matching(query.filters ?? [])),
        values: ({ column, filters = [] }) => data.values(column, data.matching(filters), 200),
        stats: () => ({
            ...data.summary(),
            unknown: data.summary().unknown.slice(0, 50),
            problem: counts.problem,
            problems: [...counts.problems].sort((a, b) => b[1] - a[1]),
            rows: counts.rows,
            needs: [...counts.needs],
            key_problem: counts.key,
            files: sources.map(describe),
            loading: job !== null,
            bytes: data.bytes,
        }),
        problems: ({ from = 0, count = 100, code } = {}) => {
            const list = code ? problems.filter((each) => each.code === code) : problems;
            return { total: list.length, kept: MOST_PROBLEMS, list: list.slice(from, from + count) };
        },
        rows: ({ from = 0, count = 100 } = {}) => ({
            total: counts.rows,
            list: rows.slice(from, from + count),
        }),
        async clear() {
            while (job) {
                job.stop();
                await job.over;
            }
            data = createDataset();
            sources = [];
            pieces = [];
            problems = [];
            rows = [];
            counts = freshCounts();
            settings = {};
            open = new Set();
            cached = null;
        },
    };
}
