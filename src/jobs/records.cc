#include "jobs/records.h"

#include "base/text.h"

namespace leadbridge::jobs {

base::Millis sort_time(const lead::Lead& lead, base::Millis now) {
    return lead.submitted.utc ? *lead.submitted.utc : lead.created.utc.value_or(now);
}

effect::LeadRecord lead_record(const lead::Lead& lead, const LeadRecordRules& rules, base::Millis now,
                               const lead::Vault& vault) {
    lead::Document document = lead::document_of(lead, vault);
    effect::LeadRecord record;
    record.id = lead::lead_id(lead.source);
    record.source = rules.source;
    record.platform = lead.source.platform;
    record.account = lead.source.account;
    record.lead_id = lead.source.lead_id;
    record.version = lead.source.version;
    record.revision = lead::readable(lead) ? 1 : 0;
    record.sort_at = sort_time(lead, now);
    if (!document.person_key.empty()) record.person_key = std::move(document.person_key);
    if (rules.lead_days > 0) record.expires_at = now + rules.lead_days * base::kDay;
    record.doc = std::move(document.text);
    return record;
}

effect::Records new_records(Context& context) {
    effect::Records records;
    records.commit = base::hex_lower(context.random().bytes(8));
    records.now = context.now();
    return records;
}

}  // namespace leadbridge::jobs
