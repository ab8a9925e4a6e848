import { createRandom } from "../random.mjs";
import { TopList } from "../gateway/render.mjs";
import { createCipher } from "./cipher.mjs";
import { inventLead, showDate } from "./lead.mjs";

const MAX_ID = 2n ** 63n - 1n;
const DATES = ["gmt_modified", "lead_time", "gmt_create"];

/**
 * One seller's leads. Only ids and creation times are kept; the rest of a lead is invented again whenever it is shown,
 * so an account of a million leads is two arrays.
 */
export function createAccount(options) {
    const ids = []; // ascending BigInt
    const created = []; // epoch ms, whole seconds, same index
    const changes = new Map(); // id text -> {version, modifiedMs, patch, mobilePlain}
    const random = createRandom(options.seed, "account");
    const cipher = createCipher({
        cipher: options.mobileCipher,
        key: options.key,
        seed: options.seed,
        bits: options.keyBits,
    });

    const stepTo = (last) =>
        last === undefined ? BigInt(options.firstId) : last + 1n + BigInt(random.below(options.idStep));

    function insert(index, id, ms) {
        if (id > MAX_ID) throw new RangeError(`no lead id is left below 2^63 (after ${ids.at(-1)})`);
        ids.splice(index, 0, id);
        created.splice(index, 0, ms);
        return id;
    }

    function add(count, nowMs) {
        const second = Math.floor(nowMs / 1000) * 1000;
        const added = [];
        for (let i = 0; i < count; i++) {
            const id = insert(ids.length, stepTo(ids.at(-1)), Math.max(second, created.at(-1) ?? 0));
            added.push(String(id));
        }
        return added;
    }

    const newestAt = Math.floor(options.newestAt / 1000) * 1000;
    for (let left = options.leads - 1; left >= 0; left--) {
        add(1, newestAt - left * options.leadIntervalMs);
    }

    /** First index whose id is >= id. */
    function lowerBound(id) {
        let [low, high] = [0, ids.length];
        while (low < high) {
            const middle = (low + high) >>> 1;
            if (ids[middle] < id) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    function indexOf(id) {
        const index = lowerBound(BigInt(id));
        if (ids[index] !== BigInt(id)) throw new RangeError(`no lead ${id}`);
        return index;
    }

    /** Makes a lead visible whose id is a little smaller than the newest, as a slow transaction does. */
    function addLate({ depth = 1 } = {}) {
        for (let index = ids.length - 1 - depth; index >= 0; index--) {
            if (ids[index + 1] - ids[index] > 1n) return String(insert(index + 1, ids[index + 1] - 1n, created[index]));
        }
        const newest = ids.at(-1) ?? BigInt(options.firstId) - 2n; // no hole: leave one under a new newest lead
        const ms = created.at(-1) ?? newestAt;
        insert(ids.length, newest + 2n, ms);
        return String(insert(ids.length - 1, newest + 1n, ms));
    }

    /** Changes a lead: the given fields (`mobile` in the clear), or its remark. gmt_modified always grows. */
    function modify(id, nowMs, patch = {}) {
        const before = show(indexOf(id));
        const version = before.version + 1;
        const { mobile, ...fields } = patch;
        if (Object.keys(patch).length === 0) {
            const others = before.fields.extend_list.filter(({ code }) => code !== "remark");
            fields.extend_list = [...others, { label: "备注", code: "remark", value: `第${version}次提交` }];
        }
        changes.set(String(id), {
            version,
            modifiedMs: Math.max(Math.floor(nowMs / 1000) * 1000, before.fields.gmt_modified + 1000),
            mobilePlain: mobile ?? before.mobilePlain,
            patch: { ...changes.get(String(id))?.patch, ...fields },
        });
        return version;
    }

    /** One lead as it is now: canonical fields, phone in the clear, version from 1. */
    function show(index) {
        const id = ids[index];
        const lead = inventLead({
            id,
            createdMs: created[index],
            random: createRandom(options.seed, "lead", id),
            options,
        });
        const change = changes.get(String(id));
        if (!change) return { ...lead, version: 1 };
        const fields = { ...lead.fields, gmt_modified: change.modifiedMs, ...change.patch };
        return { fields, mobilePlain: change.mobilePlain, version: change.version };
    }

    const isNoise = (id) => options.noiseEvery > 0 && id % BigInt(options.noiseEvery) === 0n;

    /** Ids as text, so that the truth can be compared and printed anywhere. `readable`: the key gives mobilePlain back. */
    function truthOf({ fields, mobilePlain, version }) {
        const entries = Object.entries(fields).map(([name, value]) => [
            name,
            typeof value === "bigint" ? String(value) : value,
        ]);
        const readable = options.mobileCipher !== "garbage" && !isNoise(fields.id);
        return { fields: Object.fromEntries(entries), mobilePlain, version, readable };
    }

    function wire(index) {
        const { fields, mobilePlain, version } = show(index);
        const padding = createRandom(options.seed, "padding", fields.id, version);
        const plain = isNoise(fields.id) ? padding.bytes(16) : Buffer.from(mobilePlain);
        const answers = fields.extend_list;
        const lead = {
            ...fields,
            extend_list: answers.length ? new TopList("lead_extend_d_t_o", answers) : undefined,
        };
        for (const name of DATES) lead[name] = showDate(name, fields[name], options.dateStyle);
        return { ...lead, mobile: cipher.encrypt(plain, padding) };
    }

    /**
     * One page.
     * @param {bigint|null} offset null: from the newest (or, ascending, from the smallest)
     * @returns {{ids: string[], leads: object[]}}
     */
    function page(offset, pageSize) {
        const inclusive = options.offsetBoundary === "inclusive";
        const repeats =
            options.duplicateEvery > 0 && pageSize >= 3 ? Math.floor(pageSize / (options.duplicateEvery + 1)) : 0;
        const size = pageSize - repeats; // repeated rows take the place of others, a page never grows
        let [from, to] = [0, ids.length];
        if (options.order === "desc") {
            if (offset !== null) to = lowerBound(inclusive ? offset + 1n : offset);
            from = Math.max(0, to - size);
        } else {
            if (offset !== null) from = lowerBound(inclusive ? offset : offset + 1n);
            to = Math.min(ids.length, from + size);
        }
        const indexes = Array.from({ length: to - from }, (_, i) => from + i);
        if (options.pageOrder === "desc") indexes.reverse();
        const shown = indexes.flatMap((index, i) =>
            repeats > 0 && (i + 1) % options.duplicateEvery === 0 ? [index, index] : [index],
        );
        shown.length = Math.min(shown.length, pageSize);
        return { ids: shown.map((index) => String(ids[index])), leads: shown.map(wire) };
    }

    return {
        add,
        addLate,
        modify,
        page,
        keys: cipher.keys,
        size: () => ids.length,
        range: () => ({
            oldest: ids.length ? String(ids[0]) : null,
            newest: ids.length ? String(ids.at(-1)) : null,
        }),
        truth: () => new Map(ids.map((id, index) => [String(id), truthOf(show(index))])),
    };
}
