import { formatGmt8 } from "../gateway/time.mjs";
import { createRandom } from "../random.mjs";
import { inventCustomer } from "./customer.mjs";
import { writeCursor } from "./protocol.mjs";

/**
 * One company's customers, sorted by creation second and row number. Only these and the ids are kept; the rest is invented when shown.
 */
export function createTanmaAccount(options) {
    const rows = []; // {seconds, row, customerId}, in list order
    const byId = new Map(); // customerId text -> row
    const changes = new Map(); // customerId text -> {version, updatedMs, patch}
    const random = createRandom(options.seed, "tanma", "account");
    let lastId = BigInt(options.firstCustomerId) - 1n;
    let lastRow = options.firstRow - 1;

    const order = (a, b) => a.seconds - b.seconds || a.row - b.row;

    /** First index behind a position. */
    function after(position) {
        let [low, high] = [0, rows.length];
        while (low < high) {
            const middle = (low + high) >>> 1;
            if (order(rows[middle], position) <= 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    function insert(seconds) {
        lastId += 1n + 64n * BigInt(random.below(options.idStep));
        lastRow += 1 + random.below(3);
        const row = { seconds, row: lastRow, customerId: lastId };
        rows.splice(after(row), 0, row);
        byId.set(String(lastId), row);
        return String(lastId);
    }

    const add = (count, nowMs) => Array.from({ length: count }, () => insert(Math.floor(nowMs / 1000)));
    /** A row that appears now with an older creation time, as an import or a slow transaction makes it. */
    const addLate = (nowMs, { secondsAgo = 60 } = {}) => insert(Math.floor(nowMs / 1000) - secondsAgo);

    const steps = Array.from({ length: options.customers }, (_, i) =>
        i === 0 || random.chance(options.sameSecondShare) ? 0 : options.intervalMs,
    );
    let time = options.newestAt - steps.reduce((sum, step) => sum + step, 0);
    for (const step of steps) add(1, (time += step));

    function modify(customerId, nowMs, patch = {}) {
        const id = String(customerId);
        if (!byId.has(id)) throw new RangeError(`no customer ${id}`);
        const version = (changes.get(id)?.version ?? 1) + 1;
        changes.set(id, {
            version,
            updatedMs: nowMs,
            patch: { ...changes.get(id)?.patch, description: `第${version}次修改`, ...patch },
        });
        return version;
    }

    /** One customer as it is now. `patch` replaces valueAsText of the named fields. */
    function show({ seconds, customerId }) {
        const createdMs = seconds * 1000;
        const made = inventCustomer({
            customerId,
            createdMs,
            random: createRandom(options.seed, "customer", customerId),
            options,
        });
        const change = changes.get(String(customerId));
        if (!change) return { ...made, version: 1 };
        made.customer.lastUpdateTime = formatGmt8(Math.max(change.updatedMs, createdMs + 1000 * (change.version - 1)));
        for (const field of made.customer.fields)
            if (Object.hasOwn(change.patch, field.field)) field.valueAsText = change.patch[field.field];
        if (change.patch.mobile !== undefined) made.phones = change.patch.mobile ? JSON.parse(change.patch.mobile) : [];
        return { ...made, version: change.version };
    }

    /**
     * One page of the list.
     * @param {{sinceMs?: number, beforeMs?: number, type?: number, position: {seconds: number, row: number}|null, size: number}} query
     * @returns {{ids: string[], list: object[], last: string|null, atEnd: boolean}} last: cursor of the last row
     */
    function page({ sinceMs = -Infinity, beforeMs = Infinity, type, position, size }) {
        const picked = [];
        let atEnd = true;
        const start = Math.max(
            position ? after(position) : 0,
            sinceMs === -Infinity ? 0 : after({ seconds: Math.ceil(sinceMs / 1000), row: -1 }),
        );
        for (let index = start; index < rows.length && rows[index].seconds * 1000 < beforeMs; index++) {
            const { customer } = show(rows[index]);
            if (type !== undefined && customer.type !== type) continue;
            if (picked.length === size) {
                atEnd = false;
                break;
            }
            picked.push([rows[index], customer]);
        }
        return {
            ids: picked.map(([{ customerId }]) => String(customerId)),
            list: picked.map(([, customer]) => customer),
            last: picked.length > 0 ? writeCursor(picked.at(-1)[0]) : null,
            atEnd,
        };
    }

    const textIds = (customer) => ({
        ...customer,
        customerId: String(customer.customerId),
        ...(customer.salesId ? { salesId: String(customer.salesId) } : {}),
        companyInfo: customer.companyInfo && { ...customer.companyInfo, id: String(customer.companyInfo.id) },
    });

    return {
        add,
        addLate,
        modify,
        page,
        size: () => rows.length,
        range: () => ({
            oldest: rows.length ? formatGmt8(rows[0].seconds * 1000) : null,
            newest: rows.length ? formatGmt8(rows.at(-1).seconds * 1000) : null,
        }),
        /** customerId -> what the list shows now (ids as text), the phones in it, version from 1. */
        truth: () =>
            new Map(
                rows.map((row) => {
                    const { customer, phones, version } = show(row);
                    return [String(row.customerId), { fields: textIds(customer), phones, version }];
                }),
            ),
    };
}
