#pragma once
// The records of a commit in the order in which DynamoDB wants them, measured against its limits before anything is
// written. Points into the commit.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "effect/effect.h"

namespace leadbridge::native::dynamo {

using base::Millis;

struct Records {
    explicit Records(const effect::Records& all);

    std::map<std::string, const effect::LeadRecord*> leads;  // the greater form of each id
    std::map<std::pair<std::string, std::string>, std::vector<const effect::Row*>>
        rows;                                        // (set, id), in order
    std::vector<const effect::OutboxEntry*> outbox;  // the first of each id
    std::vector<const effect::Mark*> marks;          // the first of each key
    const std::vector<effect::AuditEntry>& audit;
    const std::vector<effect::RawBody>& raw;
    Millis now = 0;
    const std::string& commit;
};

// Empty, or which record DynamoDB cannot hold (400 KB an item, 1 KB an id).
std::string too_large(const std::vector<effect::CheckpointMove>& moves, const Records& records);

}  // namespace leadbridge::native::dynamo
