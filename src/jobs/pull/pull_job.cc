#include "jobs/pull/pull_job.h"

#include <algorithm>
#include <numeric>

namespace leadbridge::jobs {
namespace {

constexpr std::size_t kLoad = 100;        // checkpoints of one load
constexpr std::size_t kSideBySide = 50;   // sources at once
constexpr base::Millis kOpenTime = 2000;  // kept for opening phones

// Passes everything on and remembers which source asked.
class OwnedContext final : public Context {
  public:
    OwnedContext(Context& inner, std::map<effect::Id, std::size_t>& owners, std::size_t owner)
        : inner_(inner), owners_(owners), owner_(owner) {}
    effect::Id emit(effect::What what) override {
        const effect::Id id = inner_.emit(std::move(what));
        owners_[id] = owner_;
        return id;
    }
    [[nodiscard]] base::Millis now() const override { return inner_.now(); }
    Budget& budget() override { return inner_.budget(); }
    crypto::RandomStream& random() override { return inner_.random(); }

  private:
    Context& inner_;
    std::map<effect::Id, std::size_t>& owners_;
    std::size_t owner_;
};

std::optional<effect::Id> answered(const effect::Input& input) {
    if (const auto* http = std::get_if<effect::HttpResult>(&input)) return http->id;
    if (const auto* wait = std::get_if<effect::WaitResult>(&input)) return wait->id;
    if (const auto* store = std::get_if<effect::StoreResult>(&input)) return store->id;
    return std::nullopt;
}

// Without reading the whole of it: this is asked of every source in every tick.
bool says_put_off(const effect::Record& checkpoint) {
    return checkpoint.value.find("\"put_off\":{") != std::string::npos;
}

}  // namespace

void PullJob::begin(Context& context) { load_some(context); }

// ---- checkpoints ------------------------------------------------------------------------------------------

void PullJob::load_some(Context& context) {
    std::vector<std::string> keys;
    for (; loaded_ < sources_.size() && keys.size() < kLoad; ++loaded_)
        keys.push_back(checkpoint_key(sources_[loaded_]->name()));
    if (keys.empty()) {
        put_in_order(context);
    } else {
        loading_ = context.emit(effect::StoreLoad{std::move(keys), context.now()});
    }
}

void PullJob::on_loaded(Context& context, const effect::StoreResult& result) {
    loading_ = 0;
    if (!result.ok()) {
        for (auto& source : sources_) source->fail_to_load(result);
        finished_ = true;
        return;
    }
    for (const auto& record : result.records) checkpoints_[record.key] = record;
    load_some(context);
}

// ---- turns ------------------------------------------------------------------------------------------------

void PullJob::put_in_order(Context& context) {
    std::vector<std::size_t> order(sources_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    auto& budget = context.budget();
    if (static_cast<std::int64_t>(sources_.size()) > budget.requests) {
        std::vector<base::Millis> turns(sources_.size(), 0);
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            const auto found = checkpoints_.find(checkpoint_key(sources_[i]->name()));
            if (found == checkpoints_.end()) continue;
            const auto state = parse_checkpoint(found->second.value);
            // One that cannot be read, or that waits for the end of a ban, costs no request: it comes at once.
            // A clock that was set back makes nobody wait.
            if (state && notes_of(state.value()).parked_until <= context.now())
                turns[i] = std::min(last_turn(notes_of(state.value())), context.now());
        }
        std::stable_sort(order.begin(), order.end(),
                         [&turns](std::size_t a, std::size_t b) { return turns[a] < turns[b]; });
    }
    waiting_.assign(order.begin(), order.end());
    hold_back(context);
    reserved_ = std::clamp<std::int64_t>(budget.requests, 0, static_cast<std::int64_t>(waiting_.size()));
    budget.requests -= reserved_;
    begin_more(context);
}

void PullJob::hold_back(Context& context) {
    const bool any = std::any_of(checkpoints_.begin(), checkpoints_.end(),
                                 [](const auto& each) { return says_put_off(each.second); });
    if (!any) return;
    auto& budget = context.budget();
    decryptions_ = budget.decryptions - budget.decryptions / 4;
    time_ = std::clamp<base::Millis>((budget.deadline - context.now()) / 4, 0, kOpenTime);
    budget.decryptions -= decryptions_;
    budget.deadline -= time_;
}

void PullJob::begin_more(Context& context) {
    auto& budget = context.budget();
    while (!waiting_.empty() && running_ < kSideBySide) {
        const std::size_t index = waiting_.front();
        PullTask& source = *sources_[index];
        const bool reserved = reserved_ > 0;
        if (reserved) {
            --reserved_;
            ++budget.requests;
        } else if (budget.requests <= 0) {
            break;
        }
        waiting_.pop_front();
        if (budget.spent(context.now())) {
            source.pass_over();
            continue;
        }
        const auto found = checkpoints_.find(checkpoint_key(source.name()));
        OwnedContext owned(context, owners_, index);
        source.begin_with(owned, found == checkpoints_.end() ? nullptr : &found->second);
        if (!source.finished()) {
            ++running_;
        } else if (reserved && source.report().requests == 0) {
            // It waits for the end of a ban: its request is for the next in order.
            --budget.requests;
            ++reserved_;
        }
    }
    const auto needed = std::min(reserved_, static_cast<std::int64_t>(waiting_.size()));
    budget.requests += std::exchange(reserved_, needed) - needed;
    finish_if_done(context);
}

void PullJob::finish_if_done(Context& context) {
    if (running_ > 0) return;
    context.budget().requests += std::exchange(reserved_, 0);
    context.budget().decryptions += std::exchange(decryptions_, 0);
    context.budget().deadline += std::exchange(time_, 0);
    finished_ = true;
}

void PullJob::resume(Context& context, const effect::Input& input) {
    const auto id = answered(input);
    if (!id || finished_) return;
    if (*id == loading_ && loading_ != 0) {
        if (const auto* result = std::get_if<effect::StoreResult>(&input)) on_loaded(context, *result);
        return;
    }
    const auto owner = owners_.find(*id);
    if (owner == owners_.end()) return;
    const std::size_t index = owner->second;
    owners_.erase(owner);
    OwnedContext owned(context, owners_, index);
    sources_[index]->resume(owned, input);
    if (!sources_[index]->finished()) return;
    --running_;
    begin_more(context);
}

// ---- what came of it --------------------------------------------------------------------------------------

std::set<std::string> PullJob::put_off() const {
    std::set<std::string> names;
    for (const auto& source : sources_) {
        const auto found = checkpoints_.find(checkpoint_key(source->name()));
        if (source->report().put_off > 0 || (found != checkpoints_.end() && says_put_off(found->second)))
            names.insert(source->name());
    }
    return names;
}

codec::Json PullJob::summary() const {
    codec::Json list = codec::Json::array();
    for (const auto& source : sources_) {
        const PullReport& report = source->report();
        if (report.outcome.empty()) continue;  // its turn is to come
        list.push_back(codec::object({{"name", source->name()},
                                      {"outcome", report.outcome},
                                      {"code", report.code},
                                      {"reason", report.reason},
                                      {"pages", report.pages},
                                      {"requests", report.requests},
                                      {"inserted", report.inserted},
                                      {"updated", report.updated},
                                      {"unchanged", report.unchanged},
                                      {"unread", report.unread}}));
        if (report.put_off > 0) list.back()["put_off"] = report.put_off;
    }
    codec::Json out = codec::object({{"job", "pull"}, {"sources", std::move(list)}});
    if (!waiting_.empty()) out["waiting"] = waiting_.size();
    return out;
}

bool PullJob::must_come_again() const {
    return !waiting_.empty() || std::any_of(sources_.begin(), sources_.end(), [](const auto& source) {
        return source->report().outcome == "budget";
    });
}

int PullJob::exit_status() const {
    int status = waiting_.empty() ? 0 : 3;
    for (const auto& source : sources_) {
        const std::string& outcome = source->report().outcome;
        if (outcome == "failed" || outcome == "parked") return 2;
        // Who gives way to another run leaves its work to that one: no failure.
        if (outcome == "budget" || outcome == "conflict") status = 3;
    }
    return status;
}

}  // namespace leadbridge::jobs
