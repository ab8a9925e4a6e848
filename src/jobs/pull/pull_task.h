#pragma once
// One pulled source, however its list is walked: its checkpoint, the budget, what a failed call means, how a
// run ends. Walk<State> below is what the two walks build on.
#include <cstdint>
#include <memory>
#include <string>

#include "jobs/pull/checkpoint.h"
#include "jobs/records.h"
#include "jobs/retry.h"
#include "jobs/task.h"
#include "lead/lead.h"

namespace leadbridge::jobs {

// What every walk is told.
struct WalkSettings {
    std::string name;  // key in the configuration
    std::string platform;
    std::int64_t page_size = 100;
    std::int64_t retries = 2;      // after the first try of one page
    std::int64_t max_wait_s = 10;  // a longer ban parks the source
    std::int64_t lead_days = 730;  // retention
};

struct PullReport {
    std::string outcome;  // ok | budget | parked | failed | conflict
    std::string code, reason;
    std::int64_t pages = 0, requests = 0, inserted = 0, updated = 0, unchanged = 0;
    std::int64_t unread = 0;   // phones that could not be opened
    std::int64_t put_off = 0;  // phones that a later tick opens (budget.decryptions)
};

class PullTask : public Task {
  public:
    PullTask(const WalkSettings& settings, std::shared_ptr<const lead::Vault> vault)
        : vault_(std::move(vault)),
          retry_({settings.retries, settings.max_wait_s}),
          name_(settings.name),
          lead_days_(settings.lead_days) {}

    void begin(Context& context) final;
    // The same with the checkpoint's record, which somebody has loaded already; null = there is none yet.
    void begin_with(Context& context, const effect::Record* checkpoint);
    // The turn came too late: the next run takes it up. Nothing is noted, so it keeps its place.
    void pass_over();
    void fail_to_load(const effect::StoreResult& result);
    void resume(Context& context, const effect::Input& input) final;
    [[nodiscard]] bool finished() const final { return finished_; }
    [[nodiscard]] const PullReport& report() const noexcept { return report_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }  // key in the configuration

  protected:
    // What the outstanding effect is for; the task sets it when it asks.
    enum class Step { idle, loading, fetching, waiting, committing, closing };

    virtual base::Status take_state(std::string_view checkpoint) = 0;
    [[nodiscard]] virtual std::string state_text() const = 0;
    virtual RunNotes& notes() = 0;
    // The state is there and the source may be called.
    virtual void start(Context& context) = 0;
    virtual void on_http(Context& context, const effect::HttpResult& result) = 0;
    // A page and its checkpoint are stored: what comes next.
    virtual void go_on(Context& context) = 0;
    // The same call once more.
    virtual void fetch_again(Context& context) = 0;
    // The platform's clock is known now, after it has refused ours.
    virtual void on_clock_corrected(Context& context) { fetch_again(context); }
    // No further try helps.
    virtual void on_giving_up() {}

    // Before a call: takes it from the budget, or closes the run and gives false.
    bool may_call(Context& context);
    void call(Context& context, effect::Http http);
    void on_failure(Context& context, const wire::CallFailure& failure);
    // Stores a page's records together with the checkpoint.
    void store_page(Context& context, std::vector<effect::LeadRecord> leads);
    // Notes the run in the checkpoint; the task finishes when that is stored.
    void close(Context& context, std::string outcome, std::string code, std::string reason);
    void close_by_budget(Context& context);
    [[nodiscard]] LeadRecordRules record_rules() const { return {name_, lead_days_}; }

    std::shared_ptr<const lead::Vault> vault_;
    PullReport report_;
    Step step_ = Step::idle;
    Retry retry_;

  private:
    void on_committed(Context& context, const effect::StoreResult& result);
    void conclude(std::string outcome, std::string code, std::string reason);
    void finish(std::string outcome, std::string code, std::string reason);
    bool stored(const effect::StoreResult& result);
    [[nodiscard]] effect::CheckpointMove checkpoint() const;
    void note_run(base::Millis now);

    std::string name_;
    std::int64_t lead_days_;
    std::int64_t version_ = 0;  // of the checkpoint
    bool finished_ = false;
};

// A walk whose checkpoint holds a State.
template <typename State>
class Walk : public PullTask {
  protected:
    using PullTask::PullTask;

    base::Status take_state(std::string_view checkpoint) final {
        auto state = checkpoint_of<State>(checkpoint);
        if (!state) return state.error();
        state_ = std::move(state).value();
        return base::Ok{};
    }
    [[nodiscard]] std::string state_text() const final { return to_text(state_); }
    RunNotes& notes() final { return state_; }

    State state_;
};

}  // namespace leadbridge::jobs
