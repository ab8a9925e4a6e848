#pragma once
// Plays a job over a store in memory and a platform made of a function, effect by effect.
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "functions/native/store/memory.h"
#include "jobs/task.h"

namespace leadbridge::testing {

struct Played {
    bool finished = false;
    codec::Json summary;
    int exit = -1;
    std::size_t effects = 0;
    std::optional<effect::Respond> response;
    std::vector<std::string> http_bodies;
    std::size_t waits = 0;
};

// What lives longer than one invocation.
struct World {
    std::unique_ptr<native::Store> store = native::open_memory_store();
    base::Millis now = 1'700'000'000'000;
    std::uint32_t run = 0;
    std::function<effect::HttpResult(const std::string& body)> platform;
    std::string broken;  // store effects of this kind fail: load | commit | scan | claim | settle
};

class Player final : public jobs::Context {
  public:
    explicit Player(World& world) : world_(world), random_("seed " + std::to_string(++world.run)) {
        budget_.requests = 1000;
        budget_.deadline = world.now + 600'000;
    }

    effect::Id emit(effect::What what) override {
        effects_.push_back({++last_, std::move(what)});
        return last_;
    }
    [[nodiscard]] base::Millis now() const override { return world_.now; }
    jobs::Budget& budget() override { return budget_; }
    crypto::RandomStream& random() override { return random_; }

    // The process dies when `most` effects are performed, before the job hears of the last one.
    Played play(jobs::Job& job, std::size_t most = 100'000) {
        Played out;
        job.begin(*this);
        while (!effects_.empty() && out.effects < most) {
            effect::Effect effect = std::move(effects_.front());
            effects_.pop_front();
            if (std::holds_alternative<effect::Log>(effect.what)) continue;
            ++out.effects;
            if (auto* respond = std::get_if<effect::Respond>(&effect.what)) {
                out.response = std::move(*respond);
                continue;
            }
            const effect::Input input = perform(effect, out);
            if (out.effects >= most) return out;
            job.resume(*this, input);
        }
        out.finished = job.finished();
        if (out.finished) {
            out.summary = job.summary();
            out.exit = job.exit_status();
        }
        return out;
    }

  private:
    effect::Input perform(const effect::Effect& effect, Played& out) {
        if (const auto* http = std::get_if<effect::Http>(&effect.what)) {
            out.http_bodies.push_back(http->body);
            effect::HttpResult result = world_.platform(http->body);
            result.id = effect.id;
            return result;
        }
        if (const auto* wait = std::get_if<effect::Wait>(&effect.what)) {
            ++out.waits;
            world_.now += wait->ms;
            return effect::WaitResult{effect.id};
        }
        ++world_.now;
        effect::StoreResult result;
        const auto broken = [&](const char* kind) { return world_.broken == kind; };
        const auto failed = [] { return native::store_error("disk full"); };
        if (const auto* load = std::get_if<effect::StoreLoad>(&effect.what))
            result = broken("load") ? failed() : world_.store->load(*load);
        if (const auto* commit = std::get_if<effect::StoreCommit>(&effect.what))
            result = broken("commit") ? failed() : world_.store->commit(*commit);
        if (const auto* scan = std::get_if<effect::StoreScan>(&effect.what))
            result = broken("scan") ? failed() : world_.store->scan(*scan);
        if (const auto* claim = std::get_if<effect::StoreClaim>(&effect.what))
            result = broken("claim") ? failed() : world_.store->claim(*claim);
        if (const auto* settle = std::get_if<effect::StoreSettle>(&effect.what))
            result = broken("settle") ? failed() : world_.store->settle(*settle);
        if (const auto* purge = std::get_if<effect::StorePurge>(&effect.what)) {
            const auto purged = world_.store->purge(purge->now);
            const bool good = purged.ok() && !broken("purge");
            result.outcome = good ? effect::Outcome::ok : effect::Outcome::error;
            if (purged.ok())
                result.updated = purged.value().leads + purged.value().rows + purged.value().marks;
        }
        result.id = effect.id;
        return result;
    }

    World& world_;
    jobs::Budget budget_;
    crypto::RandomStream random_;
    std::deque<effect::Effect> effects_;
    effect::Id last_ = 0;
};

// The rows of a set: id -> document.
inline std::map<std::string, codec::Json> rows_of(World& world, const std::string& set) {
    std::map<std::string, codec::Json> out;
    effect::StoreScan scan{effect::RowQuery{set, std::nullopt, 0}, 1000, ""};
    do {
        const auto result = world.store->scan(scan);
        for (const auto& row : effect::items_of<effect::StoredRow>(result))
            out[row.id] = codec::parse_json(row.doc).value();
        scan.page = result.next;
    } while (!scan.page.empty());
    return out;
}

}  // namespace leadbridge::testing
