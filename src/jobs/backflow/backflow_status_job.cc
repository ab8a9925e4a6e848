#include "jobs/backflow/backflow_status_job.h"

#include "base/text.h"
#include "jobs/backflow/row_intake.h"
#include "jobs/backflow/stats_state.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;
using codec::member;
using codec::member_int;
using codec::member_text;

constexpr std::size_t kMostProblems = 50;
constexpr std::int64_t kPage = 1000;
constexpr std::string_view kSets = "etc/";

}  // namespace

void BackflowStatusJob::begin(Context& context) {
    scan(context, kind_ == Kind::sent_rows ? "rows" : "row_counts", "");
}

void BackflowStatusJob::scan(Context& context, const char* kind, const std::string& page) {
    scanning_ = kind;
    const Json query = std::string_view(kind) == "rows" ? codec::object({{"set", stats_queue(name_)}})
                                                        : Json(Json::object());
    context.emit(effect::StoreScan{kind, codec::dump_json(query), kPage, page});
}

void BackflowStatusJob::resume(Context& context, const effect::Input& input) {
    const auto* result = std::get_if<effect::StoreResult>(&input);
    if (result == nullptr || finished_) return;
    if (result->outcome != "ok") {
        error_ = "the store cannot be read: " + result->reason;
        exit_ = 2;
        return finish(context);
    }
    const std::string_view scanned = scanning_;
    for (const auto& item : result->items) {
        if (scanned == "rows") take_row(item);
        if (scanned == "queues") take_queue(item);
        if (scanned == "row_counts") take_set(item);
    }
    if (!result->next.empty()) {
        if (!context.budget().spent(context.now())) return scan(context, scanning_, result->next);
        complete_ = false;
        exit_ = 3;
    }
    if (scanned == "rows") return scan(context, "queues", "");
    finish(context);
}

void BackflowStatusJob::finish(Context& context) {
    finished_ = true;
    if (respond_) respond_json(context, error_.empty() ? 200 : 503, summary());
}

void BackflowStatusJob::take_row(const std::string& item) {
    const auto row = codec::parse_json(item);
    if (!row) return;
    auto parsed = codec::parse_json(member_text(row.value(), "doc").value_or(""));
    if (!parsed) return;
    Json doc = std::move(parsed).value();
    const std::string state = member_text(doc, "state").value_or("");
    ++states_[state];
    if (state != "refused" && state != "unknown") return;
    doc["key"] = member(row.value(), "id");
    problems_.emplace(member_int(row.value(), "at").value_or(0), std::move(doc));
    if (problems_.size() > kMostProblems) problems_.erase(problems_.begin());
}

void BackflowStatusJob::take_queue(const std::string& item) {
    const auto queue = codec::parse_json(item);
    if (!queue || member_text(queue.value(), "queue") != stats_queue(name_)) return;
    waiting_ = member_int(queue.value(), "waiting").value_or(0);
    dead_ = member_int(queue.value(), "dead").value_or(0);
    if (const auto at = member_int(queue.value(), "next_at")) next_at_ = base::iso_text(*at);
}

void BackflowStatusJob::take_set(const std::string& item) {
    const auto set = codec::parse_json(item);
    const std::string name = set ? member_text(set.value(), "set").value_or("") : "";
    if (name.compare(0, kSets.size(), kSets) != 0) return;
    const auto newest = member_int(set.value(), "newest").value_or(0);
    sets_.push_back(
        codec::object({{"data_type", base::parse_int64(name.substr(kSets.size())).value_or(0)},
                       {"rows", member(set.value(), "rows")},
                       {"newest_at", newest > 0 ? Json(base::iso_text(newest)) : Json(nullptr)}}));
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
