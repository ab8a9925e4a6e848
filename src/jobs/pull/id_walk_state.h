#pragma once
// What one pulled source remembers between invocations: the value of its checkpoint `pull/<source>`.
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/time.h"
#include "jobs/pull/intervals.h"
#include "jobs/pull/run_notes.h"

namespace leadbridge::jobs {

enum class ListOrder { unknown, descending, ascending };

struct IdWalkState : RunNotes {
    Intervals covered;
    std::int64_t backfill_floor = 0;  // > 0: the first backfill was bounded; ids below are not wanted
    base::Millis backfill_since = 0;  // > 0: bound by time, fixed by the first run
    std::int64_t stored = 0;          // leads stored by this source's first backfill, for a bound by number
    ListOrder order = ListOrder::unknown;
    std::int64_t page_size = 0;  // > 0: smaller than configured, because the platform refused that
    std::map<std::int64_t, std::int64_t>
        recent;  // id -> version of readable leads in the re-read pages: already stored
};

std::string to_text(const IdWalkState& state);
// Error state_unreadable: damaged. (The whole of it, version and kind included: jobs/pull/checkpoint.h.)
base::Result<IdWalkState> read_id_walk_state(const codec::Json& members);

}  // namespace leadbridge::jobs
