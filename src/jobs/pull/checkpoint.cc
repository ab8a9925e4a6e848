#include "jobs/pull/checkpoint.h"

#include "codec/json.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;

base::Error unreadable(const std::string& why) {
    return base::fail("state_unreadable", "the stored checkpoint " + why);
}

template <typename State>
base::Result<PullState> kept(base::Result<State> state) {
    if (!state) return state.error();
    return PullState(std::move(state).value());
}

}  // namespace

std::string checkpoint_key(std::string_view source) { return "pull/" + std::string(source); }

base::Result<PullState> parse_checkpoint(std::string_view text) {
    const auto parsed = codec::parse_json(text);
    if (!parsed) return unreadable("is damaged: " + parsed.error().reason);
    const Json& members = parsed.value();
    const std::string kind = codec::member_text(members, "kind").value_or("");
    if (codec::member_int(members, "v").value_or(0) != kCheckpointVersion ||
        (!kind.empty() && kind != kWindowKind))
        return unreadable("was written by another version of leadbridge: use that version or a fresh store");
    return kind.empty() ? kept(read_id_walk_state(members)) : kept(read_window_walk_state(members));
}

const RunNotes& notes_of(const PullState& state) {
    return std::visit([](const auto& each) -> const RunNotes& { return each; }, state);
}

base::Error other_kind() {
    return unreadable("belongs to a source of another platform: give this source a name of its own");
}

}  // namespace leadbridge::jobs
