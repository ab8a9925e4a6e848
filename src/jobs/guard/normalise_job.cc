#include "jobs/guard/normalise_job.h"

#include "jobs/records.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;

constexpr std::int64_t kPage = 50;

}  // namespace

void NormaliseJob::begin(Context& context) { scan(context); }

void NormaliseJob::scan(Context& context) {
    committing_ = false;
    context.emit(effect::StoreScan{"leads", R"({"revision":0})", kPage, page_});
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
    platforms::Opening opening{context.random()};
    for (const auto& item : result->items) {
        ++examined_;
        if (Json record = opener_.record(item, context.now(), opening); !record.is_null())
            leads.push_back(std::move(record));
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
