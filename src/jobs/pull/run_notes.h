#pragma once
// What every pulled source remembers of its runs, beside where it stands: part of its checkpoint.
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/time.h"
#include "codec/json.h"

namespace leadbridge::jobs {

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

inline constexpr std::int64_t kCheckpointVersion = 1;  // member `v`

struct RunNotes {
    base::Millis served_at = 0;  // when it last had its turn; the longest ago comes first
    base::Millis parked_until = 0;
    std::optional<RunRecord> last_run;
    std::optional<RunError> last_error;
    std::string warning;
    std::map<std::string, std::int64_t> drift;  // field -> rows that had it
};

// Members of the checkpoint's JSON object.
void put_notes(codec::Json& object, const RunNotes& notes);
void read_notes(const codec::Json& object, RunNotes& notes);
base::Millis last_turn(const RunNotes& notes);  // 0 = never
// The same for people: `at` as ISO text, null for what there is not.
codec::Json notes_summary(const RunNotes& notes);

}  // namespace leadbridge::jobs
