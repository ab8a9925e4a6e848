#pragma once
// Sends what waits in the outbox of a statistics target, until the queue is empty or the budget is spent.
// Around one call: claim (lease) -> call -> commit of the outcome with its mark -> settle. A stop between any
// two of them loses no row: the lease runs out, and a row whose outcome was committed is settled without a call.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "jobs/backflow/row_intake.h"
#include "jobs/backflow/stats_state.h"
#include "jobs/retry.h"
#include "platforms/stats_target.h"

namespace leadbridge::jobs {

struct FlushReport {
    std::string outcome;  // ok | budget | parked | failed
    std::string code, reason;
    std::int64_t requests = 0, sent = 0, refused = 0, unknown = 0, superseded = 0;
    std::int64_t waiting = 0;  // left in the queue
};

class FlushStatsTask final : public Task {
  public:
    // `notes` takes the reasons of refused and unknown rows.
    FlushStatsTask(std::string name, std::shared_ptr<const platforms::StatsTarget> target, RowIntake& notes)
        : name_(std::move(name)), target_(std::move(target)), notes_(notes) {}

    void begin(Context& context) override { claim(context); }
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return step_ == Step::finished; }
    [[nodiscard]] const FlushReport& report() const { return report_; }

  private:
    enum class Step { idle, claiming, loading, calling, waiting, committing, settling, counting, finished };
    struct Entry {
        std::string id, key, text;
        std::int64_t type = 0;
        std::int64_t attempts = 0;
    };
    using Batch = std::vector<Entry>;

    void claim(Context& context);
    void on_claimed(Context& context, const effect::StoreResult& result);
    void on_loaded(Context& context, const effect::StoreResult& result);
    void advance(Context& context);
    void call(Context& context);
    void on_http(Context& context, const effect::HttpResult& result);
    void on_refused(Context& context, const wire::CallFailure& failure);
    void on_unknown(Context& context, const wire::CallFailure& failure);
    void on_call_failed(Context& context, const wire::CallFailure& failure);
    void commit(Context& context, const Batch& batch, const std::string& state,
                const wire::CallFailure* failure);
    void end(Context& context, std::string outcome, const std::string& code, const std::string& reason,
             base::Millis retry_at);
    void end_by_budget(Context& context);
    void release(base::Millis retry_at, const std::string& reason);
    void settle(const Entry& entry, effect::Settled outcome, base::Millis retry_at,
                const std::string& reason);
    void count(Context& context, const std::string& page);
    void on_counted(Context& context, const effect::StoreResult& result);
    void store_failed(const effect::StoreResult& result);

    std::string name_;
    std::shared_ptr<const platforms::StatsTarget> target_;
    RowIntake& notes_;
    Step step_ = Step::idle;
    FlushReport report_;

    std::string lease_;
    base::Millis lease_until_ = 0;
    Batch claimed_;
    std::vector<Batch> work_;  // each of one type; the last one is next
    std::vector<effect::Settlement> settlements_;
    bool ending_ = false;

    Retry retry_{RetryLimits{}};
    std::int64_t unknown_in_row_ = 0;
};

}  // namespace leadbridge::jobs
