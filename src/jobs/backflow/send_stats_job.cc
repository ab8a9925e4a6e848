#include "jobs/backflow/send_stats_job.h"

namespace leadbridge::jobs {

using codec::Json;

SendStatsJob::SendStatsJob(SendStats send, std::optional<std::string> body) : send_(std::move(send)) {
    if (body) queue_.emplace(send_.name, send_.target, send_.type, send_.format, std::move(*body));
}

void SendStatsJob::begin(Context& context) {
    if (queue_) queue_->begin(context);
    go_on(context);
}

void SendStatsJob::resume(Context& context, const effect::Input& input) {
    if (finished_) return;
    if (flush_) {
        flush_->resume(context, input);
    } else {
        queue_->resume(context, input);
    }
    go_on(context);
}

void SendStatsJob::go_on(Context& context) {
    if (!flush_ && (!queue_ || queue_->finished())) {
        if (send_.respond || (queue_ && !queue_->error().code.empty())) {
            finished_ = true;
            if (send_.respond) respond_json(context, queue_ ? queue_->http_status() : 202, summary());
            return;
        }
        flush_.emplace(send_.name, send_.target, notes_);
        flush_->begin(context);
    }
    if (flush_ && flush_->finished()) finished_ = true;
}

int SendStatsJob::exit_status() const {
    if (queue_ && !queue_->error().code.empty()) return queue_->exit_status();
    if (flush_) {
        const FlushReport& report = flush_->report();
        if (report.outcome == "failed" || report.outcome == "parked" || report.refused > 0 ||
            report.unknown > 0)
            return 2;
        if (report.outcome == "budget") return queue_ && queue_->exit_status() == 2 ? 2 : 3;
    }
    return queue_ ? queue_->exit_status() : 0;
}

Json SendStatsJob::summary() const {
    static const FlushReport nothing;
    const FlushReport& report = flush_ ? flush_->report() : nothing;
    Json out = codec::object({{"job", "backflow"},
                              {"name", send_.name},
                              {"action", "send"},
                              {"outcome", report.outcome},
                              {"code", report.code},
                              {"reason", report.reason},
                              {"requests", report.requests},
                              {"sent", report.sent},
                              {"refused", report.refused},
                              {"unknown", report.unknown},
                              {"superseded", report.superseded},
                              {"waiting", report.waiting}});
    Json sent = Json::object();
    notes_.describe(sent);
    if (queue_) {
        queue_->intake().describe(out);
        out["type"] = send_.type;
        out["invalid"] = queue_->intake().refused();
        out["enqueued"] = queue_->enqueued();
        out["already_sent"] = queue_->already_sent();
        out["already_waiting"] = queue_->already_waiting();
        for (const auto& problem : sent["problems"]) out["problems"].push_back(problem);
        if (!queue_->error().code.empty()) out["error"] = error_json(queue_->error());
    } else {
        out["problems"] = sent["problems"];
    }
    // Queued for another event.
    if (queue_ && !flush_) {
        out["outcome"] = queue_->error().code.empty() ? "queued" : "failed";
        out["waiting"] = queue_->enqueued() + queue_->already_waiting();
    }
    return out;
}

}  // namespace leadbridge::jobs
