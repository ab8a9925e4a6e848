#include "jobs/guard/normalise_job.h"

#include "base/text.h"
#include "jobs/records.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;

constexpr std::int64_t kPage = 50;

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

void NormaliseJob::begin(Context& context) { scan(context); }

void NormaliseJob::scan(Context& context) {
    committing_ = false;
    context.emit(effect::StoreScan{"leads", R"({"revision":0})", kPage, page_});
}

// The lead's record with readable phones, or null while any phone stays closed.
Json NormaliseJob::try_again(Context& context, const std::string& item) {
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
             source->second->read_phone(codec::member_text(phone, "raw").value_or(""), context.random())) {
            if (opened.cls == lead::PhoneClass::encrypted) return nullptr;
            phones.push_back(lead::phone_document(opened, id, *vault_));
            if (key.empty()) key = lead::person_key(opened, *vault_);
        }
    }
    document["phones"] = std::move(phones);
    if (!key.empty() && !document.contains("person_key")) document["person_key"] = key;

    const Json& origin = codec::member(document, "source");
    const base::Millis received_at = codec::member_int(row.value(), "received_at").value_or(context.now());
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

void NormaliseJob::resume(Context& context, const effect::Input& input) {
    const auto* result = std::get_if<effect::StoreResult>(&input);
    if (result == nullptr) return;
    if (result->outcome != "ok") {
        error_ = result->reason;
        exit_ = 2;
        finished_ = true;
        return;
    }
    if (committing_) {
        readable_ += result->updated;
        if (page_.empty()) {
            finished_ = true;
        } else if (context.budget().spent(context.now())) {
            exit_ = 3;
            finished_ = true;
        } else {
            scan(context);
        }
        return;
    }
    Json leads = Json::array();
    for (const auto& item : result->items) {
        ++examined_;
        if (Json record = try_again(context, item); !record.is_null()) leads.push_back(std::move(record));
    }
    page_ = result->next;
    committing_ = true;
    Json records = new_records(context);
    records["leads"] = std::move(leads);
    context.emit(effect::StoreCommit{{}, codec::dump_json(records)});
}

Json NormaliseJob::summary() const {
    Json out = codec::object({{"job", "normalise"},
                              {"examined", examined_},
                              {"readable", readable_},
                              {"unread", examined_ - readable_}});
    if (!error_.empty())
        out["error"] = codec::object({{"code", "store_failed"}, {"reason", "the store failed: " + error_}});
    return out;
}

}  // namespace leadbridge::jobs
