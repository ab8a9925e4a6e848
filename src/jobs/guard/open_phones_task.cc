#include "jobs/guard/open_phones_task.h"

#include <algorithm>

#include "jobs/records.h"

namespace leadbridge::jobs {
namespace {

using effect::StoreResult;

constexpr std::int64_t kPage = 50;
constexpr int kMostScans = 200;

bool enough(const Budget& budget, base::Millis now) {
    return budget.cpu_warned || budget.decryptions <= 0 || now >= budget.deadline;
}

}  // namespace

void OpenPhonesTask::begin(Context& context) {
    // No source is always the last: who comes first is drawn.
    if (names_.size() > 1) {
        const auto first = context.random().below(static_cast<std::uint32_t>(names_.size()));
        std::rotate(names_.begin(), names_.begin() + static_cast<std::ptrdiff_t>(first), names_.end());
    }
    next_source(context);
}

void OpenPhonesTask::next_source(Context& context) {
    if (names_.empty() || enough(context.budget(), context.now())) {
        step_ = Step::finished;
        return;
    }
    name_ = std::move(names_.back());
    names_.pop_back();
    step_ = Step::loading;
    context.emit(effect::StoreLoad{{checkpoint_key(name_)}, context.now()});
}

void OpenPhonesTask::on_loaded(Context& context, const StoreResult& result) {
    if (result.records.empty()) return next_source(context);
    auto state = checkpoint_of<IdWalkState>(result.records.front().value);
    if (!state || !state.value().put_off.waiting()) return next_source(context);
    state_ = std::move(state).value();
    version_ = result.records.front().version;
    scan(context);
}

void OpenPhonesTask::scan(Context& context) {
    PutOff& put_off = state_.put_off;
    if (put_off.page.empty()) put_off.sweeping = put_off.count;
    ++scans_;
    step_ = Step::scanning;
    // No more than can be opened: whatever a page holds is tried, so that the sweep gets on.
    const std::int64_t limit = std::min(kPage, context.budget().decryptions);
    effect::LeadQuery query;
    query.source = name_;
    query.revision = 0;
    query.since = put_off.since;
    context.emit(effect::StoreScan{std::move(query), limit, put_off.page});
}

void OpenPhonesTask::on_scanned(Context& context, const StoreResult& result) {
    platforms::Opening opening{context.random(), context.budget().decryptions};
    std::vector<effect::LeadRecord> leads;
    for (const auto& stored : effect::items_of<effect::StoredLead>(result)) {
        ++examined_;
        if (auto record = opener_.record(stored, opening)) leads.push_back(std::move(*record));
    }
    context.budget().decryptions = opening.left;
    PutOff& put_off = state_.put_off;
    put_off.count += opening.put_off;  // of a lead with several: the next sweep's
    put_off.page = result.next;
    if (put_off.page.empty()) put_off.swept = put_off.sweeping;
    effect::Records records = new_records(context);
    records.leads = std::move(leads);
    step_ = Step::committing;
    context.emit(
        effect::StoreCommit{{{checkpoint_key(name_), version_, to_text(state_)}}, std::move(records)});
}

void OpenPhonesTask::on_committed(Context& context, const StoreResult& result) {
    ++version_;
    opened_ += result.updated;
    if (state_.put_off.waiting() && scans_ < kMostScans && !enough(context.budget(), context.now()))
        return scan(context);
    left_ += state_.put_off.count - state_.put_off.swept;
    next_source(context);
}

void OpenPhonesTask::resume(Context& context, const effect::Input& input) {
    const auto* result = std::get_if<StoreResult>(&input);
    if (result == nullptr || finished()) return;
    // Another run was at this source meanwhile: the next one goes on.
    if (result->outcome == effect::Outcome::conflict) return next_source(context);
    if (!result->ok()) {
        problem_ = base::fail("store_failed", "the store failed: " + result->reason);
        step_ = Step::finished;
        return;
    }
    if (step_ == Step::loading) return on_loaded(context, *result);
    if (step_ == Step::scanning) return on_scanned(context, *result);
    if (step_ == Step::committing) return on_committed(context, *result);
}

}  // namespace leadbridge::jobs
