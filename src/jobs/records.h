#pragma once
// The records of a commit (docs/store.md): how a lead becomes a record of the store.
#include <string>

#include "jobs/task.h"
#include "lead/lead.h"

namespace leadbridge::jobs {

struct LeadRecordRules {
    std::string source;            // key in the configuration
    std::int64_t lead_days = 730;  // retention; 0 = for ever
};

// Where the lead stands among others: when it was submitted, else made, else `now`.
base::Millis sort_time(const lead::Lead& lead, base::Millis now);
effect::LeadRecord lead_record(const lead::Lead& lead, const LeadRecordRules& rules, base::Millis now,
                               const lead::Vault& vault);

// Nothing yet, with a unique `commit` and `now`.
effect::Records new_records(Context& context);

}  // namespace leadbridge::jobs
