#include "jobs/backflow/backflow_status_job.h"

#include "base/text.h"
#include "jobs/backflow/row_intake.h"
#include "jobs/backflow/stats_state.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;
using codec::member_text;

constexpr std::size_t kMostProblems = 50;
constexpr std::int64_t kPage = 1000;
constexpr std::string_view kSets = "etc/";

}  // namespace

void BackflowStatusJob::begin(Context& context) {
    if (kind_ == Kind::sent_rows) {
        scan(context, effect::RowQuery{stats_queue(name_), std::nullopt, 0}, "");
    } else {
        scan(context, effect::RowCountQuery{}, "");
    }
}

void BackflowStatusJob::scan(Context& context, effect::Query query, const std::string& page) {
    scanning_ = std::move(query);
    context.emit(effect::StoreScan{scanning_, kPage, page});
}

void BackflowStatusJob::resume(Context& context, const effect::Input& input) {
    const auto* result = std::get_if<effect::StoreResult>(&input);
    if (result == nullptr || finished_) return;
    if (!result->ok()) {
        error_ = "the store cannot be read: " + result->reason;
        exit_ = 2;
        return finish(context);
    }
    for (const auto& row : effect::items_of<effect::StoredRow>(*result)) take_row(row);
    for (const auto& queue : effect::items_of<effect::QueueCount>(*result)) take_queue(queue);
    for (const auto& set : effect::items_of<effect::SetCount>(*result)) take_set(set);
    if (!result->next.empty()) {
        if (!context.budget().spent(context.now())) return scan(context, scanning_, result->next);
        complete_ = false;
        exit_ = 3;
    }
    if (std::holds_alternative<effect::RowQuery>(scanning_)) return scan(context, effect::QueueQuery{}, "");
    finish(context);
}

void BackflowStatusJob::finish(Context& context) {
    finished_ = true;
    if (respond_) respond_json(context, error_.empty() ? 200 : 503, summary());
}

void BackflowStatusJob::take_row(const effect::StoredRow& row) {
    auto parsed = codec::parse_json(row.doc);
    if (!parsed) return;
    Json doc = std::move(parsed).value();
    const std::string state = member_text(doc, "state").value_or("");
    ++states_[state];
    if (state != "refused" && state != "unknown") return;
    doc["key"] = row.id;
    problems_.emplace(row.at, std::move(doc));
    if (problems_.size() > kMostProblems) problems_.erase(problems_.begin());
}

void BackflowStatusJob::take_queue(const effect::QueueCount& queue) {
    if (queue.queue != stats_queue(name_)) return;
    waiting_ = queue.waiting;
    dead_ = queue.dead;
    if (queue.next_at) next_at_ = base::iso_text(*queue.next_at);
}

void BackflowStatusJob::take_set(const effect::SetCount& set) {
    if (set.set.compare(0, kSets.size(), kSets) != 0) return;
    sets_.push_back(
        codec::object({{"data_type", base::parse_int64(set.set.substr(kSets.size())).value_or(0)},
                       {"rows", set.rows},
                       {"newest_at", set.newest > 0 ? Json(base::iso_text(set.newest)) : Json(nullptr)}}));
}

Json BackflowStatusJob::summary() const {
    Json out = codec::object({{"job", "backflow"}, {"name", name_}, {"action", "status"}});
    if (!error_.empty()) {
        out["error"] = codec::object({{"code", "store_failed"}, {"reason", error_}});
        return out;
    }
    out["complete"] = complete_;
    if (kind_ == Kind::loaded_rows) {
        out["sets"] = sets_;
        return out;
    }
    Json states = Json::object();
    for (const char* state : {"waiting", "sent", "refused", "unknown"}) states[state] = 0;
    for (const auto& [state, count] : states_) states[state] = count;
    out["states"] = std::move(states);
    out["queue"] = codec::object({{"waiting", waiting_}, {"dead", dead_}, {"next_at", next_at_}});
    Json problems = Json::array();
    for (auto at = problems_.rbegin(); at != problems_.rend(); ++at) problems.push_back(at->second);
    out["problems"] = std::move(problems);
    return out;
}

}  // namespace leadbridge::jobs
