#include "jobs/guard/phone_opener.h"

#include "base/text.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;

// As the pull job chose it when the lead came.
base::Millis sort_time(const Json& document, base::Millis received_at) {
    const Json& times = codec::member(document, "times");
    for (const char* which : {"submitted", "created"}) {
        const auto utc = codec::member_text(codec::member(times, which), "utc");
        if (const auto at = utc ? base::parse_china_text(*utc) : std::nullopt) return *at;
    }
    return received_at;
}

}  // namespace

std::optional<effect::LeadRecord> PhoneOpener::record(const effect::StoredLead& stored,
                                                      platforms::Opening& opening) const {
    auto parsed = codec::parse_json(stored.doc);
    const auto source = sources_.find(stored.source);
    if (!parsed || source == sources_.end()) return std::nullopt;
    Json document = std::move(parsed).value();
    const std::string id = codec::member_text(document, "id").value_or("");

    Json phones = Json::array();
    std::string key;
    for (const auto& phone : codec::member(document, "phones")) {
        if (codec::member_text(phone, "class") != "encrypted") {
            phones.push_back(phone);
            continue;
        }
        for (const auto& opened :
             source->second->read_phone(codec::member_text(phone, "raw").value_or(""), opening)) {
            if (opened.cls == lead::PhoneClass::encrypted) return std::nullopt;
            phones.push_back(lead::phone_document(opened, id, *vault_));
            if (key.empty()) key = lead::person_key(opened, *vault_);
        }
    }
    document["phones"] = std::move(phones);
    if (!key.empty() && !document.contains("person_key")) document["person_key"] = key;

    const Json& origin = codec::member(document, "source");
    const auto of_origin = [&origin](const char* name) {
        return codec::member_text(origin, name).value_or("");
    };
    effect::LeadRecord record;
    record.id = id;
    record.source = stored.source;
    record.platform = of_origin("platform");
    record.account = of_origin("account");
    record.lead_id = of_origin("lead_id");
    record.version = stored.version;
    record.revision = 1;
    record.sort_at = sort_time(document, stored.received_at);
    if (lead_days_ > 0) record.expires_at = stored.received_at + lead_days_ * base::kDay;
    record.person_key = codec::member_text(document, "person_key");
    record.doc = codec::dump_json(document);
    return record;
}

}  // namespace leadbridge::jobs
