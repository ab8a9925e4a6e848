#include "jobs/records.h"

#include "base/text.h"

namespace leadbridge::jobs {

using codec::Json;

base::Millis sort_time(const lead::Lead& lead, base::Millis now) {
    return lead.submitted.utc ? *lead.submitted.utc : lead.created.utc.value_or(now);
}

Json lead_record(const lead::Lead& lead, const LeadRecordRules& rules, base::Millis now,
                 const lead::Vault& vault) {
    const Json document = lead::to_document(lead, vault);
    return codec::object(
        {{"id", lead::lead_id(lead.source)},
         {"source", rules.source},
         {"platform", lead.source.platform},
         {"account", lead.source.account},
         {"lead_id", lead.source.lead_id},
         {"version", lead.source.version},
         {"revision", lead::readable(lead) ? 1 : 0},
         {"sort_at", sort_time(lead, now)},
         {"person_key", codec::member(document, "person_key")},
         {"expires_at", rules.lead_days > 0 ? Json(now + rules.lead_days * base::kDay) : Json()},
         {"doc", codec::dump_json(document)}});
}

Json new_records(Context& context) {
    return codec::object({{"commit", base::hex_lower(context.random().bytes(8))}, {"now", context.now()}});
}

}  // namespace leadbridge::jobs
