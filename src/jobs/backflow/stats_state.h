#pragma once
// What the store knows about rows on their way to a statistics platform: how they are named, and which text
// of a row is the newest when it was given more than once.
#include <map>
#include <string>

#include "jobs/task.h"

namespace leadbridge::jobs {

inline constexpr base::Millis kStatsMarkDays = 30;  // a row given again within this time is recognised
inline constexpr base::Millis kStatsRowDays = 90;   // how long `status` knows a row's outcome

// Name of the queue, of the set of rows, and of the checkpoint.
std::string stats_queue(const std::string& name);
// "<name>/<key>/<16 hex of the text's digest>": the same row has the same id. A row that is sent once more
// (after it was refused, or corrected back and forth) has "~n" behind it, because a store keeps the id of
// a dead letter.
std::string stats_entry(const std::string& name, const std::string& key, const std::string& text);
std::string stats_entry_without_turn(const std::string& id);

// Keys whose row was given with another text, or again after a refusal: only the newest entry is sent, or an
// older one that had to wait would overwrite it on the platform.
struct NewestStats {
    struct Entry {
        std::string id;
        base::Millis at = 0;
    };
    std::map<std::string, Entry> by_key;
    std::int64_t turn = 0;  // behind "~" of the last entry that needed it

    static NewestStats parse(const std::string& value);
    [[nodiscard]] std::string text(base::Millis now) const;  // without what is too old to matter
};

effect::Row stats_row(const std::string& name, const std::string& key, const codec::Json& doc,
                      base::Millis now);
effect::Mark stats_mark(const std::string& key, base::Millis now);

}  // namespace leadbridge::jobs
