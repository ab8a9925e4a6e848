// Files for the browser tests, made from the sandbox's inventions.
import { createAccount } from "../../sandbox/alimama/account.mjs";
import { json } from "../../sandbox/gateway/render.mjs";
import { withDefaults } from "../../sandbox/options.mjs";
import { inventTmallLead } from "../../sandbox/tmall/lead.mjs";

/** Alimama rows as the sandbox shows them, one a line; and the keys they were encrypted for. */
export function alimamaLines(leads, options = {}) {
    const account = createAccount(withDefaults({ leads, leadIntervalMs: 25_000, ...options }));
    return {
        text: account
            .page(null, leads)
            .leads.map((lead) => json(lead))
            .join("\n"),
        keys: account.keys,
        truth: account.truth(),
    };
}

export function tmallLines(count, options = {}) {
    const begin = 1_693_900_800_000;
    return Array.from({ length: count }, (_, i) =>
        json(inventTmallLead(options, { recordId: BigInt(500_000 + i), createdMs: begin - i * 27_000 })),
    ).join("\n");
}

/** Markup, direction marks, zero-width marks and very long texts in every text field. */
export function hostileLines() {
    const markup = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    const row = {
        record_id: 1,
        seller_id: 2,
        activity_id: 3,
        name: `${markup}张`,
        phone: "13800000001",
        province_name: markup,
        city_name: markup,
        area_name: markup,
        address: markup,
        remark: `${markup}${"长".repeat(10_000)}`,
        gmt_appointment: "2026-03-01 10:00:00",
        gmt_modified: "2026-03-01 10:00:00",
        channel: 0,
        taobao_nick: `javascript:${markup}`,
        kf_name: markup,
        extra: JSON.stringify({ channelName: markup, more: markup }),
        customer_status: markup,
        openid: markup,
    };
    const odd = {
        ...row,
        record_id: 2,
        name: "\u202e张三\u202c\u200b\u200d\u2066x\u2069\u0007",
        phone: "13800000002",
        remark: "\u202e",
        [markup]: markup,
    };
    return [row, odd].map((each) => JSON.stringify(each)).join("\n");
}

/** About `megabytes` of NDJSON in a few long records, in parts for a stream. */
export function* longRecords(megabytes, cell = 10_000) {
    const remark = "备注".repeat(cell / 2);
    const size = Buffer.byteLength(remark) + 400;
    for (let i = 0; i * size < megabytes * 1048576; i++) {
        yield `${JSON.stringify({ record_id: 1_000_000 + i, seller_id: 2912754296, activity_id: 23423542525, name: `客户${i}`, phone: `139${String(i).padStart(8, "0")}`, gmt_appointment: "2026-03-01 10:00:00", gmt_modified: "2026-03-01 10:00:00", province_name: "浙江", city_name: "杭州", remark })}\n`;
    }
}
