#pragma once
// Pulls sources side by side; each is a task of its own and fails alone. When there are more than the budget
// has requests, they take turns: whoever was served longest ago comes first, so that none waits more than
// ceil(sources / requests) runs.
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "jobs/pull/pull_task.h"

namespace leadbridge::jobs {

class PullJob final : public Job {
  public:
    explicit PullJob(std::vector<std::unique_ptr<PullTask>> sources) : sources_(std::move(sources)) {}

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return finished_; }
    [[nodiscard]] codec::Json summary() const override;
    [[nodiscard]] int exit_status() const override;

    // Of exit 3: whatever is left, another run is at it.
    [[nodiscard]] bool must_come_again() const override;

    // Sources with phones that were put off, known when the job has finished.
    [[nodiscard]] std::set<std::string> put_off() const;

  private:
    void load_some(Context& context);
    void on_loaded(Context& context, const effect::StoreResult& result);
    void put_in_order(Context& context);
    void begin_more(Context& context);
    // Work that opens phones put off earlier gets its part of decryptions and time.
    void hold_back(Context& context);
    void finish_if_done(Context& context);

    std::vector<std::unique_ptr<PullTask>> sources_;
    std::map<std::string, effect::Record> checkpoints_;  // by key
    std::size_t loaded_ = 0;                             // sources whose checkpoint was asked for
    effect::Id loading_ = 0;
    std::deque<std::size_t> waiting_;           // their turn is to come, in this order
    std::map<effect::Id, std::size_t> owners_;  // of the effects that are on their way
    std::int64_t reserved_ = 0;                 // of the budget: one request for each of the next in order
    std::int64_t decryptions_ = 0;              // held back
    base::Millis time_ = 0;                     // held back
    std::size_t running_ = 0;
    bool finished_ = false;
};

}  // namespace leadbridge::jobs
