#pragma once
// One pulled source, however its list is walked: what the pull job knows of it.
#include <cstdint>
#include <string>

#include "jobs/pull/run_notes.h"
#include "jobs/task.h"

namespace leadbridge::jobs {

struct PullReport {
    std::string outcome;  // ok | budget | parked | failed | conflict
    std::string code, reason;
    std::int64_t pages = 0, requests = 0, inserted = 0, updated = 0, unchanged = 0, unread = 0;
};

class PullTask : public Task {
  public:
    explicit PullTask(std::string name) : name_(std::move(name)) {}
    void begin(Context& context) final;
    void resume(Context& context, const effect::Input& input) final;
    [[nodiscard]] bool finished() const final { return finished_; }
    [[nodiscard]] const PullReport& report() const noexcept { return report_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }  // key in the configuration

  protected:
    // What the outstanding effect is for; the task sets it when it asks, and hears of the answer here.
    enum class Step { idle, loading, fetching, waiting, committing, closing };
    virtual void on_loaded(Context& context, const effect::StoreResult& result) = 0;
    virtual void on_http(Context& context, const effect::HttpResult& result) = 0;
    virtual void on_waited(Context& context) = 0;
    virtual void on_committed(Context& context,
                              const effect::StoreResult& result) = 0;  // committing, closing

    void conclude(std::string outcome, std::string code, std::string reason);
    void finish(std::string outcome, std::string code, std::string reason);

    // True when the store could be read; otherwise the task has finished.
    bool loaded(const effect::StoreResult& result);
    // The ban of an earlier run holds: the task has finished.
    bool still_parked(const RunNotes& notes, base::Millis now);
    virtual effect::CheckpointMove checkpoint() const = 0;
    virtual RunNotes& notes() = 0;
    // True when a page was stored and the walk goes on; otherwise the task has finished.
    bool page_stored(Context& context, const effect::StoreResult& result);
    // Notes the run in the checkpoint; the task finishes when that is stored.
    void close(Context& context, std::string outcome, std::string code, std::string reason);
    void close_by_budget(Context& context);

    [[nodiscard]] std::string checkpoint_key() const { return "pull/" + name_; }

    PullReport report_;
    Step step_ = Step::idle;
    std::int64_t version_ = 0;  // of the checkpoint

  private:
    bool stored(const effect::StoreResult& result);
    void note_run(base::Millis now);

    std::string name_;
    bool finished_ = false;
};

}  // namespace leadbridge::jobs
