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

Json PhoneOpener::record(const std::string& item, base::Millis now, platforms::Opening& opening) const {
    const auto row = codec::parse_json(item);
    if (!row) return nullptr;
    auto parsed = codec::parse_json(codec::member_text(row.value(), "doc").value_or(""));
    const auto source = sources_.find(codec::member_text(row.value(), "source").value_or(""));
    if (!parsed || source == sources_.end()) return nullptr;
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
            if (opened.cls == lead::PhoneClass::encrypted) return nullptr;
            phones.push_back(lead::phone_document(opened, id, *vault_));
            if (key.empty()) key = lead::person_key(opened, *vault_);
        }
    }
    document["phones"] = std::move(phones);
    if (!key.empty() && !document.contains("person_key")) document["person_key"] = key;

    const Json& origin = codec::member(document, "source");
    const base::Millis received_at = codec::member_int(row.value(), "received_at").value_or(now);
    return codec::object(
        {{"id", id},
         {"source", codec::member(row.value(), "source")},
         {"platform", codec::member(origin, "platform")},
         {"account", codec::member(origin, "account")},
         {"lead_id", codec::member(origin, "lead_id")},
         {"version", codec::member(row.value(), "version")},
         {"revision", 1},
         {"sort_at", sort_time(document, received_at)},
         {"expires_at", lead_days_ > 0 ? Json(received_at + lead_days_ * base::kDay) : Json()},
         {"person_key", codec::member(document, "person_key")},
         {"doc", codec::dump_json(document)}});
}

}  // namespace leadbridge::jobs
