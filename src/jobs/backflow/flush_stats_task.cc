#include "jobs/backflow/flush_stats_task.h"

#include <algorithm>

#include "base/text.h"
#include "jobs/records.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;
using codec::member_int;
using codec::member_text;
using effect::StoreResult;

constexpr base::Millis kMinute = 60'000;
constexpr base::Millis kLease = 2 * kMinute;
constexpr base::Millis kMostTimeout = 100 * base::kSecond;  // a call must fit into a lease
constexpr base::Millis kLeastTimeout = base::kSecond;
constexpr base::Millis kEnoughTime = 3 * base::kSecond;  // for one more call: a cut one has no known outcome
constexpr std::int64_t kMostAttempts = 20;
constexpr std::int64_t kMostUnknownInRow = 2;
constexpr base::Millis kRetryFailedCall = 10 * kMinute;

// 1, 2, 4, ... 60 minutes and up to a quarter more.
base::Millis back_off(Context& context, std::int64_t attempts) {
    const base::Millis pause =
        std::min<base::Millis>(60, base::Millis{1} << std::clamp<std::int64_t>(attempts - 1, 0, 6)) * kMinute;
    return pause + context.random().below(static_cast<std::uint32_t>(pause / 4));
}

}  // namespace

void FlushStatsTask::resume(Context& context, const effect::Input& input) {
    if (const auto* http = std::get_if<effect::HttpResult>(&input)) {
        if (step_ == Step::calling) on_http(context, *http);
        return;
    }
    if (std::holds_alternative<effect::WaitResult>(input)) {
        if (step_ == Step::waiting) advance(context);
        return;
    }
    const auto* result = std::get_if<StoreResult>(&input);
    if (result == nullptr || finished()) return;
    if (!result->ok()) return store_failed(*result);
    switch (step_) {
        case Step::claiming:
            return on_claimed(context, *result);
        case Step::loading:
            return on_loaded(context, *result);
        case Step::settling:
            settlements_.clear();
            return advance(context);
        case Step::committing:
            return advance(context);
        case Step::counting:
            return on_counted(context, *result);
        default:
            return;
    }
}

// ---- what waits -------------------------------------------------------------------------------------------

void FlushStatsTask::claim(Context& context) {
    if (context.budget().spent(context.now())) {
        return end_by_budget(context);
    }
    lease_ = base::hex_lower(context.random().bytes(16));
    lease_until_ = context.now() + kLease;
    step_ = Step::claiming;
    context.emit(
        effect::StoreClaim{stats_queue(name_), target_->batch_rows(), kLease, lease_, context.now()});
}

void FlushStatsTask::on_claimed(Context& context, const StoreResult& result) {
    if (result.entries.empty()) return end(context, "ok", "", "", 0);
    claimed_.clear();
    std::vector<std::string> keys = {stats_queue(name_)};
    for (const auto& came : result.entries) {
        Entry entry;
        entry.id = came.id;
        entry.attempts = came.attempts;
        if (const auto payload = codec::parse_json(came.payload)) {
            entry.key = member_text(payload.value(), "key").value_or("");
            entry.text = member_text(payload.value(), "text").value_or("");
            entry.type = member_int(payload.value(), "type").value_or(0);
        }
        if (entry.text.empty()) {
            settle(entry, effect::Settled::dead, 0, "the entry of the outbox cannot be read");
            continue;
        }
        keys.push_back("mark/sent/" + entry.id);
        keys.push_back("mark/dead/" + entry.id);
        claimed_.push_back(std::move(entry));
    }
    step_ = Step::loading;
    context.emit(effect::StoreLoad{std::move(keys), context.now()});
}

void FlushStatsTask::on_loaded(Context& context, const StoreResult& result) {
    std::set<std::string> marks;
    NewestStats newest;
    for (const auto& record : result.records) {
        if (record.key == stats_queue(name_)) {
            newest = NewestStats::parse(record.value);
        } else {
            marks.insert(record.key);
        }
    }
    std::map<std::int64_t, Batch> by_type;
    for (auto& entry : claimed_) {
        const auto latest = newest.by_key.find(entry.key);
        if (marks.count("mark/sent/" + entry.id) != 0) {
            settle(entry, effect::Settled::done, 0, "");
        } else if (marks.count("mark/dead/" + entry.id) != 0) {
            settle(entry, effect::Settled::dead, 0, "its outcome is recorded with the row");
        } else if (latest != newest.by_key.end() && latest->second.id != entry.id) {
            ++report_.superseded;
            settle(entry, effect::Settled::done, 0, "");
        } else {
            by_type[entry.type].push_back(std::move(entry));
        }
    }
    claimed_.clear();
    for (auto& [type, batch] : by_type) work_.push_back(std::move(batch));
    advance(context);
}

// ---- one step after another -------------------------------------------------------------------------------

void FlushStatsTask::settle(const Entry& entry, effect::Settled outcome, base::Millis retry_at,
                            const std::string& reason) {
    settlements_.push_back({entry.id, lease_, outcome, retry_at, reason});
}

void FlushStatsTask::release(base::Millis retry_at, const std::string& reason) {
    for (const auto& batch : work_) {
        for (const auto& entry : batch) settle(entry, effect::Settled::retry, retry_at, reason);
    }
    work_.clear();
}

void FlushStatsTask::advance(Context& context) {
    if (!settlements_.empty()) {
        step_ = Step::settling;
        context.emit(effect::StoreSettle{stats_queue(name_), settlements_, context.now()});
    } else if (ending_) {
        count(context, "");
    } else if (work_.empty()) {
        claim(context);
    } else {
        call(context);
    }
}

void FlushStatsTask::end(Context& context, std::string outcome, const std::string& code,
                         const std::string& reason, base::Millis retry_at) {
    report_.outcome = std::move(outcome);
    report_.code = code;
    report_.reason = reason;
    ending_ = true;
    release(retry_at, code);
    advance(context);
}

void FlushStatsTask::end_by_budget(Context& context) {
    end(context, "budget", "budget", "stopped by the budget with work left; the next run goes on from here",
        context.now());
}

void FlushStatsTask::call(Context& context) {
    auto& budget = context.budget();
    const base::Millis now = context.now(), left = budget.deadline - now;
    if (budget.spent(now) || (report_.requests > 0 && left < kEnoughTime)) {
        return end_by_budget(context);
    }
    const Batch& batch = work_.back();
    std::vector<std::string> texts;
    texts.reserve(batch.size());
    for (const auto& entry : batch) texts.push_back(entry.text);
    auto http = target_->request(batch.front().type, texts, retry_.platform_now(context));
    http.timeout_ms = std::min({http.timeout_ms, kMostTimeout, std::max(kLeastTimeout, left)});
    if (now + http.timeout_ms + kEnoughTime > lease_until_) {
        // Another run could take over these rows during the call: claim them anew.
        release(now, "");
        return advance(context);
    }
    --budget.requests;
    ++report_.requests;
    step_ = Step::calling;
    context.emit(std::move(http));
}

// ---- outcomes ---------------------------------------------------------------------------------------------

void FlushStatsTask::on_http(Context& context, const effect::HttpResult& result) {
    const auto answer = target_->read(result);
    if (answer.taken) {
        const Batch batch = std::move(work_.back());
        work_.pop_back();
        unknown_in_row_ = 0;
        retry_.succeeded();
        report_.sent += static_cast<std::int64_t>(batch.size());
        for (const auto& entry : batch) settle(entry, effect::Settled::done, 0, "");
        return commit(context, batch, "sent", nullptr);
    }
    static const wire::CallFailure none;
    const wire::CallFailure& failure = answer.failure ? *answer.failure : none;
    if (answer.refused) return on_refused(context, failure);
    if (failure.unknown_outcome) return on_unknown(context, failure);
    on_call_failed(context, failure);
}

void FlushStatsTask::on_refused(Context& context, const wire::CallFailure& failure) {
    Batch batch = std::move(work_.back());
    work_.pop_back();
    unknown_in_row_ = 0;
    retry_.succeeded();
    if (batch.size() > 1) {
        // The platform names no row: halves find it, and the others are sent.
        const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
        Batch second(std::make_move_iterator(middle), std::make_move_iterator(batch.end()));
        batch.erase(middle, batch.end());
        work_.push_back(std::move(second));
        work_.push_back(std::move(batch));
        return advance(context);
    }
    ++report_.refused;
    notes_.problem_of(batch.front().key, failure.reason);
    settle(batch.front(), effect::Settled::dead, 0, failure.reason);
    commit(context, batch, "refused", &failure);
}

void FlushStatsTask::on_unknown(Context& context, const wire::CallFailure& failure) {
    const Batch batch = std::move(work_.back());
    work_.pop_back();
    report_.unknown += static_cast<std::int64_t>(batch.size());
    notes_.problem_of(
        batch.front().key + (batch.size() > 1 ? " and " + std::to_string(batch.size() - 1) + " more" : ""),
        failure.reason);
    for (const auto& entry : batch) {
        const bool dead = entry.attempts >= kMostAttempts;
        settle(entry, dead ? effect::Settled::dead : effect::Settled::retry,
               context.now() + back_off(context, entry.attempts), failure.reason);
    }
    if (++unknown_in_row_ >= kMostUnknownInRow) {
        report_.outcome = "failed";
        report_.code = failure.code;
        report_.reason = failure.reason;
        ending_ = true;
        release(context.now() + kMinute, failure.code);
    }
    commit(context, batch, "unknown", &failure);
}

// The call as a whole: no row is at fault, and none was taken.
void FlushStatsTask::on_call_failed(Context& context, const wire::CallFailure& failure) {
    const base::Millis now = context.now();
    const Decision decision = retry_.after(context, failure, report_.sent > 0);
    switch (decision.step) {
        case NextStep::wait_and_repeat:
            step_ = Step::waiting;
            context.emit(effect::Wait{decision.pause});
            return;
        case NextStep::repeat_now:
            context.log("warn", "clock_off", name_ + ": " + retry_.clock_warning());
            return advance(context);
        case NextStep::park:
            return end(context, "parked", failure.code, failure.reason, decision.parked_until);
        case NextStep::stop_by_budget:
            return end_by_budget(context);
        case NextStep::give_up:
            break;
    }
    const base::Millis pause = failure.remedy == wire::Remedy::retry
                                   ? back_off(context, work_.back().front().attempts)
                                   : kRetryFailedCall;
    end(context, "failed", failure.code, failure.reason, now + pause);
}

// Recorded before it is settled. `repeated`: the row may have reached the platform before.
void FlushStatsTask::commit(Context& context, const Batch& batch, const std::string& state,
                            const wire::CallFailure* failure) {
    const base::Millis now = context.now();
    effect::Records records = new_records(context);
    for (const auto& entry : batch) {
        Json doc =
            codec::object({{"state", state}, {"at", base::iso_text(now)}, {"attempts", entry.attempts}});
        if (entry.attempts > 1) doc["repeated"] = true;
        if (failure != nullptr) {
            doc["code"] = failure->code;
            doc["reason"] = failure->reason;
        }
        const bool dead = state == "refused" || (state == "unknown" && entry.attempts >= kMostAttempts);
        if (dead) doc["given_up"] = true;
        records.rows.push_back(stats_row(name_, entry.key, doc, now));
        if (dead) records.marks.push_back(stats_mark("dead/" + entry.id, now));
        if (state == "sent") records.marks.push_back(stats_mark("sent/" + entry.id, now));
    }
    step_ = Step::committing;
    context.emit(effect::StoreCommit{{}, std::move(records)});
}

// ---- the end ----------------------------------------------------------------------------------------------

void FlushStatsTask::count(Context& context, const std::string& page) {
    step_ = Step::counting;
    context.emit(effect::StoreScan{effect::QueueQuery{}, 1000, page});
}

void FlushStatsTask::on_counted(Context& context, const StoreResult& result) {
    for (const auto& queue : effect::items_of<effect::QueueCount>(result)) {
        if (queue.queue == stats_queue(name_)) report_.waiting = queue.waiting;
    }
    if (!result.next.empty()) return count(context, result.next);
    step_ = Step::finished;
}

void FlushStatsTask::store_failed(const StoreResult& result) {
    step_ = Step::finished;
    report_.outcome = "failed";
    report_.code = "store_failed";
    report_.reason = "the store failed: " + result.reason +
                     "; no row is lost, one whose outcome could not be recorded is sent again";
}

}  // namespace leadbridge::jobs
