#include "jobs/pull/window_walk_state.h"

#include "codec/json.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;

std::int64_t number(const Json& object, std::string_view key) {
    return codec::member_int(object, key).value_or(0);
}
std::string text(const Json& object, std::string_view key) {
    return codec::member_text(object, key).value_or("");
}

}  // namespace

bool PageTrail::seen_before(const std::string& next_cursor, const std::string& rows_digest) {
    if (limit > 0 && (next_cursor == cursor || rows_digest == rows)) return true;
    if (limit == 0 || ++distance >= limit) {
        cursor = next_cursor;
        rows = rows_digest;
        distance = 0;
        limit = limit == 0 ? 1 : limit * 2;
    }
    return false;
}

std::string to_text(const WindowWalkState& state) {
    Json out = codec::object({{"v", kCheckpointVersion},
                              {"kind", kWindowKind},
                              {"from", state.from},
                              {"closed_until", state.closed_until}});
    if (const auto& open = state.open) {
        out["open"] = codec::object({{"since", open->since},
                                     {"before", open->before},
                                     {"cursor", open->cursor},
                                     {"rows", open->rows},
                                     {"pages", open->pages},
                                     {"trail_cursor", open->trail.cursor},
                                     {"trail_rows", open->trail.rows},
                                     {"trail_distance", open->trail.distance},
                                     {"trail_limit", open->trail.limit}});
    }
    put_notes(out, state);
    return codec::dump_json(out);
}

base::Result<WindowWalkState> read_window_walk_state(const Json& in) {
    WindowWalkState state;
    state.from = number(in, "from");
    state.closed_until = number(in, "closed_until");
    bool whole = state.from >= 0 && state.closed_until >= state.from;
    if (const Json& open = codec::member(in, "open"); open.is_object()) {
        state.open = OpenWindow{number(open, "since"),
                                number(open, "before"),
                                text(open, "cursor"),
                                text(open, "rows"),
                                number(open, "pages"),
                                {text(open, "trail_cursor"), text(open, "trail_rows"),
                                 number(open, "trail_distance"), number(open, "trail_limit")}};
        whole = whole && state.open->since >= 0 && state.open->since < state.open->before &&
                state.open->since <= state.closed_until;
    }
    if (!whole) return base::fail("state_unreadable", "the stored checkpoint is damaged: window times");
    read_notes(in, state);
    return state;
}

}  // namespace leadbridge::jobs
