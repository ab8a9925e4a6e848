#include "jobs/tick_job.h"

#include <algorithm>

#include "jobs/backflow/stats_state.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;

constexpr std::int64_t kShare = 4;  // a quarter
constexpr std::int64_t kMostQueues = 1000;

}  // namespace

void TickJob::begin(Context& context) {
    if (targets_.empty()) return start_pulling(context);
    context.emit(effect::StoreScan{effect::QueueQuery{}, kMostQueues, ""});
}

// ---- what waits -------------------------------------------------------------------------------------------

void TickJob::on_queues(Context& context, const effect::StoreResult& result) {
    if (!result.ok()) {
        problem_ = base::fail("store_failed", "the store cannot be read: " + result.reason);
        return start_pulling(context);
    }
    std::map<std::string, bool> due;
    for (const auto& queue : effect::items_of<effect::QueueCount>(result)) {
        waiting_[queue.queue] = queue.waiting;
        due[queue.queue] = queue.waiting > 0 && queue.next_at && *queue.next_at <= context.now();
    }
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        if (due[stats_queue(targets_[i].name)]) due_.push_back(i);
    }
    if (!due_.empty()) {
        // No target is always the last: who comes first is drawn.
        const auto first = context.random().below(static_cast<std::uint32_t>(due_.size()));
        std::rotate(due_.begin(), due_.begin() + static_cast<std::ptrdiff_t>(first), due_.end());
        Budget& budget = context.budget();
        const bool none = budget.requests <= 1 && context.random().below(kShare) != 0;
        held_requests_ = none ? 0 : std::clamp<std::int64_t>(budget.requests / kShare, 1, budget.requests);
        held_time_ = std::max<base::Millis>(budget.deadline - context.now(), 0) / kShare;
        budget.requests -= held_requests_;
        budget.deadline -= held_time_;
    }
    start_pulling(context);
}

// ---- one part after another -------------------------------------------------------------------------------

void TickJob::start_pulling(Context& context) {
    part_ = Part::pulling;
    pull_.begin(context);
    go_on(context);
}

void TickJob::resume(Context& context, const effect::Input& input) {
    const auto* stored = std::get_if<effect::StoreResult>(&input);
    if (part_ == Part::looking || part_ == Part::purging) {
        if (stored == nullptr) return;
        return part_ == Part::looking ? on_queues(context, *stored) : on_purged(context, *stored);
    }
    if (part_ == Part::pulling) pull_.resume(context, input);
    if (part_ == Part::sending) sender_->resume(context, input);
    if (part_ == Part::opening) open_.resume(context, input);
    go_on(context);
}

void TickJob::go_on(Context& context) {
    if (part_ == Part::pulling && pull_.finished()) {
        context.budget().requests += held_requests_;
        context.budget().deadline += held_time_;
        part_ = Part::sending;
        send_next(context);
    }
    while (part_ == Part::sending && sender_->finished()) {
        sent_exit_ = sent_exit_ == 2 ? 2 : std::max(sent_exit_, sender_->exit_status());
        sent_[targets_[due_.back()].name] = sender_->summary();
        due_.pop_back();
        send_next(context);
    }
    if (part_ == Part::opening && open_.finished()) {
        part_ = Part::purging;
        context.emit(effect::StorePurge{context.now()});
    }
}

void TickJob::send_next(Context& context) {
    if (!due_.empty()) {
        sender_ = std::make_unique<SendStatsJob>(targets_[due_.back()], std::nullopt);
        return sender_->begin(context);
    }
    part_ = Part::opening;
    const auto names = pull_.put_off();
    open_.of({names.begin(), names.end()});
    open_.begin(context);
}

void TickJob::on_purged(Context& context, const effect::StoreResult& result) {
    part_ = Part::finished;
    purged_ = result.updated;
    if (!result.ok()) context.log("warn", "purge", "expired records could not be removed: " + result.reason);
}

// ---- what came of it --------------------------------------------------------------------------------------

Json TickJob::summary() const {
    Json pulled = pull_.summary();
    if (open_.examined() > 0) {
        pulled["opened"] = codec::object(
            {{"examined", open_.examined()}, {"opened", open_.opened()}, {"put_off", open_.left()}});
    }
    pulled["purged"] = purged_;
    const base::Error& problem = open_.problem().code.empty() ? problem_ : open_.problem();
    if (!whole_) {
        if (!problem.code.empty()) pulled["error"] = error_json(problem);
        return pulled;
    }
    pulled.erase("job");
    pulled.erase("purged");
    Json backflow = Json::array();
    for (const auto& target : targets_) {
        const auto found = sent_.find(target.name);
        Json part = found != sent_.end() ? found->second : SendStatsJob(target, std::nullopt).summary();
        part.erase("job");
        if (found == sent_.end()) {
            part["outcome"] = "ok";
            const auto waiting = waiting_.find(stats_queue(target.name));
            part["waiting"] = waiting == waiting_.end() ? 0 : waiting->second;
        }
        backflow.push_back(std::move(part));
    }
    Json out = codec::object({{"job", "tick"},
                              {"pull", std::move(pulled)},
                              {"backflow", std::move(backflow)},
                              {"purged", purged_}});
    if (!problem.code.empty()) out["error"] = error_json(problem);
    return out;
}

int TickJob::exit_status() const {
    const int pulled = pull_.exit_status();
    if (!problem_.code.empty() || !open_.problem().code.empty() || pulled == 2 || sent_exit_ == 2) return 2;
    return std::max(pulled, sent_exit_);
}

}  // namespace leadbridge::jobs
