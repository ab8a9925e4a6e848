#include "jobs/pull/pull_job.h"

#include <algorithm>

namespace leadbridge::jobs {
namespace {

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

}  // namespace

void PullJob::begin(Context& context) {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        OwnedContext owned(context, owners_, i);
        sources_[i]->begin(owned);
    }
}

void PullJob::resume(Context& context, const effect::Input& input) {
    const auto id = answered(input);
    if (!id) return;
    const auto owner = owners_.find(*id);
    if (owner == owners_.end()) return;
    const std::size_t index = owner->second;
    owners_.erase(owner);
    OwnedContext owned(context, owners_, index);
    sources_[index]->resume(owned, input);
}

bool PullJob::finished() const {
    return std::all_of(sources_.begin(), sources_.end(),
                       [](const auto& source) { return source->finished(); });
}

codec::Json PullJob::summary() const {
    codec::Json list = codec::Json::array();
    for (const auto& source : sources_) {
        const PullReport& report = source->report();
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
    }
    return codec::object({{"job", "pull"}, {"sources", std::move(list)}});
}

int PullJob::exit_status() const {
    int status = 0;
    for (const auto& source : sources_) {
        const std::string& outcome = source->report().outcome;
        if (outcome == "failed" || outcome == "parked" || outcome == "conflict") return 2;
        if (outcome == "budget") status = 3;
    }
    return status;
}

}  // namespace leadbridge::jobs
