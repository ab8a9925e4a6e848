#include "jobs/pull/id_walk_state.h"

#include "codec/json.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;

std::string_view order_name(ListOrder order) {
    if (order == ListOrder::descending) return "desc";
    return order == ListOrder::ascending ? "asc" : "unknown";
}

std::int64_t number(const Json& object, std::string_view key) {
    return codec::member_int(object, key).value_or(0);
}
std::string text(const Json& object, std::string_view key) {
    return codec::member_text(object, key).value_or("");
}

}  // namespace

std::string to_text(const IdWalkState& state) {
    Json out = codec::object({{"v", kCheckpointVersion}, {"order", order_name(state.order)}});
    out["covered"] = Json::array();
    for (const auto& interval : state.covered.newest_first()) {
        out["covered"].push_back({interval.lo, interval.settled, interval.hi});
    }
    if (state.backfill_floor > 0) out["backfill_floor"] = state.backfill_floor;
    if (state.backfill_since > 0) out["backfill_since"] = state.backfill_since;
    if (state.stored > 0) out["stored"] = state.stored;
    if (state.page_size > 0) out["page_size"] = state.page_size;
    out["recent"] = Json::array();
    for (const auto& [id, version] : state.recent) out["recent"].push_back({id, version});
    put_notes(out, state);
    return codec::dump_json(out);
}

base::Result<IdWalkState> read_id_walk_state(const Json& in) {
    IdWalkState state;
    const std::string order = text(in, "order");
    state.order = order == "desc"  ? ListOrder::descending
                  : order == "asc" ? ListOrder::ascending
                                   : ListOrder::unknown;
    const base::Error damaged =
        base::fail("state_unreadable", "the stored checkpoint is damaged: covered ids");
    const Json& covered = codec::member(in, "covered");
    if (!covered.is_array() && !covered.is_null()) return damaged;
    for (const auto& item : covered) {
        if (!item.is_array() || item.size() != 3) return damaged;
        std::int64_t id[3] = {0, 0, 0};
        for (std::size_t i = 0; i < 3; ++i) {
            if (!item[i].is_number_integer() || item[i] < 0 || item[i] > INT64_MAX) return damaged;
            id[i] = item[i].get<std::int64_t>();
        }
        if (id[0] > id[1] || id[1] > id[2]) return damaged;
        state.covered.add({id[0], id[1], id[2]});
    }
    state.backfill_floor = number(in, "backfill_floor");
    state.backfill_since = number(in, "backfill_since");
    state.stored = number(in, "stored");
    state.page_size = number(in, "page_size");
    for (const auto& item : codec::member(in, "recent")) {
        if (item.is_array() && item.size() == 2 && item[0].is_number_integer() &&
            item[1].is_number_integer()) {
            state.recent[item[0].get<std::int64_t>()] = item[1].get<std::int64_t>();
        }
    }
    read_notes(in, state);
    return state;
}

}  // namespace leadbridge::jobs
