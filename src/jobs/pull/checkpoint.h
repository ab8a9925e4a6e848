#pragma once
// The value of a checkpoint `pull/<source>`, whatever kind of walk wrote it.
#include <string>
#include <string_view>
#include <variant>

#include "jobs/pull/id_walk_state.h"
#include "jobs/pull/window_walk_state.h"

namespace leadbridge::jobs {

using PullState = std::variant<IdWalkState, WindowWalkState>;

std::string checkpoint_key(std::string_view source);

// Error state_unreadable: written by a newer version or damaged; nothing is guessed. What a version before
// this one wrote is read; the next commit writes it as this one does.
base::Result<PullState> parse_checkpoint(std::string_view text);
const RunNotes& notes_of(const PullState& state);
base::Error other_kind();

// The same for a walk that knows its kind: the other one is an error too.
template <typename State>
base::Result<State> checkpoint_of(std::string_view text) {
    auto state = parse_checkpoint(text);
    if (!state) return state.error();
    if (auto* found = std::get_if<State>(&state.value())) return std::move(*found);
    return other_kind();
}

}  // namespace leadbridge::jobs
