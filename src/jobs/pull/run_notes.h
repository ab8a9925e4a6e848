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

// Phones that were stored unread because the budget's decryptions were spent, and how far a sweep over them
// has come. A sweep looks at each unread lead once; what it cannot open stays as it is.
struct PutOff {
    std::int64_t count = 0;     // ever
    std::int64_t swept = 0;     // of them, by sweeps that came to their end
    std::int64_t sweeping = 0;  // `count` when the present sweep began
    base::Millis since = 0;     // the earliest sort time among those not swept
    std::string page;           // of the store's scan; empty = from the newest

    [[nodiscard]] bool waiting() const { return count > swept; }
};

struct RunNotes {
    base::Millis served_at = 0;  // when it last had its turn; the longest ago comes first
    base::Millis parked_until = 0;
    std::optional<RunRecord> last_run;
    std::optional<RunError> last_error;
    std::string warning;
    PutOff put_off;
    std::map<std::string, std::int64_t> drift;  // field -> rows that had it
};

// Members of the checkpoint's JSON object.
void put_notes(codec::Json& object, const RunNotes& notes);
void read_notes(const codec::Json& object, RunNotes& notes);
base::Millis last_turn(const RunNotes& notes);  // 0 = never
// The same for people: `at` as ISO text, null for what there is not.
codec::Json notes_summary(const RunNotes& notes);

}  // namespace leadbridge::jobs
