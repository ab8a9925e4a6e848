#include "jobs/pull/pull_task.h"

#include <algorithm>

namespace leadbridge::jobs {
namespace {

constexpr base::Millis kLeastTimeout = 1000;
constexpr auto kStoppedByBudget = "stopped by the budget with work left; the next run goes on from here";

}  // namespace

void PullTask::begin(Context& context) {
    step_ = Step::loading;
    context.emit(effect::StoreLoad{{checkpoint_key(name_)}, context.now()});
}

void PullTask::begin_with(Context& context, const effect::Record* checkpoint) {
    if (checkpoint != nullptr) {
        if (auto taken = take_state(checkpoint->value); !taken)
            return finish("failed", taken.error().code, taken.error().reason);
        version_ = checkpoint->version;
    }
    RunNotes& noted = notes();
    if (noted.parked_until > context.now()) {
        return finish("parked", "throttled",
                      "parked until " + base::china_text(noted.parked_until) + " (+08:00)" +
                          (noted.last_error ? ": " + noted.last_error->reason : ""));
    }
    noted.parked_until = 0;
    noted.warning.clear();
    noted.served_at = context.now();
    start(context);
}

void PullTask::resume(Context& context, const effect::Input& input) {
    if (finished_) return;
    if (const auto* http = std::get_if<effect::HttpResult>(&input); http && step_ == Step::fetching) {
        on_http(context, *http);
    } else if (std::holds_alternative<effect::WaitResult>(input) && step_ == Step::waiting) {
        fetch_again(context);
    } else if (const auto* store = std::get_if<effect::StoreResult>(&input)) {
        if (step_ == Step::loading && !store->ok()) {
            fail_to_load(*store);
        } else if (step_ == Step::loading) {
            begin_with(context, store->records.empty() ? nullptr : &store->records.front());
        } else if (step_ == Step::committing || step_ == Step::closing) {
            on_committed(context, *store);
        }
    }
}

void PullTask::fail_to_load(const effect::StoreResult& result) {
    finish("failed", "store_failed", "the store cannot be read: " + result.reason);
}

void PullTask::pass_over() { finish("budget", "budget", kStoppedByBudget); }

// ---- calls ------------------------------------------------------------------------------------------------

bool PullTask::may_call(Context& context) {
    auto& budget = context.budget();
    if (budget.spent(context.now())) {
        close_by_budget(context);
        return false;
    }
    --budget.requests;
    ++report_.requests;
    return true;
}

void PullTask::call(Context& context, effect::Http http) {
    step_ = Step::fetching;
    const base::Millis left = context.budget().deadline - context.now();
    http.timeout_ms = std::min(http.timeout_ms, std::max(kLeastTimeout, left));
    context.emit(std::move(http));
}

void PullTask::on_failure(Context& context, const wire::CallFailure& failure) {
    const auto decision = retry_.after(context, failure, report_.pages > 0);
    switch (decision.step) {
        case NextStep::wait_and_repeat:
            step_ = Step::waiting;
            context.emit(effect::Wait{decision.pause});
            return;
        case NextStep::repeat_now:
            notes().warning = retry_.clock_warning();
            context.log("warn", "clock_off", name_ + ": " + notes().warning);
            return on_clock_corrected(context);
        case NextStep::park:
            notes().parked_until = decision.parked_until;
            return close(context, "parked", failure.code, failure.reason);
        case NextStep::stop_by_budget:
            return close_by_budget(context);
        case NextStep::give_up:
            break;
    }
    on_giving_up();
    close(context, "failed", failure.code, failure.reason);
}

// ---- the store --------------------------------------------------------------------------------------------

effect::CheckpointMove PullTask::checkpoint() const {
    return {checkpoint_key(name_), version_, state_text()};
}

void PullTask::store_page(Context& context, std::vector<effect::LeadRecord> leads) {
    effect::Records records = new_records(context);
    records.leads = std::move(leads);
    step_ = Step::committing;
    context.emit(effect::StoreCommit{{checkpoint()}, std::move(records)});
}

bool PullTask::stored(const effect::StoreResult& result) {
    if (result.ok()) return true;
    if (result.outcome == effect::Outcome::conflict) {
        finish("conflict", "conflict",
               "another invocation pulls this source at the same time and goes on; nothing is lost, "
               "this one stopped");
    } else {
        finish("failed", "store_failed",
               "the store cannot be written: " + result.reason +
                   "; nothing of this page is lost, it is read again");
    }
    return false;
}

void PullTask::on_committed(Context& context, const effect::StoreResult& result) {
    if (!stored(result)) return;
    ++version_;
    if (step_ == Step::closing) {
        finished_ = true;
        return;
    }
    report_.inserted += result.inserted;
    report_.updated += result.updated;
    report_.unchanged += result.unchanged;
    context.log("info", "page",
                name_ + ": page " + std::to_string(report_.pages) + ", " + std::to_string(report_.inserted) +
                    " new leads so far");
    go_on(context);
}

// ---- the end ----------------------------------------------------------------------------------------------

void PullTask::conclude(std::string outcome, std::string code, std::string reason) {
    report_.outcome = std::move(outcome);
    report_.code = std::move(code);
    report_.reason = std::move(reason);
}

void PullTask::finish(std::string outcome, std::string code, std::string reason) {
    conclude(std::move(outcome), std::move(code), std::move(reason));
    finished_ = true;
}

void PullTask::close_by_budget(Context& context) { close(context, "budget", "budget", kStoppedByBudget); }

void PullTask::close(Context& context, std::string outcome, std::string code, std::string reason) {
    conclude(std::move(outcome), std::move(code), std::move(reason));
    note_run(context.now());
    step_ = Step::closing;
    context.emit(effect::StoreCommit{{checkpoint()}, new_records(context)});
}

void PullTask::note_run(base::Millis now) {
    RunNotes& noted = notes();
    noted.last_run =
        RunRecord{now, report_.outcome, report_.pages, report_.inserted, report_.updated, report_.unread};
    if (report_.outcome == "failed" || report_.outcome == "parked") {
        noted.last_error = RunError{now, report_.code, report_.reason};
    } else {
        noted.last_error.reset();
    }
}

}  // namespace leadbridge::jobs
