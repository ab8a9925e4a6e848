#include "jobs/pull/pull_task.h"

#include "jobs/records.h"

namespace leadbridge::jobs {

void PullTask::begin(Context& context) {
    step_ = Step::loading;
    context.emit(effect::StoreLoad{{checkpoint_key()}, context.now()});
}

void PullTask::resume(Context& context, const effect::Input& input) {
    if (finished_) return;
    if (const auto* http = std::get_if<effect::HttpResult>(&input); http && step_ == Step::fetching) {
        on_http(context, *http);
    } else if (std::holds_alternative<effect::WaitResult>(input) && step_ == Step::waiting) {
        on_waited(context);
    } else if (const auto* store = std::get_if<effect::StoreResult>(&input)) {
        if (step_ == Step::loading) {
            on_loaded(context, *store);
        } else if (step_ == Step::committing || step_ == Step::closing) {
            on_committed(context, *store);
        }
    }
}

void PullTask::conclude(std::string outcome, std::string code, std::string reason) {
    report_.outcome = std::move(outcome);
    report_.code = std::move(code);
    report_.reason = std::move(reason);
}

void PullTask::finish(std::string outcome, std::string code, std::string reason) {
    conclude(std::move(outcome), std::move(code), std::move(reason));
    finished_ = true;
}

bool PullTask::loaded(const effect::StoreResult& result) {
    if (result.outcome == "ok") return true;
    finish("failed", "store_failed", "the store cannot be read: " + result.reason);
    return false;
}

bool PullTask::still_parked(const RunNotes& notes, base::Millis now) {
    if (notes.parked_until <= now) return false;
    finish("parked", "throttled",
           "parked until " + base::china_text(notes.parked_until) + " (+08:00)" +
               (notes.last_error ? ": " + notes.last_error->reason : ""));
    return true;
}

bool PullTask::stored(const effect::StoreResult& result) {
    if (result.outcome == "ok") return true;
    if (result.outcome == "conflict") {
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

bool PullTask::page_stored(Context& context, const effect::StoreResult& result) {
    if (!stored(result)) return false;
    ++version_;
    if (step_ == Step::closing) {
        finished_ = true;
        return false;
    }
    report_.inserted += result.inserted;
    report_.updated += result.updated;
    report_.unchanged += result.unchanged;
    context.log("info", "page",
                name_ + ": page " + std::to_string(report_.pages) + ", " + std::to_string(report_.inserted) +
                    " new leads so far");
    return true;
}

void PullTask::close_by_budget(Context& context) {
    close(context, "budget", "budget",
          "stopped by the budget with work left; the next run goes on from here");
}

void PullTask::close(Context& context, std::string outcome, std::string code, std::string reason) {
    conclude(std::move(outcome), std::move(code), std::move(reason));
    note_run(context.now());
    step_ = Step::closing;
    context.emit(effect::StoreCommit{{checkpoint()}, codec::dump_json(new_records(context))});
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
