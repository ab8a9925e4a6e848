#include "jobs/door/serve_job.h"

namespace leadbridge::jobs {

using codec::Json;

namespace {

constexpr std::int64_t kScanRows = 1000;
constexpr int kMostScans = 20;

bool meets(const std::vector<std::pair<std::string, std::string>>& where, const std::string& doc) {
    const auto row = codec::parse_json(doc);
    if (!row) return false;
    for (const auto& [column, value] : where) {
        if (codec::member_text(row.value(), column) != value) return false;
    }
    return true;
}

}  // namespace

void ServeJob::begin(Context& context) {
    auto read = endpoint_->read(incoming_, context.now());
    if (const auto* refusal = std::get_if<platforms::Refusal>(&read)) {
        code_ = refusal->code;
        reason_ = refusal->reason;
        context.log("warn", code_, path_ + ": " + reason_);
        return end(context, refusal->reply, "refused");
    }
    wanted_ = std::move(std::get<platforms::RowQuery>(read));
    scan(context, "");
}

// Without a condition the store finds the page itself; with one the rows are looked through from the first.
void ServeJob::scan(Context& context, const std::string& page) {
    const bool conditional = !wanted_.where.empty();
    ++scans_;
    context.emit(
        effect::StoreScan{effect::RowQuery{wanted_.set, wanted_.since, conditional ? 0 : wanted_.offset},
                          conditional ? kScanRows : wanted_.limit, page});
}

void ServeJob::resume(Context& context, const effect::Input& input) {
    const auto* result = std::get_if<effect::StoreResult>(&input);
    if (result == nullptr || finished_) return;
    if (!result->ok()) {
        code_ = "store_failed";
        reason_ = "the store cannot be read: " + result->reason;
        context.log("error", code_, path_ + ": " + reason_);
        return end(context, endpoint_->not_available(), "failed");
    }
    const auto limit = static_cast<std::size_t>(wanted_.limit);
    for (const auto& row : effect::items_of<effect::StoredRow>(*result)) {
        if (!wanted_.where.empty() && !(meets(wanted_.where, row.doc) && matched_++ >= wanted_.offset))
            continue;
        if (rows_.size() < limit) rows_.push_back(row.doc);
    }
    if (!wanted_.where.empty() && rows_.size() < limit && !result->next.empty()) {
        if (scans_ < kMostScans) return scan(context, result->next);
        code_ = "filter_too_broad";
        reason_ = "a filter for which more than " + std::to_string(kMostScans * kScanRows) +
                  " rows would have to be read; ask the platform to narrow queryTime";
        return end(context, endpoint_->too_many(), "refused");
    }
    end(context, endpoint_->answer(rows_), "served");
}

void ServeJob::end(Context& context, const platforms::Reply& reply, std::string outcome) {
    context.emit(effect::Respond{reply.status, {{"content-type", reply.content_type}}, reply.body});
    outcome_ = std::move(outcome);
    finished_ = true;
}

Json ServeJob::summary() const {
    return codec::object({{"job", "serve"},
                          {"endpoint", path_},
                          {"outcome", outcome_},
                          {"code", code_},
                          {"reason", reason_},
                          {"rows", outcome_ == "served" ? rows_.size() : 0}});
}

}  // namespace leadbridge::jobs
