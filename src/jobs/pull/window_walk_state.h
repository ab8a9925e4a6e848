#pragma once
// What a source that is pulled by time windows remembers between invocations: the value of
// its checkpoint `pull/<source>`.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "jobs/pull/run_notes.h"

namespace leadbridge::jobs {

// Brent's cycle finding over the pages of one window: one earlier page is remembered and moved forward at
// distances that double, so a cycle of any length is met again, from two short texts.
struct PageTrail {
    std::string cursor;  // of the remembered page
    std::string rows;    // digest of its rows' ids
    std::int64_t distance = 0;
    std::int64_t limit = 0;  // 0 = nothing remembered yet

    // True when the page is the remembered one again: by the cursor it leads to, or by its rows.
    bool seen_before(const std::string& next_cursor, const std::string& rows_digest);
};

struct OpenWindow {
    base::Millis since = 0;
    base::Millis before = 0;
    std::string cursor;  // of the next page
    std::string rows;    // digest of the ids of the page before
    std::int64_t pages = 0;
    PageTrail trail;
};

struct WindowWalkState : RunNotes {
    base::Millis from = 0;          // where the first window begins; 0 = never opened
    base::Millis closed_until = 0;  // everything from `from` until here is stored
    std::optional<OpenWindow> open;
};

std::string to_text(const WindowWalkState& state);
inline constexpr std::string_view kWindowKind = "window";  // member `kind`; a walk by ids names none
// Error state_unreadable: damaged. (The whole of it, version and kind included: jobs/pull/checkpoint.h.)
base::Result<WindowWalkState> read_window_walk_state(const codec::Json& members);

}  // namespace leadbridge::jobs
