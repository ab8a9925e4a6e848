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
    effect::LeadQuery unread;
    unread.revision = 0;
    context.emit(effect::StoreScan{std::move(unread), kPage, page_});
}

void NormaliseJob::resume(Context& context, const effect::Input& input) {
    const auto* result = std::get_if<effect::StoreResult>(&input);
    if (result == nullptr) return;
    if (!result->ok()) {
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
    std::vector<effect::LeadRecord> leads;
    platforms::Opening opening{context.random()};
    for (const auto& stored : effect::items_of<effect::StoredLead>(*result)) {
        ++examined_;
        if (auto record = opener_.record(stored, opening)) leads.push_back(std::move(*record));
    }
    page_ = result->next;
    committing_ = true;
    effect::Records records = new_records(context);
    records.leads = std::move(leads);
    context.emit(effect::StoreCommit{{}, std::move(records)});
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
