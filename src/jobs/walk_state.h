#pragma once
// What one pulled source remembers between invocations: the value of its checkpoint `pull/<source>`.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/time.h"
#include "jobs/intervals.h"

namespace leadbridge::jobs {

enum class ListOrder { unknown, descending, ascending };

struct RunRecord {
    base::Millis at = 0;
    std::string outcome;  // ok | budget | parked | failed
    std::int64_t pages = 0, inserted = 0, updated = 0, unread = 0;
};

struct RunError {
    base::Millis at = 0;
    std::string code;
    std::string reason;
};

struct WalkState {
    Intervals covered;
    std::int64_t backfill_floor = 0;  // > 0: the first backfill was bounded; ids below are not wanted
    base::Millis backfill_since = 0;  // > 0: bound by time, fixed by the first run
    std::int64_t stored = 0;          // leads stored by this source's first backfill, for a bound by number
    ListOrder order = ListOrder::unknown;
    std::int64_t page_size = 0;  // > 0: smaller than configured, because the platform refused that
    base::Millis parked_until = 0;
    std::map<std::int64_t, std::int64_t>
        recent;  // id -> version of readable leads in the re-read pages: already stored
    std::optional<RunRecord> last_run;
    std::optional<RunError> last_error;
    std::string warning;
    std::map<std::string, std::int64_t> drift;  // field -> rows that had it
};

std::string to_text(const WalkState& state);
// Error state_unreadable: written by a newer version or damaged; nothing is guessed.
base::Result<WalkState> walk_state(std::string_view text);

}  // namespace leadbridge::jobs
