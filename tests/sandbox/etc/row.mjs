import { GIVEN, SURNAMES } from "../alimama/lead.mjs";
import { formatGmt8 } from "../gateway/time.mjs";
import { createRandom } from "../random.mjs";

/** The columns of the sample, in its order. */
export const ETC_COLUMNS = [
    "id",
    "status",
    "distribute_did",
    "z_role",
    "zid",
    "z_name",
    "z_mobile",
    "cid",
    "worktable_count",
    "first_push_time",
    "last_order_time",
    "order_time_lag",
    "intention_level",
    "intention_city_cn",
    "intention_district",
    "intention_hid",
    "intention_house_city_en",
    "purpose",
    "intention_house_type",
    "intention_area",
    "house_num",
    "payment_capacity",
    "budget",
    "created_time",
    "updated_time",
];

/** One row from its own random source: half of them as empty as the sample's, the others with an agent and an intention. */
export function inventRow(seed, { id, createdMs, version, updatedMs }) {
    const random = createRandom(seed, "etc", id);
    const full = random.chance(0.5);
    const text = (...values) => (full ? random.pick(values) : "");
    const firstPush = Math.floor(createdMs / 1000) - 86_400 * random.below(90);
    const ordered = full && random.chance(0.3);
    const [city, english, district] = random.pick([
        ["杭州", "hangzhou", "余杭区"],
        ["上海", "shanghai", "浦东新区"],
        ["广州", "guangzhou", "天河区"],
    ]);
    return {
        id,
        status: version > 1 ? (version - 1) % 4 : random.below(3),
        distribute_did: 94000 + random.below(2000),
        z_role: 1 + random.below(2),
        zid: full ? 1000 + random.below(500) : 0,
        z_name: full ? `${random.pick(SURNAMES)}${random.pick(GIVEN)}` : "",
        z_mobile: full ? `1${random.pick(["3", "5", "8"])}${random.pick([..."0125689"])}0000${random.digits(4)}` : "",
        cid: 80_000 + random.below(90_000),
        worktable_count: random.below(5),
        first_push_time: firstPush,
        // Nothing in a row is later than the row.
        last_order_time: ordered
            ? Math.min(firstPush + 3600 * (1 + random.below(100)), Math.floor(createdMs / 1000))
            : 0,
        order_time_lag: ordered ? 1 + random.below(100) : 0,
        intention_level: text("A", "B", "C"),
        intention_city_cn: full ? city : "",
        intention_district: full ? district : "",
        intention_hid: full ? 30_000 + random.below(900) : 0,
        intention_house_city_en: full ? english : "",
        purpose: text("自住", "投资", '"改善"'),
        intention_house_type: text("三室两厅", "两室一厅"),
        intention_area: text("80-100", "100-120㎡"),
        house_num: text("1", "2套"),
        payment_capacity: full ? random.below(5) : 0,
        budget: text("200-300万", ">500万"),
        created_time: formatGmt8(createdMs),
        updated_time: version > 1 ? formatGmt8(updatedMs) : null,
    };
}
