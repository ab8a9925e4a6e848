#include "functions/native/drive.h"

#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <utility>
#include <vector>

namespace leadbridge::native {
namespace {

constexpr int kPollMs = 200;  // how late a stop request may be noticed
// An operation of the store ends that long before the limit: the core still says why it failed.
constexpr base::Millis kLastWordMs = 300;
constexpr std::size_t kMaxEffects = 10'000'000;  // every loop is bounded

base::Millis steady_now() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

struct KindName {
    std::string_view operator()(const effect::Http&) const { return "http"; }
    std::string_view operator()(const effect::Wait&) const { return "wait"; }
    std::string_view operator()(const effect::StoreLoad&) const { return "store.load"; }
    std::string_view operator()(const effect::StoreCommit&) const { return "store.commit"; }
    std::string_view operator()(const effect::StoreScan&) const { return "store.scan"; }
    std::string_view operator()(const effect::StoreClaim&) const { return "store.claim"; }
    std::string_view operator()(const effect::StoreSettle&) const { return "store.settle"; }
    std::string_view operator()(const effect::StorePurge&) const { return "store.purge"; }
    std::string_view operator()(const effect::Respond&) const { return "respond"; }
    std::string_view operator()(const effect::Log&) const { return "log"; }
    std::string_view operator()(const effect::Done&) const { return "done"; }
};

effect::StoreResult purged(const base::Result<Purged>& result) {
    if (!result.ok()) return store_error(result.error().reason);
    effect::StoreResult out;
    out.outcome = effect::Outcome::ok;
    const Purged& gone = result.value();
    out.updated = gone.leads + gone.outbox + gone.rows + gone.marks + gone.raw;
    return out;
}

class Loop {
  public:
    Loop(engine::Engine& engine, HttpClient& http, const StoreOpener& open_store, const DriveOptions& options)
        : engine_(engine),
          http_(http),
          open_store_(open_store),
          options_(options),
          skipped_(options.ahead_ms) {}

    DriveOutcome run();

  private:
    struct Timer {
        base::Millis due = 0;  // steady clock + skipped time
        std::size_t number = 0;
    };

    void drain();
    void perform(effect::Effect effect, std::size_t number);
    std::optional<effect::StoreResult> perform_store(const effect::What& what);
    void await();
    bool must_end();
    void end(std::string code, std::string reason, int exit);
    void before(std::size_t number, std::string_view kind) {
        if (options_.hooks.before) options_.hooks.before(number, kind);
    }
    void after(std::size_t number, std::string_view kind) {
        if (options_.hooks.after) options_.hooks.after(number, kind);
    }
    [[nodiscard]] base::Millis steady() const { return steady_now() + skipped_; }
    [[nodiscard]] base::Millis now() const { return wall_clock() + skipped_; }

    engine::Engine& engine_;
    HttpClient& http_;
    const StoreOpener& open_store_;
    const DriveOptions& options_;
    DriveOutcome outcome_;
    Store* store_ = nullptr;
    std::deque<effect::Input> inbox_;
    std::map<effect::Id, std::size_t> requests_;  // id -> effect number
    std::map<effect::Id, Timer> timers_;
    base::Millis started_ = 0;
    base::Millis skipped_;  // the clocks of this invocation are that much ahead
    std::optional<base::Millis> stopping_since_;
    bool ended_ = false;
};

void Loop::end(std::string code, std::string reason, int exit) {
    if (ended_) return;
    ended_ = true;
    outcome_.exit = exit;
    outcome_.error = base::Error{std::move(code), std::move(reason)};
}

std::optional<effect::StoreResult> Loop::perform_store(const effect::What& what) {
    if (store_ == nullptr) {
        auto opened = open_store_();
        if (!opened.ok()) {
            const bool configuration = opened.error().code == "store_config";
            end(opened.error().code, opened.error().reason, configuration ? 1 : 2);
            return std::nullopt;
        }
        store_ = opened.value();
        store_->end_by(options_.limit_ms > 0
                           ? started_ + options_.limit_ms - std::min(kLastWordMs, options_.limit_ms / 2)
                           : 0);
    }
    if (const auto* load = std::get_if<effect::StoreLoad>(&what)) return store_->load(*load);
    if (const auto* commit = std::get_if<effect::StoreCommit>(&what)) return store_->commit(*commit);
    if (const auto* scan = std::get_if<effect::StoreScan>(&what)) return store_->scan(*scan);
    if (const auto* claim = std::get_if<effect::StoreClaim>(&what)) return store_->claim(*claim);
    if (const auto* purge = std::get_if<effect::StorePurge>(&what)) return purged(store_->purge(purge->now));
    return store_->settle(std::get<effect::StoreSettle>(what));
}

void Loop::perform(effect::Effect effect, std::size_t number) {
    const std::string_view kind = std::visit(KindName{}, effect.what);
    if (const auto* log = std::get_if<effect::Log>(&effect.what)) {
        if (options_.on_log) options_.on_log(*log);
        return;
    }
    before(number, kind);
    if (auto* http = std::get_if<effect::Http>(&effect.what)) {
        requests_[effect.id] = number;
        http_.start(effect.id, std::move(*http));
        return;  // `after` when it has ended
    }
    if (const auto* wait = std::get_if<effect::Wait>(&effect.what)) {
        timers_[effect.id] = Timer{steady() + std::max<std::int64_t>(wait->ms, 0), number};
        return;
    }
    if (auto* respond = std::get_if<effect::Respond>(&effect.what)) {
        outcome_.response = std::move(*respond);
    } else if (auto* done = std::get_if<effect::Done>(&effect.what)) {
        outcome_.exit = done->exit;
        outcome_.summary = std::move(done->summary);
        outcome_.log = std::move(done->log);
        ended_ = true;
    } else {
        std::optional<effect::StoreResult> result = perform_store(effect.what);
        if (!result) return;
        result->id = effect.id;
        if (options_.on_store) options_.on_store(effect.what, *result);
        inbox_.emplace_back(std::move(*result));
    }
    after(number, kind);
}

void Loop::drain() {
    while (!ended_) {
        std::optional<effect::Effect> next = engine_.next();
        if (!next) return;
        const bool counted = !std::holds_alternative<effect::Log>(next->what);
        if (counted) ++outcome_.effects;
        if (outcome_.effects > kMaxEffects) {
            end("runaway", "the run asked for more than ten million steps; this is a defect of leadbridge",
                2);
            return;
        }
        perform(std::move(*next), outcome_.effects);
        if (must_end()) return;
    }
}

// True when the loop has to end now; sets the reason.
bool Loop::must_end() {
    if (ended_) return true;
    const base::Millis elapsed = steady_now() - started_;
    if (options_.limit_ms > 0 && elapsed > options_.limit_ms) {
        end("host_deadline",
            "The run took longer than its budget plus a minute and was ended. Everything committed is kept; "
            "run it again to go on.",
            3);
        return true;
    }
    if (options_.stop_requested && options_.stop_requested()) {
        if (!stopping_since_) {
            stopping_since_ = steady_now();
            inbox_.emplace_back(effect::CpuWarning{});
        } else if (steady_now() - *stopping_since_ > options_.grace_ms) {
            end("interrupted", "Stopped on request. Everything committed is kept; run it again to go on.", 3);
            return true;
        }
    }
    return false;
}

// Waits until there is something to feed, at most kPollMs.
void Loop::await() {
    base::Millis wait = kPollMs;
    for (const auto& [id, timer] : timers_) wait = std::min(wait, timer.due - steady());
    if (options_.skip_waits && http_.outstanding() == 0 && !timers_.empty()) {
        base::Millis first = timers_.begin()->second.due;
        for (const auto& [id, timer] : timers_) first = std::min(first, timer.due);
        skipped_ += std::max<base::Millis>(first - steady(), 0);
        wait = 0;
    }
    for (effect::HttpResult& result : http_.poll(static_cast<int>(std::max<base::Millis>(wait, 0)))) {
        const auto request = requests_.find(result.id);
        if (request == requests_.end()) continue;
        if (options_.on_http) options_.on_http(result);
        after(request->second, "http");
        requests_.erase(request);
        inbox_.emplace_back(std::move(result));
    }
    const base::Millis steady_time = steady();
    for (auto timer = timers_.begin(); timer != timers_.end();) {
        if (timer->second.due > steady_time) {
            ++timer;
            continue;
        }
        after(timer->second.number, "wait");
        inbox_.emplace_back(effect::WaitResult{timer->first});
        timer = timers_.erase(timer);
    }
}

DriveOutcome Loop::run() {
    started_ = steady_now();
    base::Result<std::string> random = fresh_random();
    if (!random.ok()) {
        end(random.error().code, random.error().reason, 2);
        return std::move(outcome_);
    }
    engine_.feed(effect::Start{options_.event, options_.body, random.value()}, now());
    drain();
    while (!must_end()) {
        if (!inbox_.empty()) {
            const effect::Input input = std::move(inbox_.front());
            inbox_.pop_front();
            engine_.feed(input, now());
            drain();
        } else if (!requests_.empty() || !timers_.empty()) {
            await();
        } else {
            end("stalled", "the core waits for nothing and is not done; this is a defect of leadbridge", 2);
        }
    }
    http_.cancel_all();
    return std::move(outcome_);
}

}  // namespace

base::Millis wall_clock() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

base::Result<std::string> fresh_random() {
    std::string bytes(32, '\0');
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        return base::fail("random", "the kernel gave no random bytes (getrandom)");
    }
    return bytes;
}

DriveOutcome drive(engine::Engine& engine, HttpClient& http, const StoreOpener& open_store,
                   const DriveOptions& options) {
    return Loop(engine, http, open_store, options).run();
}

}  // namespace leadbridge::native
