#pragma once
// The records of a commit (docs/store.md): how a lead becomes a row of the store, and the text around the rows.
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
codec::Json lead_record(const lead::Lead& lead, const LeadRecordRules& rules, base::Millis now,
                        const lead::Vault& vault);

// A fresh records object with its unique `commit` and `now`; lists are added by name.
codec::Json new_records(Context& context);

}  // namespace leadbridge::jobs
